//! The Proxy API from outside: what goes to the vendor, what never does, and what comes back.

mod addresses;
mod credentials;
mod document;
mod headers;
mod methods;
mod redirects;
mod silence;
mod streaming;
mod vendor;
mod waiting;
mod wire;

use reqwest::{Method, RequestBuilder};
use server::config::Config;

use crate::support::{Gateway, Reply, agile, catalog, send};
use vendor::Vendor;

/// What the demo consumer's Agile connection authorises itself with.
pub const AUTHORISATION: &str = "Basic bWFyZW4udG9sbGVAc2FsdG1hcnNoLmV4YW1wbGU6c2FuZGJveC1yZXN0LWtleQ==";

/// A gateway whose one vendor is this, its base address below `/dev/api`.
pub async fn before(vendor: &Vendor) -> Gateway {
    with_definition(vendor, |text| text, |_| {}).await
}

/// The same with a changed definition and configuration.
pub async fn with_definition(
    vendor: &Vendor,
    definition: fn(String) -> String,
    change: impl FnOnce(&mut Config),
) -> Gateway {
    Gateway::over(catalog(&[("agile-crm", definition)]), |config| {
        agile(config).base_url = Some(format!("http://{}/dev/api", vendor.address));
        change(config);
    })
    .await
}

/// A call for this address, with the demo consumer's headers.
pub fn call(gateway: &Gateway, method: Method, downstream_url: &str) -> RequestBuilder {
    gateway
        .request(method, "/proxy")
        .header("x-apideck-service-id", "agile-crm")
        .header("x-apideck-downstream-url", downstream_url)
}

pub async fn get(gateway: &Gateway, downstream_url: &str) -> Reply {
    send(call(gateway, Method::GET, downstream_url)).await
}

/// Sends by a client that follows no redirect of its own.
pub async fn unfollowed(request: RequestBuilder) -> Reply {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    send(RequestBuilder::from_parts(client, request.build().unwrap())).await
}

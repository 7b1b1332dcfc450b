//! Somebody at a browser: a consent page filled in, and what comes back to the app; and the app's own token requests.

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};

use crate::client::{Reply, read};
use crate::vendor::Vendor;

pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:1/back?own=1";

/// The pairs that a decision brings back to the redirect address; its status and page where nobody is sent back.
pub(crate) async fn decide(
    vendor: &Vendor,
    path: &str,
    asked: &[(&str, &str)],
    decision: &str,
) -> Result<Vec<(String, String)>, (u16, String)> {
    let url = format!("http://{}/{path}", vendor.running.address);
    let http = Client::builder().tls_certs_only([]).redirect(Policy::none()).build().unwrap();
    let form = [asked, &[("decision", decision)]].concat();
    let request = http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(encoded(&form));
    let response = request.send().await.unwrap();
    let Some(address) = response.headers().get(LOCATION) else {
        return Err((response.status().as_u16(), response.text().await.unwrap()));
    };
    assert_eq!(response.status(), 302);
    let address = address.to_str().unwrap().to_owned();
    let query = address.strip_prefix(REDIRECT_URI).unwrap_or_else(|| panic!("{address} leads elsewhere"));
    Ok(form_urlencoded::parse(query.trim_start_matches('&').as_bytes()).into_owned().collect())
}

pub(crate) fn found<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

pub(crate) async fn form(request: RequestBuilder, pairs: &[(&str, &str)]) -> Reply {
    read(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(encoded(pairs))).await
}

pub(crate) fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

//! A gateway over the definitions of this folder, with a store and a name server of the test's own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connection_vault::{MasterKey, Vault, VaultOptions};
use connector_catalog::Catalog;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;
use server::config::Config;
use server::sandbox::{API_KEY, APPLICATION};
use server::service::{self, Service};
use vendor_client::{Resolver, VendorClient, VendorClientOptions};

use crate::support::{Reply, send};

/// It serves until it is dropped.
pub struct Site {
    address: SocketAddr,
    pub vault: Vault,
    client: reqwest::Client,
    serving: tokio::task::JoinHandle<()>,
}

impl Site {
    pub async fn start(store: VaultOptions, resolver: Arc<dyn Resolver>) -> Self {
        let definitions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/outside/named_faults/definitions");
        let catalog = Arc::new(Catalog::built_in().unwrap().with_directory(&definitions).unwrap());
        let vault = Vault::open(store, MasterKey::generate().unwrap(), catalog).await.unwrap();
        vault.applications().add(&APPLICATION.parse().unwrap(), "Site").await.unwrap();
        vault.api_keys().add_chosen(&APPLICATION.parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
        let options = VendorClientOptions {
            resolver,
            allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
            connect_timeout: Duration::from_secs(1),
            ..VendorClientOptions::default()
        };
        let client = VendorClient::new(options, BTreeMap::new()).unwrap();
        let mut config = Config::default();
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let gateway = gateway::Gateway::new(vault.clone(), client, service::cursor_key(&vault));
        let service = Service::bind(&config, gateway).await.unwrap();
        Self {
            address: service.address,
            vault,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            serving: tokio::spawn(async move { service.run(std::future::pending()).await }),
        }
    }

    /// A request of a consumer's browser.
    pub fn in_session(&self, token: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("http://{}{path}", self.address)).bearer_auth(token);
        request.header("X-APIDECK-AUTH-TYPE", "JWT").header("content-type", "application/json")
    }

    /// What a consumer is answered.
    pub async fn call(&self, service: &str, consumer: &str, method: Method, path: &str, body: &Value) -> Reply {
        let request = self.client.request(method, format!("http://{}{path}", self.address)).bearer_auth(API_KEY);
        let request = request.header("x-apideck-app-id", APPLICATION).header("x-apideck-consumer-id", consumer);
        let request = request.header("x-apideck-service-id", service);
        send(match body {
            Value::Null => request,
            body => request.header("content-type", "application/json").body(body.to_string()),
        })
        .await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

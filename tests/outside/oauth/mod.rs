//! Connections that are authorised by OAuth.

mod consents;
pub mod flow;
pub mod office;
mod password;
mod processes;
pub mod quay;
mod renewal;
mod replies;
mod rotation;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use connection_vault::{
    ImportedConnection, ImportedTokens, IntegrationPatch, MasterKey, StoreLocation, Vault, VaultOptions,
};
use connector_catalog::Catalog;
use jiff::Timestamp;
use reqwest::Method;
use secrecy::SecretString;
use server::config::{Config, Connector};
use server::sandbox::{API_KEY, APPLICATION};
use server::service::{self, Service};
use unified_model::ServiceId;

use crate::support::{Reply, send};
use quay::{CLIENT_ID, CLIENT_SECRET, Quay};

/// A gateway whose one vendor is Quay.
pub struct Quayside {
    pub quay: Quay,
    pub vault: Vault,
    pub address: std::net::SocketAddr,
    service: ServiceId,
    serving: tokio::task::JoinHandle<()>,
    client: reqwest::Client,
}

pub fn quay_crm() -> ServiceId {
    "quay-crm".parse().unwrap()
}

pub fn definitions() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/outside/oauth/definitions")
}

/// The built-in connectors and Quay CRM.
pub fn catalog() -> Arc<Catalog> {
    static CATALOG: LazyLock<Arc<Catalog>> =
        LazyLock::new(|| Catalog::built_in().unwrap().with_directory(&definitions()).unwrap().into());
    Arc::clone(&CATALOG)
}

/// Tokens that were issued `age` seconds ago and live for an hour.
pub fn tokens((access, refresh): (String, String), age: i64) -> ImportedTokens {
    ImportedTokens {
        access_token: Some(access.into()),
        refresh_token: Some(refresh.into()),
        issued_at: Some(Timestamp::from_second(Timestamp::now().as_second() - age).unwrap()),
        expires_in: Some(Duration::from_hours(1)),
    }
}

impl Quayside {
    pub async fn start() -> Self {
        Self::start_with(catalog(), &quay_crm()).await
    }

    /// One that knows Quay by another definition.
    pub async fn start_with(catalog: Arc<Catalog>, service: &ServiceId) -> Self {
        Self::start_as(catalog, service, VaultOptions::new(StoreLocation::Memory)).await
    }

    /// The same with a vault of other options.
    pub async fn start_as(catalog: Arc<Catalog>, service: &ServiceId, options: VaultOptions) -> Self {
        let quay = Quay::start().await;
        let mut config = Config::default();
        config.server.listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        config.egress.allow = vec!["127.0.0.0/8".parse().unwrap()];
        let at = |path: &str| Some(format!("http://{}{path}", quay.address));
        let connector = Connector {
            authorize_url: at("/authorize"),
            token_url: at("/token"),
            revoke_url: at("/revoke"),
            ..Connector::default()
        };
        config.connectors.insert(service.clone(), connector);
        let vault = Vault::open(options, MasterKey::generate().unwrap(), catalog).await.unwrap();
        vault.applications().add(&APPLICATION.parse().unwrap(), "Quayside").await.unwrap();
        vault.api_keys().add_chosen(&APPLICATION.parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
        let client = IntegrationPatch {
            client_id: Some(CLIENT_ID.to_owned()),
            client_secret: Some(CLIENT_SECRET.into()),
            ..IntegrationPatch::default()
        };
        vault.integrations().keep(&APPLICATION.parse().unwrap(), service, client).await.unwrap();
        let cursor_key = service::cursor_key(&vault);
        let serving =
            Service::bind(&config, service::gateway(&config, vault.clone(), cursor_key).unwrap()).await.unwrap();
        Self {
            quay,
            vault,
            address: serving.address,
            service: service.clone(),
            serving: tokio::spawn(async move { serving.run(std::future::pending()).await }),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// Connects a consumer with tokens of this age.
    pub async fn import(&self, consumer: &str, tokens: ImportedTokens) {
        let caller = self.vault.api_keys().caller(API_KEY, &APPLICATION.parse().unwrap()).await.unwrap();
        let home = SecretString::from(format!("http://{}", self.quay.address));
        let settings = BTreeMap::from([("home".to_owned(), Some(home))]);
        self.vault
            .authorisations()
            .import(
                &caller,
                &consumer.parse().unwrap(),
                &self.service,
                ImportedConnection { tokens: Some(tokens), settings, ..ImportedConnection::default() },
            )
            .await
            .unwrap();
    }

    pub fn request(&self, consumer: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
            .bearer_auth(API_KEY)
            .header("x-apideck-app-id", APPLICATION)
            .header("x-apideck-consumer-id", consumer)
            .header("x-apideck-service-id", self.service.as_str())
    }

    pub async fn people(&self, consumer: &str) -> Reply {
        send(self.request(consumer, Method::GET, "/crm/contacts")).await
    }

    /// What happened to a consumer's connections, the newest first: type and detail.
    pub async fn events(&self, consumer: &str) -> Vec<(String, String)> {
        let events = self
            .vault
            .events()
            .list(&APPLICATION.parse().unwrap(), Some(&consumer.parse().unwrap()), 100)
            .await
            .unwrap();
        events.into_iter().map(|event| (event.event_type, event.detail)).collect()
    }
}

impl Drop for Quayside {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

//! A gateway with two applications, each with consumers of the same names, over Agile's stand-in and an OAuth vendor of the
//! tests' own.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use connection_vault::{ApplicationPatch, Clock, IntegrationPatch, MasterKey, StoreLocation, Vault, VaultOptions};
use connector_catalog::Catalog;
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::{Value, json};
use server::config::{Config, Connector};
use server::sandbox::demo_connector;
use server::service::{self, Service};
use unified_model::Resource;
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, RunningSandbox, Sandbox};

use super::document;
use crate::oauth::quay::{CLIENT_ID, CLIENT_SECRET, Quay};
use crate::oauth::{definitions, quay_crm};
use crate::support::{Reply, agile_crm, send};
use crate::two_servers::Schema;

/// What callers reach the gateway at, as far as it says.
pub const PUBLIC_URL: &str = "https://crm.gateway.example";
/// Where an application's users are sent back to.
pub const DONE: &str = "https://app.acme.example/done";
/// The page of an application that calls with sessions.
pub const ORIGIN: &str = "https://app.acme.example";
/// The application that tests call for.
pub const ACME: Application = Application { id: "acme", key: "key-of-acme" };
/// Another one.
pub const ZENITH: Application = Application { id: "zenith", key: "key-of-zenith" };
/// The page of the other one.
pub const OTHER_ORIGIN: &str = "https://app.zenith.example";

#[derive(Debug, Clone, Copy)]
pub struct Application {
    pub id: &'static str,
    pub key: &'static str,
}

/// Compiled once for all tests.
static CATALOG: LazyLock<Arc<Catalog>> =
    LazyLock::new(|| Catalog::built_in().unwrap().with_directory(&definitions()).unwrap().into());

/// The gateway. It serves until it is dropped.
pub struct House {
    pub vault: Vault,
    pub quay: Quay,
    pub address: SocketAddr,
    client: reqwest::Client,
    serving: tokio::task::JoinHandle<()>,
    _vendors: RunningSandbox,
    /// Dropped with the gateway that uses it.
    schema: Option<Schema>,
}

impl House {
    pub async fn start() -> Self {
        Self::start_at(Timestamp::now).await
    }

    pub async fn start_at(clock: Clock) -> Self {
        Self::over(StoreLocation::Memory, None, clock).await
    }

    /// One over each engine that there is.
    pub async fn of_every_engine() -> Vec<Self> {
        let mut houses = vec![Self::start().await];
        if let Some(schema) = Schema::new().await {
            let location = schema.address().parse().unwrap();
            houses.push(Self::over(location, Some(schema), Timestamp::now).await);
        }
        houses
    }

    async fn over(database: StoreLocation, schema: Option<Schema>, clock: Clock) -> Self {
        let mut house = Self::with(VaultOptions::new(database), clock).await;
        house.schema = schema;
        house
    }

    /// One over a store of the test's own.
    pub async fn with(options: VaultOptions, clock: Clock) -> Self {
        let quay = Quay::start().await;
        let vendors = Sandbox::new().start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let config = config(&quay, vendors.address);
        let key = MasterKey::generate().unwrap();
        let vault = Vault::open_with_clock(options, key, Arc::clone(&CATALOG), clock).await.unwrap();
        for (application, origin) in [(ACME, ORIGIN), (ZENITH, OTHER_ORIGIN)] {
            set_up(&vault, application, origin).await;
        }
        let cursor_key = service::cursor_key(&vault);
        let gateway = service::gateway(&config, vault.clone(), cursor_key).unwrap();
        let service = Service::bind(&config, gateway).await.unwrap();
        Self {
            vault,
            quay,
            address: service.address,
            client: reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap(),
            serving: tokio::spawn(async move { service.run(std::future::pending()).await }),
            _vendors: vendors,
            schema: None,
        }
    }

    /// A request without any header.
    pub fn anonymous(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("http://{}{path}", self.address))
    }

    /// A request of an application for one of its consumers; for none where the name is empty.
    pub fn request(&self, application: Application, consumer: &str, method: &str, path: &str) -> RequestBuilder {
        let request =
            self.anonymous(method, path).bearer_auth(application.key).header("x-apideck-app-id", application.id);
        if consumer.is_empty() { request } else { request.header("x-apideck-consumer-id", consumer) }
    }

    pub async fn get(&self, consumer: &str, path: &str) -> Reply {
        self.held("GET", path, self.request(ACME, consumer, "GET", path)).await
    }

    pub async fn call(&self, consumer: &str, method: &str, path: &str, body: &Value) -> Reply {
        self.held(method, path, with_json(self.request(ACME, consumer, method, path), body)).await
    }

    pub async fn delete(&self, consumer: &str, path: &str) -> Reply {
        self.held("DELETE", path, self.request(ACME, consumer, "DELETE", path)).await
    }

    /// An answer, which keeps to the document where it is the Vault API's.
    async fn held(&self, method: &str, path: &str, request: RequestBuilder) -> Reply {
        let reply = send(request).await;
        if path.starts_with("/vault/") {
            document::hold(method, path, &reply);
        }
        reply
    }

    /// The data of an answer that has to be 200.
    pub async fn data(&self, consumer: &str, path: &str) -> Value {
        self.get(consumer, path).await.succeeded()
    }

    /// Connects a consumer to Agile's stand-in.
    pub async fn connect(&self, consumer: &str) -> Value {
        self.call(consumer, "PATCH", AGILE, &json!({ "settings": agile_settings() })).await.succeeded()
    }

    /// A session of a consumer with these settings.
    pub async fn session(&self, consumer: &str, settings: &Value) -> String {
        let created =
            self.call(consumer, "POST", "/vault/sessions", &json!({ "settings": settings })).await.succeeded();
        created["session_token"].as_str().unwrap().to_owned()
    }

    /// A request of a consumer's browser.
    pub fn in_session(&self, token: &str, method: &str, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(token).header("X-APIDECK-AUTH-TYPE", "JWT")
    }

    /// What happened to a consumer's connections, the oldest first.
    pub async fn events(&self, consumer: &str) -> Vec<String> {
        let events =
            self.vault.events().list(&ACME.id.parse().unwrap(), Some(&consumer.parse().unwrap()), 100).await.unwrap();
        let mut types: Vec<_> = events.into_iter().map(|event| event.event_type).collect();
        types.reverse();
        types
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Reply {
    /// The data of an answer that has to be 200, in its envelope.
    #[track_caller]
    pub fn succeeded(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!((&self.body["status_code"], &self.body["status"]), (&json!(200), &json!("OK")), "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/json");
        assert_eq!(self.headers["request-id"], self.headers["x-apideck-request-id"]);
        self.body["data"].clone()
    }
}

pub const AGILE: &str = "/vault/connections/crm/agile-crm";
pub const QUAY: &str = "/vault/connections/crm/quay-crm";

pub fn agile_settings() -> Value {
    json!({ "domain": AGILE_DOMAIN, "email": AGILE_EMAIL, "api_key": AGILE_API_KEY })
}

pub fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header("content-type", "application/json").body(body.to_string())
}

async fn set_up(vault: &Vault, application: Application, origin: &str) {
    vault.applications().add(&application.id.parse().unwrap(), application.id).await.unwrap();
    vault.api_keys().add_chosen(&application.id.parse().unwrap(), &SecretString::from(application.key)).await.unwrap();
    let patch = ApplicationPatch {
        redirect_uris: Some(vec![DONE.to_owned()]),
        origins: Some(vec![origin.to_owned()]),
        ..ApplicationPatch::default()
    };
    vault.applications().update(&application.id.parse().unwrap(), patch).await.unwrap();
    let client = IntegrationPatch {
        client_id: Some(CLIENT_ID.to_owned()),
        client_secret: Some(CLIENT_SECRET.into()),
        ..IntegrationPatch::default()
    };
    vault.integrations().keep(&application.id.parse().unwrap(), &quay_crm(), client).await.unwrap();
    vault
        .mapping_targets()
        .keep(
            &application.id.parse().unwrap(),
            connection_vault::NewMappingTarget {
                resource: Resource::Companies,
                key: "tier",
                label: "Loyalty tier",
                description: Some("Gold or silver"),
                required: true,
            },
        )
        .await
        .unwrap();
}

fn config(quay: &Quay, vendors: SocketAddr) -> Config {
    let mut config = Config::default();
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.server.public_url = Some(PUBLIC_URL.to_owned());
    config.egress.allow = vec!["127.0.0.0/8".parse().unwrap()];
    config.connectors.insert(agile_crm(), demo_connector(&agile_crm(), vendors).unwrap());
    let at = |path: &str| Some(format!("http://{}{path}", quay.address));
    let connector = Connector {
        authorize_url: at("/authorize"),
        token_url: at("/token"),
        revoke_url: at("/revoke"),
        ..Connector::default()
    };
    config.connectors.insert(quay_crm(), connector);
    config
}

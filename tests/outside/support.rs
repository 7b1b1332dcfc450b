//! A running gateway over the sandbox, and a client that speaks its headers.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use connection_vault::{MasterKey, NewConnection, StoreLocation, Vault, VaultOptions};
use connector_catalog::Catalog;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;
use server::config::{Config, Connector, ConnectorLimits};
use server::sandbox::{
    API_KEY, APPLICATION, CONSUMER, DemoGateway, connect, demo_connection, demo_connector, demo_networks,
};
use server::service::{self, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use unified_model::ServiceId;
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, Sandbox};

/// A gateway that serves until it is dropped.
pub struct Gateway {
    pub address: std::net::SocketAddr,
    pub sandbox: Sandbox,
    pub vault: connection_vault::Vault,
    pub vendors: vendor_sandbox::RunningSandbox,
    serving: tokio::task::JoinHandle<()>,
    client: reqwest::Client,
}

/// A reply, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Gateway {
    /// The demo gateway, with no connection but Agile's, so that no request has to name a service.
    pub async fn start() -> Self {
        let gateway = Self::demo().await;
        for connector in gateway.vault.catalog().connectors() {
            if connector.service_id != agile_crm() && demo_connection(connector).is_some() {
                gateway
                    .vault
                    .connections()
                    .delete(&APPLICATION.parse().unwrap(), &CONSUMER.parse().unwrap(), &connector.service_id)
                    .await
                    .unwrap();
            }
        }
        gateway
    }

    /// The demo gateway, with a connection per vendor.
    pub async fn demo() -> Self {
        let demo = DemoGateway::start(0).await.unwrap();
        let address = demo.service.address;
        let service = demo.service;
        let serving = tokio::spawn(async move { service.run(std::future::pending()).await });
        Self {
            address,
            sandbox: demo.sandbox,
            vault: demo.vault,
            vendors: demo.vendors,
            serving,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// A gateway that somebody else serves at this address.
    pub fn at(address: SocketAddr, sandbox: Sandbox, vault: Vault, vendors: vendor_sandbox::RunningSandbox) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { address, sandbox, vault, vendors, serving: tokio::spawn(async {}), client }
    }

    /// A gateway over these definitions, configured by `change`, by the system's clock.
    pub async fn over(catalog: Catalog, change: impl FnOnce(&mut Config)) -> Self {
        Self::over_with_clock(catalog, jiff::Timestamp::now, change).await
    }

    /// A gateway over these definitions, configured by `change`. Unless that says otherwise, a connector's vendor is its
    /// stand-in, or else the sandbox's Agile account, and the demo consumer is connected to each.
    pub async fn over_with_clock(
        catalog: Catalog,
        clock: fn() -> jiff::Timestamp,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let sandbox = Sandbox::new();
        let vendors = sandbox.clone().start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let mut config = Config::default();
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        for connector in catalog.connectors() {
            let agile = Connector {
                base_url: Some(format!("http://{}/agile-crm/dev/api", vendors.address)),
                limits: Some(ConnectorLimits { requests: 1_000_000, per_seconds: 1, concurrency: 1024 }),
                ..Connector::default()
            };
            let connected = demo_connector(&connector.service_id, vendors.address).unwrap_or(agile);
            if connected.base_url.is_none() {
                config.egress.allow = demo_networks();
            }
            config.connectors.insert(connector.service_id.clone(), connected);
        }
        change(&mut config);
        let key = MasterKey::generate().unwrap();
        let options = VaultOptions::new(StoreLocation::Memory);
        let vault = Vault::open_with_clock(options, key, Arc::new(catalog), clock).await.unwrap();
        vault.applications().add(&APPLICATION.parse().unwrap(), "Sandbox").await.unwrap();
        vault.api_keys().add_chosen(&APPLICATION.parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
        for connector in vault.catalog().connectors() {
            let demo = demo_connection(connector);
            let new = demo.unwrap_or_else(|| connection(CONSUMER, &connector.service_id));
            connect(&vault, new, vendors.address).await.unwrap();
        }
        let cursor_key = service::cursor_key(&vault);
        let gateway = service::gateway(&config, vault.clone(), cursor_key).unwrap();
        let service = Service::bind(&config, gateway).await.unwrap();
        let address = service.address;
        Self {
            address,
            sandbox,
            vault,
            vendors,
            serving: tokio::spawn(async move { service.run(std::future::pending()).await }),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// A gateway whose one vendor is at this address, root and all.
    pub async fn over_vendor(vendor: SocketAddr) -> Self {
        Self::over(catalog(&[("agile-crm", |text| text)]), |config| {
            agile(config).base_url = Some(format!("http://{vendor}"));
        })
        .await
    }

    /// A request with the demo application's headers; `path` starts with `/`.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.anonymous(method, path)
            .bearer_auth(API_KEY)
            .header("x-apideck-app-id", APPLICATION)
            .header("x-apideck-consumer-id", CONSUMER)
    }

    /// A request without any header.
    pub fn anonymous(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        send(self.request(Method::POST, path).header("content-type", "application/json").body(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        send(self.request(Method::PATCH, path).header("content-type", "application/json").body(body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        send(self.request(Method::DELETE, path)).await
    }

    /// Every record of a list, by following `meta.cursors.next`; `query` without cursor.
    pub async fn list(&self, resource: &str, query: &str) -> Vec<Value> {
        let mut records = Vec::new();
        let mut path = format!("/crm/{resource}?{query}");
        for _ in 0..1000 {
            let page = self.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.text);
            records.extend(page.body["data"].as_array().unwrap().iter().cloned());
            match page.body["meta"]["cursors"]["next"].as_str() {
                Some(cursor) => path = format!("/crm/{resource}?{query}&cursor={cursor}"),
                None => return records,
            }
        }
        panic!("the list has no end");
    }
}

/// The path of the first record that every sandbox is seeded with.
pub async fn seeded(resource: &str) -> String {
    let reply = Gateway::start().await.get(&format!("/crm/{resource}?limit=1")).await;
    format!("/crm/{resource}/{}", reply.body["data"][0]["id"].as_str().unwrap())
}

/// The connector that most tests of the gateway's own rules go through.
pub fn agile_crm() -> ServiceId {
    "agile-crm".parse().unwrap()
}

/// What a configuration says of it.
pub fn agile(config: &mut Config) -> &mut Connector {
    config.connectors.get_mut(&agile_crm()).unwrap()
}

/// A connection of the demo application with the sandbox account's settings.
pub fn connection(consumer: &str, service: &ServiceId) -> NewConnection {
    NewConnection::new(&APPLICATION.parse().unwrap(), &consumer.parse().unwrap(), service.clone())
        .with_setting("domain", AGILE_DOMAIN)
        .with_setting("email", AGILE_EMAIL)
        .with_setting("api_key", AGILE_API_KEY)
}

/// Where `connectors/` and `mappings/` are.
pub const DEFINITIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Every definition file with its text, the connectors' texts changed.
pub fn definitions(change: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let folder = |place: &str| {
        let entries = Path::new(DEFINITIONS).join(place).read_dir().unwrap();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    for place in folder("connectors") {
        let text = change(&std::fs::read_to_string(&place).unwrap());
        files.push((format!("connectors/{}", place.file_name().unwrap().to_str().unwrap()), text));
    }
    for vendor in folder("mappings") {
        let below = format!("mappings/{}", vendor.file_name().unwrap().to_str().unwrap());
        for place in folder(&below) {
            let name = place.file_name().unwrap().to_str().unwrap();
            files.push((format!("{below}/{name}"), std::fs::read_to_string(&place).unwrap()));
        }
    }
    files
}

/// What a test changes in a definition's text.
type Change = fn(String) -> String;

/// Agile's definition under the given service ids, each changed by its own hand.
pub fn catalog(services: &[(&str, Change)]) -> Catalog {
    let mut files = Vec::new();
    for (service, change) in services {
        let connector = std::fs::read_to_string(Path::new(DEFINITIONS).join("connectors/agile-crm.yaml"))
            .unwrap()
            .replace("service_id: agile-crm", &format!("service_id: {service}"));
        files.push((format!("connectors/{service}.yaml"), change(connector)));
        for mapping in Path::new(DEFINITIONS).join("mappings/agile-crm").read_dir().unwrap() {
            let path = mapping.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            files.push((format!("mappings/{service}/{name}"), std::fs::read_to_string(&path).unwrap()));
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Catalog::from_sources(&files).unwrap()
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Sends a request, whose body is JSON where it does not say otherwise.
pub async fn send(request: reqwest::RequestBuilder) -> Reply {
    let (client, request) = request.build_split();
    let mut request = request.unwrap();
    if request.body().is_some() {
        request
            .headers_mut()
            .entry("content-type")
            .or_insert(reqwest::header::HeaderValue::from_static("application/json"));
    }
    let response = client.execute(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply { status, headers, text, body }
}

impl Reply {
    /// Asserts an error of this status and type, with all six keys and a `detail` that the SDKs can read.
    #[track_caller]
    pub fn refused(&self, status: u16, type_name: &str) -> &Value {
        assert_eq!((self.status, self.body["type_name"].as_str()), (status, Some(type_name)), "{}", self.text);
        assert_eq!(self.body["status_code"], status);
        for key in ["error", "message", "ref"] {
            assert!(self.body[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {}", self.text);
        }
        let detail = &self.body["detail"];
        assert!(detail.is_string() || detail.is_object(), "detail: {}", self.text);
        assert_eq!(self.headers["content-type"], "application/json");
        assert_eq!(self.headers["request-id"], self.headers["x-apideck-request-id"]);
        detail
    }
}

/// Sends a request exactly as written, where a client library would tidy it up, and reads the reply to its end.
pub async fn send_as_written(address: SocketAddr, head: &[u8], body: &[u8]) -> Reply {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(head).await;
    let _ = stream.write_all(body).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a reply");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(':').unwrap());
    let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.trim().parse().unwrap())).collect();
    let text = String::from_utf8(bytes[end + 4..].to_vec()).unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply { status, headers, text, body }
}

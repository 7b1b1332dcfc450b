//! An installation whose one OAuth vendor is Quay, with servers that can be killed.

use std::time::{Duration, Instant};

use connection_vault::{MasterKey, StoreLocation, Vault, VaultError, VaultOptions};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::flow::{HOME, location, parameter};
use super::quay::{CLIENT_ID, CLIENT_SECRET, Quay};
use crate::process::{Caller, Installation, Server};
use crate::support::{Reply, send};

pub const CONNECTION: &str = "/vault/connections/crm/quay-crm";
pub const INTERRUPTED: &str = "vault.connection.authorization.interrupted";
pub const UNCONFIRMED: &str = "vault.connection.authorization.pending";

pub struct Office {
    pub quay: Quay,
    pub installation: Installation,
    database: StoreLocation,
    api_key: String,
    /// As a consumer's browser that stops at a redirect.
    browser: reqwest::Client,
}

impl Office {
    pub async fn new(database: &str) -> Self {
        let quay = Quay::start().await;
        let (at, definitions) = (quay.address, super::definitions());
        let installation = Installation::new("http://127.0.0.1:1", "");
        let configuration = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n[store]\ndatabase = \"{database}\"\n[secrets]\nmaster_key_file = \"master.key\"\n\
             [definitions]\ndirectory = \"{}\"\n[egress]\nallow = [\"127.0.0.0/8\"]\n\
             [connectors.quay-crm]\nauthorize_url = \"http://{at}/authorize\"\ntoken_url = \"http://{at}/token\"\nrevoke_url = \"http://{at}/revoke\"\n",
            definitions.display()
        );
        installation.write("trunkline.toml", &configuration);
        installation.write("client.secret", CLIENT_SECRET);
        installation.run(&["apps", "add", "acme", "--redirect-uri", HOME]).done();
        let api_key = installation.run(&["api-keys", "add", "--app", "acme"]).done().trim().to_owned();
        let place = ["--app", "acme", "--service", "quay-crm", "--client-id", CLIENT_ID];
        let secret = ["--client-secret-file", "client.secret"];
        installation.run(&[&["integrations", "set"][..], &place, &secret].concat()).done();
        std::fs::remove_file(installation.path().join("client.secret")).unwrap();
        let browser = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let database = match StoreLocation::from(database.to_owned()) {
            StoreLocation::File(name) => StoreLocation::File(installation.path().join(name)),
            other => other,
        };
        Self { quay, installation, database, api_key, browser: browser.build().unwrap() }
    }

    pub fn request(&self, server: &Server, consumer: &str, method: Method, path: &str) -> RequestBuilder {
        let caller = Caller { api_key: &self.api_key, application: "acme", consumer };
        server.request_to("quay-crm", caller, method, path)
    }

    pub fn post(&self, server: &Server, consumer: &str, path: &str, body: &Value) -> RequestBuilder {
        let request = self.request(server, consumer, Method::POST, path);
        request.header("content-type", "application/json").body(body.to_string())
    }

    pub async fn people(&self, server: &Server, consumer: &str) -> Reply {
        send(self.request(server, consumer, Method::GET, "/crm/contacts")).await
    }

    /// Connects a consumer with tokens that ended long ago; their number.
    pub async fn import(&self, server: &Server, consumer: &str) -> u64 {
        let (access, refresh) = self.quay.give();
        let body = json!({
            "credentials": {
                "access_token": access, "refresh_token": refresh, "issued_at": "2026-01-01T00:00:00Z", "expires_in": 60,
            },
        });
        let reply = send(self.post(server, consumer, &format!("{CONNECTION}/import"), &body)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        access.strip_prefix("access-of-quay-").unwrap().parse().unwrap()
    }

    pub async fn connection(&self, server: &Server, consumer: &str) -> Value {
        send(self.request(server, consumer, Method::GET, CONNECTION)).await.body["data"].clone()
    }

    /// State and health of a consumer's connection.
    pub async fn standing(&self, server: &Server, consumer: &str) -> (String, String) {
        let connection = self.connection(server, consumer).await;
        let word = |name: &str| connection[name].as_str().unwrap().to_owned();
        (word("state"), word("health"))
    }

    /// Sends a consumer to the vendor; the `state` that the vendor brings back.
    pub async fn begin(&self, server: &Server, consumer: &str, more: &str) -> String {
        let link = self.connection(server, consumer).await["authorize_url"].as_str().unwrap().to_owned();
        let page = send(self.browser.get(format!("{link}&redirect_uri={HOME}{more}"))).await;
        parameter(&location(&page), "state").unwrap()
    }

    /// The vendor sends the consumer back.
    pub fn callback(&self, server: &Server, state: &str, code: &str) -> RequestBuilder {
        self.browser.get(format!("http://{}/vault/callback?state={state}&code={code}", server.address))
    }

    /// The vendor sends the consumer back, who has said no.
    pub fn denial(&self, server: &Server, state: &str) -> RequestBuilder {
        self.browser.get(format!("http://{}/vault/callback?state={state}&error=access_denied", server.address))
    }

    /// The vendor sends the consumer back with a code, up to the end; the token that confirms it, where it was begun with a nonce.
    pub async fn come_back(&self, server: &Server, state: &str, code: &str) -> Option<String> {
        let back = location(&send(self.callback(server, state, code)).await);
        assert!(back.query().is_none(), "{back}");
        let fragment: reqwest::Url = format!("http://x/?{}", back.fragment()?).parse().unwrap();
        parameter(&fragment, "confirm_token")
    }

    pub fn confirm(&self, server: &Server, consumer: &str, token: &str) -> RequestBuilder {
        self.post(server, consumer, &format!("{CONNECTION}/confirm"), &json!({ "confirm_token": token }))
    }

    /// What happened to a consumer's connection, the newest first.
    pub fn events(&self, consumer: &str) -> Vec<String> {
        let place = ["--app", "acme", "--consumer", consumer, "--limit", "1000"];
        let events = self.installation.json(&[&["events", "list"][..], &place].concat());
        let event_type = |event: &Value| event["event_type"].as_str().unwrap().to_owned();
        events.as_array().unwrap().iter().map(event_type).collect()
    }

    /// How often an event was told of a consumer's connection.
    pub fn told(&self, consumer: &str, event_type: &str) -> usize {
        self.events(consumer).iter().filter(|told| *told == event_type).count()
    }

    /// The vault as a command opens it, with the master key in this file.
    pub async fn vault(&self, key: &str) -> Result<Vault, VaultError> {
        let key = MasterKey::read_file(&self.installation.path().join(key)).unwrap();
        Vault::open(VaultOptions::new(self.database.clone()), key, super::catalog()).await
    }

    /// Sends a request to a server that stops at `point`, and kills the server there.
    pub async fn killed_at(&self, point: &str, request: impl AsyncFnOnce(&Server) -> RequestBuilder) {
        let server = self.installation.serve_with(&[("TRUNKLINE_PAUSE_AT", point)]);
        let call = tokio::spawn(request(&server).await.send());
        let start = Instant::now();
        while !self.installation.log().contains(point) {
            assert!(start.elapsed() < Duration::from_secs(20), "{point} was never passed: {}", self.installation.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(server);
        assert!(call.await.unwrap().is_err());
    }

    /// No file of the installation but those of master keys holds a secret as it is: neither these nor what Quay gave and took.
    pub fn no_file_tells(&self, more: &[String]) {
        let verifiers = self.quay.token_requests().into_iter().filter_map(|mut form| form.remove("code_verifier"));
        // Tokens, client secret and, where tests call them so, codes.
        let known = ["-of-quay".to_owned(), self.api_key.clone()];
        let secrets: Vec<String> = known.into_iter().chain(verifiers).chain(more.iter().cloned()).collect();
        for entry in self.installation.path().read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "key") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            for secret in &secrets {
                assert!(!text.contains(secret), "{secret} in {}", path.display());
            }
        }
    }
}

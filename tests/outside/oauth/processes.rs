//! Servers as processes of their own: two that want the same token, and one that is killed while it asks for it.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::quay::{CLIENT_ID, CLIENT_SECRET, Mood, Quay};
use crate::process::{Caller, Installation, Server};
use crate::support::{Reply, send};
use crate::two_servers::Schema;

/// An installation whose one OAuth vendor is Quay.
struct Office {
    quay: Quay,
    installation: Installation,
    api_key: String,
}

impl Office {
    async fn new(database: &str) -> Self {
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
        let api_key = installation.add_application("acme");
        let place = ["--app", "acme", "--service", "quay-crm", "--client-id", CLIENT_ID];
        let secret = ["--client-secret-file", "client.secret"];
        installation.run(&[&["integrations", "set"][..], &place, &secret].concat()).done();
        std::fs::remove_file(installation.path().join("client.secret")).unwrap();
        Self { quay, installation, api_key }
    }

    fn request(&self, server: &Server, method: Method, path: &str) -> reqwest::RequestBuilder {
        let caller = Caller { api_key: &self.api_key, application: "acme", consumer: "ann" };
        server.request_to("quay-crm", caller, method, path)
    }

    async fn people(&self, server: &Server) -> Reply {
        send(self.request(server, Method::GET, "/crm/contacts")).await
    }

    /// Connects Ann with a token that has ended.
    async fn import(&self, server: &Server) {
        let (access, refresh) = self.quay.give();
        let body = json!({
            "credentials": {
                "access_token": access, "refresh_token": refresh, "issued_at": "2026-01-01T00:00:00Z", "expires_in": 60,
            },
        });
        let request = self.request(server, Method::POST, "/vault/connections/crm/quay-crm/import");
        let reply = send(request.header("content-type", "application/json").body(body.to_string())).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }

    async fn connection(&self, server: &Server) -> Value {
        let reply = send(self.request(server, Method::GET, "/vault/connections/crm/quay-crm")).await;
        reply.body["data"].clone()
    }

    /// Calls, and kills the server where it stops at `point`.
    async fn killed_at(&self, point: &str) {
        let server = self.installation.serve_with(&[("TRUNKLINE_PAUSE_AT", point)]);
        let call = tokio::spawn(self.request(&server, Method::GET, "/crm/contacts").send());
        let start = Instant::now();
        while !self.installation.log().contains(point) {
            assert!(start.elapsed() < Duration::from_secs(20), "{point} was never passed: {}", self.installation.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(server);
        assert!(call.await.unwrap().is_err());
    }

    /// No file of the installation holds a secret as it is.
    fn no_file_tells(&self) {
        for entry in self.installation.path().read_dir().unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            for secret in ["access-of-quay", "refresh-of-quay", CLIENT_SECRET] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} in {}", path.display());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_renew_a_token_once() {
    let Some(schema) = Schema::new().await else { return };
    let office = Office::new(&schema.address()).await;
    let servers = [office.installation.serve(), office.installation.serve()];
    office.import(&servers[0]).await;
    office.quay.close();
    let calls: Vec<_> = (0..200)
        .map(|number| tokio::spawn(send(office.request(&servers[number % 2], Method::GET, "/crm/contacts"))))
        .collect();
    office.quay.token_request_arrived().await;
    office.quay.open();
    for call in calls {
        let reply = call.await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    assert_eq!((office.quay.token_requests().len(), office.quay.refused_calls()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_while_it_renews_leaves_nothing_unsaid() {
    for (point, mood, is_lost) in [
        ("refresh.intent", Mood::Rotate, false),
        ("refresh.answered", Mood::Keep, false),
        ("refresh.answered", Mood::Rotate, true),
        ("refresh.stored", Mood::Rotate, false),
    ] {
        let office = Office::new("trunkline.sqlite").await;
        office.import(&office.installation.serve()).await;
        office.quay.set(mood.clone());
        office.killed_at(point).await;
        let asked = office.quay.token_requests().len();
        assert_eq!(asked, usize::from(point != "refresh.intent"), "{point}");

        let server = office.installation.serve();
        let reply = office.people(&server).await;
        let connection = office.connection(&server).await;
        let told = office.installation.json(&["events", "list", "--app", "acme", "--consumer", "ann"]);
        if is_lost {
            let detail = reply.refused(401, "ConnectorCredentialsError");
            assert!(detail["message"].as_str().unwrap().contains("interrupted"), "{detail}");
            assert_eq!((&connection["state"], &connection["health"]), (&json!("invalid"), &json!("needs_auth")));
            assert!(told.to_string().contains("token_refresh.failed"), "{told}");
            // The old token was tried once, and is not tried again.
            office.people(&server).await.refused(401, "ConnectorCredentialsError");
            assert_eq!(office.quay.token_requests().len(), 2);
        } else {
            assert_eq!(reply.status, 200, "{point}: {}", reply.text);
            assert_eq!((&connection["state"], &connection["health"]), (&json!("callable"), &json!("ok")), "{point}");
            let more = usize::from(point != "refresh.stored");
            assert_eq!(office.quay.token_requests().len(), asked + more, "{point}");
        }
        drop(server);
        office.no_file_tells();
    }
}

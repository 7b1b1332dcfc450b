//! Tokens for whoever has an account with a password: nobody consents, and the settings are the consumer's to correct.

use std::path::Path;
use std::sync::Arc;

use connector_catalog::Catalog;
use reqwest::Method;
use serde_json::{Value, json};

use super::Quayside;
use super::quay::ACCOUNT;
use crate::support::{Reply, send};

const JETTY: &str = "/vault/connections/crm/jetty-crm";

/// Quay as Jetty CRM, with a consumer who has given this password.
struct Jetty(Quayside);

impl Jetty {
    async fn start(password: &str) -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/outside/oauth/without_consent");
        let catalog = Catalog::built_in().unwrap().with_directory(&directory).unwrap();
        let jetty = Self(Quayside::start_with(Arc::new(catalog), &"jetty-crm".parse().unwrap()).await);
        let settings = json!({ "username": ACCOUNT[0], "password": password });
        let added = jetty.vault(Method::PATCH, "", Some(json!({ "settings": settings }))).await;
        assert_eq!((&added["state"], &added["authorize_url"]), (&json!("callable"), &Value::Null), "{added}");
        jetty
    }

    async fn vault(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let reply = self.request(method, &format!("{JETTY}{path}"), body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.body["data"].clone()
    }

    async fn people(&self) -> Reply {
        self.request(Method::GET, "/crm/contacts", None).await
    }

    async fn request(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let request = self.0.request("ann", method, path);
        send(match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        })
        .await
    }

    /// By what the vendor was asked for tokens.
    fn grants(&self) -> Vec<String> {
        self.0.quay.token_requests().iter().map(|asked| asked["grant_type"].clone()).collect()
    }
}

#[tokio::test]
async fn a_password_gets_a_token_and_another_one_when_nothing_else_does() {
    let jetty = Jetty::start(ACCOUNT[1]).await;
    jetty.0.quay.set_lifetime(0);
    assert_eq!(jetty.people().await.status, 200);
    let asked = &jetty.0.quay.token_requests()[0];
    assert_eq!(
        (&asked["username"], &asked["password"], &asked["scope"]),
        (&ACCOUNT[0].into(), &ACCOUNT[1].into(), &"people.read".into())
    );
    // Such tokens have ended when the next call comes.
    assert_eq!(jetty.people().await.status, 200);
    assert_eq!(jetty.grants(), ["password", "refresh_token"]);
    jetty.0.quay.forget_refresh();
    assert_eq!(jetty.people().await.status, 200);
    assert_eq!(jetty.grants()[2..], ["refresh_token", "password"]);
    let connection = jetty.vault(Method::GET, "", None).await;
    assert_eq!((&connection["state"], &connection["health"]), (&json!("callable"), &json!("ok")), "{connection}");
}

#[tokio::test]
async fn a_wrong_password_is_asked_for_once_and_can_be_corrected() {
    let jetty = Jetty::start("password-of-bob").await;
    for _ in 0..2 {
        let reply = jetty.people().await;
        let detail = reply.refused(401, "ConnectorCredentialsError");
        assert!(detail["message"].as_str().unwrap().contains("invalid_grant"), "{detail}");
        assert!(detail["hint"].as_str().unwrap().contains("settings"), "{detail}");
    }
    assert_eq!(jetty.grants(), ["password"]);
    let connection = jetty.vault(Method::GET, "", None).await;
    assert_eq!(
        (&connection["state"], &connection["health"]),
        (&json!("invalid"), &json!("needs_auth")),
        "{connection}"
    );

    let corrected = json!({ "settings": { "password": ACCOUNT[1] } });
    let connection = jetty.vault(Method::PATCH, "", Some(corrected)).await;
    assert_eq!(
        (&connection["state"], &connection["health"]),
        (&json!("callable"), &json!("pending_refresh")),
        "{connection}"
    );
    assert_eq!(jetty.people().await.status, 200);
    assert_eq!(jetty.grants(), ["password", "password"]);
    let told: Vec<String> = jetty.0.events("ann").await.into_iter().map(|(event_type, _)| event_type).collect();
    assert!(told.iter().any(|event_type| event_type.contains("token_refresh.failed")), "{told:?}");
}

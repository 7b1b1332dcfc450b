//! Whose connection is used, and what happens when the vendor does not know its token.

use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use reqwest::Method;
use secrecy::SecretString;
use server::sandbox::{API_KEY, APPLICATION, CONSUMER};

use super::vendor::{Vendor, answer};
use super::{before, get};
use crate::oauth::quay::Mood;
use crate::oauth::{Quayside, tokens};
use crate::support::{Reply, agile_crm, connection, send};

/// The largest body that is repeated.
const KEPT: usize = 64 * 1024;

/// Ann's connection to Quay, whose token it has forgotten.
async fn forgotten() -> Quayside {
    let quayside = Quayside::start().await;
    quayside.import("ann", tokens(quayside.quay.give(), 60)).await;
    quayside.quay.forget_access();
    quayside
}

async fn deposit(quayside: &Quayside, body: impl Into<reqwest::Body>) -> Reply {
    let request = quayside.request("ann", Method::POST, "/proxy").header("x-apideck-downstream-url", "/deposit");
    send(request.body(body)).await
}

fn counts(quayside: &Quayside) -> (usize, usize) {
    (quayside.quay.deposits().len(), quayside.quay.token_requests().len())
}

#[tokio::test]
async fn a_vendors_401_is_answered_with_one_renewal_and_one_repeat() {
    for body in [String::new(), "{}".to_owned(), "x".repeat(KEPT)] {
        let quayside = forgotten().await;
        let reply = deposit(&quayside, body.clone()).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, "kept"));
        assert_eq!(quayside.quay.deposits(), [body.clone(), body]);
        assert_eq!(quayside.quay.token_requests().len(), 1);
        assert!(!reply.headers.contains_key("x-apideck-downstream-error"));
        // A vendor that refuses what it has only just given is not asked for more.
        quayside.quay.forget_access();
        let reply = deposit(&quayside, "again").await;
        assert_eq!((reply.status, reply.text.as_str()), (401, "the token is void"));
        assert_eq!(reply.headers["x-apideck-downstream-error"], "true");
        assert_eq!(counts(&quayside), (3, 1));
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_repeated_where_it_was_small() {
    for (length, statuses) in [(7, (200, 2)), (KEPT, (200, 2)), (KEPT + 1, (401, 1)), (8 * KEPT, (401, 1))] {
        let quayside = forgotten().await;
        // The length is not announced once the frames go through another hand.
        let body = Full::new(Bytes::from("x".repeat(length))).map_frame(|frame| frame);
        let reply = deposit(&quayside, reqwest::Body::wrap(body)).await;
        assert_eq!((reply.status, quayside.quay.deposits().len()), statuses, "{length}");
        assert!(quayside.quay.deposits().iter().all(|body| body.len() == length));
    }
}

#[tokio::test]
async fn a_large_body_is_not_repeated_but_the_callers_own_repeat_gets_through() {
    let quayside = forgotten().await;
    let body = "x".repeat(KEPT + 1);
    let reply = deposit(&quayside, body.clone()).await;
    assert_eq!((reply.status, reply.text.as_str()), (401, "the token is void"));
    assert_eq!(counts(&quayside), (1, 1));
    assert_eq!(deposit(&quayside, body).await.status, 200);
    assert_eq!(counts(&quayside), (2, 1));
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_says_so() {
    let quayside = forgotten().await;
    quayside.quay.set(Mood::GrantOver);
    let reply = deposit(&quayside, "{}").await;
    let detail = reply.refused(401, "ConnectorCredentialsError");
    assert!(detail["hint"].as_str().unwrap().contains("authorize_url"), "{detail}");
    assert_eq!(reply.headers["x-apideck-downstream-error"], "false");
    assert_eq!(counts(&quayside), (1, 1));
}

#[tokio::test]
async fn credentials_that_nobody_can_renew_are_tried_once() {
    let vendor = Vendor::answering([answer(401, &[("www-authenticate", "Basic")], "who?")]).await;
    let reply = get(&before(&vendor).await, "/contacts").await;
    assert_eq!((reply.status, reply.text.as_str(), vendor.seen().len()), (401, "who?", 1));
    assert_eq!(reply.headers["www-authenticate"], "Basic");
}

#[tokio::test]
async fn the_callers_own_authorisation_renews_nothing() {
    let quayside = forgotten().await;
    let request = quayside.request("ann", Method::POST, "/proxy").header("x-apideck-downstream-url", "/deposit");
    let reply = send(request.header("x-apideck-downstream-authorization", "Bearer mine").body("{}")).await;
    assert_eq!(reply.status, 401);
    assert_eq!(counts(&quayside), (1, 0));
}

#[tokio::test]
async fn nobody_uses_the_connection_of_another() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let vault = &gateway.vault;
    vault.applications().add(&"second".parse().unwrap(), "Second").await.unwrap();
    vault.api_keys().add_chosen(&"second".parse().unwrap(), &SecretString::from("second-key")).await.unwrap();
    vault.connections().add(connection("off", &agile_crm())).await.unwrap();
    vault.connections().disable(&APPLICATION.parse().unwrap(), &"off".parse().unwrap(), &agile_crm()).await.unwrap();
    let ask = async |key: &str, application: &str, consumer: &str, service: &str| {
        let request =
            gateway.anonymous(Method::POST, "/proxy").bearer_auth(key).header("x-apideck-app-id", application);
        let request = request.header("x-apideck-consumer-id", consumer).header("x-apideck-service-id", service);
        send(request.header("x-apideck-downstream-url", "/contacts").body("{}")).await
    };
    for (key, application, consumer, service, status, type_name) in [
        ("second-key", "second", CONSUMER, "agile-crm", 404, "ConnectionNotFoundError"),
        ("second-key", "second", CONSUMER, "", 404, "ConnectionNotFoundError"),
        ("second-key", APPLICATION, CONSUMER, "agile-crm", 401, "UnauthorizedError"),
        (API_KEY, "second", CONSUMER, "agile-crm", 401, "UnauthorizedError"),
        ("wrong", APPLICATION, CONSUMER, "agile-crm", 401, "UnauthorizedError"),
        (API_KEY, APPLICATION, "nobody", "agile-crm", 404, "ConnectionNotFoundError"),
        (API_KEY, APPLICATION, "off", "agile-crm", 403, "ConnectorDisabledError"),
        (API_KEY, APPLICATION, CONSUMER, "salesforce", 404, "ConnectorNotFoundError"),
        (API_KEY, APPLICATION, "", "agile-crm", 400, "RequestHeadersValidationError"),
        (API_KEY, "", CONSUMER, "agile-crm", 400, "RequestHeadersValidationError"),
    ] {
        let reply = ask(key, application, consumer, service).await;
        reply.refused(status, type_name);
        assert_eq!(reply.headers["x-apideck-downstream-error"], "false");
    }
    assert_eq!(vendor.seen().len(), 0);
    assert_eq!(
        ask(API_KEY, APPLICATION, CONSUMER, "").await.status,
        200,
        "the only connection is the one that is meant"
    );
    let anonymous = gateway.anonymous(Method::GET, "/proxy").header("x-apideck-downstream-url", "/contacts");
    send(anonymous).await.refused(401, "UnauthorizedError");
    let asks_first = gateway.anonymous(Method::OPTIONS, "/proxy").header("access-control-request-method", "GET");
    send(asks_first.header("origin", "https://page.example")).await.refused(401, "UnauthorizedError");
}

/// A page in a browser may see to its consumer's connections, but not act through them.
#[tokio::test]
async fn a_session_passes_nothing_on() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let created = gateway.post("/vault/sessions", &serde_json::json!({})).await;
    let token = created.body["data"]["session_token"].as_str().expect(&created.text).to_owned();
    let in_session = |path: &str, auth_type: Option<&str>| {
        let request = gateway.anonymous(Method::GET, path).bearer_auth(&token);
        let request = request.header("x-apideck-app-id", APPLICATION).header("x-apideck-consumer-id", CONSUMER);
        let request =
            request.header("x-apideck-service-id", "agile-crm").header("x-apideck-downstream-url", "/contacts");
        auth_type.into_iter().fold(request, |request, auth_type| request.header("x-apideck-auth-type", auth_type))
    };
    assert_eq!(send(in_session("/vault/connections", Some("JWT"))).await.status, 200, "the session itself is good");
    for auth_type in [Some("JWT"), Some("jwt"), None] {
        for path in ["/proxy", "/proxy/contacts"] {
            let reply = send(in_session(path, auth_type)).await;
            reply.refused(401, "UnauthorizedError");
            assert_eq!(reply.headers["x-apideck-downstream-error"], "false");
        }
    }
    assert_eq!(vendor.seen().len(), 0);
}

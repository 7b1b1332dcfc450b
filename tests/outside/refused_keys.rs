//! A key that its vendor refuses shows in the connection's health, keeps no call from being made, and is forgotten once it is taken.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use server::sandbox::{APPLICATION, CONSUMER};

use crate::support::{Gateway, Reply, agile, catalog, send};
use crate::vendor::{RawVendor, answer, json as json_answer};

const AGILE: &str = "/vault/connections/crm/agile-crm";
const REFUSED: &str = "vault.connection.credentials.refused";
const ACCEPTED: &str = "vault.connection.credentials.accepted";

/// Seconds since 2024 by the clock of the gateway in the one test that needs one.
static CLOCK: AtomicI64 = AtomicI64::new(0);

fn clock() -> Timestamp {
    Timestamp::from_second(1_704_067_200 + CLOCK.load(Ordering::SeqCst)).unwrap()
}

impl Gateway {
    async fn agile(&self) -> Value {
        self.get(AGILE).await.body["data"].clone()
    }

    async fn validate(&self) -> Reply {
        self.post(&format!("{AGILE}/validate"), &json!({})).await
    }

    /// What happened to the connection's credentials, the newest first.
    async fn told(&self) -> Vec<String> {
        let events = self
            .vault
            .events()
            .list(&APPLICATION.parse().unwrap(), Some(&CONSUMER.parse().unwrap()), 100)
            .await
            .unwrap();
        let types = events.into_iter().map(|event| event.event_type);
        types.filter(|event_type| event_type.contains("credentials")).collect()
    }
}

async fn over(answers: &[&[u8]], clock: fn() -> Timestamp) -> (Gateway, RawVendor) {
    let vendor = RawVendor::start(answers).await;
    let address = vendor.address;
    let change = |config: &mut server::config::Config| agile(config).base_url = Some(format!("http://{address}"));
    (Gateway::over_with_clock(catalog(&[("agile-crm", |text| text)]), clock, change).await, vendor)
}

fn refused() -> Vec<u8> {
    answer(401, "application/json", r#"{"message":"bad key"}"#)
}

#[tokio::test]
async fn three_refusals_over_a_minute_show_in_the_health_and_a_success_ends_it() {
    let page = json_answer("[]");
    let (no, yes) = (refused(), page.as_slice());
    let (gateway, vendor) = over(&[&no, &no, yes, &no, &no, &no, &no, yes], clock).await;
    let call = async |second: i64, status: u16| {
        CLOCK.store(second, Ordering::SeqCst);
        let reply = gateway.get("/crm/companies").await;
        assert_eq!(reply.status, status, "at {second}: {}", reply.text);
        let connection = gateway.agile().await;
        (connection["health"].as_str().unwrap().to_owned(), connection["last_downstream_error_at"].as_i64().unwrap())
    };
    let ok = ("ok".to_owned(), 0);
    assert_eq!(call(0, 401).await, ok);
    assert_eq!(call(40, 401).await, ok);
    // What comes in between begins the count anew.
    assert_eq!(call(50, 200).await, ok);
    assert_eq!(call(100, 401).await, ok);
    assert_eq!(call(110, 401).await, ok);
    assert_eq!(call(159, 401).await, ok, "three within a minute are an accident");
    let seen = (1_704_067_200 + 160) * 1000;
    assert_eq!(call(160, 401).await, ("needs_auth".to_owned(), seen));
    assert_eq!(
        (gateway.agile().await["state"].clone(), gateway.told().await),
        (json!("callable"), vec![REFUSED.to_owned()])
    );
    // It keeps no call from being made.
    assert_eq!(call(161, 200).await, ok);
    assert_eq!(gateway.told().await, [ACCEPTED, REFUSED]);
    assert_eq!(vendor.calls().len(), 8);
}

#[tokio::test]
async fn one_failed_check_is_enough_and_other_settings_begin_anew() {
    let page = json_answer("[]");
    let (no, broken) = (refused(), answer(503, "text/plain", "later"));
    let (gateway, vendor) = over(&[&page, &no, &broken, &broken, &broken, &no, &page], Timestamp::now).await;
    let valid = gateway.validate().await;
    assert_eq!((valid.status, &valid.body["data"]["state"]), (200, &json!("callable")), "{}", valid.text);
    gateway.validate().await.refused(401, "ConnectorCredentialsError");
    let connection = gateway.agile().await;
    assert_eq!(connection["health"], "needs_auth", "{connection}");
    assert!(connection["last_downstream_error_at"].as_i64().unwrap() > 0, "{connection}");
    // A vendor that is out of order says nothing of the key.
    gateway.validate().await.refused(503, "ConnectorExecutionError");
    assert_eq!(gateway.agile().await["health"], "needs_auth");
    let patch = |path: String| {
        let body = json!({ "settings": { "api_key": "another" } }).to_string();
        send(gateway.request(Method::PATCH, &path).header("content-type", "application/json").body(body))
    };
    let saved = patch(AGILE.to_owned()).await;
    assert_eq!(
        (saved.status, &saved.body["data"]["health"]),
        (200, &json!("ok")),
        "nobody has tried it: {}",
        saved.text
    );
    let saved = patch(format!("{AGILE}?validate=true")).await;
    assert_eq!((saved.status, &saved.body["data"]["health"]), (200, &json!("needs_auth")), "{}", saved.text);
    let saved = patch(format!("{AGILE}?validate=true")).await;
    assert_eq!((saved.status, &saved.body["data"]["health"]), (200, &json!("ok")), "{}", saved.text);
    assert!(vendor.calls().iter().all(|call| call == "GET /users"), "{:?}", vendor.calls());
    assert_eq!(gateway.told().await, [REFUSED, REFUSED]);
}

#[tokio::test]
async fn every_built_in_connector_is_checked_against_its_stand_in() {
    let gateway = Gateway::demo().await;
    let services: Vec<_> = gateway.vault.catalog().connectors().map(|connector| connector.service_id.clone()).collect();
    assert_eq!(services.len(), 6);
    for service in services {
        let path = format!("/vault/connections/crm/{service}");
        let shown = gateway.get(&path).await;
        assert_eq!(shown.body["data"]["validation_support"], true, "{service}");
        let connector = gateway.vault.catalog().connector(&service).unwrap();
        assert!(connector.check.is_some(), "{service}");
        // What has tokens has a token end-point of its own, which the sandbox has none of.
        if connector.auth.oauth2().is_none() {
            let valid = gateway.post(&format!("{path}/validate"), &json!({})).await;
            assert_eq!(valid.status, 200, "{service}: {}", valid.text);
        }
    }
}

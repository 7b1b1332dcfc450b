//! The store is lost in the middle of a write: before anything was sent, after the vendor was asked, and after a step was done.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use connection_vault::{ImportedConnection, ImportedTokens, IntegrationPatch, NewConnection, VaultOptions};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::json;
use server::sandbox::{API_KEY, APPLICATION};
use vendor_client::SystemResolver;

use super::relay::{Mood, Relay};
use crate::named_faults::site::Site;
use crate::support::Reply;
use crate::two_servers::Schema;

const REEF: &str = "reef-crm";
const SHOAL: &str = "shoal-crm";

/// A vendor that takes the store away with the request of this number, which it refuses with 401.
struct Desk {
    relay: Arc<Relay>,
    lost_with: usize,
    requests: Mutex<Vec<String>>,
}

async fn answer(State(desk): State<Arc<Desk>>, method: Method, uri: axum::http::Uri) -> (StatusCode, &'static str) {
    let number = {
        let mut requests = desk.requests.lock().unwrap();
        requests.push(format!("{method} {}", uri.path()));
        requests.len()
    };
    if number == desk.lost_with {
        desk.relay.set(Mood::Stopped);
        return (StatusCode::UNAUTHORIZED, "{}");
    }
    (StatusCode::OK, r#"{"id":7,"name":"Ada"}"#)
}

/// A gateway over `PostgreSQL` by way of a relay, and a consumer of each connector.
struct Midway {
    site: Site,
    desk: Arc<Desk>,
    relay: Arc<Relay>,
    schema: Schema,
}

impl Midway {
    async fn new(lost_with: usize) -> Option<Self> {
        let schema = Schema::new().await?;
        let relay = Arc::new(Relay::to(&schema.address()).await);
        let options = VaultOptions::new(relay.address(&schema.address()).parse().unwrap());
        let site = Site::start(options, Arc::new(SystemResolver)).await;
        let desk = Arc::new(Desk { relay: Arc::clone(&relay), lost_with, requests: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&desk));
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let home = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let new = NewConnection::new(&APPLICATION.parse().unwrap(), &"ada".parse().unwrap(), REEF.parse().unwrap());
        site.vault
            .connections()
            .add(new.with_setting("home", home.clone()).with_setting("token", "hush"))
            .await
            .unwrap();
        import(&site, home).await;
        Some(Self { site, desk, relay, schema })
    }

    async fn write(&self, service: &str, method: reqwest::Method, path: &str) -> Reply {
        let person = json!({ "first_name": "Eve", "name": "Ada" });
        self.site.call(service, "ada", method, path, &person).await
    }

    fn requests(&self) -> Vec<String> {
        self.desk.requests.lock().unwrap().clone()
    }
}

/// A connection to Shoal with tokens that are a minute old.
async fn import(site: &Site, home: String) {
    let service = SHOAL.parse().unwrap();
    let client = IntegrationPatch {
        client_id: Some("client-7".to_owned()),
        client_secret: Some("client-secret".into()),
        ..IntegrationPatch::default()
    };
    site.vault.integrations().keep(&APPLICATION.parse().unwrap(), &service, client).await.unwrap();
    let tokens = ImportedTokens {
        access_token: Some("first".into()),
        refresh_token: Some("refresh".into()),
        issued_at: Some(Timestamp::now() - SignedDuration::from_mins(1)),
        expires_in: Some(Duration::from_hours(1)),
    };
    let settings = BTreeMap::from([("home".to_owned(), Some(SecretString::from(home)))]);
    let caller = site.vault.api_keys().caller(API_KEY, &APPLICATION.parse().unwrap()).await.unwrap();
    site.vault
        .authorisations()
        .import(
            &caller,
            &"ada".parse().unwrap(),
            &service,
            ImportedConnection { tokens: Some(tokens), settings, ..ImportedConnection::default() },
        )
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_lost_after_the_vendor_refused_a_write_leaves_it_undone_and_unrepeated() {
    let Some(midway) = Midway::new(1).await else { return };
    let reply = midway.write(SHOAL, reqwest::Method::POST, "/crm/contacts").await;
    let detail = reply.refused(400, "ConnectorExecutionError");
    assert_eq!(detail["outcome"], "not_run", "{detail}");
    assert!(detail["message"].as_str().unwrap().contains("store"), "{detail}");
    assert!(!reply.headers.contains_key("retry-after"));
    assert_eq!(midway.requests(), ["POST /people"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_lost_after_a_step_leaves_a_part_done() {
    let Some(midway) = Midway::new(2).await else { return };
    let reply = midway.write(SHOAL, reqwest::Method::POST, "/crm/leads").await;
    let detail = reply.refused(400, "ConnectorExecutionError");
    assert_eq!(detail["outcome"], "partial", "{detail}");
    assert_eq!((&detail["completed_steps"], &detail["failed_step"]), (&json!(["lead"]), &json!("name")));
    assert_eq!(detail["created_id"], "7");
    assert_eq!(midway.requests(), ["POST /leads", "PUT /leads/7/name"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_lost_with_a_records_lease_lets_nothing_out() {
    let Some(midway) = Midway::new(usize::MAX).await else { return };
    let warm = midway.write(REEF, reqwest::Method::PATCH, "/crm/contacts/7").await;
    assert_eq!(warm.status, 200, "{}", warm.text);
    let before = midway.requests();
    assert_eq!(before, ["GET /people/7", "PUT /people/7"]);
    // The lease is asked for and not given, until there is no store to give it.
    let held = midway.schema.holding("leases").await;
    let write = midway.write(REEF, reqwest::Method::PATCH, "/crm/contacts/7");
    let lost = async {
        held.is_waited_for().await;
        midway.relay.set(Mood::Stopped);
    };
    let (reply, ()) = tokio::join!(write, lost);
    let detail = reply.refused(503, "ServiceUnavailableError").to_string();
    assert!(detail.contains("store") && detail.contains("nothing was sent"), "{detail}");
    assert!(reply.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(midway.requests(), before, "the vendor was not asked");
}

//! `PostgreSQL` is stopped or frozen while calls come in, and comes back.

use std::time::{Duration, Instant};

use connection_vault::{StoreLocation, VaultError, VaultOptions};
use jiff::Timestamp;
use serde_json::json;

use super::relay::{Mood, Relay};
use crate::support::{Reply, send};
use crate::two_servers::Schema;
use crate::vault::house::{ACME, AGILE, House, agile_settings};

/// At the latest so long after it hangs a database is known to do so.
const KNOWN_WITHIN: Duration = Duration::from_secs(3);
const AT_ONCE: Duration = Duration::from_millis(500);

async fn house(serve_without: Duration) -> Option<(House, Relay, Schema)> {
    let schema = Schema::new().await?;
    let relay = Relay::to(&schema.address()).await;
    let location: StoreLocation = relay.address(&schema.address()).parse().unwrap();
    let options = VaultOptions { serve_without, ..VaultOptions::new(location) };
    let house = House::with(options, Timestamp::now).await;
    house.connect("ada").await;
    house.connect("bob").await;
    house.get("ada", "/crm/contacts?limit=1").await.listed();
    Some((house, relay, schema))
}

impl Reply {
    #[track_caller]
    pub fn listed(&self) {
        assert_eq!(self.status, 200, "{}", self.text);
    }

    /// Asserts that the store is away and a later call makes sense.
    #[track_caller]
    fn is_store_away(&self) {
        let detail = self.refused(503, "ServiceUnavailableError").to_string();
        assert!(detail.contains("store") && detail.contains("nothing was sent"), "{detail}");
        assert!(self.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    }
}

/// Asks until the store is known to be away.
async fn known_to_be_away(house: &House) {
    let start = Instant::now();
    while house.get("bob", "/crm/contacts?limit=1").await.status == 200 {
        assert!(start.elapsed() < KNOWN_WITHIN, "still served");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Who was waiting has been told as well by then.
    assert!(start.elapsed() < KNOWN_WITHIN, "{:?}", start.elapsed());
}

async fn quickly(reply: impl Future<Output = Reply>) -> Reply {
    let start = Instant::now();
    let reply = reply.await;
    assert!(start.elapsed() < AT_ONCE, "{:?}: {}", start.elapsed(), reply.text);
    reply
}

async fn healthy(house: &House) -> u16 {
    send(house.anonymous("GET", "/healthz")).await.status
}

async fn served_again(house: &House) {
    let start = Instant::now();
    while house.get("ada", "/crm/contacts?limit=1").await.status != 200 {
        assert!(start.elapsed() < Duration::from_secs(5), "not served again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(healthy(house).await, 200);
    house.call("ada", "PATCH", AGILE, &json!({ "settings": agile_settings() })).await.listed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_told_at_once_that_the_database_is_away() {
    for mood in [Mood::Stopped, Mood::Frozen] {
        let Some((house, relay, _schema)) = house(Duration::ZERO).await else { return };
        assert_eq!(healthy(&house).await, 200);
        relay.set(mood);
        known_to_be_away(&house).await;
        for _ in 0..3 {
            quickly(house.get("ada", "/crm/contacts?limit=1")).await.is_store_away();
            let lead = json!({ "first_name": "Ann" });
            quickly(house.call("ada", "POST", "/crm/contacts", &lead)).await.is_store_away();
            quickly(house.call("ada", "PATCH", AGILE, &json!({ "enabled": true }))).await.is_store_away();
            let listed = house.request(ACME, "ada", "GET", "/proxy").header("x-apideck-downstream-url", "/contacts");
            quickly(send(listed)).await.is_store_away();
        }
        assert_eq!(healthy(&house).await, 503);
        relay.set(Mood::Open);
        served_again(&house).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn for_a_while_what_is_in_memory_serves() {
    for mood in [Mood::Stopped, Mood::Frozen] {
        let serve_without = Duration::from_secs(4);
        let Some((house, relay, _schema)) = house(serve_without).await else { return };
        let start = Instant::now();
        relay.set(mood);
        // Bob is not in memory.
        known_to_be_away(&house).await;
        quickly(house.get("ada", "/crm/contacts?limit=1")).await.listed();
        let created =
            house.call("ada", "POST", "/crm/contacts", &json!({ "first_name": "Ann", "last_name": "Berg" })).await;
        assert_eq!(created.status, 201, "{}", created.text);
        quickly(house.get("bob", "/crm/contacts?limit=1")).await.is_store_away();
        assert_eq!(healthy(&house).await, 503);
        while house.get("ada", "/crm/contacts?limit=1").await.status == 200 {
            assert!(start.elapsed() < serve_without + KNOWN_WITHIN, "served for too long");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(start.elapsed() + Duration::from_secs(1) > serve_without, "{:?}", start.elapsed());
        quickly(house.get("ada", "/crm/contacts?limit=1")).await.is_store_away();
        relay.set(Mood::Open);
        served_again(&house).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_revoked_meanwhile_is_known_when_the_database_is_back() {
    let Some((house, relay, schema)) = house(Duration::from_mins(1)).await else { return };
    relay.set(Mood::Stopped);
    known_to_be_away(&house).await;
    schema.execute("UPDATE api_keys SET revoked_at = 1").await;
    house.get("ada", "/crm/contacts?limit=1").await.listed();
    relay.set(Mood::Open);
    let start = Instant::now();
    while house.get("ada", "/crm/contacts?limit=1").await.status != 401 {
        assert!(start.elapsed() < Duration::from_secs(5), "a revoked key works");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(matches!(
        house.vault.api_keys().caller(ACME.key, &ACME.id.parse().unwrap()).await,
        Err(VaultError::Unauthorized)
    ));
}

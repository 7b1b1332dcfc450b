//! What a server left half done when it ended is told by those that serve after it, and what may still be under way is left alone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connection_vault::{Caller, ConnectionHealth, ImportedConnection, ImportedTokens, Vault};

use crate::store::{TestStore, on_each_engine};
use crate::support::{NEVER, jetty, noon, open_at, soon, with_application};

on_each_engine!(
    whoever_serves_tells_of_authorisations_whose_time_is_over,
    a_code_that_another_server_may_be_exchanging_is_left_to_it,
    a_renewal_that_was_left_is_in_doubt_until_the_next_call,
);

const INTERRUPTED: &str = "vault.connection.authorization.interrupted";
const SHORT: Duration = Duration::from_millis(1);

/// An authorisation of Ann's that has come so far, and ends so many milliseconds after noon.
async fn add_authorization(store: &TestStore, stage: &str, ends: i64) {
    let ends = noon().as_millisecond() + ends;
    let columns = "id, application_id, consumer_id, service_id, link, stage, redirect_uri, sealed, expires_at";
    let values =
        format!("'{stage}', 'app', 'ann', 'jetty-crm', 'link', '{stage}', 'https://app.example', '{{}}', {ends}");
    store.execute(&format!("INSERT INTO authorizations ({columns}) VALUES ({values})")).await;
}

async fn authorizations(store: &TestStore) -> Vec<String> {
    store.column("SELECT stage FROM authorizations ORDER BY stage").await
}

/// A vault with Ann, who has a connection to Jetty.
async fn with_ann(store: &TestStore) -> (Vault, Caller) {
    with_ann_in(store.open().await).await
}

async fn with_ann_in(vault: Vault) -> (Vault, Caller) {
    let (vault, caller) = with_application(vault, "app").await;
    let tokens = ImportedTokens {
        access_token: Some("access-hush".into()),
        refresh_token: Some("refresh-hush".into()),
        issued_at: Some(noon()),
        expires_in: Some(Duration::from_hours(1)),
    };
    let settings = BTreeMap::from([("account".to_owned(), Some("7".into()))]);
    vault
        .authorisations()
        .import(
            &caller,
            &"ann".parse().unwrap(),
            &jetty(),
            ImportedConnection { tokens: Some(tokens), settings, ..ImportedConnection::default() },
        )
        .await
        .unwrap();
    (vault, caller)
}

/// The events since the connection was imported, the newest first: type and detail.
async fn events(vault: &Vault) -> Vec<(String, String)> {
    let events =
        vault.events().list(&"app".parse().unwrap(), Some(&"ann".parse().unwrap()), 100).await.unwrap().into_iter();
    let new = events.take_while(|event| event.detail != "imported");
    new.map(|event| (event.event_type, event.detail)).collect()
}

async fn whoever_serves_tells_of_authorisations_whose_time_is_over(store: TestStore) {
    let (vault, _) = with_ann(&store).await;
    vault.authorisations().tell_of_interruptions(SHORT).await.unwrap();
    for stage in ["asked", "exchanging", "granted"] {
        add_authorization(&store, stage, 0).await;
        soon(async || authorizations(&store).await.is_empty()).await;
    }
    let told = events(&vault).await;
    assert_eq!(told.len(), 2, "a consumer that never came back is no news: {told:?}");
    for ((event_type, detail), owed) in told.iter().zip(["did not confirm", "broke off"]) {
        assert!(event_type == INTERRUPTED && detail.contains(owed), "{told:?}");
    }
}

async fn a_code_that_another_server_may_be_exchanging_is_left_to_it(store: TestStore) {
    let (vault, _) = with_ann(&store).await;
    for stage in ["asked", "exchanging", "granted"] {
        add_authorization(&store, stage, 1000).await;
    }
    vault.authorisations().tell_of_interruptions(NEVER).await.unwrap();
    // A file is for one server.
    let is_alone = matches!(store, TestStore::Sqlite { .. });
    let left: &[&str] = if is_alone { &["asked", "granted"] } else { &["asked", "exchanging", "granted"] };
    assert_eq!(authorizations(&store).await, left);
    assert_eq!(events(&vault).await.len(), usize::from(is_alone));
    // Once it has begun to serve, what it finds may be its own.
    let server = store.open().await;
    server.authorisations().tell_of_interruptions(SHORT).await.unwrap();
    store.execute("DELETE FROM authorizations").await;
    add_authorization(&store, "exchanging", 1000).await;
    add_authorization(&store, "granted", 0).await;
    soon(async || authorizations(&store).await.len() == 1).await;
    assert_eq!(authorizations(&store).await, ["exchanging"]);
}

async fn a_renewal_that_was_left_is_in_doubt_until_the_next_call(store: TestStore) {
    let (vault, caller) = with_ann(&store).await;
    let health = async || vault.connections().view(&caller, &"ann".parse().unwrap(), &jetty()).await.unwrap().health;
    let left = |lease: i64| {
        let lease = noon().as_millisecond() + lease;
        format!("INSERT INTO refreshes SELECT id, 'a server that ended', {lease} FROM connections")
    };
    let is_alone = matches!(store, TestStore::Sqlite { .. });
    store.execute(&left(if is_alone { 1000 } else { 0 })).await;
    assert_eq!(health().await, ConnectionHealth::Ok);
    vault.authorisations().tell_of_interruptions(SHORT).await.unwrap();
    assert_eq!(health().await, ConnectionHealth::PendingRefresh);
    let told = events(&vault).await;
    assert!(told.len() == 1 && told[0].0 == "vault.connection.token_refresh.pending", "{told:?}");
    // It is told once; and a renewal that is under way is left alone.
    store.execute(&left(1000)).await;
    add_authorization(&store, "granted", 0).await;
    soon(async || authorizations(&store).await.is_empty()).await;
    assert_eq!(store.column("SELECT holder FROM refreshes").await.len(), 1);
    assert_eq!(events(&vault).await.len(), 2);
}

static CLOCK_IS_BROKEN: AtomicBool = AtomicBool::new(false);

fn fragile_clock() -> jiff::Timestamp {
    assert!(!CLOCK_IS_BROKEN.load(Ordering::SeqCst), "the clock is broken");
    noon()
}

#[tokio::test]
async fn a_lookout_that_panics_is_counted_and_looks_again() {
    let store = TestStore::sqlite();
    let (vault, _) = with_ann_in(open_at(store.location(), fragile_clock).await).await;
    vault.authorisations().tell_of_interruptions(SHORT).await.unwrap();
    let counts = || vault.jobs().into_iter().find(|counts| counts.job == "find_interruptions").unwrap();
    assert_eq!((counts().panics, counts().restarts), (0, 0));
    CLOCK_IS_BROKEN.store(true, Ordering::SeqCst);
    soon(async || counts().panics > 0).await;
    add_authorization(&store, "granted", 0).await;
    CLOCK_IS_BROKEN.store(false, Ordering::SeqCst);
    soon(async || authorizations(&store).await.is_empty()).await;
    assert!(counts().restarts > 0 && counts().failures == 0, "{:?}", counts());
}

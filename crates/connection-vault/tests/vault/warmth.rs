//! What has been seen once costs no statement, until it changes.

use connection_vault::{VaultError, VaultOptions};
use secrecy::SecretString;

use crate::store::{TestStore, on_each_engine};
use crate::support::{API_KEY, harbor, setting, to_harbor, with_application};

on_each_engine!(
    a_warm_call_sends_no_statement,
    concurrent_cold_calls_share_one_statement,
    a_revoked_api_key_is_refused_at_once,
    what_was_absent_is_found_as_soon_as_it_is_added,
    ids_that_nobody_can_have_cost_neither_statement_nor_memory,
);

async fn a_warm_call_sends_no_statement(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    vault.add_api_key_with_value("app", &SecretString::from(API_KEY)).await.unwrap();
    vault.add_connection(to_harbor("app", "ann")).await.unwrap();
    let call = async || {
        let caller = vault.caller(API_KEY, "app").await.unwrap();
        vault.connection(&caller, "ann", None).await.unwrap();
        vault.connection(&caller, "ann", Some(&harbor())).await.unwrap();
        assert!(vault.connection(&caller, "nobody", None).await.is_err());
        assert!(vault.caller("no-such-api-key", "app").await.is_err());
    };
    // Its own changes call it as well.
    vault.notice_changes().await.unwrap();
    let cold = vault.statements();
    call().await;
    let warm = vault.statements();
    let expected = "the key, the guess, the consumer, the stranger; the application's integrations and its fields";
    assert_eq!(warm - cold, 6, "{expected}");
    for _ in 0..100 {
        call().await;
    }
    assert_eq!(vault.statements(), warm);
    vault.add_connection(to_harbor("app", "bob")).await.unwrap();
    let caller = vault.caller(API_KEY, "app").await.unwrap();
    vault.notice_changes().await.unwrap();
    let warm = vault.statements();
    vault.connection(&caller, "bob", None).await.unwrap();
    assert_eq!(vault.statements() - warm, 1, "of a warm application, a consumer costs its own statement alone");
}

async fn concurrent_cold_calls_share_one_statement(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.add_connection(to_harbor("app", "ann")).await.unwrap();
    // Its own changes call it as well.
    vault.notice_changes().await.unwrap();
    let cold = vault.statements();
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (vault, caller) = (vault.clone(), caller.clone());
            tokio::spawn(async move { vault.connection(&caller, "ann", None).await.map(|found| found.key.clone()) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(vault.statements() - cold, 3, "the consumer, and the application's integrations and fields");
}

async fn a_revoked_api_key_is_refused_at_once(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    let id = vault.add_api_key_with_value("app", &SecretString::from(API_KEY)).await.unwrap();
    vault.caller(API_KEY, "app").await.unwrap();
    vault.revoke_api_key(&id).await.unwrap();
    assert_eq!(vault.caller(API_KEY, "app").await, Err(VaultError::Unauthorized));
}

async fn what_was_absent_is_found_as_soon_as_it_is_added(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    assert!(vault.caller(API_KEY, "app").await.is_err());
    vault.add_api_key_with_value("app", &SecretString::from(API_KEY)).await.unwrap();
    vault.caller(API_KEY, "app").await.unwrap();
    assert!(vault.connection(&caller, "ann", None).await.is_err());
    vault.add_connection(to_harbor("app", "ann")).await.unwrap();
    assert_eq!(setting(&vault, &caller, "ann", "domain").await.as_deref(), Some("acme"));
}

async fn ids_that_nobody_can_have_cost_neither_statement_nor_memory(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    let before = vault.statements();
    for consumer in [String::new(), "x".repeat(1 << 20), "a\nb".to_owned()] {
        let refused = vault.connection(&caller, &consumer, None).await.unwrap_err();
        assert!(matches!(refused, VaultError::NoConnection { .. }));
    }
    assert_eq!(vault.statements(), before);
}

#[test]
fn other_processes_are_looked_at_four_times_a_second() {
    let options = VaultOptions::new(connection_vault::StoreLocation::Memory);
    assert_eq!(options.poll_every.as_millis(), 250);
}

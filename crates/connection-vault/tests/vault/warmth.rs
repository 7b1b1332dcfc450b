//! What has been seen once costs no statement, until it changes.

use connection_vault::{ConnectionState, IntegrationPatch, VaultError, VaultOptions};
use secrecy::SecretString;

use crate::store::{TestStore, on_each_engine};
use crate::support::{API_KEY, harbor, jetty, setting, to_harbor, with_application};

on_each_engine!(
    a_warm_call_sends_no_statement,
    a_list_of_connections_is_one_statement,
    concurrent_cold_calls_share_one_statement,
    no_more_is_kept_in_memory_than_was_allowed,
    a_vault_that_may_keep_nothing_answers_all_the_same,
    a_revoked_api_key_is_refused_at_once,
    what_was_absent_is_found_as_soon_as_it_is_added,
);

async fn a_warm_call_sends_no_statement(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    vault.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    let call = async || {
        let caller = vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
        vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
        vault.calls().connection(&caller, &"ann".parse().unwrap(), Some(&harbor())).await.unwrap();
        assert!(vault.calls().connection(&caller, &"nobody".parse().unwrap(), None).await.is_err());
        assert!(vault.api_keys().caller("no-such-api-key", &"app".parse().unwrap()).await.is_err());
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
    vault.connections().add(to_harbor("app", "bob")).await.unwrap();
    let caller = vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    vault.notice_changes().await.unwrap();
    let warm = vault.statements();
    vault.calls().connection(&caller, &"bob".parse().unwrap(), None).await.unwrap();
    assert_eq!(vault.statements() - warm, 1, "of a warm application, a consumer costs its own statement alone");
}

async fn a_list_of_connections_is_one_statement(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    let client = IntegrationPatch {
        client_id: Some("app-at-jetty".to_owned()),
        client_secret: Some(SecretString::from("hush")),
        ..IntegrationPatch::default()
    };
    vault.integrations().keep(&"app".parse().unwrap(), &jetty(), client).await.unwrap();
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    // Its own changes call it as well.
    vault.notice_changes().await.unwrap();
    let callable = async |consumer: &str| {
        let before = vault.statements();
        let views = vault.connections().views(&caller, &consumer.parse().unwrap()).await.unwrap();
        let callable = views.iter().filter(|view| view.state == ConnectionState::Callable);
        (callable.count(), vault.statements() - before)
    };
    assert_eq!(callable("ann").await, (1, 3), "the list; the application's integrations and its fields");
    for _ in 0..10 {
        assert_eq!(callable("ann").await, (1, 1));
        assert_eq!(callable("nobody").await, (0, 1));
    }
}

async fn concurrent_cold_calls_share_one_statement(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    // Its own changes call it as well.
    vault.notice_changes().await.unwrap();
    let cold = vault.statements();
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (vault, caller) = (vault.clone(), caller.clone());
            tokio::spawn(async move {
                vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.map(|found| found.key.clone())
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(vault.statements() - cold, 3, "the consumer, and the application's integrations and fields");
}

async fn no_more_is_kept_in_memory_than_was_allowed(store: TestStore) {
    const ALLOWED: u64 = 10;
    const CONSUMERS: u64 = 200;
    let vault = store.open_keeping(ALLOWED).await;
    let (vault, caller) = with_application(vault, "app").await;
    for number in 0..CONSUMERS {
        let connection = to_harbor("app", &format!("consumer-{number}")).with_setting("domain", format!("at-{number}"));
        vault.connections().add(connection).await.unwrap();
    }
    // Its own changes call it as well.
    vault.notice_changes().await.unwrap();
    for _ in 0..3 {
        let before = vault.statements();
        for number in 0..CONSUMERS {
            let domain = setting(&vault, &caller, &format!("consumer-{number}"), "domain").await;
            assert_eq!(domain, Some(format!("at-{number}")));
        }
        let read = vault.statements() - before;
        // What is over the bound is let go of a little later.
        assert!(read > CONSUMERS - ALLOWED - 100, "{read} of {CONSUMERS} were not in memory");
    }
}

async fn a_vault_that_may_keep_nothing_answers_all_the_same(store: TestStore) {
    let (vault, _) = with_application(store.open_keeping(0).await, "app").await;
    vault.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    // Its own changes call it as well.
    vault.notice_changes().await.unwrap();
    for _ in 0..2 {
        let before = vault.statements();
        let caller = vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
        assert_eq!(setting(&vault, &caller, "ann", "domain").await.as_deref(), Some("acme"));
        assert_eq!(
            vault.statements() - before,
            4,
            "the key, the consumer; the application's integrations and its fields"
        );
        assert!(vault.calls().connection(&caller, &"nobody".parse().unwrap(), None).await.is_err());
        assert!(vault.api_keys().caller("no-such-api-key", &"app".parse().unwrap()).await.is_err());
    }
}

async fn a_revoked_api_key_is_refused_at_once(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    let id = vault.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    vault.api_keys().revoke(&id).await.unwrap();
    assert_eq!(vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await, Err(VaultError::Unauthorized));
}

async fn what_was_absent_is_found_as_soon_as_it_is_added(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    assert!(vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.is_err());
    vault.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    assert!(vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.is_err());
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    assert_eq!(setting(&vault, &caller, "ann", "domain").await.as_deref(), Some("acme"));
}

#[test]
fn other_processes_are_looked_at_four_times_a_second() {
    let options = VaultOptions::new(connection_vault::StoreLocation::Memory);
    assert_eq!(options.poll_every.as_millis(), 250);
}

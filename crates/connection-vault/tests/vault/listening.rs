//! What only `PostgreSQL` does: it calls when there is something to see, and its connections can be lost.

use std::time::Duration;

use connection_vault::{Vault, VaultError, VaultOptions};
use secrecy::SecretString;

use crate::store::TestStore;
use crate::support::{API_KEY, catalog, harbor, master_key, open, soon, to_harbor};

/// The vaults of two servers that look only when they are called, and a key that the first has in memory.
async fn two_servers(store: &TestStore) -> (Vault, Vault) {
    let (first, second) = (store.open().await, store.open().await);
    second.applications().add(&"app".parse().unwrap(), "An application").await.unwrap();
    second.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    second.connections().add(to_harbor("app", "ann")).await.unwrap();
    first.notice_changes().await.unwrap();
    first.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    (first, second)
}

async fn revoke(vault: &Vault) {
    let keys = vault.api_keys().list(&"app".parse().unwrap()).await.unwrap();
    vault.api_keys().revoke(&keys[0].id).await.unwrap();
}

/// Ends the connections on which vaults listen, as a server does that is restarted.
async fn end_listening(store: &TestStore) {
    let end = "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS TEXT) FROM pg_stat_activity \
               WHERE application_name LIKE current_schema() || ', changes'";
    assert_ne!(store.column(end).await, ["0"]);
}

#[tokio::test]
async fn a_change_calls_the_others() {
    let Some(store) = TestStore::postgres().await else { return };
    let (first, second) = two_servers(&store).await;
    let caller = first.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    first.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    second.connections().disable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    let disabled = Err(VaultError::Disabled(harbor()));
    soon(async || first.calls().connection(&caller, &"ann".parse().unwrap(), None).await.map(|_| ()) == disabled).await;
    revoke(&second).await;
    soon(async || first.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.is_err()).await;
}

#[tokio::test]
async fn what_changes_while_nobody_listens_is_seen_all_the_same() {
    let Some(store) = TestStore::postgres().await else { return };
    let (first, second) = two_servers(&store).await;
    end_listening(&store).await;
    revoke(&second).await;
    soon(async || first.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.is_err()).await;
}

#[tokio::test]
async fn a_vault_that_has_lost_its_connection_listens_anew() {
    let Some(store) = TestStore::postgres().await else { return };
    let (first, second) = two_servers(&store).await;
    end_listening(&store).await;
    soon(async || first.notice_changes().await.is_ok()).await;
    first.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    let warm = first.statements();
    first.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    assert_eq!(first.statements(), warm, "memory is used again");
    revoke(&second).await;
    soon(async || first.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.is_err()).await;
}

#[tokio::test]
async fn while_it_cannot_listen_a_vault_serves_nothing_from_memory() {
    let Some(store) = TestStore::postgres().await else { return };
    let (first, second) = two_servers(&store).await;
    // Listening begins by reading this.
    store.execute("ALTER TABLE change_feed_end RENAME TO hidden").await;
    end_listening(&store).await;
    soon(async || first.notice_changes().await.is_err()).await;
    let before = first.statements();
    for _ in 0..3 {
        first.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    }
    assert_eq!(first.statements() - before, 3);
    store.execute("UPDATE api_keys SET revoked_at = 1").await;
    assert_eq!(
        first.api_keys().caller(API_KEY, &"app".parse().unwrap()).await,
        Err(VaultError::Unauthorized),
        "read anew"
    );
    store.execute("ALTER TABLE hidden RENAME TO change_feed_end").await;
    soon(async || first.notice_changes().await.is_ok()).await;
    drop(second);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_and_the_password_is_not() {
    for (address, owed) in [
        ("postgres://crm:hush@127.0.0.1:1/crm", "127.0.0.1:1"),
        ("mysql://crm:hush@127.0.0.1/crm", "begins with postgres://"),
        ("postgres://crm:hush@127.0.0.1:port/crm", "the database's address"),
        ("postgres://crm:hush@127.0.0.1/crm?sslmode=perhaps", "perhaps"),
    ] {
        let refused = open(address.parse().unwrap()).await.unwrap_err().to_string();
        assert!(refused.contains(owed) && !refused.contains("hush"), "{refused}");
    }
}

#[tokio::test]
async fn a_listener_is_asked_now_and_then_whether_it_is_still_there() {
    let Some(store) = TestStore::postgres().await else { return };
    let (_, second) = two_servers(&store).await;
    let options = VaultOptions {
        cache_entries: 100,
        poll_every: Duration::from_millis(1),
        ..VaultOptions::new(store.location())
    };
    let quick = Vault::open(options, master_key(), catalog("catalog")).await.unwrap();
    quick.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    // Nobody is called any more.
    store.execute("DROP TRIGGER call_watchers ON change_feed").await;
    revoke(&second).await;
    soon(async || quick.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.is_err()).await;
}

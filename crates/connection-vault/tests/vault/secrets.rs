//! What is secret is in no file, no listing and no message; what was tampered with does not open.

use connection_vault::{ConnectionState, StoreLocation, VaultError};
use secrecy::{ExposeSecret, SecretString};

use crate::store::{TestStore, on_each_engine};
use crate::support::{API_KEY, SECRET, harbor, open, setting, to_harbor, to_meadow, with_application};

on_each_engine!(
    what_is_kept_holds_no_secret_and_no_api_key,
    no_listing_shows_a_secret,
    a_blob_that_was_changed_or_moved_makes_the_connection_invalid,
    one_connection_that_cannot_be_opened_does_not_take_the_others_along,
);

async fn what_is_kept_holds_no_secret_and_no_api_key(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    let (_, generated) = vault.api_keys().add(&"app".parse().unwrap()).await.unwrap();
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    assert_eq!(setting(&vault, &caller, "ann", "api_key").await.as_deref(), Some(SECRET));

    assert!(store.holds("ann@acme.example").await, "the search works");
    for secret in [SECRET, API_KEY, generated.expose_secret()] {
        assert!(!store.holds(secret).await);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let location = StoreLocation::File(directory.path().join("vault.db"));
    let (_vault, _) = with_application(open(location).await.unwrap(), "app").await;
    for name in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        let mode = std::fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

async fn no_listing_shows_a_secret(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    vault.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    let new = to_harbor("app", "ann");
    let mut shown = vec![format!("{new:?}")];
    let added = vault.connections().add(new).await.unwrap();
    shown.push(format!("{added:?} {}", serde_json::to_string(&added).unwrap()));
    let keys = vault.api_keys().list(&"app".parse().unwrap()).await.unwrap();
    shown.push(format!("{keys:?} {}", serde_json::to_string(&keys).unwrap()));
    let caller = vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    let connection = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    shown.push(format!("{vault:?} {caller:?} {connection:?}"));
    for shown in shown {
        assert!(!shown.contains(SECRET) && !shown.contains(API_KEY), "{shown}");
    }
    assert_eq!(
        serde_json::to_value(&added).unwrap(),
        serde_json::json!({
            "application_id": "app",
            "consumer_id": "ann",
            "service_id": "harbor-crm",
            "enabled": true,
            "state": "callable",
            "missing_settings": [],
            "settings": { "domain": "acme", "email": "ann@acme.example" },
            "field_map": {},
            "created_at": "2026-02-12T12:00:00Z",
            "updated_at": "2026-02-12T12:00:00Z",
        })
    );
}

async fn a_blob_that_was_changed_or_moved_makes_the_connection_invalid(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    vault.connections().add(to_harbor("app", "eve")).await.unwrap();
    let genuine = store.column("SELECT sealed FROM connections WHERE consumer_id = 'ann'").await.remove(0);

    // Ann's secret in Eve's connection.
    store.execute(&format!("UPDATE connections SET sealed = '{genuine}' WHERE consumer_id = 'eve'")).await;
    let refused = vault.calls().connection(&caller, &"eve".parse().unwrap(), Some(&harbor())).await.unwrap_err();
    assert!(matches!(refused, VaultError::Sealed(_)), "{refused}");
    let refused = vault.calls().connection(&caller, &"eve".parse().unwrap(), None).await.unwrap_err();
    assert!(matches!(refused, VaultError::Sealed(_)), "not `no connection`: {refused}");
    let listed = vault.connections().list(&"app".parse().unwrap(), Some(&"eve".parse().unwrap())).await.unwrap();
    assert_eq!(listed[0].state, ConnectionState::Invalid);

    let changed = genuine.replacen("\"}", "A\"}", 1);
    store.execute(&format!("UPDATE connections SET sealed = '{changed}' WHERE consumer_id = 'ann'")).await;
    let refused = vault.calls().connection(&caller, &"ann".parse().unwrap(), Some(&harbor())).await.unwrap_err();
    assert!(matches!(refused, VaultError::Sealed(_)), "{refused}");
}

async fn one_connection_that_cannot_be_opened_does_not_take_the_others_along(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    vault.connections().add(to_meadow("app", "ann")).await.unwrap();
    store.execute("UPDATE connections SET sealed = '{\"api_key\":\"AAAA\"}' WHERE service_id = 'harbor-crm'").await;
    let connection = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    assert_eq!(connection.connector.service_id.as_str(), "meadow-crm");
}

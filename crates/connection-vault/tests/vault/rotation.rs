//! Another master key: everything is sealed anew, nobody who calls notices, and whatever stops it loses nothing.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use connection_vault::{AdminError, ConnectionState, MasterKey, Rotation, Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};

use crate::store::{TestStore, on_each_engine};
use crate::support::{API_KEY, SECRET, harbor, master_key, open_with_key, setting, to_harbor, to_meadow};

on_each_engine!(
    every_secret_is_sealed_anew,
    who_has_the_old_key_goes_on_until_it_is_retired,
    what_is_added_meanwhile_is_sealed_with_the_new_key,
    a_rotation_that_is_broken_off_anywhere_loses_nothing,
    a_secret_that_does_not_open_is_left_and_counted,
    the_key_in_use_is_no_new_one,
);

pub(crate) async fn open(store: &TestStore, key: &MasterKey) -> Result<Vault, VaultError> {
    open_with_key(store.location(), MasterKey::parse(&key.to_text()).unwrap()).await
}

/// A vault with the usual master key, an application, an API key and so many connections.
async fn with_connections(store: &TestStore, connections: usize) -> Vault {
    let vault = store.open().await;
    vault.applications().add(&"app".parse().unwrap(), "An application").await.unwrap();
    vault.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    for number in 0..connections {
        let secret = format!("{SECRET}-{number}");
        let new = to_harbor("app", &format!("c-{number}")).with_setting("api_key", secret);
        vault.connections().add(new).await.unwrap();
    }
    vault
}

/// Whether every connection is there with its own secret.
async fn all_open(vault: &Vault, connections: usize) {
    let caller = vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    for number in 0..connections {
        let opened = setting(vault, &caller, &format!("c-{number}"), "api_key").await;
        assert_eq!(opened, Some(format!("{SECRET}-{number}")));
    }
    let listed = vault.connections().list(&"app".parse().unwrap(), None).await.unwrap();
    assert!(listed.iter().all(|listed| listed.state == ConnectionState::Callable));
}

async fn blobs(store: &TestStore) -> Vec<String> {
    store.column("SELECT sealed FROM connections ORDER BY id").await
}

/// What the blobs say of the key that they are sealed with: format and id fill the first twelve characters.
async fn keys_in_use(store: &TestStore) -> BTreeSet<String> {
    let blobs = blobs(store).await.into_iter();
    blobs.map(|blob| blob.split('"').nth(3).unwrap()[..12].to_owned()).collect()
}

async fn every_secret_is_sealed_anew(store: TestStore) {
    let vault = with_connections(&store, 120).await;
    let (before, wrapped) = (blobs(&store).await, store.column("SELECT wrapped FROM data_keys").await);
    let purpose = vault.derive("a purpose");
    let key = MasterKey::generate().unwrap();
    let rotated = vault.rotate_master_key(&key).await.unwrap();
    assert_eq!(rotated, Rotation { resealed: 120, broken: 0 });
    let after = blobs(&store).await;
    assert!(before.iter().zip(&after).all(|(before, after)| before != after));
    assert_eq!(keys_in_use(&store).await.len(), 1);
    assert_eq!(vault.rotate_master_key(&key).await.unwrap(), Rotation::default(), "there is no more to do");

    let vault = open(&store, &key).await.unwrap();
    all_open(&vault, 120).await;
    assert_eq!(vault.derive("a purpose"), purpose, "what depends on no secret goes on");
    vault.retire_other_master_keys().await.unwrap();
    assert_eq!(store.column("SELECT CAST(COUNT(*) AS TEXT) FROM data_keys").await, ["1"]);
    all_open(&open(&store, &key).await.unwrap(), 120).await;
    for gone in [&wrapped[0], &before[0], &before[119]] {
        assert!(!store.holds(gone).await, "with the old master key, this would open");
    }
    for secret in [format!("{SECRET}-7"), key.to_text().expose_secret().to_owned()] {
        assert!(!store.holds(&secret).await);
    }
}

async fn who_has_the_old_key_goes_on_until_it_is_retired(store: TestStore) {
    let command_line = with_connections(&store, 3).await;
    let server = store.open().await;
    let caller = server.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    assert!(setting(&server, &caller, "c-0", "api_key").await.is_some());

    let key = MasterKey::generate().unwrap();
    command_line.rotate_master_key(&key).await.unwrap();
    all_open(&server, 3).await;
    server.connections().add(to_harbor("app", "c-3").with_setting("api_key", format!("{SECRET}-3"))).await.unwrap();
    assert_eq!(keys_in_use(&store).await.len(), 1, "sealed with the new key");
    all_open(&store.open().await, 4).await;
    let successor = open(&store, &key).await.unwrap();
    all_open(&successor, 4).await;

    successor.retire_other_master_keys().await.unwrap();
    let refused = open(&store, &master_key()).await.unwrap_err();
    assert_eq!(refused, VaultError::Sealed("this database was sealed with another master key".to_owned()));
    all_open(&successor, 4).await;
    assert!(setting(&server, &caller, "c-0", "api_key").await.is_some(), "a server that still runs has what it needs");
}

async fn what_is_added_meanwhile_is_sealed_with_the_new_key(store: TestStore) {
    let command_line = with_connections(&store, 20).await;
    let server = store.open().await;
    let adding = tokio::spawn(async move {
        for number in 20..60 {
            let secret = format!("{SECRET}-{number}");
            let new = to_harbor("app", &format!("c-{number}")).with_setting("api_key", secret);
            server.connections().add(new).await.unwrap();
        }
    });
    let key = MasterKey::generate().unwrap();
    command_line.rotate_master_key(&key).await.unwrap();
    adding.await.unwrap();
    assert_eq!(keys_in_use(&store).await.len(), 1);
    let successor = open(&store, &key).await.unwrap();
    successor.retire_other_master_keys().await.unwrap();
    all_open(&open(&store, &key).await.unwrap(), 60).await;
}

/// Does some work up to the moment when so many statements have been sent. Whether that was all of it.
pub(crate) async fn for_statements(vault: &Vault, statements: u64, work: impl Future) -> bool {
    let end = vault.statements() + statements;
    let mut work = pin!(work);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending if vault.statements() >= end => Poll::Ready(false),
        Poll::Pending => Poll::Pending,
    })
    .await
}

async fn a_rotation_that_is_broken_off_anywhere_loses_nothing(store: TestStore) {
    drop(with_connections(&store, 3).await);
    let mut statements = 1;
    while statements < 80 {
        let key = MasterKey::generate().unwrap();
        let vault = store.open().await;
        let finished = for_statements(&vault, statements, vault.rotate_master_key(&key)).await;
        drop(vault);
        let survivor = store.open().await;
        all_open(&survivor, 3).await;
        survivor.rotate_master_key(&key).await.unwrap();
        let successor = open(&store, &key).await.unwrap();
        all_open(&successor, 3).await;
        if finished {
            break;
        }
        statements += 1;
        // Back to where it began, with one key.
        successor.retire_other_master_keys().await.unwrap();
        successor.rotate_master_key(&master_key()).await.unwrap();
        store.open().await.retire_other_master_keys().await.unwrap();
    }
    assert!((15..80).contains(&statements), "{statements}");
}

async fn a_secret_that_does_not_open_is_left_and_counted(store: TestStore) {
    let vault = with_connections(&store, 2).await;
    vault.connections().add(to_meadow("app", "c-0")).await.unwrap();
    store.execute("UPDATE connections SET sealed = '{\"token\":\"AAAA\"}' WHERE service_id = 'meadow-crm'").await;
    let key = MasterKey::generate().unwrap();
    assert_eq!(vault.rotate_master_key(&key).await.unwrap(), Rotation { resealed: 2, broken: 1 });
    let successor = open(&store, &key).await.unwrap();
    successor.retire_other_master_keys().await.unwrap();
    let caller = successor.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    successor.calls().connection(&caller, &"c-0".parse().unwrap(), Some(&harbor())).await.unwrap();
}

async fn the_key_in_use_is_no_new_one(store: TestStore) {
    let vault = with_connections(&store, 1).await;
    assert_eq!(vault.rotate_master_key(&master_key()).await.unwrap_err(), AdminError::SameMasterKey);
}

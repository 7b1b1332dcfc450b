//! Who calls, and which connection a call is for.

use std::sync::Arc;

use connection_vault::{ConnectionState, NewConnection, Vault, VaultError, VaultOptions};

use crate::store::{TestStore, on_each_engine};
use crate::support::{
    NEVER, SECRET, catalog, harbor, master_key, meadow, setting, to_harbor, to_meadow, with_application,
};

on_each_engine!(
    the_only_callable_connection_needs_no_name,
    of_several_callable_connections_one_must_be_named,
    a_connection_that_is_switched_off_keeps_everything_but_its_calls,
    a_service_nobody_knows_is_told_from_one_that_is_not_connected,
    credentials_hold_defaults_and_leave_out_what_has_no_value,
    credentials_stay_the_same_and_nothing_newer_is_to_be_had,
    a_later_definition_applies_to_what_was_stored_before_it,
);

async fn the_only_callable_connection_needs_no_name(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    vault
        .connections()
        .add(NewConnection::new(&"app".parse().unwrap(), &"ann".parse().unwrap(), meadow()))
        .await
        .unwrap();
    let connection = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    assert_eq!(connection.connector.service_id, harbor());
    assert_eq!((&*connection.application_id, &*connection.consumer_id), ("app", "ann"));
}

async fn of_several_callable_connections_one_must_be_named(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    vault.connections().add(to_meadow("app", "ann")).await.unwrap();
    let refused = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap_err();
    assert_eq!(refused, VaultError::Ambiguous(vec![harbor(), meadow()]));
    let named = vault.calls().connection(&caller, &"ann".parse().unwrap(), Some(&meadow())).await.unwrap();
    assert_eq!(named.connector.service_id, meadow());

    vault.connections().disable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    let only = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    assert_eq!(only.connector.service_id, meadow());
}

async fn a_connection_that_is_switched_off_keeps_everything_but_its_calls(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    let off = vault.connections().disable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    assert_eq!((off.enabled, off.state), (false, ConnectionState::Callable));
    let refused = vault.calls().connection(&caller, &"ann".parse().unwrap(), Some(&harbor())).await.unwrap_err();
    assert_eq!(refused, VaultError::Disabled(harbor()));
    let refused = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap_err();
    assert_eq!(refused, VaultError::Disabled(harbor()), "the only one is the one that was meant");

    vault.connections().enable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    assert_eq!(setting(&vault, &caller, "ann", "api_key").await.as_deref(), Some(SECRET));
}

async fn a_service_nobody_knows_is_told_from_one_that_is_not_connected(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    let unknown = "no-such-crm".parse().unwrap();
    let refused = vault.calls().connection(&caller, &"ann".parse().unwrap(), Some(&unknown)).await.unwrap_err();
    assert_eq!(refused, VaultError::UnknownService(unknown));
    let refused = vault.calls().connection(&caller, &"ann".parse().unwrap(), Some(&meadow())).await.unwrap_err();
    assert_eq!(refused.to_string(), "consumer `ann` has no connection to meadow-crm");
    let refused = vault.calls().connection(&caller, &"bob".parse().unwrap(), None).await.unwrap_err();
    assert_eq!(refused.to_string(), "consumer `bob` has no connection");
}

async fn credentials_hold_defaults_and_leave_out_what_has_no_value(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    let connection = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    let credentials = connection.credentials.current().await.unwrap();
    let names: Vec<_> = credentials.settings.keys().map(String::as_str).collect();
    assert_eq!(names, ["api_key", "domain", "email", "region"]);
    assert_eq!(setting(&vault, &caller, "ann", "region").await.as_deref(), Some("eu"));
}

async fn credentials_stay_the_same_and_nothing_newer_is_to_be_had(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    let source =
        Arc::clone(&vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap().credentials);
    let first = source.current().await.unwrap();
    assert!(Arc::ptr_eq(&first, &source.current().await.unwrap()));
    assert!(source.refresh(&first).await.unwrap().is_none());
}

async fn a_later_definition_applies_to_what_was_stored_before_it(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann").with_setting("region", "us")).await.unwrap();
    vault.connections().add(to_meadow("app", "ann")).await.unwrap();

    let options = VaultOptions { cache_entries: 100, poll_every: NEVER, ..VaultOptions::new(store.location()) };
    let later = Vault::open(options, master_key(), catalog("later")).await.unwrap();
    let listed = later.connections().list(&"app".parse().unwrap(), None).await.unwrap();
    assert_eq!(listed[0].missing_settings, ["tenant"]);
    assert!(!listed[0].settings.contains_key("region"), "it was harmless and has become a secret");
    assert_eq!(listed[1].state, ConnectionState::Invalid, "its connector is gone");
    later.connections().delete(&"app".parse().unwrap(), &"ann".parse().unwrap(), &meadow()).await.unwrap();
}

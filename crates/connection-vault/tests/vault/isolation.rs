//! What belongs to one application or consumer is nothing to another.

use std::collections::BTreeSet;

use connection_vault::{AdminError, Caller, StoreLocation, Vault, VaultError};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use secrecy::SecretString;

use crate::store::{TestStore, on_each_engine};
use crate::support::{API_KEY, harbor, open, setting, to_harbor, with_application};

on_each_engine!(an_api_key_opens_its_own_application_only, consumers_of_one_name_in_two_applications_are_two,);

async fn an_api_key_opens_its_own_application_only(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "mine").await;
    let (vault, _) = with_application(vault, "theirs").await;
    vault.api_keys().add_chosen(&"mine".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    assert_eq!(&*vault.api_keys().caller(API_KEY, &"mine".parse().unwrap()).await.unwrap().application_id, "mine");
    for application in ["theirs", "nobodys", "MINE"] {
        assert_eq!(
            vault.api_keys().caller(API_KEY, &application.parse().unwrap()).await,
            Err(VaultError::Unauthorized),
            "{application}"
        );
    }
    let taken =
        vault.api_keys().add_chosen(&"theirs".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap_err();
    assert_eq!(taken, AdminError::ApiKeyExists);
    assert!(
        vault
            .api_keys()
            .list(&"theirs".parse().unwrap())
            .await
            .unwrap()
            .iter()
            .all(|key| key.application_id == "theirs".parse().unwrap())
    );
}

async fn consumers_of_one_name_in_two_applications_are_two(store: TestStore) {
    let (vault, mine) = with_application(store.open().await, "mine").await;
    let (vault, theirs) = with_application(vault, "theirs").await;
    vault.connections().add(to_harbor("mine", "ann")).await.unwrap();
    assert!(vault.calls().connection(&theirs, &"ann".parse().unwrap(), Some(&harbor())).await.is_err());
    assert_eq!(vault.connections().list(&"theirs".parse().unwrap(), Some(&"ann".parse().unwrap())).await.unwrap(), []);
    assert!(vault.connections().delete(&"theirs".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.is_err());
    assert!(vault.connections().disable(&"theirs".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.is_err());

    vault.connections().add(to_harbor("theirs", "ann").with_setting("domain", "theirs")).await.unwrap();
    assert_eq!(setting(&vault, &mine, "ann", "domain").await.as_deref(), Some("acme"));
    assert_eq!(setting(&vault, &theirs, "ann", "domain").await.as_deref(), Some("theirs"));
    vault.connections().delete(&"theirs".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    assert_eq!(setting(&vault, &mine, "ann", "domain").await.as_deref(), Some("acme"));
}

/// Some differ in little but where one id ends and the next begins.
const NAMES: [&str; 8] = ["a", "ab", "b", "A", "a:b", "a|b", "%61", "ä"];

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(NAMES.as_slice()).prop_map(str::to_owned)
}

/// Every connection says in its own settings to whom it belongs.
async fn owner_of(vault: &Vault, caller: &Caller, consumer: &str) -> Option<String> {
    let connection = vault.calls().connection(caller, &consumer.parse().unwrap(), None).await.ok()?;
    assert_eq!((&connection.application_id, &*connection.consumer_id), (&caller.application_id, consumer));
    setting(vault, caller, consumer, "email").await
}

fn added() -> impl Strategy<Value = BTreeSet<(String, String)>> {
    prop::collection::btree_set((name(), name()), 0..12)
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        rng_seed: RngSeed::Fixed(20_200_930),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_caller_finds_the_consumers_own_connection_or_none(added in added()) {
        run(async { each_finds_its_own(open(StoreLocation::Memory).await.unwrap(), &added).await });
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4,
        rng_seed: RngSeed::Fixed(20_200_930),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_caller_finds_the_consumers_own_connection_or_none_on_postgres(added in added()) {
        run(async {
            if let Some(store) = TestStore::postgres().await {
                each_finds_its_own(store.open().await, &added).await;
            }
        });
    }
}

async fn each_finds_its_own(mut vault: Vault, added: &BTreeSet<(String, String)>) {
    let mut callers = Vec::new();
    for application in NAMES {
        let caller;
        (vault, caller) = with_application(vault, application).await;
        callers.push(caller);
    }
    for (number, (application, consumer)) in added.iter().enumerate() {
        let new = to_harbor(application, consumer).with_setting("email", format!("owner@{number}"));
        vault.connections().add(new).await.unwrap();
    }
    for caller in &callers {
        for consumer in NAMES {
            let asked = ((*caller.application_id).to_owned(), consumer.to_owned());
            let expected = added.iter().position(|owner| *owner == asked).map(|number| format!("owner@{number}"));
            assert_eq!(owner_of(&vault, caller, consumer).await, expected, "{asked:?}");
        }
        let listed = vault.connections().list(&caller.application_id, None).await.unwrap();
        let listed: Vec<_> =
            listed.into_iter().map(|c| (c.application_id.to_string(), c.consumer_id.to_string())).collect();
        let own = added.iter().filter(|(application, _)| **application == *caller.application_id).cloned();
        // Byte by byte, whatever the database's language is.
        assert_eq!(listed, own.collect::<Vec<_>>());
    }
}

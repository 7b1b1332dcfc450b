//! What belongs to one application or consumer is nothing to another.

use std::collections::BTreeSet;

use connection_vault::{AdminError, Caller, Vault, VaultError};
use proptest::prelude::*;
use secrecy::SecretString;

use crate::support::{API_KEY, harbor, in_memory, setting, to_harbor, with_application};

#[tokio::test]
async fn an_api_key_opens_its_own_application_only() {
    let (vault, _) = with_application(in_memory().await, "mine").await;
    let (vault, _) = with_application(vault, "theirs").await;
    vault.add_api_key_with_value("mine", &SecretString::from(API_KEY)).await.unwrap();
    assert_eq!(&*vault.caller(API_KEY, "mine").await.unwrap().application_id, "mine");
    for application in ["theirs", "nobodys", "", "MINE"] {
        assert_eq!(vault.caller(API_KEY, application).await, Err(VaultError::Unauthorized), "{application}");
    }
    let taken = vault.add_api_key_with_value("theirs", &SecretString::from(API_KEY)).await.unwrap_err();
    assert_eq!(taken, AdminError::ApiKeyExists);
    assert!(vault.api_keys("theirs").await.unwrap().iter().all(|key| key.application_id == "theirs"));
}

#[tokio::test]
async fn consumers_of_one_name_in_two_applications_are_two() {
    let (vault, mine) = with_application(in_memory().await, "mine").await;
    let (vault, theirs) = with_application(vault, "theirs").await;
    vault.add_connection(to_harbor("mine", "ann")).await.unwrap();
    assert!(vault.connection(&theirs, "ann", Some(&harbor())).await.is_err());
    assert_eq!(vault.connections("theirs", Some("ann")).await.unwrap(), []);
    assert!(vault.delete_connection("theirs", "ann", &harbor()).await.is_err());
    assert!(vault.disable_connection("theirs", "ann", &harbor()).await.is_err());

    vault.add_connection(to_harbor("theirs", "ann").with_setting("domain", "theirs")).await.unwrap();
    assert_eq!(setting(&vault, &mine, "ann", "domain").await.as_deref(), Some("acme"));
    assert_eq!(setting(&vault, &theirs, "ann", "domain").await.as_deref(), Some("theirs"));
    vault.delete_connection("theirs", "ann", &harbor()).await.unwrap();
    assert_eq!(setting(&vault, &mine, "ann", "domain").await.as_deref(), Some("acme"));
}

/// One of few names, some of which differ in little but where one id ends and the next begins.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "ab", "b", "A", "a:b", "a/b", "%61", "ä"]).prop_map(str::to_owned)
}

/// Every connection says in its own settings to whom it belongs.
async fn owner_of(vault: &Vault, caller: &Caller, consumer: &str) -> Option<String> {
    let connection = vault.connection(caller, consumer, None).await.ok()?;
    assert_eq!((&connection.application_id, &*connection.consumer_id), (&caller.application_id, consumer));
    setting(vault, caller, consumer, "email").await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_caller_finds_the_consumers_own_connection_or_none(added in prop::collection::btree_set((name(), name()), 0..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut vault = in_memory().await;
            let mut callers = Vec::new();
            for application in ["a", "ab", "b", "A", "a:b", "a/b", "%61", "ä"] {
                let caller;
                (vault, caller) = with_application(vault, application).await;
                callers.push(caller);
            }
            for (number, (application, consumer)) in added.iter().enumerate() {
                let new = to_harbor(application, consumer).with_setting("email", format!("owner@{number}"));
                vault.add_connection(new).await.unwrap();
            }
            for caller in &callers {
                for consumer in ["a", "ab", "b", "A", "a:b", "a/b", "%61", "ä"] {
                    let asked = ((*caller.application_id).to_owned(), consumer.to_owned());
                    let expected = added.iter().position(|owner| *owner == asked).map(|number| format!("owner@{number}"));
                    assert_eq!(owner_of(&vault, caller, consumer).await, expected, "{asked:?}");
                }
                let listed = vault.connections(&caller.application_id, None).await.unwrap();
                let listed: BTreeSet<_> = listed.into_iter().map(|c| (c.application_id, c.consumer_id)).collect();
                let own = added.iter().filter(|(application, _)| **application == *caller.application_id).cloned();
                assert_eq!(listed, own.collect());
            }
        });
    }
}

//! The way out: what an operator takes elsewhere, and the record of it.

use std::collections::BTreeMap;
use std::time::Duration;

use connection_vault::{AdminError, Caller, ExportedConnection, ImportedConnection, ImportedTokens, Vault, VaultError};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::store::{TestStore, on_each_engine};
use crate::support::{SECRET, harbor, jetty, noon, to_harbor, with_application};

on_each_engine!(
    an_export_holds_all_that_another_system_needs,
    an_export_can_be_imported_elsewhere,
    an_export_is_on_record_without_a_secret,
    where_a_secret_does_not_open_nothing_is_handed_out,
    what_belongs_to_others_is_not_exported,
);

const TOKEN: &str = "access-hush-hush";
const RENEWS: &str = "refresh-hush-hush";

/// A vault whose consumer `ann` is connected to Harbor by an API key and to Jetty by tokens.
async fn connected(vault: Vault) -> (Vault, Caller) {
    let (vault, caller) = with_application(vault, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    let tokens = ImportedTokens {
        access_token: Some(TOKEN.into()),
        refresh_token: Some(RENEWS.into()),
        issued_at: Some(noon() - SignedDuration::from_mins(5)),
        expires_in: Some(Duration::from_hours(1)),
    };
    let settings = BTreeMap::from([("account".to_owned(), Some(SecretString::from("acme")))]);
    let metadata = json!({ "id": "acme-1" }).as_object().cloned();
    vault
        .authorisations()
        .import(
            &caller,
            &"ann".parse().unwrap(),
            &jetty(),
            ImportedConnection { tokens: Some(tokens), settings, metadata },
        )
        .await
        .unwrap();
    (vault, caller)
}

fn exposed(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret)
}

fn settings(exported: &ExportedConnection) -> Vec<(&str, &str)> {
    exported.settings.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect()
}

async fn an_export_holds_all_that_another_system_needs(store: TestStore) {
    let (vault, _) = connected(store.open().await).await;
    vault.connections().disable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    let exported = vault.connections().export(&"app".parse().unwrap(), &"ann".parse().unwrap(), None).await.unwrap();
    let [by_key, by_token] = exported.as_slice() else { panic!("{exported:?}") };
    assert_eq!((&by_key.service_id, by_key.enabled), (&harbor(), false));
    assert_eq!(settings(by_key), [("api_key", SECRET), ("domain", "acme"), ("email", "ann@acme.example")]);
    assert!(by_key.access_token.is_none() && by_key.issued_at.is_none() && by_key.expires_at.is_none());

    assert_eq!((&by_token.service_id, by_token.enabled), (&jetty(), true));
    assert_eq!(exposed(by_token.access_token.as_ref()), Some(TOKEN));
    assert_eq!(exposed(by_token.refresh_token.as_ref()), Some(RENEWS));
    assert_eq!(by_token.issued_at, Some(noon() - SignedDuration::from_mins(5)));
    assert_eq!(by_token.expires_at, Some(noon() + SignedDuration::from_mins(55)));
    assert_eq!(settings(by_token), [("account", "acme")]);
    assert_eq!(by_token.metadata.as_ref().unwrap()["id"], "acme-1");
    let shown = format!("{exported:?}");
    assert!(![SECRET, TOKEN, RENEWS].iter().any(|secret| shown.contains(secret)), "{shown}");

    let alone =
        vault.connections().export(&"app".parse().unwrap(), &"ann".parse().unwrap(), Some(&jetty())).await.unwrap();
    assert_eq!(alone.iter().map(|connection| &connection.service_id).collect::<Vec<_>>(), [&jetty()]);
}

async fn an_export_can_be_imported_elsewhere(store: TestStore) {
    let (vault, _) = connected(store.open().await).await;
    let elsewhere = TestStore::sqlite();
    let (other, caller) = with_application(elsewhere.open().await, "other").await;
    for connection in vault.connections().export(&"app".parse().unwrap(), &"ann".parse().unwrap(), None).await.unwrap()
    {
        let expires_in = connection.expires_at.zip(connection.issued_at).map(|(end, start)| end.duration_since(start));
        let tokens = connection.access_token.map(|token| ImportedTokens {
            access_token: Some(token),
            refresh_token: connection.refresh_token,
            issued_at: connection.issued_at,
            expires_in: expires_in.map(SignedDuration::unsigned_abs),
        });
        let settings = connection.settings.into_iter().map(|(name, value)| (name, Some(value))).collect();
        let service = connection.service_id;
        other
            .authorisations()
            .import(
                &caller,
                &"ann".parse().unwrap(),
                &service,
                ImportedConnection { tokens, settings, metadata: connection.metadata },
            )
            .await
            .unwrap();
    }
    let describe = |exported: Vec<ExportedConnection>| -> Vec<String> {
        let one = |c: &ExportedConnection| {
            let tokens = [exposed(c.access_token.as_ref()), exposed(c.refresh_token.as_ref())];
            format!(
                "{} {tokens:?} {:?} {:?} {:?} {:?}",
                c.service_id,
                settings(c),
                c.issued_at,
                c.expires_at,
                c.metadata
            )
        };
        exported.iter().map(one).collect()
    };
    let there =
        describe(other.connections().export(&"other".parse().unwrap(), &"ann".parse().unwrap(), None).await.unwrap());
    assert_eq!(
        there,
        describe(vault.connections().export(&"app".parse().unwrap(), &"ann".parse().unwrap(), None).await.unwrap())
    );
}

async fn an_export_is_on_record_without_a_secret(store: TestStore) {
    let (vault, _) = connected(store.open().await).await;
    vault.connections().export(&"app".parse().unwrap(), &"ann".parse().unwrap(), None).await.unwrap();
    let events =
        store.open().await.events().list(&"app".parse().unwrap(), Some(&"ann".parse().unwrap()), 2).await.unwrap();
    let events: Vec<_> = events.iter().map(|e| [&e.service_id, &e.event_type, &e.detail].map(String::as_str)).collect();
    assert_eq!(
        events,
        [
            ["jetty-crm", "vault.connection.exported", "oauth.access_token, oauth.refresh_token"],
            ["harbor-crm", "vault.connection.exported", "api_key"],
        ]
    );
    for secret in [SECRET, TOKEN, RENEWS] {
        assert!(!store.holds(secret).await, "{secret}");
    }
}

async fn where_a_secret_does_not_open_nothing_is_handed_out(store: TestStore) {
    let (vault, _) = connected(store.open().await).await;
    store.execute("UPDATE connections SET sealed = '{\"api_key\":\"AAAA\"}' WHERE service_id = 'harbor-crm'").await;
    let before = vault.events().list(&"app".parse().unwrap(), None, 100).await.unwrap();
    let refused = vault.connections().export(&"app".parse().unwrap(), &"ann".parse().unwrap(), None).await.unwrap_err();
    assert!(matches!(&refused, AdminError::Vault(VaultError::Sealed(why)) if why.contains("harbor-crm")), "{refused}");
    assert_eq!(vault.events().list(&"app".parse().unwrap(), None, 100).await.unwrap(), before, "nothing was taken out");
    vault.connections().export(&"app".parse().unwrap(), &"ann".parse().unwrap(), Some(&jetty())).await.unwrap();
}

async fn what_belongs_to_others_is_not_exported(store: TestStore) {
    let (vault, _) = connected(store.open().await).await;
    let (vault, _) = with_application(vault, "other").await;
    vault.connections().add(to_harbor("other", "bob")).await.unwrap();
    for (application, consumer, owed) in [
        ("other", "ann", "consumer `ann` has no connection"),
        ("app", "bob", "consumer `bob` has no connection"),
        ("nobodys", "ann", "there is no application `nobodys`"),
    ] {
        let refused = vault
            .connections()
            .export(&application.parse().unwrap(), &consumer.parse().unwrap(), None)
            .await
            .unwrap_err();
        assert_eq!(refused.to_string(), owed);
    }
    let refused = vault
        .connections()
        .export(&"other".parse().unwrap(), &"bob".parse().unwrap(), Some(&jetty()))
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "consumer `bob` has no connection to jetty-crm");
}

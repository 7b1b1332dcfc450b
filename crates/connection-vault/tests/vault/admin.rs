//! What an administrator adds, changes and lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use connection_vault::{
    AdminError, ConnectionPatch, ConnectionState, FieldMap, NewConnection, SettingProblem, VaultError,
};
use secrecy::{ExposeSecret, SecretString};
use unified_model::Resource;

use crate::store::{TestStore, on_each_engine};
use crate::support::{API_KEY, SECRET, harbor, meadow, noon, setting, to_harbor, to_meadow, with_application};

on_each_engine!(
    applications_are_listed_by_id,
    what_is_there_cannot_be_added_again,
    many_connections_are_added_together_or_not_at_all,
    what_is_not_there_is_named,
    names_are_printable_and_not_endless,
    what_nobody_can_be_called_is_not_there,
    an_api_key_is_shown_once_and_listed_by_its_end,
    a_chosen_api_key_must_fit_a_header_and_shows_nothing_of_itself,
    every_setting_that_does_not_fit_is_named_and_no_value_is,
    a_connection_without_its_required_settings_is_added_but_not_callable,
    a_patch_changes_what_it_names_and_takes_away_what_is_none,
    a_patch_that_does_not_fit_changes_nothing,
    a_value_that_a_setting_does_not_take_is_refused_with_those_that_it_does,
    a_deleted_connection_can_be_added_anew,
    a_field_map_that_does_not_fit_is_refused_with_every_mistake,
    a_connections_own_field_map_is_laid_over_its_connector_alone,
    connections_are_listed_for_all_consumers_or_for_one,
);

async fn applications_are_listed_by_id(store: TestStore) {
    let vault = store.open().await;
    vault.applications().add(&"zoo".parse().unwrap(), "The zoo").await.unwrap();
    vault.applications().add(&"ark".parse().unwrap(), "The ark").await.unwrap();
    let applications = vault.applications().list().await.unwrap();
    assert_eq!(applications.iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), ["ark", "zoo"]);
    assert_eq!(applications[0].created_at, noon());
}

async fn what_is_there_cannot_be_added_again(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    let key = SecretString::from(API_KEY);
    vault.api_keys().add_chosen(&"app".parse().unwrap(), &key).await.unwrap();
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();

    let again = vault.applications().add(&"app".parse().unwrap(), "The same").await.unwrap_err();
    assert_eq!(again.to_string(), "there is an application `app` already");
    let again = vault.api_keys().add_chosen(&"app".parse().unwrap(), &key).await.unwrap_err();
    assert_eq!(again.to_string(), "that API key exists already");
    let again = vault.connections().add(to_harbor("app", "ann")).await.unwrap_err();
    assert_eq!(again.to_string(), "consumer `ann` is connected to harbor-crm already");
}

async fn many_connections_are_added_together_or_not_at_all(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    assert!(vault.calls().connection(&caller, &"bob".parse().unwrap(), None).await.is_err());

    let one_is_there =
        vault.connections().add_all(&"app".parse().unwrap(), [to_harbor("app", "bob"), to_harbor("app", "ann")]).await;
    assert_eq!(one_is_there.unwrap_err().to_string(), "consumer `ann` is connected to harbor-crm already");
    let one_does_not_fit = [to_harbor("app", "bob"), to_harbor("app", "cid").with_setting("colour", "red")];
    assert!(matches!(
        vault.connections().add_all(&"app".parse().unwrap(), one_does_not_fit).await,
        Err(AdminError::Settings { .. })
    ));
    let nobodys = vault.connections().add_all(&"zoo".parse().unwrap(), [to_harbor("zoo", "bob")]).await.unwrap_err();
    assert_eq!(nobodys, AdminError::UnknownApplication("zoo".to_owned()));
    assert!(vault.calls().connection(&caller, &"bob".parse().unwrap(), None).await.is_err());

    vault
        .connections()
        .add_all(&"app".parse().unwrap(), [to_harbor("app", "bob"), to_meadow("app", "ann")])
        .await
        .unwrap();
    assert_eq!(setting(&vault, &caller, "bob", "domain").await.as_deref(), Some("acme"), "although it was absent");
    assert_eq!(vault.connections().list(&"app".parse().unwrap(), None).await.unwrap().len(), 3);
}

async fn what_is_not_there_is_named(store: TestStore) {
    let vault = store.open().await;
    let absent = AdminError::UnknownApplication("app".to_owned());
    assert_eq!(vault.api_keys().add(&"app".parse().unwrap()).await.unwrap_err(), absent);
    assert_eq!(vault.api_keys().list(&"app".parse().unwrap()).await.unwrap_err(), absent);
    assert_eq!(vault.connections().list(&"app".parse().unwrap(), None).await.unwrap_err(), absent);
    assert_eq!(vault.connections().add(to_harbor("app", "ann")).await.unwrap_err(), absent);
    let no_key = vault.api_keys().revoke(&"k-1".parse().unwrap()).await.unwrap_err();
    assert_eq!(no_key.to_string(), "there is no API key with the id `k-1`");

    let (vault, _) = with_application(vault, "app").await;
    let unknown = NewConnection::new(&"app".parse().unwrap(), &"ann".parse().unwrap(), "no-such-crm".parse().unwrap());
    let unknown = vault.connections().add(unknown).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no connector `no-such-crm`");
    for absent in [
        vault.connections().enable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap_err(),
        vault.connections().delete(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap_err(),
    ] {
        assert_eq!(absent.to_string(), "consumer `ann` has no connection to harbor-crm");
    }
}

async fn what_nobody_can_be_called_is_not_there(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    for name in ["", "a\0b", &"x".repeat(1 << 20)] {
        let absent = AdminError::UnknownApiKey(name.to_owned().into());
        assert_eq!(vault.api_keys().revoke(&name.to_owned().into()).await.unwrap_err(), absent);
    }
}

async fn names_are_printable_and_not_endless(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    for name in ["", " ann", "ann ", "a\nb", "a\0b", &"x".repeat(256), &"x".repeat(1 << 20)] {
        let refused = connection_vault::application_id(name).unwrap_err();
        assert_eq!(refused, AdminError::Name { what: "an application id" }, "{name:?}");
        let refused = connection_vault::consumer_id(name).unwrap_err();
        assert_eq!(refused, AdminError::Name { what: "a consumer id" }, "{name:?}");
    }
    for name in ["a", "ann@acme.example", "Ångström & Söhne", &"ö".repeat(255)] {
        vault.connections().add(to_harbor("app", name)).await.unwrap();
    }
}

async fn an_api_key_is_shown_once_and_listed_by_its_end(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    let (id, key) = vault.api_keys().add(&"app".parse().unwrap()).await.unwrap();
    let key = key.expose_secret();
    assert!(key.starts_with("tlk_") && key.len() >= 36, "{} characters", key.len());
    let listed = vault.api_keys().list(&"app".parse().unwrap()).await.unwrap();
    let listed = listed.iter().find(|listed| listed.id == id).unwrap();
    assert_eq!(listed.hint, format!("…{}", &key[key.len() - 4..]));
    assert_eq!(listed.revoked_at, None);

    vault.api_keys().revoke(&id).await.unwrap();
    vault.api_keys().revoke(&id).await.unwrap();
    let listed = vault.api_keys().list(&"app".parse().unwrap()).await.unwrap();
    assert_eq!(listed.iter().find(|listed| listed.id == id).unwrap().revoked_at, Some(noon()));
}

async fn a_chosen_api_key_must_fit_a_header_and_shows_nothing_of_itself(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    for key in ["", "short", "with a space", "with-ümlaut", &"x".repeat(256)] {
        let refused = vault.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(key)).await.unwrap_err();
        assert_eq!(refused, AdminError::ApiKeyMalformed, "{key}");
    }
    let id = vault.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from("sandbox-key")).await.unwrap();
    let listed = vault.api_keys().list(&"app".parse().unwrap()).await.unwrap();
    assert_eq!(listed.iter().find(|listed| listed.id == id).unwrap().hint, "…");
}

async fn every_setting_that_does_not_fit_is_named_and_no_value_is(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    let wrong = NewConnection::new(&"app".parse().unwrap(), &"ann".parse().unwrap(), harbor())
        .with_setting("domain", "Not A Domain")
        .with_setting("email", "nobody")
        .with_setting("api_key", "line\nbreak")
        .with_setting("callback", "ftp://acme.example")
        .with_setting("shoe_size", "forty-two");
    let refused = vault.connections().add(wrong).await.unwrap_err();
    let AdminError::Settings { service, problems } = &refused else { panic!("{refused}") };
    assert_eq!(*service, harbor());
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "`api_key` must be one line without control characters",
            "`callback` must be an absolute address with https://",
            "`domain` must match ^[a-z0-9-]+$",
            "`email` must be an e-mail address",
            "`shoe_size` is not one of its settings (domain, email, api_key, region, callback)",
        ]
    );
    for value in ["Not A Domain", "nobody", "break", "ftp", "forty"] {
        assert!(!refused.to_string().contains(value), "{refused}");
    }
    assert_eq!(vault.connections().list(&"app".parse().unwrap(), None).await.unwrap(), []);
}

async fn a_connection_without_its_required_settings_is_added_but_not_callable(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    let begun = NewConnection::new(&"app".parse().unwrap(), &"ann".parse().unwrap(), harbor())
        .with_setting("domain", "acme")
        .with_setting("email", "");
    let added = vault.connections().add(begun).await.unwrap();
    assert_eq!(added.state, ConnectionState::Added);
    assert_eq!(added.missing_settings, ["email", "api_key"]);
    let refused = vault.calls().connection(&caller, &"ann".parse().unwrap(), Some(&harbor())).await.unwrap_err();
    assert_eq!(refused.to_string(), "the connection to harbor-crm lacks email, api_key");

    let rest = [("email", "ann@acme.example"), ("api_key", SECRET)];
    let settings = rest.map(|(name, value)| (name.to_owned(), Some(SecretString::from(value))));
    let patch = ConnectionPatch { settings: settings.into(), ..ConnectionPatch::default() };
    let completed =
        vault.connections().update(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor(), patch).await.unwrap();
    assert_eq!(completed.state, ConnectionState::Callable);
    assert_eq!(setting(&vault, &caller, "ann", "api_key").await.as_deref(), Some(SECRET));
}

async fn a_patch_changes_what_it_names_and_takes_away_what_is_none(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann").with_setting("region", "us")).await.unwrap();
    let before = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    let settings = [("domain", Some("other".into())), ("api_key", Some(SECRET.into())), ("region", None)];
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    let patch = ConnectionPatch { settings: settings.into(), ..ConnectionPatch::default() };
    let patched =
        vault.connections().update(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor(), patch).await.unwrap();
    let shown = [("domain", "other"), ("email", "ann@acme.example")];
    assert_eq!(patched.settings, shown.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!(setting(&vault, &caller, "ann", "domain").await.as_deref(), Some("other"));
    assert_eq!(setting(&vault, &caller, "ann", "region").await.as_deref(), Some("eu"), "the definition's default");
    assert_eq!(setting(&vault, &caller, "ann", "api_key").await.as_deref(), Some(SECRET));

    let after = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    assert_ne!(before.key, after.key, "what was cached for the first account is not served for the second");
}

async fn a_patch_that_does_not_fit_changes_nothing(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    let settings = [("domain", Some("fine".into())), ("shoe_size", None)];
    let settings: BTreeMap<_, _> = settings.map(|(name, value)| (name.to_owned(), value)).into();
    let patch = ConnectionPatch { settings, enabled: Some(false), ..ConnectionPatch::default() };
    let refused = vault
        .connections()
        .update(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor(), patch)
        .await
        .unwrap_err();
    let AdminError::Settings { problems, .. } = refused else { panic!("{refused}") };
    assert!(matches!(&problems[..], [SettingProblem::Unknown { setting, .. }] if setting == "shoe_size"));
    assert_eq!(setting(&vault, &caller, "ann", "domain").await.as_deref(), Some("acme"));
}

async fn a_value_that_a_setting_does_not_take_is_refused_with_those_that_it_does(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    let wrong = [("mode", "kind"), ("notes", "yes"), ("zone", "Mars/Olympus")];
    let connection =
        wrong.into_iter().fold(to_meadow("app", "ann"), |new, (name, value)| new.with_setting(name, value));
    let AdminError::Settings { problems, .. } = vault.connections().add(connection).await.unwrap_err() else {
        panic!()
    };
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "`mode` must be one of type, tag",
            "`notes` must be one of true, false",
            "`zone` must be the IANA name of a time zone, such as Europe/Zurich"
        ]
    );
    let right = to_meadow("app", "ann").with_setting("notes", "true").with_setting("zone", "Europe/Zurich");
    vault.connections().add(right).await.unwrap();
    let connection = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    let value = |name| connection.settings.get(name);
    assert_eq!([value("mode"), value("notes"), value("token")], [Some("type"), Some("true"), None]);
}

async fn a_deleted_connection_can_be_added_anew(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    let before = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    vault.connections().delete(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    assert_eq!(vault.connections().list(&"app".parse().unwrap(), None).await.unwrap(), []);
    let refused = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap_err();
    assert_eq!(refused, VaultError::NoConnection { consumer_id: "ann".to_owned(), service: None });
    vault.connections().add(to_harbor("app", "ann")).await.unwrap();
    assert_ne!(vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap().key, before.key);
}

async fn a_field_map_that_does_not_fit_is_refused_with_every_mistake(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    let lines = BTreeMap::from([("no_such_field".to_owned(), "custom.shoe_size".to_owned())]);
    let mut connection =
        NewConnection::new(&"app".parse().unwrap(), &"ann".parse().unwrap(), "agile-crm".parse().unwrap());
    connection.field_map = FieldMap::from([(Resource::Contacts, lines)]);
    let refused = vault.connections().add(connection).await.unwrap_err();
    let AdminError::FieldMap { problems, .. } = &refused else { panic!("{refused}") };
    assert!(problems.iter().any(|problem| problem.to_string().contains("no_such_field")), "{refused}");
    assert_eq!(vault.connections().list(&"app".parse().unwrap(), None).await.unwrap(), []);
}

async fn a_connections_own_field_map_is_laid_over_its_connector_alone(store: TestStore) {
    let (vault, caller) = with_application(store.open().await, "app").await;
    let lines = BTreeMap::from([("description".to_owned(), "custom.about".to_owned())]);
    let mut mapped = to_harbor("app", "ann");
    mapped.field_map = FieldMap::from([(Resource::Companies, lines)]);
    let added = vault.connections().add(mapped.clone()).await.unwrap();
    assert_eq!((added.state, &added.field_map), (ConnectionState::Callable, &mapped.field_map));
    vault.connections().add(to_harbor("app", "bob")).await.unwrap();

    let anns = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    let bobs = vault.calls().connection(&caller, &"bob".parse().unwrap(), None).await.unwrap();
    let shared = vault.catalog().connector(&harbor()).unwrap();
    assert!(!Arc::ptr_eq(&anns.connector, shared) && Arc::ptr_eq(&bobs.connector, shared));

    let patch = ConnectionPatch { field_map: Some(FieldMap::new()), ..ConnectionPatch::default() };
    vault.connections().update(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor(), patch).await.unwrap();
    let anns = vault.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    assert!(Arc::ptr_eq(&anns.connector, shared));
}

async fn connections_are_listed_for_all_consumers_or_for_one(store: TestStore) {
    let (vault, _) = with_application(store.open().await, "app").await;
    for consumer in ["bob", "ann"] {
        vault.connections().add(to_harbor("app", consumer)).await.unwrap();
    }
    vault
        .connections()
        .add(NewConnection::new(&"app".parse().unwrap(), &"ann".parse().unwrap(), meadow()))
        .await
        .unwrap();
    let listed = vault.connections().list(&"app".parse().unwrap(), None).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|c| (c.consumer_id.as_str(), c.service_id.as_str())).collect();
    assert_eq!(listed, [("ann", "harbor-crm"), ("ann", "meadow-crm"), ("bob", "harbor-crm")]);
    assert_eq!(
        vault.connections().list(&"app".parse().unwrap(), Some(&"bob".parse().unwrap())).await.unwrap().len(),
        1
    );
    assert_eq!(vault.connections().list(&"app".parse().unwrap(), Some(&"eve".parse().unwrap())).await.unwrap(), []);
}

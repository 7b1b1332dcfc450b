//! Several vaults over one database, as servers and a command line are.

use std::time::Duration;

use connection_vault::{ConnectionPatch, Vault, VaultError, VaultOptions};
use secrecy::SecretString;

use crate::store::{TestStore, on_each_engine};
use crate::support::{API_KEY, SECRET, catalog, harbor, master_key, open, setting, soon, to_harbor};

on_each_engine!(
    what_the_command_line_changes_the_server_sees,
    another_consumers_change_leaves_this_one_warm,
    a_server_that_is_far_behind_forgets_everything,
    the_server_looks_by_itself,
    vaults_that_open_a_new_database_at_once_make_it_once,
    a_vault_that_is_dropped_watches_no_more,
    two_processes_that_add_at_once_lose_nothing,
    two_that_patch_one_connection_at_once_both_patch_it,
    a_refused_change_leaves_no_gap_in_the_record,
    a_database_of_a_newer_build_is_left_alone,
);

async fn server_and_command_line(store: &TestStore) -> (Vault, Vault) {
    let command_line = store.open().await;
    command_line.applications().add(&"app".parse().unwrap(), "An application").await.unwrap();
    (store.open().await, command_line)
}

async fn what_the_command_line_changes_the_server_sees(store: TestStore) {
    let (server, command_line) = server_and_command_line(&store).await;
    assert_eq!(server.api_keys().caller(API_KEY, &"app".parse().unwrap()).await, Err(VaultError::Unauthorized));

    let key = SecretString::from(API_KEY);
    let key_id = command_line.api_keys().add_chosen(&"app".parse().unwrap(), &key).await.unwrap();
    command_line.connections().add(to_harbor("app", "ann")).await.unwrap();
    server.notice_changes().await.unwrap();
    let caller = server.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    assert_eq!(setting(&server, &caller, "ann", "domain").await.as_deref(), Some("acme"));

    let settings = [("domain".to_owned(), Some("other".into())), ("api_key".to_owned(), Some(SECRET.into()))];
    let patch = ConnectionPatch { settings: settings.into(), ..ConnectionPatch::default() };
    command_line
        .connections()
        .update(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor(), patch)
        .await
        .unwrap();
    server.notice_changes().await.unwrap();
    assert_eq!(setting(&server, &caller, "ann", "domain").await.as_deref(), Some("other"));

    command_line.connections().delete(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    command_line.api_keys().revoke(&key_id).await.unwrap();
    server.notice_changes().await.unwrap();
    assert!(server.calls().connection(&caller, &"ann".parse().unwrap(), None).await.is_err());
    assert_eq!(server.api_keys().caller(API_KEY, &"app".parse().unwrap()).await, Err(VaultError::Unauthorized));
}

async fn another_consumers_change_leaves_this_one_warm(store: TestStore) {
    let (server, command_line) = server_and_command_line(&store).await;
    let (server, caller) = {
        command_line.connections().add(to_harbor("app", "ann")).await.unwrap();
        command_line.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
        let caller = server.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
        (server, caller)
    };
    server.notice_changes().await.unwrap();
    server.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
    let warm = server.statements();
    // Consumers share counters, so one of many may be read anew for another's sake; two in a row are not.
    let mut disturbed = 0;
    for other in 0..8 {
        command_line.connections().add(to_harbor("app", &format!("other-{other}"))).await.unwrap();
        server.notice_changes().await.unwrap();
        server.calls().connection(&caller, &"ann".parse().unwrap(), None).await.unwrap();
        disturbed = server.statements() - warm;
    }
    assert!(disturbed < 8, "{disturbed}");
}

async fn a_server_that_is_far_behind_forgets_everything(store: TestStore) {
    let (server, command_line) = server_and_command_line(&store).await;
    let key_id =
        command_line.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    server.notice_changes().await.unwrap();
    server.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    command_line.api_keys().revoke(&key_id).await.unwrap();
    command_line.connections().add(to_harbor("app", "ann")).await.unwrap();
    for _ in 0..128 {
        command_line.connections().disable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
        command_line.connections().enable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    }
    server.notice_changes().await.unwrap();
    assert_eq!(server.api_keys().caller(API_KEY, &"app".parse().unwrap()).await, Err(VaultError::Unauthorized));
}

async fn the_server_looks_by_itself(store: TestStore) {
    let (_, command_line) = server_and_command_line(&store).await;
    let key_id =
        command_line.api_keys().add_chosen(&"app".parse().unwrap(), &SecretString::from(API_KEY)).await.unwrap();
    let options = VaultOptions {
        cache_entries: 100,
        poll_every: Duration::from_millis(1),
        ..VaultOptions::new(store.location())
    };
    let server = Vault::open(options, master_key(), catalog("catalog")).await.unwrap();
    server.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    command_line.api_keys().revoke(&key_id).await.unwrap();
    soon(async || server.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.is_err()).await;
}

async fn a_vault_that_is_dropped_watches_no_more(store: TestStore) {
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let vault = store.open().await;
    let clone = vault.clone();
    drop(vault);
    clone.notice_changes().await.unwrap();
    drop(clone);
    soon(async || alive() <= before).await;
}

async fn vaults_that_open_a_new_database_at_once_make_it_once(store: TestStore) {
    let opening: Vec<_> = (0..8).map(|_| tokio::spawn(open(store.location()))).collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
    assert_eq!(store.column("SELECT name FROM vault_facts ORDER BY name").await, ["data_key", "root_key"]);
    assert_eq!(store.column("SELECT CAST(COUNT(*) AS TEXT) FROM data_keys").await, ["1"]);
    assert_eq!(store.column("SELECT CAST(COUNT(*) AS TEXT) FROM schema_version").await, ["1"]);
}

async fn two_processes_that_add_at_once_lose_nothing(store: TestStore) {
    let (first, second) = server_and_command_line(&store).await;
    let adding: Vec<_> = (0..40)
        .map(|number| {
            let vault = if number % 2 == 0 { first.clone() } else { second.clone() };
            // Every consumer twice, once from each side.
            tokio::spawn(async move { vault.connections().add(to_harbor("app", &format!("c{}", number / 2))).await })
        })
        .collect();
    let mut added = 0;
    for adding in adding {
        match adding.await.unwrap() {
            Ok(_) => added += 1,
            Err(error) => assert!(error.to_string().ends_with("already"), "{error}"),
        }
    }
    assert_eq!(added, 20);
    assert_eq!(first.connections().list(&"app".parse().unwrap(), None).await.unwrap().len(), 20);
}

async fn two_that_patch_one_connection_at_once_both_patch_it(store: TestStore) {
    let (first, second) = server_and_command_line(&store).await;
    first.connections().add(to_harbor("app", "ann")).await.unwrap();
    let patching: Vec<_> = (0..20)
        .map(|number| {
            let vault = if number % 2 == 0 { first.clone() } else { second.clone() };
            let name = if number % 2 == 0 { "callback" } else { "region" };
            let settings = [(name.to_owned(), Some(format!("https://value-{number}.example").into()))].into();
            let patch = ConnectionPatch { settings, ..ConnectionPatch::default() };
            tokio::spawn(async move {
                vault.connections().update(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor(), patch).await
            })
        })
        .collect();
    for patching in patching {
        patching.await.unwrap().unwrap();
    }
    assert_eq!(
        store.column("SELECT CAST(revision AS TEXT) FROM connections").await,
        ["20"],
        "none over another's back"
    );
}

async fn a_refused_change_leaves_no_gap_in_the_record(store: TestStore) {
    let (server, command_line) = server_and_command_line(&store).await;
    for _ in 0..3 {
        command_line.connections().add(to_harbor("app", "ann")).await.ok();
        command_line.connections().add(to_harbor("nobody", "ann")).await.unwrap_err();
    }
    command_line.connections().disable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    server.notice_changes().await.unwrap();
    let revisions = store.column("SELECT CAST(revision AS TEXT) FROM change_feed ORDER BY revision").await;
    assert_eq!(revisions, ["1", "2"]);
}

async fn a_database_of_a_newer_build_is_left_alone(store: TestStore) {
    drop(store.open().await);
    store.execute("UPDATE schema_version SET version = 99").await;
    let refused = open(store.location()).await.unwrap_err();
    assert!(refused.to_string().contains("schema 99"), "{refused}");
}

//! Two vaults over one file, as a server and a command line are.

use std::path::Path;
use std::time::Duration;

use connection_vault::{ConnectionPatch, StoreLocation, Vault, VaultError, VaultOptions};
use secrecy::SecretString;

use crate::support::{API_KEY, catalog, harbor, in_file, master_key, open, setting, to_harbor, with_application};

async fn server_and_command_line(directory: &Path) -> (Vault, Vault) {
    let path = directory.join("vault.db");
    let command_line = in_file(path.clone()).await;
    command_line.add_application("app", "An application").await.unwrap();
    (in_file(path).await, command_line)
}

#[tokio::test]
async fn what_the_command_line_changes_the_server_sees() {
    let directory = tempfile::tempdir().unwrap();
    let (server, command_line) = server_and_command_line(directory.path()).await;
    assert_eq!(server.caller(API_KEY, "app").await, Err(VaultError::Unauthorized));

    let key = SecretString::from(API_KEY);
    let key_id = command_line.add_api_key_with_value("app", &key).await.unwrap();
    command_line.add_connection(to_harbor("app", "ann")).await.unwrap();
    server.notice_changes().await.unwrap();
    let caller = server.caller(API_KEY, "app").await.unwrap();
    assert_eq!(setting(&server, &caller, "ann", "domain").await.as_deref(), Some("acme"));

    let settings = [("domain".to_owned(), Some("other".into()))];
    let patch = ConnectionPatch { settings: settings.into(), ..ConnectionPatch::default() };
    command_line.update_connection("app", "ann", &harbor(), patch).await.unwrap();
    server.notice_changes().await.unwrap();
    assert_eq!(setting(&server, &caller, "ann", "domain").await.as_deref(), Some("other"));

    command_line.delete_connection("app", "ann", &harbor()).await.unwrap();
    command_line.revoke_api_key(&key_id).await.unwrap();
    server.notice_changes().await.unwrap();
    assert!(server.connection(&caller, "ann", None).await.is_err());
    assert_eq!(server.caller(API_KEY, "app").await, Err(VaultError::Unauthorized));
}

#[tokio::test]
async fn another_consumers_change_leaves_this_one_warm() {
    let directory = tempfile::tempdir().unwrap();
    let (server, command_line) = server_and_command_line(directory.path()).await;
    let (server, caller) = {
        command_line.add_connection(to_harbor("app", "ann")).await.unwrap();
        command_line.add_api_key_with_value("app", &SecretString::from(API_KEY)).await.unwrap();
        let caller = server.caller(API_KEY, "app").await.unwrap();
        (server, caller)
    };
    server.notice_changes().await.unwrap();
    server.connection(&caller, "ann", None).await.unwrap();
    let warm = server.statements();
    // Consumers share counters, so one of many may be read anew for another's sake; two in a row are not.
    let mut disturbed = 0;
    for other in 0..8 {
        command_line.add_connection(to_harbor("app", &format!("other-{other}"))).await.unwrap();
        server.notice_changes().await.unwrap();
        server.connection(&caller, "ann", None).await.unwrap();
        disturbed = server.statements() - warm;
    }
    assert!(disturbed < 8, "{disturbed}");
}

#[tokio::test]
async fn a_server_that_is_far_behind_forgets_everything() {
    let directory = tempfile::tempdir().unwrap();
    let (server, command_line) = server_and_command_line(directory.path()).await;
    let key_id = command_line.add_api_key_with_value("app", &SecretString::from(API_KEY)).await.unwrap();
    server.notice_changes().await.unwrap();
    server.caller(API_KEY, "app").await.unwrap();
    command_line.revoke_api_key(&key_id).await.unwrap();
    command_line.add_connection(to_harbor("app", "ann")).await.unwrap();
    for _ in 0..128 {
        command_line.disable_connection("app", "ann", &harbor()).await.unwrap();
        command_line.enable_connection("app", "ann", &harbor()).await.unwrap();
    }
    server.notice_changes().await.unwrap();
    assert_eq!(server.caller(API_KEY, "app").await, Err(VaultError::Unauthorized));
}

#[tokio::test]
async fn the_server_looks_by_itself() {
    let directory = tempfile::tempdir().unwrap();
    let (_, command_line) = server_and_command_line(directory.path()).await;
    let key_id = command_line.add_api_key_with_value("app", &SecretString::from(API_KEY)).await.unwrap();
    let options = VaultOptions {
        database: StoreLocation::File(directory.path().join("vault.db")),
        cache_entries: 100,
        poll_every: Duration::from_millis(1),
    };
    let server = Vault::open(options, master_key(), catalog("catalog")).await.unwrap();
    server.caller(API_KEY, "app").await.unwrap();
    command_line.revoke_api_key(&key_id).await.unwrap();
    let seen = async {
        while server.caller(API_KEY, "app").await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), seen).await.unwrap();
}

#[tokio::test]
async fn a_vault_that_is_dropped_watches_no_more() {
    let directory = tempfile::tempdir().unwrap();
    let vault = in_file(directory.path().join("vault.db")).await;
    let clone = vault.clone();
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    drop(vault);
    assert_eq!(tokio::runtime::Handle::current().metrics().num_alive_tasks(), tasks, "a clone is left");
    drop(clone);
    let ended = async {
        while tokio::runtime::Handle::current().metrics().num_alive_tasks() >= tasks {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn vaults_that_open_one_new_file_at_once_all_open_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vault.db");
    let opening: Vec<_> = (0..8).map(|_| tokio::spawn(open(StoreLocation::File(path.clone())))).collect();
    for opened in opening {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_add_at_once_lose_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = server_and_command_line(directory.path()).await;
    let adding: Vec<_> = (0..40)
        .map(|number| {
            let vault = if number % 2 == 0 { first.clone() } else { second.clone() };
            // Every consumer twice, once from each side.
            tokio::spawn(async move { vault.add_connection(to_harbor("app", &format!("c{}", number / 2))).await })
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
    assert_eq!(first.connections("app", None).await.unwrap().len(), 20);
}

#[tokio::test]
async fn a_database_of_a_newer_build_is_left_alone() {
    use sqlx::Connection;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vault.db");
    let (vault, _) = with_application(in_file(path.clone()).await, "app").await;
    drop(vault);
    let mut database = sqlx::SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::query("PRAGMA user_version = 99").execute(&mut database).await.unwrap();
    let refused = open(StoreLocation::File(path)).await.unwrap_err();
    assert!(refused.to_string().contains("schema 99"), "{refused}");
}

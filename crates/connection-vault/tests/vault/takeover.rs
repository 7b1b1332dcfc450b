//! A database from before migrations were on record is taken over with everything in it.

use connection_vault::Vault;
use secrecy::ExposeSecret;

use crate::store::{TestStore, on_each_engine};
use crate::support::{SECRET, harbor, open, setting};

on_each_engine!(
    a_database_of_the_counted_scheme_is_taken_over_with_everything_in_it,
    a_database_made_with_another_text_of_a_migration_is_refused,
    a_database_with_a_schema_that_nobody_knows_is_refused,
);

/// What the last build of the counted scheme wrote, in words for both engines.
const ROWS: &str = include_str!("counted_scheme.sql");
const API_KEY: &str = "tlk_qzLuaYyCMowX2MO0SFqjWkuf19oioxeBU_6g-WUjvCM";

macro_rules! counted {
    ($engine:literal) => {
        [
            include_str!(concat!("../../migrations/", $engine, "/0001_initial.sql")),
            include_str!(concat!("../../migrations/", $engine, "/0002_vault_api.sql")),
            include_str!(concat!("../../migrations/", $engine, "/0003_logs.sql")),
            include_str!(concat!("../../migrations/", $engine, "/0004_record_leases.sql")),
            include_str!(concat!("../../migrations/", $engine, "/0005_keys_and_sessions.sql")),
        ]
    };
}

/// The database as it was left.
async fn counted(store: &TestStore) {
    let (steps, bytes) = match store {
        TestStore::Sqlite { directory } => {
            drop(std::fs::File::create(directory.path().join("vault.db")).unwrap());
            (counted!("sqlite"), "X'")
        }
        TestStore::Postgres { .. } => (counted!("postgres"), "'\\x"),
    };
    store.execute(&steps.concat()).await;
    store.execute(&ROWS.replace("BYTES'", bytes)).await;
}

async fn secret(vault: &Vault) -> String {
    let caller = vault.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    assert_eq!(setting(vault, &caller, "ann", "domain").await.as_deref(), Some("acme"));
    let connection = vault.calls().connection(&caller, &"ann".parse().unwrap(), Some(&harbor())).await.unwrap();
    connection.credentials.current().await.unwrap().settings["api_key"].expose_secret().to_owned()
}

async fn a_database_of_the_counted_scheme_is_taken_over_with_everything_in_it(store: TestStore) {
    counted(&store).await;
    let first = store.open().await;
    assert_eq!(secret(&first).await, SECRET);
    let recorded = "SELECT owner || ' ' || name FROM applied_migrations ORDER BY owner, number";
    let expected = [
        "connection-vault 0001_initial",
        "connection-vault 0002_vault_api",
        "connection-vault 0003_logs",
        "connection-vault 0004_record_leases",
        "connection-vault 0005_keys_and_sessions",
        "connection-vault 0006_storage_apart",
        "connection-vault 0007_refused_credentials",
        "connection-vault 0008_api_of_events",
        "storage 0001_initial",
    ];
    assert_eq!(store.column(recorded).await, expected);
    let count = store.column("SELECT CAST(version AS TEXT) FROM schema_version").await;
    assert_eq!(count, ["8"], "a build of the counted scheme knows up to 5, and refuses");

    let second = store.open().await;
    assert_eq!(secret(&second).await, SECRET);
    assert_eq!(store.column(recorded).await, expected, "nothing is done twice");
    first.connections().disable(&"app".parse().unwrap(), &"ann".parse().unwrap(), &harbor()).await.unwrap();
    second.notice_changes().await.unwrap();
    let caller = second.api_keys().caller(API_KEY, &"app".parse().unwrap()).await.unwrap();
    second.calls().connection(&caller, &"ann".parse().unwrap(), Some(&harbor())).await.unwrap_err();
}

async fn a_database_made_with_another_text_of_a_migration_is_refused(store: TestStore) {
    drop(store.open().await);
    store.execute("UPDATE applied_migrations SET checksum = '0' WHERE name = '0003_logs'").await;
    let refused = open(store.location()).await.unwrap_err().to_string();
    let owed = "the migration 0003_logs of connection-vault is not the one that the database was made with";
    assert!(refused.contains(owed), "{refused}");
}

async fn a_database_with_a_schema_that_nobody_knows_is_refused(store: TestStore) {
    drop(store.open().await);
    for (owner, number) in [("connection-vault", 99), ("webhooks", 1)] {
        let insert = format!("INSERT INTO applied_migrations VALUES ('{owner}', {number}, 'later', '0')");
        store.execute(&insert).await;
        let refused = open(store.location()).await.unwrap_err().to_string();
        assert!(refused.contains("it is older") && refused.contains(owner), "{refused}");
        store.execute("DELETE FROM applied_migrations WHERE name = 'later'").await;
    }
    drop(store.open().await);
}

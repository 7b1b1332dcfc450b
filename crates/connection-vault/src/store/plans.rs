//! How the engines find what a call waits for in a store that is not small: by an index, whatever else is kept.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use super::StoreLocation;
use super::applications::API_KEY;
use super::connections::{OF_CONSUMER, WITH_WAITING};
use super::consumers::ONE;
use super::database::{Database, Row, Statement, Transaction};
use super::postgres::PostgresDatabase;
use super::sessions::STANDING;
use super::sqlite::SqliteDatabase;

/// An application with 10,000 API keys and consumers, each of whom has a connection and a grant that waits to be confirmed.
/// `BYTES` is what the engine calls them.
const FILL: &str = "
    INSERT INTO applications (id, name, created_at) VALUES ('app', 'App', 0);
    CREATE TABLE filling (number BIGINT NOT NULL, name TEXT NOT NULL);
    INSERT INTO filling
        WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 10000)
        SELECT number, 'name-' || number FROM numbers;
    INSERT INTO consumers (application_id, consumer_id, created_at) SELECT 'app', name, 0 FROM filling;
    INSERT INTO connections
        (id, application_id, consumer_id, service_id, enabled, settings, sealed, field_map, created_at, updated_at, revision)
        SELECT name, 'app', name, 'harbor-crm', TRUE, '{}', '{}', '{}', 0, 0, 0 FROM filling;
    INSERT INTO authorizations
        (id, application_id, consumer_id, service_id, link, stage, redirect_uri, sealed, expires_at)
        SELECT name, 'app', name, 'jetty-crm', name, 'granted', '', '{}', number FROM filling;
    INSERT INTO api_keys (id, application_id, hash, hint, created_at)
        SELECT name, 'app', CAST(name AS BYTES), '', 0 FROM filling;
    INSERT INTO sessions (id, application_id, consumer_id, api_key_id, created_at, expires_at)
        SELECT name, 'app', name, name, 0, number FROM filling;
    ANALYZE;
";

fn searches() -> [(Statement, &'static [&'static str]); 5] {
    let of_consumer = |sql| Statement::new(sql).bind("app").bind("name-77");
    [
        (Statement::new(API_KEY).bind(b"name-77".as_slice()), &["api_keys"]),
        (of_consumer(ONE), &["consumers"]),
        (of_consumer(STANDING).bind("name-77"), &["consumers", "sessions", "api_keys"]),
        (of_consumer(OF_CONSUMER), &["connections"]),
        (of_consumer(WITH_WAITING).bind(50), &["connections", "authorizations"]),
    ]
}

#[tokio::test]
async fn sqlite_searches_an_index_for_whatever_a_call_waits_for() {
    let database = SqliteDatabase::in_memory().await.unwrap();
    let mut transaction = filled(&database, "", "BLOB").await;
    for (statement, tables) in searches() {
        let plan = plan(transaction.as_mut(), "EXPLAIN QUERY PLAN", statement, "detail").await;
        for table in tables {
            let searched = plan.iter().any(|line| line.starts_with(&format!("SEARCH {table} USING INDEX ")));
            let scanned = plan.iter().any(|line| line.starts_with(&format!("SCAN {table}")));
            assert!(searched && !scanned, "{table}: {plan:#?}");
        }
    }
}

#[tokio::test]
async fn postgresql_searches_an_index_for_whatever_a_call_waits_for() {
    let Ok(server) = std::env::var("TRUNKLINE_TEST_POSTGRES_URL") else { return };
    let StoreLocation::Postgres(url) = server.into() else { panic!("not the address of a server") };
    let database = PostgresDatabase::open(&url).await.unwrap();
    // Never committed: nothing of it stays.
    let schema = "CREATE SCHEMA filled; SET LOCAL search_path TO filled; ";
    let mut transaction = filled(&database, schema, "BYTEA").await;
    for (statement, tables) in searches() {
        let plan = plan(transaction.as_mut(), "EXPLAIN", statement, "QUERY PLAN").await;
        assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{plan:#?}");
        for table in tables {
            let scan = format!(" on {table} ");
            assert!(plan.iter().any(|line| line.contains("Index Scan using") && line.contains(&scan)), "{plan:#?}");
        }
    }
}

/// The schema as it is brought up to date, and filled.
async fn filled(database: &dyn Database, before: &str, bytes: &str) -> Box<dyn Transaction> {
    let mut transaction = database.begin().await.unwrap();
    let scripts = [before, &database.migrations().concat(), &FILL.replace("BYTES", bytes)].concat();
    transaction.run_script(scripts.leak()).await.unwrap();
    transaction
}

async fn plan(transaction: &mut dyn Transaction, explain: &str, statement: Statement, column: &str) -> Vec<String> {
    let rows = transaction.fetch(statement.after(explain)).await.unwrap();
    rows.iter().map(|row: &Row| row.text(column).unwrap()).collect()
}

//! How the engines find what a call waits for in a store that is not small: by an index, whatever else is kept.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use storage::{Row, Statement, Store, StoreLocation, Write};

use crate::callers::{API_KEY, STANDING};
use crate::connections::{OF_CONSUMER, WITH_WAITING};
use crate::store::VAULT;
use crate::tenancy::ONE;

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
    ANALYZE";

/// Each statement behind a word that asks for its plan, and the tables that it looks into.
fn searches(explain: &str) -> [(Statement, &'static [&'static str]); 5] {
    let explained = |sql: &str| statement(format!("{explain} {sql}"));
    let of_consumer = |sql| explained(sql).bind("app").bind("name-77");
    [
        (explained(API_KEY).bind(b"name-77".as_slice()), &["api_keys"]),
        (of_consumer(ONE), &["consumers"]),
        (of_consumer(STANDING).bind("name-77"), &["consumers", "sessions", "api_keys"]),
        (of_consumer(OF_CONSUMER), &["connections"]),
        (of_consumer(WITH_WAITING).bind(50), &["connections", "authorizations"]),
    ]
}

#[tokio::test]
async fn sqlite_searches_an_index_for_whatever_a_call_waits_for() {
    let store = Store::open(&StoreLocation::Memory, &[&VAULT]).await.unwrap();
    let mut filled = filled(&store, "BLOB").await;
    for (statement, tables) in searches("EXPLAIN QUERY PLAN") {
        let plan = lines(&filled.fetch(statement).await.unwrap(), "detail");
        for table in tables {
            let searched = plan.iter().any(|line| line.starts_with(&format!("SEARCH {table} USING INDEX ")));
            let scanned = plan.iter().any(|line| line.starts_with(&format!("SCAN {table}")));
            assert!(searched && !scanned, "{table}: {plan:#?}");
        }
    }
}

#[tokio::test]
async fn postgresql_searches_an_index_for_whatever_a_call_waits_for() {
    let Ok(server) = std::env::var("TRUNKLINE_TEST_POSTGRES_URL") else {
        assert!(std::env::var_os("CI").is_none(), "CI has a PostgreSQL server: name it in TRUNKLINE_TEST_POSTGRES_URL");
        return;
    };
    let schema = format!("filled_{}", uuid::Uuid::new_v4().simple());
    let joint = if server.contains('?') { '&' } else { '?' };
    let location = format!("{server}{joint}options[search_path]={schema}").into();
    let store = Store::open(&location, &[&VAULT]).await.unwrap();
    store.change(statement(format!("CREATE SCHEMA {schema}"))).await.unwrap();
    let mut plans = Vec::new();
    let mut filled = filled(&store, "BYTEA").await;
    for (statement, tables) in searches("EXPLAIN") {
        plans.push((lines(&filled.fetch(statement).await.unwrap(), "QUERY PLAN"), tables));
    }
    drop(filled);
    store.change(statement(format!("DROP SCHEMA {schema} CASCADE"))).await.unwrap();
    for (plan, tables) in plans {
        assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{plan:#?}");
        for table in tables {
            let scan = format!(" on {table} ");
            assert!(plan.iter().any(|line| line.contains("Index Scan using") && line.contains(&scan)), "{plan:#?}");
        }
    }
}

/// The schema as it is brought up to date, and filled. Nothing of it is ever committed.
async fn filled<'s>(store: &'s Store, bytes: &str) -> Write<'s> {
    let mut write = store.upgrade().await.unwrap();
    for sql in FILL.replace("BYTES", bytes).split(';') {
        write.execute(statement(sql.to_owned())).await.unwrap();
    }
    write
}

fn statement(sql: String) -> Statement {
    Statement::new(sql.leak())
}

fn lines(rows: &[Row], column: &str) -> Vec<String> {
    rows.iter().map(|row| row.text(column).unwrap()).collect()
}

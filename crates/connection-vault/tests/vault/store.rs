//! A database of a test's own on either engine, gone when the test is over, and what only someone with access to it can do.

use std::io::Write;
use std::path::PathBuf;

use connection_vault::{StoreLocation, Vault};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use tempfile::TempDir;

use crate::support::{open, open_keeping};

const POSTGRES_VARIABLE: &str = "TRUNKLINE_TEST_POSTGRES_URL";

pub(crate) enum TestStore {
    Sqlite {
        directory: TempDir,
    },
    Postgres {
        /// The server's database, as the environment gives it.
        server: String,
        /// A schema of the test's own; its vaults' connections are called like it.
        schema: String,
    },
}

/// Makes tests of functions that take a store: one on each engine.
macro_rules! on_each_engine {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(crate::store::TestStore::sqlite()).await; })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(store) = crate::store::TestStore::postgres().await {
                    super::$test(store).await;
                }
            })+
        }
    };
}
pub(crate) use on_each_engine;

/// Not `eprintln!`, which a passing test would keep to itself.
#[test]
fn postgres_is_tested_where_one_is_named() {
    if std::env::var_os(POSTGRES_VARIABLE).is_none() {
        let notice = format!("\nskipped: every test on PostgreSQL. Name a server in {POSTGRES_VARIABLE}.\n");
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
    }
}

impl TestStore {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite { directory: tempfile::tempdir().unwrap() }
    }

    /// None where no server is named.
    pub(crate) async fn postgres() -> Option<Self> {
        let server = std::env::var(POSTGRES_VARIABLE).ok();
        let is_missing = server.is_none() && std::env::var_os("CI").is_some();
        assert!(!is_missing, "CI has a PostgreSQL server: name it in {POSTGRES_VARIABLE}");
        let server = server?;
        let schema = format!("test_{}", uuid::Uuid::new_v4().simple());
        let mut database = PgConnection::connect(&server).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut database).await.unwrap();
        Some(Self::Postgres { server, schema })
    }

    pub(crate) fn location(&self) -> StoreLocation {
        match self {
            Self::Sqlite { directory } => StoreLocation::File(file(directory)),
            Self::Postgres { server, schema } => url(server, schema).into(),
        }
    }

    /// Another vault over the same database.
    pub(crate) async fn open(&self) -> Vault {
        open(self.location()).await.unwrap()
    }

    /// The same, with no more in memory than that.
    pub(crate) async fn open_keeping(&self, cache_entries: u64) -> Vault {
        open_keeping(self.location(), cache_entries).await.unwrap()
    }

    /// Changes something behind the vaults' back.
    pub(crate) async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite { directory } => {
                sqlx::raw_sql(sql).execute(&mut sqlite(directory).await).await.unwrap();
            }
            Self::Postgres { server, schema } => {
                sqlx::raw_sql(sql).execute(&mut postgres(server, schema).await).await.unwrap();
            }
        }
    }

    /// The first column of every row.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite { directory } => {
                let rows = sqlx::query(sql).fetch_all(&mut sqlite(directory).await).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres { server, schema } => {
                let rows = sqlx::query(sql).fetch_all(&mut postgres(server, schema).await).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Whether a text is anywhere in what is kept.
    pub(crate) async fn holds(&self, text: &str) -> bool {
        let kept = match self {
            Self::Sqlite { directory } => {
                let files = std::fs::read_dir(directory.path()).unwrap();
                files.flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
            }
            Self::Postgres { .. } => self.dump().await.into_bytes(),
        };
        // PostgreSQL shows bytes as hexadecimal digits.
        let as_digits = text.bytes().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
        [text, &as_digits].iter().any(|text| kept.windows(text.len()).any(|window| window == text.as_bytes()))
    }

    async fn dump(&self) -> String {
        let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
        let mut dump = String::new();
        for table in self.column(tables).await {
            dump.push_str(&self.column(&format!("SELECT kept::text FROM {table} kept")).await.join("\n"));
        }
        dump
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        let Self::Postgres { server, schema } = self else { return };
        let (server, schema) = (server.clone(), schema.clone());
        // A thread of its own, since the test's runtime may be about to end. Whoever still holds a lock goes first.
        let clear = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut database = PgConnection::connect(&server).await.unwrap();
                let clear = format!(
                    "SET client_min_messages = warning; \
                     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '{schema}%'; \
                     DROP SCHEMA {schema} CASCADE"
                );
                sqlx::raw_sql(AssertSqlSafe(clear)).execute(&mut database).await.unwrap();
            });
        });
        assert!(clear.join().is_ok() || std::thread::panicking());
    }
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("vault.db")
}

fn url(server: &str, schema: &str) -> String {
    let joint = if server.contains('?') { '&' } else { '?' };
    format!("{server}{joint}application_name={schema}&options[search_path]={schema}")
}

async fn sqlite(directory: &TempDir) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", file(directory).display())).await.unwrap()
}

async fn postgres(server: &str, schema: &str) -> PgConnection {
    PgConnection::connect(&url(server, schema)).await.unwrap()
}

//! `SQLite`: a file that is private to its owner, or memory. One writer at a time; others look for changes now and then.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Sqlite};

use super::database::{Database, Lookout, Row, Statement, Transaction};
use super::failed;
use crate::VaultError;

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../migrations/sqlite/0002_vault_api.sql"),
    include_str!("../../migrations/sqlite/0003_logs.sql"),
    include_str!("../../migrations/sqlite/0004_record_leases.sql"),
];
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const MOST_CONNECTIONS: u32 = 4;

pub(super) struct SqliteDatabase {
    pool: SqlitePool,
    /// How to open another connection; none to memory.
    file: Option<SqliteConnectOptions>,
}

struct SqliteTransaction(sqlx::Transaction<'static, Sqlite>);

struct SqliteLookout(SqliteConnection);

impl SqliteDatabase {
    /// One connection that never closes: every other one would have a database of its own.
    pub(super) async fn in_memory() -> Result<Self, VaultError> {
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        let pool = SqlitePoolOptions::new().min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None);
        Ok(Self { pool: pool.connect_with(options).await.map_err(failed)?, file: None })
    }

    pub(super) async fn in_file(path: &Path) -> Result<Self, VaultError> {
        create_private(path)?;
        let options = file_options(path);
        connect_first(&options).await?.close().await.map_err(failed)?;
        let pool = SqlitePoolOptions::new().max_connections(MOST_CONNECTIONS).connect_lazy_with(options.clone());
        Ok(Self { pool, file: Some(options) })
    }
}

#[async_trait]
impl Database for SqliteDatabase {
    fn migrations(&self) -> &'static [&'static str] {
        MIGRATIONS
    }

    async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        rows(statement.for_sqlite().fetch_all(&self.pool).await)
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, VaultError> {
        // A transaction that begins by reading cannot wait for its turn to write; SQLite makes it fail instead.
        let transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        Ok(Box::new(SqliteTransaction(transaction)))
    }

    async fn begin_upgrade(&self) -> Result<Box<dyn Transaction>, VaultError> {
        self.begin().await
    }

    /// The log goes back into the file, where what was deleted is overwritten.
    async fn purge(&self) -> Result<(), VaultError> {
        sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.pool).await.map_err(failed)?;
        Ok(())
    }

    async fn lookout(&self) -> Result<Option<Box<dyn Lookout>>, VaultError> {
        let Some(options) = &self.file else { return Ok(None) };
        Ok(Some(Box::new(SqliteLookout(options.connect().await.map_err(failed)?))))
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        rows(statement.for_sqlite().fetch_all(&mut *self.0).await)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, VaultError> {
        Ok(statement.for_sqlite().execute(&mut *self.0).await.map_err(failed)?.rows_affected())
    }

    async fn run_script(&mut self, script: &'static str) -> Result<(), VaultError> {
        sqlx::raw_sql(script).execute(&mut *self.0).await.map_err(failed)?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), VaultError> {
        self.0.commit().await.map_err(failed)
    }
}

#[async_trait]
impl Lookout for SqliteLookout {
    /// Never: `SQLite` has to be looked at.
    async fn called(&mut self) {
        std::future::pending::<()>().await;
    }

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        rows(statement.for_sqlite().fetch_all(&mut self.0).await)
    }
}

fn rows(fetched: Result<Vec<SqliteRow>, sqlx::Error>) -> Result<Vec<Row>, VaultError> {
    Ok(fetched.map_err(failed)?.into_iter().map(Row::Sqlite).collect())
}

fn file_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("secure_delete", "ON")
        .journal_mode(SqliteJournalMode::Wal)
        // With a write-ahead log, NORMAL may lose the newest commits in a power cut: a revoked key would be valid again.
        .synchronous(SqliteSynchronous::Full)
}

/// The first connection turns a new file to a write-ahead log. Where two processes do so at once, `SQLite` makes one of them
/// fail at once, whatever its busy timeout: that one tries again.
async fn connect_first(options: &SqliteConnectOptions) -> Result<SqliteConnection, VaultError> {
    for _ in 0..100 {
        match options.connect().await {
            Err(sqlx::Error::Database(error)) if error.message().contains("locked") => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            connected => return connected.map_err(failed),
        }
    }
    Err(failed("the database is locked"))
}

/// `SQLite` gives a file's mode to the log beside it. A file that exists is not opened here: closing it would release the
/// locks that this process may hold on it (<https://sqlite.org/howtocorrupt.html>, 2.2).
fn create_private(path: &Path) -> Result<(), VaultError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(format!("{}: {error}", path.display()))),
    }
}

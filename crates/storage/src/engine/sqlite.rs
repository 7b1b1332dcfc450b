//! `SQLite`: a file that is private to its owner, or memory. One writer at a time; others look for changes now and then.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row as _};

use super::file::{DatabaseFile, FileIdentity};
use super::sqlite_transaction::SqliteTransaction;
use super::{Database, Lookout, Transaction};
use crate::sql::{Migration, Row, Statement, StorageError, statement_failed};

/// How long another process's lock is waited for, such as that of a copy that is being made.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a statement waits for those before it.
const TURN_WITHIN: Duration = Duration::from_secs(10);
const MOST_READERS: u32 = 4;

pub(crate) struct SqliteDatabase {
    pools: Mutex<Pools>,
    /// None in memory.
    file: Option<DatabaseFile>,
    /// How many migrations a database that fits has behind it.
    migrations: usize,
}

/// Connections to one database. Readers do not wait for those that wait to write.
#[derive(Clone)]
struct Pools {
    readers: SqlitePool,
    writer: SqlitePool,
    /// Which file they are open on.
    identity: Option<FileIdentity>,
}

struct SqliteLookout {
    connection: SqliteConnection,
    file: DatabaseFile,
    identity: FileIdentity,
}

impl SqliteDatabase {
    /// One connection that never closes: every other one would have a database of its own.
    pub(crate) async fn in_memory() -> Result<Self, StorageError> {
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        let pool = SqlitePoolOptions::new().min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None);
        let pool = pool.connect_with(options).await.map_err(StorageError::failed)?;
        let pools = Pools { readers: pool.clone(), writer: pool, identity: None };
        Ok(Self { pools: Mutex::new(pools), file: None, migrations: 0 })
    }

    pub(crate) async fn in_file(file: DatabaseFile, migrations: usize) -> Result<Self, StorageError> {
        file.prepare()?;
        connect_first(&options(&file)).await?.close().await.map_err(StorageError::failed)?;
        let pools = Pools::of(&file)?;
        Ok(Self { pools: Mutex::new(pools), file: Some(file), migrations })
    }

    /// The connections to the file that is there now. Those to one that was replaced or removed are closed: what they wrote
    /// would be lost.
    async fn pools(&self) -> Result<Pools, StorageError> {
        let known = self.pools.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(file) = &self.file else { return Ok(known) };
        if file.identity().is_ok_and(|identity| known.identity == Some(identity)) {
            return Ok(known);
        }
        tracing::warn!(file = %file.path().display(), "the database's file was replaced or removed; its connections are closed");
        let pools = Pools::of(file)?;
        pools.check_schema(self.migrations).await?;
        *self.pools.lock().unwrap_or_else(PoisonError::into_inner) = pools.clone();
        tokio::spawn(async move { tokio::join!(known.readers.close(), known.writer.close()) });
        Ok(pools)
    }

    async fn run(&self, pool: &SqlitePool, statement: Statement) -> Result<Vec<Row>, StorageError> {
        let mut connection = pool.acquire().await.map_err(statement_failed)?;
        let fetched = statement.for_sqlite().fetch_all(&mut *connection).await;
        if fetched.is_err() && self.file.is_some() {
            connection.close_on_drop();
        }
        rows(fetched)
    }
}

impl Pools {
    fn of(file: &DatabaseFile) -> Result<Self, StorageError> {
        let identity = file.identity()?;
        let pool = |most| SqlitePoolOptions::new().max_connections(most).acquire_timeout(TURN_WITHIN);
        Ok(Self {
            readers: pool(MOST_READERS).connect_lazy_with(options(file)),
            writer: pool(1).connect_lazy_with(options(file)),
            identity: Some(identity),
        })
    }

    /// Another file may hold a database of another build, which only a start brings up to date.
    async fn check_schema(&self, migrations: usize) -> Result<(), StorageError> {
        let select = "SELECT COUNT(*) FROM applied_migrations";
        let row = sqlx::query(select).fetch_one(&self.readers).await.map_err(StorageError::unavailable)?;
        let applied: i64 = row.try_get(0).map_err(StorageError::unavailable)?;
        if usize::try_from(applied) == Ok(migrations) {
            return Ok(());
        }
        let reason = format!("the database's file was replaced by one with schema {applied}: restart the server");
        Err(StorageError::Unavailable(reason))
    }
}

#[async_trait]
impl Database for SqliteDatabase {
    fn script(&self, migration: &Migration) -> &'static str {
        migration.sqlite
    }

    async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        self.run(&self.pools().await?.readers, statement).await
    }

    async fn change(&self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        self.run(&self.pools().await?.writer, statement).await
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, StorageError> {
        let connection = self.pools().await?.writer.acquire().await.map_err(statement_failed)?;
        Ok(Box::new(SqliteTransaction::begin(connection, self.file.is_some()).await?))
    }

    async fn begin_alone(&self) -> Result<Box<dyn Transaction>, StorageError> {
        self.begin().await
    }

    /// The log goes back into the file, where what was deleted is overwritten.
    async fn purge(&self) -> Result<(), StorageError> {
        let writer = self.pools().await?.writer;
        sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&writer).await.map_err(statement_failed)?;
        Ok(())
    }

    async fn lookout(&self) -> Result<Option<Box<dyn Lookout>>, StorageError> {
        let Some(file) = &self.file else { return Ok(None) };
        let identity = file.identity()?;
        let connection = options(file).connect().await.map_err(statement_failed)?;
        Ok(Some(Box::new(SqliteLookout { connection, file: file.clone(), identity })))
    }

    /// Connections look at the file themselves.
    fn begin_anew(&self) {}

    async fn copy_to(&self, path: &Path) -> Result<(), StorageError> {
        let readers = self.pools().await?.readers;
        let path = path.to_str().ok_or_else(|| StorageError::failed("the copy's path is not UTF-8"))?;
        sqlx::query("VACUUM INTO $1").bind(path.to_owned()).execute(&readers).await.map_err(statement_failed)?;
        Ok(())
    }
}

#[async_trait]
impl Lookout for SqliteLookout {
    /// Never: `SQLite` has to be looked at.
    async fn called(&mut self) {
        std::future::pending::<()>().await;
    }

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        if self.file.identity()? != self.identity {
            return Err(StorageError::unavailable("the database's file was replaced"));
        }
        rows(statement.for_sqlite().fetch_all(&mut self.connection).await)
    }
}

pub(crate) fn rows(fetched: Result<Vec<SqliteRow>, sqlx::Error>) -> Result<Vec<Row>, StorageError> {
    Ok(fetched.map_err(statement_failed)?.into_iter().map(Row::from).collect())
}

fn options(file: &DatabaseFile) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file.path())
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
async fn connect_first(options: &SqliteConnectOptions) -> Result<SqliteConnection, StorageError> {
    for _ in 0..100 {
        match options.connect().await {
            Err(sqlx::Error::Database(error)) if error.message().contains("locked") => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            connected => return connected.map_err(StorageError::failed),
        }
    }
    Err(StorageError::failed("the database is locked"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[tokio::test]
    async fn a_statement_is_prepared_once_for_a_connection() {
        let directory = tempfile::tempdir().unwrap();
        let file = DatabaseFile::new(&directory.path().join("store.db"));
        let database = SqliteDatabase::in_file(file, 0).await.unwrap();
        let mut create = database.begin().await.unwrap();
        create.run_script("CREATE TABLE names (name TEXT)").await.unwrap();
        create.commit().await.unwrap();
        for _ in 0..3 {
            let mut write = database.begin().await.unwrap();
            for name in ["ann", "bob"] {
                let one = Statement::new("INSERT INTO names VALUES ($1)").bind(name);
                write.execute(one).await.unwrap();
                let two = Statement::new("INSERT INTO names VALUES ($1), ($2)").bind(name).bind(name);
                write.execute(two).await.unwrap();
            }
            write.commit().await.unwrap();
        }
        let writer = database.pools().await.unwrap().writer.acquire().await.unwrap();
        assert_eq!(writer.cached_statements_size(), 2, "kept with the connection that every change is made on");
    }
}

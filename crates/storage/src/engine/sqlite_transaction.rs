//! A change in `SQLite`. The library's own transactions stay open when a disk is full, and no other begins on their connection:
//! here a connection on which anything failed is closed.

use async_trait::async_trait;
use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use tokio::runtime::Handle;

use super::Transaction;
use super::sqlite::rows;
use crate::sql::{Row, Statement, StorageError, statement_failed};

pub(crate) struct SqliteTransaction {
    /// None once it is committed.
    connection: Option<PoolConnection<Sqlite>>,
    /// What is in memory goes with its connection, which therefore stays whatever happens.
    is_in_file: bool,
    has_failed: bool,
}

impl SqliteTransaction {
    /// A transaction that begins by reading cannot wait for its turn to write; `SQLite` makes it fail instead.
    pub(crate) async fn begin(connection: PoolConnection<Sqlite>, is_in_file: bool) -> Result<Self, StorageError> {
        let mut transaction = Self { connection: Some(connection), is_in_file, has_failed: false };
        transaction.run("BEGIN IMMEDIATE").await?;
        Ok(transaction)
    }

    async fn run(&mut self, script: &'static str) -> Result<(), StorageError> {
        let done = match &mut self.connection {
            Some(connection) => sqlx::raw_sql(script).execute(&mut **connection).await.map(drop),
            None => Err(sqlx::Error::PoolClosed),
        };
        self.noted(done)
    }

    fn noted<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, StorageError> {
        self.has_failed |= done.is_err();
        done.map_err(statement_failed)
    }

    fn connection(&mut self) -> Result<&mut PoolConnection<Sqlite>, StorageError> {
        self.connection.as_mut().ok_or_else(|| statement_failed(sqlx::Error::PoolClosed))
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        let fetched = rows(statement.for_sqlite().fetch_all(&mut **self.connection()?).await);
        self.has_failed |= fetched.is_err();
        fetched
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, StorageError> {
        let executed = statement.for_sqlite().execute(&mut **self.connection()?).await;
        Ok(self.noted(executed)?.rows_affected())
    }

    async fn run_script(&mut self, script: &'static str) -> Result<(), StorageError> {
        self.run(script).await
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StorageError> {
        self.run("COMMIT").await?;
        self.connection = None;
        Ok(())
    }
}

impl Drop for SqliteTransaction {
    /// Rolls back. A connection that cannot be rolled back, or on which something failed, is not used again.
    fn drop(&mut self) {
        let (Some(mut connection), Ok(runtime)) = (self.connection.take(), Handle::try_current()) else { return };
        let is_in_file = self.is_in_file;
        if self.has_failed && is_in_file {
            connection.close_on_drop();
            return;
        }
        runtime.spawn(async move {
            let rolled_back = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
            if rolled_back.is_err() && is_in_file {
                connection.close_on_drop();
            }
        });
    }
}

//! What an engine has to do; `SQLite` and `PostgreSQL` do it.

mod file;
mod postgres;
mod sqlite;
mod sqlite_transaction;

use async_trait::async_trait;

use crate::sql::{Migration, Row, Statement, StorageError};

pub use file::ServerLock;
pub(crate) use file::{DatabaseFile, create_private};
pub(crate) use postgres::PostgresDatabase;
pub(crate) use sqlite::SqliteDatabase;

/// An engine: `SQLite` or `PostgreSQL`.
#[async_trait]
pub(crate) trait Database: Send + Sync {
    /// Which of a migration's scripts is for this engine.
    fn script(&self, migration: &Migration) -> &'static str;

    /// Reads.
    async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, StorageError>;

    /// Makes a change of one statement; what it returns.
    async fn change(&self, statement: Statement) -> Result<Vec<Row>, StorageError>;

    /// Begins a change that may read before it writes.
    async fn begin(&self) -> Result<Box<dyn Transaction>, StorageError>;

    /// Begins a change of which one runs at a time: others wait for it, in whichever process they are.
    async fn begin_alone(&self) -> Result<Box<dyn Transaction>, StorageError>;

    /// Takes away what was deleted or changed from wherever the engine may have left it.
    async fn purge(&self) -> Result<(), StorageError>;

    /// A view of what other processes change; none where no other process can be.
    async fn lookout(&self) -> Result<Option<Box<dyn Lookout>>, StorageError>;

    /// Lets go of every connection from before the database was away: it may be another server that is there now.
    fn begin_anew(&self);

    /// Writes a copy of the whole database into an empty file, where the engine can.
    async fn copy_to(&self, path: &std::path::Path) -> Result<(), StorageError>;
}

/// Statements that become true together, or not at all when it is dropped.
#[async_trait]
pub(crate) trait Transaction: Send {
    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, StorageError>;

    /// How many rows it changed.
    async fn execute(&mut self, statement: Statement) -> Result<u64, StorageError>;

    /// Several statements without parameters.
    async fn run_script(&mut self, script: &'static str) -> Result<(), StorageError>;

    async fn commit(self: Box<Self>) -> Result<(), StorageError>;
}

/// A connection of its own, for noticing what others change however busy the rest is.
#[async_trait]
pub(crate) trait Lookout: Send {
    /// Returns when the database calls, or the connection is lost. Nothing is lost when the wait is given up.
    async fn called(&mut self);

    /// Reads; fails soon rather than wait.
    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, StorageError>;
}

//! The only module that speaks SQL. What is kept is said once for all engines (`applications`, `connections`, `changes`); what
//! an engine does its own way is behind `Database`. A further table is a file of statements here and a migration for each.

mod applications;
mod authorizations;
mod changes;
mod connections;
mod consumers;
mod database;
mod events;
mod integrations;
mod keys;
mod leases;
mod location;
mod logs;
#[cfg(test)]
mod plans;
mod postgres;
mod refreshes;
mod sqlite;
mod targets;
mod upgrade;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::VaultError;
use crate::keyring::DataKeys;
use crate::seal::SealingKey;

pub(crate) use changes::{Change, Seen, Watch};
pub(crate) use connections::{Connected, ConnectionRow};
use database::{Database, Row, Statement, Transaction};
pub use location::{PostgresUrl, StoreLocation};
use postgres::PostgresDatabase;
pub(crate) use refreshes::RefreshIntent;
use sqlite::SqliteDatabase;

/// The database.
pub(crate) struct Store {
    database: Box<dyn Database>,
    statements: AtomicU64,
}

/// Changes that become true together.
pub(crate) struct Write<'s> {
    store: &'s Store,
    transaction: Box<dyn Transaction>,
}

impl Store {
    /// Opens the database, brings it up to date, and with the master key its data keys.
    pub(crate) async fn open(location: &StoreLocation, master: &SealingKey) -> Result<(Self, DataKeys), VaultError> {
        let database: Box<dyn Database> = match location {
            StoreLocation::Memory => Box::new(SqliteDatabase::in_memory().await?),
            StoreLocation::File(path) => Box::new(SqliteDatabase::in_file(path).await?),
            StoreLocation::Postgres(url) => Box::new(PostgresDatabase::open(url).await?),
        };
        let store = Self { database, statements: AtomicU64::new(0) };
        let keys = store.bring_up_to_date(master).await?;
        Ok((store, keys))
    }

    /// Begins to watch for changes by other processes, where there can be others.
    pub(crate) async fn watch(&self) -> Result<Option<Watch>, VaultError> {
        match self.database.lookout().await? {
            Some(lookout) => Ok(Some(Watch::begin(lookout).await?)),
            None => Ok(None),
        }
    }

    /// How many statements have been sent, watching for changes and writing logs left out.
    pub(crate) fn statements(&self) -> u64 {
        self.statements.load(Ordering::SeqCst)
    }

    /// Begins a change.
    pub(crate) async fn write(&self) -> Result<Write<'_>, VaultError> {
        self.count();
        Ok(Write { store: self, transaction: self.database.begin().await? })
    }

    /// Takes away what was deleted or changed, as far as the engine can be made to.
    pub(crate) async fn purge(&self) -> Result<(), VaultError> {
        self.count();
        self.database.purge().await
    }

    async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        self.count();
        self.database.fetch(statement).await
    }

    fn count(&self) {
        self.statements.fetch_add(1, Ordering::SeqCst);
    }
}

impl Write<'_> {
    /// Makes the changes true and leaves word for the vaults of other processes.
    pub(crate) async fn commit(mut self, change: Option<&Change>) -> Result<(), VaultError> {
        if let Some(change) = change {
            self.leave_word(change).await?;
        }
        self.store.count();
        self.transaction.commit().await
    }

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        self.store.count();
        self.transaction.fetch(statement).await
    }

    /// How many rows it changed.
    async fn execute(&mut self, statement: Statement) -> Result<u64, VaultError> {
        self.store.count();
        self.transaction.execute(statement).await
    }
}

/// Only the database's own message: it names tables and columns, never values.
fn failed(error: impl std::fmt::Display) -> VaultError {
    VaultError::Store(error.to_string())
}

//! The only module that speaks SQL. Statements use what `SQLite` and `PostgreSQL` share; what they do not share is in `open`
//! and `watch`.

mod applications;
mod connections;
mod open;
mod watch;

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqlitePool};
use sqlx::{Sqlite, Transaction};

use crate::VaultError;

pub(crate) use connections::ConnectionRow;
pub use open::StoreLocation;
pub(crate) use watch::{Seen, Watch};

/// How many changes are kept for vaults that have yet to see them. One that is further behind forgets everything.
const KEPT_CHANGES: i64 = 256;

/// The database.
pub(crate) struct Store {
    pool: SqlitePool,
    statements: AtomicU64,
}

/// Changes that become true together.
pub(crate) struct Write<'s> {
    store: &'s Store,
    transaction: Transaction<'static, Sqlite>,
}

/// What running vaults have to forget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// API keys of an application.
    ApiKeys { application_id: String },
    /// The connections of a consumer.
    Consumer { application_id: String, consumer_id: String },
}

impl Store {
    /// How many statements have been sent, watching for changes left out.
    pub(crate) fn statements(&self) -> u64 {
        self.statements.load(Ordering::SeqCst)
    }

    /// Begins a change. No other process can write until it ends.
    pub(crate) async fn write(&self) -> Result<Write<'_>, VaultError> {
        self.statements.fetch_add(1, Ordering::SeqCst);
        // A transaction that begins by reading cannot wait for its turn to write; SQLite makes it fail instead.
        let transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        Ok(Write { store: self, transaction })
    }

    /// Every statement is made here, and counted.
    fn statement(&self, sql: &'static str) -> Query<'static, Sqlite, SqliteArguments> {
        self.statements.fetch_add(1, Ordering::SeqCst);
        sqlx::query(sql)
    }
}

impl Write<'_> {
    /// Makes the changes true and leaves word for the vaults of other processes.
    pub(crate) async fn commit(mut self, change: Option<&Change>) -> Result<(), VaultError> {
        if let Some(change) = change {
            self.leave_word(change).await?;
        }
        self.store.statements.fetch_add(1, Ordering::SeqCst);
        self.transaction.commit().await.map_err(failed)
    }

    async fn leave_word(&mut self, change: &Change) -> Result<(), VaultError> {
        let (application_id, consumer_id) = match change {
            Change::ApiKeys { application_id } => (application_id, None),
            Change::Consumer { application_id, consumer_id } => (application_id, Some(consumer_id)),
        };
        let insert = "INSERT INTO changes (application_id, consumer_id) VALUES ($1, $2)";
        let insert = self.store.statement(insert).bind(application_id).bind(consumer_id);
        insert.execute(&mut *self.transaction).await.map_err(failed)?;
        let prune = "DELETE FROM changes WHERE revision <= (SELECT MAX(revision) FROM changes) - $1";
        let prune = self.store.statement(prune).bind(KEPT_CHANGES);
        prune.execute(&mut *self.transaction).await.map_err(failed)?;
        Ok(())
    }
}

/// Only the database's own message: it names tables and columns, never values.
fn failed(error: impl std::fmt::Display) -> VaultError {
    VaultError::Store(error.to_string())
}

fn timestamp(milliseconds: i64) -> Result<Timestamp, VaultError> {
    Timestamp::from_millisecond(milliseconds).map_err(failed)
}

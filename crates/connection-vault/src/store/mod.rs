//! The only module that speaks SQL. What is kept is said once for all engines (`applications`, `connections`, `changes`); what
//! an engine does its own way is behind `Database`. A further table is a file of statements here and a migration for each.

mod applications;
mod authorizations;
mod changes;
mod connections;
mod consumers;
mod database;
mod events;
mod file;
mod health;
mod integrations;
mod keys;
mod leases;
mod location;
mod logs;
#[cfg(test)]
mod plans;
mod postgres;
mod refreshes;
mod sessions;
mod sqlite;
mod sqlite_transaction;
mod targets;
mod upgrade;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::watch;

use crate::VaultError;
use crate::keyring::DataKeys;
use crate::seal::SealingKey;

pub(crate) use changes::{Change, Seen, Watch};
pub(crate) use connections::{Connected, ConnectionRow};
use database::{Database, Row, Statement, Transaction};
use file::DatabaseFile;
pub(crate) use file::ServerLock;
use health::Writing;
pub use location::{PostgresUrl, StoreLocation};
use postgres::PostgresDatabase;
pub(crate) use refreshes::RefreshIntent;
use sqlite::SqliteDatabase;

/// The database.
pub(crate) struct Store {
    database: Box<dyn Database>,
    statements: AtomicU64,
    /// Whether it is known that the database cannot be reached. Then nobody waits for it.
    away: watch::Sender<bool>,
    /// Whether calls are served without it for now.
    done_without: AtomicBool,
    writing: Writing,
    file: Option<DatabaseFile>,
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
            StoreLocation::File(path) => Box::new(SqliteDatabase::in_file(DatabaseFile::new(path)).await?),
            StoreLocation::Postgres(url) => Box::new(PostgresDatabase::open(url).await?),
        };
        let (away, _) = watch::channel(false);
        let file = match location {
            StoreLocation::File(path) => Some(DatabaseFile::new(path)),
            StoreLocation::Memory | StoreLocation::Postgres(_) => None,
        };
        let (statements, done_without) = (AtomicU64::new(0), AtomicBool::new(false));
        let store = Self { database, statements, away, done_without, writing: Writing::default(), file };
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
        Ok(Write { store: self, transaction: self.begin().await? })
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, VaultError> {
        self.writing.noted(self.unless_away(self.database.begin()).await)
    }

    /// Says that the database cannot be reached: whoever waits for it is told at once.
    pub(crate) fn is_gone(&self) {
        self.away.send_replace(true);
    }

    /// Says that it is there again, as another server perhaps.
    pub(crate) fn is_back(&self) {
        self.database.begin_anew();
        self.away.send_replace(false);
    }

    /// Says whether calls are served without it.
    pub(crate) fn do_without(&self, yes: bool) {
        self.done_without.store(yes, Ordering::SeqCst);
    }

    /// Whether calls are served without it for now.
    pub(crate) fn is_done_without(&self) -> bool {
        self.done_without.load(Ordering::SeqCst)
    }

    async fn unless_away<T>(&self, work: impl Future<Output = Result<T, VaultError>>) -> Result<T, VaultError> {
        let mut away = self.away.subscribe();
        tokio::select! {
            biased;
            _ = away.wait_for(|away| *away) => Err(unavailable("the database cannot be reached")),
            done = work => done,
        }
    }

    /// The right to serve from the database's file, where it is one.
    pub(crate) fn server_lock(&self) -> Result<Option<ServerLock>, VaultError> {
        self.file.as_ref().map(DatabaseFile::lock).transpose()
    }

    /// Writes a copy of the whole database, where the engine has one file for it.
    pub(crate) async fn copy_to(&self, path: &std::path::Path) -> Result<(), VaultError> {
        if !file::create_private(path)? {
            return Err(failed(format!("{} is there already", path.display())));
        }
        self.database.copy_to(path).await
    }

    /// Takes away what was deleted or changed, as far as the engine can be made to.
    pub(crate) async fn purge(&self) -> Result<(), VaultError> {
        self.count();
        self.database.purge().await
    }

    async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        self.count();
        self.unless_away(self.database.fetch(statement)).await
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
        let committed = self.store.unless_away(self.transaction.commit()).await;
        self.store.writing.committed(committed)
    }

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        self.store.count();
        let fetched = self.store.unless_away(self.transaction.fetch(statement)).await;
        self.store.writing.noted(fetched)
    }

    /// How many rows it changed.
    async fn execute(&mut self, statement: Statement) -> Result<u64, VaultError> {
        self.store.count();
        let executed = self.store.unless_away(self.transaction.execute(statement)).await;
        self.store.writing.noted(executed)
    }
}

/// Only the database's own message: it names tables and columns, never values.
fn failed(error: impl std::fmt::Display) -> VaultError {
    VaultError::Store(error.to_string())
}

/// The database is away, full, locked or damaged: nothing is wrong with what was asked.
fn unavailable(error: impl std::fmt::Display) -> VaultError {
    VaultError::Unavailable(error.to_string())
}

fn statement_failed(error: sqlx::Error) -> VaultError {
    if is_of_the_database(&error) { unavailable(error) } else { failed(error) }
}

/// Whether it is the database's state that a statement failed for, and not the statement.
fn is_of_the_database(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            match error.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
                // The extended code's low byte is the code (<https://sqlite.org/rescode.html>): BUSY, LOCKED, READONLY,
                // IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
                Some(_) => {
                    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 11 | 13 | 14 | 15 | 26))
                }
                // Classes of SQLSTATE: connection, rollback for others' sake, resources, lock, shutdown, system; and a
                // server that only reads, before it takes over.
                None => {
                    ["08", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class)) || code == "25006"
                }
            }
        }
        _ => false,
    }
}

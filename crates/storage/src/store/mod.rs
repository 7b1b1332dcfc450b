//! A store: one database, what is known of whether it can be reached, and changes to it.

mod feed;
mod health;
mod leases;
mod upgrade;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::watch;

use crate::engine::{
    Database, DatabaseFile, PostgresDatabase, ServerLock, SqliteDatabase, Transaction, create_private,
};
use crate::sql::{Migrations, Row, Statement, StorageError, StoreLocation};
use health::Writing;
use upgrade::Schema;

pub use feed::{Announcement, Seen, Watch};

/// The database.
pub struct Store {
    database: Box<dyn Database>,
    schema: Schema,
    statements: AtomicU64,
    /// Whether it is known that the database cannot be reached. Then nobody waits for it.
    away: watch::Sender<bool>,
    /// Whether its users do without it for now.
    done_without: AtomicBool,
    writing: Writing,
    file: Option<DatabaseFile>,
}

/// Changes that become true together, or not at all when it is dropped.
pub struct Write<'s> {
    store: &'s Store,
    transaction: Box<dyn Transaction>,
    is_counted: bool,
}

impl Store {
    /// Opens the database, whose schema is what these crates contribute. [`Store::upgrade`] comes next. Needs a tokio runtime.
    ///
    /// # Errors
    /// Fails where the database cannot be opened.
    pub async fn open(location: &StoreLocation, contributed: &[&'static Migrations]) -> Result<Self, StorageError> {
        let schema = Schema::new(contributed);
        let database: Box<dyn Database> = match location {
            StoreLocation::Memory => Box::new(SqliteDatabase::in_memory().await?),
            StoreLocation::File(path) => {
                Box::new(SqliteDatabase::in_file(DatabaseFile::new(path), schema.steps()).await?)
            }
            StoreLocation::Postgres(url) => Box::new(PostgresDatabase::open(url).await?),
        };
        let file = match location {
            StoreLocation::File(path) => Some(DatabaseFile::new(path)),
            StoreLocation::Memory | StoreLocation::Postgres(_) => None,
        };
        Ok(Self {
            database,
            schema,
            statements: AtomicU64::new(0),
            away: watch::Sender::new(false),
            done_without: AtomicBool::new(false),
            writing: Writing::default(),
            file,
        })
    }

    /// Begins to watch for changes by other processes; `None` where there can be no others.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn watch(&self) -> Result<Option<Watch>, StorageError> {
        match self.database.lookout().await? {
            Some(lookout) => Ok(Some(Watch::begin(lookout).await?)),
            None => Ok(None),
        }
    }

    /// How many statements have been sent, watching for changes and what is done in the background left out.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::SeqCst)
    }

    /// Reads.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        self.count();
        self.fetch_in_background(statement).await
    }

    /// The same for what no caller waits for: it is not among the statements that are counted.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn fetch_in_background(&self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        self.unless_away(self.database.fetch(statement)).await
    }

    /// Begins a change.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn write(&self) -> Result<Write<'_>, StorageError> {
        self.count();
        Ok(Write { is_counted: true, ..self.write_in_background().await? })
    }

    /// The same for what no caller waits for: none of its statements is counted.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn write_in_background(&self) -> Result<Write<'_>, StorageError> {
        let transaction = self.writing.noted(self.unless_away(self.database.begin()).await)?;
        Ok(Write { store: self, transaction, is_counted: false })
    }

    /// Begins a change that others of its kind wait for, in whichever process they are.
    async fn write_alone(&self) -> Result<Write<'_>, StorageError> {
        Ok(Write { store: self, transaction: self.database.begin_alone().await?, is_counted: false })
    }

    /// Makes a change of one statement; what it returns.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn change(&self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        self.count();
        self.writing.noted(self.unless_away(self.database.change(statement)).await)
    }

    /// Says that the database cannot be reached: whoever waits for it is told at once.
    pub fn is_gone(&self) {
        self.away.send_replace(true);
    }

    /// Says that it is there again, as another server perhaps.
    pub fn is_back(&self) {
        self.database.begin_anew();
        self.away.send_replace(false);
    }

    fn is_away(&self) -> bool {
        *self.away.borrow()
    }

    /// Says whether its users do without it.
    pub fn do_without(&self, yes: bool) {
        self.done_without.store(yes, Ordering::SeqCst);
    }

    /// Whether its users do without it for now.
    pub fn is_done_without(&self) -> bool {
        self.done_without.load(Ordering::SeqCst)
    }

    async fn unless_away<T>(&self, work: impl Future<Output = Result<T, StorageError>>) -> Result<T, StorageError> {
        let mut away = self.away.subscribe();
        tokio::select! {
            biased;
            _ = away.wait_for(|away| *away) => Err(StorageError::unavailable("the database cannot be reached")),
            done = work => done,
        }
    }

    /// The right to serve from the database's file; `None` where it has none.
    ///
    /// # Errors
    /// Fails with [`StorageError::InUse`] where another server has it.
    pub fn server_lock(&self) -> Result<Option<ServerLock>, StorageError> {
        self.file.as_ref().map(DatabaseFile::lock).transpose()
    }

    /// Writes a copy of the whole database, where the engine has one file for it.
    ///
    /// # Errors
    /// Fails where there is such a file already, or the engine has none.
    pub async fn copy_to(&self, path: &Path) -> Result<(), StorageError> {
        if !create_private(path)? {
            return Err(StorageError::failed(format!("{} is there already", path.display())));
        }
        self.database.copy_to(path).await
    }

    /// Takes away what was deleted or changed, as far as the engine can be made to.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn purge(&self) -> Result<(), StorageError> {
        self.count();
        self.database.purge().await
    }

    fn count(&self) {
        self.statements.fetch_add(1, Ordering::SeqCst);
    }
}

impl Write<'_> {
    /// Makes the changes true. Nobody else is told of them.
    ///
    /// # Errors
    /// Fails where the store does. Where it is [`StorageError::Unavailable`], they may have become true.
    pub async fn commit(self) -> Result<(), StorageError> {
        self.count();
        let committed = self.store.unless_away(self.transaction.commit()).await;
        self.store.writing.committed(committed)
    }

    /// Makes the changes true and tells those who watch.
    ///
    /// # Errors
    /// Fails as [`Write::commit`] does.
    pub async fn commit_announcing(mut self, announcement: &Announcement) -> Result<(), StorageError> {
        self.announce(announcement).await?;
        self.commit().await
    }

    /// Reads.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        self.count();
        let fetched = self.store.unless_away(self.transaction.fetch(statement)).await;
        self.store.writing.noted(fetched)
    }

    /// Changes; how many rows it changed.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn execute(&mut self, statement: Statement) -> Result<u64, StorageError> {
        self.count();
        let executed = self.store.unless_away(self.transaction.execute(statement)).await;
        self.store.writing.noted(executed)
    }

    /// Several statements without parameters.
    async fn run_script(&mut self, script: &'static str) -> Result<(), StorageError> {
        self.transaction.run_script(script).await
    }

    fn count(&self) {
        if self.is_counted {
            self.store.count();
        }
    }
}

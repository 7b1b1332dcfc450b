//! Opening the database file: made private, brought up to date, checked against the master key.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row};

use super::{Store, Watch, Write, failed};
use crate::VaultError;
use crate::seal::{Place, Sealer};

/// In order; the number of those that have run is the file's `user_version`.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/sqlite/0001_initial.sql")];
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const MOST_CONNECTIONS: u32 = 4;
const CHECK_TEXT: &str = "sealed with this master key";
const CHECK_PLACE: Place<'static> =
    Place { application_id: "", consumer_id: "", service_id: "", connection_id: "", setting: "master_key_check" };

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreLocation {
    /// A file, made when there is none.
    File(PathBuf),
    /// Gone when the vault is: for tests and the sandbox.
    Memory,
}

impl Store {
    /// Opens the database; a file comes with a watch for the changes of other processes.
    pub(crate) async fn open(location: &StoreLocation, sealer: &Sealer) -> Result<(Self, Option<Watch>), VaultError> {
        let (pool, watched) = match location {
            StoreLocation::Memory => (open_memory().await?, None),
            StoreLocation::File(path) => {
                create_private(path)?;
                let options = file_options(path);
                let connection = connect_first(&options).await?;
                (
                    SqlitePoolOptions::new().max_connections(MOST_CONNECTIONS).connect_lazy_with(options),
                    Some(connection),
                )
            }
        };
        let store = Self { pool, statements: AtomicU64::new(0) };
        store.bring_up_to_date(sealer).await?;
        let watch = match watched {
            Some(connection) => Some(Watch::begin(connection).await?),
            None => None,
        };
        Ok((store, watch))
    }

    /// One transaction, so that of two processes that start at once the second finds the work done.
    async fn bring_up_to_date(&self, sealer: &Sealer) -> Result<(), VaultError> {
        let mut write = self.write().await?;
        write.migrate().await?;
        write.check_master_key(sealer).await?;
        write.commit(None).await
    }
}

impl Write<'_> {
    async fn migrate(&mut self) -> Result<(), VaultError> {
        let version = self.store.statement("PRAGMA user_version").fetch_one(&mut *self.transaction);
        let version = version.await.and_then(|row| row.try_get::<u32, _>(0)).map_err(failed)? as usize;
        let outstanding = MIGRATIONS.get(version..).ok_or_else(|| {
            let known = MIGRATIONS.len();
            VaultError::Store(format!("the database has schema {version}, this build knows up to {known}: it is older"))
        })?;
        for migration in outstanding {
            sqlx::raw_sql(*migration).execute(&mut *self.transaction).await.map_err(failed)?;
        }
        // A pragma takes no parameters; the number is ours.
        let set_version = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {}", MIGRATIONS.len()));
        sqlx::query(set_version).execute(&mut *self.transaction).await.map_err(failed)?;
        Ok(())
    }

    /// A database is tied to the first master key that opened it: a wrong one is found now and not at the first call.
    async fn check_master_key(&mut self, sealer: &Sealer) -> Result<(), VaultError> {
        let select = "SELECT value FROM vault_facts WHERE name = 'master_key_check'";
        let row = self.store.statement(select).fetch_optional(&mut *self.transaction).await.map_err(failed)?;
        if let Some(row) = row {
            let blob: String = row.try_get(0).map_err(failed)?;
            let opened = sealer.open(&CHECK_PLACE, &blob);
            let is_ours = opened.is_ok_and(|text| text.expose_secret() == CHECK_TEXT);
            let other = || VaultError::Sealed("this database was sealed with another master key".to_owned());
            return if is_ours { Ok(()) } else { Err(other()) };
        }
        let blob = sealer.seal(&CHECK_PLACE, &SecretString::from(CHECK_TEXT))?;
        let insert = "INSERT INTO vault_facts (name, value) VALUES ('master_key_check', $1)";
        self.store.statement(insert).bind(blob).execute(&mut *self.transaction).await.map_err(failed)?;
        Ok(())
    }
}

/// One connection that never closes: every other one would have a database of its own.
async fn open_memory() -> Result<SqlitePool, VaultError> {
    let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
    let pool = SqlitePoolOptions::new().min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None);
    pool.connect_with(options).await.map_err(failed)
}

fn file_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
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
    Err(VaultError::Store("the database is locked".to_owned()))
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
        Err(error) => Err(VaultError::Store(format!("{}: {error}", path.display()))),
    }
}

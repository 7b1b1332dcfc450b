//! `PostgreSQL`: a pool of connections, and one more that listens for what other servers change.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions, PgRow};
use sqlx::{Connection, PgConnection, Postgres};
use tokio::time::timeout;

use super::database::{Database, Lookout, Row, Statement, Transaction};
use super::{PostgresUrl, failed, statement_failed, unavailable};
use crate::VaultError;

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/postgres/0001_initial.sql"),
    include_str!("../../migrations/postgres/0002_vault_api.sql"),
    include_str!("../../migrations/postgres/0003_logs.sql"),
    include_str!("../../migrations/postgres/0004_record_leases.sql"),
    include_str!("../../migrations/postgres/0005_keys_and_sessions.sql"),
];
const MOST_CONNECTIONS: u32 = 8;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A server that has gone without a word would keep a caller waiting until the operating system gives up.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// With the quarter of a second between two looks, what others change is noticed within a second, or nothing is kept.
const LOOK_WITHIN: Duration = Duration::from_millis(500);
/// What the migrations call when something has changed.
const CHANNEL: &str = "trunkline_changes";

pub(super) struct PostgresDatabase {
    options: PgConnectOptions,
    pool: Mutex<PgPool>,
}

struct PostgresTransaction(sqlx::Transaction<'static, Postgres>);

/// No listener: its connection was lost.
struct PostgresLookout(Option<PgListener>);

impl PostgresDatabase {
    pub(super) async fn open(url: &PostgresUrl) -> Result<Self, VaultError> {
        let options = options(url)?;
        // The pool would only say that it has waited for too long.
        let first = within(CONNECT_WITHIN, PgConnection::connect_with(&options)).await;
        let named = |error| format!("PostgreSQL at {}:{}: {error}", options.get_host(), options.get_port());
        let first = first.map_err(|error| match error {
            VaultError::Unavailable(error) | VaultError::Store(error) => failed(named(error)),
            error => error,
        })?;
        first.close().await.map_err(failed)?;
        Ok(Self { pool: Mutex::new(pool(&options)), options })
    }

    fn pool(&self) -> PgPool {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn pool(options: &PgConnectOptions) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(MOST_CONNECTIONS).acquire_timeout(CONNECT_WITHIN);
    pool.connect_lazy_with(options.clone())
}

#[async_trait]
impl Database for PostgresDatabase {
    fn migrations(&self) -> &'static [&'static str] {
        MIGRATIONS
    }

    async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        let mut connection = self.pool().acquire().await.map_err(statement_failed)?;
        let fetched = within(ANSWER_WITHIN, statement.for_postgres().fetch_all(&mut *connection)).await;
        if fetched.is_err() {
            connection.close_on_drop();
        }
        rows(fetched)
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, VaultError> {
        Ok(Box::new(PostgresTransaction(within(ANSWER_WITHIN, self.pool().begin()).await?)))
    }

    async fn begin_upgrade(&self) -> Result<Box<dyn Transaction>, VaultError> {
        let mut transaction = self.pool().begin().await.map_err(failed)?;
        let prepare = "SET LOCAL client_min_messages = warning; \
                       SELECT pg_advisory_xact_lock(hashtext('trunkline'), hashtext(current_schema()))";
        sqlx::raw_sql(prepare).execute(&mut *transaction).await.map_err(failed)?;
        Ok(Box::new(PostgresTransaction(transaction)))
    }

    /// The server's own vacuum does it, in its time.
    async fn purge(&self) -> Result<(), VaultError> {
        Ok(())
    }

    async fn lookout(&self) -> Result<Option<Box<dyn Lookout>>, VaultError> {
        let name = self.options.get_application_name().unwrap_or_default();
        let options = self.options.clone().application_name(&format!("{name}, changes"));
        // A pool is what a listener takes. With no other connection in it, nothing of the lost one is met again.
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(CONNECT_WITHIN).connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&pool).await.map_err(statement_failed)?;
        listener.ignore_pool_close_event(true);
        listener.eager_reconnect(false);
        within(ANSWER_WITHIN, listener.listen(CHANNEL)).await?;
        Ok(Some(Box::new(PostgresLookout(Some(listener)))))
    }

    fn begin_anew(&self) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *pool, self::pool(&self.options));
        tokio::spawn(async move { before.close().await });
    }

    async fn copy_to(&self, _path: &std::path::Path) -> Result<(), VaultError> {
        Err(failed("the database is a PostgreSQL server's: copy it with pg_dump"))
    }
}

#[async_trait]
impl Transaction for PostgresTransaction {
    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        rows(within(ANSWER_WITHIN, statement.for_postgres().fetch_all(&mut *self.0)).await)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, VaultError> {
        let executed = within(ANSWER_WITHIN, statement.for_postgres().execute(&mut *self.0)).await;
        Ok(executed?.rows_affected())
    }

    /// However long it takes.
    async fn run_script(&mut self, script: &'static str) -> Result<(), VaultError> {
        sqlx::raw_sql(script).execute(&mut *self.0).await.map_err(failed)?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), VaultError> {
        within(ANSWER_WITHIN, self.0.commit()).await
    }
}

#[async_trait]
impl Lookout for PostgresLookout {
    async fn called(&mut self) {
        let Some(listener) = &mut self.0 else { return };
        // What is called does not matter. A connection that was lost may be another server's when it is there again, and that
        // server may lack what this one had: it is not picked up here.
        if !matches!(listener.try_recv().await, Ok(Some(_))) {
            self.0 = None;
        }
    }

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, VaultError> {
        let listener = self.0.as_mut().ok_or_else(|| unavailable("the connection that listens was lost"))?;
        // One look answers all the calls that are waiting.
        while listener.next_buffered().is_some() {}
        let fetched = within(LOOK_WITHIN, statement.for_postgres().fetch_all(&mut *listener)).await;
        if fetched.is_err() {
            self.0 = None;
        }
        rows(fetched)
    }
}

fn rows(fetched: Result<Vec<PgRow>, VaultError>) -> Result<Vec<Row>, VaultError> {
    Ok(fetched?.into_iter().map(Row::Postgres).collect())
}

/// Whatever the address leaves open comes from where its server's own programs look: `PGPASSWORD`, `~/.pgpass` and so on.
fn options(url: &PostgresUrl) -> Result<PgConnectOptions, VaultError> {
    let text = url.expose();
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        return Err(failed("a database is the path of a file, or an address that begins with postgres://"));
    }
    let options =
        PgConnectOptions::from_str(text).map_err(|error| failed(format!("the database's address: {error}")))?;
    Ok(if options.get_application_name().is_some() { options } else { options.application_name("trunkline") })
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, VaultError> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(statement_failed),
        Err(_) => Err(unavailable(format!("no answer within {limit:?}"))),
    }
}

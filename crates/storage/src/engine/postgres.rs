//! `PostgreSQL`: a pool of connections, and one more that listens for what other servers change.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions, PgRow};
use sqlx::{Connection, PgConnection, Postgres};
use tokio::time::timeout;

use super::{Database, Lookout, Transaction};
use crate::sql::{Migration, PostgresUrl, Row, Statement, StorageError, statement_failed};

const MOST_CONNECTIONS: u32 = 8;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A server that has gone without a word would keep a caller waiting until the operating system gives up.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// With the quarter of a second between two looks, what others change is noticed within a second, or nothing is kept.
const LOOK_WITHIN: Duration = Duration::from_millis(500);
/// What the trigger on the feed calls when something has changed.
const CHANNEL: &str = "trunkline_changes";

pub(crate) struct PostgresDatabase {
    options: PgConnectOptions,
    pool: Mutex<PgPool>,
}

struct PostgresTransaction(sqlx::Transaction<'static, Postgres>);

/// No listener: its connection was lost.
struct PostgresLookout(Option<PgListener>);

impl PostgresDatabase {
    pub(crate) async fn open(url: &PostgresUrl) -> Result<Self, StorageError> {
        let options = options(url)?;
        // The pool would only say that it has waited for too long.
        let first = within(CONNECT_WITHIN, PgConnection::connect_with(&options)).await;
        let named = |error| format!("PostgreSQL at {}:{}: {error}", options.get_host(), options.get_port());
        let first = first.map_err(|error| match error {
            StorageError::Unavailable(error) | StorageError::Failed(error) => StorageError::failed(named(error)),
            error @ StorageError::InUse(_) => error,
        })?;
        first.close().await.map_err(StorageError::failed)?;
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
    fn script(&self, migration: &Migration) -> &'static str {
        migration.postgres
    }

    async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        let mut connection = self.pool().acquire().await.map_err(statement_failed)?;
        let fetched = within(ANSWER_WITHIN, statement.for_postgres().fetch_all(&mut *connection)).await;
        if fetched.is_err() {
            connection.close_on_drop();
        }
        rows(fetched)
    }

    async fn change(&self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        self.fetch(statement).await
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, StorageError> {
        Ok(Box::new(PostgresTransaction(within(ANSWER_WITHIN, self.pool().begin()).await?)))
    }

    async fn begin_alone(&self) -> Result<Box<dyn Transaction>, StorageError> {
        let mut transaction = self.pool().begin().await.map_err(StorageError::failed)?;
        let prepare = "SET LOCAL client_min_messages = warning; \
                       SELECT pg_advisory_xact_lock(hashtext('trunkline'), hashtext(current_schema()))";
        sqlx::raw_sql(prepare).execute(&mut *transaction).await.map_err(StorageError::failed)?;
        Ok(Box::new(PostgresTransaction(transaction)))
    }

    /// The server's own vacuum does it, in its time.
    async fn purge(&self) -> Result<(), StorageError> {
        Ok(())
    }

    async fn lookout(&self) -> Result<Option<Box<dyn Lookout>>, StorageError> {
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

    async fn copy_to(&self, _path: &std::path::Path) -> Result<(), StorageError> {
        Err(StorageError::failed("the database is a PostgreSQL server's: copy it with pg_dump"))
    }
}

#[async_trait]
impl Transaction for PostgresTransaction {
    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        rows(within(ANSWER_WITHIN, statement.for_postgres().fetch_all(&mut *self.0)).await)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, StorageError> {
        let executed = within(ANSWER_WITHIN, statement.for_postgres().execute(&mut *self.0)).await;
        Ok(executed?.rows_affected())
    }

    /// However long it takes.
    async fn run_script(&mut self, script: &'static str) -> Result<(), StorageError> {
        sqlx::raw_sql(script).execute(&mut *self.0).await.map_err(StorageError::failed)?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
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

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, StorageError> {
        let listener =
            self.0.as_mut().ok_or_else(|| StorageError::unavailable("the connection that listens was lost"))?;
        // One look answers all the calls that are waiting.
        while listener.next_buffered().is_some() {}
        let fetched = within(LOOK_WITHIN, statement.for_postgres().fetch_all(&mut *listener)).await;
        if fetched.is_err() {
            self.0 = None;
        }
        rows(fetched)
    }
}

fn rows(fetched: Result<Vec<PgRow>, StorageError>) -> Result<Vec<Row>, StorageError> {
    Ok(fetched?.into_iter().map(Row::from).collect())
}

/// Whatever the address leaves open comes from where its server's own programs look: `PGPASSWORD`, `~/.pgpass` and so on.
fn options(url: &PostgresUrl) -> Result<PgConnectOptions, StorageError> {
    let text = url.expose();
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        return Err(StorageError::failed(
            "a database is the path of a file, or an address that begins with postgres://",
        ));
    }
    let options = PgConnectOptions::from_str(text)
        .map_err(|error| StorageError::failed(format!("the database's address: {error}")))?;
    Ok(if options.get_application_name().is_some() { options } else { options.application_name("trunkline") })
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StorageError> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(statement_failed),
        Err(_) => Err(StorageError::unavailable(format!("no answer within {limit:?}"))),
    }
}

//! What an engine has to do, and the statements and rows that are the same for all of them.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Decode, Encode, Postgres, Row as _, SqlSafeStr, Sqlite, Type};

use super::failed;
use crate::VaultError;

/// An engine: `SQLite` or `PostgreSQL`.
#[async_trait]
pub(super) trait Database: Send + Sync {
    /// The scripts that make the schema, in order. One that has been released is never changed.
    fn migrations(&self) -> &'static [&'static str];

    /// Reads.
    async fn fetch(&self, statement: Statement) -> Result<Vec<Row>, VaultError>;

    /// Begins a change that may read before it writes.
    async fn begin(&self) -> Result<Box<dyn Transaction>, VaultError>;

    /// Begins a change to the schema: of those that start at once, one goes first and the others wait for it.
    async fn begin_upgrade(&self) -> Result<Box<dyn Transaction>, VaultError>;

    /// Takes away what was deleted or changed from wherever the engine may have left it.
    async fn purge(&self) -> Result<(), VaultError>;

    /// A view of what other processes change; none where no other process can be.
    async fn lookout(&self) -> Result<Option<Box<dyn Lookout>>, VaultError>;

    /// Lets go of every connection from before the database was away: it may be another server that is there now.
    fn begin_anew(&self);

    /// Writes a copy of the whole database into an empty file, where the engine can.
    async fn copy_to(&self, path: &std::path::Path) -> Result<(), VaultError>;
}

/// Statements that become true together, or not at all when it is dropped.
#[async_trait]
pub(super) trait Transaction: Send {
    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, VaultError>;

    /// How many rows it changed.
    async fn execute(&mut self, statement: Statement) -> Result<u64, VaultError>;

    /// Several statements without parameters.
    async fn run_script(&mut self, script: &'static str) -> Result<(), VaultError>;

    async fn commit(self: Box<Self>) -> Result<(), VaultError>;
}

/// A connection of its own, for noticing what others change however busy the rest is.
#[async_trait]
pub(super) trait Lookout: Send {
    /// Returns when the database calls, or the connection is lost. Nothing is lost when the wait is given up.
    async fn called(&mut self);

    /// Reads; fails soon rather than wait.
    async fn fetch(&mut self, statement: Statement) -> Result<Vec<Row>, VaultError>;
}

/// A statement in what `SQLite` and `PostgreSQL` share, with its parameters.
pub(super) struct Statement {
    sql: &'static str,
    values: Vec<Value>,
    lock: Option<RowLock>,
}

#[derive(Clone, Copy)]
enum RowLock {
    Change,
    Keep,
}

pub(super) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
    Flag(bool),
    Bytes(Option<Vec<u8>>),
}

impl Statement {
    pub(super) fn new(sql: &'static str) -> Self {
        Self { sql, values: Vec::new(), lock: None }
    }

    /// The next of `$1`, `$2`, …
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// The same for a value that is kept as JSON.
    pub(super) fn bind_json(self, value: &impl Serialize) -> Result<Self, VaultError> {
        Ok(self.bind(serde_json::to_string(value).map_err(failed)?))
    }

    /// The same for a value that may be missing.
    pub(super) fn bind_optional_json(self, value: Option<&impl Serialize>) -> Result<Self, VaultError> {
        let text = value.map(serde_json::to_string).transpose().map_err(failed)?;
        Ok(self.bind(text.as_ref()))
    }

    /// Nobody else changes the rows that it finds until the transaction ends.
    pub(super) fn locking_rows(self) -> Self {
        Self { lock: Some(RowLock::Change), ..self }
    }

    /// Nobody changes the rows that it finds until the transaction ends, but others may keep them so, too.
    pub(super) fn keeping_rows(self) -> Self {
        Self { lock: Some(RowLock::Keep), ..self }
    }

    /// The same with something before it, such as `EXPLAIN`.
    #[cfg(test)]
    pub(super) fn after(self, words: &str) -> Self {
        Self { sql: format!("{words} {}", self.sql).leak(), ..self }
    }

    /// For `SQLite`, whose transactions lock everything.
    pub(super) fn for_sqlite(self) -> Query<'static, Sqlite, <Sqlite as sqlx::Database>::Arguments> {
        bind_all(sqlx::query(self.sql), self.values)
    }

    pub(super) fn for_postgres(self) -> Query<'static, Postgres, <Postgres as sqlx::Database>::Arguments> {
        let sql = match self.lock {
            None => self.sql.into_sql_str(),
            Some(RowLock::Change) => AssertSqlSafe(format!("{} FOR UPDATE", self.sql)).into_sql_str(),
            Some(RowLock::Keep) => AssertSqlSafe(format!("{} FOR SHARE", self.sql)).into_sql_str(),
        };
        bind_all(sqlx::query(sql), self.values)
    }
}

fn bind_all<DB: sqlx::Database>(
    query: Query<'static, DB, DB::Arguments>,
    values: Vec<Value>,
) -> Query<'static, DB, DB::Arguments>
where
    Option<String>: Encode<'static, DB> + Type<DB>,
    Option<i64>: Encode<'static, DB> + Type<DB>,
    bool: Encode<'static, DB> + Type<DB>,
    Option<Vec<u8>>: Encode<'static, DB> + Type<DB>,
{
    values.into_iter().fold(query, |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Number(number) => query.bind(number),
        Value::Flag(flag) => query.bind(flag),
        Value::Bytes(bytes) => query.bind(bytes),
    })
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&String>> for Value {
    fn from(text: Option<&String>) -> Self {
        Self::Text(text.cloned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        time.as_millisecond().into()
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(time: Option<Timestamp>) -> Self {
        Self::Number(time.map(Timestamp::as_millisecond))
    }
}

impl From<Option<&[u8]>> for Value {
    fn from(bytes: Option<&[u8]>) -> Self {
        Self::Bytes(bytes.map(<[u8]>::to_vec))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_vec()))
    }
}

/// A row of either engine.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// A column's value: `&str`, `i64`, `bool`, `&[u8]`, or an `Option` of them.
    pub(super) fn get<'r, T>(&'r self, column: &str) -> Result<T, VaultError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
        .map_err(failed)
    }

    pub(super) fn text(&self, column: &str) -> Result<String, VaultError> {
        self.get(column)
    }

    /// A column that is kept as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, VaultError> {
        serde_json::from_str(self.get(column)?).map_err(failed)
    }

    pub(super) fn optional_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, VaultError> {
        let text: Option<&str> = self.get(column)?;
        text.map(serde_json::from_str).transpose().map_err(failed)
    }

    pub(super) fn timestamp(&self, column: &str) -> Result<Timestamp, VaultError> {
        Timestamp::from_millisecond(self.get(column)?).map_err(failed)
    }

    pub(super) fn optional_timestamp(&self, column: &str) -> Result<Option<Timestamp>, VaultError> {
        let milliseconds: Option<i64> = self.get(column)?;
        milliseconds.map(Timestamp::from_millisecond).transpose().map_err(failed)
    }
}

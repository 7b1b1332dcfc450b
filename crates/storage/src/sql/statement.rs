//! Statements in what the engines share, with their parameters.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Encode, Postgres, SqlSafeStr, Sqlite, Type};

use super::StorageError;

/// A statement in what `SQLite` and `PostgreSQL` share, with its parameters.
pub struct Statement {
    sql: &'static str,
    values: Vec<Value>,
    lock: Option<RowLock>,
}

#[derive(Clone, Copy)]
enum RowLock {
    Change,
    Keep,
}

/// A parameter of a statement.
pub enum Value {
    /// A text.
    Text(Option<String>),
    /// A number, or a time as milliseconds since 1970.
    Number(Option<i64>),
    /// Yes or no.
    Flag(bool),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

impl Statement {
    /// A statement without parameters yet. It is not changed on its way, so it has to be one that both engines take.
    #[must_use]
    pub fn new(sql: &'static str) -> Self {
        Self { sql, values: Vec::new(), lock: None }
    }

    /// The next of `$1`, `$2`, …
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// The same for a value that is kept as JSON.
    ///
    /// # Errors
    /// Fails where it cannot be written so.
    pub fn bind_json(self, value: &impl Serialize) -> Result<Self, StorageError> {
        Ok(self.bind(serde_json::to_string(value).map_err(StorageError::failed)?))
    }

    /// The same for a value that may be missing.
    ///
    /// # Errors
    /// Fails where it cannot be written so.
    pub fn bind_optional_json(self, value: Option<&impl Serialize>) -> Result<Self, StorageError> {
        let text = value.map(serde_json::to_string).transpose().map_err(StorageError::failed)?;
        Ok(self.bind(text.as_ref()))
    }

    /// Nobody else changes the rows that it finds until the transaction ends.
    #[must_use]
    pub fn locking_rows(self) -> Self {
        Self { lock: Some(RowLock::Change), ..self }
    }

    /// Nobody changes the rows that it finds until the transaction ends, but others may keep them so, too.
    #[must_use]
    pub fn keeping_rows(self) -> Self {
        Self { lock: Some(RowLock::Keep), ..self }
    }

    /// For `SQLite`, whose transactions lock everything.
    pub(crate) fn for_sqlite(self) -> Query<'static, Sqlite, <Sqlite as sqlx::Database>::Arguments> {
        bind_all(sqlx::query(self.sql), self.values)
    }

    pub(crate) fn for_postgres(self) -> Query<'static, Postgres, <Postgres as sqlx::Database>::Arguments> {
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

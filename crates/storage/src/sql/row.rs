//! Rows as statements return them.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};

use super::StorageError;

/// A row of either engine.
pub struct Row(EngineRow);

enum EngineRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self(EngineRow::Sqlite(row))
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self(EngineRow::Postgres(row))
    }
}

impl Row {
    /// A column's value: `&str`, `i64`, `bool`, `&[u8]`, or an `Option` of them.
    ///
    /// # Errors
    /// Fails where the column is missing, or holds something else.
    pub fn get<'r, T>(&'r self, column: &str) -> Result<T, StorageError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        match &self.0 {
            EngineRow::Sqlite(row) => row.try_get(column),
            EngineRow::Postgres(row) => row.try_get(column),
        }
        .map_err(StorageError::failed)
    }

    /// A column that holds text.
    ///
    /// # Errors
    /// Fails where the column is missing, or holds something else.
    pub fn text(&self, column: &str) -> Result<String, StorageError> {
        self.get(column)
    }

    /// A column of text that is parsed: an id, or one of a closed set of words.
    ///
    /// # Errors
    /// Fails where the column is missing, or holds something else.
    pub fn parsed<T: FromStr<Err: Display>>(&self, column: &str) -> Result<T, StorageError> {
        self.text(column)?.parse().map_err(|error| StorageError::failed(format!("the column {column}: {error}")))
    }

    /// A column that is kept as JSON.
    ///
    /// # Errors
    /// Fails where the column is missing, or holds something else.
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StorageError> {
        serde_json::from_str(self.get(column)?).map_err(StorageError::failed)
    }

    /// The same for a value that may be missing.
    ///
    /// # Errors
    /// Fails where the column is missing, or holds something else.
    pub fn optional_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, StorageError> {
        let text: Option<&str> = self.get(column)?;
        text.map(serde_json::from_str).transpose().map_err(StorageError::failed)
    }

    /// A column that holds a time.
    ///
    /// # Errors
    /// Fails where the column is missing, or holds something else.
    pub fn timestamp(&self, column: &str) -> Result<Timestamp, StorageError> {
        Timestamp::from_millisecond(self.get(column)?).map_err(StorageError::failed)
    }

    /// The same for a time that may be missing.
    ///
    /// # Errors
    /// Fails where the column is missing, or holds something else.
    pub fn optional_timestamp(&self, column: &str) -> Result<Option<Timestamp>, StorageError> {
        let milliseconds: Option<i64> = self.get(column)?;
        milliseconds.map(Timestamp::from_millisecond).transpose().map_err(StorageError::failed)
    }
}

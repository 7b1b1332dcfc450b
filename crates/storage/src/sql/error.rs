//! Why the store could not do what it was asked.

/// Why the store could not do what it was asked. No message carries a value that is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// A statement failed, or what is stored cannot be read.
    #[error("the store failed: {0}")]
    Failed(String),
    /// The database is away, full, locked or damaged: nothing is wrong with what was asked.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// Another server uses the same file.
    #[error("another server serves from {0}: a file is for one server; several share a PostgreSQL database")]
    InUse(String),
}

impl StorageError {
    /// Only the database's own message: it names tables and columns, never values.
    pub fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    pub(crate) fn unavailable(error: impl std::fmt::Display) -> Self {
        Self::Unavailable(error.to_string())
    }
}

pub(crate) fn statement_failed(error: sqlx::Error) -> StorageError {
    if is_of_the_database(&error) { StorageError::unavailable(error) } else { StorageError::failed(error) }
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

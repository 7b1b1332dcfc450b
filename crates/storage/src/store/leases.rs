//! Leases: the right to do something that one at a time may do, until a moment by the database's clock. On both engines.
//!
//! A lease has a name, such as `record:5f3c…` or `job:sweep`, and whoever acquires it is its holder. A holder that dies renews no
//! more, so its lease ends by itself and anybody may acquire it. A holder that was merely slow learns from [`Store::renew_lease`]
//! that another has it now: what it does under the lease has to end before the lease does, counted from before it was asked for.

use std::time::Duration;

use super::Store;
use crate::sql::{Statement, StorageError};

/// A lease that is over may be taken by anybody.
const ACQUIRE: &str = "INSERT INTO leases AS held (name, holder, expires_at) \
                       VALUES ($1, $2, (SELECT now_millis FROM database_clock) + $3) \
                       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
                       WHERE held.expires_at <= (SELECT now_millis FROM database_clock) RETURNING name";
/// Also one that is over, as long as nobody else has taken it.
const RENEW: &str = "UPDATE leases SET expires_at = (SELECT now_millis FROM database_clock) + $3 \
                     WHERE name = $1 AND holder = $2 RETURNING name";
const RELEASE: &str = "DELETE FROM leases WHERE name = $1 AND holder = $2 RETURNING name";
/// What processes that died have left behind, long after it was over.
const SWEEP: &str =
    "DELETE FROM leases WHERE expires_at <= (SELECT now_millis FROM database_clock) - $1 RETURNING name";
const SWEPT_AFTER: Duration = Duration::from_mins(5);

impl Store {
    /// Acquires a lease that is free, or over: whether it is the holder's now. A lease that the holder has already is not free; it
    /// is renewed. `holder` names one attempt and not a process, so that two attempts of one process keep each other out.
    ///
    /// # Errors
    /// Fails where the store does. Then the lease may be the holder's all the same, until it is over.
    pub async fn acquire_lease(&self, name: &str, holder: &str, length: Duration) -> Result<bool, StorageError> {
        self.changed_any(Statement::new(ACQUIRE).bind(name).bind(holder).bind(milliseconds(length)?)).await
    }

    /// Begins the lease anew from now: whether it was the holder's still. One that is over and that nobody has taken counts.
    ///
    /// # Errors
    /// Fails where the store does. Then the lease ends when it would have, or later.
    pub async fn renew_lease(&self, name: &str, holder: &str, length: Duration) -> Result<bool, StorageError> {
        self.changed_any(Statement::new(RENEW).bind(name).bind(holder).bind(milliseconds(length)?)).await
    }

    /// Ends the lease, where it is still the holder's.
    ///
    /// # Errors
    /// Fails where the store does. Then the lease ends by itself.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StorageError> {
        self.changed_any(Statement::new(RELEASE).bind(name).bind(holder)).await?;
        Ok(())
    }

    /// Forgets leases that were over long ago. Nothing depends on it but the size of the table.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn sweep_leases(&self) -> Result<(), StorageError> {
        self.changed_any(Statement::new(SWEEP).bind(milliseconds(SWEPT_AFTER)?)).await?;
        Ok(())
    }

    /// Whether the statement, which is a change of its own, has changed anything.
    async fn changed_any(&self, statement: Statement) -> Result<bool, StorageError> {
        Ok(!self.change(statement).await?.is_empty())
    }
}

fn milliseconds(duration: Duration) -> Result<i64, StorageError> {
    i64::try_from(duration.as_millis()).map_err(StorageError::failed)
}

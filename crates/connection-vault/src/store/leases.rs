//! Rows of leases on vendors' records: `PostgreSQL` only, whose clock alone says when a lease is over. A file has one server.

use std::time::Duration;

use super::database::Statement;
use super::{Store, failed};
use crate::VaultError;

/// A lease that is over may be taken by anybody.
const TAKE: &str = "INSERT INTO record_leases AS held (record, holder, expires_at) \
                    VALUES ($1, $2, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT + $3) \
                    ON CONFLICT (record) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
                    WHERE held.expires_at <= (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT RETURNING record";
/// Also one that is over, as long as nobody else has taken it.
const RENEW: &str = "UPDATE record_leases SET expires_at = (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT + $3 \
                     WHERE record = $1 AND holder = $2 RETURNING record";
const END: &str = "DELETE FROM record_leases WHERE record = $1 AND holder = $2 RETURNING record";
/// What servers that died have left behind, long after it was over.
const SWEEP: &str = "DELETE FROM record_leases \
                     WHERE expires_at <= (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT - $1 RETURNING record";
const SWEPT_AFTER: Duration = Duration::from_mins(5);

impl Store {
    /// Whether the lease was free, and is the holder's now.
    pub(crate) async fn take_lease(&self, record: &str, holder: &str, length: Duration) -> Result<bool, VaultError> {
        self.changed_any(Statement::new(TAKE).bind(record).bind(holder).bind(milliseconds(length)?)).await
    }

    /// Whether the lease was the holder's still, and begins anew.
    pub(crate) async fn renew_lease(&self, record: &str, holder: &str, length: Duration) -> Result<bool, VaultError> {
        self.changed_any(Statement::new(RENEW).bind(record).bind(holder).bind(milliseconds(length)?)).await
    }

    /// Ends the lease, where it is still the holder's.
    pub(crate) async fn end_lease(&self, record: &str, holder: &str) -> Result<(), VaultError> {
        self.changed_any(Statement::new(END).bind(record).bind(holder)).await?;
        Ok(())
    }

    /// Forgets leases that were over long ago.
    pub(crate) async fn sweep_leases(&self) -> Result<(), VaultError> {
        self.changed_any(Statement::new(SWEEP).bind(milliseconds(SWEPT_AFTER)?)).await?;
        Ok(())
    }

    /// Whether the statement, which is a change of its own, has changed anything.
    async fn changed_any(&self, statement: Statement) -> Result<bool, VaultError> {
        Ok(!self.fetch(statement).await?.is_empty())
    }
}

fn milliseconds(duration: Duration) -> Result<i64, VaultError> {
    i64::try_from(duration.as_millis()).map_err(failed)
}

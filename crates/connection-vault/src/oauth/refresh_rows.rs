//! Rows of intents to refresh: who is asking the vendor for new tokens, and until when to wait for it.

use jiff::Timestamp;

use crate::core::ConnectionName;
use crate::error::VaultError;
use crate::store::{Store, Write};
use storage::{Row, Statement, StorageError};

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefreshIntent {
    pub(crate) holder: String,
    pub(crate) lease_until: Timestamp,
}

impl Store {
    /// The connections whose renewal ought to have ended by then.
    pub(crate) async fn overdue_refreshes(&self, by: Timestamp) -> Result<Vec<ConnectionName>, VaultError> {
        let select = "SELECT c.application_id, c.consumer_id, c.service_id FROM connections c \
                      JOIN refreshes r ON r.connection_id = c.id WHERE r.lease_until <= $1";
        let read = |row: &Row| {
            Ok(ConnectionName {
                application_id: row.parsed("application_id")?,
                consumer_id: row.parsed("consumer_id")?,
                service: row.get::<&str>("service_id")?.parse().map_err(StorageError::failed)?,
            })
        };
        self.fetch(Statement::new(select).bind(by)).await?.iter().map(read).collect()
    }
}

impl Write<'_> {
    pub(crate) async fn refresh_intent(&mut self, connection_id: &str) -> Result<Option<RefreshIntent>, VaultError> {
        let select = "SELECT holder, lease_until FROM refreshes WHERE connection_id = $1";
        let rows = self.fetch(Statement::new(select).bind(connection_id).locking_rows()).await?;
        let read =
            |row: &Row| Ok(RefreshIntent { holder: row.text("holder")?, lease_until: row.timestamp("lease_until")? });
        rows.first().map(read).transpose()
    }

    pub(crate) async fn keep_refresh_intent(
        &mut self,
        connection_id: &str,
        intent: &RefreshIntent,
    ) -> Result<(), VaultError> {
        let insert = "INSERT INTO refreshes (connection_id, holder, lease_until) VALUES ($1, $2, $3) \
                      ON CONFLICT (connection_id) DO UPDATE SET holder = excluded.holder, \
                      lease_until = excluded.lease_until";
        let insert = Statement::new(insert).bind(connection_id).bind(&intent.holder).bind(intent.lease_until);
        self.execute(insert).await?;
        Ok(())
    }

    pub(crate) async fn drop_refresh_intent(&mut self, connection_id: &str) -> Result<(), VaultError> {
        let delete = "DELETE FROM refreshes WHERE connection_id = $1";
        self.execute(Statement::new(delete).bind(connection_id)).await?;
        Ok(())
    }
}

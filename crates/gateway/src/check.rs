//! Whether a vendor takes a connection's credentials, asked for its own sake.

use connection_vault::Caller;
use connectors::ConnectorError;
use unified_model::{ConsumerId, ServiceId};

use crate::call_notes::CallNotes;
use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::{redact, translate};

impl Gateway {
    /// Asks the vendor by the definition's `check` request whether it takes a connection's credentials, and keeps the answer as the
    /// connection's health. Nothing is asked where the definition has none.
    ///
    /// # Errors
    /// `ConnectorCredentialsError` where the vendor refuses them; otherwise why it could not be asked.
    pub async fn check_connection(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
        notes: &CallNotes,
    ) -> Result<(), GatewayError> {
        let connection =
            self.vault.calls().connection(caller, consumer_id, Some(service)).await.map_err(translate::vault)?;
        if connection.connector.check.is_none() {
            return Ok(());
        }
        let vendor = self.session(&connection, notes);
        match connectors::check(&connection.connector, &vendor).await {
            Ok(()) => {
                self.vault.calls().credentials_accepted(&connection).await;
                Ok(())
            }
            Err(error) => {
                if error.refuses_credentials() {
                    self.vault.calls().check_failed(&connection).await;
                }
                let error: ConnectorError = redact::connector_error(error, &connection).await;
                Err(translate::check(error, &connection.connector))
            }
        }
    }
}

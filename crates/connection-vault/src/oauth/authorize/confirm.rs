//! The second step: the application says that whoever came back from the vendor is its own consumer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use unified_model::{ConsumerId, ServiceId};
use vendor_client::{ACCESS_TOKEN, REFRESH_TOKEN};

use super::callback::confirm_hash;
use crate::callers::Caller;
use crate::core::abort_point;
use crate::error::{AuthorizeError, VaultError};
use crate::events::EventType;
use crate::oauth::Authorisations;
use crate::oauth::authorization::{AuthorizationRow, Stage};
use crate::store::Write;

impl Authorisations {
    /// Takes the tokens of a confirmed authorisation into use. Whatever grant there was before is replaced.
    pub async fn confirm(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
        confirm_token: &SecretString,
    ) -> Result<(), AuthorizeError> {
        self.core.connector(service)?;
        let now = self.core.now();
        let mut write = self.core.write_sealed().await?;
        let row = write.authorization_to_confirm(&confirm_hash(confirm_token)).await?;
        let is_asked_for = |row: &AuthorizationRow| {
            row.application_id == caller.application_id
                && row.consumer_id == *consumer_id
                && row.service == *service
                && row.stage == Stage::Granted
                && row.expires_at > now
        };
        let row = row.filter(is_asked_for).ok_or(AuthorizeError::ConfirmToken)?;
        self.confirmed(write, &row, now).await?;
        abort_point::pass("confirm.stored");
        Ok(())
    }
}

impl Authorisations {
    async fn confirmed(&self, mut write: Write<'_>, row: &AuthorizationRow, now: Timestamp) -> Result<(), VaultError> {
        write.drop_authorization(&row.id).await?;
        let mut opened = BTreeMap::new();
        for (name, blob) in &row.sealed {
            opened.insert(name.as_str(), self.core.sealer.open(&row.place(name), blob)?);
        }
        let mut connection = write.connection_or_new(&row.name(), now).await?;
        connection.drop_tokens();
        connection.grant = row.granted.clone().map(|grant| grant.after(connection.grant.as_ref()));
        let (tokens, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
            opened.iter().partition(|(name, _)| matches!(**name, ACCESS_TOKEN | REFRESH_TOKEN));
        self.core.seal_tokens(&mut connection, tokens.into_iter().map(|(name, token)| (*name, token)).collect())?;
        for (name, value) in kept {
            connection.settings.insert((*name).to_owned(), value.expose_secret().to_owned());
        }
        connection.revision += 1;
        connection.updated_at = now;
        write.update_connection(&connection).await?;
        write.tell(&connection.name(), EventType::Callable, "", now).await?;
        self.core.commit(write, connection.change()).await
    }
}

//! Tokens from elsewhere, and tokens on demand.

use std::collections::BTreeMap;
use std::time::Duration;

use connector_catalog::{ConnectorDefinition, OAuthGrant};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value};
use unified_model::{ConsumerId, ServiceId};
use vendor_client::{ACCESS_TOKEN, REFRESH_TOKEN};

use crate::callers::Caller;
use crate::connections::{ChangedBy, ConnectionRow, Grant, Presence};
use crate::core::{ConnectionName, Core, size};
use crate::error::{AdminError, AuthorizeError, VaultError};
use crate::events::EventType;
use crate::oauth::Authorisations;
use crate::oauth::renewal::Demand;

/// Tokens that another system had.
#[derive(Debug, Clone)]
pub struct ImportedTokens {
    /// The access token; without one the refresh token brings it at the first call.
    pub access_token: Option<SecretString>,
    /// The refresh token.
    pub refresh_token: Option<SecretString>,
    /// When the access token was issued.
    pub issued_at: Option<Timestamp>,
    /// How long it lives.
    pub expires_in: Option<Duration>,
}

/// A connection that another system had.
#[derive(Debug, Clone, Default)]
pub struct ImportedConnection {
    /// Its tokens, if it has any.
    pub tokens: Option<ImportedTokens>,
    /// New values of settings; `None` takes a value away.
    pub settings: BTreeMap<String, Option<SecretString>>,
    /// What the application keeps with it; `None`: what is there already.
    pub metadata: Option<Map<String, Value>>,
}

impl Authorisations {
    /// Takes a connection over from another system: its tokens, if any, its settings and what belongs to it.
    pub async fn import(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
        imported: ImportedConnection,
    ) -> Result<(), AuthorizeError> {
        let connector = self.core.connector(service)?;
        if imported.tokens.is_some() && connector.auth.oauth2().is_none() {
            let message = format!("{service} uses no tokens: send `settings` instead of `credentials`");
            return Err(AuthorizeError::NotOffered(message));
        }
        let name = ConnectionName::new(&caller.application_id, consumer_id, service);
        let by = ChangedBy::Application { api_key_id: caller.api_key_id() };
        match self.keep_imported(&name, imported.clone(), &by).await {
            // Somebody else has added it in between.
            Err(AdminError::ConnectionExists { .. }) => Ok(self.keep_imported(&name, imported, &by).await?),
            kept => Ok(kept?),
        }
    }

    /// Renews a connection's token whatever its end, so that it is known whether the vendor still takes it. A connector
    /// without OAuth has nothing to renew: then only its settings are looked at.
    pub async fn validate(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
    ) -> Result<(), AuthorizeError> {
        let connector = self.core.connector(service)?;
        let row = self.stored(caller, consumer_id, service).await?;
        if connector.auth.oauth2().is_none() {
            return Ok(());
        }
        self.obtain(&row, connector).await
    }

    /// Obtains a token where nobody has to consent: by the client's own word, or by a name and a password.
    pub async fn obtain_token(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
    ) -> Result<(), AuthorizeError> {
        let connector = self.core.connector(service)?;
        match connector.auth.oauth2().map(|oauth2| oauth2.grant) {
            Some(OAuthGrant::ClientCredentials | OAuthGrant::Password) => {}
            Some(OAuthGrant::AuthorizationCode) => {
                let message = format!("{service} needs the consumer's consent: send the consumer to `authorize_url`");
                return Err(AuthorizeError::NotOffered(message));
            }
            None => return Err(AuthorizeError::NotOffered(format!("{service} uses no tokens"))),
        }
        let row = self.stored(caller, consumer_id, service).await?;
        self.obtain(&row, connector).await
    }
}

impl Authorisations {
    async fn keep_imported(
        &self,
        name: &ConnectionName,
        imported: ImportedConnection,
        by: &ChangedBy,
    ) -> Result<(), AdminError> {
        let now = self.core.now();
        let mut write = self.core.write_sealed().await?;
        let changed = self
            .connections
            .put(&mut write, name, Presence::Either, |row, connector| {
                let secrets = self.core.set(row, connector, imported.settings, by)?;
                row.metadata = imported.metadata.or(row.metadata.take());
                size::check("metadata", &row.metadata)?;
                row.enabled = true;
                row.updated_at = now;
                // Another account may be behind it than before.
                row.revision += 1;
                if let Some(tokens) = &imported.tokens {
                    self.core.take_over(row, connector, tokens, now)?;
                }
                Ok(secrets)
            })
            .await?;
        let row = &changed.row;
        if changed.is_new() {
            write.tell(&row.name(), EventType::Created, "", now).await?;
        }
        let detail = changed.secrets.detail(by);
        let detail = if detail.is_empty() { "imported".to_owned() } else { format!("imported; {detail}") };
        write.tell(&row.name(), EventType::Updated, &detail, now).await?;
        Ok(self.core.commit(write, row.change()).await?)
    }

    async fn stored(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
    ) -> Result<ConnectionRow, VaultError> {
        let none = || VaultError::NoConnection { consumer_id: consumer_id.to_string(), service: Some(service.clone()) };
        let rows = self.core.store.connections_of_consumer(&caller.application_id, consumer_id).await?;
        rows.into_iter().find(|row| row.service == *service).ok_or_else(none)
    }

    async fn obtain(&self, row: &ConnectionRow, connector: &ConnectorDefinition) -> Result<(), AuthorizeError> {
        let service = row.service.clone();
        let missing = row.missing_settings(connector);
        if !missing.is_empty() {
            return Err(VaultError::MissingSettings { service, missing }.into());
        }
        if let Some(reason) = row.lacks_authorization(connector) {
            return Err(VaultError::NotAuthorized { service, reason }.into());
        }
        let version = row.grant.as_ref().map_or(0, |grant| grant.version);
        let renewed = self.renewals.renewed(&row.name(), Demand::NewerThan(version)).await;
        renewed.map(drop).map_err(|error| AuthorizeError::Renewal { service: row.service.clone(), error })
    }
}

impl Core {
    /// Puts another system's tokens in the place of those that there are.
    fn take_over(
        &self,
        row: &mut ConnectionRow,
        connector: &ConnectorDefinition,
        tokens: &ImportedTokens,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        row.drop_tokens();
        let lacks_kept = lacks_kept(connector, |setting| row.settings.contains_key(setting));
        row.grant = Some(tokens.grant(now, lacks_kept).after(row.grant.as_ref()));
        let given = [(ACCESS_TOKEN, &tokens.access_token), (REFRESH_TOKEN, &tokens.refresh_token)];
        let given = given.into_iter().filter_map(|(name, token)| Some((name, token.as_ref()?))).collect();
        self.seal_tokens(row, given)
    }
}

impl ImportedTokens {
    /// Where nobody says when the token ends, it is renewed before it is used, if it can be.
    fn grant(&self, now: Timestamp, lacks_kept: bool) -> Grant {
        let expires_at = self.issued_at.zip(self.expires_in).and_then(|(start, length)| start.checked_add(length).ok());
        let can_be_renewed = self.refresh_token.is_some();
        let is_due = can_be_renewed && (expires_at.is_none() || lacks_kept);
        let issued_at = self.issued_at.unwrap_or(now);
        Grant { version: 0, issued_at, expires_at, scope: None, is_due, ended: None, failure: None }
    }
}

/// Whether a setting that only a token's reply names is not there yet.
fn lacks_kept(connector: &ConnectorDefinition, has: impl Fn(&str) -> bool) -> bool {
    connector.auth.oauth2().is_some_and(|oauth2| oauth2.keep.iter().any(|(setting, _)| !has(setting)))
}

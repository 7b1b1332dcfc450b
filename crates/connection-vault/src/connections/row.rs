//! Which connection is meant, and what its row says of itself.

use std::collections::BTreeMap;

use connector_catalog::{ConnectorDefinition, OAuthGrant};
use jiff::Timestamp;
use vendor_client::{ACCESS_TOKEN, REFRESH_TOKEN};

use super::configuration::Configuration;
use super::grant::{Grant, GrantEnd, RefusedCredentials};
use super::rows::ConnectionRow;
use super::{FieldMap, settings};
use crate::core::ConnectionName;
use crate::error::VaultError;
use crate::sealing::{Place, SealedRow, Sealer};
use crate::store::{Change, Write};

impl ConnectionRow {
    /// A connection that was only just added.
    pub(crate) fn new(name: &ConnectionName, now: Timestamp) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            application_id: name.application_id.clone(),
            consumer_id: name.consumer_id.clone(),
            service: name.service.clone(),
            enabled: true,
            settings: BTreeMap::new(),
            sealed: BTreeMap::new(),
            field_map: FieldMap::new(),
            metadata: None,
            configuration: Configuration::new(),
            custom_mappings: BTreeMap::new(),
            grant: None,
            created_at: now,
            updated_at: now,
            refused: None,
            revision: 0,
        }
    }

    /// Its key for limiters and caches: another one once its settings have changed.
    pub(crate) fn key(&self) -> String {
        format!("{}.{}", self.id, self.revision)
    }

    /// What it is called by.
    pub(crate) fn name(&self) -> ConnectionName {
        ConnectionName::new(&self.application_id, &self.consumer_id, &self.service)
    }

    /// Why the consumer has to consent first, or once more.
    pub(crate) fn lacks_authorization(&self, connector: &ConnectorDefinition) -> Option<String> {
        let oauth2 = connector.auth.oauth2()?;
        match &self.grant {
            Some(grant) => grant.ended.as_ref().map(GrantEnd::reason),
            None if oauth2.grant == OAuthGrant::AuthorizationCode => Some("nobody has authorised it yet".to_owned()),
            None => None,
        }
    }

    pub(crate) fn place<'a>(&'a self, setting: &'a str) -> Place<'a> {
        Place {
            application_id: &self.application_id,
            consumer_id: &self.consumer_id,
            service_id: self.service.as_str(),
            connection_id: &self.id,
            setting,
        }
    }

    pub(crate) fn missing_settings(&self, connector: &ConnectorDefinition) -> Vec<String> {
        settings::missing(connector, |name| self.settings.contains_key(name) || self.sealed.contains_key(name))
    }

    /// That the vendor refuses its credentials as they are now: others may be right.
    pub(crate) fn refused_now(&self) -> Option<&RefusedCredentials> {
        self.refused.as_ref().filter(|refused| refused.revision == self.revision)
    }

    /// What a change of it tells others.
    pub(crate) fn change(&self) -> Change {
        Change::of_consumer(&self.application_id, &self.consumer_id)
    }

    /// Takes away what was granted, refused or tried before; the next call asks for tokens as if there had been none.
    pub(crate) fn begin_anew(&mut self, now: Timestamp) {
        self.drop_tokens();
        // An answer that is still on its way must not count any more.
        self.grant = self.grant.take().map(|grant| Grant { version: grant.version + 1, ..Grant::none(now) });
    }

    /// Takes what was granted away; the consumer has to consent again. What was never granted has no end.
    pub(crate) fn end_grant(&mut self, end: GrantEnd) {
        self.drop_tokens();
        if let Some(grant) = self.grant.as_mut().filter(|grant| grant.ended.is_none()) {
            grant.ended = Some(end);
            grant.failure = None;
            // An answer that is still on its way must not count any more.
            grant.version += 1;
        }
    }

    /// Takes the tokens away.
    pub(crate) fn drop_tokens(&mut self) {
        self.sealed.remove(ACCESS_TOKEN);
        self.sealed.remove(REFRESH_TOKEN);
    }
}

impl SealedRow for ConnectionRow {
    async fn after(write: &mut Write<'_>, last: Option<&Self>, limit: i64) -> Result<Vec<Self>, VaultError> {
        write.connections_after(last.map_or("", |row| &row.id), limit).await
    }

    fn reseal(&mut self, sealer: &Sealer) -> Result<bool, VaultError> {
        let anew = sealer.resealed(&self.sealed, |name| self.place(name))?;
        Ok(anew.map(|anew| self.sealed = anew).is_some())
    }

    async fn keep(&self, write: &mut Write<'_>) -> Result<(), VaultError> {
        write.update_sealed(self).await
    }
}

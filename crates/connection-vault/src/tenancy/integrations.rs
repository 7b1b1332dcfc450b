//! Integrations: a connector as one application uses it, with the OAuth client that the vendor knows the application by.

use std::sync::Arc;

use connector_catalog::{Auth, ConnectorDefinition};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Serialize;
use unified_model::{ApplicationId, ServiceId};

use crate::core::Core;
use crate::error::{AdminError, VaultError};
use crate::memory::{Forgets, Warm};
use crate::sealing::{Place, SealedRow, Sealer};
use crate::store::{Change, Write};

/// An integration as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntegrationSummary {
    /// The application that it belongs to.
    pub application_id: ApplicationId,
    /// The connector.
    pub service_id: ServiceId,
    /// Whether connections may be made and called.
    pub enabled: bool,
    /// What the vendor calls the application.
    pub client_id: Option<String>,
    /// Whether there is a client secret.
    pub has_client_secret: bool,
    /// What is asked for, instead of the definition's own scopes; empty: those.
    pub scopes: Vec<String>,
    /// How far it has come.
    pub state: IntegrationState,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How far an integration has come. Computed, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationState {
    /// Switched off.
    Disabled,
    /// The connector needs an OAuth client, and the application has given none.
    NeedsConfiguration,
    /// Ready.
    Configured,
}

/// A change to an integration; what it does not name stays.
#[derive(Debug, Clone, Default)]
pub struct IntegrationPatch {
    /// What the vendor calls the application.
    pub client_id: Option<String>,
    /// What proves it to be the application.
    pub client_secret: Option<SecretString>,
    /// What is asked for, instead of the definition's own scopes; empty: those again.
    pub scopes: Option<Vec<String>>,
    /// Switches it on or off.
    pub enabled: Option<bool>,
}

/// An integration as it is stored: the secret sealed.
#[derive(Debug, Clone)]
pub(crate) struct IntegrationRow {
    pub(crate) application_id: ApplicationId,
    pub(crate) service: ServiceId,
    pub(crate) enabled: bool,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// The integrations of one application.
#[derive(Debug, Default)]
pub(crate) struct IntegrationsOfApplication(Vec<IntegrationRow>);

/// The integrations of a vault.
#[derive(Clone)]
pub struct Integrations {
    core: Arc<Core>,
    /// By application.
    cache: Arc<Warm<ApplicationId, Arc<IntegrationsOfApplication>>>,
}

impl Integrations {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core), cache: core.memory.cache(forgets_applications) }
    }

    /// The integrations of an application, by connector.
    pub async fn list(&self, application_id: &ApplicationId) -> Result<Vec<IntegrationSummary>, AdminError> {
        self.core.require_application(application_id).await?;
        let rows = self.core.store.integrations(application_id).await?;
        Ok(rows.iter().map(|row| row.summary(self.core.catalog.connector(&row.service))).collect())
    }

    /// Adds an integration, or changes the one that there is.
    pub async fn keep(
        &self,
        application_id: &ApplicationId,
        service: &ServiceId,
        patch: IntegrationPatch,
    ) -> Result<IntegrationSummary, AdminError> {
        let core = &self.core;
        let connector = core.connector(service)?;
        let mut write = core.store.write().await?;
        write.require_application(application_id).await?;
        core.use_current_key(&mut write).await?;
        let now = core.now();
        let row = write.integration(application_id, service).await?;
        let mut row = row.unwrap_or_else(|| IntegrationRow::new(application_id, service, now));
        row.updated_at = now;
        row.enabled = patch.enabled.unwrap_or(row.enabled);
        row.client_id = patch.client_id.or(row.client_id).filter(|id| !id.is_empty());
        row.scopes = patch.scopes.unwrap_or(row.scopes);
        if let Some(secret) = patch.client_secret {
            row.client_secret = Some(core.sealer.seal(&row.place(), &secret)?);
        }
        write.keep_integration(&row).await?;
        core.commit(write, Change::of_application(application_id)).await?;
        Ok(row.summary(Some(connector)))
    }

    /// Deletes an integration. Connections stay; those that need its OAuth client can no longer be renewed.
    pub async fn delete(&self, application_id: &ApplicationId, service: &ServiceId) -> Result<(), AdminError> {
        let mut write = self.core.store.write().await?;
        write.require_application(application_id).await?;
        if !write.delete_integration(application_id, service).await? {
            return Err(VaultError::NoIntegration(service.clone()).into());
        }
        Ok(self.core.commit(write, Change::of_application(application_id)).await?)
    }

    /// How far an application's integration of a connector has come.
    pub async fn state(
        &self,
        application_id: &ApplicationId,
        connector: &ConnectorDefinition,
    ) -> Result<IntegrationState, VaultError> {
        Ok(self.of(application_id).await?.state(connector))
    }

    /// Those of an application, in memory once they have been read.
    pub(crate) async fn of(
        &self,
        application_id: &ApplicationId,
    ) -> Result<Arc<IntegrationsOfApplication>, VaultError> {
        let load = || self.load(application_id);
        Ok(self.cache.get_or_load(application_id, load).await?.unwrap_or_default())
    }

    async fn load(&self, application_id: &ApplicationId) -> Result<Option<Arc<IntegrationsOfApplication>>, VaultError> {
        let rows = self.core.store.integrations(application_id).await?;
        self.core.fetch_keys_of(rows.iter().filter_map(|row| row.client_secret.as_ref())).await?;
        Ok(Some(Arc::new(IntegrationsOfApplication(rows))))
    }

    /// The client secret of an integration. What is in memory may be sealed with a key that is gone by now: then it is read anew.
    pub(crate) async fn client_secret(&self, row: &IntegrationRow) -> Result<Option<SecretString>, VaultError> {
        let Some(sealed) = &row.client_secret else { return Ok(None) };
        if !self.core.sealer.lacks_key_of(sealed) {
            return self.core.sealer.open(&row.place(), sealed).map(Some);
        }
        self.cache.forget(&row.application_id);
        let integrations = self.of(&row.application_id).await?;
        let sealed = integrations.to(&row.service).and_then(|row| row.client_secret.as_ref());
        sealed.map(|sealed| self.core.sealer.open(&row.place(), sealed)).transpose()
    }
}

/// For what belongs to applications. Changes to it are rare: everybody's is read anew.
pub(super) fn forgets_applications(change: &Change) -> Forgets<ApplicationId> {
    match change {
        Change::Application { .. } => Forgets::Everything,
        Change::ApiKeys { .. } | Change::Consumer { .. } => Forgets::Nothing,
    }
}

impl IntegrationsOfApplication {
    pub(crate) fn to(&self, service: &ServiceId) -> Option<&IntegrationRow> {
        self.0.iter().find(|row| row.service == *service)
    }

    pub(crate) fn is_disabled(&self, service: &ServiceId) -> bool {
        self.to(service).is_some_and(|row| !row.enabled)
    }

    /// Where the connector needs no OAuth client, there is nothing to configure.
    pub(crate) fn state(&self, connector: &ConnectorDefinition) -> IntegrationState {
        match self.to(&connector.service_id) {
            Some(row) => row.state(Some(connector)),
            None if needs_client(connector) => IntegrationState::NeedsConfiguration,
            None => IntegrationState::Configured,
        }
    }
}

impl IntegrationRow {
    fn new(application_id: &ApplicationId, service: &ServiceId, now: Timestamp) -> Self {
        Self {
            application_id: application_id.clone(),
            service: service.clone(),
            enabled: true,
            client_id: None,
            client_secret: None,
            scopes: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Where its client secret belongs.
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            application_id: &self.application_id,
            consumer_id: "",
            service_id: self.service.as_str(),
            connection_id: "",
            setting: "integration.client_secret",
        }
    }

    fn state(&self, connector: Option<&ConnectorDefinition>) -> IntegrationState {
        let has_client = self.client_id.is_some() && self.client_secret.is_some();
        match connector {
            _ if !self.enabled => IntegrationState::Disabled,
            Some(connector) if needs_client(connector) && !has_client => IntegrationState::NeedsConfiguration,
            Some(_) | None => IntegrationState::Configured,
        }
    }

    fn summary(&self, connector: Option<&Arc<ConnectorDefinition>>) -> IntegrationSummary {
        IntegrationSummary {
            application_id: self.application_id.clone(),
            service_id: self.service.clone(),
            enabled: self.enabled,
            client_id: self.client_id.clone(),
            has_client_secret: self.client_secret.is_some(),
            scopes: self.scopes.clone(),
            state: self.state(connector.map(AsRef::as_ref)),
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

fn needs_client(connector: &ConnectorDefinition) -> bool {
    matches!(connector.auth, Auth::Oauth2(_))
}

impl SealedRow for IntegrationRow {
    async fn after(write: &mut Write<'_>, last: Option<&Self>, limit: i64) -> Result<Vec<Self>, VaultError> {
        let (application_id, service_id) =
            last.map_or(("", ""), |row| (row.application_id.as_str(), row.service.as_str()));
        write.integrations_after(application_id, service_id, limit).await
    }

    fn reseal(&mut self, sealer: &Sealer) -> Result<bool, VaultError> {
        let Some(blob) = &self.client_secret else { return Ok(false) };
        let anew = sealer.resealed_blob(blob, &self.place())?;
        Ok(anew.map(|anew| self.client_secret = Some(anew)).is_some())
    }

    async fn keep(&self, write: &mut Write<'_>) -> Result<(), VaultError> {
        write.keep_integration(self).await
    }
}

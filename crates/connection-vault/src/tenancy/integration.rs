//! Integrations: a connector as one application uses it, with the OAuth client that the vendor knows the application by.

use std::sync::Arc;

use connector_catalog::{Auth, ConnectorDefinition};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Serialize;
use unified_model::ServiceId;

use crate::error::{AdminError, VaultError};
use crate::sealing::seal::Place;
use crate::store::Change;
use crate::vault::Inner;
use crate::vault::Vault;

/// An integration as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntegrationSummary {
    /// The application that it belongs to.
    pub application_id: String,
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
    pub(crate) application_id: String,
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
pub(crate) struct Integrations(Vec<IntegrationRow>);

impl Vault {
    /// The integrations of an application, by connector.
    pub async fn integrations(&self, application_id: &str) -> Result<Vec<IntegrationSummary>, AdminError> {
        self.inner.require_application(application_id).await?;
        let rows = self.inner.store.integrations(application_id).await?;
        Ok(rows.iter().map(|row| row.summary(self.inner.catalog.connector(&row.service))).collect())
    }

    /// Adds an integration, or changes the one that there is.
    pub async fn keep_integration(
        &self,
        application_id: &str,
        service: &ServiceId,
        patch: IntegrationPatch,
    ) -> Result<IntegrationSummary, AdminError> {
        let inner = &self.inner;
        let connector = inner.connector(service)?;
        let mut write = inner.store.write().await?;
        write.require_application(application_id).await?;
        inner.use_current_key(&mut write).await?;
        let now = (inner.clock)();
        let row = write.integration(application_id, service).await?;
        let mut row = row.unwrap_or_else(|| IntegrationRow::new(application_id, service, now));
        row.updated_at = now;
        row.enabled = patch.enabled.unwrap_or(row.enabled);
        row.client_id = patch.client_id.or(row.client_id).filter(|id| !id.is_empty());
        row.scopes = patch.scopes.unwrap_or(row.scopes);
        if let Some(secret) = patch.client_secret {
            row.client_secret = Some(inner.sealer.seal(&row.place(), &secret)?);
        }
        write.keep_integration(&row).await?;
        inner.commit(write, Change::Application { application_id: application_id.to_owned() }).await?;
        Ok(row.summary(Some(connector)))
    }

    /// Deletes an integration. Connections stay; those that need its OAuth client can no longer be renewed.
    pub async fn delete_integration(&self, application_id: &str, service: &ServiceId) -> Result<(), AdminError> {
        let mut write = self.inner.store.write().await?;
        write.require_application(application_id).await?;
        if !write.delete_integration(application_id, service).await? {
            return Err(VaultError::NoIntegration(service.clone()).into());
        }
        let change = Change::Application { application_id: application_id.to_owned() };
        Ok(self.inner.commit(write, change).await?)
    }

    /// How far an application's integration of a connector has come.
    pub async fn integration_state(
        &self,
        application_id: &str,
        connector: &ConnectorDefinition,
    ) -> Result<IntegrationState, VaultError> {
        Ok(self.inner.integrations(application_id).await?.state(connector))
    }
}

impl Inner {
    /// Those of an application, in memory once they have been read.
    pub(crate) async fn integrations(&self, application_id: &str) -> Result<Arc<Integrations>, VaultError> {
        let key: Arc<str> = application_id.into();
        Ok(self.integrations.get_or_load(&key, || self.load_integrations(&key)).await?.unwrap_or_default())
    }

    async fn load_integrations(&self, application_id: &str) -> Result<Option<Arc<Integrations>>, VaultError> {
        let rows = self.store.integrations(application_id).await?;
        self.fetch_keys_of(rows.iter().filter_map(|row| row.client_secret.as_ref())).await?;
        Ok(Some(Arc::new(Integrations(rows))))
    }

    /// The client secret of an integration. What is in memory may be sealed with a key that is gone by now: then it is read anew.
    pub(crate) async fn client_secret(&self, row: &IntegrationRow) -> Result<Option<SecretString>, VaultError> {
        let Some(sealed) = &row.client_secret else { return Ok(None) };
        if !self.sealer.lacks_key_of(sealed) {
            return self.sealer.open(&row.place(), sealed).map(Some);
        }
        self.integrations.forget(&row.application_id.as_str().into());
        let integrations = self.integrations(&row.application_id).await?;
        let sealed = integrations.to(&row.service).and_then(|row| row.client_secret.as_ref());
        sealed.map(|sealed| self.sealer.open(&row.place(), sealed)).transpose()
    }
}

impl Integrations {
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
    fn new(application_id: &str, service: &ServiceId, now: Timestamp) -> Self {
        Self {
            application_id: application_id.to_owned(),
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

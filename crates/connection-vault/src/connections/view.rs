//! A connector as one consumer has connected it, or has not: what the Vault API shows. State and health are told anew every time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connector_catalog::ConnectorDefinition;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use unified_model::{ConsumerId, ServiceId};

use super::Connections;
use super::configuration::Configuration;
use super::grant::{Grant, GrantEnd, RefusedCredentials};
use super::rows::{Connected, ConnectionRow, sealed};
use super::summary::{ConnectionState, shown};
use crate::callers::Caller;
use crate::core::ConnectionName;
use crate::error::VaultError;
use crate::tenancy::{IntegrationState, MappingTarget};

/// A connector as one consumer has connected it, or has not.
#[derive(Debug, Clone)]
pub struct ConnectionView {
    /// The connector.
    pub connector: Arc<ConnectorDefinition>,
    /// How far the application's integration has come.
    pub integration_state: IntegrationState,
    /// How far the connection has come.
    pub state: ConnectionState,
    /// What is the matter with it.
    pub health: ConnectionHealth,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The settings that may be shown.
    pub settings: BTreeMap<String, String>,
    /// The names of the settings that have a value which is never shown.
    pub stored_secrets: BTreeSet<String>,
    /// Required settings that have no value.
    pub missing_settings: Vec<String>,
    /// What the application keeps with it.
    pub metadata: Option<Map<String, Value>>,
    /// What new records of a resource begin with.
    pub configuration: Configuration,
    /// The application's fields, each with the place that the consumer mapped it to.
    pub custom_mappings: Vec<(MappingTarget, Option<String>)>,
    /// The facts of its grant.
    pub grant: Option<Grant>,
    /// That the vendor refuses its credentials.
    pub refused: Option<RefusedCredentials>,
    /// When it was added; `None` where it was not.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// What is the matter with a connection. Computed, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionHealth {
    /// Its authorisation was revoked.
    Revoked,
    /// Required settings have no value.
    MissingSettings,
    /// It was authorised, and the application has yet to confirm that.
    PendingConfirmation,
    /// The consumer has to authorise it, or to correct what it is authorised by.
    NeedsAuth,
    /// Its token is to be renewed before it is used, or could not be the last time and is tried again.
    PendingRefresh,
    /// Nothing.
    Ok,
}

impl ConnectionView {
    /// Whether there is a grant that has not ended.
    #[must_use]
    pub fn is_authorized(&self) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.ended.is_none())
    }
}

impl Connections {
    /// Every connector as nobody has connected it yet; in the catalogue's order.
    pub async fn offered(&self, caller: &Caller) -> Result<Vec<ConnectionView>, VaultError> {
        self.states(caller, None, self.core.catalog.connectors().collect()).await
    }

    /// Every connector as a consumer has connected it, or has not; in the catalogue's order.
    pub async fn views(&self, caller: &Caller, consumer_id: &ConsumerId) -> Result<Vec<ConnectionView>, VaultError> {
        let connectors = self.core.catalog.connectors();
        self.states(caller, Some(consumer_id), connectors.collect()).await
    }

    /// One connector as a consumer has connected it, or has not.
    pub async fn view(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
    ) -> Result<ConnectionView, VaultError> {
        let connector = self.core.connector(service)?;
        let mut views = self.states(caller, Some(consumer_id), vec![connector]).await?;
        views.pop().ok_or_else(|| VaultError::UnknownService(service.clone()))
    }

    async fn states(
        &self,
        caller: &Caller,
        consumer_id: Option<&ConsumerId>,
        connectors: Vec<&Arc<ConnectorDefinition>>,
    ) -> Result<Vec<ConnectionView>, VaultError> {
        let application_id = &caller.application_id;
        let now = self.core.now();
        let integrations = self.integrations.of(application_id).await?;
        let Connected { connections: rows, waiting } = match consumer_id {
            Some(id) => self.core.store.connected(application_id, id, now).await?,
            None => Connected::default(),
        };
        self.core.fetch_keys_of(sealed(&rows)).await?;
        let targets = self.targets.of(application_id).await?;
        let nobody = nobody();
        let name = |service: &_| ConnectionName::new(application_id, consumer_id.unwrap_or(&nobody), service);
        let view = |connector: &Arc<ConnectorDefinition>| {
            let service = &connector.service_id;
            let stored = rows.iter().find(|row| row.service == *service);
            let row = stored.cloned().unwrap_or_else(|| ConnectionRow::new(&name(service), now));
            let state = if stored.is_some() { self.core.state(&row) } else { ConnectionState::Available };
            ConnectionView {
                integration_state: integrations.state(connector),
                health: health(&row, state, connector, waiting.contains(service)),
                state,
                enabled: stored.is_some() && row.enabled,
                settings: shown(&row, connector),
                stored_secrets: row.sealed.keys().cloned().collect(),
                missing_settings: row.missing_settings(connector),
                custom_mappings: targets.mapped(connector, &row.custom_mappings),
                connector: Arc::clone(connector),
                refused: row.refused_now().cloned(),
                metadata: row.metadata,
                configuration: row.configuration,
                grant: row.grant,
                created_at: stored.map(|row| row.created_at),
                updated_at: stored.map(|row| row.updated_at),
            }
        };
        Ok(connectors.into_iter().map(view).collect())
    }
}

fn health(
    row: &ConnectionRow,
    state: ConnectionState,
    connector: &ConnectorDefinition,
    waits_for_confirmation: bool,
) -> ConnectionHealth {
    let ended = row.grant.as_ref().and_then(|grant| grant.ended.as_ref());
    let lacks_authorization = row.lacks_authorization(connector).is_some();
    if waits_for_confirmation && lacks_authorization {
        return ConnectionHealth::PendingConfirmation;
    }
    match ended {
        Some(GrantEnd::Revoked) => return ConnectionHealth::Revoked,
        Some(GrantEnd::Refused(_) | GrantEnd::Moved) => return ConnectionHealth::NeedsAuth,
        None => {}
    }
    if !row.missing_settings(connector).is_empty() {
        return ConnectionHealth::MissingSettings;
    }
    if lacks_authorization || state == ConnectionState::Invalid || row.refused_now().is_some() {
        return ConnectionHealth::NeedsAuth;
    }
    match &row.grant {
        Some(grant) if grant.is_due || grant.failure.is_some() => ConnectionHealth::PendingRefresh,
        Some(_) | None => ConnectionHealth::Ok,
    }
}

/// Stands in the blank rows of those who have not said whose connections they mean; it is never shown.
fn nobody() -> ConsumerId {
    "-".parse().expect("a constant that is a possible id")
}

//! Connections as they may be shown. Never a secret.

use std::collections::BTreeMap;

use connector_catalog::ConnectorDefinition;
use jiff::Timestamp;
use serde::Serialize;
use unified_model::{ApplicationId, ConsumerId, ServiceId};

use super::FieldMap;
use super::grant::GrantEnd;
use super::rows::ConnectionRow;
use crate::core::Core;
use crate::error::VaultError;
use crate::tenancy::{IntegrationsOfApplication, MappingTargetsOfApplication};

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionSummary {
    /// The application that it belongs to.
    pub application_id: ApplicationId,
    /// The consumer that it belongs to.
    pub consumer_id: ConsumerId,
    /// What it connects to.
    pub service_id: ServiceId,
    /// Whether it is switched on.
    pub enabled: bool,
    /// How far it has come, switched on or not.
    pub state: ConnectionState,
    /// The required settings that have no value.
    pub missing_settings: Vec<String>,
    /// The settings that may be shown.
    pub settings: BTreeMap<String, String>,
    /// Its own mapping lines.
    pub field_map: FieldMap,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How far a connection has come. Computed, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Not added yet.
    Available,
    /// Added; the consumer has yet to authorise it or to fill in what it needs.
    Added,
    /// Authorised; settings are missing.
    Authorized,
    /// Ready.
    Callable,
    /// What is stored cannot be used: a secret does not open, or the connector's definition has changed under it.
    Invalid,
}

impl ConnectionState {
    /// The name in answers and listings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Added => "added",
            Self::Authorized => "authorized",
            Self::Callable => "callable",
            Self::Invalid => "invalid",
        }
    }
}

impl Core {
    pub(crate) fn summary(&self, row: &ConnectionRow) -> ConnectionSummary {
        let connector = self.catalog.connector(&row.service);
        ConnectionSummary {
            application_id: row.application_id.clone(),
            consumer_id: row.consumer_id.clone(),
            service_id: row.service.clone(),
            enabled: row.enabled,
            state: self.state(row),
            missing_settings: connector.map(|connector| row.missing_settings(connector)).unwrap_or_default(),
            settings: connector.map(|connector| shown(row, connector)).unwrap_or_default(),
            field_map: row.field_map.clone(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    /// How far a connection has come, whether or not it is switched on.
    pub(crate) fn state(&self, row: &ConnectionRow) -> ConnectionState {
        let switched_on = ConnectionRow { enabled: true, ..row.clone() };
        let (integrations, targets) = (IntegrationsOfApplication::default(), MappingTargetsOfApplication::default());
        match self.open_connection(&switched_on, &integrations, &targets) {
            Ok(_) => ConnectionState::Callable,
            Err(VaultError::MissingSettings { .. }) if row.is_authorized() => ConnectionState::Authorized,
            Err(VaultError::NotAuthorized { .. }) if row.was_refused() => ConnectionState::Invalid,
            Err(VaultError::MissingSettings { .. } | VaultError::NotAuthorized { .. }) => ConnectionState::Added,
            Err(_) => ConnectionState::Invalid,
        }
    }
}

impl ConnectionRow {
    /// Whether a grant is there that has not ended.
    fn is_authorized(&self) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.version > 0 && grant.ended.is_none())
    }

    fn was_refused(&self) -> bool {
        let end = self.grant.as_ref().and_then(|grant| grant.ended.as_ref());
        end.is_some_and(|end| matches!(end, GrantEnd::Refused(_)))
    }
}

/// Only what the definition calls harmless today: it may have become sensitive after it was stored.
pub(crate) fn shown(row: &ConnectionRow, connector: &ConnectorDefinition) -> BTreeMap<String, String> {
    let harmless = connector.settings.iter().filter(|setting| !setting.sensitive);
    let values = harmless.filter_map(|setting| row.settings.get_key_value(&setting.name));
    values.map(|(name, value)| (name.clone(), value.clone())).collect()
}

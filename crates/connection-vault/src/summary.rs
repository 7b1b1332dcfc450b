//! Applications and connections as they may be shown. Never a secret.

use std::collections::BTreeMap;

use connector_catalog::{Catalog, ConnectorDefinition};
use jiff::Timestamp;
use serde::Serialize;
use unified_model::ServiceId;

use crate::keyring::Sealer;
use crate::store::ConnectionRow;
use crate::{FieldMap, VaultError, connection};

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplicationSummary {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Where its users may be sent back to after an authorisation. The first counts where none is named.
    pub redirect_uris: Vec<String>,
    /// The web pages, by origin, that may call with a session.
    pub origins: Vec<String>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionSummary {
    /// The application that it belongs to.
    pub application_id: String,
    /// The consumer that it belongs to.
    pub consumer_id: String,
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

impl ConnectionSummary {
    pub(crate) fn of(row: &ConnectionRow, catalog: &Catalog, sealer: &Sealer) -> Self {
        let connector = catalog.connector(&row.service);
        Self {
            application_id: row.application_id.clone(),
            consumer_id: row.consumer_id.clone(),
            service_id: row.service.clone(),
            enabled: row.enabled,
            state: state(row, catalog, sealer),
            missing_settings: connector.map(|connector| row.missing_settings(connector)).unwrap_or_default(),
            settings: connector.map(|connector| shown(row, connector)).unwrap_or_default(),
            field_map: row.field_map.clone(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn state(row: &ConnectionRow, catalog: &Catalog, sealer: &Sealer) -> ConnectionState {
    let switched_on = ConnectionRow { enabled: true, ..row.clone() };
    match connection::open(&switched_on, catalog, sealer) {
        Ok(_) => ConnectionState::Callable,
        Err(VaultError::MissingSettings { .. }) => ConnectionState::Added,
        Err(_) => ConnectionState::Invalid,
    }
}

/// Only what the definition calls harmless today: it may have become sensitive after it was stored.
fn shown(row: &ConnectionRow, connector: &ConnectorDefinition) -> BTreeMap<String, String> {
    let harmless = connector.settings.iter().filter(|setting| !setting.sensitive);
    let values = harmless.filter_map(|setting| row.settings.get_key_value(&setting.name));
    values.map(|(name, value)| (name.clone(), value.clone())).collect()
}

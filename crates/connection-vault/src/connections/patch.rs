//! What an administrator asks for: a new connection, or a change to one.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::{Map, Value};
use unified_model::{ApplicationId, ConsumerId, ServiceId};

use super::FieldMap;
use super::configuration::Configuration;
use super::readdress::ChangedBy;

/// A connection to be added.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// The application that it belongs to.
    pub application_id: ApplicationId,
    /// The consumer that it belongs to; added when it is new.
    pub consumer_id: ConsumerId,
    /// What it connects to.
    pub service_id: ServiceId,
    /// Values of settings; an empty one is none.
    pub settings: BTreeMap<String, SecretString>,
    /// The connection's own mapping lines.
    pub field_map: FieldMap,
    /// Whether it is switched on.
    pub enabled: bool,
}

/// A change to a connection; what it does not name stays.
#[derive(Debug, Clone, Default)]
pub struct ConnectionPatch {
    /// New values of settings; `None` or an empty one takes the value away.
    pub settings: BTreeMap<String, Option<SecretString>>,
    /// Replaces the connection's own mapping lines.
    pub field_map: Option<FieldMap>,
    /// Switches it on or off.
    pub enabled: Option<bool>,
    /// Replaces what the application keeps with it; `Some(None)`: nothing any more.
    pub metadata: Option<Option<Map<String, Value>>>,
    /// By resource, what new records begin with; replaces that of the resources named.
    pub configuration: Configuration,
    /// `JSONPath` by custom mapping; `None` takes one away.
    pub custom_mappings: BTreeMap<String, Option<String>>,
    /// Who asks for it.
    pub by: ChangedBy,
}

impl NewConnection {
    /// A connection without settings, switched on.
    #[must_use]
    pub fn new(application_id: &ApplicationId, consumer_id: &ConsumerId, service_id: ServiceId) -> Self {
        Self {
            application_id: application_id.clone(),
            consumer_id: consumer_id.clone(),
            service_id,
            settings: BTreeMap::new(),
            field_map: FieldMap::new(),
            enabled: true,
        }
    }

    /// The same with a setting.
    #[must_use]
    pub fn with_setting(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }
}

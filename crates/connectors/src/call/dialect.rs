//! What a protocol adds to `rest`: how it writes filters, and what it makes of records that are read and written.

use bytes::Bytes;
use connector_catalog::{ListWay, ResourceDefinition};
use field_mapping::Zone;
use serde_json::{Map, Value};
use unified_model::{UnifiedRequest, Warning};

use crate::call::outcome::ConnectorError;
use crate::lookup::Surroundings;

/// What a protocol adds to `rest`.
pub(crate) trait Dialect: Sync {
    /// The parameters that carry `request`'s filters; `None`: no record can have such values, so the vendor need not be
    /// asked. `zone` is that of the vendor's times without one.
    fn rules(
        &self,
        way: &ListWay,
        resource: &ResourceDefinition,
        request: &UnifiedRequest,
        zone: &Zone,
    ) -> Result<Option<Vec<(String, String)>>, ConnectorError>;

    /// An answer that holds records, before it is mapped.
    fn shown(&self, _resource: &ResourceDefinition, _surroundings: &Surroundings, body: Bytes) -> Bytes {
        body
    }

    /// The tables that lack something that a caller names: a custom field, one of its choices.
    fn outdated(
        &self,
        _resource: &ResourceDefinition,
        _surroundings: &Surroundings,
        _sent: &Map<String, Value>,
    ) -> Vec<String> {
        Vec::new()
    }

    /// Completes a record that the mapping has written, before steps draw from it.
    fn complete(
        &self,
        _resource: &ResourceDefinition,
        _surroundings: &Surroundings,
        _rewriting: &mut Rewriting<'_>,
    ) -> Vec<Warning> {
        Vec::new()
    }
}

/// A record on its way to the vendor.
pub(crate) struct Rewriting<'r> {
    /// As it will be.
    pub(crate) record: &'r mut Map<String, Value>,
    /// As it was; empty for a new record.
    pub(crate) before: &'r Map<String, Value>,
    /// Its id.
    pub(crate) id: &'r str,
    /// Makes ids.
    pub(crate) mint: &'r mut dyn FnMut() -> String,
}

/// Plain `rest` definitions say their filters in templates.
pub(crate) struct Plain;

impl Dialect for Plain {
    fn rules(
        &self,
        _way: &ListWay,
        _resource: &ResourceDefinition,
        _request: &UnifiedRequest,
        _zone: &Zone,
    ) -> Result<Option<Vec<(String, String)>>, ConnectorError> {
        Err(ConnectorError::Internal("filter rules need another protocol".to_owned()))
    }
}

//! Connector definitions: read from YAML, checked, compiled into plans that say what to send to a vendor. Reads files only
//! when it is asked to load a directory; never opens a socket.

pub mod plan;
pub mod template;

pub use field_mapping::Diagnostic;
pub use plan::*;
pub use template::{Hole, Template};

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use unified_model::{Operation, Resource, ServiceId};

/// Every connector that this gateway knows.
#[derive(Debug, Clone)]
pub struct Catalog {
    connectors: BTreeMap<ServiceId, Arc<ConnectorDefinition>>,
}

/// Why a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Definitions with mistakes: every one that was found, a line each.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Definitions(Vec<Diagnostic>),
    /// A directory or file that cannot be read.
    #[error("{path}: {message}")]
    Unreadable {
        /// Which one.
        path: String,
        /// Why.
        message: String,
    },
}

/// Why there is no plan for a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No connector has that service id.
    #[error("there is no connector `{0}`")]
    UnknownService(ServiceId),
    /// The connector does not offer the operation on the resource; what it does offer.
    #[error("{service} does not support `{operation}` on {resource}")]
    Unsupported {
        /// The connector.
        service: ServiceId,
        /// The resource asked for.
        resource: Resource,
        /// The operation asked for.
        operation: Operation,
        /// The operations that the connector offers on the resource.
        supported: Vec<Operation>,
    },
}

impl Catalog {
    /// The definitions that this build carries (`connectors/` and `mappings/`).
    pub fn built_in() -> Result<Self, CatalogError> {
        todo!("catalog owner")
    }

    /// This catalogue with an operator's directory laid over it: `connectors/*.yaml` and `mappings/<service_id>/*.yaml`.
    pub fn with_directory(self, directory: &Path) -> Result<Self, CatalogError> {
        let _ = directory;
        todo!("catalog owner")
    }

    /// Every connector, by service id.
    pub fn connectors(&self) -> impl Iterator<Item = &Arc<ConnectorDefinition>> {
        self.connectors.values()
    }

    /// One connector.
    #[must_use]
    pub fn connector(&self, service: &ServiceId) -> Option<&Arc<ConnectorDefinition>> {
        self.connectors.get(service)
    }

    /// A connector with a connection's own `field_map` (resource, canonical field: vendor path) laid over its mappings.
    pub fn with_field_map(
        &self,
        service: &ServiceId,
        field_map: &BTreeMap<Resource, BTreeMap<String, String>>,
    ) -> Result<Arc<ConnectorDefinition>, CatalogError> {
        let _ = (service, field_map);
        todo!("catalog owner")
    }
}

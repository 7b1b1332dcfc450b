//! The operations of the Vault API, and what a request for one of them is about.

use connection_vault::VaultError;
use connector_catalog::Catalog;
use gateway::EdgeError;
use http::Method;
use unified_model::{ConsumerId, Resource, ServiceId, VaultOperation, VaultSchema};

use crate::http::request::names::Names;
use crate::http::request::routed::no_route;
use crate::http::unified_api::OFFERED_ID;

/// The operations, by their ids in `spec/vault.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Operation {
    ConsumersAdd,
    ConsumersAll,
    ConsumersOne,
    ConsumersUpdate,
    ConsumersDelete,
    ConnectionsAll,
    ConnectionsOne,
    ConnectionsAdd,
    ConnectionsUpdate,
    ConnectionsDelete,
    ConnectionsImport,
    ConnectionsToken,
    ValidateConnectionState,
    ConnectionsConfirm,
    CreateCallbackState,
    ConnectionSettingsAll,
    ConnectionSettingsUpdate,
    ConnectionsSchema,
    ConnectionsExample,
    CustomFieldsAll,
    ConnectionCustomMappingsAll,
    CustomMappingsAll,
    CustomMappingsOne,
    CustomMappingsAdd,
    CustomMappingsUpdate,
    CustomMappingsDelete,
    SessionsCreate,
    LogsAll,
}

impl Operation {
    /// Its id in the document.
    pub(in crate::http) const fn id(self) -> &'static str {
        match self {
            Self::ConsumersAdd => "consumersAdd",
            Self::ConsumersAll => "consumersAll",
            Self::ConsumersOne => "consumersOne",
            Self::ConsumersUpdate => "consumersUpdate",
            Self::ConsumersDelete => "consumersDelete",
            Self::ConnectionsAll => "connectionsAll",
            Self::ConnectionsOne => "connectionsOne",
            Self::ConnectionsAdd => "connectionsAdd",
            Self::ConnectionsUpdate => "connectionsUpdate",
            Self::ConnectionsDelete => "connectionsDelete",
            Self::ConnectionsImport => "connectionsImport",
            Self::ConnectionsToken => "connectionsToken",
            Self::ValidateConnectionState => "validateConnectionState",
            Self::ConnectionsConfirm => "connectionsConfirm",
            Self::CreateCallbackState => "createCallbackState",
            Self::ConnectionSettingsAll => "connectionSettingsAll",
            Self::ConnectionSettingsUpdate => "connectionSettingsUpdate",
            Self::ConnectionsSchema => "connectionsSchema",
            Self::ConnectionsExample => "connectionsExample",
            Self::CustomFieldsAll => "customFieldsAll",
            Self::ConnectionCustomMappingsAll => "connectionCustomMappingsAll",
            Self::CustomMappingsAll => "customMappingsAll",
            Self::CustomMappingsOne => "customMappingsOne",
            Self::CustomMappingsAdd => "customMappingsAdd",
            Self::CustomMappingsUpdate => "customMappingsUpdate",
            Self::CustomMappingsDelete => "customMappingsDelete",
            Self::SessionsCreate => "sessionsCreate",
            Self::LogsAll => "logsAll",
        }
    }
}

/// What a request is for.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) operation: Operation,
    pub(super) names: Names,
}

impl Target {
    /// The consumer that the path names.
    pub(super) fn consumer(&self) -> Result<ConsumerId, VaultError> {
        let name = self.names.get("consumer_id");
        name.parse().map_err(|_| VaultError::NoConsumer(name.to_owned()))
    }

    /// The connector, where the path names a unified API that it has.
    pub(super) fn service(&self) -> Result<ServiceId, EdgeError> {
        let api = self.names.get("unified_api");
        if api != OFFERED_ID {
            return Err(EdgeError::NoUnifiedApi { name: api.to_owned(), known: OFFERED_ID });
        }
        self.service_name().parse().map_err(|_| self.no_connector())
    }

    /// Whether there is the connector that the path names. A connection may be deleted also where its connector is gone.
    pub(super) fn check_service(&self, catalog: &Catalog) -> Result<(), EdgeError> {
        if !self.names_service() || self.operation == Operation::ConnectionsDelete {
            return Ok(());
        }
        let known = catalog.connector(&self.service()?);
        known.map(drop).ok_or_else(|| self.no_connector())
    }

    pub(super) fn resource(&self) -> Result<Resource, EdgeError> {
        let name = self.names.get("resource");
        name.parse().map_err(|_| EdgeError::NoResource(name.to_owned()))
    }

    /// The id of a custom mapping.
    pub(super) fn field(&self) -> &str {
        self.names.get("target_field_id")
    }

    /// Whether the path names a unified API and a connector.
    pub(super) fn names_service(&self) -> bool {
        let names_none =
            matches!(self.operation, Operation::ConnectionsAll | Operation::SessionsCreate | Operation::LogsAll);
        self.is_of_a_consumer() && !names_none
    }

    /// Whether a consumer has to be named. What an application offers can be listed without.
    pub(super) fn needs_consumer(&self) -> bool {
        self.is_of_a_consumer() && self.operation != Operation::ConnectionsAll
    }

    fn is_of_a_consumer(&self) -> bool {
        !matches!(
            self.operation,
            Operation::ConsumersAdd
                | Operation::ConsumersAll
                | Operation::ConsumersOne
                | Operation::ConsumersUpdate
                | Operation::ConsumersDelete
        )
    }

    /// Whether a consumer's own browser may ask for it.
    pub(super) fn is_for_sessions(&self) -> bool {
        self.is_of_a_consumer() && !matches!(self.operation, Operation::SessionsCreate | Operation::ConnectionsImport)
    }

    /// What its query and its body may say.
    pub(super) fn schema(&self) -> Result<&'static VaultOperation, EdgeError> {
        let schema = VaultSchema::built_in().operation(self.operation.id());
        // A test holds every operation against the document.
        schema.ok_or_else(|| no_route(&Method::GET, self.operation.id()))
    }

    fn service_name(&self) -> &str {
        self.names.get("service_id")
    }

    fn no_connector(&self) -> EdgeError {
        EdgeError::NoConnector(self.service_name().to_owned())
    }
}

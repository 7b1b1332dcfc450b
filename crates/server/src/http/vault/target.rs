//! From method and path to an operation of the Vault API and what it is about.

use connector_catalog::Catalog;
use gateway::{Class, ErrorType, GatewayError};
use http::Method;
use unified_model::{Resource, ServiceId, VaultOperation, VaultSchema};

use super::super::{failure, route};

/// The operations, by their ids in `spec/vault.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
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
    const fn id(self) -> &'static str {
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
    /// What the path names beside the operation, in its order.
    names: Vec<String>,
}

/// The one unified API that connections are of.
pub(super) const CRM: &str = "crm";

impl Target {
    pub(super) fn of(method: &Method, path: &str) -> Result<Self, GatewayError> {
        let segments = route::segments(path)?;
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (by_method, names): (&[(Method, Operation)], &[&str]) = match words.as_slice() {
            ["vault", "consumers"] => (&CONSUMERS, &[]),
            ["vault", "consumers", id] => (&CONSUMER, &[*id]),
            ["vault", "logs"] => (&LOGS, &[]),
            ["vault", "sessions"] => (&SESSIONS, &[]),
            ["vault", "connections"] => (&CONNECTIONS, &[]),
            ["vault", "connections", api, service] => (&CONNECTION, &[*api, *service]),
            [
                "vault",
                "connections",
                api,
                service,
                verb @ ("import" | "token" | "validate" | "confirm" | "callback-state"),
            ] => (verbs(verb), &[*api, *service]),
            ["vault", "connections", api, service, resource, "config"] => (&CONFIG, &[*api, *service, *resource]),
            ["vault", "connections", api, service, resource, "custom-fields"] => {
                (&FIELDS, &[*api, *service, *resource])
            }
            ["vault", "connections", api, service, resource, "custom-mappings"] => {
                (&RESOURCE_MAPPINGS, &[*api, *service, *resource])
            }
            ["vault", "custom-mappings", api, service] => (&MAPPINGS, &[*api, *service]),
            ["vault", "custom-mappings", api, service, field] => (&MAPPING, &[*api, *service, *field]),
            _ => return Err(route::unknown(method, path)),
        };
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let found = by_method.iter().find(|(known, _)| known == method);
        let (_, operation) = found.ok_or_else(|| wrong_method(method, path, by_method))?;
        Ok(Self { operation: *operation, names: names.iter().map(|name| (*name).to_owned()).collect() })
    }

    pub(super) fn consumer(&self) -> &str {
        self.name(0)
    }

    /// The connector, where the path names a unified API that it has.
    pub(super) fn service(&self) -> Result<ServiceId, GatewayError> {
        if self.name(0) != CRM {
            let api: String = self.name(0).chars().take(80).collect();
            let detail = format!("There is no unified API `{api}` here; use `{CRM}`.");
            return Err(GatewayError::new(ErrorType::ConnectorNotFoundError, Class::NotFound, detail));
        }
        self.name(1).parse().map_err(|_| failure::unknown_connector(self.name(1)))
    }

    /// Whether there is the connector that the path names. A connection may be deleted also where its connector is gone.
    pub(super) fn check_service(&self, catalog: &Catalog) -> Result<(), GatewayError> {
        if !self.names_service() || self.operation == Operation::ConnectionsDelete {
            return Ok(());
        }
        let known = catalog.connector(&self.service()?);
        known.map(drop).ok_or_else(|| failure::unknown_connector(self.name(1)))
    }

    pub(super) fn resource(&self) -> Result<Resource, GatewayError> {
        self.name(2).parse().map_err(|_| {
            let found: String = self.name(2).chars().take(80).collect();
            let detail =
                format!("There is no resource `{found}` in the CRM API; /openapi.json lists those that there are.");
            GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
        })
    }

    /// The id of a custom mapping.
    pub(super) fn field(&self) -> &str {
        self.name(2)
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
    pub(super) fn schema(&self) -> Result<&'static VaultOperation, GatewayError> {
        let schema = VaultSchema::built_in().operation(self.operation.id());
        // A test holds every operation against the document.
        schema.ok_or_else(|| route::unknown(&Method::GET, self.operation.id()))
    }

    fn name(&self, at: usize) -> &str {
        self.names.get(at).map(String::as_str).unwrap_or_default()
    }
}

type Methods<const N: usize> = [(Method, Operation); N];

const CONSUMERS: Methods<2> = [(Method::POST, Operation::ConsumersAdd), (Method::GET, Operation::ConsumersAll)];
const CONSUMER: Methods<3> = [
    (Method::GET, Operation::ConsumersOne),
    (Method::PATCH, Operation::ConsumersUpdate),
    (Method::DELETE, Operation::ConsumersDelete),
];
const SESSIONS: Methods<1> = [(Method::POST, Operation::SessionsCreate)];
const LOGS: Methods<1> = [(Method::GET, Operation::LogsAll)];
const CONNECTIONS: Methods<1> = [(Method::GET, Operation::ConnectionsAll)];
const CONNECTION: Methods<4> = [
    (Method::GET, Operation::ConnectionsOne),
    (Method::POST, Operation::ConnectionsAdd),
    (Method::PATCH, Operation::ConnectionsUpdate),
    (Method::DELETE, Operation::ConnectionsDelete),
];
const IMPORT: Methods<1> = [(Method::POST, Operation::ConnectionsImport)];
const TOKEN: Methods<1> = [(Method::POST, Operation::ConnectionsToken)];
const VALIDATE: Methods<1> = [(Method::POST, Operation::ValidateConnectionState)];
const CONFIRM: Methods<1> = [(Method::POST, Operation::ConnectionsConfirm)];
const CALLBACK_STATE: Methods<1> = [(Method::POST, Operation::CreateCallbackState)];
const CONFIG: Methods<2> =
    [(Method::GET, Operation::ConnectionSettingsAll), (Method::PATCH, Operation::ConnectionSettingsUpdate)];
const FIELDS: Methods<1> = [(Method::GET, Operation::CustomFieldsAll)];
const RESOURCE_MAPPINGS: Methods<1> = [(Method::GET, Operation::ConnectionCustomMappingsAll)];
const MAPPINGS: Methods<1> = [(Method::GET, Operation::CustomMappingsAll)];
const MAPPING: Methods<4> = [
    (Method::GET, Operation::CustomMappingsOne),
    (Method::POST, Operation::CustomMappingsAdd),
    (Method::PATCH, Operation::CustomMappingsUpdate),
    (Method::DELETE, Operation::CustomMappingsDelete),
];

fn verbs(verb: &str) -> &'static [(Method, Operation)] {
    match verb {
        "import" => &IMPORT,
        "token" => &TOKEN,
        "validate" => &VALIDATE,
        "confirm" => &CONFIRM,
        _ => &CALLBACK_STATE,
    }
}

fn wrong_method(method: &Method, path: &str, known: &[(Method, Operation)]) -> GatewayError {
    let path: String = path.chars().take(200).collect();
    let known: Vec<&str> = known.iter().map(|(method, _)| method.as_str()).collect();
    let detail = format!("There is no {method} {path}; this path takes {}.", known.join(", "));
    GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, detail)
}

/// The operation that a path means and the connector that it names, for the log.
pub(in crate::http) fn named(method: &Method, path: &str) -> (&'static str, Option<String>) {
    match Target::of(method, path) {
        Ok(target) => (target.operation.id(), target.service().ok().map(|service| service.as_str().to_owned())),
        Err(_) => ("", None),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn every_documented_operation_is_routed_to_itself() {
        let elsewhere = ["connectionsAuthorize", "connectionsCallback", "connectionsRevoke"];
        for documented in VaultSchema::built_in().operations() {
            if elsewhere.contains(&documented.id.as_str()) {
                continue;
            }
            let path = documented.path.replace("{unified_api}", "crm").replace("{resource}", "contacts");
            let target = Target::of(&documented.method.parse().unwrap(), &path).unwrap();
            assert_eq!(target.operation.id(), documented.id);
            assert_eq!(target.schema().unwrap().id, documented.id);
        }
    }
}

//! Why there is no plan for a call.

use unified_model::{Operation, Resource, ServiceId};

use crate::plan::{Because, Condition};

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
        /// Whose limit it is.
        because: Because,
    },
    /// The connector does not say how fields of the account's own are found.
    #[error("{service} does not say which fields of their own its {resource} have")]
    NoCustomFields {
        /// The connector.
        service: ServiceId,
        /// The resource asked for.
        resource: Resource,
    },
    /// The connector would do it with other settings.
    #[error("{service} does not support `{operation}` on {resource} with these settings")]
    SwitchedOff {
        /// The connector.
        service: ServiceId,
        /// The resource asked for.
        resource: Resource,
        /// The operation asked for.
        operation: Operation,
        /// What the settings would have to be: any of these.
        wanted: Vec<Condition>,
    },
}

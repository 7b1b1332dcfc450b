//! Why a call cannot go on, why an administrator's change is refused, and why an authorisation goes no further. No message carries a
//! secret.

mod admin;
mod authorize;

use storage::StorageError;
use unified_model::ServiceId;

use crate::access::Scope;

pub use admin::{AdminError, SettingProblem};
pub use authorize::AuthorizeError;

/// Why a call cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The API key is unknown or revoked, or belongs to another application.
    #[error("the API key is not valid for this application")]
    Unauthorized,
    /// The API key has scopes, and this is none of them.
    #[error("the API key lacks the scope `{0}`")]
    MissingScope(Scope),
    /// No connector has that service id.
    #[error("there is no connector `{0}`")]
    UnknownService(ServiceId),
    /// The consumer has no connection (to that service).
    #[error("consumer `{consumer_id}` has no connection{}", .service.as_ref().map(|s| format!(" to {s}")).unwrap_or_default())]
    NoConnection {
        /// The consumer.
        consumer_id: String,
        /// The service asked for.
        service: Option<ServiceId>,
    },
    /// No service was named and several connections could be meant.
    #[error("consumer has several connections: {}", list(.0))]
    Ambiguous(Vec<ServiceId>),
    /// The connection is switched off.
    #[error("the connection to {0} is disabled")]
    Disabled(ServiceId),
    /// Required settings are missing.
    #[error("the connection to {service} lacks {}", .missing.join(", "))]
    MissingSettings {
        /// The service.
        service: ServiceId,
        /// The settings.
        missing: Vec<String>,
    },
    /// The connection's field map no longer fits the connector's definition.
    #[error("the field map of the connection to {service} does not fit its connector: {message}")]
    FieldMap {
        /// The service.
        service: ServiceId,
        /// What does not fit.
        message: String,
    },
    /// The consumer has not authorised the connection, or has to do so again.
    #[error("the connection to {service} is not authorised: {reason}")]
    NotAuthorized {
        /// The service.
        service: ServiceId,
        /// Why.
        reason: String,
    },
    /// The application has no integration of that connector.
    #[error("the application has no integration of {0}")]
    NoIntegration(ServiceId),
    /// The integration is switched off.
    #[error("the application's integration of {0} is disabled")]
    IntegrationDisabled(ServiceId),
    /// The integration has no OAuth client.
    #[error("the application's integration of {0} has no OAuth client id or secret")]
    NoOauthClient(ServiceId),
    /// There is no such consumer.
    #[error("there is no consumer `{0}`")]
    NoConsumer(String),
    /// The application has not defined that field.
    #[error("the application defines no custom mapping `{0}`")]
    NoMappingTarget(String),
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(String),
    /// A fault of this process, which to try again does not mend.
    #[error("{0}")]
    Internal(String),
    /// The store cannot be reached, or not be written, for now.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// Another server uses the same file.
    #[error("another server serves from {0}: a file is for one server; several share a PostgreSQL database")]
    InUse(String),
    /// A sealed secret cannot be opened.
    #[error("a sealed secret cannot be opened: {0}")]
    Sealed(String),
}

impl From<StorageError> for VaultError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Failed(reason) => Self::Store(reason),
            StorageError::Unavailable(reason) => Self::Unavailable(reason),
            StorageError::InUse(path) => Self::InUse(path),
        }
    }
}

fn list(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

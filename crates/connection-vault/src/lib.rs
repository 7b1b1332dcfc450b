//! Applications, API keys, consumers, connections and their sealed secrets. Secrets leave only as `Credentials`, for one
//! outgoing request.

use std::sync::Arc;

use connector_catalog::{Catalog, ConnectorDefinition};
use unified_model::ServiceId;
use vendor_client::{ConnectionKey, CredentialSource};

/// The vault: a store, the master key, and everything warm in memory. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    _todo: (),
}

/// A consumer's link to one vendor.
pub struct Connection {
    /// Its key for limiters and caches.
    pub key: ConnectionKey,
    /// The application it belongs to.
    pub application_id: Arc<str>,
    /// The consumer it belongs to.
    pub consumer_id: Arc<str>,
    /// The connector, the connection's own field map laid over it.
    pub connector: Arc<ConnectorDefinition>,
    /// Its secrets and settings.
    pub credentials: Arc<dyn CredentialSource>,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The application that the API key belongs to.
    pub application_id: Arc<str>,
}

/// Why a call cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The API key is unknown or revoked, or belongs to another application.
    #[error("the API key is not valid for this application")]
    Unauthorized,
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
    #[error("consumer has several connections: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
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
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(String),
    /// A sealed secret cannot be opened.
    #[error("a sealed secret cannot be opened: {0}")]
    Sealed(String),
}

impl Vault {
    /// Whom an API key belongs to. In memory once it has been seen; bounded cache; no statement on a warm call.
    pub async fn caller(&self, api_key: &str, application_id: &str) -> Result<Caller, VaultError> {
        let _ = (api_key, application_id);
        todo!("vault owner")
    }

    /// The connection that a call is for: the named one, or the only callable one.
    pub async fn connection(
        &self,
        caller: &Caller,
        consumer_id: &str,
        service: Option<&ServiceId>,
    ) -> Result<Arc<Connection>, VaultError> {
        let _ = (caller, consumer_id, service);
        todo!("vault owner")
    }

    /// The catalogue that connections are checked against.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        todo!("vault owner")
    }
}

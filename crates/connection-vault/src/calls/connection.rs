//! What a connection is to a call, and which of a consumer's connections a call is for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use connector_catalog::{ConnectorDefinition, SettingValues};
use unified_model::{ApplicationId, ConsumerId, ServiceId};
use vendor_client::{ConnectionKey, CredentialSource};

use crate::connections::Configuration;
use crate::error::VaultError;

/// A consumer's link to one vendor.
pub struct Connection {
    /// Its key for limiters and caches. Another one once its settings or its field map have changed: what was cached for
    /// one vendor account is not served for the next.
    pub key: ConnectionKey,
    /// Whether the vendor is known to refuse its credentials.
    pub is_refused: bool,
    /// The application it belongs to.
    pub application_id: ApplicationId,
    /// The consumer it belongs to.
    pub consumer_id: ConsumerId,
    /// The connector, the connection's own field map laid over it.
    pub connector: Arc<ConnectorDefinition>,
    /// Its settings that are not sensitive, defaults included.
    pub settings: Arc<SettingValues>,
    /// What new records of a resource begin with.
    pub configuration: Configuration,
    /// Its secrets and settings.
    pub credentials: Arc<dyn CredentialSource>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connection").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What one consumer has connected: for every service the connection, or why it cannot be called.
pub(super) struct ConsumerConnections {
    by_service: BTreeMap<ServiceId, Result<Arc<Connection>, VaultError>>,
}

impl ConsumerConnections {
    pub(super) fn new(by_service: BTreeMap<ServiceId, Result<Arc<Connection>, VaultError>>) -> Self {
        Self { by_service }
    }

    /// The connection to a service.
    pub(super) fn to(&self, service: &ServiceId) -> Option<Result<Arc<Connection>, VaultError>> {
        self.by_service.get(service).cloned()
    }

    /// The only connection that can be called.
    pub(super) fn only(&self) -> Option<Result<Arc<Connection>, VaultError>> {
        let callable: Vec<_> = self.by_service.values().filter_map(|connection| connection.as_ref().ok()).collect();
        match callable.as_slice() {
            [] => self.reason().map(Err),
            [connection] => Some(Ok(Arc::clone(connection))),
            several => {
                let services = several.iter().map(|connection| connection.connector.service_id.clone());
                Some(Err(VaultError::Ambiguous(services.collect())))
            }
        }
    }

    /// Why the only connection, or one that the consumer has completed, cannot be used: to say that there is none would hide it.
    fn reason(&self) -> Option<VaultError> {
        let refusals: Vec<_> = self.by_service.values().filter_map(|connection| connection.as_ref().err()).collect();
        match refusals.as_slice() {
            [only] => Some((*only).clone()),
            several => several.iter().find(|error| is_broken(error)).map(|error| (*error).clone()),
        }
    }
}

/// Whether the fault is in what is stored rather than in what the consumer has yet to do.
pub(super) fn is_broken(error: &VaultError) -> bool {
    match error {
        VaultError::Sealed(_)
        | VaultError::FieldMap { .. }
        | VaultError::UnknownService(_)
        | VaultError::Store(_)
        | VaultError::Internal(_)
        | VaultError::Unavailable(_)
        | VaultError::InUse(_) => true,
        VaultError::Unauthorized
        | VaultError::MissingScope(_)
        | VaultError::NoConnection { .. }
        | VaultError::Ambiguous(_)
        | VaultError::Disabled(_)
        | VaultError::NotAuthorized { .. }
        | VaultError::NoIntegration(_)
        | VaultError::IntegrationDisabled(_)
        | VaultError::NoOauthClient(_)
        | VaultError::NoConsumer(_)
        | VaultError::NoMappingTarget(_)
        | VaultError::MissingSettings { .. } => false,
    }
}

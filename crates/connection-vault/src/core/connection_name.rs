//! Which connection is meant.

use unified_model::{ApplicationId, ConsumerId, ServiceId};

use crate::error::{AdminError, VaultError};

/// Which connection is meant, in a way that outlives its row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ConnectionName {
    pub(crate) application_id: ApplicationId,
    pub(crate) consumer_id: ConsumerId,
    pub(crate) service: ServiceId,
}

impl ConnectionName {
    pub(crate) fn new(application_id: &ApplicationId, consumer_id: &ConsumerId, service: &ServiceId) -> Self {
        Self { application_id: application_id.clone(), consumer_id: consumer_id.clone(), service: service.clone() }
    }

    /// There is no such connection.
    pub(crate) fn is_missing(&self) -> VaultError {
        let (consumer_id, service) = (self.consumer_id.to_string(), Some(self.service.clone()));
        VaultError::NoConnection { consumer_id, service }
    }

    /// There is such a connection already.
    pub(crate) fn exists(&self) -> AdminError {
        let (consumer_id, service) = (self.consumer_id.to_string(), self.service.clone());
        AdminError::ConnectionExists { consumer_id, service }
    }
}

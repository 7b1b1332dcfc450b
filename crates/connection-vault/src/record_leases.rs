//! Leases on vendors' records, so that of the writes of several servers to one record one runs at a time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use vendor_client::{LeaseError, RecordLeases};

use crate::vault::Inner;
use crate::{Vault, VaultError};

/// The leases of a store that several servers share.
struct StoredLeases(Arc<Inner>);

impl Vault {
    /// The leases that the servers over this vault's database share; `None` where there is only one server.
    #[must_use]
    pub fn record_leases(&self) -> Option<Arc<dyn RecordLeases>> {
        self.inner.is_shared.then(|| Arc::new(StoredLeases(Arc::clone(&self.inner))) as _)
    }
}

#[async_trait]
impl RecordLeases for StoredLeases {
    fn length(&self) -> Duration {
        self.0.record_lease
    }

    fn new_holder(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }

    async fn take(&self, record: &str, holder: &str) -> Result<bool, LeaseError> {
        self.or_without(self.0.store.take_lease(&key(record), holder, self.length()).await)
    }

    async fn renew(&self, record: &str, holder: &str) -> Result<bool, LeaseError> {
        self.or_without(self.0.store.renew_lease(&key(record), holder, self.length()).await)
    }

    async fn give_back(&self, record: &str, holder: &str) -> Result<(), LeaseError> {
        Ok(self.0.store.end_lease(&key(record), holder).await?)
    }
}

impl StoredLeases {
    /// While calls are served without the store, nobody can see anybody else's lease, and each server takes its own turns alone.
    fn or_without(&self, asked: Result<bool, VaultError>) -> Result<bool, LeaseError> {
        match asked {
            Err(VaultError::Unavailable(_)) if self.0.store.is_done_without() => Ok(true),
            asked => Ok(asked?),
        }
    }
}

/// Names of records may be of any length, and tell of people.
fn key(record: &str) -> String {
    blake3::hash(record.as_bytes()).to_hex().to_string()
}

impl From<VaultError> for LeaseError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Store(reason) => Self(reason),
            other => Self(other.to_string()),
        }
    }
}

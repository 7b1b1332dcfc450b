//! Leases on vendors' records, so that of the writes of several servers to one record one runs at a time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use storage::StorageError;
use vendor_client::{LeaseError, RecordLeases};

use crate::core::Core;

/// The leases of a store that several servers share.
pub(super) struct StoredLeases {
    pub(super) core: Arc<Core>,
    pub(super) length: Duration,
}

#[async_trait]
impl RecordLeases for StoredLeases {
    fn length(&self) -> Duration {
        self.length
    }

    fn new_holder(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }

    async fn take(&self, record: &str, holder: &str) -> Result<bool, LeaseError> {
        self.or_without(self.core.store.acquire_lease(&key(record), holder, self.length()).await)
    }

    async fn renew(&self, record: &str, holder: &str) -> Result<bool, LeaseError> {
        self.or_without(self.core.store.renew_lease(&key(record), holder, self.length()).await)
    }

    async fn give_back(&self, record: &str, holder: &str) -> Result<(), LeaseError> {
        Ok(self.core.store.release_lease(&key(record), holder).await.map_err(told)?)
    }
}

impl StoredLeases {
    /// While calls are served without the store, nobody can see anybody else's lease, and each server takes its own turns alone.
    fn or_without(&self, asked: Result<bool, StorageError>) -> Result<bool, LeaseError> {
        match asked {
            Err(StorageError::Unavailable(_)) if self.core.store.is_done_without() => Ok(true),
            asked => Ok(asked.map_err(told)?),
        }
    }
}

/// The lease's name. Names of records may be of any length, and tell of people.
fn key(record: &str) -> String {
    format!("record:{}", blake3::hash(record.as_bytes()).to_hex())
}

fn told(error: StorageError) -> LeaseError {
    match error {
        StorageError::Failed(reason) => LeaseError(reason),
        other @ (StorageError::Unavailable(_) | StorageError::InUse(_)) => LeaseError(other.to_string()),
    }
}

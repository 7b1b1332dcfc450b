//! What every room rests on: the store, the keys, the clock, the catalogue, and what is kept in memory.

pub(crate) mod abort_point;
mod application;
mod connection_name;
pub(crate) mod name;
pub(crate) mod size;
mod watching;

use std::sync::Arc;

use connector_catalog::{Catalog, ConnectorDefinition};
use jiff::Timestamp;
use jobs::Runner;
use unified_model::ServiceId;

use crate::error::VaultError;
use crate::memory::Memory;
use crate::sealing::{DataKeys, Sealer};
use crate::store::{Change, Store, Write};

pub(crate) use connection_name::ConnectionName;
pub(crate) use watching::Watching;

/// Tells the time that rows are stamped with.
pub type Clock = fn() -> Timestamp;

/// What every room of one vault shares.
pub(crate) struct Core {
    pub(crate) store: Store,
    pub(crate) sealer: Sealer,
    pub(crate) clock: Clock,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) memory: Memory,
    /// What goes on in the background. It ends with the vault.
    pub(crate) jobs: Runner,
    /// What this process is called in the store.
    pub(crate) node: String,
    /// Whether other servers use the same store: one file is for one.
    pub(crate) is_shared: bool,
}

impl Core {
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn connector(&self, service: &ServiceId) -> Result<&Arc<ConnectorDefinition>, VaultError> {
        self.catalog.connector(service).ok_or_else(|| VaultError::UnknownService(service.clone()))
    }

    /// Begins a change that seals with the current key from here to its end.
    pub(crate) async fn write_sealed(&self) -> Result<Write<'_>, VaultError> {
        let mut write = self.store.write().await?;
        self.use_current_key(&mut write).await?;
        Ok(write)
    }

    /// Seals with the current key from here to the end of the change.
    pub(crate) async fn use_current_key(&self, write: &mut Write<'_>) -> Result<(), VaultError> {
        if write.current_key().await? != Some(self.sealer.current()) {
            self.sealer.install(DataKeys::load(write, self.sealer.master()).await?);
        }
        Ok(())
    }

    /// While another process rotates the master key, secrets are sealed with a key that has yet to be fetched.
    pub(crate) async fn fetch_keys_of(&self, mut sealed: impl Iterator<Item = &String>) -> Result<(), VaultError> {
        if !sealed.any(|blob| self.sealer.lacks_key_of(blob)) {
            return Ok(());
        }
        let mut write = self.store.write().await?;
        self.sealer.install(DataKeys::load(&mut write, self.sealer.master()).await?);
        write.commit_quietly().await
    }

    /// Makes a change true, tells the vaults of other processes, and forgets what it touches.
    pub(crate) async fn commit(&self, write: Write<'_>, change: Change) -> Result<(), VaultError> {
        // Also when the commit fails, or nobody waits for it any more: it may have happened all the same.
        let forgotten = ForgetOnDrop { memory: &self.memory, change: &change };
        write.commit_announcing(&change).await?;
        drop(forgotten);
        self.memory.drop_values(&change).await;
        Ok(())
    }
}

struct ForgetOnDrop<'a> {
    memory: &'a Memory,
    change: &'a Change,
}

impl Drop for ForgetOnDrop<'_> {
    fn drop(&mut self) {
        self.memory.forget(self.change);
    }
}

//! The store as the vault uses it: the migrations that make its tables, and what its changes say to other processes. Each room keeps
//! the statements of its tables in its `rows`.

mod change;
mod migrations;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use storage::StoreLocation;

use crate::error::VaultError;

pub(crate) use change::Change;
pub(crate) use migrations::VAULT;

/// The store with the vault's tables in it.
pub(crate) struct Store(Arc<storage::Store>);

/// A change to the vault's tables.
pub(crate) struct Write<'s>(storage::Write<'s>);

impl Store {
    /// Opens the database, which [`Store::upgrade`] brings up to date.
    pub(crate) async fn open(location: &StoreLocation) -> Result<Self, VaultError> {
        Ok(Self(Arc::new(storage::Store::open(location, &[&VAULT]).await?)))
    }

    /// The store without the vault's tables, as background jobs use it for their leases.
    pub(crate) fn shared(&self) -> Arc<storage::Store> {
        Arc::clone(&self.0)
    }

    /// Begins the change that brings the database up to date. Nothing of it is true before it is committed.
    pub(crate) async fn upgrade(&self) -> Result<Write<'_>, VaultError> {
        Ok(Write(self.0.upgrade().await?))
    }

    /// Begins a change.
    pub(crate) async fn write(&self) -> Result<Write<'_>, VaultError> {
        Ok(Write(self.0.write().await?))
    }
}

impl Write<'_> {
    /// Makes the changes true, of which nobody has anything in memory.
    pub(crate) async fn commit_quietly(self) -> Result<(), VaultError> {
        Ok(self.0.commit().await?)
    }

    /// Makes the changes true and tells the vaults of other processes.
    pub(crate) async fn commit_announcing(self, change: &Change) -> Result<(), VaultError> {
        Ok(self.0.commit_announcing(&change.announcement()?).await?)
    }
}

impl Deref for Store {
    type Target = storage::Store;

    fn deref(&self) -> &storage::Store {
        &self.0
    }
}

impl<'s> Deref for Write<'s> {
    type Target = storage::Write<'s>;

    fn deref(&self) -> &storage::Write<'s> {
        &self.0
    }
}

impl<'s> DerefMut for Write<'s> {
    fn deref_mut(&mut self) -> &mut storage::Write<'s> {
        &mut self.0
    }
}

//! The store as the vault uses it: the migrations that make its tables, and what its changes say to other processes. Each room keeps
//! the statements of its tables in its `rows`.

mod change;
pub(crate) mod migrations;

use std::ops::{Deref, DerefMut};

use storage::StoreLocation;

use crate::error::VaultError;
use crate::sealing::keyring::DataKeys;
use crate::sealing::seal::SealingKey;

pub(crate) use change::Change;

/// The store with the vault's tables in it.
pub(crate) struct Store(storage::Store);

/// A change to the vault's tables.
pub(crate) struct Write<'s>(storage::Write<'s>);

impl Store {
    /// Opens the database, brings it up to date, and with the master key its data keys. One change, so that of processes that start
    /// at once the later ones find the work done.
    pub(crate) async fn open(location: &StoreLocation, master: &SealingKey) -> Result<(Self, DataKeys), VaultError> {
        let store = storage::Store::open(location, &[&migrations::VAULT]).await?;
        let mut upgrade = Write(store.upgrade().await?);
        let keys = DataKeys::load(&mut upgrade, master).await?;
        upgrade.commit(None).await?;
        Ok((Self(store), keys))
    }

    /// Begins a change.
    pub(crate) async fn write(&self) -> Result<Write<'_>, VaultError> {
        Ok(Write(self.0.write().await?))
    }
}

impl Write<'_> {
    /// Makes the changes true and tells the vaults of other processes.
    pub(crate) async fn commit(self, change: Option<&Change>) -> Result<(), VaultError> {
        match change {
            Some(change) => self.0.commit_announcing(&change.announcement()?).await?,
            None => self.0.commit().await?,
        }
        Ok(())
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

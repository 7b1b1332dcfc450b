//! The vault's tables in the store: a file of statements for each, and the migrations that make them.

mod applications;
mod authorizations;
mod change;
mod connections;
mod consumers;
mod events;
mod integrations;
mod keys;
mod logs;
mod migrations;
#[cfg(test)]
mod plans;
mod refreshes;
mod sessions;
mod targets;

use std::ops::{Deref, DerefMut};

use storage::StoreLocation;

use crate::VaultError;
use crate::keyring::DataKeys;
use crate::seal::SealingKey;

pub(crate) use change::Change;
pub(crate) use connections::{Connected, ConnectionRow};
pub(crate) use refreshes::RefreshIntent;

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

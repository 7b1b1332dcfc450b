//! Another master key, while servers go on with the old one.
//!
//! `rotate_master_key` makes a new data key, seals all data keys for both master keys, and seals every secret anew. Until
//! `retire_other_master_keys` a server may have either master key. Whatever stops it in between, the old master key goes on to
//! open everything, and to begin again finishes the work.

use std::collections::BTreeMap;

use crate::connections::rows::ConnectionRow;
use crate::core::abort_point;
use crate::error::{AdminError, VaultError};
use crate::oauth::authorization::AuthorizationRow;
use crate::sealing::keyring::{DataKeys, Sealer};
use crate::sealing::master_key::MasterKey;
use crate::sealing::seal::{KeyId, Place, SealingKey};
use crate::store::Write;
use crate::tenancy::integration::IntegrationRow;
use crate::vault::Inner;
use crate::vault::Vault;

/// Rows that are locked together.
const BATCH: i64 = 100;

/// What a rotation has done to connections, integrations, and authorisations on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotation {
    /// How many had secrets that were sealed anew.
    pub resealed: u64,
    /// How many have a secret that does not open. They did not work before and are left as they are.
    pub broken: u64,
}

impl Vault {
    /// Makes a new master key open everything, and seals every secret with a data key that is new as well. This vault's own
    /// master key goes on to open everything too. A rotation to the same key that was broken off is finished.
    pub async fn rotate_master_key(&self, new: &MasterKey) -> Result<Rotation, AdminError> {
        let new = SealingKey::of_master(new);
        if new.id() == self.inner.sealer.master().id() {
            return Err(AdminError::SameMasterKey);
        }
        self.inner.hand_over(&new).await?;
        Ok(self.inner.reseal_everything().await?)
    }

    /// Makes this vault's master key the only one. Every server must have it by now: one that has not cannot open what it has
    /// not in memory.
    pub async fn retire_other_master_keys(&self) -> Result<Rotation, AdminError> {
        let rotation = self.inner.reseal_everything().await?;
        abort_point::pass("retire.resealed");
        let mut write = self.inner.store.write().await?;
        write.lock_current_key().await?;
        self.inner.use_current_key(&mut write).await?;
        write.forget_other_keys(self.inner.sealer.current(), self.inner.sealer.master().id()).await?;
        let keys = DataKeys::load(&mut write, self.inner.sealer.master()).await?;
        write.commit(None).await?;
        self.inner.sealer.install(keys);
        self.inner.store.purge().await?;
        Ok(rotation)
    }
}

impl Inner {
    async fn hand_over(&self, new: &SealingKey) -> Result<(), VaultError> {
        let old = self.sealer.master();
        let mut write = self.store.write().await?;
        write.lock_current_key().await?;
        let keys = DataKeys::load(&mut write, old).await?;
        let current = keys.current().to_string();
        let begun = write.data_keys(new.id()).await?.iter().any(|(id, _)| *id == current);
        let keys = if begun { keys } else { keys.hand_over(&mut write, old, new).await? };
        write.commit(None).await?;
        self.sealer.install(keys);
        abort_point::pass("rotate.handed_over");
        Ok(())
    }

    async fn reseal_everything(&self) -> Result<Rotation, VaultError> {
        let mut rotation = Rotation::default();
        self.reseal_all::<ConnectionRow>(&mut rotation).await?;
        self.reseal_all::<IntegrationRow>(&mut rotation).await?;
        self.reseal_all::<AuthorizationRow>(&mut rotation).await?;
        Ok(rotation)
    }

    /// In batches, so that nobody waits for long. What is added behind the batch is sealed with the current key already.
    async fn reseal_all<R: SealedRow>(&self, rotation: &mut Rotation) -> Result<(), VaultError> {
        let mut last = None;
        loop {
            let mut write = self.store.write().await?;
            self.use_current_key(&mut write).await?;
            let mut rows = R::after(&mut write, last.as_ref()).await?;
            for row in &mut rows {
                match row.reseal(&self.sealer) {
                    Ok(false) => {}
                    Ok(true) => {
                        row.keep(&mut write).await?;
                        rotation.resealed += 1;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "left as it is");
                        rotation.broken += 1;
                    }
                }
            }
            abort_point::pass("rotate.batch");
            write.commit(None).await?;
            match rows.pop() {
                Some(row) => last = Some(row),
                None => return Ok(()),
            }
        }
    }
}

/// A row that holds secrets.
trait SealedRow: Sized {
    /// The next of them behind this one, which nobody else changes until the change is done.
    async fn after(write: &mut Write<'_>, last: Option<&Self>) -> Result<Vec<Self>, VaultError>;

    /// Seals with the current key. Whether anything was not.
    fn reseal(&mut self, sealer: &Sealer) -> Result<bool, VaultError>;

    /// Stores what was sealed.
    async fn keep(&self, write: &mut Write<'_>) -> Result<(), VaultError>;
}

impl SealedRow for ConnectionRow {
    async fn after(write: &mut Write<'_>, last: Option<&Self>) -> Result<Vec<Self>, VaultError> {
        write.connections_after(last.map_or("", |row| &row.id), BATCH).await
    }

    fn reseal(&mut self, sealer: &Sealer) -> Result<bool, VaultError> {
        let anew = resealed(sealer, &self.sealed, |name| self.place(name))?;
        Ok(anew.map(|anew| self.sealed = anew).is_some())
    }

    async fn keep(&self, write: &mut Write<'_>) -> Result<(), VaultError> {
        write.update_sealed(self).await
    }
}

impl SealedRow for IntegrationRow {
    async fn after(write: &mut Write<'_>, last: Option<&Self>) -> Result<Vec<Self>, VaultError> {
        let (application_id, service_id) = last.map_or(("", ""), |row| (&row.application_id, row.service.as_str()));
        write.integrations_after(application_id, service_id, BATCH).await
    }

    fn reseal(&mut self, sealer: &Sealer) -> Result<bool, VaultError> {
        let Some(blob) = &self.client_secret else { return Ok(false) };
        let anew = resealed_blob(sealer, blob, &self.place())?;
        Ok(anew.map(|anew| self.client_secret = Some(anew)).is_some())
    }

    async fn keep(&self, write: &mut Write<'_>) -> Result<(), VaultError> {
        write.keep_integration(self).await
    }
}

impl SealedRow for AuthorizationRow {
    async fn after(write: &mut Write<'_>, last: Option<&Self>) -> Result<Vec<Self>, VaultError> {
        write.authorizations_after(last.map_or("", |row| &row.id), BATCH).await
    }

    fn reseal(&mut self, sealer: &Sealer) -> Result<bool, VaultError> {
        let anew = resealed(sealer, &self.sealed, |name| self.place(name))?;
        Ok(anew.map(|anew| self.sealed = anew).is_some())
    }

    async fn keep(&self, write: &mut Write<'_>) -> Result<(), VaultError> {
        write.update_authorization(self).await.map(drop)
    }
}

/// The blobs sealed with the current key; `None` where they are already.
fn resealed<'r>(
    sealer: &Sealer,
    blobs: &'r BTreeMap<String, String>,
    place: impl Fn(&'r str) -> Place<'r>,
) -> Result<Option<BTreeMap<String, String>>, VaultError> {
    let mut changed = None;
    for (name, blob) in blobs {
        if let Some(sealed) = resealed_blob(sealer, blob, &place(name))? {
            changed.get_or_insert_with(|| blobs.clone()).insert(name.clone(), sealed);
        }
    }
    Ok(changed)
}

fn resealed_blob(sealer: &Sealer, blob: &str, place: &Place<'_>) -> Result<Option<String>, VaultError> {
    if KeyId::of(blob) == Some(sealer.current()) {
        return Ok(None);
    }
    sealer.open(place, blob).and_then(|secret| sealer.seal(place, &secret)).map(Some)
}

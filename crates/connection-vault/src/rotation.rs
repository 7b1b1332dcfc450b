//! Another master key, while servers go on with the old one.
//!
//! `rotate_master_key` makes a new data key, seals all data keys for both master keys, and seals every secret anew. Until
//! `retire_other_master_keys` a server may have either master key. Whatever stops it in between, the old master key goes on to
//! open everything, and to begin again finishes the work.

use crate::keyring::DataKeys;
use crate::seal::{KeyId, SealingKey};
use crate::store::ConnectionRow;
use crate::vault::Inner;
use crate::{AdminError, MasterKey, Vault, VaultError};

/// Rows that are locked together.
const BATCH: i64 = 100;

/// What a rotation has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotation {
    /// How many connections had secrets that were sealed anew.
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
        Ok(())
    }

    /// In batches, so that nobody waits for long. What is added behind the batch is sealed with the current key already.
    async fn reseal_everything(&self) -> Result<Rotation, VaultError> {
        let (mut rotation, mut after) = (Rotation::default(), String::new());
        loop {
            let mut write = self.store.write().await?;
            self.use_current_key(&mut write).await?;
            let rows = write.connections_after(&after, BATCH).await?;
            let Some(last) = rows.last() else { return Ok(rotation) };
            after.clone_from(&last.id);
            for mut row in rows {
                match self.reseal(&mut row) {
                    Ok(false) => {}
                    Ok(true) => {
                        write.update_sealed(&row).await?;
                        rotation.resealed += 1;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "left as it is");
                        rotation.broken += 1;
                    }
                }
            }
            write.commit(None).await?;
        }
    }

    /// Whether anything was not sealed with the current key.
    fn reseal(&self, row: &mut ConnectionRow) -> Result<bool, VaultError> {
        let current = Some(self.sealer.current());
        let mut sealed = row.sealed.clone();
        for (setting, blob) in sealed.iter_mut().filter(|(_, blob)| KeyId::of(blob) != current) {
            let place = row.place(setting);
            let secret = self.sealer.open(&place, blob)?;
            *blob = self.sealer.seal(&place, &secret)?;
        }
        let changed = sealed != row.sealed;
        row.sealed = sealed;
        Ok(changed)
    }
}

//! Another master key, while servers go on with the old one.
//!
//! `rotate_master_key` makes a new data key, seals all data keys for both master keys, and seals every secret anew. Until
//! `retire_other_master_keys` a server may have either master key. Whatever stops it in between, the old master key goes on to
//! open everything, and to begin again finishes the work.

use crate::connections::ConnectionRow;
use crate::core::{Core, abort_point};
use crate::error::{AdminError, VaultError};
use crate::oauth::AuthorizationRow;
use crate::sealing::{DataKeys, MasterKey, SealedRow, SealingKey};
use crate::tenancy::IntegrationRow;
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
        let core = self.core();
        if new.id() == core.sealer.master().id() {
            return Err(AdminError::SameMasterKey);
        }
        core.hand_over(&new).await?;
        Ok(core.reseal_everything().await?)
    }

    /// Makes this vault's master key the only one. Every server must have it by now: one that has not cannot open what it has
    /// not in memory.
    pub async fn retire_other_master_keys(&self) -> Result<Rotation, AdminError> {
        let core = self.core();
        let rotation = core.reseal_everything().await?;
        abort_point::pass("retire.resealed");
        let mut write = core.store.write().await?;
        write.lock_current_key().await?;
        core.use_current_key(&mut write).await?;
        write.forget_other_keys(core.sealer.current(), core.sealer.master().id()).await?;
        let keys = DataKeys::load(&mut write, core.sealer.master()).await?;
        write.commit_quietly().await?;
        core.sealer.install(keys);
        core.store.purge().await.map_err(VaultError::from)?;
        Ok(rotation)
    }
}

impl Core {
    async fn hand_over(&self, new: &SealingKey) -> Result<(), VaultError> {
        let old = self.sealer.master();
        let mut write = self.store.write().await?;
        write.lock_current_key().await?;
        let keys = DataKeys::load(&mut write, old).await?;
        let current = keys.current().to_string();
        let begun = write.data_keys(new.id()).await?.iter().any(|(id, _)| *id == current);
        let keys = if begun { keys } else { keys.hand_over(&mut write, old, new).await? };
        write.commit_quietly().await?;
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
            let mut write = self.write_sealed().await?;
            let mut rows = R::after(&mut write, last.as_ref(), BATCH).await?;
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
            write.commit_quietly().await?;
            match rows.pop() {
                Some(row) => last = Some(row),
                None => return Ok(()),
            }
        }
    }
}

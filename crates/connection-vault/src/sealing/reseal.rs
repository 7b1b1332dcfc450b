//! Rows that hold secrets, and how these are sealed anew with the current key.

use std::collections::BTreeMap;

use super::keyring::Sealer;
use super::seal::{KeyId, Place};
use crate::error::VaultError;
use crate::store::Write;

/// A row that holds secrets.
pub(crate) trait SealedRow: Sized {
    /// The next of them behind this one, so many at the most, which nobody else changes until the change is done.
    async fn after(write: &mut Write<'_>, last: Option<&Self>, limit: i64) -> Result<Vec<Self>, VaultError>;

    /// Seals with the current key. Whether anything was not.
    fn reseal(&mut self, sealer: &Sealer) -> Result<bool, VaultError>;

    /// Stores what was sealed.
    async fn keep(&self, write: &mut Write<'_>) -> Result<(), VaultError>;
}

impl Sealer {
    /// The blobs sealed with the current key; `None` where they are already.
    pub(crate) fn resealed<'r>(
        &self,
        blobs: &'r BTreeMap<String, String>,
        place: impl Fn(&'r str) -> Place<'r>,
    ) -> Result<Option<BTreeMap<String, String>>, VaultError> {
        let mut changed = None;
        for (name, blob) in blobs {
            if let Some(sealed) = self.resealed_blob(blob, &place(name))? {
                changed.get_or_insert_with(|| blobs.clone()).insert(name.clone(), sealed);
            }
        }
        Ok(changed)
    }

    /// A blob sealed with the current key; `None` where it is already.
    pub(crate) fn resealed_blob(&self, blob: &str, place: &Place<'_>) -> Result<Option<String>, VaultError> {
        if KeyId::of(blob) == Some(self.current()) {
            return Ok(None);
        }
        self.open(place, blob).and_then(|secret| self.seal(place, &secret)).map(Some)
    }
}

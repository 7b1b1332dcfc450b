//! The keys of a database. The master key seals data keys and nothing else; the newest data key seals secrets, older ones still
//! open them; the root key, made with the database and never changed, yields the keys for what cannot be sealed anew.

use std::sync::{Arc, PoisonError, RwLock};

use secrecy::SecretString;

use super::seal::{KeyBytes, KeyId, Place, SealingKey};
use crate::error::VaultError;
use crate::store::Write;

const ROOT_KEY: Place<'static> = Place::of_vault("root_key");

/// Every data key that the master key opens.
pub(crate) struct DataKeys {
    current: KeyId,
    keys: Vec<SealingKey>,
    root: KeyBytes,
}

/// Seals and opens with the keys that it was last given.
pub(crate) struct Sealer {
    master: SealingKey,
    keys: RwLock<Arc<DataKeys>>,
}

impl DataKeys {
    /// Those of a database; made when it is new. A database belongs to the master keys that its data keys are sealed with.
    pub(crate) async fn load(write: &mut Write<'_>, master: &SealingKey) -> Result<Self, VaultError> {
        let Some(current) = write.current_key().await? else { return Self::make(write, master).await };
        let mut keys = Vec::new();
        for (id, wrapped) in write.data_keys(master.id()).await? {
            keys.push(SealingKey::unwrap(&id, &wrapped, master)?);
        }
        let sealing = keys.iter().find(|key| key.id() == current);
        let sealing =
            sealing.ok_or_else(|| VaultError::Sealed("this database was sealed with another master key".to_owned()))?;
        let root = sealing.open(&ROOT_KEY, &write.root_key().await?)?;
        let root = KeyBytes::from_text(&root);
        let root = root.ok_or_else(|| VaultError::Sealed("the root key is damaged".to_owned()))?;
        Ok(Self { current, keys, root })
    }

    async fn make(write: &mut Write<'_>, master: &SealingKey) -> Result<Self, VaultError> {
        let (key, root) = (SealingKey::generate()?, KeyBytes::generate()?);
        let current = key.id();
        write.add_data_key(current, master.id(), &key.wrap(master)?).await?;
        write.set_current_key(current, &key.seal(&ROOT_KEY, &root.to_text())?).await?;
        Ok(Self { current, keys: vec![key], root })
    }

    /// Seals every data key for another master key, and makes one that was never sealed with the old one alone.
    pub(crate) async fn hand_over(
        mut self,
        write: &mut Write<'_>,
        old: &SealingKey,
        new: &SealingKey,
    ) -> Result<Self, VaultError> {
        let key = SealingKey::generate()?;
        write.add_data_key(key.id(), old.id(), &key.wrap(old)?).await?;
        write.set_current_key(key.id(), &key.seal(&ROOT_KEY, &self.root.to_text())?).await?;
        self.current = key.id();
        self.keys.push(key);
        write.forget_master_key(new.id()).await?;
        for key in &self.keys {
            write.add_data_key(key.id(), new.id(), &key.wrap(new)?).await?;
        }
        Ok(self)
    }

    pub(crate) fn current(&self) -> KeyId {
        self.current
    }

    fn key(&self, id: KeyId) -> Option<&SealingKey> {
        self.keys.iter().find(|key| key.id() == id)
    }
}

impl Sealer {
    pub(crate) fn new(master: SealingKey, keys: DataKeys) -> Self {
        Self { master, keys: RwLock::new(Arc::new(keys)) }
    }

    pub(crate) fn master(&self) -> &SealingKey {
        &self.master
    }

    /// From now on these are the keys.
    pub(crate) fn install(&self, keys: DataKeys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    pub(crate) fn current(&self) -> KeyId {
        self.keys().current
    }

    /// Whether a blob names a key that is not here. What is no blob names none.
    pub(crate) fn lacks_key_of(&self, sealed: &str) -> bool {
        KeyId::of(sealed).is_some_and(|id| self.keys().key(id).is_none())
    }

    pub(crate) fn seal(&self, place: &Place<'_>, secret: &SecretString) -> Result<String, VaultError> {
        let keys = self.keys();
        let key = keys.key(keys.current).ok_or_else(|| VaultError::Sealed("there is no current key".to_owned()))?;
        key.seal(place, secret)
    }

    pub(crate) fn open(&self, place: &Place<'_>, sealed: &str) -> Result<SecretString, VaultError> {
        let keys = self.keys();
        let id = KeyId::of(sealed).ok_or_else(|| VaultError::Sealed(format!("{place} is damaged")))?;
        let key = keys.key(id);
        let key = key.ok_or_else(|| VaultError::Sealed(format!("{place} was sealed with a key that is not here")))?;
        key.open(place, sealed)
    }

    /// A key for one purpose, the same for as long as the database lives.
    pub(crate) fn derive(&self, context: &str) -> [u8; 32] {
        self.keys().root.derive(context)
    }

    fn keys(&self) -> Arc<DataKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

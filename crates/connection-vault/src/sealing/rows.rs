//! Data keys, each sealed by the master keys that may open the database, and which of them seals today.

use super::seal::KeyId;
use crate::error::VaultError;
use crate::store::Write;
use storage::{Statement, StorageError};

impl Write<'_> {
    /// The key that secrets are sealed with. It stays so until this is done.
    pub(crate) async fn current_key(&mut self) -> Result<Option<KeyId>, VaultError> {
        let select = Statement::new("SELECT value FROM vault_facts WHERE name = 'data_key'");
        let rows = self.fetch(select.keeping_rows()).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let id =
            KeyId::parse(row.get("value")?).ok_or_else(|| StorageError::failed("the current data key has no id"))?;
        Ok(Some(id))
    }

    /// Waits for those who seal with the current key, and keeps others from it until this is done.
    pub(crate) async fn lock_current_key(&mut self) -> Result<(), VaultError> {
        let select = Statement::new("SELECT value FROM vault_facts WHERE name = 'data_key'");
        self.fetch(select.locking_rows()).await?;
        Ok(())
    }

    /// The root key, sealed with the current key.
    pub(crate) async fn root_key(&mut self) -> Result<String, VaultError> {
        let rows = self.fetch(Statement::new("SELECT value FROM vault_facts WHERE name = 'root_key'")).await?;
        let row = rows.first().ok_or_else(|| StorageError::failed("there is no root key"))?;
        Ok(row.text("value")?)
    }

    pub(crate) async fn set_current_key(&mut self, id: KeyId, root_key: &str) -> Result<(), VaultError> {
        let set = "INSERT INTO vault_facts (name, value) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.execute(Statement::new(set).bind("data_key").bind(id.to_string())).await?;
        self.execute(Statement::new(set).bind("root_key").bind(root_key)).await?;
        Ok(())
    }

    /// Every data key that a master key opens: its id, and itself sealed.
    pub(crate) async fn data_keys(&mut self, master: KeyId) -> Result<Vec<(String, String)>, VaultError> {
        let select = "SELECT id, wrapped FROM data_keys WHERE master_key_id = $1 ORDER BY id";
        let rows = self.fetch(Statement::new(select).bind(master.to_string())).await?;
        rows.iter().map(|row| Ok((row.text("id")?, row.text("wrapped")?))).collect()
    }

    pub(crate) async fn add_data_key(&mut self, id: KeyId, master: KeyId, wrapped: &str) -> Result<(), VaultError> {
        let insert = "INSERT INTO data_keys (id, master_key_id, wrapped) VALUES ($1, $2, $3)";
        self.execute(Statement::new(insert).bind(id.to_string()).bind(master.to_string()).bind(wrapped)).await?;
        Ok(())
    }

    /// Nothing opens with that master key any more.
    pub(crate) async fn forget_master_key(&mut self, master: KeyId) -> Result<(), VaultError> {
        let delete = "DELETE FROM data_keys WHERE master_key_id = $1";
        self.execute(Statement::new(delete).bind(master.to_string())).await?;
        Ok(())
    }

    /// One data key and one master key are left.
    pub(crate) async fn forget_other_keys(&mut self, id: KeyId, master: KeyId) -> Result<(), VaultError> {
        let delete = "DELETE FROM data_keys WHERE id <> $1 OR master_key_id <> $2";
        self.execute(Statement::new(delete).bind(id.to_string()).bind(master.to_string())).await?;
        Ok(())
    }
}

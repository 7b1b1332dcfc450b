//! Bringing a database up to date: its schema, and its tie to the master key.

use super::database::Statement;
use super::{Store, Write, failed};
use crate::VaultError;
use crate::keyring::DataKeys;
use crate::seal::SealingKey;

impl Store {
    /// One transaction, so that of processes that start at once the later ones find the work done.
    pub(super) async fn bring_up_to_date(&self, master: &SealingKey) -> Result<DataKeys, VaultError> {
        let mut write = Write { store: self, transaction: self.database.begin_upgrade().await? };
        write.migrate(self.database.migrations()).await?;
        let keys = DataKeys::load(&mut write, master).await?;
        write.commit(None).await?;
        Ok(keys)
    }
}

impl Write<'_> {
    async fn migrate(&mut self, migrations: &'static [&'static str]) -> Result<(), VaultError> {
        self.execute(Statement::new("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")).await?;
        let rows = self.fetch(Statement::new("SELECT version FROM schema_version")).await?;
        let version: i64 = rows.first().map_or(Ok(0), |row| row.get("version"))?;
        let known = migrations.len();
        let outstanding = usize::try_from(version).ok().and_then(|version| migrations.get(version..));
        let outstanding = outstanding.ok_or_else(|| {
            failed(format!("the database has schema {version}, this build knows up to {known}: it is older"))
        })?;
        if outstanding.is_empty() {
            return Ok(());
        }
        for migration in outstanding {
            self.transaction.run_script(migration).await?;
        }
        let known = i64::try_from(known).map_err(failed)?;
        self.execute(Statement::new("DELETE FROM schema_version")).await?;
        self.execute(Statement::new("INSERT INTO schema_version (version) VALUES ($1)").bind(known)).await?;
        Ok(())
    }
}

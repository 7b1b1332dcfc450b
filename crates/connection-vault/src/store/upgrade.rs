//! Bringing a database up to date: its schema, and its tie to the master key.

use secrecy::{ExposeSecret, SecretString};

use super::database::Statement;
use super::{Store, Write, failed};
use crate::VaultError;
use crate::seal::{Place, Sealer};

const CHECK_TEXT: &str = "sealed with this master key";
const CHECK_PLACE: Place<'static> =
    Place { application_id: "", consumer_id: "", service_id: "", connection_id: "", setting: "master_key_check" };

impl Store {
    /// One transaction, so that of processes that start at once the later ones find the work done.
    pub(super) async fn bring_up_to_date(&self, sealer: &Sealer) -> Result<(), VaultError> {
        let mut write = Write { store: self, transaction: self.database.begin_upgrade().await? };
        write.migrate(self.database.migrations()).await?;
        write.check_master_key(sealer).await?;
        write.commit(None).await
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

    /// A database is tied to the first master key that opened it: a wrong one is found now and not at the first call.
    async fn check_master_key(&mut self, sealer: &Sealer) -> Result<(), VaultError> {
        let select = "SELECT value FROM vault_facts WHERE name = 'master_key_check'";
        if let Some(row) = self.fetch(Statement::new(select)).await?.first() {
            let opened = sealer.open(&CHECK_PLACE, row.get("value")?);
            let is_ours = opened.is_ok_and(|text| text.expose_secret() == CHECK_TEXT);
            let other = || VaultError::Sealed("this database was sealed with another master key".to_owned());
            return if is_ours { Ok(()) } else { Err(other()) };
        }
        let blob = sealer.seal(&CHECK_PLACE, &SecretString::from(CHECK_TEXT))?;
        let insert = "INSERT INTO vault_facts (name, value) VALUES ('master_key_check', $1)";
        self.execute(Statement::new(insert).bind(blob)).await?;
        Ok(())
    }
}

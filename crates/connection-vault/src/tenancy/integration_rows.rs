//! Rows of integrations.

use unified_model::{ApplicationId, ServiceId};

use super::integrations::IntegrationRow;
use crate::error::VaultError;
use crate::store::{Store, Write};
use storage::{Row, Statement, StorageError};

impl Store {
    pub(crate) async fn integrations(&self, application_id: &ApplicationId) -> Result<Vec<IntegrationRow>, VaultError> {
        let select = "SELECT * FROM integrations WHERE application_id = $1 ORDER BY service_id";
        self.fetch(Statement::new(select).bind(application_id.as_str())).await?.iter().map(read).collect()
    }
}

impl Write<'_> {
    pub(crate) async fn integration(
        &mut self,
        application_id: &ApplicationId,
        service: &ServiceId,
    ) -> Result<Option<IntegrationRow>, VaultError> {
        let select = "SELECT * FROM integrations WHERE application_id = $1 AND service_id = $2";
        let select = Statement::new(select).bind(application_id.as_str()).bind(service.as_str());
        self.fetch(select.locking_rows()).await?.first().map(read).transpose()
    }

    /// The next integrations in the order of application and service, which nobody else changes until this is done.
    pub(crate) async fn integrations_after(
        &mut self,
        application_id: &str,
        service_id: &str,
        limit: i64,
    ) -> Result<Vec<IntegrationRow>, VaultError> {
        let select = "SELECT * FROM integrations WHERE application_id > $1 OR (application_id = $1 AND service_id > $2) \
                      ORDER BY application_id, service_id LIMIT $3";
        let select = Statement::new(select).bind(application_id).bind(service_id).bind(limit);
        self.fetch(select.locking_rows()).await?.iter().map(read).collect()
    }

    /// Adds it, or replaces the one of the same application and service.
    pub(crate) async fn keep_integration(&mut self, row: &IntegrationRow) -> Result<(), VaultError> {
        let insert = "INSERT INTO integrations (application_id, service_id, enabled, client_id, client_secret, scopes, \
                      created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                      ON CONFLICT (application_id, service_id) DO UPDATE SET enabled = excluded.enabled, \
                      client_id = excluded.client_id, client_secret = excluded.client_secret, \
                      scopes = excluded.scopes, updated_at = excluded.updated_at";
        let insert = Statement::new(insert)
            .bind(row.application_id.as_str())
            .bind(row.service.as_str())
            .bind(row.enabled)
            .bind(row.client_id.as_ref())
            .bind(row.client_secret.as_ref())
            .bind_json(&row.scopes)?
            .bind(row.created_at)
            .bind(row.updated_at);
        self.execute(insert).await?;
        Ok(())
    }

    /// Whether there was one.
    pub(crate) async fn delete_integration(
        &mut self,
        application_id: &ApplicationId,
        service: &ServiceId,
    ) -> Result<bool, VaultError> {
        let delete = "DELETE FROM integrations WHERE application_id = $1 AND service_id = $2";
        Ok(self.execute(Statement::new(delete).bind(application_id.as_str()).bind(service.as_str())).await? == 1)
    }
}

fn read(row: &Row) -> Result<IntegrationRow, VaultError> {
    Ok(IntegrationRow {
        application_id: row.parsed("application_id")?,
        service: row.get::<&str>("service_id")?.parse().map_err(StorageError::failed)?,
        enabled: row.get("enabled")?,
        client_id: row.get("client_id")?,
        client_secret: row.get("client_secret")?,
        scopes: row.json("scopes")?,
        created_at: row.timestamp("created_at")?,
        updated_at: row.timestamp("updated_at")?,
    })
}

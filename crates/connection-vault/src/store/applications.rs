//! Rows of applications and their API keys.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Store, Write, failed, timestamp};
use crate::{ApiKeyId, ApiKeySummary, ApplicationSummary, VaultError};

impl Store {
    /// The hash and the application of an API key that has not been revoked.
    pub(crate) async fn api_key(&self, hash: &blake3::Hash) -> Result<Option<(blake3::Hash, String)>, VaultError> {
        let select = "SELECT hash, application_id FROM api_keys WHERE hash = $1 AND revoked_at IS NULL";
        let select = self.statement(select).bind(hash.as_bytes().as_slice());
        let Some(row) = select.fetch_optional(&self.pool).await.map_err(failed)? else {
            return Ok(None);
        };
        let stored = blake3::Hash::from_slice(row.try_get("hash").map_err(failed)?).map_err(failed)?;
        Ok(Some((stored, row.try_get("application_id").map_err(failed)?)))
    }

    pub(crate) async fn applications(&self) -> Result<Vec<ApplicationSummary>, VaultError> {
        let select = self.statement("SELECT id, name, created_at FROM applications ORDER BY id");
        let rows = select.fetch_all(&self.pool).await.map_err(failed)?;
        rows.iter().map(read_application).collect()
    }

    pub(crate) async fn has_application(&self, id: &str) -> Result<bool, VaultError> {
        let select = self.statement("SELECT 1 FROM applications WHERE id = $1").bind(id);
        Ok(select.fetch_optional(&self.pool).await.map_err(failed)?.is_some())
    }

    pub(crate) async fn api_keys(&self, application_id: &str) -> Result<Vec<ApiKeySummary>, VaultError> {
        let select = "SELECT id, application_id, hint, created_at, revoked_at FROM api_keys \
                      WHERE application_id = $1 ORDER BY created_at, id";
        let rows = self.statement(select).bind(application_id).fetch_all(&self.pool).await.map_err(failed)?;
        rows.iter().map(read_api_key).collect()
    }
}

impl Write<'_> {
    pub(crate) async fn has_application(&mut self, id: &str) -> Result<bool, VaultError> {
        let select = self.store.statement("SELECT 1 FROM applications WHERE id = $1").bind(id);
        Ok(select.fetch_optional(&mut *self.transaction).await.map_err(failed)?.is_some())
    }

    /// Whether the id was free.
    pub(crate) async fn add_application(&mut self, application: &ApplicationSummary) -> Result<bool, VaultError> {
        let insert = "INSERT INTO applications (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let insert = self
            .store
            .statement(insert)
            .bind(&application.id)
            .bind(&application.name)
            .bind(application.created_at.as_millisecond());
        Ok(insert.execute(&mut *self.transaction).await.map_err(failed)?.rows_affected() == 1)
    }

    /// Whether the key was new.
    pub(crate) async fn add_api_key(&mut self, key: &ApiKeySummary, hash: &blake3::Hash) -> Result<bool, VaultError> {
        let insert = "INSERT INTO api_keys (id, application_id, hash, hint, created_at) \
                      VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let insert = self
            .store
            .statement(insert)
            .bind(key.id.as_str())
            .bind(&key.application_id)
            .bind(hash.as_bytes().as_slice())
            .bind(&key.hint)
            .bind(key.created_at.as_millisecond());
        Ok(insert.execute(&mut *self.transaction).await.map_err(failed)?.rows_affected() == 1)
    }

    /// The application whose key it was. A key that is revoked already keeps its date.
    pub(crate) async fn revoke_api_key(&mut self, id: &ApiKeyId, at: Timestamp) -> Result<Option<String>, VaultError> {
        let update = "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 RETURNING application_id";
        let update = self.store.statement(update).bind(at.as_millisecond()).bind(id.as_str());
        let row = update.fetch_optional(&mut *self.transaction).await.map_err(failed)?;
        row.map(|row| row.try_get("application_id")).transpose().map_err(failed)
    }
}

fn read_application(row: &SqliteRow) -> Result<ApplicationSummary, VaultError> {
    Ok(ApplicationSummary {
        id: row.try_get("id").map_err(failed)?,
        name: row.try_get("name").map_err(failed)?,
        created_at: timestamp(row.try_get("created_at").map_err(failed)?)?,
    })
}

fn read_api_key(row: &SqliteRow) -> Result<ApiKeySummary, VaultError> {
    let revoked_at: Option<i64> = row.try_get("revoked_at").map_err(failed)?;
    Ok(ApiKeySummary {
        id: row.try_get::<String, _>("id").map_err(failed)?.into(),
        application_id: row.try_get("application_id").map_err(failed)?,
        hint: row.try_get("hint").map_err(failed)?,
        created_at: timestamp(row.try_get("created_at").map_err(failed)?)?,
        revoked_at: revoked_at.map(timestamp).transpose()?,
    })
}

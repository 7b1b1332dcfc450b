//! Rows of applications and their API keys.

use jiff::Timestamp;

use super::{Store, Write};
use crate::api_key::KnownKey;
use crate::{ApiKeyId, ApiKeySummary, ApplicationSummary, VaultError};
use storage::{Row, Statement, StorageError};

pub(super) const API_KEY: &str =
    "SELECT hash, id, application_id, expires_at, scopes FROM api_keys WHERE hash = $1 AND revoked_at IS NULL";
const HAS_APPLICATION: &str = "SELECT id FROM applications WHERE id = $1";

impl Store {
    /// The hash and the facts of an API key that has not been revoked.
    pub(crate) async fn api_key(&self, hash: &blake3::Hash) -> Result<Option<(blake3::Hash, KnownKey)>, VaultError> {
        let rows = self.fetch(Statement::new(API_KEY).bind(hash.as_bytes().as_slice())).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let stored = blake3::Hash::from_slice(row.get("hash")?).map_err(StorageError::failed)?;
        let key = KnownKey {
            id: row.text("id")?.into(),
            application_id: row.get::<&str>("application_id")?.into(),
            expires_at: row.optional_timestamp("expires_at")?,
            scopes: row.optional_json("scopes")?,
        };
        Ok(Some((stored, key)))
    }

    pub(crate) async fn applications(&self) -> Result<Vec<ApplicationSummary>, VaultError> {
        let select = "SELECT * FROM applications ORDER BY id";
        self.fetch(Statement::new(select)).await?.iter().map(read_application).collect()
    }

    pub(crate) async fn application(&self, id: &str) -> Result<Option<ApplicationSummary>, VaultError> {
        let rows = self.fetch(Statement::new("SELECT * FROM applications WHERE id = $1").bind(id)).await?;
        rows.first().map(read_application).transpose()
    }

    pub(crate) async fn has_application(&self, id: &str) -> Result<bool, VaultError> {
        Ok(!self.fetch(Statement::new(HAS_APPLICATION).bind(id)).await?.is_empty())
    }

    pub(crate) async fn api_keys(&self, application_id: &str) -> Result<Vec<ApiKeySummary>, VaultError> {
        let select = "SELECT id, application_id, hint, created_at, revoked_at, expires_at, scopes FROM api_keys \
                      WHERE application_id = $1 ORDER BY created_at, id";
        self.fetch(Statement::new(select).bind(application_id)).await?.iter().map(read_api_key).collect()
    }
}

impl Write<'_> {
    pub(crate) async fn has_application(&mut self, id: &str) -> Result<bool, VaultError> {
        Ok(!self.fetch(Statement::new(HAS_APPLICATION).bind(id)).await?.is_empty())
    }

    pub(crate) async fn application(&mut self, id: &str) -> Result<Option<ApplicationSummary>, VaultError> {
        let select = Statement::new("SELECT * FROM applications WHERE id = $1").bind(id);
        self.fetch(select.locking_rows()).await?.first().map(read_application).transpose()
    }

    pub(crate) async fn update_application(&mut self, application: &ApplicationSummary) -> Result<(), VaultError> {
        let update = "UPDATE applications SET name = $1, redirect_uris = $2, origins = $3 WHERE id = $4";
        let update = Statement::new(update)
            .bind(&application.name)
            .bind_json(&application.redirect_uris)?
            .bind_json(&application.origins)?
            .bind(&application.id);
        self.execute(update).await?;
        Ok(())
    }

    /// Whether the id was free.
    pub(crate) async fn add_application(&mut self, application: &ApplicationSummary) -> Result<bool, VaultError> {
        let insert = "INSERT INTO applications (id, name, redirect_uris, origins, created_at) VALUES ($1, $2, $3, $4, $5) \
                      ON CONFLICT DO NOTHING";
        let insert = Statement::new(insert)
            .bind(&application.id)
            .bind(&application.name)
            .bind_json(&application.redirect_uris)?
            .bind_json(&application.origins)?
            .bind(application.created_at);
        Ok(self.execute(insert).await? == 1)
    }

    /// Whether the key was new.
    pub(crate) async fn add_api_key(&mut self, key: &ApiKeySummary, hash: &blake3::Hash) -> Result<bool, VaultError> {
        let insert = "INSERT INTO api_keys (id, application_id, hash, hint, created_at, expires_at, scopes) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        let insert = Statement::new(insert)
            .bind(key.id.as_str())
            .bind(&key.application_id)
            .bind(hash.as_bytes().as_slice())
            .bind(&key.hint)
            .bind(key.created_at)
            .bind(key.expires_at)
            .bind_optional_json(key.scopes.as_ref())?;
        Ok(self.execute(insert).await? == 1)
    }

    /// With everything that belongs to it. Whether there was one.
    pub(crate) async fn delete_application(&mut self, id: &str) -> Result<bool, VaultError> {
        for delete in ["DELETE FROM logs WHERE application_id = $1", "DELETE FROM events WHERE application_id = $1"] {
            self.execute(Statement::new(delete).bind(id)).await?;
        }
        Ok(self.execute(Statement::new("DELETE FROM applications WHERE id = $1").bind(id)).await? == 1)
    }

    /// The application whose key it was. A key that is revoked already keeps its date.
    pub(crate) async fn revoke_api_key(&mut self, id: &ApiKeyId, at: Timestamp) -> Result<Option<String>, VaultError> {
        let update = "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 RETURNING application_id";
        let rows = self.fetch(Statement::new(update).bind(at).bind(id.as_str())).await?;
        Ok(rows.first().map(|row| row.text("application_id")).transpose()?)
    }
}

fn read_application(row: &Row) -> Result<ApplicationSummary, VaultError> {
    Ok(ApplicationSummary {
        id: row.text("id")?,
        name: row.text("name")?,
        redirect_uris: row.json("redirect_uris")?,
        origins: row.json("origins")?,
        created_at: row.timestamp("created_at")?,
    })
}

fn read_api_key(row: &Row) -> Result<ApiKeySummary, VaultError> {
    Ok(ApiKeySummary {
        id: row.text("id")?.into(),
        application_id: row.text("application_id")?,
        hint: row.text("hint")?,
        created_at: row.timestamp("created_at")?,
        revoked_at: row.optional_timestamp("revoked_at")?,
        expires_at: row.optional_timestamp("expires_at")?,
        scopes: row.optional_json("scopes")?,
    })
}

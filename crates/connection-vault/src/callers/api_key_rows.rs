//! Rows of API keys.

use jiff::Timestamp;
use storage::{Row, Statement, StorageError};
use unified_model::ApplicationId;

use super::api_keys::{ApiKeySummary, KnownKey};
use crate::access::ApiKeyId;
use crate::error::VaultError;
use crate::store::{Store, Write};

pub(crate) const API_KEY: &str =
    "SELECT hash, id, application_id, expires_at, scopes FROM api_keys WHERE hash = $1 AND revoked_at IS NULL";

impl Store {
    /// The hash and the facts of an API key that has not been revoked.
    pub(crate) async fn api_key(&self, hash: &blake3::Hash) -> Result<Option<(blake3::Hash, KnownKey)>, VaultError> {
        let rows = self.fetch(Statement::new(API_KEY).bind(hash.as_bytes().as_slice())).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let stored = blake3::Hash::from_slice(row.get("hash")?).map_err(StorageError::failed)?;
        let key = KnownKey {
            id: row.text("id")?.into(),
            application_id: row.parsed("application_id")?,
            expires_at: row.optional_timestamp("expires_at")?,
            scopes: row.optional_json("scopes")?,
        };
        Ok(Some((stored, key)))
    }

    pub(crate) async fn api_keys(&self, application_id: &ApplicationId) -> Result<Vec<ApiKeySummary>, VaultError> {
        let select = "SELECT id, application_id, hint, created_at, revoked_at, expires_at, scopes FROM api_keys \
                      WHERE application_id = $1 ORDER BY created_at, id";
        self.fetch(Statement::new(select).bind(application_id.as_str())).await?.iter().map(read_api_key).collect()
    }
}

impl Write<'_> {
    /// Whether the key was new.
    pub(crate) async fn add_api_key(&mut self, key: &ApiKeySummary, hash: &blake3::Hash) -> Result<bool, VaultError> {
        let insert = "INSERT INTO api_keys (id, application_id, hash, hint, created_at, expires_at, scopes) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        let insert = Statement::new(insert)
            .bind(key.id.as_str())
            .bind(key.application_id.as_str())
            .bind(hash.as_bytes().as_slice())
            .bind(&key.hint)
            .bind(key.created_at)
            .bind(key.expires_at)
            .bind_optional_json(key.scopes.as_ref())?;
        Ok(self.execute(insert).await? == 1)
    }

    /// The application whose key it was. A key that is revoked already keeps its date.
    pub(crate) async fn revoke_api_key(
        &mut self,
        id: &ApiKeyId,
        at: Timestamp,
    ) -> Result<Option<ApplicationId>, VaultError> {
        let update = "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 RETURNING application_id";
        let rows = self.fetch(Statement::new(update).bind(at).bind(id.as_str())).await?;
        Ok(rows.first().map(|row| row.parsed("application_id")).transpose()?)
    }
}

fn read_api_key(row: &Row) -> Result<ApiKeySummary, VaultError> {
    Ok(ApiKeySummary {
        id: row.text("id")?.into(),
        application_id: row.parsed("application_id")?,
        hint: row.text("hint")?,
        created_at: row.timestamp("created_at")?,
        revoked_at: row.optional_timestamp("revoked_at")?,
        expires_at: row.optional_timestamp("expires_at")?,
        scopes: row.optional_json("scopes")?,
    })
}

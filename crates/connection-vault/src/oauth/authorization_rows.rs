//! Rows of authorisations on their way, and of links that were used.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::authorization::{AuthorizationRow, Stage};
use crate::connections::Grant;
use crate::error::VaultError;
use crate::store::Write;
use storage::{Row, Statement, StorageError};

impl Write<'_> {
    pub(crate) async fn add_authorization(&mut self, row: &AuthorizationRow) -> Result<(), VaultError> {
        let insert = "INSERT INTO authorizations (id, application_id, consumer_id, service_id, link, stage, redirect_uri, \
                      nonce, sealed, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let insert = Statement::new(insert)
            .bind(&row.id)
            .bind(row.application_id.as_str())
            .bind(row.consumer_id.as_str())
            .bind(row.service.as_str())
            .bind(&row.link)
            .bind(row.stage.as_str())
            .bind(&row.redirect_uri)
            .bind(row.nonce.as_ref())
            .bind_json(&row.sealed)?
            .bind(row.expires_at);
        self.execute(insert).await?;
        Ok(())
    }

    pub(crate) async fn authorization(&mut self, id: &str) -> Result<Option<AuthorizationRow>, VaultError> {
        let select = Statement::new("SELECT * FROM authorizations WHERE id = $1").bind(id);
        self.fetch(select.locking_rows()).await?.first().map(read).transpose()
    }

    pub(crate) async fn authorization_to_confirm(
        &mut self,
        hash: &[u8],
    ) -> Result<Option<AuthorizationRow>, VaultError> {
        let select = Statement::new("SELECT * FROM authorizations WHERE confirm_hash = $1").bind(hash);
        self.fetch(select.locking_rows()).await?.first().map(read).transpose()
    }

    /// Whether it is still there.
    pub(crate) async fn update_authorization(&mut self, row: &AuthorizationRow) -> Result<bool, VaultError> {
        let update = "UPDATE authorizations SET stage = $1, sealed = $2, facts = $3, confirm_hash = $4, expires_at = $5 \
                      WHERE id = $6";
        let update = Statement::new(update)
            .bind(row.stage.as_str())
            .bind_json(&row.sealed)?
            .bind_optional_json(row.granted.as_ref())?
            .bind(row.confirm_hash.as_deref())
            .bind(row.expires_at)
            .bind(&row.id);
        Ok(self.execute(update).await? == 1)
    }

    pub(crate) async fn drop_authorization(&mut self, id: &str) -> Result<(), VaultError> {
        self.execute(Statement::new("DELETE FROM authorizations WHERE id = $1").bind(id)).await?;
        Ok(())
    }

    /// Ends the time of every exchange of a code.
    pub(crate) async fn end_exchanges(&mut self, now: Timestamp) -> Result<(), VaultError> {
        let update = "UPDATE authorizations SET expires_at = $1 WHERE stage = 'exchanging'";
        self.execute(Statement::new(update).bind(now)).await?;
        Ok(())
    }

    /// Those whose time is over, which are taken away.
    pub(crate) async fn take_expired_authorizations(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<AuthorizationRow>, VaultError> {
        let delete = "DELETE FROM authorizations WHERE expires_at <= $1 RETURNING *";
        let rows = self.fetch(Statement::new(delete).bind(now)).await?;
        self.execute(Statement::new("DELETE FROM used_links WHERE expires_at <= $1").bind(now)).await?;
        rows.iter().map(read).collect()
    }

    /// Whether it had not been used before.
    pub(crate) async fn use_link(&mut self, id: &str, expires_at: Timestamp) -> Result<bool, VaultError> {
        let insert = "INSERT INTO used_links (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        Ok(self.execute(Statement::new(insert).bind(id).bind(expires_at)).await? == 1)
    }

    pub(crate) async fn is_used_link(&mut self, id: &str) -> Result<bool, VaultError> {
        Ok(!self.fetch(Statement::new("SELECT id FROM used_links WHERE id = $1").bind(id)).await?.is_empty())
    }

    /// The next authorisations in the order of their ids, which nobody else changes until this is done.
    pub(crate) async fn authorizations_after(
        &mut self,
        id: &str,
        limit: i64,
    ) -> Result<Vec<AuthorizationRow>, VaultError> {
        let select = Statement::new("SELECT * FROM authorizations WHERE id > $1 ORDER BY id LIMIT $2");
        self.fetch(select.bind(id).bind(limit).locking_rows()).await?.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<AuthorizationRow, VaultError> {
    let stage: &str = row.get("stage")?;
    let sealed: BTreeMap<String, String> = row.json("sealed")?;
    let granted: Option<Grant> = row.optional_json("facts")?;
    let confirm_hash: Option<&[u8]> = row.get("confirm_hash")?;
    Ok(AuthorizationRow {
        id: row.text("id")?,
        application_id: row.parsed("application_id")?,
        consumer_id: row.parsed("consumer_id")?,
        service: row.get::<&str>("service_id")?.parse().map_err(StorageError::failed)?,
        link: row.text("link")?,
        stage: Stage::parse(stage)
            .ok_or_else(|| StorageError::failed(format!("an authorisation is in the unknown stage {stage}")))?,
        redirect_uri: row.text("redirect_uri")?,
        nonce: row.get("nonce")?,
        sealed,
        granted,
        confirm_hash: confirm_hash.map(<[u8]>::to_vec),
        expires_at: row.timestamp("expires_at")?,
    })
}

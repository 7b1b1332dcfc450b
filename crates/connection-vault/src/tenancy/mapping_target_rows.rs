//! Rows of the fields that applications define for their consumers to map.

use super::mapping_targets::MappingTarget;
use crate::error::VaultError;
use crate::store::{Store, Write};
use storage::{Row, Statement, StorageError};
use unified_model::ApplicationId;

impl Store {
    pub(crate) async fn mapping_targets(
        &self,
        application_id: &ApplicationId,
    ) -> Result<Vec<MappingTarget>, VaultError> {
        let select = "SELECT * FROM mapping_targets WHERE application_id = $1 ORDER BY id";
        self.fetch(Statement::new(select).bind(application_id.as_str())).await?.iter().map(read).collect()
    }
}

impl Write<'_> {
    /// Adds it, or replaces the one of the same id, which stays as old as it is.
    pub(crate) async fn keep_mapping_target(
        &mut self,
        application_id: &ApplicationId,
        target: &MappingTarget,
    ) -> Result<MappingTarget, VaultError> {
        let insert = "INSERT INTO mapping_targets (application_id, id, label, description, required, created_at) \
                      VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (application_id, id) DO UPDATE SET \
                      label = excluded.label, description = excluded.description, required = excluded.required RETURNING *";
        let insert = Statement::new(insert)
            .bind(application_id.as_str())
            .bind(&target.id)
            .bind(&target.label)
            .bind(target.description.as_ref())
            .bind(target.required)
            .bind(target.created_at);
        let rows = self.fetch(insert).await?;
        read(rows.first().ok_or_else(|| StorageError::failed("a custom mapping was not kept"))?)
    }

    /// Whether there was one.
    pub(crate) async fn delete_mapping_target(
        &mut self,
        application_id: &ApplicationId,
        id: &str,
    ) -> Result<bool, VaultError> {
        let delete = "DELETE FROM mapping_targets WHERE application_id = $1 AND id = $2";
        Ok(self.execute(Statement::new(delete).bind(application_id.as_str()).bind(id)).await? == 1)
    }
}

fn read(row: &Row) -> Result<MappingTarget, VaultError> {
    Ok(MappingTarget {
        id: row.text("id")?,
        label: row.text("label")?,
        description: row.get("description")?,
        required: row.get("required")?,
        created_at: row.timestamp("created_at")?,
    })
}

//! Rows of applications.

use storage::{Row, Statement};

use super::applications::ApplicationSummary;
use unified_model::ApplicationId;

use crate::error::VaultError;
use crate::store::{Store, Write};

impl Store {
    pub(crate) async fn applications(&self) -> Result<Vec<ApplicationSummary>, VaultError> {
        let select = "SELECT * FROM applications ORDER BY id";
        self.fetch(Statement::new(select)).await?.iter().map(read_application).collect()
    }

    pub(crate) async fn application(&self, id: &ApplicationId) -> Result<Option<ApplicationSummary>, VaultError> {
        let rows = self.fetch(Statement::new("SELECT * FROM applications WHERE id = $1").bind(id.as_str())).await?;
        rows.first().map(read_application).transpose()
    }
}

impl Write<'_> {
    pub(crate) async fn application(&mut self, id: &ApplicationId) -> Result<Option<ApplicationSummary>, VaultError> {
        let select = Statement::new("SELECT * FROM applications WHERE id = $1").bind(id.as_str());
        self.fetch(select.locking_rows()).await?.first().map(read_application).transpose()
    }

    pub(crate) async fn update_application(&mut self, application: &ApplicationSummary) -> Result<(), VaultError> {
        let update = "UPDATE applications SET name = $1, redirect_uris = $2, origins = $3 WHERE id = $4";
        let update = Statement::new(update)
            .bind(&application.name)
            .bind_json(&application.redirect_uris)?
            .bind_json(&application.origins)?
            .bind(application.id.as_str());
        self.execute(update).await?;
        Ok(())
    }

    /// Whether the id was free.
    pub(crate) async fn add_application(&mut self, application: &ApplicationSummary) -> Result<bool, VaultError> {
        let insert = "INSERT INTO applications (id, name, redirect_uris, origins, created_at) VALUES ($1, $2, $3, $4, $5) \
                      ON CONFLICT DO NOTHING";
        let insert = Statement::new(insert)
            .bind(application.id.as_str())
            .bind(&application.name)
            .bind_json(&application.redirect_uris)?
            .bind_json(&application.origins)?
            .bind(application.created_at);
        Ok(self.execute(insert).await? == 1)
    }

    /// With everything that belongs to it. Whether there was one.
    pub(crate) async fn delete_application(&mut self, id: &ApplicationId) -> Result<bool, VaultError> {
        for delete in ["DELETE FROM logs WHERE application_id = $1", "DELETE FROM events WHERE application_id = $1"] {
            self.execute(Statement::new(delete).bind(id.as_str())).await?;
        }
        Ok(self.execute(Statement::new("DELETE FROM applications WHERE id = $1").bind(id.as_str())).await? == 1)
    }
}

fn read_application(row: &Row) -> Result<ApplicationSummary, VaultError> {
    Ok(ApplicationSummary {
        id: row.parsed("id")?,
        name: row.text("name")?,
        redirect_uris: row.json("redirect_uris")?,
        origins: row.json("origins")?,
        created_at: row.timestamp("created_at")?,
    })
}

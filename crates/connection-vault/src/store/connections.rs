//! Rows of consumers and connections.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use unified_model::ServiceId;

use super::{Store, Write, failed, timestamp};
use crate::{FieldMap, VaultError};

/// A connection as it is stored: secrets sealed.
#[derive(Clone)]
pub(crate) struct ConnectionRow {
    pub(crate) id: String,
    pub(crate) application_id: String,
    pub(crate) consumer_id: String,
    pub(crate) service: ServiceId,
    pub(crate) enabled: bool,
    /// What may be shown, by setting.
    pub(crate) settings: BTreeMap<String, String>,
    /// Sealed blobs, by setting.
    pub(crate) sealed: BTreeMap<String, String>,
    pub(crate) field_map: FieldMap,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// How often the settings or the field map have changed.
    pub(crate) revision: i64,
}

impl Store {
    /// What one consumer has connected: all that a call needs, in one statement.
    pub(crate) async fn connections_of_consumer(
        &self,
        application_id: &str,
        consumer_id: &str,
    ) -> Result<Vec<ConnectionRow>, VaultError> {
        let select = "SELECT * FROM connections WHERE application_id = $1 AND consumer_id = $2 ORDER BY service_id";
        let select = self.statement(select).bind(application_id).bind(consumer_id);
        select.fetch_all(&self.pool).await.map_err(failed)?.iter().map(read).collect()
    }

    /// What all consumers of an application have connected.
    pub(crate) async fn connections_of_application(
        &self,
        application_id: &str,
    ) -> Result<Vec<ConnectionRow>, VaultError> {
        let select = "SELECT * FROM connections WHERE application_id = $1 ORDER BY consumer_id, service_id";
        let select = self.statement(select).bind(application_id);
        select.fetch_all(&self.pool).await.map_err(failed)?.iter().map(read).collect()
    }
}

impl Write<'_> {
    pub(crate) async fn connection(
        &mut self,
        application_id: &str,
        consumer_id: &str,
        service: &ServiceId,
    ) -> Result<Option<ConnectionRow>, VaultError> {
        let select = "SELECT * FROM connections WHERE application_id = $1 AND consumer_id = $2 AND service_id = $3";
        let select = self.store.statement(select).bind(application_id).bind(consumer_id).bind(service.as_str());
        let row = select.fetch_optional(&mut *self.transaction).await.map_err(failed)?;
        row.as_ref().map(read).transpose()
    }

    /// Adds the consumer when it is new.
    pub(crate) async fn keep_consumer(
        &mut self,
        application_id: &str,
        consumer_id: &str,
        at: Timestamp,
    ) -> Result<(), VaultError> {
        let insert = "INSERT INTO consumers (application_id, consumer_id, created_at) VALUES ($1, $2, $3) \
                      ON CONFLICT DO NOTHING";
        let insert = self.store.statement(insert).bind(application_id).bind(consumer_id).bind(at.as_millisecond());
        insert.execute(&mut *self.transaction).await.map_err(failed)?;
        Ok(())
    }

    /// Whether the consumer had no connection to that service yet.
    pub(crate) async fn add_connection(&mut self, row: &ConnectionRow) -> Result<bool, VaultError> {
        let insert = "INSERT INTO connections (id, application_id, consumer_id, service_id, enabled, settings, sealed, \
                      field_map, created_at, updated_at, revision) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
        let insert = self
            .store
            .statement(insert)
            .bind(&row.id)
            .bind(&row.application_id)
            .bind(&row.consumer_id)
            .bind(row.service.as_str())
            .bind(row.enabled)
            .bind(json(&row.settings)?)
            .bind(json(&row.sealed)?)
            .bind(json(&row.field_map)?)
            .bind(row.created_at.as_millisecond())
            .bind(row.updated_at.as_millisecond())
            .bind(row.revision);
        Ok(insert.execute(&mut *self.transaction).await.map_err(failed)?.rows_affected() == 1)
    }

    pub(crate) async fn update_connection(&mut self, row: &ConnectionRow) -> Result<(), VaultError> {
        let update = "UPDATE connections SET enabled = $1, settings = $2, sealed = $3, field_map = $4, \
                      updated_at = $5, revision = $6 WHERE id = $7";
        let update = self
            .store
            .statement(update)
            .bind(row.enabled)
            .bind(json(&row.settings)?)
            .bind(json(&row.sealed)?)
            .bind(json(&row.field_map)?)
            .bind(row.updated_at.as_millisecond())
            .bind(row.revision)
            .bind(&row.id);
        update.execute(&mut *self.transaction).await.map_err(failed)?;
        Ok(())
    }

    /// Whether there was one.
    pub(crate) async fn delete_connection(
        &mut self,
        application_id: &str,
        consumer_id: &str,
        service: &ServiceId,
    ) -> Result<bool, VaultError> {
        let delete = "DELETE FROM connections WHERE application_id = $1 AND consumer_id = $2 AND service_id = $3";
        let delete = self.store.statement(delete).bind(application_id).bind(consumer_id).bind(service.as_str());
        Ok(delete.execute(&mut *self.transaction).await.map_err(failed)?.rows_affected() == 1)
    }
}

fn read(row: &SqliteRow) -> Result<ConnectionRow, VaultError> {
    let text = |column: &str| row.try_get::<&str, _>(column).map_err(failed);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(failed);
    Ok(ConnectionRow {
        id: text("id")?.to_owned(),
        application_id: text("application_id")?.to_owned(),
        consumer_id: text("consumer_id")?.to_owned(),
        service: text("service_id")?.parse().map_err(failed)?,
        enabled: row.try_get("enabled").map_err(failed)?,
        settings: serde_json::from_str(text("settings")?).map_err(failed)?,
        sealed: serde_json::from_str(text("sealed")?).map_err(failed)?,
        field_map: serde_json::from_str(text("field_map")?).map_err(failed)?,
        created_at: timestamp(number("created_at")?)?,
        updated_at: timestamp(number("updated_at")?)?,
        revision: number("revision")?,
    })
}

fn json(value: &impl serde::Serialize) -> Result<String, VaultError> {
    serde_json::to_string(value).map_err(failed)
}

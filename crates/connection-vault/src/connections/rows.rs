//! Rows of connections.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};
use storage::{Row, Statement, StorageError};
use unified_model::{ApplicationId, ConsumerId, ServiceId};

use super::FieldMap;
use super::configuration::Configuration;
use super::grant::{Grant, RefusedCredentials};
use crate::core::ConnectionName;
use crate::error::VaultError;
use crate::store::{Store, Write};

pub(crate) const OF_CONSUMER: &str =
    "SELECT * FROM connections WHERE application_id = $1 AND consumer_id = $2 ORDER BY service_id";

/// A grant may wait for a connection that is there, or for one that is yet to be added.
pub(crate) const WITH_WAITING: &str = "SELECT connection.*, waiting.service_id AS waiting \
     FROM (SELECT * FROM connections WHERE application_id = $1 AND consumer_id = $2) AS connection \
     FULL JOIN (SELECT DISTINCT service_id FROM authorizations WHERE application_id = $1 AND consumer_id = $2 \
     AND stage = 'granted' AND expires_at > $3) AS waiting ON waiting.service_id = connection.service_id";

/// A connection as it is stored: secrets sealed.
#[derive(Clone)]
pub(crate) struct ConnectionRow {
    pub(crate) id: String,
    pub(crate) application_id: ApplicationId,
    pub(crate) consumer_id: ConsumerId,
    pub(crate) service: ServiceId,
    pub(crate) enabled: bool,
    /// What may be shown, by setting.
    pub(crate) settings: BTreeMap<String, String>,
    /// Sealed blobs, by setting.
    pub(crate) sealed: BTreeMap<String, String>,
    pub(crate) field_map: FieldMap,
    /// What the application keeps with it.
    pub(crate) metadata: Option<Map<String, Value>>,
    /// What new records of a resource begin with.
    pub(crate) configuration: Configuration,
    /// `JSONPath`, by target.
    pub(crate) custom_mappings: BTreeMap<String, String>,
    /// None where nothing was ever granted.
    pub(crate) grant: Option<Grant>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// That the vendor refuses its credentials, as they were at some revision.
    pub(crate) refused: Option<RefusedCredentials>,
    /// How often the settings or the field map have changed.
    pub(crate) revision: i64,
}

/// What there is of one consumer.
#[derive(Default)]
pub(crate) struct Connected {
    pub(crate) connections: Vec<ConnectionRow>,
    /// To which services a grant waits to be confirmed.
    pub(crate) waiting: Vec<ServiceId>,
}

impl Store {
    /// What one consumer has connected: all that a call needs, in one statement.
    pub(crate) async fn connections_of_consumer(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
    ) -> Result<Vec<ConnectionRow>, VaultError> {
        let select = Statement::new(OF_CONSUMER).bind(application_id.as_str()).bind(consumer_id.as_str());
        self.fetch(select).await?.iter().map(read).collect()
    }

    /// What one consumer has connected, and what waits to be confirmed, in one statement as well.
    pub(crate) async fn connected(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        now: Timestamp,
    ) -> Result<Connected, VaultError> {
        let select = Statement::new(WITH_WAITING).bind(application_id.as_str()).bind(consumer_id.as_str()).bind(now);
        let mut connected = Connected::default();
        for row in self.fetch(select).await? {
            if row.get::<Option<&str>>("id")?.is_some() {
                connected.connections.push(read(&row)?);
            }
            if let Some(service) = row.get::<Option<&str>>("waiting")? {
                connected.waiting.push(service.parse().map_err(StorageError::failed)?);
            }
        }
        Ok(connected)
    }

    /// What all consumers of an application have connected.
    pub(crate) async fn connections_of_application(
        &self,
        application_id: &ApplicationId,
    ) -> Result<Vec<ConnectionRow>, VaultError> {
        let select = "SELECT * FROM connections WHERE application_id = $1 ORDER BY consumer_id, service_id";
        self.fetch(Statement::new(select).bind(application_id.as_str())).await?.iter().map(read).collect()
    }
}

impl Write<'_> {
    /// A connection that nobody else changes until this is done.
    pub(crate) async fn connection(&mut self, name: &ConnectionName) -> Result<Option<ConnectionRow>, VaultError> {
        let select = "SELECT * FROM connections WHERE application_id = $1 AND consumer_id = $2 AND service_id = $3";
        let select = Statement::new(select).bind(&*name.application_id).bind(&*name.consumer_id);
        self.fetch(select.bind(name.service.as_str()).locking_rows()).await?.first().map(read).transpose()
    }

    /// What one consumer has connected, which nobody else changes until this is done.
    pub(crate) async fn connections_of_consumer(
        &mut self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
    ) -> Result<Vec<ConnectionRow>, VaultError> {
        let select = Statement::new(OF_CONSUMER).bind(application_id.as_str()).bind(consumer_id.as_str());
        self.fetch(select.locking_rows()).await?.iter().map(read).collect()
    }

    /// Whether the consumer had no connection to that service yet.
    pub(crate) async fn add_connection(&mut self, row: &ConnectionRow) -> Result<bool, VaultError> {
        let insert = "INSERT INTO connections (id, application_id, consumer_id, service_id, enabled, settings, sealed, \
                      field_map, metadata, configuration, custom_mappings, oauth, created_at, updated_at, revision) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING";
        let insert = Statement::new(insert)
            .bind(&row.id)
            .bind(row.application_id.as_str())
            .bind(row.consumer_id.as_str())
            .bind(row.service.as_str());
        let insert = with_contents(insert, row)?.bind(row.created_at).bind(row.updated_at).bind(row.revision);
        Ok(self.execute(insert).await? == 1)
    }

    pub(crate) async fn update_connection(&mut self, row: &ConnectionRow) -> Result<(), VaultError> {
        let update = "UPDATE connections SET enabled = $1, settings = $2, sealed = $3, field_map = $4, metadata = $5, \
                      configuration = $6, custom_mappings = $7, oauth = $8, updated_at = $9, revision = $10 \
                      WHERE id = $11";
        let update = with_contents(Statement::new(update), row)?.bind(row.updated_at).bind(row.revision).bind(&row.id);
        self.execute(update).await?;
        Ok(())
    }

    /// The next connections in the order of their ids, which nobody else changes until this is done.
    pub(crate) async fn connections_after(&mut self, id: &str, limit: i64) -> Result<Vec<ConnectionRow>, VaultError> {
        let select =
            Statement::new("SELECT * FROM connections WHERE id > $1 ORDER BY id LIMIT $2").bind(id).bind(limit);
        self.fetch(select.locking_rows()).await?.iter().map(read).collect()
    }

    /// Keeps that the vendor refuses a connection's credentials, or that it no longer does.
    pub(crate) async fn update_refused(&mut self, row: &ConnectionRow) -> Result<(), VaultError> {
        let update = Statement::new("UPDATE connections SET refused = $1 WHERE id = $2");
        self.execute(update.bind_optional_json(row.refused.as_ref())?.bind(&row.id)).await?;
        Ok(())
    }

    /// A connection that has to be there.
    pub(crate) async fn require_connection(&mut self, name: &ConnectionName) -> Result<ConnectionRow, VaultError> {
        self.connection(name).await?.ok_or_else(|| name.is_missing())
    }

    /// The same secrets, sealed otherwise.
    pub(crate) async fn update_sealed(&mut self, row: &ConnectionRow) -> Result<(), VaultError> {
        let update = Statement::new("UPDATE connections SET sealed = $1 WHERE id = $2");
        self.execute(update.bind_json(&row.sealed)?.bind(&row.id)).await?;
        Ok(())
    }

    /// Whether there was one.
    pub(crate) async fn delete_connection(&mut self, name: &ConnectionName) -> Result<bool, VaultError> {
        let delete = "DELETE FROM connections WHERE application_id = $1 AND consumer_id = $2 AND service_id = $3";
        let delete = Statement::new(delete).bind(&*name.application_id).bind(&*name.consumer_id);
        Ok(self.execute(delete.bind(name.service.as_str())).await? == 1)
    }
}

/// Every blob of these rows.
pub(crate) fn sealed(rows: &[ConnectionRow]) -> impl Iterator<Item = &String> {
    rows.iter().flat_map(|row| row.sealed.values())
}

/// Binds what both a new row and a changed one hold: from `enabled` to `oauth`, in this order.
fn with_contents(statement: Statement, row: &ConnectionRow) -> Result<Statement, VaultError> {
    Ok(statement
        .bind(row.enabled)
        .bind_json(&row.settings)?
        .bind_json(&row.sealed)?
        .bind_json(&row.field_map)?
        .bind_optional_json(row.metadata.as_ref())?
        .bind_json(&row.configuration)?
        .bind_json(&row.custom_mappings)?
        .bind_optional_json(row.grant.as_ref())?)
}

fn read(row: &Row) -> Result<ConnectionRow, VaultError> {
    Ok(ConnectionRow {
        id: row.text("id")?,
        application_id: row.parsed("application_id")?,
        consumer_id: row.parsed("consumer_id")?,
        service: row.get::<&str>("service_id")?.parse().map_err(StorageError::failed)?,
        enabled: row.get("enabled")?,
        settings: row.json("settings")?,
        sealed: row.json("sealed")?,
        field_map: row.json("field_map")?,
        metadata: row.optional_json("metadata")?,
        configuration: row.json("configuration")?,
        custom_mappings: row.json("custom_mappings")?,
        grant: row.optional_json("oauth")?,
        refused: row.optional_json("refused")?,
        created_at: row.timestamp("created_at")?,
        updated_at: row.timestamp("updated_at")?,
        revision: row.get("revision")?,
    })
}

//! Rows of consumers.

use jiff::Timestamp;
use serde_json::{Map, Value};
use unified_model::{ApplicationId, ConsumerId, ServiceId};

use super::consumers::ConsumerSummary;
use crate::error::VaultError;
use crate::store::{Store, Write};
use storage::{Row, Statement};

pub(crate) const ONE: &str = "SELECT * FROM consumers WHERE application_id = $1 AND consumer_id = $2";

impl Store {
    pub(crate) async fn consumer(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
    ) -> Result<Option<ConsumerSummary>, VaultError> {
        let rows = self.fetch(Statement::new(ONE).bind(application_id.as_str()).bind(consumer_id.as_str())).await?;
        rows.first().map(read).transpose()
    }

    /// The next consumers in the order of their ids, of those that lie between `from` and `until`.
    pub(crate) async fn consumers_after(
        &self,
        application_id: &ApplicationId,
        after: &str,
        range: (&str, &str),
        limit: i64,
    ) -> Result<Vec<ConsumerSummary>, VaultError> {
        let select = "SELECT * FROM consumers WHERE application_id = $1 AND consumer_id > $2 AND consumer_id >= $3 \
                      AND consumer_id < $4 ORDER BY consumer_id LIMIT $5";
        let select =
            Statement::new(select).bind(application_id.as_str()).bind(after).bind(range.0).bind(range.1).bind(limit);
        self.fetch(select).await?.iter().map(read).collect()
    }
}

impl Write<'_> {
    /// A consumer that nobody else changes until this is done.
    pub(crate) async fn consumer(
        &mut self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
    ) -> Result<Option<ConsumerSummary>, VaultError> {
        let select = Statement::new(ONE).bind(application_id.as_str()).bind(consumer_id.as_str());
        self.fetch(select.locking_rows()).await?.first().map(read).transpose()
    }

    /// Adds the consumer when it is new; whether it was.
    pub(crate) async fn keep_consumer(
        &mut self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        at: Timestamp,
    ) -> Result<bool, VaultError> {
        let insert = "INSERT INTO consumers (application_id, consumer_id, created_at) VALUES ($1, $2, $3) \
                      ON CONFLICT DO NOTHING";
        Ok(self
            .execute(Statement::new(insert).bind(application_id.as_str()).bind(consumer_id.as_str()).bind(at))
            .await?
            == 1)
    }

    /// Whether there was one.
    pub(crate) async fn update_consumer(
        &mut self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        metadata: &Map<String, Value>,
        at: Timestamp,
    ) -> Result<bool, VaultError> {
        let update =
            "UPDATE consumers SET metadata = $1, updated_at = $2 WHERE application_id = $3 AND consumer_id = $4";
        let update = Statement::new(update)
            .bind_json(metadata)?
            .bind(at)
            .bind(application_id.as_str())
            .bind(consumer_id.as_str());
        Ok(self.execute(update).await? == 1)
    }

    /// What the consumer has connected to, by service; nobody else changes those connections until this is done.
    pub(crate) async fn services_of_consumer(
        &mut self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
    ) -> Result<Vec<ServiceId>, VaultError> {
        let select =
            "SELECT service_id FROM connections WHERE application_id = $1 AND consumer_id = $2 ORDER BY service_id";
        let select = Statement::new(select).bind(application_id.as_str()).bind(consumer_id.as_str());
        let rows = self.fetch(select.locking_rows()).await?;
        Ok(rows.iter().map(|row| row.parsed("service_id")).collect::<Result<_, _>>()?)
    }

    /// With everything that the consumer has connected. Whether there was one.
    pub(crate) async fn delete_consumer(
        &mut self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
    ) -> Result<bool, VaultError> {
        let delete = "DELETE FROM consumers WHERE application_id = $1 AND consumer_id = $2";
        Ok(self.execute(Statement::new(delete).bind(application_id.as_str()).bind(consumer_id.as_str())).await? == 1)
    }
}

fn read(row: &Row) -> Result<ConsumerSummary, VaultError> {
    let created_at = row.timestamp("created_at")?;
    Ok(ConsumerSummary {
        application_id: row.parsed("application_id")?,
        consumer_id: row.parsed("consumer_id")?,
        metadata: row.json("metadata")?,
        created_at,
        updated_at: row.optional_timestamp("updated_at")?.unwrap_or(created_at),
    })
}

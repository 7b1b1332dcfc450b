//! Rows of events.

use jiff::{SignedDuration, Timestamp};
use unified_model::{ApplicationId, ConsumerId};

use super::event::Event;
use crate::error::VaultError;
use crate::store::{Store, Write};
use storage::{Row, Statement};

/// How long they are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Store {
    /// The newest of an application, or of one of its consumers.
    pub(crate) async fn events(
        &self,
        application_id: &ApplicationId,
        consumer_id: Option<&ConsumerId>,
        limit: i64,
    ) -> Result<Vec<Event>, VaultError> {
        let select = "SELECT * FROM events WHERE application_id = $1 AND ($2 = '' OR consumer_id = $2) \
                      ORDER BY occurred_at DESC, id DESC LIMIT $3";
        let select = Statement::new(select)
            .bind(application_id.as_str())
            .bind(consumer_id.map(ConsumerId::as_str).unwrap_or_default())
            .bind(limit);
        self.fetch(select).await?.iter().map(read).collect()
    }
}

impl Write<'_> {
    /// It happened if what it tells of becomes true.
    pub(crate) async fn add_event(&mut self, event: &Event) -> Result<(), VaultError> {
        let insert = "INSERT INTO events (id, application_id, consumer_id, service_id, type, detail, occurred_at, unified_api) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let insert = Statement::new(insert)
            .bind(&event.id)
            .bind(event.application_id.as_str())
            .bind(event.consumer_id.as_str())
            .bind(&event.service_id)
            .bind(&event.event_type)
            .bind(&event.detail)
            .bind(event.occurred_at)
            .bind(&event.unified_api);
        self.execute(insert).await?;
        self.prune_events(event.occurred_at).await
    }

    async fn prune_events(&mut self, now: Timestamp) -> Result<(), VaultError> {
        let oldest = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        self.execute(Statement::new("DELETE FROM events WHERE occurred_at < $1").bind(oldest)).await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Event, VaultError> {
    Ok(Event {
        id: row.text("id")?,
        application_id: row.parsed("application_id")?,
        consumer_id: row.parsed("consumer_id")?,
        unified_api: row.text("unified_api")?,
        service_id: row.text("service_id")?,
        event_type: row.text("type")?,
        detail: row.text("detail")?,
        occurred_at: row.timestamp("occurred_at")?,
    })
}

//! Consumers: an application's customers.

use std::sync::Arc;
use unified_model::{ApplicationId, ConsumerId};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::core::{ConnectionName, Core, size};
use crate::error::{AdminError, VaultError};
use crate::events::EventType;
use crate::store::{Change, Write};

/// How many consumers a search looks at in one statement, and in how many.
const BATCH: i64 = 500;
const MOST_BATCHES: usize = 10;
/// What a search looks at beside the id.
const NAMES: [&str; 3] = ["account_name", "user_name", "email"];

/// A consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsumerSummary {
    /// The application that it belongs to.
    pub application_id: ApplicationId,
    /// Its id: what callers send as `x-apideck-consumer-id`.
    pub consumer_id: ConsumerId,
    /// What the application keeps with it.
    pub metadata: Map<String, Value>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Which consumers a page lists: those after `after`, whose ids begin with `prefix`, at most `limit`.
#[derive(Debug, Clone, Copy)]
pub struct ConsumerPage<'a> {
    /// The last consumer of the page before; empty: none.
    pub after: &'a str,
    /// What ids begin with; empty: anything.
    pub prefix: &'a str,
    /// How many at the most.
    pub limit: i64,
}

/// The consumers of a vault.
#[derive(Clone)]
pub struct Consumers {
    core: Arc<Core>,
}

impl Consumers {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core) }
    }

    /// Adds a consumer, or changes the metadata of the one that there is: what is not named stays, null takes away.
    pub async fn keep(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        metadata: Map<String, Value>,
    ) -> Result<ConsumerSummary, AdminError> {
        let now = self.core.now();
        let mut write = self.core.store.write().await?;
        write.require_application(application_id).await?;
        write.keep_consumer(application_id, consumer_id, now).await?;
        write.change_consumer(application_id, consumer_id, metadata, now).await?;
        write.commit_quietly().await?;
        self.get(application_id, consumer_id).await
    }

    /// Changes the metadata of a consumer that there is, in the same way.
    pub async fn update(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        metadata: Map<String, Value>,
    ) -> Result<ConsumerSummary, AdminError> {
        self.get(application_id, consumer_id).await?;
        let mut write = self.core.store.write().await?;
        write.change_consumer(application_id, consumer_id, metadata, self.core.now()).await?;
        write.commit_quietly().await?;
        self.get(application_id, consumer_id).await
    }

    /// One consumer.
    pub async fn get(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
    ) -> Result<ConsumerSummary, AdminError> {
        let unknown = || VaultError::NoConsumer(consumer_id.to_string());
        Ok(self.core.store.consumer(application_id, consumer_id).await?.ok_or_else(unknown)?)
    }

    /// A page of an application's consumers, by id.
    pub async fn list(
        &self,
        application_id: &ApplicationId,
        page: ConsumerPage<'_>,
    ) -> Result<Vec<ConsumerSummary>, AdminError> {
        // Behind every text that begins with the prefix.
        let until = format!("{}\u{10ffff}", page.prefix);
        let range = (page.prefix, until.as_str());
        Ok(self.core.store.consumers_after(application_id, page.after, range, page.limit).await?)
    }

    /// A page of those consumers of whom a text is part of the id, or of a name or address that is kept of them; and where to
    /// go on, if there may be more. A page may be short of its limit: a rare text is not looked for without end.
    pub async fn search(
        &self,
        application_id: &ApplicationId,
        page: ConsumerPage<'_>,
        text: &str,
    ) -> Result<(Vec<ConsumerSummary>, Option<String>), AdminError> {
        let text = text.to_lowercase();
        let limit = usize::try_from(page.limit).unwrap_or_default();
        let (mut found, mut after) = (Vec::new(), page.after.to_owned());
        for _ in 0..MOST_BATCHES {
            let batch = self.list(application_id, ConsumerPage { after: &after, limit: BATCH, ..page }).await?;
            let is_last = i64::try_from(batch.len()).unwrap_or(BATCH) < BATCH;
            for consumer in batch {
                if found.len() == limit {
                    return Ok((found, Some(after)));
                }
                after = consumer.consumer_id.to_string();
                if consumer.is_known_by(&text) {
                    found.push(consumer);
                }
            }
            if is_last {
                return Ok((found, None));
            }
        }
        Ok((found, Some(after)))
    }

    /// Deletes a consumer with everything that it has connected.
    pub async fn delete(&self, application_id: &ApplicationId, consumer_id: &ConsumerId) -> Result<(), AdminError> {
        let unknown = || VaultError::NoConsumer(consumer_id.to_string());
        let now = self.core.now();
        let mut write = self.core.store.write().await?;
        for service in write.services_of_consumer(application_id, consumer_id).await? {
            let name = ConnectionName::new(application_id, consumer_id, &service);
            write.tell(&name, EventType::Deleted, "with its consumer", now).await?;
        }
        if !write.delete_consumer(application_id, consumer_id).await? {
            return Err(unknown().into());
        }
        Ok(self.core.commit(write, Change::of_consumer(application_id, consumer_id)).await?)
    }
}

impl Write<'_> {
    /// Puts members into a consumer's metadata; null takes one away.
    pub(crate) async fn change_consumer(
        &mut self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        members: Map<String, Value>,
        now: Timestamp,
    ) -> Result<(), AdminError> {
        let stored = self.consumer(application_id, consumer_id).await?;
        let mut metadata = stored.ok_or_else(|| VaultError::NoConsumer(consumer_id.to_string()))?.metadata;
        let before = metadata.clone();
        for (name, value) in members {
            if value.is_null() {
                metadata.remove(&name);
            } else {
                metadata.insert(name, value);
            }
        }
        if metadata != before {
            size::check("metadata", &metadata)?;
            self.update_consumer(application_id, consumer_id, &metadata, now).await?;
        }
        Ok(())
    }
}

impl ConsumerSummary {
    fn is_known_by(&self, text: &str) -> bool {
        let kept = NAMES.iter().filter_map(|name| self.metadata.get(*name)?.as_str());
        kept.chain([self.consumer_id.as_str()]).any(|known| known.to_lowercase().contains(text))
    }
}

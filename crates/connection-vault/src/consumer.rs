//! Consumers: an application's customers.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::store::Change;
use crate::{AdminError, Vault, VaultError, name};

/// A consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsumerSummary {
    /// The application that it belongs to.
    pub application_id: String,
    /// Its id: what callers send as `x-apideck-consumer-id`.
    pub consumer_id: String,
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

impl Vault {
    /// Adds a consumer, or replaces the metadata of the one that there is.
    pub async fn keep_consumer(
        &self,
        application_id: &str,
        consumer_id: &str,
        metadata: Map<String, Value>,
    ) -> Result<ConsumerSummary, AdminError> {
        name::check("a consumer id", consumer_id)?;
        let now = (self.inner.clock)();
        let mut write = self.inner.store.write().await?;
        write.require_application(application_id).await?;
        write.keep_consumer(application_id, consumer_id, now).await?;
        write.update_consumer(application_id, consumer_id, &metadata, now).await?;
        write.commit(None).await?;
        self.consumer(application_id, consumer_id).await
    }

    /// One consumer.
    pub async fn consumer(&self, application_id: &str, consumer_id: &str) -> Result<ConsumerSummary, AdminError> {
        let unknown = || VaultError::NoConsumer(consumer_id.to_owned());
        if !name::is_well_formed(consumer_id) {
            return Err(unknown().into());
        }
        Ok(self.inner.store.consumer(application_id, consumer_id).await?.ok_or_else(unknown)?)
    }

    /// A page of an application's consumers, by id.
    pub async fn consumers(
        &self,
        application_id: &str,
        page: ConsumerPage<'_>,
    ) -> Result<Vec<ConsumerSummary>, AdminError> {
        // Behind every text that begins with the prefix.
        let until = format!("{}\u{10ffff}", page.prefix);
        let range = (page.prefix, until.as_str());
        Ok(self.inner.store.consumers_after(application_id, page.after, range, page.limit).await?)
    }

    /// Deletes a consumer with everything that it has connected.
    pub async fn delete_consumer(&self, application_id: &str, consumer_id: &str) -> Result<(), AdminError> {
        let unknown = || VaultError::NoConsumer(consumer_id.to_owned());
        if !name::is_well_formed(consumer_id) {
            return Err(unknown().into());
        }
        let mut write = self.inner.store.write().await?;
        if !write.delete_consumer(application_id, consumer_id).await? {
            return Err(unknown().into());
        }
        let change =
            Change::Consumer { application_id: application_id.to_owned(), consumer_id: consumer_id.to_owned() };
        Ok(self.inner.commit(write, change).await?)
    }
}

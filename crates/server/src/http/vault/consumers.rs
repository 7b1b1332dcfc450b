//! Consumers.

use axum::response::Response;
use connection_vault::{ConsumerPage, ConsumerSummary};
use gateway::GatewayError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::Http;
use super::super::envelope::{Cursors, Links};
use super::call::Call;
use super::reply::{self, Meta};
use super::shown::Consumer;

const DEFAULT_LIMIT: i64 = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewConsumer {
    consumer_id: String,
    #[serde(default)]
    metadata: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangedConsumer {
    metadata: Option<Map<String, Value>>,
}

impl Http {
    pub(super) async fn add_consumer(&self, call: &Call) -> Result<Response, GatewayError> {
        let body: NewConsumer = call.body()?;
        let metadata = body.metadata.unwrap_or_default();
        let vault = self.inner.gateway.vault();
        let consumer = vault.consumers().keep(&call.caller.application_id, &body.consumer_id, metadata).await?;
        self.shown_consumer(call, &consumer).await
    }

    pub(super) async fn list_consumers(&self, call: &Call) -> Result<Response, GatewayError> {
        let limit = call.parameter("limit").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_LIMIT);
        let application_id = &call.caller.application_id;
        let prefix = call.parameter("filter[consumer_id]").unwrap_or_default();
        let search = call.parameter("filter[search]").unwrap_or_default();
        let cursor = call.parameter("cursor");
        let scope = ["consumers", application_id, prefix, search];
        let cursors = self.inner.gateway.cursors();
        let after = cursor.map(|cursor| cursors.open_after(&scope, cursor)).transpose()?.unwrap_or_default();
        let page = ConsumerPage { after: &after, prefix, limit };
        let (found, next) = self.inner.gateway.vault().consumers().search(application_id, page, search).await?;
        let next = next.map(|last| cursors.seal_after(&scope, &last));
        let shown: Vec<Consumer<'_>> = found.iter().map(|consumer| Consumer::of(consumer, None)).collect();
        let (current, next) = (cursor, next.as_deref());
        let meta = Meta { items_on_page: shown.len(), cursors: Cursors { previous: None, current, next } };
        let links = Links::to(None, next, &self.inner.public_url, &call.path, &call.query);
        Ok(reply::page(&shown, meta, links))
    }

    pub(super) async fn one_consumer(&self, call: &Call, consumer_id: &str) -> Result<Response, GatewayError> {
        let consumer = self.inner.gateway.vault().consumers().get(&call.caller.application_id, consumer_id).await?;
        self.shown_consumer(call, &consumer).await
    }

    pub(super) async fn update_consumer(&self, call: &Call, consumer_id: &str) -> Result<Response, GatewayError> {
        let body: ChangedConsumer = call.body()?;
        let vault = self.inner.gateway.vault();
        let metadata = body.metadata.unwrap_or_default();
        let consumer = vault.consumers().update(&call.caller.application_id, consumer_id, metadata).await?;
        self.shown_consumer(call, &consumer).await
    }

    pub(super) async fn delete_consumer(&self, call: &Call, consumer_id: &str) -> Result<Response, GatewayError> {
        self.inner.gateway.vault().consumers().delete(&call.caller.application_id, consumer_id).await?;
        Ok(reply::ok(&json!({ "consumer_id": consumer_id })))
    }

    async fn shown_consumer(&self, call: &Call, consumer: &ConsumerSummary) -> Result<Response, GatewayError> {
        let views = self.inner.gateway.vault().connections().views(&call.caller, &consumer.consumer_id).await?;
        Ok(reply::ok(&Consumer::of(consumer, Some(&views))))
    }
}

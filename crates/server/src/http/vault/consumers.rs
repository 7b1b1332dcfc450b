//! Consumers.

use axum::response::Response;
use connection_vault::{ConsumerPage, ConsumerSummary, consumer_id};
use gateway::GatewayError;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use unified_model::ConsumerId;

use super::call::Call;
use super::shown::Consumer;
use crate::http::reply::envelope;
use crate::http::request::Http;

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
        let vault = self.vault();
        let consumer =
            vault.consumers().keep(&call.caller.application_id, &consumer_id(&body.consumer_id)?, metadata).await?;
        self.shown_consumer(call, &consumer).await
    }

    pub(super) async fn list_consumers(&self, call: &Call) -> Result<Response, GatewayError> {
        let limit = call.parameter("limit").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_LIMIT);
        let application_id = &call.caller.application_id;
        let prefix = call.parameter("filter[consumer_id]").unwrap_or_default();
        let search = call.parameter("filter[search]").unwrap_or_default();
        let cursor = call.parameter("cursor");
        let scope = ["consumers", application_id, prefix, search];
        let cursors = self.gateway().cursors();
        let after = cursor.map(|cursor| cursors.open_after(&scope, cursor)).transpose()?.unwrap_or_default();
        let page = ConsumerPage { after: &after, prefix, limit };
        let (found, next) = self.vault().consumers().search(application_id, page, search).await?;
        let next = next.map(|last| cursors.seal_after(&scope, &last));
        let shown: Vec<Consumer<'_>> =
            found.iter().map(|consumer| Consumer::of(consumer, None, self.public_url())).collect();
        Ok(envelope::page(&shown, cursor, next.as_deref(), call.own_address(self.public_url())))
    }

    pub(super) async fn one_consumer(&self, call: &Call, consumer_id: &ConsumerId) -> Result<Response, GatewayError> {
        let consumer = self.vault().consumers().get(&call.caller.application_id, consumer_id).await?;
        self.shown_consumer(call, &consumer).await
    }

    pub(super) async fn update_consumer(
        &self,
        call: &Call,
        consumer_id: &ConsumerId,
    ) -> Result<Response, GatewayError> {
        let body: ChangedConsumer = call.body()?;
        let vault = self.vault();
        let metadata = body.metadata.unwrap_or_default();
        let consumer = vault.consumers().update(&call.caller.application_id, consumer_id, metadata).await?;
        self.shown_consumer(call, &consumer).await
    }

    pub(super) async fn delete_consumer(
        &self,
        call: &Call,
        consumer_id: &ConsumerId,
    ) -> Result<Response, GatewayError> {
        self.vault().consumers().delete(&call.caller.application_id, consumer_id).await?;
        Ok(envelope::ok(&json!({ "consumer_id": consumer_id })))
    }

    async fn shown_consumer(&self, call: &Call, consumer: &ConsumerSummary) -> Result<Response, GatewayError> {
        let views = self.vault().connections().views(&call.caller, &consumer.consumer_id).await?;
        Ok(envelope::ok(&Consumer::of(consumer, Some(&views), self.public_url())))
    }
}

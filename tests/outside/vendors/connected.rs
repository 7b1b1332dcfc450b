//! One vendor as one connection of the demo application sees it.

use std::fmt;
use std::sync::Arc;

use connector_catalog::{ConnectorDefinition, ResourceCoverage, coverage};
use reqwest::Method;
use serde_json::Value;
use unified_model::{Operation, Resource};

use crate::support::{Gateway, Reply, send};

/// The resources that the four vendors divide among themselves.
pub const RESOURCES: [Resource; 8] = [
    Resource::Companies,
    Resource::Contacts,
    Resource::Leads,
    Resource::Opportunities,
    Resource::Notes,
    Resource::Activities,
    Resource::Pipelines,
    Resource::Users,
];

/// A gateway of its own, and the connection to one vendor through which everything is asked.
pub struct Connected {
    pub gateway: Gateway,
    pub definition: Arc<ConnectorDefinition>,
    resources: Vec<ResourceCoverage>,
}

impl Connected {
    /// The vendor as each choice of its settings makes it; none where the catalogue has no such vendor yet.
    pub async fn every_variant(service: &str) -> Vec<Self> {
        Self::to(Gateway::demo().await, service).into_iter().collect()
    }

    /// The vendor as the demo consumer's own connection has it.
    pub fn to(gateway: Gateway, service: &str) -> Option<Self> {
        let definition = Arc::clone(gateway.vault.catalog().connector(&service.parse().unwrap())?);
        let resources = coverage(&definition);
        Some(Self { gateway, definition, resources })
    }

    pub fn service(&self) -> &str {
        self.definition.service_id.as_str()
    }

    /// What the connector covers of each resource that it has.
    pub fn resources(&self) -> impl Iterator<Item = &ResourceCoverage> {
        self.resources.iter()
    }

    /// The resources that offer an operation.
    pub fn offering(&self, operation: Operation) -> impl Iterator<Item = &ResourceCoverage> {
        self.resources().filter(move |covered| covered.operations.contains(&operation))
    }

    pub fn covered(&self, resource: Resource) -> Option<&ResourceCoverage> {
        self.resources.iter().find(|covered| covered.resource == resource)
    }

    pub fn offers(&self, resource: Resource, operation: Operation) -> bool {
        self.covered(resource).is_some_and(|covered| covered.operations.contains(&operation))
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let request = self.gateway.request(method, path).header("x-apideck-service-id", self.service());
        send(match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        })
        .await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    pub async fn add(&self, resource: Resource, body: &Value) -> Reply {
        self.call(Method::POST, &format!("/crm/{resource}"), Some(body)).await
    }

    pub async fn update(&self, resource: Resource, id: &str, body: &Value) -> Reply {
        self.call(Method::PATCH, &record(resource, id), Some(body)).await
    }

    pub async fn delete(&self, resource: Resource, id: &str) -> Reply {
        self.call(Method::DELETE, &record(resource, id), None).await
    }

    pub async fn one(&self, resource: Resource, id: &str) -> Reply {
        self.get(&record(resource, id)).await
    }

    /// One page of a list; `query` may be empty.
    pub async fn page(&self, resource: Resource, query: &str) -> Reply {
        self.get(&format!("/crm/{resource}?{query}")).await
    }

    /// Every record of a list, by following `meta.cursors.next`; `query` without cursor.
    pub async fn list(&self, resource: Resource, query: &str) -> Vec<Value> {
        let mut records = Vec::new();
        let mut page = self.page(resource, query).await;
        for _ in 0..2000 {
            assert_eq!(page.status, 200, "{}/{resource}?{query}: {}", self.service(), page.text);
            records.extend(page.body["data"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page.next() else { return records };
            page = self.page(resource, &format!("{query}&cursor={cursor}")).await;
        }
        panic!("{}/{resource}?{query}: the list has no end", self.service());
    }

    /// A record as it stands: fetched by its id, or found in the list where the vendor has no other way.
    pub async fn read(&self, resource: Resource, id: &str) -> Option<Value> {
        if self.offers(resource, Operation::One) {
            let reply = self.one(resource, id).await;
            return (reply.status == 200).then(|| reply.body["data"].clone());
        }
        self.list(resource, "limit=200").await.into_iter().find(|record| record["id"] == id)
    }

    /// The vendor calls made since `before`, the journal's length then.
    pub fn calls_since(&self, before: usize) -> Vec<vendor_sandbox::SeenRequest> {
        self.gateway.sandbox.requests().split_off(before)
    }

    pub fn calls(&self) -> usize {
        self.gateway.sandbox.requests().len()
    }
}

impl fmt::Display for Connected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.service())
    }
}

impl Reply {
    /// The cursor of the next page.
    pub fn next(&self) -> Option<&str> {
        self.body["meta"]["cursors"]["next"].as_str()
    }

    /// The id that a write answers.
    pub fn id(&self) -> Option<String> {
        Some(self.body["data"]["id"].as_str()?.to_owned())
    }

    /// An error in short.
    pub fn refusal(&self) -> String {
        format!("{} {} {}", self.status, self.body["type_name"].as_str().unwrap_or("no error"), self.body["detail"])
    }

    /// The fields that warnings name, and the messages of those that name none.
    pub fn warned(&self) -> std::collections::BTreeSet<String> {
        let warnings = self.body["meta"]["warnings"].as_array().into_iter().flatten();
        let named = |warning: &Value| warning["field"].as_str().or(warning["message"].as_str()).map(str::to_owned);
        warnings.filter_map(named).collect()
    }
}

fn record(resource: Resource, id: &str) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    format!("/crm/{resource}/{}", utf8_percent_encode(id, NON_ALPHANUMERIC))
}

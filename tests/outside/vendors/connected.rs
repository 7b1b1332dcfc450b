//! One vendor as one connection of the demo application sees it.

use std::fmt;
use std::sync::Arc;

use connector_catalog::{
    ConnectorDefinition, ResourceCoverage, ResourceDefinition, Setting, SettingInput, SettingValues, coverage,
};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::Value;
use server::sandbox::{APPLICATION, CONSUMER, connect, demo_connection};
use unified_model::{Operation, Resource};

use crate::support::{Gateway, Reply, send};

/// The resources that the vendors divide among themselves.
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
    /// The setting that differs from the demo connection's, if one does.
    changed: Option<(String, String)>,
    pub settings: SettingValues,
    /// The resources to ask for: all eight, or those that the changed setting is about.
    pub asked_for: Vec<Resource>,
    resources: Vec<ResourceCoverage>,
}

impl Connected {
    /// The vendor as the demo connection has it, then with each other choice of each of its settings; none where the
    /// catalogue has no such vendor yet.
    pub async fn every_variant(service: &str) -> Vec<Self> {
        let Some(demo) = Self::to(Gateway::demo().await, service).await else { return Vec::new() };
        let mut variants = Vec::new();
        for setting in &demo.definition.settings {
            for value in choices(setting).into_iter().filter(|value| demo.settings.get(&setting.name) != Some(value)) {
                let gateway = Gateway::demo().await;
                variants.extend(Self::with(gateway, service, Some((setting.name.clone(), value))).await);
            }
        }
        std::iter::once(demo).chain(variants).collect()
    }

    /// The vendor as the demo consumer's own connection has it.
    pub async fn to(gateway: Gateway, service: &str) -> Option<Self> {
        Self::with(gateway, service, None).await
    }

    async fn with(gateway: Gateway, service: &str, changed: Option<(String, String)>) -> Option<Self> {
        let definition = Arc::clone(gateway.vault.catalog().connector(&service.parse().unwrap())?);
        let mut connection = demo_connection(&definition).unwrap();
        if let Some((name, value)) = &changed {
            connection = connection.with_setting(name, value.as_str());
            gateway
                .vault
                .connections()
                .delete(&APPLICATION.parse().unwrap(), &CONSUMER.parse().unwrap(), &definition.service_id)
                .await
                .unwrap();
            connect(&gateway.vault, connection.clone(), gateway.vendors.address).await.unwrap();
        }
        let given = |name: &str| connection.settings.get(name).map(ExposeSecret::expose_secret);
        let settings = definition.setting_values(given);
        let asked_for = changed.as_ref().map_or(RESOURCES.to_vec(), |(name, _)| dependent(&definition, name));
        let resources = chosen(&definition, &settings, &asked_for);
        Some(Self { gateway, definition, changed, settings, asked_for, resources })
    }

    /// Whether the changed setting chooses no resource or operation, so that lists are those of the demo connection.
    pub fn is_alike_elsewhere(&self) -> bool {
        self.changed.is_some() && self.asked_for.len() == RESOURCES.len()
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

    /// The vendor's entities that make a resource, as this connection sees it.
    pub fn entities(&self, resource: Resource) -> &[ResourceDefinition] {
        let variants = self.definition.resources.get(&resource).map(Vec::as_slice).unwrap_or_default();
        let chosen = variants.iter().find(|variant| variant.when.holds(&self.settings));
        chosen.map(|variant| variant.parts.as_slice()).unwrap_or_default()
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

    /// The id of the first record; a page may be short of them, and then the list goes on.
    pub async fn first(&self, resource: Resource) -> Option<String> {
        if !self.offers(resource, Operation::All) {
            return None;
        }
        let mut page = self.page(resource, "limit=1").await;
        for _ in 0..20 {
            if let Some(id) = page.body["data"][0]["id"].as_str() {
                return Some(id.to_owned());
            }
            let cursor = page.next()?.to_owned();
            page = self.page(resource, &format!("limit=1&cursor={cursor}")).await;
        }
        None
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
        formatter.write_str(self.service())?;
        let Some((name, value)) = &self.changed else { return Ok(()) };
        write!(formatter, " with {name}: {value}")
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

/// What a setting can be, where that is a matter of choice.
fn choices(setting: &Setting) -> Vec<String> {
    match setting.input {
        SettingInput::Select => setting.options.clone(),
        SettingInput::Checkbox => vec!["true".to_owned(), "false".to_owned()],
        _ if setting.name == "time_zone" => vec!["America/New_York".to_owned()],
        _ => Vec::new(),
    }
}

/// The resources that a setting is about: those that it chooses a variant or an operation of, or else all.
fn dependent(definition: &ConnectorDefinition, setting: &str) -> Vec<Resource> {
    let covered = coverage(definition);
    let depends = |covered: &&ResourceCoverage| {
        let operations = covered.conditions.iter().map(|(_, condition)| condition);
        std::iter::once(&covered.when).chain(operations).any(|condition| condition.settings.contains_key(setting))
    };
    let mut dependent: Vec<Resource> = covered.iter().filter(depends).map(|covered| covered.resource).collect();
    dependent.dedup();
    if dependent.is_empty() { RESOURCES.to_vec() } else { dependent }
}

/// What the connector covers of these resources with these settings.
fn chosen(definition: &ConnectorDefinition, settings: &SettingValues, resources: &[Resource]) -> Vec<ResourceCoverage> {
    let mut rows: Vec<ResourceCoverage> = Vec::new();
    for mut covered in coverage(definition).into_iter().filter(|covered| covered.when.holds(settings)) {
        if resources.contains(&covered.resource) && rows.iter().all(|known| known.resource != covered.resource) {
            let missing = covered.conditions.iter().filter(|(_, condition)| !condition.holds(settings));
            let missing: Vec<Operation> = missing.map(|(operation, _)| *operation).collect();
            covered.operations.retain(|operation| !missing.contains(operation));
            rows.push(covered);
        }
    }
    rows
}

fn record(resource: Resource, id: &str) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    format!("/crm/{resource}/{}", utf8_percent_encode(id, NON_ALPHANUMERIC))
}

/// The ids of records, in their order.
pub fn ids(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["id"].as_str().unwrap()).collect()
}

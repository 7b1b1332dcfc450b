//! The APIs of this gateway, their resources, and which connector covers what of them.

use connector_catalog::Catalog;
use gateway::EdgeError;
use serde::Serialize;
use serde_json::{Map, Value};
use unified_model::{CanonicalSchema, ObjectType, Resource};

use super::described::{BETA, Coverage, LIVE, served, status, title};
use super::missing;
use crate::http::reply::links::PublicUrl;
use crate::http::unified_api::{OFFERED, OFFERED_ID};

/// The id of the API whose resources connectors serve.
pub(super) const CRM_NAME: &str = "CRM API";

/// An API of this gateway.
#[derive(Serialize)]
pub(super) struct Api {
    id: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    description: &'static str,
    status: &'static str,
    spec_url: String,
    #[serde(rename = "api_reference_url")]
    reference_url: String,
    categories: Vec<&'static str>,
    resources: Vec<NamedResource>,
    events: [&'static str; 0],
}

#[derive(Serialize)]
struct NamedResource {
    id: Resource,
    name: String,
    status: &'static str,
    excluded_from_coverage: bool,
}

/// A resource of an API.
#[derive(Serialize)]
pub(super) struct ApiResource {
    id: Resource,
    name: String,
    status: &'static str,
    linked_resources: Vec<LinkedResource>,
    schema: Value,
}

/// A member that holds ids of another resource's records.
#[derive(Serialize)]
struct LinkedResource {
    id: Resource,
    unified_property: String,
}

/// What connectors cover of a resource.
#[derive(Serialize)]
pub(super) struct ApiResourceCoverage {
    id: Resource,
    name: String,
    status: &'static str,
    coverage: Vec<ConnectorCoverage>,
}

#[derive(Serialize)]
struct ConnectorCoverage {
    /// The connector, which the contract leaves unsaid.
    service_id: String,
    #[serde(flatten)]
    coverage: Coverage,
}

impl Api {
    /// Every API, by id.
    pub(super) fn every(catalog: &Catalog, public_url: &PublicUrl) -> Vec<Self> {
        let at = |path: &str| format!("{}{path}", public_url.as_str());
        vec![
            Self {
                id: "connector",
                kind: "platform",
                name: "Connector API",
                description: "Which connectors there are and what they cover",
                status: "live",
                spec_url: at("/openapi/connector.json"),
                reference_url: at("/docs/connector"),
                categories: Vec::new(),
                resources: Vec::new(),
                events: [],
            },
            Self {
                id: OFFERED_ID,
                kind: "unified",
                name: CRM_NAME,
                description: "Read and write any connected CRM in one model",
                status: "live",
                spec_url: at("/openapi.json"),
                reference_url: at("/docs"),
                categories: vec![OFFERED_ID],
                resources: Resource::EVERY.iter().map(|resource| NamedResource::of(*resource, catalog)).collect(),
                events: [],
            },
            Self {
                id: "vault",
                kind: "platform",
                name: "Vault API",
                description: "Consumers, their connections, and what may be done with them",
                status: "live",
                spec_url: at("/openapi/vault.json"),
                reference_url: at("/docs/vault"),
                categories: Vec::new(),
                resources: Vec::new(),
                events: [],
            },
        ]
    }

    pub(super) fn id(&self) -> &str {
        self.id
    }

    pub(super) fn status(&self) -> &'static str {
        self.status
    }

    fn named(&self, resource: &str) -> Result<&NamedResource, EdgeError> {
        let of_this = self.resources.iter().find(|known| known.id.as_str() == resource);
        of_this.ok_or_else(|| missing(&format!("resource of the API {}", self.id), resource))
    }

    pub(super) fn resource(&self, resource: &str) -> Result<ApiResource, EdgeError> {
        let NamedResource { id, name, status, .. } = self.named(resource)?;
        let record = &CanonicalSchema::of(OFFERED).resource(*id).record;
        Ok(ApiResource { id: *id, name: name.clone(), status, linked_resources: linked(record), schema: schema(*id) })
    }

    pub(super) fn coverage(&self, resource: &str, catalog: &Catalog) -> Result<ApiResourceCoverage, EdgeError> {
        let NamedResource { id, name, status, .. } = self.named(resource)?;
        let coverage = catalog.connectors().filter_map(|definition| {
            let covered = served(definition).into_iter().find(|covered| covered.resource == *id)?;
            let service_id = definition.service_id.as_str().to_owned();
            Some(ConnectorCoverage { service_id, coverage: Coverage::of(&covered) })
        });
        Ok(ApiResourceCoverage { id: *id, name: name.clone(), status, coverage: coverage.collect() })
    }
}

impl NamedResource {
    /// As far as the connector goes that has come furthest.
    fn of(id: Resource, catalog: &Catalog) -> Self {
        let of_connectors = catalog.connectors().flat_map(|definition| served(definition));
        let statuses: Vec<&str> =
            of_connectors.filter(|covered| covered.resource == id).map(|covered| status(&covered)).collect();
        let status = [LIVE, BETA].into_iter().find(|status| statuses.contains(status)).unwrap_or("considering");
        Self { id, name: title(id.as_str()), status, excluded_from_coverage: false }
    }
}

/// The members whose name says that they hold ids of other records: `company_id`, `primary_contact_id`, `contact_ids`.
fn linked(record: &ObjectType) -> Vec<LinkedResource> {
    let links = record.properties.iter().filter(|property| property.holds_ids()).filter_map(|property| {
        let name = property.name.strip_suffix("_id").or_else(|| property.name.strip_suffix("_ids"))?;
        let resource = match name.strip_prefix("primary_").unwrap_or(name) {
            "company" => Resource::Companies,
            "contact" => Resource::Contacts,
            "lead" => Resource::Leads,
            "opportunity" => Resource::Opportunities,
            "pipeline" => Resource::Pipelines,
            "owner" | "user" => Resource::Users,
            _ => return None,
        };
        Some(LinkedResource { id: resource, unified_property: property.name.clone() })
    });
    links.collect()
}

/// The JSON Schema of a resource's records, every reference resolved.
fn schema(resource: Resource) -> Value {
    let document = unified_model::document_json(resource.unified_api());
    let written = document.pointer(&format!("/components/schemas/{}", resource.schema_name()));
    written.map(|written| resolved(written, &document)).unwrap_or_default()
}

fn resolved(value: &Value, document: &Value) -> Value {
    match value {
        Value::Object(members) => match members.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let target = document.pointer(reference.trim_start_matches('#'));
                target.map(|target| resolved(target, document)).unwrap_or_default()
            }
            None => members
                .iter()
                .map(|(name, member)| (name.clone(), resolved(member, document)))
                .collect::<Map<_, _>>()
                .into(),
        },
        Value::Array(items) => items.iter().map(|item| resolved(item, document)).collect(),
        other => other.clone(),
    }
}

//! A connector and its resources as the Connector API shows them.

use std::collections::BTreeMap;

use connector_catalog::{
    Auth, Because, ConnectorDefinition, DeletedRecords, Evidence, FieldCoverage, Limit, LimitedPart, PagingKind,
    ResourceCoverage, SettingInput, coverage, overall,
};
use serde::Serialize;
use unified_model::{Operation, Resource, ServiceId};

use super::{api, guide};
use crate::http::reply::links::PublicUrl;
use crate::http::unified_api::OFFERED_ID;

/// A connector.
#[derive(Serialize)]
pub(super) struct Connector {
    id: String,
    name: String,
    status: &'static str,
    auth_type: &'static str,
    auth_only: bool,
    /// No definition was tried against a live account: `evidence` says where its facts are from.
    blind_mapped: bool,
    custom_scopes: bool,
    settings: Vec<Setting>,
    pub(super) service_id: ServiceId,
    unified_apis: Vec<UnifiedApi>,
    supported_resources: Vec<LinkedResource>,
    configurable_resources: Vec<Resource>,
    supported_events: [&'static str; 0],
    webhook_support: WebhookSupport,
    schema_support: SchemaSupport,
    docs: Vec<guide::Doc>,
    /// The vendor's own documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    website_url: Option<String>,
}

#[derive(Serialize)]
struct Setting {
    id: String,
    label: String,
    #[serde(rename = "type")]
    input: SettingInput,
    required: bool,
}

#[derive(Serialize)]
struct UnifiedApi {
    id: &'static str,
    name: &'static str,
    auth_only: bool,
    supported_resources: Vec<LinkedResource>,
    downstream_unsupported_resources: Vec<Resource>,
}

#[derive(Clone, Serialize)]
struct LinkedResource {
    id: Resource,
    name: String,
    status: &'static str,
    #[serde(flatten)]
    downstream: Downstream,
}

/// What the vendor calls the records.
#[derive(Clone, Serialize)]
pub(super) struct Downstream {
    downstream_id: String,
    downstream_name: String,
}

#[derive(Serialize)]
struct WebhookSupport {
    mode: &'static str,
}

#[derive(Serialize)]
struct SchemaSupport {
    supported: bool,
}

impl Connector {
    pub(super) fn of(definition: &ConnectorDefinition, public_url: &PublicUrl) -> Self {
        let served = served(definition);
        let resources: Vec<LinkedResource> = served.iter().map(LinkedResource::of).collect();
        let is_served = |resource: &Resource| served.iter().any(|covered| covered.resource == *resource);
        let unsupported = Resource::EVERY.iter().copied().filter(|resource| !is_served(resource)).collect();
        Self {
            id: definition.service_id.as_str().to_owned(),
            name: definition.name.clone(),
            status: served.iter().map(status).find(|status| *status == LIVE).unwrap_or(BETA),
            auth_type: match definition.auth {
                Auth::Basic { .. } => "basic",
                Auth::Bearer { .. } | Auth::Header { .. } => "apiKey",
                Auth::Oauth2(_) => "oauth2",
            },
            auth_only: false,
            blind_mapped: true,
            custom_scopes: false,
            settings: definition.settings.iter().map(Setting::of).collect(),
            service_id: definition.service_id.clone(),
            unified_apis: vec![UnifiedApi {
                id: OFFERED_ID,
                name: api::CRM_NAME,
                auth_only: false,
                supported_resources: resources.clone(),
                downstream_unsupported_resources: unsupported,
            }],
            supported_resources: resources,
            // Where records can be added, they can begin with something.
            configurable_resources: served
                .iter()
                .filter(|covered| covered.operations.contains(&Operation::Add))
                .map(|covered| covered.resource)
                .collect(),
            supported_events: [],
            webhook_support: WebhookSupport { mode: "none" },
            schema_support: SchemaSupport { supported: false },
            docs: guide::docs(definition, public_url),
            website_url: definition.docs.clone(),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn status(&self) -> &'static str {
        self.status
    }
}

impl Setting {
    fn of(setting: &connector_catalog::Setting) -> Self {
        let (id, label) = (setting.name.clone(), setting.label.clone());
        Self { id, label, input: setting.input, required: setting.required }
    }
}

impl LinkedResource {
    fn of(covered: &ResourceCoverage) -> Self {
        let (id, downstream) = (covered.resource, Downstream::of(covered));
        Self { id, name: title(id.as_str()), status: status(covered), downstream }
    }
}

impl Downstream {
    fn of(covered: &ResourceCoverage) -> Self {
        let names: Vec<String> = covered.entities.iter().map(|entity| title(entity)).collect();
        Self { downstream_id: covered.entities.join(","), downstream_name: names.join(", ") }
    }
}

/// What a connector covers of one resource. With settings that decide, `variants` says which covers what.
#[derive(Serialize)]
pub(super) struct ConnectorResource {
    id: Resource,
    name: String,
    status: &'static str,
    #[serde(flatten)]
    coverage: Coverage,
    custom_fields_supported: bool,
    downstream_unsupported_operations: Vec<Operation>,
    /// What the contract has beyond what is supported, and whose limit that is.
    limits: Vec<ShownLimit>,
    /// What becomes of records that the vendor marks as deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_records: Option<DeletedRecords>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variants: Vec<Variant>,
}

/// A part of the contract that is not supported.
#[derive(Serialize)]
struct ShownLimit {
    #[serde(flatten)]
    part: LimitedPart,
    because: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl ShownLimit {
    fn of(limit: &Limit) -> Self {
        let part = limit.part.clone();
        match &limit.because {
            Because::Vendor { evidence, why } => {
                Self { part, because: "vendor", evidence: Some(*evidence), why: Some(why.clone()) }
            }
            Because::Definition => Self { part, because: "definition", evidence: None, why: None },
        }
    }
}

/// What there is of a resource, whatever the settings.
#[derive(Serialize)]
pub(super) struct Coverage {
    #[serde(flatten)]
    downstream: Downstream,
    pagination_supported: bool,
    pagination: Pagination,
    supported_operations: Vec<Operation>,
    supported_filters: Vec<String>,
    supported_sort_by: Vec<String>,
    supported_fields: Vec<SupportedProperty>,
    supported_list_fields: Vec<SupportedProperty>,
    evidence: Evidence,
}

#[derive(Serialize)]
struct Pagination {
    mode: &'static str,
    paging_support: bool,
    limit_support: bool,
}

/// A canonical member that can be read or written.
#[derive(Serialize)]
struct SupportedProperty {
    unified_property: String,
    readable: bool,
    writable: bool,
    evidence: Evidence,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    child_properties: Vec<SupportedProperty>,
}

/// What is covered with certain settings.
#[derive(Serialize)]
struct Variant {
    settings: BTreeMap<String, String>,
    supported_operations: Vec<Operation>,
    /// Operations that need these settings as well.
    operation_settings: Vec<OperationSettings>,
    supported_filters: Vec<String>,
    supported_sort_by: Vec<String>,
    evidence: Evidence,
}

#[derive(Serialize)]
struct OperationSettings {
    operation: Operation,
    settings: BTreeMap<String, String>,
}

impl ConnectorResource {
    pub(super) fn of(definition: &ConnectorDefinition, resource: Resource) -> Option<Self> {
        let variants: Vec<ResourceCoverage> =
            coverage(definition).into_iter().filter(|covered| covered.resource == resource).collect();
        let covered = overall(&variants)?;
        let contract = &definition.schema.resource(resource).operations;
        let unsupported = contract.iter().copied().filter(|operation| !covered.operations.contains(operation));
        let plain = matches!(variants.as_slice(), [only] if only.when.is_empty() && only.conditions.is_empty());
        Some(Self {
            id: resource,
            name: title(resource.as_str()),
            status: status(&covered),
            custom_fields_supported: covered.fields.iter().any(|line| line.field == "custom_fields" && line.readable),
            downstream_unsupported_operations: unsupported.collect(),
            limits: covered.limits.iter().map(ShownLimit::of).collect(),
            deleted_records: covered.deleted,
            coverage: Coverage::of(&covered),
            variants: if plain { Vec::new() } else { variants.iter().map(Variant::of).collect() },
        })
    }
}

impl Coverage {
    pub(super) fn of(covered: &ResourceCoverage) -> Self {
        let paging = covered.paging.unwrap_or(PagingKind::None);
        let native = match paging {
            PagingKind::Cursor | PagingKind::Page | PagingKind::Offset | PagingKind::NextUrl => true,
            PagingKind::None | PagingKind::Sliced | PagingKind::Sequence | PagingKind::Parents => false,
        };
        let listed = covered.paging.is_some();
        let lists = if listed { properties(&covered.fields, |line| line.readable) } else { Vec::new() };
        Self {
            downstream: Downstream::of(covered),
            pagination_supported: listed,
            pagination: Pagination {
                mode: if native { "native" } else { "virtual" },
                paging_support: listed,
                limit_support: listed,
            },
            supported_operations: covered.operations.clone(),
            supported_filters: covered.filters.clone(),
            supported_sort_by: covered.sorts.clone(),
            supported_fields: properties(&covered.fields, |line| line.readable || line.writable),
            supported_list_fields: lists,
            evidence: covered.evidence,
        }
    }
}

impl Variant {
    fn of(covered: &ResourceCoverage) -> Self {
        let needed = covered.conditions.iter();
        Self {
            settings: covered.when.settings.clone(),
            supported_operations: covered.operations.clone(),
            operation_settings: needed
                .map(|(operation, when)| OperationSettings { operation: *operation, settings: when.settings.clone() })
                .collect(),
            supported_filters: covered.filters.clone(),
            supported_sort_by: covered.sorts.clone(),
            evidence: covered.evidence,
        }
    }
}

/// Dotted paths as a tree.
fn properties(lines: &[FieldCoverage], wanted: impl Fn(&FieldCoverage) -> bool) -> Vec<SupportedProperty> {
    let mut tree: Vec<SupportedProperty> = Vec::new();
    for line in lines.iter().filter(|line| wanted(line)) {
        let (parents, name) = line.field.rsplit_once('.').unwrap_or(("", &line.field));
        let mut place = &mut tree;
        for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
            let Some(index) = place.iter().position(|property| property.unified_property == parent) else { continue };
            place = &mut place[index].child_properties;
        }
        place.push(SupportedProperty {
            unified_property: name.to_owned(),
            readable: line.readable,
            writable: line.writable,
            evidence: line.evidence,
            child_properties: Vec::new(),
        });
    }
    tree
}

/// Every resource that a connector serves with some settings or other.
pub(super) fn served(definition: &ConnectorDefinition) -> Vec<ResourceCoverage> {
    let every = coverage(definition);
    every.chunk_by(|one, next| one.resource == next.resource).filter_map(overall).collect()
}

pub(super) const LIVE: &str = "live";
pub(super) const BETA: &str = "beta";

/// What nobody has seen is beta.
pub(super) fn status(covered: &ResourceCoverage) -> &'static str {
    if covered.evidence == Evidence::Assumed || covered.has_only_assumed_fields() { BETA } else { LIVE }
}

/// `custom-objects`: Custom Objects.
pub(super) fn title(id: &str) -> String {
    let words = id.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

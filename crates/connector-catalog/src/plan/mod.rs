//! What a definition compiles to: everything that a call needs, with nothing left to look up by name.

mod chosen;
mod custom_field;
mod deleted;
mod error;
mod holes;
mod list;
mod not_offered;
mod oauth;
pub(crate) mod selection;
mod setting;
mod side_table;
pub mod template;
mod vendor;
mod write;

pub use chosen::Plan;
pub(crate) use chosen::setting_of;
pub use custom_field::*;
pub use deleted::*;
pub use error::PlanError;
pub use list::*;
pub use not_offered::*;
pub use oauth::*;
pub use setting::*;
pub use side_table::*;
pub use vendor::*;
pub use write::*;
pub(crate) use write::{first_name, holes};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use field_mapping::{CustomMapping, Diagnostic, Evidence, KindGuard, Mapping, VendorPath};
use unified_model::{CanonicalSchema, Operation, Resource, ServiceId};

use crate::plan::template::Template;

/// One vendor.
#[derive(Debug, Clone)]
pub struct ConnectorDefinition {
    /// Its identifier.
    pub service_id: ServiceId,
    /// Its name for people.
    pub name: String,
    /// What it is, in a few words.
    pub tag_line: Option<String>,
    /// What its resources are held against.
    pub schema: &'static CanonicalSchema,
    /// Which implementation of `Connector` serves it.
    pub protocol: Protocol,
    /// The vendor's own documentation.
    pub docs: Option<String>,
    /// What a consumer fills in.
    pub settings: Vec<Setting>,
    /// The address that request paths are added to.
    pub base_url: Template,
    /// How calls are authorised.
    pub auth: Auth,
    /// Headers of every call.
    pub headers: Vec<(String, Template)>,
    /// Query parameters of every call.
    pub query: Vec<(String, Template)>,
    /// What a record id looks like; anything else cannot exist.
    pub ids: Option<Pattern>,
    /// How much the vendor allows, per connection.
    pub limits: Limits,
    /// How long one unified call may take in all.
    pub timeout: Duration,
    /// When a safe read is repeated.
    pub retry: RetryPolicy,
    /// How vendor answers become errors; the first match wins.
    pub errors: Vec<ErrorRule>,
    /// Where the vendor's own error message is, in the order tried.
    pub error_messages: Vec<VendorPath>,
    /// Where the vendor's own error code is, in the order tried.
    pub error_codes: Vec<VendorPath>,
    /// Where the vendor tells the version of a record.
    pub entity_tag: EntityTag,
    /// The request that tells whether the vendor takes the credentials.
    pub check: Option<RequestTemplate>,
    /// Where the vendor tells its own limits.
    pub limit_headers: LimitHeaders,
    /// Small tables, cached by connection.
    pub lookups: BTreeMap<String, Lookup>,
    /// The zone of the vendor's times that name none: an IANA name, or a setting that holds one.
    pub time_zone: Option<Template>,
    /// Its resources, each with its variants in the order tried.
    pub resources: BTreeMap<Resource, Vec<Variant>>,
    /// What the vendor itself does not offer.
    pub not_offered: BTreeMap<Resource, Vec<NotOffered>>,
    /// What is sound and yet doubtful in the file, for lint.
    pub warnings: Vec<Diagnostic>,
}

impl ConnectorDefinition {
    /// The same with fields that an application defines, by resource; resources that have no place for them are left alone.
    #[must_use]
    pub fn with_custom_mappings(&self, mappings: &BTreeMap<Resource, Vec<CustomMapping>>) -> Self {
        let mut mapped = self.clone();
        for (resource, custom) in mappings {
            let has_place = self.schema.resource(*resource).record.property("custom_mappings").is_some();
            let variants = mapped.resources.get_mut(resource).filter(|_| has_place);
            for entity in variants.into_iter().flatten().flat_map(|variant| &mut variant.parts) {
                entity.mapping = Arc::new(entity.mapping.with_custom(custom.clone()));
            }
        }
        mapped
    }
}

/// One way to serve a resource, and the settings with which it is the one.
#[derive(Debug, Clone)]
pub struct Variant {
    /// When it is taken; of several that hold, the first.
    pub when: Condition,
    /// The vendor's entities that make the resource: one, or those of a sequence in their order. Never empty.
    pub parts: Vec<ResourceDefinition>,
}

/// One vendor entity that is served as a resource, or as a part of one.
#[derive(Debug, Clone)]
pub struct ResourceDefinition {
    /// Which one.
    pub resource: Resource,
    /// The file of its mapping, below `mappings/<service_id>/`.
    pub mapping_name: String,
    /// What stands before its records' ids, where it is a part of a sequence.
    pub id_prefix: String,
    /// Which new records go to it, where it is a part of a sequence.
    pub takes: Takes,
    /// What a record id looks like; anything else cannot exist.
    pub ids: Option<Pattern>,
    /// What tells its records from others that share the end-point.
    pub kind: Option<KindGuard>,
    /// What becomes of records that the vendor marks as deleted.
    pub deleted: Deleted,
    /// What the vendor refuses a record without.
    pub requires: Vec<Requirement>,
    /// The member that holds a new record's id, where we choose it: a random UUID.
    pub mint: Option<String>,
    /// Lists of links that follow a member of the record.
    pub follows: Vec<Follow>,
    /// Members that tell of another record in several words.
    pub completes: Vec<Completion>,
    /// Extra data that is put into a record before it is mapped.
    pub loads: Vec<Load>,
    /// References that are checked before anything is written.
    pub references: Vec<Reference>,
    /// Fields that must have one of the values that a row of a lookup lists.
    pub one_of: Vec<OneOf>,
    /// Whether the answer to a write is the whole record, so that what it lacks is not there.
    pub answers_record: bool,
    /// Canonical fields to vendor fields and back.
    pub mapping: Arc<Mapping>,
    /// Rows that stand in tables of their own.
    pub side_tables: Vec<SideTable>,
    /// Where fields are found that the account has of its own; empty: nobody can say.
    pub custom_fields: Vec<CustomFields>,
    /// How sure the definition is.
    pub evidence: Evidence,
    /// The requests that are less sure than that.
    pub doubtful: Vec<Doubtful>,
    /// The operations that depend on settings.
    pub conditions: BTreeMap<Operation, Condition>,
    /// Listing.
    pub all: Option<ListPlan>,
    /// Fetching one.
    pub one: Option<OnePlan>,
    /// Creating.
    pub add: Option<WritePlan>,
    /// Changing.
    pub update: Option<WritePlan>,
    /// Removing.
    pub delete: Option<DeletePlan>,
}

/// A request of which less is known than of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubtful {
    /// Method and path, as the definition has them.
    pub request: String,
    /// How sure it is.
    pub evidence: Evidence,
}

/// Which new records an entity of a sequence takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Takes {
    /// Canonical members that must be there, and not null.
    pub has: Vec<String>,
    /// What `type` may be; empty: anything.
    pub types: Vec<String>,
}

/// A canonical field that refers to another record, and how that record is known to be there.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The canonical field.
    pub field: String,
    /// How it is checked.
    pub check: ReferenceCheck,
}

/// How a record is known to be there.
#[derive(Debug, Clone)]
pub enum ReferenceCheck {
    /// It has a row in a lookup.
    Lookup(String),
    /// It is fetched; `{id}` is its id.
    Request(RequestTemplate),
}

/// A field whose vendor value must be one of those that a row of a lookup lists.
#[derive(Debug, Clone)]
pub struct OneOf {
    /// The canonical field.
    pub field: String,
    /// The top-level vendor member that holds the value.
    pub member: String,
    /// The lookup.
    pub lookup: String,
    /// Where the record holds the key of the row.
    pub by: VendorPath,
    /// What the row of a record that names none has; empty: it is the first.
    pub without: Vec<(VendorPath, serde_json::Value)>,
    /// Where the row lists its values.
    pub of: VendorPath,
    /// What separates them, where they are one text.
    pub split: Option<String>,
    /// Whether a new record without a value gets the first.
    pub new_is_first: bool,
}

/// A member that tells of another record in several words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The record's top-level vendor member.
    pub member: String,
    /// The member of it that holds the other record's id.
    pub by: String,
    /// The lookup that has a row for the id.
    pub lookup: String,
    /// The members of the row that stand beside the id, under the same names.
    pub take: Vec<String>,
}

/// A list of links that has an entry for what a member of the record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    /// The list's top-level vendor member.
    pub list: String,
    /// The member of an entry that holds the id of the record at the other end.
    pub key: String,
    /// The record's top-level vendor member that holds the same id.
    pub member: String,
}

/// A vendor member that no record may lack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Where it is.
    pub at: VendorPath,
    /// The canonical fields any of which fills it.
    pub fields: Vec<String>,
}

/// Method, path, fixed query and encoding of a vendor request.
#[derive(Debug, Clone)]
pub struct RequestTemplate {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: http::Method,
    /// The path below the base address; holes are percent-encoded.
    pub path: Template,
    /// Fixed parameters; one whose hole is empty is left out. They go into the form where `encode` is `form`.
    pub query: Vec<(String, Template)>,
    /// How a body is written.
    pub encode: Encoding,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// XML that names the record at the other end of a link: `send: { uri: "Users(guid'{item.Id}')" }` (protocol `odata`).
    #[serde(rename = "odata_link")]
    Link,
}

/// How to fetch one record.
#[derive(Debug, Clone)]
pub struct OnePlan {
    /// The request; `{id}` is the record's id.
    pub request: RequestTemplate,
    /// Where the record is in the answer; with `pick`, where the records are.
    pub record: VendorPath,
    /// How the vendor says that there is no such record.
    pub empty: Emptiness,
    /// The answer is a list, from which the record is taken that has its id here.
    pub pick: Option<VendorPath>,
}

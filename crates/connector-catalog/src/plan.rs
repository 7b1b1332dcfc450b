//! What a definition compiles to: everything that a call needs, with nothing left to look up by name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use field_mapping::{Evidence, KindGuard, Mapping, Probe, VendorPath};
use serde_json::Value;
use unified_model::{Operation, Resource, ServiceId};

use crate::PlanError;
use crate::template::Template;

/// One vendor.
#[derive(Debug, Clone)]
pub struct ConnectorDefinition {
    /// Its identifier.
    pub service_id: ServiceId,
    /// Its name for people.
    pub name: String,
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
    /// Small tables, cached by connection.
    pub lookups: BTreeMap<String, Lookup>,
    /// Its resources.
    pub resources: BTreeMap<Resource, ResourceDefinition>,
}

/// A protocol that vendors share, or, for `agile`, what one vendor needs beyond `rest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// JSON over HTTP, described by the definition alone.
    Rest,
    /// `rest` plus Agile CRM's filter rules.
    Agile,
}

/// A value that a consumer fills in. Served as a form field.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its key.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Its input type.
    pub input: SettingInput,
    /// A pattern that the whole value must match.
    pub pattern: Option<Pattern>,
    /// Whether a connection is callable without it.
    pub required: bool,
    /// Whether it is sealed at rest and never shown.
    pub sensitive: bool,
    /// Its value when none is given.
    pub default: Option<String>,
    /// A hint for the person.
    pub help: Option<String>,
}

/// Input types of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingInput {
    /// One line of text.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A secret.
    Password,
    /// An absolute https address (http only where the operator allows private addresses).
    Url,
}

/// A regular expression that must match a whole text, and its source.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written.
    pub source: String,
    /// Compiled, anchored at both ends.
    pub regex: regex_lite::Regex,
}

/// How a call is authorised.
#[derive(Debug, Clone)]
pub enum Auth {
    /// HTTP Basic.
    Basic {
        /// The user part.
        username: Template,
        /// The password part.
        password: Template,
    },
    /// `Authorization: Bearer <token>`.
    Bearer {
        /// The token.
        token: Template,
    },
    /// Any header.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: Template,
    },
}

/// Requests per time and at once, for one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many requests.
    pub requests: u32,
    /// In what time.
    pub per: Duration,
    /// How many at once.
    pub concurrency: u32,
}

/// When and how a safe read is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// The vendor statuses that are repeated.
    pub on: Vec<u16>,
    /// How often in all, the first time included.
    pub attempts: u32,
    /// The first wait.
    pub base: Duration,
    /// What each further wait is multiplied by.
    pub factor: f64,
    /// Whether waits are shortened by chance, by up to half.
    pub jitter: bool,
    /// The header that says how long to wait (seconds or an HTTP date).
    pub wait_header: Option<String>,
}

/// One way in which a vendor says no.
#[derive(Debug, Clone)]
pub struct ErrorRule {
    /// The HTTP status; `None`: any.
    pub status: Option<u16>,
    /// Only on these operations; empty: all.
    pub on: Vec<Operation>,
    /// Only on these steps; empty: all.
    pub steps: Vec<String>,
    /// Only when the JSON body has this member.
    pub has: Option<VendorPath>,
    /// Only when the body is text rather than JSON.
    pub text: bool,
    /// Only when the body contains this.
    pub contains: Option<String>,
    /// What it means.
    pub meaning: ErrorMeaning,
    /// A sentence for the caller, instead of the vendor's.
    pub message: Option<String>,
}

/// What a vendor's error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorMeaning {
    /// There is no such record.
    NotFound,
    /// The credentials are wrong or have expired.
    Credentials,
    /// The credentials are right, but this is not allowed.
    Forbidden,
    /// Too many requests.
    RateLimited,
    /// The vendor's cursor is no longer valid.
    CursorGone,
    /// The vendor refuses what was sent.
    Refused,
}

/// A small table of the vendor's, fetched whole and cached by connection.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// How to fetch it.
    pub request: RequestTemplate,
    /// Where its rows are.
    pub records: VendorPath,
    /// The member that rows are found by.
    pub key: VendorPath,
    /// How long it is kept.
    pub cache: Duration,
}

/// One resource of a vendor.
#[derive(Debug, Clone)]
pub struct ResourceDefinition {
    /// Which one.
    pub resource: Resource,
    /// What tells its records from others that share the end-point.
    pub kind: Option<KindGuard>,
    /// Canonical fields to vendor fields and back.
    pub mapping: Arc<Mapping>,
    /// How sure the definition is.
    pub evidence: Evidence,
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
}

/// How to list. [`ListPlan::choose`] takes the way that can carry the request's filters and sort. Whatever lists is safe to
/// repeat, also where the vendor wants a POST for it.
#[derive(Debug, Clone)]
pub struct ListPlan {
    /// The alternatives in the order tried, then the base way, which works without filters and is taken where it suffices.
    pub ways: Vec<ListWay>,
}

/// One way to list.
#[derive(Debug, Clone)]
pub struct ListWay {
    /// The canonical filters that it can carry. Those that stand as holes in the request must all be there.
    pub filters: Vec<(String, Comparison)>,
    /// Filters that must be there for this way to work.
    pub needs: Vec<String>,
    /// The canonical sorts that it can carry.
    pub sorts: Vec<String>,
    /// How a sort is sent.
    pub sort: Option<SortStyle>,
    /// The request.
    pub request: RequestTemplate,
    /// Where the records are; `$` is the whole answer.
    pub records: VendorPath,
    /// How it pages.
    pub paging: Paging,
    /// How filters are written that are no hole of the request.
    pub rules: Option<FilterRules>,
}

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Equal or later, equal or greater.
    Ge,
    /// The text contains the value.
    Contains,
}

/// How a sort is sent. The vendor's field comes from the mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortStyle {
    /// One parameter: the field, with a leading `-` for descending.
    Signed {
        /// The parameter.
        send: String,
    },
    /// Two parameters.
    Pair {
        /// The parameter for the field.
        by: String,
        /// The parameter for the direction.
        direction: String,
        /// Its value for ascending.
        ascending: String,
        /// Its value for descending.
        descending: String,
    },
}

/// Named ways to write filters that a template cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterRules {
    /// Agile CRM's `filterJson` (protocol `agile`).
    AgileFilter,
}

/// How a list pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// The answer is everything there is, at most a record or a few: no cursor.
    None,
    /// The answer is the whole list; we slice it.
    Sliced,
    /// An opaque cursor.
    Cursor {
        /// The page size parameter and its largest value.
        size: PageSize,
        /// The cursor parameter.
        send: String,
        /// Where the next cursor is.
        next: Probe,
        /// Where the total is.
        total: Option<Probe>,
    },
    /// A page number.
    Page {
        /// The page size parameter and its largest value.
        size: PageSize,
        /// The page number parameter.
        send: String,
        /// The number of the first page.
        first: u64,
        /// Where the total is.
        total: Option<Probe>,
    },
    /// A number of records to skip.
    Offset {
        /// The page size parameter and its largest value.
        size: PageSize,
        /// The offset parameter.
        send: String,
        /// Where the total is.
        total: Option<Probe>,
    },
    /// The address of the next page in the answer; only its query is used.
    NextUrl {
        /// The page size parameter and its largest value.
        size: PageSize,
        /// Where the address is.
        next: Probe,
        /// Where the total is.
        total: Option<Probe>,
    },
}

/// The page size parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSize {
    /// Its name.
    pub send: String,
    /// The largest value that the vendor takes.
    pub max: u16,
}

/// How to fetch one record.
#[derive(Debug, Clone)]
pub struct OnePlan {
    /// The request; `{id}` is the record's id.
    pub request: RequestTemplate,
    /// Where the record is in the answer.
    pub record: VendorPath,
}

/// How to write a record.
#[derive(Debug, Clone)]
pub struct WritePlan {
    /// The first alternative that covers the change is taken.
    pub alternatives: Vec<StepsAlternative>,
    /// Whether the current record is read first: for the kind, for a difference, or to be written over.
    pub reads_current: bool,
}

/// A sequence of vendor calls and the changes that it can carry.
#[derive(Debug, Clone)]
pub struct StepsAlternative {
    /// The top-level vendor members that it can change; `None`: all. An alternative with `covers` takes nothing away.
    pub covers: Option<Vec<String>>,
    /// The calls, in order. A step none of whose members changed is skipped.
    pub steps: Vec<Step>,
}

/// One vendor call of a write.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name: in error details, warnings, `_raw`, and as `pass_through.operation_id`.
    pub id: String,
    /// The request.
    pub request: RequestTemplate,
    /// The body.
    pub send: Send,
    /// Whether the write succeeds without it; its failure is a warning then.
    pub optional: bool,
    /// Where the new record's id is in the answer (`add`).
    pub new_id: Option<VendorPath>,
}

/// What a step sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Send {
    /// No body.
    Nothing,
    /// The whole vendor record that was written (`add`), less `drop`.
    Record {
        /// Top-level members that are left out.
        drop: Vec<String>,
    },
    /// Only what changed, and the id where the definition says so.
    Changed {
        /// The member that carries the record's id.
        id: Option<String>,
    },
    /// The current record with the changes applied.
    Over {
        /// Members set from places in the same record.
        carry: Vec<(String, VendorPath)>,
        /// Top-level members that are left out.
        drop: Vec<String>,
    },
    /// Named members.
    Members(Vec<(String, MemberSource)>),
}

/// Where a member of a step's body comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberSource {
    /// The record's id.
    Id,
    /// What changed in this top-level vendor member (the whole member on `add`).
    Changed(String),
    /// Entries of a list that are new.
    AddedTo(String),
    /// Entries of a list that went away.
    RemovedFrom(String),
    /// A member of the lookup row whose key is the changed value at a path.
    Lookup {
        /// The lookup's name.
        table: String,
        /// Where the key is in the written record.
        by: VendorPath,
        /// The row's member to send.
        take: VendorPath,
    },
    /// A fixed value.
    Const(Value),
}

/// How to remove a record.
#[derive(Debug, Clone)]
pub struct DeletePlan {
    /// The request.
    pub request: RequestTemplate,
    /// Whether the record is fetched first, for vendors that answer alike whether it was there or not, and for the kind.
    pub reads_current: bool,
}

/// What to do for one call: a connector, a resource and an operation that the connector offers.
#[derive(Debug, Clone)]
pub struct Plan {
    connector: Arc<ConnectorDefinition>,
    resource: Resource,
    operation: Operation,
}

impl ConnectorDefinition {
    /// The plan for an operation.
    pub fn plan(self: &Arc<Self>, resource: Resource, operation: Operation) -> Result<Plan, PlanError> {
        let supported = self.resources.get(&resource).map(ResourceDefinition::operations).unwrap_or_default();
        if supported.contains(&operation) {
            return Ok(Plan { connector: Arc::clone(self), resource, operation });
        }
        Err(PlanError::Unsupported { service: self.service_id.clone(), resource, operation, supported })
    }
}

impl ResourceDefinition {
    /// The operations that the vendor offers.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        let offered = [
            (Operation::All, self.all.is_some()),
            (Operation::One, self.one.is_some()),
            (Operation::Add, self.add.is_some()),
            (Operation::Update, self.update.is_some()),
            (Operation::Delete, self.delete.is_some()),
        ];
        offered.into_iter().filter_map(|(operation, is_offered)| is_offered.then_some(operation)).collect()
    }
}

impl Plan {
    /// The connector.
    #[must_use]
    pub fn connector(&self) -> &Arc<ConnectorDefinition> {
        &self.connector
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The resource's definition.
    #[must_use]
    pub fn resource(&self) -> &ResourceDefinition {
        &self.connector.resources[&self.resource]
    }
}

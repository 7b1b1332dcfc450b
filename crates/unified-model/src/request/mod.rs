//! The unified request and its one fallible constructor, shared by HTTP and by case files.

pub(crate) mod findings;
pub mod listing;
mod moment;
pub(crate) mod parameters;
pub(crate) mod query;
pub(crate) mod suggest;
pub mod validate;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::answer::{Position, Warning};
use crate::request::findings::Findings;
use crate::request::query::Query;
use crate::request::validate::{CheckedBody, check_body};
use crate::schema::{CanonicalSchema, ObjectType};
use crate::vocabulary::{Operation, RecordId, Resource, UnknownName};

/// A request as it arrives, before anything is checked.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// The resource that the path names.
    pub resource: Resource,
    /// The operation that method and path name.
    pub operation: Operation,
    /// The percent-decoded id of the list or custom object in the path.
    pub parent: Option<&'a str>,
    /// The percent-decoded record id in the path.
    pub id: Option<&'a str>,
    /// The query string as received, still percent-encoded, without `?`.
    pub query: &'a str,
    /// The body as received; `None` where the operation takes none.
    pub body: Option<&'a [u8]>,
}

/// A request that is valid against the canonical schema.
#[derive(Debug, Clone)]
pub struct UnifiedRequest {
    /// Which resource.
    pub resource: Resource,
    /// What to do with it.
    pub operation: Operation,
    /// The list or custom object that holds the records.
    pub parent: Option<RecordId>,
    /// The record; always there for `one`, `update` and `delete`.
    pub id: Option<RecordId>,
    /// What to write: without `pass_through`, without read-only members, and on `update` without a null in a required
    /// member. Only the `id` of a list's item stays on `update`, read-only or not: it says which item is meant.
    pub body: Map<String, Value>,
    /// Conditions of a list, all of which must hold.
    pub filters: Vec<Filter>,
    /// The order of a list.
    pub sort: Option<Sort>,
    /// Records per page, 1 to 200.
    pub limit: u16,
    /// The sealed cursor, as sent.
    pub cursor: Option<String>,
    /// Where the list continues: set by the gateway once it has opened `cursor`.
    pub position: Option<Position>,
    /// The members to answer with; `None`: all.
    pub fields: Option<FieldSelection>,
    /// Whether to add the vendor's own answer as `_raw`.
    pub raw: bool,
    /// `pass_through[...]`: parameters for the vendor's query, in the order sent.
    pub pass_through_query: Vec<(String, PassThroughValue)>,
    /// `pass_through` of the body.
    pub pass_through: Vec<PassThroughBody>,
    /// What the constructor left out of `body`, to be repeated in `meta.warnings`.
    pub warnings: Vec<Warning>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The member of `filter[...]`.
    pub field: String,
    /// The value to compare with.
    pub value: FilterValue,
}

/// A filter's value in its type.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterValue {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// An instant (`updated_since`, `created_since`).
    Instant(Timestamp),
}

/// The order of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The canonical member to sort by.
    pub by: String,
    /// Which way.
    pub direction: Direction,
}

/// Which way to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// A value of `pass_through[...]`, as nested as its brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassThroughValue {
    /// One value.
    Text(String),
    /// A repeated key.
    List(Vec<String>),
    /// Further brackets.
    Nested(Vec<(String, PassThroughValue)>),
}

/// Vendor-specific additions to a write.
#[derive(Debug, Clone, PartialEq)]
pub struct PassThroughBody {
    /// The connector that they are for; others ignore them.
    pub service_id: String,
    /// The step that they are for; `None`: the first that sends a body.
    pub operation_id: Option<String>,
    /// Merged over the vendor's body, object by object.
    pub extend_object: Option<Map<String, Value>>,
    /// Values put at JSON paths of the vendor's body.
    pub extend_paths: Vec<(String, Value)>,
}

/// The members that a caller wants (`fields=id,emails.email`). Members that the schema requires are always kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSelection {
    /// Dotted paths as sent, in order, without repeats; every path exists in the schema.
    pub paths: Vec<String>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: `limit`, `filter[name]`, `emails[0].type`, `body`.
    pub at: String,
    /// What is wrong and what would be right, one sentence without a final stop.
    pub message: String,
}

/// A request that cannot be served as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The request breaks the contract; all violations that were found, at most 20.
    #[error("the request is not valid: {}", .0.iter().map(|v| format!("{}: {}", v.at, v.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Violation>),
    /// The path's id can belong to no record.
    #[error("`{0}` is not a possible id")]
    ImpossibleId(String),
}

impl UnifiedRequest {
    /// Reads a request and checks it against the schema of its unified API.
    ///
    /// # Errors
    /// [`RequestError`] with every violation found.
    pub fn new(schema: &CanonicalSchema, parts: RequestParts<'_>) -> Result<Self, RequestError> {
        Self::completed(schema, parts, |_| ())
    }

    /// The same; a new record is completed before it is checked.
    ///
    /// # Errors
    /// [`RequestError`] with every violation found.
    pub fn completed(
        schema: &CanonicalSchema,
        parts: RequestParts<'_>,
        complete: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<Self, RequestError> {
        let schema = schema.resource(parts.resource);
        let parent = parts.parent.map(record_id).transpose()?;
        let id = match parts.operation {
            Operation::One | Operation::Update | Operation::Delete => Some(record_id(parts.id.unwrap_or_default())?),
            Operation::All | Operation::Add => None,
        };
        let mut findings = Findings::default();
        let query = Query::parse(parts.query, &mut findings);
        let mut request = Self {
            resource: parts.resource,
            operation: parts.operation,
            parent,
            id,
            body: Map::new(),
            filters: Vec::new(),
            sort: None,
            limit: parameters::limit(&Query::default(), &mut findings),
            cursor: None,
            position: None,
            fields: None,
            raw: parameters::raw(&query, &mut findings),
            pass_through_query: Vec::new(),
            pass_through: Vec::new(),
            warnings: Vec::new(),
        };
        match parts.operation {
            Operation::All => {
                request.filters = parameters::filters(&query, schema, &mut findings);
                request.sort = parameters::sort(&query, schema, &mut findings);
                request.limit = parameters::limit(&query, &mut findings);
                request.cursor = query.scalar("cursor", &mut findings).map(str::to_owned);
                request.fields = parameters::fields(&query, &schema.record, &mut findings);
                request.pass_through_query = query.tree("pass_through", &mut findings);
            }
            Operation::One => {
                request.fields = parameters::fields(&query, &schema.record, &mut findings);
                // The contract lets one record of one resource be filtered, and no other.
                if parts.resource == Resource::Contacts {
                    request.filters = parameters::filters(&query, schema, &mut findings);
                }
            }
            Operation::Add | Operation::Update => {
                let mut sent = members(parts.body, &mut findings);
                if let (Operation::Add, Some(sent)) = (parts.operation, &mut sent) {
                    complete(sent);
                }
                if let Some(checked) =
                    sent.and_then(|sent| checked(sent, &schema.record, parts.operation, &mut findings))
                {
                    request.body = checked.body;
                    request.pass_through = checked.pass_through;
                    request.warnings = checked.warnings;
                }
            }
            Operation::Delete => request.pass_through_query = query.tree("pass_through", &mut findings),
        }
        if findings.violations.is_empty() { Ok(request) } else { Err(RequestError::Invalid(findings.violations)) }
    }
}

fn record_id(text: &str) -> Result<RecordId, RequestError> {
    text.parse().map_err(|error: UnknownName| RequestError::ImpossibleId(error.found))
}

/// Reads and checks the body of a write.
pub(crate) fn body(
    bytes: Option<&[u8]>,
    record: &ObjectType,
    operation: Operation,
    findings: &mut Findings,
) -> Option<CheckedBody> {
    checked(members(bytes, findings)?, record, operation, findings)
}

/// The members of a JSON object.
fn members(bytes: Option<&[u8]>, findings: &mut Findings) -> Option<Map<String, Value>> {
    let bytes = bytes.unwrap_or_default();
    if bytes.trim_ascii().is_empty() {
        findings.violation("body", "is empty; send a JSON object");
        return None;
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => return Some(members),
        Ok(other) => findings.violation("body", format!("must be a JSON object; found {}", validate::found(&other))),
        Err(error) => findings.violation("body", format!("is not valid JSON: {error}")),
    }
    None
}

fn checked(
    members: Map<String, Value>,
    record: &ObjectType,
    operation: Operation,
    findings: &mut Findings,
) -> Option<CheckedBody> {
    let checked = check_body(members, record, operation);
    checked.map_err(|found| found.into_iter().for_each(|one| findings.violation(one.at, one.message))).ok()
}

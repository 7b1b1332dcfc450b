//! What a connector covers, derived from its definition and never written twice.

pub(crate) mod connector_page;
pub(crate) mod page;

use field_mapping::{Evidence, FieldCoverage};
use unified_model::{Operation, Resource};

use crate::plan::template::verbatim;
use crate::plan::{
    Because, Condition, ConnectorDefinition, Deleted, Doubtful, ListWay, Paging, Part, ResourceDefinition, Variant,
};

/// What a connector covers of one resource, in one of its variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceCoverage {
    /// The resource.
    pub resource: Resource,
    /// The settings with which this variant is the one, unless an earlier one of the resource is.
    pub when: Condition,
    /// The operations offered.
    pub operations: Vec<Operation>,
    /// The operations that need settings beyond the variant's own.
    pub conditions: Vec<(Operation, Condition)>,
    /// The filters of a list, in the order declared.
    pub filters: Vec<String>,
    /// Those of the filters that no request carries: the gateway holds each record to them.
    pub post_filtered: Vec<String>,
    /// The sorts of a list, in the order declared.
    pub sorts: Vec<String>,
    /// The canonical fields served.
    pub fields: Vec<FieldCoverage>,
    /// How a list without filters pages; `None` where there is no list.
    pub paging: Option<PagingKind>,
    /// How sure the definition is.
    pub evidence: Evidence,
    /// The requests that are less sure than that.
    pub doubtful: Vec<Doubtful>,
    /// What the vendor calls the records: the last word of the path that one is fetched from.
    pub entities: Vec<String>,
    /// What is lost between the vendor's records and the canonical ones.
    pub losses: Vec<String>,
    /// What becomes of records that the vendor marks as deleted; `None`: nothing is known of such.
    pub deleted: Option<DeletedRecords>,
    /// What the contract has and is not supported here, each with whose limit that is.
    pub limits: Vec<Limit>,
}

/// What becomes of records that the vendor marks as deleted. An update of one answers that there is no such record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletedRecords {
    /// Lists leave them out, and fetched by their id they are not there.
    LeftOut,
    /// They are shown as what they are.
    Shown,
}

/// A part of the contract that is not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Which: an operation, a filter of the list or a sort of it.
    pub part: LimitedPart,
    /// Whose limit it is.
    pub because: Because,
}

/// A part of the contract.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitedPart {
    /// An operation.
    Operation(Operation),
    /// A filter of the list.
    Filter(String),
    /// A sort of the list.
    Sort(String),
}

impl ResourceCoverage {
    /// Whether nobody has seen what the vendor calls a single field.
    #[must_use]
    pub fn has_only_assumed_fields(&self) -> bool {
        let mut served = self.fields.iter().filter(|line| line.readable || line.writable).peekable();
        served.peek().is_some() && served.all(|line| line.evidence == Evidence::Assumed)
    }
}

/// How a list pages, without its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PagingKind {
    /// One answer, which is all there is.
    None,
    /// One answer, which the gateway slices.
    Sliced,
    /// An opaque cursor.
    Cursor,
    /// A page number.
    Page,
    /// A number of records to skip.
    Offset,
    /// The address of the next page.
    NextUrl,
    /// Several lists, one after the other.
    Sequence,
    /// The lists of other records, one after the other.
    Parents,
}

/// What a connector covers, resource by resource, every variant of each.
#[must_use]
pub fn coverage(connector: &ConnectorDefinition) -> Vec<ResourceCoverage> {
    let resources = connector.resources.iter();
    resources
        .flat_map(|(resource, variants)| variants.iter().map(|variant| of_variant(connector, *resource, variant)))
        .collect()
}

/// What of the contract a connector lacks in a resource that it does not serve at all.
#[must_use]
pub fn unserved(connector: &ConnectorDefinition, resource: Resource) -> Vec<Limit> {
    limits(connector, resource, Offered::default())
}

/// What a resource offers.
#[derive(Clone, Copy, Default)]
struct Offered<'o> {
    operations: &'o [Operation],
    filters: &'o [String],
    sorts: &'o [String],
}

/// What the contract has beyond what is offered. Without a list there is nothing to filter or to sort.
fn limits(connector: &ConnectorDefinition, resource: Resource, offered: Offered<'_>) -> Vec<Limit> {
    let Offered { operations, filters, sorts } = offered;
    let schema = connector.schema.resource(resource);
    let missing = schema.operations.iter().copied().filter(|operation| !operations.contains(operation));
    let mut parts: Vec<LimitedPart> = missing.map(LimitedPart::Operation).collect();
    if operations.contains(&Operation::All) {
        let names = schema.filters.properties.iter().map(|property| &property.name);
        parts.extend(names.filter(|name| !filters.contains(name)).cloned().map(LimitedPart::Filter));
        parts.extend(schema.sorts.iter().filter(|name| !sorts.contains(name)).cloned().map(LimitedPart::Sort));
    }
    let because = |part: &LimitedPart| match part {
        LimitedPart::Operation(operation) => connector.because(resource, Part::Operation(*operation)),
        LimitedPart::Filter(name) => connector.because(resource, Part::Filter(name)),
        LimitedPart::Sort(name) => connector.because(resource, Part::Sort(name)),
    };
    parts.into_iter().map(|part| Limit { because: because(&part), part }).collect()
}

/// What becomes of deleted records in the entities that know of some.
fn deleted(parts: &[ResourceDefinition]) -> Option<DeletedRecords> {
    parts.iter().find_map(|part| match part.deleted {
        Deleted::Unsaid | Deleted::Never => None,
        Deleted::LeftOut(_) => Some(DeletedRecords::LeftOut),
        Deleted::Shown(_) => Some(DeletedRecords::Shown),
    })
}

fn of_variant(connector: &ConnectorDefinition, resource: Resource, variant: &Variant) -> ResourceCoverage {
    let parts = &variant.parts;
    let defined: Vec<Operation> = Operation::EVERY
        .iter()
        .copied()
        .filter(|operation| parts.iter().any(|part| part.defines(*operation)))
        .collect();
    let conditions = defined.iter().filter_map(|operation| Some((*operation, needed(parts, *operation)?))).collect();
    let paging = if variant.is_sequence() { Some(PagingKind::Sequence) } else { parts.first().and_then(paging) };
    let filters = in_any(parts, |way| way.filter_names().collect());
    let sent = in_any(parts, |way| way.filters.iter().map(|(name, _)| name.as_str()).collect());
    let post_filtered = filters.iter().filter(|name| !sent.contains(name)).cloned().collect();
    // Lists in a row are in no common order.
    let sorts = match parts.iter().filter(|part| part.all.is_some()).count() {
        2.. => Vec::new(),
        _ => in_any(parts, |way| way.sorts.iter().map(String::as_str).collect()),
    };
    ResourceCoverage {
        resource,
        when: variant.when.clone(),
        limits: limits(connector, resource, Offered { operations: &defined, filters: &filters, sorts: &sorts }),
        deleted: deleted(parts),
        operations: defined,
        conditions,
        filters,
        post_filtered,
        sorts,
        fields: fields(parts),
        paging,
        evidence: parts.iter().map(|part| part.evidence).max_by_key(|evidence| doubt(*evidence)).unwrap_or_default(),
        doubtful: parts.iter().flat_map(|part| &part.doubtful).fold(Vec::new(), known_once),
        entities: parts.iter().filter_map(entity).collect(),
        losses: parts
            .iter()
            .flat_map(|part| part.mapping.losses())
            .fold(Vec::new(), |losses, loss| with(losses, &loss.message)),
    }
}

/// What a connector covers of one resource with some settings or other: every variant of `variants` at once.
#[must_use]
pub fn overall(variants: &[ResourceCoverage]) -> Option<ResourceCoverage> {
    let (first, others) = variants.split_first()?;
    let mut overall = ResourceCoverage { when: Condition::default(), ..first.clone() };
    for variant in others {
        let is_offered =
            |operation: &Operation| overall.operations.contains(operation) || variant.operations.contains(operation);
        overall.operations = Operation::EVERY.iter().copied().filter(is_offered).collect();
        overall.filters = variant.filters.iter().fold(overall.filters, with);
        overall.post_filtered = variant.post_filtered.iter().fold(overall.post_filtered, with);
        overall.sorts = variant.sorts.iter().fold(overall.sorts, with);
        overall.doubtful = variant.doubtful.iter().fold(overall.doubtful, known_once);
        overall.entities = variant.entities.iter().fold(overall.entities, with);
        overall.losses = variant.losses.iter().fold(overall.losses, with);
        overall.limits.retain(|limit| variant.limits.contains(limit));
        overall.deleted = overall.deleted.or(variant.deleted);
        for line in &variant.fields {
            match overall.fields.iter_mut().find(|known| known.field == line.field) {
                Some(known) => served_by_either(known, line),
                None => overall.fields.push(line.clone()),
            }
        }
        if doubt(variant.evidence) < doubt(overall.evidence) {
            overall.evidence = variant.evidence;
        }
    }
    Some(overall)
}

/// The list with a request that it lacks.
fn known_once(mut all: Vec<Doubtful>, one: &Doubtful) -> Vec<Doubtful> {
    if !all.contains(one) {
        all.push(one.clone());
    }
    all
}

/// The list with a name that it lacks.
fn with(mut names: Vec<String>, name: &String) -> Vec<String> {
    if !names.contains(name) {
        names.push(name.clone());
    }
    names
}

fn entity(part: &ResourceDefinition) -> Option<String> {
    let base = part.all.as_ref().and_then(|list| list.base_first().next());
    let request = part.one.as_ref().map(|one| &one.request).or_else(|| base.map(|way| &way.request))?;
    let path = request.path.render(|_| Some("".into()), verbatim).ok()?;
    // `Companies(guid'')` is `Companies`.
    let words = path.split('/').map(|segment| segment.split('(').next().unwrap_or_default());
    words.rev().find(|word| !word.is_empty()).map(str::to_owned)
}

/// The settings that an operation needs; `None` where some entity offers it in any case.
fn needed(parts: &[ResourceDefinition], operation: Operation) -> Option<Condition> {
    let mut conditions = parts.iter().filter(|part| part.defines(operation)).map(|part| part.condition(operation));
    let first = conditions.next()?;
    (!first.is_empty() && conditions.all(|condition| !condition.is_empty())).then_some(first)
}

/// What some list of the entities carries, in the order declared: the entities that do not carry it are left out.
fn in_any<'p>(parts: &'p [ResourceDefinition], names: impl Fn(&'p ListWay) -> Vec<&'p str>) -> Vec<String> {
    let lists = parts.iter().filter_map(|part| part.all.as_ref());
    let all = lists.flat_map(|list| list.base_first().flat_map(&names));
    all.fold(Vec::new(), |known, name| with(known, &name.to_owned()))
}

/// Every canonical field; it is served where any entity serves it.
fn fields(parts: &[ResourceDefinition]) -> Vec<FieldCoverage> {
    let mut lists = parts.iter().map(|part| part.mapping.coverage());
    let mut fields = lists.next().unwrap_or_default();
    for list in lists {
        for line in list {
            let Some(known) = fields.iter_mut().find(|known| known.field == line.field) else { continue };
            served_by_either(known, &line);
        }
    }
    fields
}

fn served_by_either(known: &mut FieldCoverage, line: &FieldCoverage) {
    if line.readable && (!known.readable || doubt(line.evidence) > doubt(known.evidence)) {
        known.evidence = line.evidence;
    }
    known.readable |= line.readable;
    known.writable |= line.writable;
}

fn doubt(evidence: Evidence) -> u8 {
    match evidence {
        Evidence::Documented => 0,
        Evidence::Seen => 1,
        Evidence::Assumed => 2,
    }
}

fn paging(part: &ResourceDefinition) -> Option<PagingKind> {
    let list = part.all.as_ref()?;
    if list.parents.is_some() {
        return Some(PagingKind::Parents);
    }
    list.base_first().next().map(|base| kind(&base.paging))
}

fn kind(paging: &Paging) -> PagingKind {
    match paging {
        Paging::None => PagingKind::None,
        Paging::Sliced => PagingKind::Sliced,
        Paging::Cursor { .. } => PagingKind::Cursor,
        Paging::Page { .. } => PagingKind::Page,
        Paging::Offset { .. } => PagingKind::Offset,
        Paging::NextUrl { .. } => PagingKind::NextUrl,
    }
}

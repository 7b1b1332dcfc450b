//! What a connector covers, derived from its definition and never written twice.

use field_mapping::{Evidence, FieldCoverage};
use unified_model::{Operation, Resource};

use crate::plan::{ConnectorDefinition, ListPlan, ListWay, Paging, ResourceDefinition};

/// What a connector covers of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceCoverage {
    /// The resource.
    pub resource: Resource,
    /// The operations offered.
    pub operations: Vec<Operation>,
    /// The filters of a list, in the order declared.
    pub filters: Vec<String>,
    /// The sorts of a list, in the order declared.
    pub sorts: Vec<String>,
    /// The canonical fields served.
    pub fields: Vec<FieldCoverage>,
    /// How a list without filters pages; `None` where there is no list.
    pub paging: Option<PagingKind>,
    /// How sure the definition is.
    pub evidence: Evidence,
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
}

/// What a connector covers, resource by resource.
#[must_use]
pub fn coverage(connector: &ConnectorDefinition) -> Vec<ResourceCoverage> {
    connector.resources.values().map(of_resource).collect()
}

fn of_resource(definition: &ResourceDefinition) -> ResourceCoverage {
    let ways: Vec<&ListWay> = definition.all.iter().flat_map(ListPlan::base_first).collect();
    ResourceCoverage {
        resource: definition.resource,
        operations: definition.operations(),
        filters: in_order(ways.iter().flat_map(|way| way.filters.iter().map(|(name, _)| name))),
        sorts: in_order(ways.iter().flat_map(|way| &way.sorts)),
        fields: definition.mapping.coverage(),
        paging: ways.first().map(|base| kind(&base.paging)),
        evidence: definition.evidence,
    }
}

fn in_order<'n>(names: impl Iterator<Item = &'n String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        if !seen.contains(name) {
            seen.push(name.clone());
        }
    }
    seen
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

//! The page that says which vendor does what: `docs/coverage.md`, and the same page served for the definitions that are in use.

use field_mapping::{Evidence, FieldCoverage};
use unified_model::{Operation, Resource};

use crate::catalog::Catalog;
use crate::coverage::page::{Block, Page};
use crate::coverage::{DeletedRecords, Limit, LimitedPart, PagingKind, ResourceCoverage, coverage, overall, unserved};
use crate::plan::{Because, Condition, ConnectorDefinition};

/// Every connector's coverage, first side by side, then one by one.
#[must_use]
pub fn coverage_page(catalog: &Catalog) -> Page {
    let mut blocks = vec![
        Block::Heading(1, "Coverage".to_owned()),
        Block::Text(
            "What each connector serves, made from its definition. Each cell lists the operations: all, one, add, update, \
             delete. An operation that is not here answers `ConnectorOperationUnsupportedError`, a filter or sort that is \
             not here is refused with those that are; `detail.because` says `vendor` where the vendor itself has nothing \
             for it, and `definition` where it is our definition that does not say how."
                .to_owned(),
        ),
        Block::Text(
            "An update changes the custom fields that it names, and no others. Every other list replaces the items that the \
             record shows, and leaves alone what it does not show. What is sent as it was read changes nothing."
                .to_owned(),
        ),
        Block::Text(
            "Evidence says where a definition's facts are from: documented by the vendor, seen in public code, or assumed."
                .to_owned(),
        ),
    ];
    let connectors: Vec<&ConnectorDefinition> = catalog.connectors().map(AsRef::as_ref).collect();
    blocks.push(side_by_side(&connectors));
    blocks.extend(connectors.iter().flat_map(|connector| of_connector(connector, 2)));
    Page { blocks }
}

/// One connector's coverage.
#[must_use]
pub fn connector_page(connector: &ConnectorDefinition) -> Page {
    Page { blocks: of_connector(connector, 1) }
}

/// One resource, with every setting: its variants in one.
fn merged(connector: &ConnectorDefinition) -> Vec<ResourceCoverage> {
    coverage(connector).chunk_by(|one, next| one.resource == next.resource).filter_map(overall).collect()
}

fn side_by_side(connectors: &[&ConnectorDefinition]) -> Block {
    let covered: Vec<Vec<ResourceCoverage>> = connectors.iter().map(|connector| merged(connector)).collect();
    let mut rows = Vec::new();
    for resource in Resource::EVERY {
        let of = |list: &Vec<ResourceCoverage>| list.iter().find(|covered| covered.resource == *resource).cloned();
        let cells: Vec<Option<ResourceCoverage>> = covered.iter().map(of).collect();
        if cells.iter().all(Option::is_none) {
            continue;
        }
        let shown = cells.into_iter().map(|cell| match cell {
            Some(covered) => format!("{} ({})", operations(&covered.operations), known(&covered)),
            None => "–".to_owned(),
        });
        rows.push(std::iter::once(format!("`{resource}`")).chain(shown).collect());
    }
    let count = |list: &Vec<ResourceCoverage>| list.iter().map(|covered| covered.operations.len()).sum::<usize>();
    let counts = covered.iter().map(|list| format!("{} operations", count(list)));
    rows.push(std::iter::once("in all".to_owned()).chain(counts).collect());
    let head = connectors.iter().map(|connector| connector.name.clone());
    Block::Table(std::iter::once("resource".to_owned()).chain(head).collect(), rows)
}

fn of_connector(connector: &ConnectorDefinition, level: usize) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(level, format!("{} (`{}`)", connector.name, connector.service_id))];
    let settings = connector.settings.iter().map(|setting| {
        let need = if setting.required { "required" } else { "optional" };
        let default = setting.default.as_ref().map(|value| format!(", `{value}` unless given")).unwrap_or_default();
        let options = if setting.options.is_empty() { String::new() } else { format!(": {}", code(&setting.options)) };
        format!("`{}` ({need}{default}){options}", setting.name)
    });
    blocks.push(Block::Text(format!("Settings: {}.", settings.collect::<Vec<_>>().join("; "))));
    for covered in coverage(connector) {
        blocks.extend(of_resource(&covered, level + 1));
    }
    if let Some(list) = unserved_resources(connector) {
        blocks.extend([Block::Heading(level + 1, "not served".to_owned()), list]);
    }
    blocks
}

fn of_resource(covered: &ResourceCoverage, level: usize) -> Vec<Block> {
    let with = condition(&covered.when);
    let mut blocks = vec![Block::Heading(level, format!("{}{with}", covered.resource))];
    let mut facts = vec![
        format!("operations: {}", operations(&covered.operations)),
        format!("evidence: {}", word(covered.evidence)),
        format!("filters: {}", code_or_none(&covered.filters)),
        format!("sorts: {}", code_or_none(&covered.sorts)),
    ];
    if !covered.post_filtered.is_empty() {
        facts.insert(3, format!("filters that no request carries, so that the gateway reads the list and leaves out what does not fit: {}", code(&covered.post_filtered)));
    }
    facts.extend(limits(&covered.limits));
    facts.extend(covered.deleted.map(|deleted| format!("deleted records: {}", said_of(deleted))));
    facts.extend(covered.paging.map(|paging| format!("paging: {}", paged(paging))));
    for (operation, needed) in &covered.conditions {
        facts.push(format!("`{operation}` only{}", condition(needed)));
    }
    let named = |wanted: &dyn Fn(&FieldCoverage) -> bool| grouped(&covered.fields, wanted);
    facts.push(format!("read and written: {}", named(&|line| line.readable && line.writable)));
    facts.push(format!("only read: {}", named(&|line| line.readable && !line.writable)));
    let only_written = named(&|line| !line.readable && line.writable);
    if only_written != "none" {
        facts.push(format!("only written: {only_written}"));
    }
    let doubtful = |line: &FieldCoverage, evidence| (line.readable || line.writable) && line.evidence == evidence;
    for evidence in [Evidence::Seen, Evidence::Assumed] {
        let lines = named(&|line| doubtful(line, evidence) && evidence != covered.evidence);
        if lines != "none" {
            facts.push(format!("{}: {lines}", word(evidence)));
        }
    }
    for evidence in [Evidence::Seen, Evidence::Assumed] {
        let requests: Vec<String> = covered
            .doubtful
            .iter()
            .filter(|doubtful| doubtful.evidence == evidence)
            .map(|doubtful| doubtful.request.clone())
            .collect();
        if !requests.is_empty() {
            facts.push(format!("{} requests: {}", word(evidence), code(&requests)));
        }
    }
    blocks.push(Block::Items(facts));
    if !covered.losses.is_empty() {
        blocks.push(Block::Text("Losses:".to_owned()));
        blocks.push(Block::Items(covered.losses.clone()));
    }
    blocks
}

/// What is not supported: in one line all that is the definition's limit, and a line for each thing that is known of the vendor.
fn limits(limits: &[Limit]) -> Vec<String> {
    let mut lines: Vec<(&Because, Vec<String>)> = Vec::new();
    for limit in limits {
        let part = match &limit.part {
            LimitedPart::Operation(operation) => operation.to_string(),
            LimitedPart::Filter(name) => format!("filter `{name}`"),
            LimitedPart::Sort(name) => format!("sort `{name}`"),
        };
        match lines.iter_mut().find(|(because, _)| **because == limit.because) {
            Some((_, parts)) => parts.push(part),
            None => lines.push((&limit.because, vec![part])),
        }
    }
    let line = |(because, parts): (&Because, Vec<String>)| match because {
        Because::Vendor { evidence, why } => {
            format!("the vendor has no {} ({}: {why})", parts.join(", "), word(*evidence))
        }
        Because::Definition => format!("not defined: {}", parts.join(", ")),
    };
    lines.into_iter().map(line).collect()
}

fn said_of(deleted: DeletedRecords) -> &'static str {
    match deleted {
        DeletedRecords::LeftOut => "left out of lists; fetched, changed or removed by its id one is not there (404)",
        DeletedRecords::Shown => "shown as such; to be changed or removed one is not there (404)",
    }
}

/// The resources of the contract that a connector does not serve, by whose limit that is.
fn unserved_resources(connector: &ConnectorDefinition) -> Option<Block> {
    let missing = Resource::EVERY.iter().filter(|resource| !connector.resources.contains_key(resource));
    let lines: Vec<String> = missing
        .filter_map(|resource| {
            let limit = unserved(connector, *resource).into_iter().next()?;
            Some(match limit.because {
                Because::Vendor { evidence, why } => {
                    format!("`{resource}`: the vendor has none ({}: {why})", word(evidence))
                }
                Because::Definition => format!("`{resource}`: not defined"),
            })
        })
        .collect();
    (!lines.is_empty()).then_some(Block::Items(lines))
}

/// The fields as `name`, or `list` (`member`, …) where only some members are meant.
fn grouped(fields: &[FieldCoverage], wanted: &dyn Fn(&FieldCoverage) -> bool) -> String {
    let mut shown = Vec::new();
    for line in fields.iter().filter(|line| !line.field.contains('.')) {
        let below = format!("{}.", line.field);
        let members: Vec<&FieldCoverage> = fields.iter().filter(|member| member.field.starts_with(&below)).collect();
        let meant: Vec<String> = members
            .iter()
            .filter(|member| wanted(member))
            .map(|member| member.field[below.len()..].to_owned())
            .collect();
        if members.is_empty() && wanted(line) {
            shown.push(format!("`{}`", line.field));
        } else if !meant.is_empty() {
            shown.push(format!("`{}` ({})", line.field, code(&meant)));
        }
    }
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

fn operations(operations: &[Operation]) -> String {
    operations.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn condition(condition: &Condition) -> String {
    if condition.is_empty() { String::new() } else { format!(" with {condition}") }
}

fn code(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn code_or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { code(names) }
}

/// How sure the operations are, and whether the fields are less so.
fn known(covered: &ResourceCoverage) -> String {
    let fields = if covered.evidence != Evidence::Assumed && covered.has_only_assumed_fields() {
        ", fields assumed"
    } else {
        ""
    };
    format!("{}{fields}", word(covered.evidence))
}

fn word(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "documented",
        Evidence::Seen => "seen",
        Evidence::Assumed => "assumed",
    }
}

fn paged(paging: PagingKind) -> &'static str {
    match paging {
        PagingKind::None => "one answer",
        PagingKind::Sliced => "one answer, cut into pages by the gateway",
        PagingKind::Cursor => "the vendor's cursor",
        PagingKind::Page => "page numbers",
        PagingKind::Offset => "offsets",
        PagingKind::NextUrl => "the vendor's address of the next page",
        PagingKind::Sequence => "several lists, one after the other",
        PagingKind::Parents => "the lists of other records, one after the other",
    }
}

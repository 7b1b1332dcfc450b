//! What the vendor does not offer: it must exist in the contract, have evidence, and not be offered after all.

use std::collections::BTreeMap;

use field_mapping::Evidence;
use unified_model::schema::ResourceSchema;
use unified_model::{CanonicalSchema, Resource};

use crate::check::checker::{Checker, listed};
use crate::file::{ConnectorFile, NotOfferedFile};
use crate::plan::{ListWay, NotOffered, Part, ResourceDefinition, Variant};
use field_mapping::yaml::{Place, Placed};

pub(crate) fn compile(
    written: &ConnectorFile,
    resources: &BTreeMap<Resource, Vec<Variant>>,
    schema: &CanonicalSchema,
    checker: &mut Checker<'_>,
) -> BTreeMap<Resource, Vec<NotOffered>> {
    let mut compiled = BTreeMap::new();
    for (name, statements) in written.not_offered.iter() {
        let Ok(resource) = name.value.parse::<Resource>() else {
            let allowed = listed(Resource::EVERY.iter().map(|resource| resource.as_str()));
            let message = format!("`not_offered`: there is no resource `{}`; allowed are {allowed}", name.value);
            checker.mistake(name.place, message);
            continue;
        };
        let schema = schema.resource(resource);
        let offered = resources.get(&resource).map(Vec::as_slice).unwrap_or_default();
        let statements = statements.iter().filter_map(|written| statement(written, schema, offered, checker));
        compiled.insert(resource, statements.collect());
    }
    compiled
}

fn statement(
    Placed { value: written, place }: &Placed<NotOfferedFile>,
    schema: &ResourceSchema,
    offered: &[Variant],
    checker: &mut Checker<'_>,
) -> Option<NotOffered> {
    let why = checker.filled("why", &written.why);
    let evidence = checker.word("evidence", &written.evidence);
    if evidence == Some(Evidence::Assumed) {
        let message = "`not_offered` needs evidence: documented or seen; what is only assumed is the definition's limit, so leave it out";
        checker.mistake(written.evidence.place, message);
    }
    let operations: Vec<_> =
        written.operations.iter().filter_map(|word| Some((checker.word("operations", word)?, word.place))).collect();
    let filters = schema.filters.properties.iter().map(|property| property.name.as_str()).collect();
    let known = |key, names| Known { key, names, resource: schema.resource };
    known("filters", filters).check(&written.filters, checker);
    known("sorts", schema.sorts.iter().map(String::as_str).collect()).check(&written.sorts, checker);
    let texts = |names: &[Placed<String>]| names.iter().map(|name| name.value.clone()).collect();
    let statement = NotOffered {
        operations: operations.iter().map(|(operation, _)| *operation).collect(),
        filters: texts(&written.filters),
        sorts: texts(&written.sorts),
        evidence: evidence?,
        why: why?,
    };
    if statement.is_whole() && !offered.is_empty() {
        checker.mistake(
            *place,
            format!("`not_offered`: {} are offered here; name the operations that are not", schema.resource),
        );
    }
    let parts = operations.iter().map(|(operation, place)| (Part::Operation(*operation), *place));
    let filters = written.filters.iter().map(|name| (Part::Filter(&name.value), name.place));
    let sorts = written.sorts.iter().map(|name| (Part::Sort(&name.value), name.place));
    for (part, place) in parts.chain(filters).chain(sorts).filter(|(part, _)| is_offered(*part, offered)) {
        contradicted(part, place, checker);
    }
    Some(statement)
}

/// Names that the contract has under a key.
struct Known<'k> {
    key: &'k str,
    names: Vec<&'k str>,
    resource: Resource,
}

impl Known<'_> {
    fn check(&self, written: &[Placed<String>], checker: &mut Checker<'_>) {
        let Self { key, names, resource } = self;
        for name in written.iter().filter(|name| !names.contains(&name.value.as_str())) {
            let allowed = listed(names.iter().copied());
            let message = format!("`{key}`: {resource} have no `{}`; allowed are {allowed}", name.value);
            checker.mistake(name.place, message);
        }
    }
}

fn is_offered(part: Part<'_>, offered: &[Variant]) -> bool {
    let parts = || offered.iter().flat_map(|variant| &variant.parts);
    let lists = |carries: &dyn Fn(&ListWay) -> bool| {
        parts().filter_map(|part: &ResourceDefinition| part.all.as_ref()).flat_map(|list| &list.ways).any(carries)
    };
    match part {
        Part::Operation(operation) => parts().any(|part| part.defines(operation)),
        Part::Filter(name) => lists(&|way| way.filter_names().any(|own| own == name)),
        Part::Sort(name) => lists(&|way| way.sorts.iter().any(|own| own == name)),
    }
}

fn contradicted(part: Part<'_>, place: Place, checker: &mut Checker<'_>) {
    let what = match part {
        Part::Operation(operation) => format!("the operation `{operation}`"),
        Part::Filter(name) => format!("the filter `{name}`"),
        Part::Sort(name) => format!("the sort `{name}`"),
    };
    checker.mistake(place, format!("`not_offered`: {what} is offered here; one of the two is wrong"));
}

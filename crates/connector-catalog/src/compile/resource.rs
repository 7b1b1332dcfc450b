//! One resource: its kind, its mapping, and how its operations lean on each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use field_mapping::{Evidence, KindGuard, Mapping, VendorPath};
use unified_model::schema::ResourceSchema;
use unified_model::{CanonicalSchema, Resource};

use super::checker::Checker;
use super::request::{Holes, Written, request};
use super::{MappingSources, list, write};
use crate::definition::{ConnectorFile, DeleteFile, First, OneFile, ResourceFile, WriteFile};
use crate::place::{Entries, Place, Placed};
use crate::plan::{DeletePlan, OnePlan, Requirement, ResourceDefinition};

/// What a resource is compiled against.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    pub(crate) connector: &'c ConnectorFile,
    pub(crate) mappings: &'c MappingSources<'c>,
}

pub(crate) fn compile(
    resource: Resource,
    place: Place,
    written: &ResourceFile,
    context: Context<'_>,
    checker: &mut Checker<'_>,
) -> Option<ResourceDefinition> {
    let schema = CanonicalSchema::built_in().resource(resource);
    let mapping = mapping(schema, place, context, checker);
    let kind = written.kind.as_ref().and_then(|kind| kind_guard(kind, checker));
    let requires = requirements(&written.requires, schema, checker);
    let evidence = checker.word_or("evidence", written.evidence.as_ref(), Evidence::Documented);
    let has_parent = matches!(resource, Resource::CustomObjects | Resource::ListMembers);
    let holes = Holes { id: true, parent: has_parent, filters: &[] };
    let listing = list::Listing { connector: context.connector, schema, mapping: mapping.as_deref(), has_parent };
    let all = written.all.as_ref().map(|all| list::compile(all, listing, checker));
    let one = written.one.as_ref().map(|one| one_plan(one, holes, checker));
    let of_kind = written.kind.is_some();
    let add =
        written.add.as_ref().map(|add| write::compile(add, write::Writing::add(context.connector, holes), checker));
    let update = written
        .update
        .as_ref()
        .map(|update| write::compile(update, write::Writing::update(context.connector, holes, of_kind), checker));
    let delete = written.delete.as_ref().map(|delete| delete_plan(delete, holes, of_kind, checker));
    check_operations(resource, place, written, checker);
    check_one(written, update.as_ref().and_then(|plan| Some(plan.as_ref()?.reads_current)), checker);
    let definition = ResourceDefinition {
        resource,
        kind,
        requires: requires?,
        mapping: mapping?,
        evidence: evidence?,
        all: settled(all)?,
        one: settled(one)?,
        add: settled(add)?,
        update: settled(update)?,
        delete: settled(delete)?,
    };
    Some(definition)
}

/// An operation that is offered must have compiled; one that is not offered is fine.
#[expect(clippy::option_option, reason = "a mistake and an operation that is not offered are two things")]
fn settled<T>(operation: Option<Option<T>>) -> Option<Option<T>> {
    match operation {
        None => Some(None),
        Some(compiled) => compiled.map(Some),
    }
}

fn mapping(
    schema: &ResourceSchema,
    place: Place,
    context: Context<'_>,
    checker: &mut Checker<'_>,
) -> Option<Arc<Mapping>> {
    let Some(sources) = context.mappings.get(&schema.resource) else {
        let service = &context.connector.service_id.value;
        let message = format!("`{0}` has no mapping; write mappings/{service}/{0}.yaml", schema.resource);
        checker.mistake(place, message);
        return None;
    };
    match Mapping::compile(sources, &BTreeMap::new(), schema) {
        Ok(mapping) => Some(Arc::new(mapping)),
        Err(mistakes) => {
            checker.mistakes(mistakes);
            None
        }
    }
}

fn kind_guard(written: &Placed<Entries<Placed<String>>>, checker: &mut Checker<'_>) -> Option<KindGuard> {
    if written.value.0.is_empty() {
        checker.mistake(written.place, "`kind` is empty; write a vendor path and its text, as in `{ type: PERSON }`");
    }
    let members: Vec<Option<(VendorPath, String)>> = written
        .value
        .iter()
        .map(|(path, text)| Some((checker.path("kind", path)?, checker.filled("kind", text)?)))
        .collect();
    Some(KindGuard { members: members.into_iter().collect::<Option<_>>()? })
}

fn requirements(
    written: &Entries<Placed<Vec<Placed<String>>>>,
    schema: &ResourceSchema,
    checker: &mut Checker<'_>,
) -> Option<Vec<Requirement>> {
    let mut requirements = Vec::new();
    for (path, fields) in written.iter() {
        if fields.value.is_empty() {
            checker.mistake(fields.place, "`requires` names no field that fills the member; write at least one");
        }
        for field in fields.value.iter().filter(|field| schema.record.property(&field.value).is_none()) {
            checker.mistake(field.place, format!("`requires`: {} have no field `{}`", schema.resource, field.value));
        }
        let fields = fields.value.iter().map(|field| field.value.clone()).collect();
        requirements.push(checker.path("requires", path).map(|at| Requirement { at, fields }));
    }
    requirements.into_iter().collect()
}

fn one_plan(written: &OneFile, holes: Holes<'_>, checker: &mut Checker<'_>) -> Option<OnePlan> {
    let parts = Written { request: &written.request, encode: written.encode.as_ref(), query: &written.query };
    let request = request(parts, holes, checker);
    let record = checker.path_or_whole("record", written.record.as_ref());
    Some(OnePlan { request: request?, record: record? })
}

fn delete_plan(written: &DeleteFile, holes: Holes<'_>, of_kind: bool, checker: &mut Checker<'_>) -> Option<DeletePlan> {
    let parts = Written { request: &written.request, encode: written.encode.as_ref(), query: &written.query };
    let request = request(parts, holes, checker);
    let first = written.first.as_ref().map(|first| checker.word("first", first));
    Some(DeletePlan { request: request?, reads_current: of_kind || first.flatten() == Some(First::One) })
}

fn check_operations(resource: Resource, place: Place, written: &ResourceFile, checker: &mut Checker<'_>) {
    let offers_one_by_id = written.one.is_some() || written.update.is_some() || written.delete.is_some();
    if written.all.is_none() && written.add.is_none() && !offers_one_by_id {
        checker.mistake(place, format!("`{resource}` offers nothing; write `all`, `one`, `add`, `update` or `delete`"));
    }
}

/// Whatever reads the current record first needs to know how.
fn check_one(written: &ResourceFile, update_reads: Option<bool>, checker: &mut Checker<'_>) {
    if written.one.is_some() {
        return;
    }
    if let Some(kind) = written.kind.as_ref().filter(|_| written.update.is_some() || written.delete.is_some()) {
        let message = "`kind` is checked before `update` and `delete`, which needs `one`; it is missing";
        checker.mistake(kind.place, message);
        return;
    }
    if let Some(update) = written.update.as_ref().filter(|_| update_reads == Some(true)) {
        checker.mistake(update.place, "`update` reads the current record first, which needs `one`; it is missing");
    }
    if let Some(first) = written.delete.as_ref().and_then(|delete| delete.first.as_ref()) {
        checker.mistake(first.place, "`first: one` needs `one`; it is missing");
    }
}

/// The names of every step of a resource.
pub(crate) fn step_ids(written: &ResourceFile) -> Vec<&str> {
    let mut ids = Vec::new();
    for (name, operation) in [("add", &written.add), ("update", &written.update)] {
        let Some(Placed { value: WriteFile { steps, choose, .. }, .. }) = operation else { continue };
        let chosen = choose.iter().flatten().flat_map(|choice| &choice.value.steps);
        ids.extend(steps.iter().flatten().chain(chosen).map(|step| step.value.id.value.as_str()));
        if steps.is_none() && choose.is_none() {
            ids.push(name);
        }
    }
    if written.delete.is_some() {
        ids.push("delete");
    }
    ids
}

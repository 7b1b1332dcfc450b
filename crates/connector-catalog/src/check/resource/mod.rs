//! One resource: its variants and entities, and of each the kind, the mapping, and how its operations lean on each other.

mod custom_field;
mod load;
mod one_of;
mod reference;
mod side_table;

use std::collections::BTreeMap;
use std::sync::Arc;

use field_mapping::{Evidence, KindGuard, Mapping, VendorPath};
use serde_json::Value;
use unified_model::schema::ResourceSchema;
use unified_model::{Operation, Resource};

use crate::check::checker::{Checker, listed};
use crate::check::envelope::Envelope;
use crate::check::request::{Holes, Written, request};
use crate::check::write::step::settled;
use crate::check::write::{self, send, step};
use crate::check::{MappingSources, condition, connector, deleted, doubtful, list};
use crate::file::values::{Entries, Scalar};
use crate::file::{ConnectorFile, DeleteFile, DeletedFile, First, OneFile, ResourceFile, TakesFile, WriteFile};
use crate::plan::{
    Condition, DeleteFrom, DeletePlan, Deleted, OnePlan, Pattern, Requirement, ResourceDefinition, Send, StepCondition,
    Takes, Variant, setting_of,
};
use field_mapping::yaml::{Place, Placed};

/// What a resource is compiled against.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    pub(crate) schema: &'c ResourceSchema,
    pub(crate) connector: &'c ConnectorFile,
    pub(crate) mappings: &'c MappingSources<'c>,
    pub(crate) ids: Option<&'c Pattern>,
}

/// What the parts of an entity are checked against.
#[derive(Clone, Copy)]
pub(crate) struct Entity<'c> {
    pub(crate) schema: &'c ResourceSchema,
    pub(crate) connector: &'c ConnectorFile,
    /// `None` where the mapping itself is wrong; what depends on it is not checked then.
    pub(crate) mapping: Option<&'c Mapping>,
}

/// A resource with its variants, of which most have one.
pub(crate) fn compile(
    place: Place,
    written: &ResourceFile,
    context: Context<'_>,
    checker: &mut Checker<'_>,
) -> Option<Vec<Variant>> {
    check_membership(written, checker);
    let Some(variants) = &written.variants else {
        return Some(vec![variant(place, written, context, checker)?]);
    };
    check_alone("variants", variants.place, written, checker);
    if written.when.is_some() {
        checker.mistake(variants.place, "`when` belongs to each of the `variants`");
    }
    let mut compiled = Vec::new();
    for (position, Placed { value: written, place }) in variants.value.iter().enumerate() {
        check_membership(written, checker);
        if let Some(inner) = &written.variants {
            checker.mistake(inner.place, "`variants`: a variant has none of its own");
        }
        if written.when.is_none() && position + 1 < variants.value.len() {
            checker
                .mistake(*place, "`variants`: one without `when` is always taken, so those after it are never reached");
        }
        compiled.push(variant(*place, written, context, checker));
    }
    if compiled.is_empty() {
        checker.mistake(variants.place, "`variants` is empty; write at least one");
    }
    compiled.into_iter().collect()
}

fn variant(place: Place, written: &ResourceFile, context: Context<'_>, checker: &mut Checker<'_>) -> Option<Variant> {
    let when = condition::optional(written.when.as_ref(), checker);
    let Some(sequence) = &written.sequence else {
        return Some(Variant { when, parts: vec![entity(place, written, context, checker)?] });
    };
    check_alone("sequence", sequence.place, written, checker);
    if sequence.value.len() < 2 {
        checker.mistake(sequence.place, "`sequence` needs two entities at least; one alone is the resource itself");
    }
    check_prefixes(&sequence.value, checker);
    let parts = sequence.value.iter().map(|part| {
        for nested in part.value.variants.iter().chain(&part.value.sequence) {
            checker.mistake(nested.place, "`sequence`: its entities have neither `variants` nor a `sequence`");
        }
        if let Some(when) = &part.value.when {
            checker.mistake(when.place, "`sequence`: write `when` at the operations of the entity, or at the resource");
        }
        entity(part.place, &part.value, context, checker)
    });
    let parts: Vec<Option<ResourceDefinition>> = parts.collect();
    Some(Variant { when, parts: parts.into_iter().collect::<Option<_>>()? })
}

/// What several variants or entities have, each has by itself.
fn check_alone(key: &str, place: Place, written: &ResourceFile, checker: &mut Checker<'_>) {
    let shared = written.kind.is_some()
        || written.mapping.is_some()
        || written.ids.is_some()
        || written.evidence.is_some()
        || !written.requires.0.is_empty()
        || written.mint.is_some()
        || written.deleted.is_some()
        || written.envelope.is_some()
        || !written.follows.0.is_empty()
        || !written.references.0.is_empty()
        || !written.one_of.0.is_empty()
        || !written.completes.0.is_empty()
        || written.answers.is_some()
        || !written.load.0.is_empty()
        || written.custom_fields.is_some()
        || (key == "variants" && written.sequence.is_some());
    if shared || offers_anything(written) {
        checker.mistake(place, format!("`{key}`: nothing but `when` may stand beside it; write the rest in each"));
    }
}

/// Keys that only an entity of a sequence has.
fn check_membership(written: &ResourceFile, checker: &mut Checker<'_>) {
    let places = [written.id_prefix.as_ref().map(|text| text.place), written.takes.as_ref().map(|takes| takes.place)];
    for place in places.into_iter().flatten() {
        checker.mistake(place, "`id_prefix` and `takes` are for the entities of a `sequence`");
    }
}

/// An id must say whose it is.
fn check_prefixes(parts: &[Placed<ResourceFile>], checker: &mut Checker<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for part in parts {
        let Some(prefix) = &part.value.id_prefix else {
            checker.mistake(part.place, "`sequence`: each entity needs an `id_prefix`, as in `task-`");
            continue;
        };
        let text = prefix.value.as_str();
        let is_plain = text.chars().all(|part| part.is_ascii_alphanumeric() || matches!(part, '-' | '_'));
        if text.is_empty() || text.len() > 32 || !is_plain {
            checker.mistake(prefix.place, format!("`id_prefix`: `{text}` must be letters, digits, `-` and `_`"));
        }
        if seen.iter().any(|other| other.starts_with(text) || text.starts_with(other)) {
            checker.mistake(prefix.place, format!("`id_prefix`: `{text}` begins like another one"));
        }
        seen.push(text);
    }
}

fn entity(
    place: Place,
    written: &ResourceFile,
    context: Context<'_>,
    checker: &mut Checker<'_>,
) -> Option<ResourceDefinition> {
    let Context { schema, connector, .. } = context;
    let resource = schema.resource;
    let named_after = Placed { value: resource.as_str().to_owned(), place };
    let mapping_name = written.mapping.as_ref().unwrap_or(&named_after);
    let mapping = mapping(mapping_name, context, checker);
    let entity = Entity { schema, connector, mapping: mapping.as_deref() };
    let ids = connector::optional_pattern("ids", written.ids.as_ref(), checker);
    let takes = takes(written.takes.as_ref(), schema, checker);
    let deleted = deleted::compile(written.deleted.as_ref(), mapping.as_deref(), checker);
    let kind = written.kind.as_ref().and_then(|kind| kind_guard(kind, checker));
    let envelope = Envelope::of(written.envelope.as_ref(), checker);
    let requires = requirements(&written.requires, schema, checker);
    let side_tables = side_table::compile(&written.side_tables, connector, checker);
    let custom_fields = custom_field::compile(written, connector, checker);
    let evidence = checker.word_or("evidence", written.evidence.as_ref(), Evidence::Documented);
    let has_parent = matches!(resource, Resource::CustomObjects | Resource::ListMembers);
    let holes = Holes { id: true, parent: has_parent, ..Holes::default() };
    let mint = load::mint(written.mint.as_ref(), checker);
    let minted = mint.as_ref().and_then(Option::as_deref);
    let references = reference::compile(&written.references, schema, connector, checker);
    let one_of = one_of::compile(&written.one_of, entity, checker);
    let answers = written.answers.as_ref().map(|answers| checker.word("answers", answers));
    let follows = load::follows(&written.follows, mapping.as_deref(), checker);
    let completes = load::completes(&written.completes, entity, checker);
    let loads = load::loads(&written.load, holes, checker);
    let loaded: Vec<String> = written.load.iter().map(|(member, _)| member.value.clone()).collect();
    let listing = list::Listing {
        connector,
        schema,
        mapping: mapping.as_deref(),
        has_parent,
        place,
        mapping_name: &mapping_name.value,
        envelope,
    };
    let all = written.all.as_ref().map(|all| list::compile(all, listing, checker));
    let one = written.one.as_ref().map(|one| one_plan(one, holes, envelope, checker));
    let of_kind = written.kind.is_some();
    let always = StepCondition::default();
    let writing = |operation| write::Writing {
        operation,
        chosen: &always,
        connector,
        mapping: mapping.as_deref(),
        holes,
        of_kind,
        envelope,
        minted,
        loaded: &loaded,
    };
    let add = written.add.as_ref().map(|add| write::compile(add, writing(Operation::Add), checker));
    let update = written.update.as_ref().map(|update| write::compile(update, writing(Operation::Update), checker));
    let delete = written.delete.as_ref().map(|delete| delete_plan(delete, writing(Operation::Delete), checker));
    if !offers_anything(written) {
        checker.mistake(place, format!("`{resource}` offers nothing; write `all`, `one`, `add`, `update` or `delete`"));
    }
    check_one(written, update.as_ref().and_then(|plan| Some(plan.as_ref()?.reads_current)), checker);
    let definition = ResourceDefinition {
        resource,
        mapping_name: mapping_name.value.clone(),
        id_prefix: written.id_prefix.as_ref().map(|prefix| prefix.value.clone()).unwrap_or_default(),
        takes,
        ids: ids?.or_else(|| context.ids.cloned()),
        kind: guarded(kind, deleted.as_ref()?),
        deleted: deleted?,
        requires: requires?,
        mint: mint?,
        follows: follows?,
        references: references?,
        one_of: one_of?,
        answers_record: settled(answers)?.is_some(),
        completes: completes?,
        loads: loads?,
        mapping: mapping?,
        side_tables: side_tables?,
        custom_fields: custom_fields?,
        evidence: evidence?,
        doubtful: doubtful::requests(written, checker),
        conditions: conditions(written, checker),
        all: settled(all)?,
        one: settled(one)?,
        add: settled(add)?,
        update: settled(update)?,
        delete: settled(delete)?,
    };
    Some(definition)
}

/// The operations that depend on settings.
fn conditions(written: &ResourceFile, checker: &mut Checker<'_>) -> BTreeMap<Operation, Condition> {
    let when = [
        (Operation::All, written.all.as_ref().and_then(|all| all.when.as_ref())),
        (Operation::One, written.one.as_ref().and_then(|one| one.when.as_ref())),
        (Operation::Add, written.add.as_ref().and_then(|add| add.value.when.as_ref())),
        (Operation::Update, written.update.as_ref().and_then(|update| update.value.when.as_ref())),
        (Operation::Delete, written.delete.as_ref().and_then(|delete| delete.when.as_ref())),
    ];
    let conditions = when.map(|(operation, when)| (operation, condition::optional(when, checker)));
    conditions.into_iter().filter(|(_, condition)| !condition.is_empty()).collect()
}

fn takes(written: Option<&Placed<TakesFile>>, schema: &ResourceSchema, checker: &mut Checker<'_>) -> Takes {
    let Some(Placed { value: written, .. }) = written else { return Takes::default() };
    for name in written.has.iter().filter(|name| schema.record.property(&name.value).is_none()) {
        checker.mistake(name.place, format!("`takes`: {} have no field `{}`", schema.resource, name.value));
    }
    if let Some(first) = written.types.first().filter(|_| schema.record.property("type").is_none()) {
        checker.mistake(first.place, format!("`takes`: {} have no field `type`", schema.resource));
    }
    let texts = |names: &[Placed<String>]| names.iter().map(|name| name.value.clone()).collect();
    Takes { has: texts(&written.has), types: texts(&written.types) }
}

fn mapping(
    Placed { value: name, place }: &Placed<String>,
    context: Context<'_>,
    checker: &mut Checker<'_>,
) -> Option<Arc<Mapping>> {
    let Some(sources) = context.mappings.get(name) else {
        let service = &context.connector.service_id.value;
        checker.mistake(*place, format!("`{name}` has no mapping; write mappings/{service}/{name}.yaml"));
        return None;
    };
    match Mapping::compile(sources, &BTreeMap::new(), context.schema) {
        Ok(mapping) => {
            let known = context.connector.lookups.names();
            for table in mapping.tables().iter().filter(|table| !known.contains(&table.as_str())) {
                let lookups = listed(known.iter().copied());
                let message =
                    format!("the mapping `{name}` looks up `{table}`, which is no lookup; the lookups are {lookups}");
                checker.mistake(*place, message);
            }
            Some(Arc::new(mapping))
        }
        Err(mistakes) => {
            checker.mistakes(mistakes);
            None
        }
    }
}

/// The guard of the kind, which leaves out deleted records as well where they are not shown.
fn guarded(kind: Option<KindGuard>, deleted: &Deleted) -> Option<KindGuard> {
    match deleted {
        Deleted::Unsaid | Deleted::Never | Deleted::Shown(_) => kind,
        Deleted::LeftOut(mark) => Some(KindGuard { deleted: Some(mark.clone()), ..kind.unwrap_or_default() }),
    }
}

fn kind_guard(written: &Placed<Entries<Placed<Scalar>>>, checker: &mut Checker<'_>) -> Option<KindGuard> {
    if written.value.0.is_empty() {
        checker.mistake(written.place, "`kind` is empty; write a vendor path and its text, as in `{ type: PERSON }`");
    }
    let members: Vec<Option<(VendorPath, Value)>> = written
        .value
        .iter()
        .map(|(path, Placed { value: Scalar(value), place })| {
            let setting = value.as_str().and_then(setting_of);
            if let Some(name) = setting.filter(|name| !checker.settings().contains(name)) {
                checker.mistake(*place, format!("`kind`: there is no setting `{name}`"));
            }
            if value.as_str().is_some_and(|text| text.trim().is_empty()) {
                checker.mistake(*place, "`kind` is empty");
            }
            Some((checker.path("kind", path)?, value.clone()))
        })
        .collect();
    Some(KindGuard { members: members.into_iter().collect::<Option<_>>()?, ..KindGuard::default() })
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

fn one_plan(written: &OneFile, holes: Holes<'_>, envelope: Envelope<'_>, checker: &mut Checker<'_>) -> Option<OnePlan> {
    let parts = Written { request: &written.request, encode: written.encode.as_ref(), query: &written.query };
    let request = request(parts, holes, checker);
    let pick = written.pick.as_ref().map(|pick| checker.path("pick", pick));
    let record = match (&written.pick, &written.record, &written.records) {
        (Some(_), Some(record), _) => {
            checker.mistake(record.place, "`record` is one record; with `pick` say where the `records` are");
            None
        }
        (None, _, Some(records)) => {
            checker.mistake(records.place, "`records` needs `pick`, which says where a record's id is");
            None
        }
        (Some(_), None, records) => {
            checker.path_or_whole("records", records.as_ref()).map(|records| envelope.records(records))
        }
        (None, record, None) => checker.path_or_whole("record", record.as_ref().or(envelope.record)),
    };
    let empty = checker.empty(&written.empty);
    Some(OnePlan { request: request?, record: record?, empty, pick: settled(pick)? })
}

fn delete_plan(written: &DeleteFile, writing: write::Writing<'_>, checker: &mut Checker<'_>) -> Option<DeletePlan> {
    let parts = Written { request: &written.request, encode: written.encode.as_ref(), query: &written.query };
    let request = request(parts, writing.holes, checker);
    let send = match &written.send {
        None => Some(Send::Nothing),
        Some(tree) => send::compile(tree, writing, checker).inspect(|send| {
            if !matches!(send, Send::Nothing | Send::Members(_)) {
                checker.mistake(tree.place, "`send` of a `delete` is members and their sources: it changes nothing");
            }
            if let Some(request) = &request {
                step::check_body(request, send, tree, checker);
            }
        }),
    };
    let first = written.first.as_ref().map(|first| checker.word("first", first));
    let reads_current = writing.of_kind || first.flatten() == Some(First::One);
    let from = delete_from(written, writing, reads_current, checker);
    let shared: Vec<Option<VendorPath>> = written.shared.iter().map(|path| checker.path("shared", path)).collect();
    if let Some(first) = written.shared.first().filter(|_| !reads_current) {
        checker.mistake(first.place, "`shared` is looked at in the record, so write `first: one`");
    }
    let shared: Option<Vec<VendorPath>> = shared.into_iter().collect();
    Some(DeletePlan { request: request?, send: send?, reads_current, from: from?, shared: shared? })
}

/// The record must say what it belongs to: the mapping names the path with the filter.
fn delete_from(
    written: &DeleteFile,
    writing: write::Writing<'_>,
    reads_current: bool,
    checker: &mut Checker<'_>,
) -> Option<Vec<DeleteFrom>> {
    let query = Entries::default();
    let holes = Holes { parent: true, ..writing.holes };
    let mut all = Vec::new();
    for (filter, text) in written.from.iter() {
        let is_checked = |mapping: &Mapping| mapping.filter(&filter.value).is_some_and(|own| own.check.is_some());
        if writing.mapping.is_some_and(|mapping| !is_checked(mapping)) {
            let message = format!(
                "`from`: the mapping does not say where a record shows `{0}`; write `{0}: {{ check: path }}` under its `filters`",
                filter.value
            );
            checker.mistake(filter.place, message);
        }
        if !reads_current {
            checker.mistake(filter.place, "`from` is held to the record, so write `first: one`");
        }
        let request = request(Written { request: text, encode: None, query: &query }, holes, checker);
        all.push(request.map(|request| DeleteFrom { filter: filter.value.clone(), request }));
    }
    all.into_iter().collect()
}

fn offers_anything(written: &ResourceFile) -> bool {
    let by_id = written.one.is_some() || written.update.is_some() || written.delete.is_some();
    written.all.is_some() || written.add.is_some() || by_id
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
    if let Some(deleted) = written
        .deleted
        .as_ref()
        .filter(|deleted| written.update.is_some() && matches!(deleted.value, DeletedFile::Marked(_)))
    {
        checker.mistake(deleted.place, "`deleted` is checked before `update`, which needs `one`; it is missing");
        return;
    }
    if let Some(update) = written.update.as_ref().filter(|_| update_reads == Some(true)) {
        checker.mistake(update.place, "`update` reads the current record first, which needs `one`; it is missing");
    }
    if let Some(first) = written.delete.as_ref().and_then(|delete| delete.first.as_ref()) {
        checker.mistake(first.place, "`first: one` needs `one`; it is missing");
    }
}

/// The names of every step of a resource, in all its variants.
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
    let inner = written.variants.iter().chain(&written.sequence).flat_map(|written| &written.value);
    ids.extend(inner.flat_map(|written| step_ids(&written.value)));
    ids
}

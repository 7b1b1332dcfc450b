//! Which members of a lookup's rows a definition uses: the others are not kept.

use std::collections::{BTreeMap, BTreeSet};

use field_mapping::VendorPath;
use unified_model::Resource;

use crate::plan::{CustomFields, CustomFieldsFrom, Lookup, MemberSource, ResourceDefinition, Send, SideTable, Variant};

/// What is used of each lookup's rows; `None`: all of it.
type Used = BTreeMap<String, Option<BTreeSet<String>>>;

/// Tells each lookup which members of its rows are used.
pub(super) fn keep_used(lookups: &mut BTreeMap<String, Lookup>, resources: &BTreeMap<Resource, Vec<Variant>>) {
    let mut used = Used::new();
    for part in resources.values().flatten().flat_map(|variant| &variant.parts) {
        note_part(part, &mut used);
    }
    for (name, lookup) in lookups {
        note(&mut used, name, &lookup.key);
        lookup.members = used.remove(name).flatten();
    }
}

fn note_part(part: &ResourceDefinition, used: &mut Used) {
    for (table, paths) in part.mapping.taken() {
        for path in paths {
            note(used, table, path);
        }
    }
    part.side_tables.iter().for_each(|table| note_side_table(table, used));
    part.custom_fields.iter().for_each(|source| note_fields(source, used));
    for listed in &part.one_of {
        let paths = std::iter::once(&listed.of).chain(listed.without.iter().map(|(path, _)| path));
        paths.for_each(|path| note(used, &listed.lookup, path));
    }
    for completion in &part.completes {
        completion.take.iter().for_each(|member| note_member(used, &completion.lookup, member));
    }
    let writes = part.add.iter().chain(&part.update).flat_map(|write| &write.alternatives);
    let sends = writes.flat_map(|alternative| &alternative.steps).map(|step| &step.send);
    for send in sends.chain(part.delete.iter().map(|delete| &delete.send)) {
        note_send(send, used);
    }
}

fn note_side_table(table: &SideTable, used: &mut Used) {
    let Some(fields) = &table.fields else { return };
    let told = [&fields.name, &fields.switch].into_iter().chain(&fields.form);
    let members = told.chain(fields.of.iter().map(|(member, _)| member));
    members.for_each(|member| note_member(used, &fields.definitions, member));
    if let Some(choices) = &fields.choices {
        for member in [&choices.definition, &choices.label] {
            note_member(used, &choices.lookup, member);
        }
    }
}

fn note_fields(source: &CustomFields, used: &mut Used) {
    let CustomFieldsFrom::Lookup(table) = &source.from else { return };
    let shown = std::iter::once(&source.id).chain(&source.name).chain(&source.description);
    let guards = std::iter::once(&source.of).chain(&source.not);
    let guarded = guards.flat_map(|guard| {
        let marks = guard.deleted.iter().flat_map(|mark| mark.members.iter().map(|(path, _)| path));
        guard.members.iter().map(|(path, _)| path).chain(&guard.absent).chain(marks)
    });
    shown.chain(source.finder.holes()).chain(guarded).for_each(|path| note(used, table, path));
}

fn note_send(send: &Send, used: &mut Used) {
    let members = match send {
        Send::Members(members) | Send::Record { set: members, .. } => members,
        Send::Nothing | Send::Changed { .. } | Send::Over { .. } | Send::Item { .. } => return,
    };
    for (_, source) in members {
        note_source(source, used);
    }
}

fn note_source(source: &MemberSource, used: &mut Used) {
    match source {
        MemberSource::Lookup { table, take, .. } => note(used, table, take),
        MemberSource::List(sources) => sources.iter().for_each(|source| note_source(source, used)),
        MemberSource::Id
        | MemberSource::Changed(_)
        | MemberSource::At(..)
        | MemberSource::AddedTo(_)
        | MemberSource::RemovedFrom(_)
        | MemberSource::Each { .. }
        | MemberSource::Const(_)
        | MemberSource::Text(_) => {}
    }
}

/// A path that begins with no member reads the row as a whole.
fn note(used: &mut Used, table: &str, path: &VendorPath) {
    match path.root() {
        Some(member) => note_member(used, table, member),
        None => drop(used.insert(table.to_owned(), None)),
    }
}

fn note_member(used: &mut Used, table: &str, member: &str) {
    let members = used.entry(table.to_owned()).or_insert_with(|| Some(BTreeSet::new()));
    if let Some(members) = members {
        members.insert(member.to_owned());
    }
}

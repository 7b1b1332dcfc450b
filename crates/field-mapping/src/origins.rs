//! Which vendor members a canonical field is read from.

use crate::cases::Operand;
use crate::definition::{Body, Definition, Field, Source};
use crate::path::{Step, VendorPath};

/// The top-level canonical fields that something at this top-level vendor member goes into, directly or through other fields.
pub(crate) fn fields_of<'d>(definition: &'d Definition, member: &str) -> Vec<&'d str> {
    let mut found: Vec<&str> =
        definition.fields.iter().filter(|field| reads(field, member)).map(|field| field.name.as_str()).collect();
    loop {
        let next = definition.fields.iter().find(|field| {
            !found.contains(&field.name.as_str()) && leans_on(field).any(|other| found.contains(&top(other)))
        });
        let Some(next) = next else { return found };
        found.push(&next.name);
    }
}

/// Where the record's own id is.
pub(crate) fn id_at(definition: &Definition) -> Option<&VendorPath> {
    let id = definition.fields.iter().find(|field| field.name == "id")?;
    match &id.body {
        Body::Value(spot) => spot.at.first(),
        _ => None,
    }
}

fn reads(field: &Field, member: &str) -> bool {
    let starts = |path: &VendorPath| starts_in(path, member);
    match &field.body {
        Body::Value(spot) => spot.at.iter().any(starts),
        Body::Items(sources) => sources.iter().any(|source| items_read(source, member)),
        Body::Members(members) => members.iter().any(|field| reads(field, member)),
        Body::Constant { at, .. } => at.as_ref().is_some_and(starts),
        Body::Cases(cases) => cases.list.iter().flat_map(|case| &case.when).any(|(at, operand)| {
            let other = match operand {
                Operand::Literals(_) => None,
                Operand::At { at, .. } => Some(at),
                Operand::Lookup { by, .. } => Some(by),
            };
            starts(at) || other.is_some_and(starts)
        }),
        Body::Join { .. } | Body::Part(_) | Body::Index | Body::Computed(_) | Body::Undecoded => false,
    }
}

/// An item's own paths are relative to the list's element, unless it has no list.
fn items_read(source: &Source, member: &str) -> bool {
    match &source.each {
        Some(list) => starts_in(list, member),
        None => source.members.iter().any(|field| reads(field, member)),
    }
}

fn starts_in(path: &VendorPath, member: &str) -> bool {
    matches!(path.steps.first(), Some(Step::Member(name)) if name == member)
}

/// The canonical fields that a field is made of or falls back to.
fn leans_on(field: &Field) -> impl Iterator<Item = &str> {
    let parts: &[String] = match &field.body {
        Body::Join { parts, .. } => parts,
        Body::Computed(computed) => &computed.parts,
        _ => &[],
    };
    let part = match &field.body {
        Body::Part(part) => Some(part.field.as_str()),
        _ => None,
    };
    parts.iter().chain(&field.fallback).map(String::as_str).chain(part)
}

fn top(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

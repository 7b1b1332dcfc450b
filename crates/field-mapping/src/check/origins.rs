//! Which vendor members a canonical field is read from.

use std::collections::BTreeMap;

use crate::check::case::Operand;
use crate::check::checked::{Body, CUSTOM_FIELDS, CheckedMapping, Field, Source};
use crate::file::Mode;
use crate::path::{Step, VendorPath};

/// The top-level canonical fields that something at this top-level vendor member goes into, directly or through other fields.
pub(crate) fn fields_of<'d>(checked: &'d CheckedMapping, member: &str) -> Vec<&'d str> {
    let mut found: Vec<&str> =
        checked.fields.iter().filter(|field| reads(field, member)).map(|field| field.name.as_str()).collect();
    loop {
        let next = checked.fields.iter().find(|field| {
            !found.contains(&field.name.as_str()) && leans_on(field).any(|other| found.contains(&top(other)))
        });
        let Some(next) = next else { return found };
        found.push(&next.name);
    }
}

/// Where the record's own id is.
pub(crate) fn id_at(checked: &CheckedMapping) -> Option<&VendorPath> {
    let id = checked.fields.iter().find(|field| field.name == "id")?;
    id.body.spot()?.at.first()
}

/// Whether an entry of custom fields takes the field's id, and never its name.
pub(crate) fn writes_own_fields_by_id(checked: &CheckedMapping) -> bool {
    let own = checked.fields.iter().find(|field| field.name == CUSTOM_FIELDS && field.mode != Mode::Read);
    let Some(Body::Items(sources)) = own.map(|field| &field.body) else { return false };
    let writes = |source: &Source, name: &str| {
        source.members.iter().any(|member| member.name == name && member.mode != Mode::Read)
    };
    sources.iter().any(|source| source.each.is_some() && writes(source, "id") && !writes(source, "name"))
}

/// The canonical fields that are written to this top-level vendor member.
pub(crate) fn fields_written_to<'d>(checked: &'d CheckedMapping, member: &str) -> Vec<&'d str> {
    let fields = checked.fields.iter().filter(|field| places(field).any(|path| path.root() == Some(member)));
    fields.map(|field| field.name.as_str()).collect()
}

/// The top-level vendor members that canonical fields are written to, each with one of these.
pub(crate) fn written_members(checked: &CheckedMapping) -> BTreeMap<&str, &str> {
    let united = |name: &str| {
        let mut unions = checked.fields.iter().filter_map(|field| field.body.spot()).flat_map(|spot| &spot.union);
        unions.any(|own| own == name)
    };
    let fields = checked.fields.iter().filter(|field| !united(&field.name));
    let members = fields.flat_map(|field| places(field).map(move |path| (path.root(), field.name.as_str())));
    members.filter_map(|(root, field)| Some((root?, field))).collect()
}

/// Whether the member is a part of a whole that the vendor keeps beside its parts, and where that whole is written.
pub(crate) fn wholes<'d>(checked: &'d CheckedMapping, member: &str) -> Vec<&'d str> {
    let parts_of = |parts: &[String]| {
        let own = checked.fields.iter().filter(|field| parts.contains(&field.name));
        own.flat_map(places).any(|path| path.root() == Some(member))
    };
    let wholes = checked.fields.iter().filter_map(|field| {
        let Body::Join { parts, write: Some(path), .. } = &field.body else { return None };
        if parts_of(parts) { path.root() } else { None }
    });
    wholes.collect()
}

/// Where a field is written.
fn places(field: &Field) -> Box<dyn Iterator<Item = &VendorPath> + '_> {
    if field.mode == Mode::Read {
        return Box::new(std::iter::empty());
    }
    match &field.body {
        Body::Value(spot) => Box::new(spot.written_at().into_iter()),
        Body::Items(sources) => Box::new(sources.iter().flat_map(|source| {
            let written = source.members.iter().filter(|member| member.mode != Mode::Read);
            let columns = written.flat_map(places).filter(|_| source.each.is_none());
            let any = source.members.iter().any(|member| member.mode != Mode::Read);
            columns.chain(source.each.as_ref().filter(|_| any))
        })),
        Body::Members(members) => Box::new(members.iter().flat_map(places)),
        Body::Cases(cases) => {
            let made = cases.list.iter().filter(|case| !case.read_only).flat_map(|case| &case.when);
            Box::new(made.map(|(path, _)| path).chain(&cases.text))
        }
        Body::Join { write, .. } => Box::new(write.iter()),
        Body::Constant { .. } | Body::Part(_) | Body::Index | Body::Computed(_) | Body::Undecoded => {
            Box::new(std::iter::empty())
        }
    }
}

/// The top-level vendor members that a canonical field is written to, by itself or as one of a list of several.
pub(crate) fn written_at<'d>(checked: &'d CheckedMapping, name: &str) -> Vec<&'d str> {
    let is_united =
        |field: &Field| matches!(&field.body, Body::Value(spot) if spot.union.iter().any(|own| own == name));
    let united: Vec<&Field> = checked.fields.iter().filter(|field| is_united(field)).collect();
    let own = checked.fields.iter().filter(|field| field.name == name && united.is_empty());
    own.chain(united.iter().copied()).flat_map(places).filter_map(VendorPath::root).collect()
}

/// The members that items of a vendor list are written to.
pub(crate) fn written_in<'d>(checked: &'d CheckedMapping, list: &str) -> Vec<&'d str> {
    let sources = checked.fields.iter().flat_map(|field| field.body.sources());
    let of_list = sources.filter(|source| source.each.as_ref().is_some_and(|each| starts_in(each, list)));
    let members = of_list.flat_map(|source| &source.members).filter(|member| member.mode != Mode::Read);
    members.filter_map(|member| member.body.spot()?.written_at()?.root()).collect()
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
        Body::Part(part) => std::slice::from_ref(&part.field),
        Body::Value(_)
        | Body::Items(_)
        | Body::Members(_)
        | Body::Constant { .. }
        | Body::Cases(_)
        | Body::Index
        | Body::Undecoded => &[],
    };
    parts.iter().chain(&field.fallback).map(String::as_str)
}

fn top(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

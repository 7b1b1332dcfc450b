//! Where a member of a step's body comes from.

use field_mapping::VendorPath;
use serde_json::Value;

use crate::check::checker::{Checker, listed};
use crate::check::request::template;
use crate::check::write::Writing;
use crate::check::write::send::{member, only_keys, text};
use crate::file::values::{Entries, Tree};
use crate::plan::MemberSource;
use crate::plan::template::Root;
use field_mapping::yaml::Placed;

const SOURCES: &str = "allowed are id, a member's name, a place such as item.id or record.owner, a text with holes, \
                       `{ changed: <member> }`, `{ added_to: <member> }`, `{ removed_from: <member> }`, \
                       `{ each: record.<member>, take: <path> }`, `{ lookup: <table>, by: <path>, take: <path> }` and \
                       `{ const: <value> }`";

/// `[id, properties]`: the record's id and members under their own names.
pub(crate) fn list(members: &[Placed<Tree>], checker: &mut Checker<'_>) -> Option<Vec<(String, MemberSource)>> {
    let members: Vec<Option<(String, MemberSource)>> = members
        .iter()
        .map(|member| text("send", member, checker).map(|name| (name.clone(), id_or_changed(name))))
        .collect();
    members.into_iter().collect()
}

fn id_or_changed(name: String) -> MemberSource {
    if name == "id" { MemberSource::Id } else { MemberSource::Changed(name) }
}

pub(crate) fn compile(
    name: &Placed<String>,
    written: &Placed<Tree>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<(String, MemberSource)> {
    let source = match &written.value {
        Tree::Scalar(Value::String(from)) => {
            let from = Placed { value: from.clone(), place: written.place };
            place_or_text(name, &from, writing, checker)
        }
        Tree::Mapping(entries) => {
            tagged_source(name, &Placed { value: entries, place: written.place }, writing, checker)
        }
        Tree::Scalar(_) | Tree::List(_) => {
            checker.mistake(written.place, format!("`send.{}` has no source; {SOURCES}", name.value));
            None
        }
    };
    Some((name.value.clone(), source?))
}

/// A bare text: the id, a place in the write, a text with holes, or a member's name.
fn place_or_text(
    name: &Placed<String>,
    from: &Placed<String>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<MemberSource> {
    if from.value.contains('{') {
        return with_holes(name, from, writing, checker);
    }
    let place = from.place;
    let Some(found) = Root::split(&from.value) else { return Some(id_or_changed(from.value.clone())) };
    let key = format!("send.{}", name.value);
    let (root, path) = checker.noting(&key, place, found)?;
    if !writing.holes.roots.contains(&root) {
        let allowed = listed(writing.holes.roots.iter().map(|root| root.as_str()));
        checker.mistake(place, format!("`{key}`: there is no `{}` here; there are {allowed}", root.as_str()));
        return None;
    }
    Some(MemberSource::At(root, path))
}

/// The id has a value by the time that a body is sent, also where the request's path cannot have it yet.
fn with_holes(
    name: &Placed<String>,
    text: &Placed<String>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<MemberSource> {
    template(&format!("send.{}", name.value), text, writing.holes, checker).map(MemberSource::Text)
}

/// `{ each: record.stages, take: id }`.
fn each(name: &Placed<String>, entries: &Entries<Placed<Tree>>, checker: &mut Checker<'_>) -> Option<MemberSource> {
    only_keys(&format!("send.{}", name.value), entries, &["each", "take", "removed"], checker);
    let removed = member(entries, "removed");
    if let Some(removed) =
        removed.filter(|removed| !matches!(&removed.value, Tree::Scalar(Value::String(word)) if word == "last"))
    {
        checker.mistake(removed.place, "`removed`: allowed is last");
    }
    let at = member(entries, "each")?;
    let list = text("each", at, checker)?;
    let Some(list) = list.strip_prefix("record.").filter(|list| !list.is_empty() && !list.contains(['.', '['])) else {
        checker.mistake(at.place, "`each` is a list of the record as it will be, as in `record.stages`");
        return None;
    };
    let take = match member(entries, "take") {
        Some(take) => path("take", take, checker),
        None => VendorPath::parse("$").ok(),
    };
    Some(MemberSource::Each { member: list.to_owned(), take: take?, removed_last: removed.is_some() })
}

/// A vendor path.
pub(crate) fn path(key: &str, written: &Placed<Tree>, checker: &mut Checker<'_>) -> Option<VendorPath> {
    let text = Placed { value: text(key, written, checker)?, place: written.place };
    checker.path(key, &text)
}

fn tagged_source(
    name: &Placed<String>,
    written: &Placed<&Entries<Placed<Tree>>>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<MemberSource> {
    let entries = written.value;
    let (tag, value) = entries.0.first()?;
    let key = tag.value.as_str();
    if !matches!(key, "lookup" | "each") {
        only_keys(&format!("send.{}", name.value), entries, &[key], checker);
    }
    match key {
        "changed" => Some(MemberSource::Changed(text(key, value, checker)?)),
        "added_to" => Some(MemberSource::AddedTo(text(key, value, checker)?)),
        "removed_from" => Some(MemberSource::RemovedFrom(text(key, value, checker)?)),
        "const" => constant(name, value, writing, checker),
        "each" => each(name, entries, checker),
        "lookup" => lookup(name, entries, writing, checker),
        _ => {
            checker.mistake(written.place, format!("`send.{}`: unknown source `{key}`; {SOURCES}", name.value));
            None
        }
    }
}

fn constant(
    name: &Placed<String>,
    value: &Placed<Tree>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<MemberSource> {
    match &value.value {
        Tree::Scalar(Value::String(text)) if text.contains('{') => {
            with_holes(name, &Placed { value: text.clone(), place: value.place }, writing, checker)
        }
        Tree::Scalar(value) => Some(MemberSource::Const(value.clone())),
        Tree::List(items) => {
            let items: Vec<_> = items.iter().map(|item| constant(name, item, writing, checker)).collect();
            Some(MemberSource::List(items.into_iter().collect::<Option<_>>()?))
        }
        Tree::Mapping(_) => {
            checker.mistake(value.place, "`const` is a text, a number, true, false or null, or a list of them");
            None
        }
    }
}

fn lookup(
    name: &Placed<String>,
    entries: &Entries<Placed<Tree>>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<MemberSource> {
    only_keys(&format!("send.{}", name.value), entries, &["lookup", "by", "take"], checker);
    let table_at = member(entries, "lookup")?;
    let table = text("lookup", table_at, checker);
    let known = writing.connector.lookups.names();
    if let Some(table) = table.as_deref().filter(|table| !known.contains(table)) {
        let message = format!("`lookup`: there is no table `{table}`; the lookups are {}", listed(known));
        checker.mistake(table_at.place, message);
    }
    let mut path = |key: &str| {
        let Some(at) = member(entries, key) else {
            checker.mistake(table_at.place, format!("`lookup` needs `by` and `take`; `{key}` is missing"));
            return None;
        };
        let text = Placed { value: text(key, at, checker)?, place: at.place };
        checker.path(key, &text)
    };
    let (by, take) = (path("by"), path("take"));
    Some(MemberSource::Lookup { table: table?, by: by?, take: take? })
}

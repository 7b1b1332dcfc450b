//! What a step sends: a word, a list of members, or a mapping that says where each member comes from.

use serde_json::Value;

use super::checker::{Checker, listed};
use super::write::Writing;
use crate::place::{Entries, Placed, Tree};
use crate::plan::{MemberSource, Send};
use unified_model::Operation;

const FORMS: &str = "allowed are nothing, record, changed, a list of members, `{ record: { drop } }`, \
                     `{ changed: { id } }`, `{ over: current, carry, drop }` and `{ <member>: <source> }`";
const SOURCES: &str = "allowed are id, a member's name, `{ changed: <member> }`, `{ added_to: <member> }`, \
                       `{ removed_from: <member> }`, `{ lookup: <table>, by: <path>, take: <path> }` and `{ const: <value> }`";

pub(crate) fn compile(written: &Placed<Tree>, writing: Writing<'_>, checker: &mut Checker<'_>) -> Option<Send> {
    let send = match &written.value {
        Tree::Scalar(Value::String(word)) => match word.as_str() {
            "nothing" => Some(Send::Nothing),
            "record" => Some(Send::Record { drop: Vec::new() }),
            "changed" => Some(Send::Changed { id: None }),
            other => {
                checker.mistake(written.place, format!("`send: {other}` means nothing; {FORMS}"));
                None
            }
        },
        Tree::Scalar(other) => {
            checker.mistake(written.place, format!("`send: {other}` means nothing; {FORMS}"));
            None
        }
        Tree::List(members) => member_list(members, checker),
        Tree::Mapping(entries) => mapping(entries, writing, checker),
    }?;
    check_operation(&send, written, writing, checker);
    Some(send)
}

fn check_operation(send: &Send, written: &Placed<Tree>, writing: Writing<'_>, checker: &mut Checker<'_>) {
    let is_add = writing.operation == Operation::Add;
    let removes = |members: &[(String, MemberSource)]| {
        members.iter().any(|(_, source)| matches!(source, MemberSource::RemovedFrom(_)))
    };
    let message = match send {
        Send::Record { .. } if !is_add => "`send: record` is for `add`; an update sends `changed`, `over` or members",
        Send::Changed { .. } if is_add => "`send: changed` is for `update`; an add sends `record` or members",
        Send::Over { .. } if is_add => "`send: { over: current }` is for `update`; a new record has no current one",
        Send::Members(members) if is_add && removes(members) => {
            "`removed_from` is for `update`; nothing goes away from a new record"
        }
        _ => return,
    };
    checker.mistake(written.place, message);
}

fn mapping(entries: &Entries<Placed<Tree>>, writing: Writing<'_>, checker: &mut Checker<'_>) -> Option<Send> {
    let (first, value) = entries.0.first()?;
    match first.value.as_str() {
        "over" => over(entries, checker),
        "record" => {
            only_keys("send", entries, &["record"], checker);
            let options = options("record", value, &["drop"], checker)?;
            Some(Send::Record { drop: texts("drop", member(options, "drop"), checker)? })
        }
        "changed" => {
            only_keys("send", entries, &["changed"], checker);
            let options = options("changed", value, &["id"], checker)?;
            let id = member(options, "id").map(|id| text("id", id, checker));
            Some(Send::Changed { id: id.flatten() })
        }
        _ => {
            let members: Vec<_> =
                entries.iter().map(|(name, source)| self::source(name, source, writing, checker)).collect();
            Some(Send::Members(members.into_iter().collect::<Option<_>>()?))
        }
    }
}

fn over(entries: &Entries<Placed<Tree>>, checker: &mut Checker<'_>) -> Option<Send> {
    only_keys("send", entries, &["over", "carry", "drop"], checker);
    let what = member(entries, "over")?;
    if !matches!(&what.value, Tree::Scalar(Value::String(word)) if word == "current") {
        checker.mistake(what.place, "`over`: allowed is current");
    }
    let drop = texts("drop", member(entries, "drop"), checker);
    let carry = match member(entries, "carry").map(|carry| (carry.place, &carry.value)) {
        None => Some(Vec::new()),
        Some((_, Tree::Mapping(places))) => places
            .iter()
            .map(|(name, path)| {
                let path = Placed { value: text("carry", path, checker)?, place: path.place };
                Some((name.value.clone(), checker.path("carry", &path)?))
            })
            .collect(),
        Some((place, _)) => {
            checker.mistake(place, "`carry` is a mapping of members and vendor paths, as in `{ owner_id: owner.id }`");
            None
        }
    };
    Some(Send::Over { carry: carry?, drop: drop? })
}

/// `[id, properties]`: the record's id and members under their own names.
fn member_list(members: &[Placed<Tree>], checker: &mut Checker<'_>) -> Option<Send> {
    let members: Vec<Option<(String, MemberSource)>> = members
        .iter()
        .map(|member| text("send", member, checker).map(|name| (name.clone(), id_or_changed(name))))
        .collect();
    Some(Send::Members(members.into_iter().collect::<Option<_>>()?))
}

fn id_or_changed(name: String) -> MemberSource {
    if name == "id" { MemberSource::Id } else { MemberSource::Changed(name) }
}

fn source(
    name: &Placed<String>,
    written: &Placed<Tree>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<(String, MemberSource)> {
    let source = match &written.value {
        Tree::Scalar(Value::String(from)) => Some(id_or_changed(from.clone())),
        Tree::Mapping(entries) => tagged_source(name, written, entries, writing, checker),
        _ => {
            checker.mistake(written.place, format!("`send.{}` has no source; {SOURCES}", name.value));
            None
        }
    };
    Some((name.value.clone(), source?))
}

fn tagged_source(
    name: &Placed<String>,
    written: &Placed<Tree>,
    entries: &Entries<Placed<Tree>>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<MemberSource> {
    let (tag, value) = entries.0.first()?;
    let key = tag.value.as_str();
    if key != "lookup" {
        only_keys(&format!("send.{}", name.value), entries, &[key], checker);
    }
    match key {
        "changed" => Some(MemberSource::Changed(text(key, value, checker)?)),
        "added_to" => Some(MemberSource::AddedTo(text(key, value, checker)?)),
        "removed_from" => Some(MemberSource::RemovedFrom(text(key, value, checker)?)),
        "const" => {
            let Tree::Scalar(value) = &value.value else {
                checker.mistake(value.place, "`const` is a text, a number, true, false or null");
                return None;
            };
            Some(MemberSource::Const(value.clone()))
        }
        "lookup" => lookup(name, entries, writing, checker),
        _ => {
            checker.mistake(written.place, format!("`send.{}`: unknown source `{key}`; {SOURCES}", name.value));
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

fn member<'t>(entries: &'t Entries<Placed<Tree>>, name: &str) -> Option<&'t Placed<Tree>> {
    entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
}

fn only_keys(around: &str, entries: &Entries<Placed<Tree>>, allowed: &[&str], checker: &mut Checker<'_>) {
    for (key, _) in entries.iter().filter(|(key, _)| !allowed.contains(&key.value.as_str())) {
        let allowed = listed(allowed.iter().copied());
        checker.mistake(key.place, format!("`{around}`: unknown key `{}`; allowed here are {allowed}", key.value));
    }
}

fn options<'t>(
    key: &str,
    written: &'t Placed<Tree>,
    allowed: &[&str],
    checker: &mut Checker<'_>,
) -> Option<&'t Entries<Placed<Tree>>> {
    let Tree::Mapping(entries) = &written.value else {
        let allowed = listed(allowed.iter().copied());
        checker.mistake(written.place, format!("`{key}` is reserved and takes a mapping; allowed in it are {allowed}"));
        return None;
    };
    only_keys(key, entries, allowed, checker);
    Some(entries)
}

fn text(key: &str, written: &Placed<Tree>, checker: &mut Checker<'_>) -> Option<String> {
    match &written.value {
        Tree::Scalar(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        _ => {
            checker.mistake(written.place, format!("`{key}` is the name of a member or a vendor path"));
            None
        }
    }
}

fn texts(key: &str, written: Option<&Placed<Tree>>, checker: &mut Checker<'_>) -> Option<Vec<String>> {
    let Some(written) = written else { return Some(Vec::new()) };
    let Tree::List(items) = &written.value else {
        checker.mistake(written.place, format!("`{key}` is a list of members, as in `[owner, count]`"));
        return None;
    };
    items.iter().map(|item| text(key, item, checker)).collect()
}

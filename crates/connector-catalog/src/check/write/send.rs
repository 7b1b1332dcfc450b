//! What a step sends: a word, a list of members, or a mapping of members and their sources.

use field_mapping::VendorPath;
use serde_json::Value;

use crate::check::checker::{Checker, listed};
use crate::check::write::Writing;
use crate::check::write::source;
use crate::file::values::{Entries, Tree};
use crate::plan::template::Root;
use crate::plan::{MemberSource, Send};
use field_mapping::yaml::Placed;

const FORMS: &str = "allowed are nothing, record, changed, item, a list of members, `{ record: { carry, drop, set } }`, \
                     `{ changed: { id, drop, only } }`, `{ item: { drop } }`, `{ over: current, carry, drop }` and \
                     `{ <member>: <source> }`";
pub(crate) fn compile(written: &Placed<Tree>, writing: Writing<'_>, checker: &mut Checker<'_>) -> Option<Send> {
    let send = match &written.value {
        Tree::Scalar(Value::String(word)) => match word.as_str() {
            "nothing" => Some(Send::Nothing),
            "record" => Some(Send::Record { carry: Vec::new(), drop: Vec::new(), set: Vec::new() }),
            "changed" => Some(Send::Changed { id: None, drop: Vec::new(), only: None }),
            "item" => Some(Send::Item { drop: Vec::new() }),
            other => {
                checker.mistake(written.place, format!("`send: {other}` means nothing; {FORMS}"));
                None
            }
        },
        Tree::Scalar(other) => {
            checker.mistake(written.place, format!("`send: {other}` means nothing; {FORMS}"));
            None
        }
        Tree::List(members) => source::list(members, checker).map(Send::Members),
        Tree::Mapping(entries) => mapping(entries, writing, checker),
    }?;
    check_operation(&send, written, writing, checker);
    Some(send)
}

fn check_operation(send: &Send, written: &Placed<Tree>, writing: Writing<'_>, checker: &mut Checker<'_>) {
    let is_add = writing.is_add();
    let removes = |members: &[(String, MemberSource)]| {
        members.iter().any(|(_, source)| matches!(source, MemberSource::RemovedFrom(_)))
    };
    let message = match send {
        Send::Record { .. } if !is_add => "`send: record` is for `add`; an update sends `changed`, `over` or members",
        Send::Changed { .. } if is_add => "`send: changed` is for `update`; an add sends `record` or members",
        Send::Over { .. } if is_add => "`send: { over: current }` is for `update`; a new record has no current one",
        Send::Item { .. } if !writing.holes.roots.contains(&Root::Item) => {
            "`send: item` belongs to a step with `for_each`, which has an item"
        }
        Send::Members(members) if is_add && removes(members) => {
            "`removed_from` is for `update`; nothing goes away from a new record"
        }
        Send::Nothing
        | Send::Record { .. }
        | Send::Changed { .. }
        | Send::Over { .. }
        | Send::Item { .. }
        | Send::Members(_) => return,
    };
    checker.mistake(written.place, message);
}

fn mapping(entries: &Entries<Placed<Tree>>, writing: Writing<'_>, checker: &mut Checker<'_>) -> Option<Send> {
    let (first, value) = entries.0.first()?;
    match first.value.as_str() {
        "over" => over(entries, checker),
        "record" => {
            only_keys("send", entries, &["record"], checker);
            let options = options("record", value, &["carry", "drop", "set"], checker)?;
            let carry = carry(options, checker);
            let drop = texts("drop", member(options, "drop"), checker);
            let set = set(member(options, "set"), writing, checker);
            Some(Send::Record { carry: carry?, drop: drop?, set: set? })
        }
        "changed" => {
            only_keys("send", entries, &["changed"], checker);
            let options = options("changed", value, &["id", "drop", "only"], checker)?;
            let id = member(options, "id").map(|id| text("id", id, checker));
            let drop = texts("drop", member(options, "drop"), checker);
            let only = member(options, "only").map(|only| texts("only", Some(only), checker));
            Some(Send::Changed { id: id.flatten(), drop: drop?, only: only.flatten() })
        }
        "item" if matches!(value.value, Tree::Mapping(_)) => {
            only_keys("send", entries, &["item"], checker);
            let options = options("item", value, &["drop"], checker)?;
            Some(Send::Item { drop: texts("drop", member(options, "drop"), checker)? })
        }
        _ => {
            let members: Vec<_> =
                entries.iter().map(|(name, source)| source::compile(name, source, writing, checker)).collect();
            Some(Send::Members(members.into_iter().collect::<Option<_>>()?))
        }
    }
}

/// Members that are sent where the record has none of its own.
fn set(
    written: Option<&Placed<Tree>>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<Vec<(String, MemberSource)>> {
    match written.map(|written| (written.place, &written.value)) {
        None => Some(Vec::new()),
        Some((_, Tree::Mapping(members))) => {
            let members: Vec<_> =
                members.iter().map(|(name, source)| source::compile(name, source, writing, checker)).collect();
            members.into_iter().collect()
        }
        Some((place, _)) => {
            checker.mistake(place, "`set` is a mapping of members and their sources");
            None
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
    let carry = carry(entries, checker);
    Some(Send::Over { carry: carry?, drop: drop? })
}

fn carry(entries: &Entries<Placed<Tree>>, checker: &mut Checker<'_>) -> Option<Vec<(String, VendorPath)>> {
    match member(entries, "carry").map(|carry| (carry.place, &carry.value)) {
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
    }
}

pub(crate) fn member<'t>(entries: &'t Entries<Placed<Tree>>, name: &str) -> Option<&'t Placed<Tree>> {
    entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
}

pub(crate) fn only_keys(around: &str, entries: &Entries<Placed<Tree>>, allowed: &[&str], checker: &mut Checker<'_>) {
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

pub(crate) fn text(key: &str, written: &Placed<Tree>, checker: &mut Checker<'_>) -> Option<String> {
    match &written.value {
        Tree::Scalar(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Tree::Scalar(_) | Tree::List(_) | Tree::Mapping(_) => {
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

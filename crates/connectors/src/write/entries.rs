//! The entries of a vendor list that a write adds, removes or changes, told apart by the mapping's key.

use connector_catalog::{EntrySet, ForEach};
use field_mapping::Mapping;
use serde_json::Value;

use super::change::Change;

/// An entry and its place in its list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) place: usize,
    /// Whether it is one of the record as it will be.
    pub(super) is_new_state: bool,
}

/// The entries that a step goes through.
pub(super) fn of_step(each: &ForEach, change: &Change, mapping: &Mapping) -> Vec<Entry> {
    let key = mapping.list_key(&each.member);
    let (before, record) = (list(&change.before, &each.member), list(&change.record, &each.member));
    let entries = |own: &[Value], is_new_state: bool, wanted: &dyn Fn(&Value) -> bool| {
        let all = own.iter().enumerate().filter(|(_, value)| wanted(value));
        all.map(|(place, value)| Entry { value: value.clone(), place, is_new_state }).collect::<Vec<_>>()
    };
    match each.entries {
        EntrySet::AddedTo => without_repeats(entries(record, true, &|own| find(before, own, key).is_none()), key),
        EntrySet::RemovedFrom => entries(before, false, &|own| find(record, own, key).is_none()),
        EntrySet::ChangedIn => entries(record, true, &|own| find(before, own, key).is_some_and(|old| old != own)),
        EntrySet::Before => entries(before, false, &|_| true),
        EntrySet::Record => entries(record, true, &|_| true),
    }
}

/// The entries of `left`'s list that `right`'s lacks; `None` when there are none.
pub(super) fn difference(left: &Value, right: &Value, member: &str, mapping: &Mapping) -> Option<Value> {
    let key = mapping.list_key(member);
    let others = list(right, member);
    let own = list(left, member).iter().filter(|entry| find(others, entry, key).is_none());
    let own: Vec<Value> = own.cloned().collect();
    if own.is_empty() { None } else { Some(Value::Array(own)) }
}

/// Whether a list has the same entries as before, in whatever order.
pub(super) fn is_same(change: &Change, member: &str, mapping: &Mapping) -> bool {
    let of = |entries| of_step(&ForEach { entries, member: member.to_owned() }, change, mapping);
    [EntrySet::AddedTo, EntrySet::RemovedFrom, EntrySet::ChangedIn].into_iter().all(|entries| of(entries).is_empty())
}

/// Whether every entry of before is there still, as it was or changed.
pub(super) fn none_is_gone(change: &Change, member: &str, mapping: &Mapping) -> bool {
    of_step(&ForEach { entries: EntrySet::RemovedFrom, member: member.to_owned() }, change, mapping).is_empty()
}

/// Whether the entries stand in another order than a vendor keeps by itself: those that stay as they stood, new ones last.
pub(super) fn is_reordered(change: &Change, member: &str, mapping: &Mapping) -> bool {
    let key = mapping.list_key(member);
    let (before, record) = (list(&change.before, member), list(&change.record, member));
    let stay = before.iter().filter_map(|old| record.iter().position(|own| same(own, old, key)));
    let added = (0..record.len()).filter(|at| find(before, &record[*at], key).is_none());
    !stay.chain(added).eq(0..record.len())
}

pub(super) fn list<'v>(record: &'v Value, member: &str) -> &'v [Value] {
    record.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// An entry that is added twice is added once.
fn without_repeats(entries: Vec<Entry>, key: &[String]) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries {
        if key.is_empty() || !kept.iter().any(|other| same(&other.value, &entry.value, key)) {
            kept.push(entry);
        }
    }
    kept
}

fn find<'v>(list: &'v [Value], wanted: &Value, key: &[String]) -> Option<&'v Value> {
    list.iter().find(|own| same(own, wanted, key))
}

/// Whether two entries are one: the same key, or without a key the same content. An entry that lacks its key is no other.
fn same(left: &Value, right: &Value, key: &[String]) -> bool {
    if key.is_empty() {
        return left == right;
    }
    let has_key = key.iter().any(|member| left.get(member).is_some_and(|own| !own.is_null()));
    has_key && key.iter().all(|member| left.get(member) == right.get(member))
}

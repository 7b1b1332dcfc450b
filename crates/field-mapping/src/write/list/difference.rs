//! What changed between two vendor records: what to send, and what only a full replace can take away.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::check::checked::CheckedMapping;
use crate::file::Nulls;

/// The changed members, keyed lists by entry, and what goes away.
pub(crate) fn between(
    checked: &CheckedMapping,
    current: &Map<String, Value>,
    record: &Map<String, Value>,
) -> (Map<String, Value>, Vec<String>) {
    let mut part = Map::new();
    let mut removes = Vec::new();
    for (name, new) in record {
        let old = current.get(name).unwrap_or(&Value::Null);
        if old == new {
            continue;
        }
        let key = checked.lists.get(name).map(|list| list.key.as_slice()).unwrap_or_default();
        if let (false, Some(elements)) = (key.is_empty(), new.as_array()) {
            let none = Vec::new();
            let keyed = Keyed { list: name, key };
            let changed = keyed.changes(old.as_array().unwrap_or(&none), elements, &mut removes);
            if !changed.is_empty() {
                part.insert(name.clone(), Value::Array(changed));
            }
            continue;
        }
        if new.is_null() && checked.nulls != Nulls::Send {
            removes.push(name.clone());
            continue;
        }
        part.insert(name.clone(), new.clone());
    }
    removes.extend(
        current
            .iter()
            .filter(|(name, old)| !old.is_null() && !record.contains_key(*name))
            .map(|(name, _)| name.clone()),
    );
    (part, removes)
}

/// A vendor's list and the members that tell its entries apart.
#[derive(Clone, Copy)]
struct Keyed<'k> {
    list: &'k str,
    key: &'k [String],
}

impl Keyed<'_> {
    /// The new and changed entries.
    fn changes(self, old: &[Value], new: &[Value], removes: &mut Vec<String>) -> Vec<Value> {
        let mut kept: Vec<&Value> = old.iter().collect();
        let mut changed = Vec::new();
        for element in new {
            match kept.iter().position(|own| *own == element) {
                Some(at) => drop(kept.remove(at)),
                None => changed.push(element.clone()),
            }
        }
        let count = |list: &[Value]| {
            let mut counts: BTreeMap<Vec<String>, usize> = BTreeMap::new();
            for element in list {
                *counts.entry(key_of(self.key, element)).or_default() += 1;
            }
            counts
        };
        let (before, after) = (count(old), count(new));
        for (own, count) in &before {
            if after.get(own).is_none_or(|left| left < count) {
                removes.push(self.describe(own));
            }
        }
        let doubled = changed
            .iter()
            .map(|element| key_of(self.key, element))
            .filter(|own| after.get(own).is_some_and(|count| *count > 1));
        for own in doubled {
            let text = self.describe(&own);
            if !removes.contains(&text) {
                removes.push(text);
            }
        }
        changed
    }

    fn describe(self, own: &[String]) -> String {
        let tests = self
            .key
            .iter()
            .zip(own)
            .filter(|(_, text)| !text.is_empty())
            .map(|(member, text)| format!("[{member}={text}]"));
        format!("{}{}", self.list, tests.collect::<String>())
    }
}

/// What tells an entry from another, as texts; a missing member counts as "".
pub(crate) fn key_of(key: &[String], element: &Value) -> Vec<String> {
    key.iter()
        .map(|member| element.get(member).filter(|own| !own.is_null()).map(super::shown).unwrap_or_default())
        .collect()
}

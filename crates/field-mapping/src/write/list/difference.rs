//! What changed between two vendor records: what to send, and what only a full replace can take away.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::check::checked::Definition;
use crate::file::Nulls;

/// The changed members, keyed lists by entry, and what goes away.
pub(crate) fn between(
    definition: &Definition,
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
        let key = definition.lists.get(name).map(|list| list.key.as_slice()).unwrap_or_default();
        if let (false, Some(elements)) = (key.is_empty(), new.as_array()) {
            let none = Vec::new();
            let changed = entries(name, key, old.as_array().unwrap_or(&none), elements, &mut removes);
            if !changed.is_empty() {
                part.insert(name.clone(), Value::Array(changed));
            }
            continue;
        }
        if new.is_null() && definition.nulls != Nulls::Send {
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

/// The new and changed entries of a keyed list.
fn entries(name: &str, key: &[String], old: &[Value], new: &[Value], removes: &mut Vec<String>) -> Vec<Value> {
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
            *counts.entry(key_of(key, element)).or_default() += 1;
        }
        counts
    };
    let (before, after) = (count(old), count(new));
    for (own, count) in &before {
        if after.get(own).is_none_or(|left| left < count) {
            removes.push(describe(name, key, own));
        }
    }
    let doubled =
        changed.iter().map(|element| key_of(key, element)).filter(|own| after.get(own).is_some_and(|count| *count > 1));
    for own in doubled {
        let text = describe(name, key, &own);
        if !removes.contains(&text) {
            removes.push(text);
        }
    }
    changed
}

/// What tells an entry from another, as texts; a missing member counts as "".
pub(crate) fn key_of(key: &[String], element: &Value) -> Vec<String> {
    key.iter()
        .map(|member| element.get(member).filter(|own| !own.is_null()).map(super::shown).unwrap_or_default())
        .collect()
}

fn describe(name: &str, key: &[String], own: &[String]) -> String {
    let tests =
        key.iter().zip(own).filter(|(_, text)| !text.is_empty()).map(|(member, text)| format!("[{member}={text}]"));
    format!("{name}{}", tests.collect::<String>())
}

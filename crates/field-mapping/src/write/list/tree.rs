//! A vendor's record as a tree: values found, set and removed at paths, elements built where they are missing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::check::checked::List;
use crate::path::{Step, Test, text_is};

pub(crate) struct Tree<'t> {
    pub(crate) record: Value,
    pub(crate) lists: &'t BTreeMap<String, List>,
}

impl Tree<'_> {
    pub(crate) fn get(&self, steps: &[Step]) -> Option<&Value> {
        get(&self.record, steps, self.lists, &mut Vec::new())
    }

    pub(crate) fn set(&mut self, steps: &[Step], value: Value) {
        put(&mut self.record, steps, value, self.lists, &mut Vec::new());
    }

    /// Removes a member, or the first element of a list that the path selects.
    pub(crate) fn remove(&mut self, steps: &[Step]) {
        take(&mut self.record, steps, self.lists, &mut Vec::new());
    }

    /// The list at a path of members, made where it is missing.
    pub(crate) fn list(&mut self, before: &[Step]) -> Option<&mut Vec<Value>> {
        let mut here = &mut self.record;
        for step in before {
            let Step::Member(name) = step else { return None };
            here = object(here).entry(name.clone()).or_insert(Value::Null);
        }
        if !here.is_array() {
            *here = Value::Array(Vec::new());
        }
        here.as_array_mut()
    }
}

/// Whether a path with these tests means the element.
pub(crate) fn selects(tests: &[Test], rules: Option<&List>, element: &Value) -> bool {
    let skip = rules.map(|rules| rules.skip.as_slice()).unwrap_or_default();
    let asked = skip.iter().any(|(member, _)| tests.iter().any(|test| test.member == *member));
    let skipped = !skip.is_empty()
        && !asked
        && skip.iter().all(|(member, text)| element.get(member).is_some_and(|own| text_is(own, text)));
    !skipped && tests.iter().all(|test| test.holds(element))
}

/// A new element of a list: what every new one has, then what the tests ask for.
pub(crate) fn new_element(tests: &[Test], rules: Option<&List>) -> Map<String, Value> {
    let mut element: Map<String, Value> = rules.iter().flat_map(|rules| rules.new.iter().cloned()).collect();
    for test in tests.iter().filter(|test| test.equal) {
        element.insert(test.member.clone(), Value::from(test.value.as_str()));
    }
    element
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(members) => members,
        _ => unreachable!("it was made an object"),
    }
}

fn rules_of<'l>(lists: &'l BTreeMap<String, List>, names: &[String]) -> Option<&'l List> {
    lists.get(&names.join("."))
}

fn get<'v>(
    value: &'v Value,
    steps: &[Step],
    lists: &BTreeMap<String, List>,
    names: &mut Vec<String>,
) -> Option<&'v Value> {
    let Some((step, rest)) = steps.split_first() else { return Some(value) };
    match step {
        Step::Member(name) => {
            names.push(name.clone());
            get(value.get(name)?, rest, lists, names)
        }
        Step::Select(tests) => {
            let rules = rules_of(lists, names);
            let own = value.as_array()?.iter().filter(|element| selects(tests, rules, element));
            own.into_iter().find_map(|element| get(element, rest, lists, &mut names.clone()))
        }
        Step::Each(_) => None,
    }
}

pub(crate) fn put(
    target: &mut Value,
    steps: &[Step],
    value: Value,
    lists: &BTreeMap<String, List>,
    names: &mut Vec<String>,
) {
    let Some((step, rest)) = steps.split_first() else {
        *target = value;
        return;
    };
    match step {
        Step::Member(name) => {
            names.push(name.clone());
            put(object(target).entry(name.clone()).or_insert(Value::Null), rest, value, lists, names);
        }
        Step::Select(tests) => {
            let rules = rules_of(lists, names);
            if !target.is_array() {
                *target = Value::Array(Vec::new());
            }
            let Value::Array(elements) = target else { return };
            let at = elements.iter().position(|element| selects(tests, rules, element)).unwrap_or_else(|| {
                elements.push(Value::Object(new_element(tests, rules)));
                elements.len() - 1
            });
            put(&mut elements[at], rest, value, lists, names);
        }
        Step::Each(_) => (),
    }
}

fn take(target: &mut Value, steps: &[Step], lists: &BTreeMap<String, List>, names: &mut Vec<String>) {
    let Some((step, rest)) = steps.split_first() else { return };
    match (step, target) {
        (Step::Member(name), Value::Object(members)) => {
            if rest.is_empty() {
                members.remove(name);
                return;
            }
            names.push(name.clone());
            if let Some(member) = members.get_mut(name) {
                take(member, rest, lists, names);
            }
        }
        (Step::Select(tests), Value::Array(elements)) => {
            let rules = rules_of(lists, names);
            // The member is what the element is there for, so the element goes with it. Only the first one is what was read.
            if let Some(at) = elements.iter().position(|element| selects(tests, rules, element)) {
                elements.remove(at);
            }
        }
        _ => (),
    }
}

//! A vendor's record as a tree: values found, set and removed at paths, elements built where they are missing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::check::checked::List;
use crate::json::node::Node;
use crate::path::{Step, Test, holds};

pub(crate) struct Tree<'t> {
    pub(crate) record: Value,
    pub(crate) lists: &'t BTreeMap<String, List>,
}

impl Tree<'_> {
    pub(crate) fn get(&self, steps: &[Step]) -> Option<&Value> {
        Route::new(self.lists).get(&self.record, steps)
    }

    pub(crate) fn set(&mut self, steps: &[Step], value: Value) {
        put(&mut self.record, steps, value, self.lists);
    }

    /// Removes a member, or the first element of a list that the path selects.
    pub(crate) fn remove(&mut self, steps: &[Step]) {
        Route::new(self.lists).take(&mut self.record, steps);
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
        && skip.iter().all(|(member, text)| element.get(member).is_some_and(|own| own.view().is_text(text)));
    !skipped && tests.iter().all(|test| holds(test, element))
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

/// Puts a value at a path, with what is missing on the way.
pub(crate) fn put(target: &mut Value, steps: &[Step], value: Value, lists: &BTreeMap<String, List>) {
    Route::new(lists).put(target, steps, value);
}

/// A way along a path, and the rules of the lists that it comes through.
#[derive(Clone)]
struct Route<'l> {
    lists: &'l BTreeMap<String, List>,
    /// The members passed so far.
    names: Vec<String>,
}

impl<'l> Route<'l> {
    fn new(lists: &'l BTreeMap<String, List>) -> Self {
        Self { lists, names: Vec::new() }
    }

    fn rules(&self) -> Option<&'l List> {
        self.lists.get(&self.names.join("."))
    }

    fn get<'v>(&mut self, value: &'v Value, steps: &[Step]) -> Option<&'v Value> {
        let Some((step, rest)) = steps.split_first() else { return Some(value) };
        match step {
            Step::Member(name) => {
                self.names.push(name.clone());
                self.get(value.get(name)?, rest)
            }
            Step::Select(tests) => {
                let rules = self.rules();
                let mut own = value.as_array()?.iter().filter(|element| selects(tests, rules, element));
                own.find_map(|element| self.clone().get(element, rest))
            }
            Step::Each(_) => None,
        }
    }

    fn put(&mut self, target: &mut Value, steps: &[Step], value: Value) {
        let Some((step, rest)) = steps.split_first() else {
            *target = value;
            return;
        };
        match step {
            Step::Member(name) => {
                self.names.push(name.clone());
                self.put(object(target).entry(name.clone()).or_insert(Value::Null), rest, value);
            }
            Step::Select(tests) => {
                let rules = self.rules();
                if !target.is_array() {
                    *target = Value::Array(Vec::new());
                }
                let Value::Array(elements) = target else { return };
                let at = elements.iter().position(|element| selects(tests, rules, element)).unwrap_or_else(|| {
                    elements.push(Value::Object(new_element(tests, rules)));
                    elements.len() - 1
                });
                self.put(&mut elements[at], rest, value);
            }
            Step::Each(_) => (),
        }
    }

    fn take(&mut self, target: &mut Value, steps: &[Step]) {
        let Some((step, rest)) = steps.split_first() else { return };
        match step {
            Step::Member(name) => {
                let Value::Object(members) = target else { return };
                if rest.is_empty() {
                    members.remove(name);
                    return;
                }
                self.names.push(name.clone());
                if let Some(member) = members.get_mut(name) {
                    self.take(member, rest);
                }
            }
            Step::Select(tests) => {
                let Value::Array(elements) = target else { return };
                let rules = self.rules();
                // The member is what the element is there for, so the element goes with it. Only the first one is what was read.
                if let Some(at) = elements.iter().position(|element| selects(tests, rules, element)) {
                    elements.remove(at);
                }
            }
            Step::Each(_) => (),
        }
    }
}

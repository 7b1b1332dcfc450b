//! Paths into a vendor's JSON: parsed once, then followed through documents of every form; plans take their steps from here.

mod find;
mod parse;
mod walk;

use std::fmt;

use serde_json::Value;

pub(crate) use find::{find, holds};
pub use walk::Nothing;
pub(crate) use walk::{Missing, Walk};

/// A dotted path into a vendor's JSON: `owner.id`, `properties[name=email].value`, `['odata.count']`, `$` for the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorPath {
    text: String,
    pub(crate) steps: Vec<Step>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The member of an object.
    Member(String),
    /// The elements of a list for which every test holds.
    Select(Vec<Test>),
    /// Every element of a list for which every test holds.
    Each(Vec<Test>),
}

/// `[key=value]` or `[key!=value]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) member: String,
    pub(crate) equal: bool,
    pub(crate) value: String,
}

/// Paths are walked step by step within each other, and a connection's field map brings its own.
const LONGEST: usize = 512;

impl VendorPath {
    /// Parses a path; the error says at which character it goes wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("a path of {} bytes is too long; {LONGEST} are allowed", text.len()));
        }
        Ok(Self { steps: parse::steps(text)?, text: text.to_owned() })
    }

    /// The value there in a JSON tree, if any.
    #[must_use]
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        find(value, &self.steps)
    }

    /// What is there: the value, or the list of all values where the path goes through `[]`.
    #[must_use]
    pub fn take(&self, value: &Value) -> Option<Value> {
        let Some(each) = self.steps.iter().position(|step| matches!(step, Step::Each(_))) else {
            return self.find(value).cloned();
        };
        let (before, rest) = self.steps.split_at(each);
        let [Step::Each(tests), after @ ..] = rest else { return None };
        let elements = find(value, before)?.as_array()?;
        let selected = elements.iter().filter(|element| tests.iter().all(|test| holds(test, *element)));
        Some(selected.filter_map(|element| find(element, after)).cloned().collect())
    }

    /// The elements of the list at this path; with `[]` in it, what each element of the list there has, as a list's answer is
    /// read. `None`: the list is not where the path says.
    #[must_use]
    pub fn elements<'a>(&self, document: &'a Value, nothing: Nothing) -> Option<Vec<&'a Value>> {
        let mut elements = Vec::new();
        let walk = Walk { nothing, takes_one: false };
        let walked = walk.through(document, &self.steps, &mut |found| {
            elements.extend(found);
            true
        });
        walked.ok().map(|_| elements)
    }

    /// The same, to be changed, as far as it is there; `None` stands for an element that a test of the path leaves out.
    pub fn elements_mut<'a>(&self, document: &'a mut Value) -> Vec<Option<&'a mut Value>> {
        let mut elements = Vec::new();
        walk::each_mut(document, &self.steps, &mut elements);
        elements
    }

    /// Whether the path goes through every element of a list.
    #[must_use]
    pub fn goes_through_lists(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Each(_)))
    }

    /// The names of the members that the path goes through; `None` where it goes through a list.
    #[must_use]
    pub fn members(&self) -> Option<Vec<String>> {
        let name = |step: &Step| match step {
            Step::Member(name) => Some(name.clone()),
            Step::Select(_) | Step::Each(_) => None,
        };
        self.steps.iter().map(name).collect()
    }

    /// The same path, taking the first element of each list where this one takes every element.
    #[must_use]
    pub fn first(&self) -> Self {
        let steps = self.steps.iter().map(|step| match step {
            Step::Each(tests) => Step::Select(tests.clone()),
            other => other.clone(),
        });
        Self { steps: steps.collect(), text: self.text.clone() }
    }

    /// For a path that ends in `[]`: the steps to its list.
    pub(crate) fn listed(&self) -> Option<&[Step]> {
        let (Step::Each(tests), before) = self.steps.split_last()? else { return None };
        tests.is_empty().then_some(before)
    }

    /// The member that the path starts with.
    #[must_use]
    pub fn root(&self) -> Option<&str> {
        if let Step::Member(name) = self.steps.first()? { Some(name) } else { None }
    }

    /// The steps to the first list and the tests there; `None` where the path passes through no list.
    pub(crate) fn list(&self) -> Option<(&[Step], &[Test], &[Step])> {
        let at = self.steps.iter().position(|step| !matches!(step, Step::Member(_)))?;
        let (before, rest) = self.steps.split_at(at);
        let [Step::Select(tests) | Step::Each(tests), after @ ..] = rest else { return None };
        Some((before, tests, after))
    }
}

impl fmt::Display for VendorPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

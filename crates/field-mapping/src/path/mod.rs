//! Paths into a vendor's JSON: parsed once, then read from trees; compiled plans take their steps from here.

pub(crate) mod walk;

use std::fmt;

use serde_json::Value;

use crate::path::walk::Walk;
use crate::read::Nothing;

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
        let mut parser = Parser { text, characters: text.char_indices().collect(), at: 0 };
        Ok(Self { steps: parser.steps()?, text: text.to_owned() })
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
        let selected = elements.iter().filter(|element| tests.iter().all(|test| test.holds(element)));
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
        crate::path::walk::each_mut(document, &self.steps, &mut elements);
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
        match self.steps.split_last() {
            Some((Step::Each(tests), before)) if tests.is_empty() => Some(before),
            _ => None,
        }
    }

    /// The member that the path starts with.
    #[must_use]
    pub fn root(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Member(name)) => Some(name),
            _ => None,
        }
    }

    /// The steps to the first list and the tests there; `None` where the path passes through no list.
    pub(crate) fn list(&self) -> Option<(&[Step], &[Test], &[Step])> {
        let at = self.steps.iter().position(|step| !matches!(step, Step::Member(_)))?;
        let (before, rest) = self.steps.split_at(at);
        match rest {
            [Step::Select(tests) | Step::Each(tests), after @ ..] => Some((before, tests, after)),
            _ => None,
        }
    }
}

pub(crate) fn find<'a>(value: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    let Some((step, rest)) = steps.split_first() else { return Some(value) };
    match step {
        Step::Member(name) => find(value.get(name)?, rest),
        Step::Select(tests) | Step::Each(tests) => value
            .as_array()?
            .iter()
            .filter(|element| tests.iter().all(|test| test.holds(element)))
            .find_map(|element| find(element, rest)),
    }
}

impl Test {
    /// Whether a member's text is the one asked for; a member that is missing or null differs from every text.
    pub(crate) fn holds(&self, element: &Value) -> bool {
        let same = element.get(&self.member).is_some_and(|member| text_is(member, &self.value));
        same == self.equal
    }
}

/// Whether a scalar, written as text, is this text.
pub(crate) fn text_is(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Number(number) => number.to_string() == text,
        Value::Bool(flag) => (if *flag { "true" } else { "false" }) == text,
        _ => false,
    }
}

impl fmt::Display for VendorPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

struct Parser<'t> {
    text: &'t str,
    characters: Vec<(usize, char)>,
    at: usize,
}

impl Parser<'_> {
    fn steps(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        if self.characters.is_empty() {
            return Err(self.wrong("an empty path; `$` is the whole"));
        }
        let whole = self.peek() == Some('$');
        self.at += usize::from(whole);
        let mut named = whole;
        while let Some(character) = self.peek() {
            match character {
                '[' => {
                    self.bracket(&mut steps)?;
                    named = true;
                }
                '.' if named => {
                    self.at += 1;
                    if matches!(self.peek(), None | Some('.' | '[')) {
                        return Err(self.wrong(&format!("no name after '.' at character {}", self.at)));
                    }
                    steps.push(Step::Member(self.name()?));
                }
                _ if !named => {
                    steps.push(Step::Member(self.name()?));
                    named = true;
                }
                other => return Err(self.wrong(&format!("unexpected '{other}' at character {}", self.at + 1))),
            }
        }
        Ok(steps)
    }

    fn bracket(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        let open = self.at;
        self.at += 1;
        let unclosed = |parser: &Self| parser.wrong(&format!("'[' at character {} is never closed", open + 1));
        if let Some(quote @ ('\'' | '"')) = self.peek() {
            let name = self.quoted(quote).ok_or_else(|| unclosed(self))?;
            if self.peek() != Some(']') {
                return Err(unclosed(self));
            }
            self.at += 1;
            steps.push(Step::Member(name));
            return Ok(());
        }
        let close = self.characters[self.at..].iter().position(|&(_, character)| character == ']');
        let end = self.at + close.ok_or_else(|| unclosed(self))?;
        let inner: String = self.characters[self.at..end].iter().map(|&(_, character)| character).collect();
        self.at = end + 1;
        if inner.is_empty() {
            // `list[k=v][]`: every element of which the tests hold, and not only the first.
            let tests = match steps.pop() {
                Some(Step::Select(tests)) => tests,
                other => {
                    steps.extend(other);
                    Vec::new()
                }
            };
            steps.push(Step::Each(tests));
            return Ok(());
        }
        if inner == "0" {
            steps.push(Step::Select(Vec::new()));
            return Ok(());
        }
        let (member, equal, value) = match (inner.split_once("!="), inner.split_once('=')) {
            (Some((member, value)), _) => (member, false, value),
            (None, Some((member, value))) => (member, true, value),
            (None, None) => {
                return Err(self.wrong(&format!(
                    "'[' at character {} needs `key=value`, `key!=value`, 0, a quoted name or nothing",
                    open + 1
                )));
            }
        };
        if member.is_empty() {
            return Err(self.wrong(&format!("'[' at character {} names no key", open + 1)));
        }
        let test = Test { member: member.to_owned(), equal, value: value.to_owned() };
        match steps.last_mut() {
            Some(Step::Select(tests)) => tests.push(test),
            _ => steps.push(Step::Select(vec![test])),
        }
        Ok(())
    }

    fn name(&mut self) -> Result<String, String> {
        let start = self.at;
        while let Some(character) = self.peek() {
            match character {
                '.' | '[' => break,
                ']' => return Err(self.wrong(&format!("']' at character {} was never opened", self.at + 1))),
                _ => self.at += 1,
            }
        }
        if start == self.at {
            return Err(self.wrong(&format!("no name at character {}", start + 1)));
        }
        Ok(self.characters[start..self.at].iter().map(|&(_, character)| character).collect())
    }

    /// The text up to the closing quote; a doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> Option<String> {
        self.at += 1;
        let mut name = String::new();
        loop {
            let character = self.peek()?;
            self.at += 1;
            if character != quote {
                name.push(character);
            } else if self.peek() == Some(quote) {
                self.at += 1;
                name.push(quote);
            } else {
                return Some(name);
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).map(|&(_, character)| character)
    }

    fn wrong(&self, what: &str) -> String {
        format!("path \"{}\": {what}", self.text)
    }
}

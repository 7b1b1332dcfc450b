//! The record as a JSON Schema, and as an example that fits it.

use serde_json::{Map, Value, json};

use super::location::Location;
use super::{Leaf, Node};
use crate::path::Test;

pub(super) fn of_record(root: &Node) -> Value {
    let mut schema = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object" });
    schema["properties"] = Value::Object(root.properties(&Location::record()));
    schema
}

impl Node {
    fn schema(&self, at: &Location) -> Value {
        if !self.members.is_empty() {
            return json!({ "type": "object", "properties": self.properties(at) });
        }
        if !self.elements.is_empty() {
            return json!({ "type": "array", "items": self.items(at) });
        }
        let leaf = self.leaf.unwrap_or(Leaf::Any);
        let mut schema = leaf.schema();
        schema.insert("example".to_owned(), leaf.example());
        if let Some(path) = at.path() {
            schema.insert("description".to_owned(), path.into());
        }
        Value::Object(schema)
    }

    fn properties(&self, at: &Location) -> Map<String, Value> {
        self.members.iter().map(|(name, node)| (name.clone(), node.schema(&at.member(name)))).collect()
    }

    fn items(&self, at: &Location) -> Value {
        let mut kinds = self.elements.iter().map(|(tests, node)| node.element(tests, at));
        match (kinds.next(), self.elements.len()) {
            (Some(only), 1) => only,
            (Some(first), _) => json!({ "anyOf": std::iter::once(first).chain(kinds).collect::<Vec<_>>() }),
            (None, _) => json!({}),
        }
    }

    fn element(&self, tests: &[Test], list: &Location) -> Value {
        let at = list.elements(tests);
        let mut schema = self.schema(&at);
        if tests.is_empty() {
            return schema;
        }
        schema["title"] = tests.iter().map(in_words).collect::<Vec<_>>().join(", ").into();
        for test in tests.iter().filter(|test| test.equal) {
            schema["properties"][&test.member] = json!({ "type": "string", "const": test.value });
        }
        schema
    }

    pub(super) fn has(&self, at: &Location, path: &str) -> bool {
        let mut members = self.members.iter().map(|(name, node)| (at.member(name), node));
        let mut elements = self.elements.iter().map(|(tests, node)| (at.elements(tests), node));
        let is_value = self.members.is_empty() && self.elements.is_empty();
        (is_value && at.is(path))
            || members.any(|(at, node)| node.has(&at, path))
            || elements.any(|(at, node)| node.has(&at, path))
    }

    pub(super) fn example(&self) -> Value {
        if !self.members.is_empty() {
            return Value::Object(self.members.iter().map(|(name, node)| (name.clone(), node.example())).collect());
        }
        if !self.elements.is_empty() {
            return self.elements.iter().map(|(tests, node)| node.example_element(tests)).collect();
        }
        self.leaf.unwrap_or(Leaf::Any).example()
    }

    fn example_element(&self, tests: &[Test]) -> Value {
        let mut example = self.example();
        for test in tests.iter().filter(|test| test.equal) {
            if example.is_object() {
                example[&test.member] = test.value.clone().into();
            }
        }
        example
    }
}

fn in_words(test: &Test) -> String {
    let is = if test.equal { "is" } else { "is not" };
    format!("{} {is} {}", test.member, test.value)
}

impl Leaf {
    fn schema(self) -> Map<String, Value> {
        let (kind, format) = match self {
            Self::Text => ("string", None),
            Self::Day => ("string", Some("date")),
            Self::Instant => ("string", Some("date-time")),
            Self::Epoch { .. } | Self::Integer => ("integer", None),
            Self::Number => ("number", None),
            Self::Boolean => ("boolean", None),
            Self::TextList => ("array", None),
            Self::Any => return Map::new(),
        };
        let mut schema = Map::from_iter([("type".to_owned(), kind.into())]);
        schema.extend(format.map(|format| ("format".to_owned(), format.into())));
        if self == Self::TextList {
            schema.insert("items".to_owned(), json!({ "type": "string" }));
        }
        schema
    }

    fn example(self) -> Value {
        match self {
            Self::Text | Self::Any => "text".into(),
            Self::Day => "2026-01-31".into(),
            Self::Instant => "2026-01-31T09:30:00Z".into(),
            Self::Epoch { millis: false } => 1_769_851_800.into(),
            Self::Epoch { millis: true } => 1_769_851_800_000_i64.into(),
            Self::Integer => 1.into(),
            Self::Number => json!(1.5),
            Self::Boolean => true.into(),
            Self::TextList => json!(["text"]),
        }
    }
}

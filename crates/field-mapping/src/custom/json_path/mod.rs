//! `JSONPath` (RFC 9535), by which consumers say where a field stands in their vendor's records. Both come from outside, so
//! only paths are taken whose evaluation is linear in the record.

mod limits;

use serde_json::Value;
use serde_json_path::JsonPath as Parsed;

/// A path that can be evaluated.
#[derive(Debug, Clone)]
pub struct JsonPath {
    path: Parsed,
    /// The only member of the record that it looks at, where it names one.
    root: Option<String>,
    /// Whether it asks for many by its form, rather than for the one that a filter finds.
    lists: bool,
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form = limits::check(text)?;
        let path = Parsed::parse(text).map_err(|error| {
            let place = limits::at(text, error.position());
            let reason = error.message().replace("parser error", "this is not expected here");
            format!("{place}: {reason}; write a path such as $.properties.tier")
        })?;
        Ok(Self { path, root: form.root, lists: form.lists })
    }

    /// The value at the place. Null for none; a path that asks for many (`*`, `..`, a slice, several selectors) makes a list
    /// of whatever it finds, any other of several only.
    #[must_use]
    pub fn value(&self, record: &Value) -> Value {
        self.found(record).into_value()
    }

    /// The member of the record that it looks at; `None`: it may look at all of them.
    #[must_use]
    pub fn root(&self) -> Option<&str> {
        self.root.as_deref()
    }

    pub(crate) fn found<'v>(&self, record: &'v Value) -> Found<'v> {
        let found = self.path.query(record).all();
        match found.as_slice() {
            [] => Found::Nothing,
            [only] if !self.lists => Found::One(only),
            _ => Found::Several(found),
        }
    }
}

/// What a path finds.
pub(crate) enum Found<'v> {
    Nothing,
    One(&'v Value),
    Several(Vec<&'v Value>),
}

impl Found<'_> {
    fn into_value(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::One(value) => value.clone(),
            Self::Several(values) => values.into_iter().cloned().collect(),
        }
    }
}

impl serde::Serialize for Found<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_unit(),
            Self::One(value) => value.serialize(serializer),
            Self::Several(values) => values.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_finds_one_value_several_or_none() {
        let record = json!({ "a": { "b": 1 }, "list": [{ "n": 1 }, { "n": 2 }, { "n": 2, "m": null }], "none": [] });
        for (path, expected) in [
            ("$.a.b", json!(1)),
            ("$.a", json!({ "b": 1 })),
            ("$.list[-1]['m']", json!(null)),
            ("$.missing", json!(null)),
            ("$.list[?@.n == 1].n", json!(1)),
            ("$.list[?@.n == 2].n", json!([2, 2])),
            ("$.list[?@.n == 3].n", json!(null)),
            ("$.list[*].m", json!([null])),
            ("$.list[0:1].n", json!([1])),
            ("$.list[0, 1].n", json!([1, 2])),
            ("$['a', 'missing']", json!([{ "b": 1 }])),
            ("$..b", json!([1])),
            ("$.none", json!([])),
            ("$.none[*]", json!(null)),
            // What a filter does inside is no wish for many.
            ("$.list[?count(@.*) == 2].n", json!(2)),
            ("$.list[?@['n','m'] && @.n == 1].n", json!(1)),
        ] {
            assert_eq!(JsonPath::parse(path).unwrap().value(&record), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_says_where() {
        for (path, place) in [
            ("", "at character 1, the end"),
            ("a.b", "at character 1, before `a.b`"),
            ("$.a[", "at character 4, before `[`"),
            ("$.é[?@.a ==]", "at character 10, before `==]`"),
            ("$.é é", "at character 4, before ` é`"),
            ("$.a[?match(@.b, 'x')]", "at character 6, before `match(@.b, 'x')]`"),
        ] {
            let reason = JsonPath::parse(path).unwrap_err();
            assert!(reason.starts_with(place), "{path}: {reason}");
        }
    }
}

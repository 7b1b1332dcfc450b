//! Fields that an account has of its own: where they are told of, and where their values stand in a record.

use field_mapping::{JsonPath, KindGuard, VendorPath};
use serde_json::{Map, Value, json};

use super::Pattern;
use crate::plan::holes::{Piece, pieces};

/// A way to find such fields: rows that tell of one each.
#[derive(Debug, Clone)]
pub struct CustomFields {
    /// Where the rows are.
    pub from: CustomFieldsFrom,
    /// What a row must have to count.
    pub of: KindGuard,
    /// What a row must not have to count, each by itself.
    pub not: Vec<KindGuard>,
    /// Where a row has the field's id.
    pub id: VendorPath,
    /// Where it has the field's name.
    pub name: Option<VendorPath>,
    /// Where it has more about the field.
    pub description: Option<VendorPath>,
    /// Where the field's value is.
    pub finder: Finder,
}

/// Rows that tell of fields.
#[derive(Debug, Clone)]
pub enum CustomFieldsFrom {
    /// Those of a lookup.
    Lookup(String),
    /// The elements of a list in a record.
    Record(VendorPath),
    /// A row `{ name }` for each top-level member of a record that is named so.
    Members(Pattern),
}

/// The `JSONPath` to a field's value, with holes for what the field's row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finder {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(VendorPath),
}

impl CustomFields {
    /// The rows in a record that tell of fields; none where they stand elsewhere.
    #[must_use]
    pub fn rows_in(&self, record: &Map<String, Value>) -> Vec<Value> {
        match &self.from {
            CustomFieldsFrom::Lookup(_) => Vec::new(),
            CustomFieldsFrom::Record(path) => match path.take(&Value::Object(record.clone())) {
                Some(Value::Array(rows)) => rows,
                _ => Vec::new(),
            },
            CustomFieldsFrom::Members(pattern) => {
                let named = record.keys().filter(|name| pattern.regex.is_match(name));
                named.map(|name| json!({ "name": name })).collect()
            }
        }
    }

    /// Whether a row tells of a field of the resource.
    #[must_use]
    pub fn counts(&self, row: &Value) -> bool {
        self.of.admits(row) && !self.not.iter().any(|not| not.admits(row))
    }
}

impl Finder {
    /// Parses the text; each hole is a path in a row.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let parts = pieces(text).map(|piece| match piece? {
            Piece::Text(text) => Ok(Part::Text(text.to_owned())),
            Piece::Hole(path) => VendorPath::parse(path).map(Part::Hole),
        });
        let parts: Vec<Part> = parts.collect::<Result<_, String>>()?;
        if !parts.iter().any(|part| matches!(part, Part::Hole(_))) {
            return Err(format!("`{text}` is one place for all fields; write what tells them apart as in `{{id}}`"));
        }
        let finder = Self { parts };
        // One row is as good as another to see whether the rest is a path.
        let example = finder.filled(|_| Some("'a'".to_owned())).unwrap_or_default();
        JsonPath::parse(&example).map_err(|reason| format!("`{example}` is no JSONPath: {reason}"))?;
        Ok(finder)
    }

    /// What it takes from a row.
    pub(crate) fn holes(&self) -> impl Iterator<Item = &VendorPath> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Hole(path) => Some(path),
        })
    }

    /// The path for a field; `None`: its row does not say enough.
    #[must_use]
    pub fn path(&self, row: &Value) -> Option<String> {
        self.filled(|path| literal(path.find(row)?))
    }

    fn filled(&self, fill: impl Fn(&VendorPath) -> Option<String>) -> Option<String> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Hole(path) => fill(path),
        });
        parts.collect()
    }
}

/// A scalar as a `JSONPath` has it.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(quoted(text)),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => quoted.extend(['\\', character]),
            '\0'..='\u{1f}' => quoted.extend(format!("\\u{:04x}", u32::from(character)).chars()),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn what_fills_a_hole_finds_that_and_nothing_else() {
        let finder = Finder::parse("$.fields[?@.name == {label} && @.on == {is.on}].value").unwrap();
        for label in ["Badge No.", "it's", "\"", "\\", "a' || @.name == 'b", "\n\u{1}", "é😀{id}", ""] {
            let row = json!({ "label": label, "is": { "on": 7 } });
            let path = finder.path(&row).unwrap();
            let field = |name: &str, value: u8| json!({ "name": name, "on": 7, "value": value });
            let record = json!({ "fields": [field("b", 1), field(label, 2), field("c", 3)] });
            assert_eq!(JsonPath::parse(&path).unwrap().value(&record), json!(2), "{path}");
        }
        assert_eq!(finder.path(&json!({ "label": "a" })), None);
        assert_eq!(finder.path(&json!({ "label": null, "is": { "on": true } })), None);
    }

    #[test]
    fn a_finder_that_is_no_path_or_one_for_all_is_refused() {
        for (text, says) in [
            ("$.fields", "is one place for all fields"),
            ("$[{id]", "`{` is never closed"),
            ("$['{id}']", "is no JSONPath: at character"),
            ("$..[?@..a == {id}]", "there may be one `..`"),
            ("$[{}]", "empty path"),
        ] {
            let reason = Finder::parse(text).unwrap_err();
            assert!(reason.contains(says), "{text}: {reason}");
        }
    }
}

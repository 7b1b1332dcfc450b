//! Places in YAML files: what a definition says, with the line and the column of everything that can be wrong in it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;

/// One mistake, loss or remark at a place in a file. Displays as `file:line:column: message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct Diagnostic {
    /// The file's name.
    pub file: String,
    /// 1-based.
    pub line: u64,
    /// 1-based, in characters.
    pub column: u64,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A line and a column, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column, in characters.
    pub column: u64,
}

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl Place {
    /// Where a file as a whole is meant.
    pub const START: Self = Self { line: 1, column: 1 };

    /// What is wrong or remarkable at this place of a file.
    pub fn diagnostic(self, file: impl Into<String>, message: impl Into<String>) -> Diagnostic {
        Diagnostic { file: file.into(), line: self.line, column: self.column, message: message.into() }
    }
}

impl<T> Placed<T> {
    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Placed<U> {
        Placed { value: change(self.value), place: self.place }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<T>::deserialize(deserializer)?;
        let place = Place { line: spanned.referenced.line(), column: spanned.referenced.column() };
        Ok(Self { value: spanned.value, place })
    }
}

impl<T: JsonSchema> JsonSchema for Placed<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// What the parser found wrong with a file, in its own words, at the place that it names.
#[must_use]
pub fn unreadable(file: &str, error: &serde_saphyr::Error) -> Diagnostic {
    let error = error.without_snippet();
    let place = error.location().map_or(Place::START, |at| Place { line: at.line(), column: at.column() });
    let place = Place { line: place.line.max(1), column: place.column.max(1) };
    place.diagnostic(file, bare_message(&error.to_string()))
}

/// The parser's message without the place, which stands in front of ours.
fn bare_message(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let line = line.strip_prefix("error: ").unwrap_or(line);
    let after_place = line.strip_prefix("line ").and_then(|rest| rest.split_once(": ")).map(|(_, rest)| rest);
    let line = after_place.unwrap_or(line);
    let line = line.rsplit_once(" at line ").map_or(line, |(before, _)| before);
    // The library goes on with advice to programmers.
    line.split_once(", set DuplicateKeyPolicy").map_or(line, |(before, _)| before).to_owned()
}

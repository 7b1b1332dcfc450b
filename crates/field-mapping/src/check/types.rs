//! What a chain of converters makes against what the canonical schema wants.

use serde_json::Value;
use unified_model::schema::{Format, Kind};

use crate::check::layers::shown;
use crate::value::convert::{Converter, Makes, Table};

/// The type as a noun phrase, for messages.
pub(super) fn noun(kind: &Kind) -> String {
    match kind {
        Kind::Text { format: Some(Format::DateTime), .. } => "a date-time".to_owned(),
        Kind::Text { format: Some(Format::Date), .. } => "a date".to_owned(),
        Kind::Text { one_of, .. } if one_of.len() > 12 => "one of a closed set of texts".to_owned(),
        Kind::Text { one_of, .. } if !one_of.is_empty() => format!("one of {}", one_of.join(", ")),
        Kind::Text { .. } => "a text".to_owned(),
        Kind::Integer { .. } => "an integer".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Boolean => "true or false".to_owned(),
        Kind::Object(_) => "an object".to_owned(),
        Kind::FreeObject => "an object of any members".to_owned(),
        Kind::List(_) if kind.items().is_some() => "a list of objects".to_owned(),
        Kind::List(_) => "a list of texts".to_owned(),
        Kind::Any => "any value".to_owned(),
    }
}

/// The converters that would make the type.
fn makers(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text { format: Some(Format::DateTime), .. } => "epoch_seconds, epoch_millis, iso, iso_local, odata_date",
        Kind::Text { format: Some(Format::Date), .. } => {
            "date, epoch_seconds, epoch_millis, iso, iso_local, odata_date"
        }
        Kind::Text { .. } => "text, trim, lower, upper, a table of texts",
        Kind::Integer { .. } => "integer, a table of integers",
        Kind::Number => "number, number_text, integer, a table of numbers",
        Kind::Boolean => "boolean, above_zero, a table of true and false",
        Kind::List(_) => "comma_separated, text, trim, lower, upper",
        Kind::FreeObject | Kind::Object(_) => "none",
        Kind::Any => "any converter",
    }
}

/// Why the last converter of a chain cannot make the type, if it cannot.
pub(super) fn mismatch(name: &str, kind: &Kind, chain: &[Converter], words: &[String]) -> Option<String> {
    for (index, converter) in chain.iter().enumerate() {
        let whole = matches!(converter, Converter::CommaSeparated | Converter::JsonText | Converter::JsonList);
        if whole && index > 0 {
            return Some(format!("`{}` must stand first in `as`", words[index]));
        }
    }
    let last = chain.last()?;
    let word = words.last().map(String::as_str).unwrap_or_default();
    if let Converter::Table(table) = last {
        return table_mismatch(name, kind, table);
    }
    let separated = matches!(chain.first(), Some(Converter::CommaSeparated));
    let fits = match (kind, last.makes()) {
        (Kind::Any, _) => true,
        (Kind::Text { format: Some(Format::DateTime), .. }, makes) => makes == Makes::Instant,
        (Kind::Text { format: Some(Format::Date), .. }, makes) => matches!(makes, Makes::Day | Makes::Instant),
        (Kind::Text { one_of, .. }, makes) if !one_of.is_empty() => makes == Makes::Text,
        (Kind::Text { .. }, makes) => matches!(makes, Makes::Text | Makes::Instant | Makes::Day) && !separated,
        (Kind::Integer { .. }, makes) => makes == Makes::Integer,
        (Kind::Number, makes) => matches!(makes, Makes::Number | Makes::Integer),
        (Kind::Boolean, makes) => makes == Makes::Boolean,
        (Kind::List(_), makes) => matches!(makes, Makes::TextList | Makes::Text),
        (Kind::FreeObject | Kind::Object(_), _) => false,
    };
    let makes = match last.makes() {
        Makes::Text if separated => "a list of texts",
        Makes::Text => "a text",
        Makes::Integer => "an integer",
        Makes::Number => "a number",
        Makes::Boolean => "true or false",
        Makes::Instant => "a date-time",
        Makes::Day => "a date",
        Makes::TextList => "a list of texts",
        Makes::Any | Makes::Cells => "any value",
    };
    (!fits).then(|| format!("`as: {word}` makes {makes}, but `{name}` is {}; allowed: {}", noun(kind), makers(kind)))
}

/// Canonical values of a table that the type does not hold.
fn table_mismatch(name: &str, kind: &Kind, table: &Table) -> Option<String> {
    let others = table.read_other.iter().chain(&table.read_missing);
    let cells = table.rows.iter().map(|(_, cell)| cell).chain(others);
    let bad: Vec<String> = cells.filter(|cell| constant_mismatch(kind, cell).is_some()).map(shown).collect();
    let first = bad.first()?;
    Some(format!("table `{}` reads `{first}`, but `{name}` is {}", table.name, noun(kind)))
}

/// Why a constant is not of the type, if it is not.
pub(super) fn constant_mismatch(kind: &Kind, value: &Value) -> Option<String> {
    let fits = match (kind, value) {
        (Kind::Text { format: None, one_of, .. }, Value::String(text)) => one_of.is_empty() || one_of.contains(text),
        (Kind::Integer { .. }, Value::Number(number)) => number.is_i64(),
        (Kind::Number, Value::Number(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Any, Value::Bool(_) | Value::Number(_) | Value::String(_)) => true,
        (
            Kind::Text { .. }
            | Kind::Integer { .. }
            | Kind::Number
            | Kind::Boolean
            | Kind::Object(_)
            | Kind::FreeObject
            | Kind::List(_)
            | Kind::Any,
            _,
        ) => false,
    };
    (!fits).then(|| format!("`{}` is not {}", shown(value), noun(kind)))
}

//! The validator: holds what a caller sends, and what the gateway answers, against the canonical schema.

use serde_json::{Map, Number, Value};

use crate::answer::Warning;
use crate::request::findings::{Findings, Path, shortened};
use crate::request::moment;
use crate::request::suggest::{did_you_mean, listed, nearest};
use crate::request::{PassThroughBody, Violation};
use crate::schema::{Access, Format, Kind, ObjectType, Property};
use crate::vocabulary::{Operation, is_blank};

/// A body that is valid, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedBody {
    /// The canonical members to write.
    pub body: Map<String, Value>,
    /// What the caller adds for vendors.
    pub pass_through: Vec<PassThroughBody>,
    /// The read-only members that were sent and left out.
    pub warnings: Vec<Warning>,
}

/// Holds the body of an `add` or `update` against the record's type.
///
/// # Errors
/// Every violation found, at most 20.
pub fn check_body(
    mut body: Map<String, Value>,
    record: &ObjectType,
    operation: Operation,
) -> Result<CheckedBody, Vec<Violation>> {
    let mode = if operation == Operation::Update { Mode::Update } else { Mode::Add };
    // What is passed through belongs to records, and only their fields can be cleared: the Vault API's bodies have none.
    let declared = record.property("pass_through").is_some();
    let mut validator = Validator { mode, clears_by_null: declared, findings: Findings::default() };
    validator.object(&mut body, record, Path::Body);
    let Findings { violations, warnings } = validator.findings;
    if !violations.is_empty() {
        return Err(violations);
    }
    let pass_through = if declared { body.remove("pass_through") } else { None };
    Ok(CheckedBody { body, pass_through: pass_through_bodies(pass_through), warnings })
}

/// Holds a record that the gateway is about to answer against its type: what `fields` may leave out may be missing,
/// what the schema requires may not.
#[must_use]
pub fn check_output(record: &Value, of: &ObjectType) -> Vec<Violation> {
    let mut validator = Validator { mode: Mode::Output, clears_by_null: false, findings: Findings::default() };
    match record.clone() {
        Value::Object(mut members) => validator.object(&mut members, of, Path::Body),
        other => validator.findings.violation(Path::Body, format!("must be an object; found {}", found(&other))),
    }
    validator.findings.violations
}

const BLANK_ID: &str = "must be an id; found a blank text, which is the id of no record";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Add,
    Update,
    Output,
}

struct Validator {
    mode: Mode,
    /// Whether a null stands for a value that is taken away.
    clears_by_null: bool,
    findings: Findings,
}

impl Validator {
    fn object(&mut self, members: &mut Map<String, Value>, of: &ObjectType, at: Path<'_>) {
        let partial = self.mode == Mode::Update && matches!(at, Path::Body);
        members.retain(|name, value| self.member(name, value, of, at, partial));
        if !partial {
            for property in of.properties.iter().filter(|property| property.required) {
                let set_by_caller = self.mode == Mode::Output || property.access != Access::ReadOnly;
                if set_by_caller && !members.contains_key(&property.name) {
                    let form = if property.nullable { ", or null" } else { "" };
                    let message = format!("is required; add {}{form}", expected(&property.kind));
                    self.findings.violation(Path::Member(&at, &property.name), message);
                }
            }
        }
        let present = |name: &String| members.get(name).is_some_and(|value| !value.is_null());
        if !of.any_of_required.is_empty() && !of.any_of_required.iter().any(|group| group.iter().all(present)) {
            let groups: Vec<String> = of.any_of_required.iter().map(|group| group.join(" and ")).collect();
            self.findings.violation(at, format!("needs {} that is not null", groups.join(" or ")));
        }
    }

    /// Checks one member; says whether it stays.
    fn member(&mut self, name: &str, value: &mut Value, of: &ObjectType, at: Path<'_>, partial: bool) -> bool {
        if self.findings.is_full() {
            return true;
        }
        let here = Path::Member(&at, name);
        let Some(property) = of.property(name) else {
            if !of.open {
                let names = || of.properties.iter().map(|property| property.name.as_str());
                let hint = match did_you_mean(name, names()) {
                    none if none.is_empty() && of.properties.len() <= 8 => {
                        format!("; its members are {}", listed(names()))
                    }
                    hint => hint,
                };
                self.findings.violation(here, format!("is not a member of {}{hint}", of.name));
            }
            return true;
        };
        self.blank_ids(property, value, here);
        match property.access {
            Access::ReadOnly if self.mode != Mode::Output && !self.points_at_an_item(property, at) => {
                self.findings.left_out(here);
                return false;
            }
            Access::WriteOnly if self.mode == Mode::Output => {
                self.findings.violation(here, "is write-only and must not be answered");
            }
            // The SDKs make callers repeat required members, if need be as null.
            Access::ReadWrite | Access::ReadOnly | Access::WriteOnly
                if partial && property.required && value.is_null() =>
            {
                return false;
            }
            Access::ReadWrite | Access::ReadOnly | Access::WriteOnly => {
                self.value(value, &property.kind, property.nullable, here);
            }
        }
        true
    }

    /// Forms send an empty text for "no choice". As an id it means null where null is allowed, and is refused elsewhere, since no
    /// record has it.
    fn blank_ids(&mut self, property: &Property, value: &mut Value, at: Path<'_>) {
        // The bodies of the Vault API name no records of vendors, and what is read only is left out.
        if !self.clears_by_null || property.access == Access::ReadOnly || !property.holds_ids() {
            return;
        }
        let is_blank = |value: &Value| value.as_str().is_some_and(is_blank);
        match value {
            Value::Array(items) => {
                for (index, _) in items.iter().enumerate().filter(|(_, item)| is_blank(item)) {
                    self.findings.violation(Path::Item(&at, index), BLANK_ID);
                }
            }
            value if is_blank(value) && property.nullable => *value = Value::Null,
            value if is_blank(value) => self.findings.violation(at, BLANK_ID),
            _ => {}
        }
    }

    /// In a list that replaces another, an item's `id` says which of the old items it is: without it a renamed pipeline
    /// stage could not be told from one stage removed and another added. So it stays, read-only as it is.
    fn points_at_an_item(&self, property: &Property, at: Path<'_>) -> bool {
        self.mode == Mode::Update && property.name == "id" && matches!(at, Path::Item(..))
    }

    fn value(&mut self, value: &mut Value, kind: &Kind, nullable: bool, at: Path<'_>) {
        match (kind, value) {
            // A schema that names no type allows any value whatsoever.
            (Kind::Any, _) | (_, Value::Null) if nullable => {}
            // An answer leaves out what has no value; a caller says by null that it is to have none.
            (Kind::Any, Value::Null) if self.clears_by_null => {}
            (kind, Value::Null) => {
                self.findings.violation(at, format!("must not be null; leave it out, or send {}", expected(kind)));
            }
            (Kind::Any, Value::Array(items)) => self.items_of_any(items, at),
            (Kind::Any, _)
            | (Kind::Boolean, Value::Bool(_))
            | (Kind::Number, Value::Number(_))
            | (Kind::FreeObject, Value::Object(_)) => {}
            (Kind::Text { format, one_of, min_length, max_length }, Value::String(text)) => {
                let checked = among(text, one_of)
                    .and_then(|()| self.format(text, *format))
                    .and_then(|()| length(text, *min_length, *max_length));
                if let Err(message) = checked {
                    self.findings.violation(at, message);
                }
            }
            (Kind::Integer { minimum, maximum }, Value::Number(number)) => {
                if let Err(message) = self.integer(number, *minimum, *maximum) {
                    self.findings.violation(at, message);
                }
            }
            (Kind::Object(of), Value::Object(members)) => self.object(members, of, at),
            (Kind::List(kind), Value::Array(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    if self.findings.is_full() {
                        break;
                    }
                    self.value(item, kind, false, Path::Item(&at, index));
                }
            }
            (kind, other) => {
                self.findings.violation(at, format!("must be {}; found {}", expected(kind), found(other)));
            }
        }
    }

    fn items_of_any(&mut self, items: &[Value], at: Path<'_>) {
        for (index, item) in items.iter().enumerate() {
            if item.is_null() || item.is_array() {
                let message = format!("must be text, a number, true, false or an object; found {}", found(item));
                self.findings.violation(Path::Item(&at, index), message);
            }
        }
    }

    fn format(&self, text: &str, format: Option<Format>) -> Result<(), String> {
        let found = || shortened(text);
        match format {
            Some(Format::Date) if !moment::is_date(text) => {
                Err(format!("must be a date as YYYY-MM-DD; found \"{}\"", found()))
            }
            Some(Format::DateTime) if moment::instant(text).is_none() => {
                Err(format!("must be a date and time with zone, such as 2020-09-30T07:43:32Z; found \"{}\"", found()))
            }
            Some(Format::DateTime) if self.mode == Mode::Output && !text.ends_with('Z') => {
                Err(format!("must be answered in UTC, with Z; found \"{}\"", found()))
            }
            Some(Format::Date | Format::DateTime) | None => Ok(()),
        }
    }

    /// JSON Schema takes 1.0 for the integer 1. So do we, and write it as one.
    fn integer(&self, number: &mut Number, minimum: Option<i64>, maximum: Option<i64>) -> Result<(), String> {
        if !number.is_i64() && !number.is_u64() {
            if self.mode == Mode::Output {
                return Err(format!("must be answered without a fraction; found {number}"));
            }
            *number = whole(number).ok_or_else(|| format!("must be a whole number; found {number}"))?;
        }
        let value = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)).unwrap_or_default();
        if let Some(minimum) = minimum.filter(|minimum| value < i128::from(*minimum)) {
            return Err(format!("must be at least {minimum}; found {value}"));
        }
        if let Some(maximum) = maximum.filter(|maximum| value > i128::from(*maximum)) {
            return Err(format!("must be at most {maximum}; found {value}"));
        }
        Ok(())
    }
}

/// Whether the text is of the closed set; an empty set is open.
pub(crate) fn among(text: &str, one_of: &[String]) -> Result<(), String> {
    if one_of.is_empty() || one_of.iter().any(|known| known == text) {
        return Ok(());
    }
    let known = || one_of.iter().map(String::as_str);
    let hint = nearest(text, known()).map(|meant| format!(", did you mean \"{meant}\"?")).unwrap_or_default();
    Err(format!("must be one of {}; found \"{}\"{hint}", listed(known()), shortened(text)))
}

pub(crate) fn length(text: &str, min_length: usize, max_length: Option<usize>) -> Result<(), String> {
    let length = text.chars().count();
    let characters = |count: usize| if count == 1 { "1 character".to_owned() } else { format!("{count} characters") };
    if length < min_length {
        return Err(format!("must have at least {}; found {length}", characters(min_length)));
    }
    match max_length.filter(|max_length| length > *max_length) {
        Some(max_length) => Err(format!("must have at most {}; found {length}", characters(max_length))),
        None => Ok(()),
    }
}

/// The integer that a number without fraction is, where 64 bits can hold it.
fn whole(number: &Number) -> Option<Number> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && (-LIMIT..LIMIT).contains(float))?;
    #[expect(clippy::cast_possible_truncation, reason = "without fraction and within the bounds of i64")]
    let integer = float as i64;
    Some(integer.into())
}

/// What would have been right, as a noun phrase.
fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text { format: Some(Format::Date), .. } => "a date as text",
        Kind::Text { format: Some(Format::DateTime), .. } => "a date and time as text",
        Kind::Text { .. } => "text",
        Kind::Integer { .. } => "a whole number",
        Kind::Number => "a number",
        Kind::Boolean => "true or false",
        Kind::Object(_) | Kind::FreeObject => "an object",
        Kind::List(_) => "a list",
        Kind::Any => "text, a number, true, false, an object or a list",
    }
}

/// What there was instead, as a noun phrase.
pub(crate) fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => format!("the number {}", shortened(&number.to_string())),
        Value::String(text) => format!("the text \"{}\"", shortened(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Reads `pass_through`, which is known to be valid.
fn pass_through_bodies(value: Option<Value>) -> Vec<PassThroughBody> {
    let Some(Value::Array(items)) = value else { return Vec::new() };
    let objects = items.into_iter().filter_map(object);
    objects.filter_map(pass_through_body).collect()
}

fn pass_through_body(mut members: Map<String, Value>) -> Option<PassThroughBody> {
    let extend_paths = match members.remove("extend_paths") {
        Some(Value::Array(items)) => items
            .into_iter()
            .filter_map(object)
            .filter_map(|mut item| Some((text(item.remove("path")?)?, item.remove("value")?)))
            .collect(),
        _ => Vec::new(),
    };
    Some(PassThroughBody {
        service_id: members.remove("service_id").and_then(text)?,
        operation_id: members.remove("operation_id").and_then(text),
        extend_object: members.remove("extend_object").and_then(object),
        extend_paths,
    })
}

fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn object(value: Value) -> Option<Map<String, Value>> {
    if let Value::Object(members) = value { Some(members) } else { None }
}

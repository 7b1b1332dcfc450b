//! Reads what callers send, and refuses what the vendor refuses.

use serde_json::{Map, Value};

use super::records::{Origin, Property};
use super::replies::Refusal;
use crate::exchange::{Content, VendorRequest};

/// The pairs of a form body.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A form body, without which the vendor's form end-points answer 415. No body at all is a form without pairs.
pub(super) fn form(request: &VendorRequest) -> Result<Form, Refusal> {
    match request.content() {
        Content::Form(pairs) => Ok(Form(pairs)),
        Content::Empty => Ok(Form(Vec::new())),
        Content::Json(_) | Content::Malformed | Content::Other => Err(Refusal::not_this_content_type()),
    }
}

/// The members of a JSON body.
pub(super) fn json_body(request: &VendorRequest) -> Result<Map<String, Value>, Refusal> {
    match request.content() {
        Content::Json(Value::Object(members)) if members.values().any(has_null) => {
            Err(Refusal::wrong_format("null is no value, leave the field out or send an empty one"))
        }
        Content::Json(Value::Object(members)) => Ok(members),
        Content::Json(_) | Content::Malformed | Content::Empty => Err(Refusal::wrong_format("not a JSON object")),
        Content::Form(_) | Content::Other => Err(Refusal::not_this_content_type()),
    }
}

/// An id in a path: what is no number is an exception inside the vendor.
pub(super) fn id(text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| Refusal::not_a_number(text))
}

/// A whole number, written as a number or as text; `None` when it is missing or empty.
pub(super) fn integer(body: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refusal> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| Refusal::not_a_number(text)),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(integer) => Ok(Some(integer)),
            None => Err(Refusal::not_a_number(&number.to_string())),
        },
        Some(_) => Err(Refusal::wrong_format(name)),
    }
}

/// A text, where a number or a truth value is its own text; `None` when it is missing or empty.
pub(super) fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::Bool(truth)) => Ok(Some(truth.to_string())),
        Some(_) => Err(Refusal::wrong_format(name)),
    }
}

/// An amount, written as a number or as text; `None` when it is missing or empty.
pub(super) fn amount(body: &Map<String, Value>, name: &str) -> Result<Option<f64>, Refusal> {
    let text = text(body, name)?;
    text.map(|text| text.parse().map_err(|_| Refusal::not_a_number(&text))).transpose()
}

/// A truth value, written as one or as text; `None` when it is missing or empty.
pub(super) fn truth(body: &Map<String, Value>, name: &str) -> Result<Option<bool>, Refusal> {
    let text = text(body, name)?;
    text.map(|text| text.parse().map_err(|_| Refusal::wrong_format(name))).transpose()
}

/// The ids in a list, each a text or a number; `None` when there is no list.
pub(super) fn ids(body: &Map<String, Value>, name: &str) -> Result<Option<Vec<i64>>, Refusal> {
    if !body.contains_key(name) {
        return Ok(None);
    }
    let ids = list(body, name)?.iter().map(|item| match item {
        Value::String(text) => id(text),
        Value::Number(number) => number.as_i64().ok_or_else(|| Refusal::not_a_number(&number.to_string())),
        _ => Err(Refusal::wrong_format(name)),
    });
    let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    Ok(Some(ids))
}

/// A value that must be there.
pub(super) fn mandatory<T>(value: Option<T>, name: &str) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::wrong_format(&format!("{name} is missing")))
}

/// The id of the record that an edit is about, or the vendor's own sentence about its absence.
pub(super) fn edited_id(body: &Map<String, Value>, otherwise: &'static str) -> Result<i64, Refusal> {
    integer(body, "id")?.ok_or_else(|| Refusal::text(400, otherwise))
}

/// The properties in the order sent, e-mails in lower case. `name_lower` is the vendor's own and not taken.
pub(super) fn properties(body: &Map<String, Value>) -> Result<Vec<Property>, Refusal> {
    let items = match body.get("properties") {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(Refusal::wrong_format("properties is not a list")),
    };
    let mut properties = items.iter().map(property).collect::<Result<Vec<_>, _>>()?;
    properties.retain(|property| !property.is_system("name_lower"));
    Ok(properties)
}

/// The tags of a body: `tags`, and the names in `tagsWithTime`. Each must be one that the vendor allows.
pub(super) fn tags(body: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let mut names = Vec::new();
    for tag in list(body, "tagsWithTime")? {
        names.push(tag.get("tag").and_then(Value::as_str));
    }
    for tag in list(body, "tags")? {
        names.push(tag.as_str());
    }
    names.into_iter().map(tag).collect()
}

pub(super) fn list<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], Refusal> {
    match body.get(name) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Refusal::wrong_format(name)),
    }
}

fn tag(name: Option<&str>) -> Result<String, Refusal> {
    let name = name.ok_or_else(|| Refusal::wrong_format("a tag is not text"))?;
    let begins_well = name.starts_with(char::is_alphabetic);
    if begins_well && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | ' ')) {
        Ok(name.to_owned())
    } else {
        Err(Refusal::text(400, "Tag name should begin with a letter and hold letters, digits, underscores and spaces."))
    }
}

fn property(item: &Value) -> Result<Property, Refusal> {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let name = text("name").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::wrong_format("a property has no name"))?;
    let origin = match text("type") {
        None | Some("SYSTEM") => Origin::System,
        Some("CUSTOM") => Origin::Custom,
        Some(_) => return Err(Refusal::wrong_format("a property's type is neither SYSTEM nor CUSTOM")),
    };
    let value = match item.get("value") {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        Some(_) => return Err(Refusal::wrong_format("a property's value is not text")),
    };
    let subtype = text("subtype").filter(|subtype| !subtype.is_empty()).map(str::to_owned);
    let is_number = origin == Origin::Custom && item.get("value").is_some_and(Value::is_i64);
    let mut property = Property { origin, name: name.to_owned(), subtype, value, is_number };
    if property.is_system("email") {
        property.value = property.value.to_lowercase();
    }
    Ok(property)
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

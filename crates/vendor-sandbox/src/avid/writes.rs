//! Rows created under the caller's own ids, replaced, merged and deleted.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::render::Form;
use super::replies;
use super::schema::{Edm, OWNERS, REFERENCES, Rows, Set};
use super::store::Account;
use crate::avid::query::Shape;
use crate::exchange::{Content, Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::table::{Record, Table, text};
use crate::values::guid;

/// `POST /{Set}`: the id is the caller's to make.
pub(super) fn create(account: &mut Account, request: &VendorRequest, form: &Form, set: &'static Set) -> Outcome {
    let members = read(account, request, set)?;
    let id = text(&members, "Id").to_owned();
    if id.is_empty() {
        return Err(replies::wrong("The Id field is required."));
    }
    if account.has(set.name, &id) {
        return Err(replies::conflict());
    }
    let mut row = empty(set);
    row.extend(members);
    check_addresses(account, set, &row)?;
    let now = account.tick();
    stamp(set, &mut row, "CreatedDate", &now);
    stamp(set, &mut row, "UpdatedDate", &now);
    account.insert(set.name, row.clone());
    Ok(form.one(201, set, form.entity(account, set, &row, &Shape::default())))
}

/// `PUT /{Set}(key)`: what is not sent is null afterwards.
pub(super) fn replace(account: &mut Account, request: &VendorRequest, set: &'static Set, key: &str) -> Outcome {
    let members = read_change(account, request, set, key)?;
    let now = account.tick();
    account.change(set, key, |row| {
        let created = row.get("CreatedDate").cloned().unwrap_or_default();
        *row = empty(set);
        row.extend(members);
        row.insert("Id".to_owned(), json!(key));
        if let Some(text) = created.as_str() {
            stamp(set, row, "CreatedDate", text);
        }
        stamp(set, row, "UpdatedDate", &now);
    });
    Ok(VendorAnswer::empty(204))
}

/// `PATCH /{Set}(key)`: only what is sent changes.
pub(super) fn merge(account: &mut Account, request: &VendorRequest, set: &'static Set, key: &str) -> Outcome {
    let members = read_change(account, request, set, key)?;
    let now = account.tick();
    account.change(set, key, |row| {
        row.extend(members);
        stamp(set, row, "UpdatedDate", &now);
    });
    Ok(VendorAnswer::empty(204))
}

/// `DELETE /{Set}(key)`.
pub(super) fn delete(account: &mut Account, set: &'static Set, key: &str) -> Outcome {
    check_writable(set)?;
    if !account.remove(set, key) {
        return Err(replies::no_such_row());
    }
    account.clock.tick();
    Ok(VendorAnswer::empty(204))
}

/// A company has room for two addresses. `owner` is whose the address is to be.
pub(super) fn check_addresses(account: &Account, set: &Set, row: &Record) -> Result<(), Refusal> {
    let owner = text(row, "EntityId");
    if set.name != "Addresses" || !account.has("Companies", owner) {
        return Ok(());
    }
    let others = account.table(set.name).into_iter().flat_map(Table::records);
    let others = others.filter(|other| text(other, "EntityId") == owner && text(other, "Id") != text(row, "Id"));
    if others.count() < 2 {
        Ok(())
    } else {
        Err(replies::wrong("A company has a primary and a shipping address only."))
    }
}

fn check_writable(set: &Set) -> Result<(), Refusal> {
    if set.rows == Rows::Written { Ok(()) } else { Err(replies::not_allowed()) }
}

fn empty(set: &Set) -> Record {
    set.properties.iter().map(|(name, _)| ((*name).to_owned(), Value::Null)).collect()
}

/// Times that the server keeps, where the set has them.
fn stamp(set: &Set, row: &mut Record, name: &str, time: &str) {
    if set.property(name).is_some() {
        row.insert(name.to_owned(), json!(time));
    }
}

fn read_change(account: &Account, request: &VendorRequest, set: &'static Set, key: &str) -> Result<Record, Refusal> {
    let mut members = read(account, request, set)?;
    if !account.has(set.name, key) {
        return Err(replies::no_such_row());
    }
    if members.remove("Id").is_some_and(|id| id != key) {
        return Err(replies::wrong("The Id of the entity does not match the URI."));
    }
    if members.contains_key("EntityId") {
        let mut row = members.clone();
        row.insert("Id".to_owned(), json!(key));
        check_addresses(account, set, &row)?;
    }
    Ok(members)
}

/// The properties of a body, each as it is stored. Annotations, navigations and the server's own times are passed over.
fn read(account: &Account, request: &VendorRequest, set: &'static Set) -> Result<Record, Refusal> {
    check_writable(set)?;
    let Content::Json(Value::Object(body)) = request.content() else {
        return Err(replies::wrong("The request body is not a JSON object."));
    };
    let mut members = Record::new();
    for (name, value) in body {
        let is_passed_over = name.starts_with("odata.")
            || name.contains("@odata.")
            || matches!(name.as_str(), "__metadata" | "CreatedDate" | "UpdatedDate")
            || set.navigation(&name).is_some();
        if is_passed_over {
            continue;
        }
        let (_, edm) = set.property(&name).ok_or_else(|| {
            replies::wrong(&format!("The property '{name}' does not exist on type 'Prophet.{}'.", set.entity))
        })?;
        let stored = stored(&value, edm).ok_or_else(|| {
            replies::wrong(&format!("Cannot convert the value of '{name}' to the expected type '{}'.", edm.name()))
        })?;
        members.insert(name, stored);
    }
    check_references(account, &members)?;
    Ok(members)
}

fn stored(value: &Value, edm: Edm) -> Option<Value> {
    match (edm, value) {
        (_, Value::Null) => Some(Value::Null),
        (Edm::Guid, Value::String(text)) => guid::parse(text).map(Value::String),
        (Edm::DateTime, Value::String(text)) => time(text).map(|time| json!(time.to_string())),
        (Edm::Text, Value::String(_)) | (Edm::Flag, Value::Bool(_)) | (Edm::Number, Value::Number(_)) => {
            Some(value.clone())
        }
        (Edm::Whole, Value::Number(number)) => number.as_i64().map(|whole| json!(whole)),
        _ => None,
    }
}

/// `2019-07-21T19:00:00` or `/Date(1563735600000)/`. A zone is no part of either.
fn time(text: &str) -> Option<DateTime> {
    let milliseconds = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/"));
    match milliseconds {
        Some(number) => {
            let timestamp = Timestamp::from_millisecond(number.parse().ok()?).ok()?;
            Some(TimeZone::UTC.to_datetime(timestamp))
        }
        None => text.parse().ok(),
    }
}

fn check_references(account: &Account, members: &Record) -> Result<(), Refusal> {
    let unknown = |name: &str| replies::wrong(&format!("The {name} is the Id of no entity."));
    for (name, set) in REFERENCES {
        let id = text(members, name);
        if !id.is_empty() && !account.has(set, id) {
            return Err(unknown(name));
        }
    }
    let owner = text(members, "EntityId");
    if owner.is_empty() || OWNERS.iter().any(|set| account.has(set, owner)) { Ok(()) } else { Err(unknown("EntityId")) }
}

//! Reads bodies, filters and pages as callers send them.

use serde_json::{Value, json};

use super::replies;
use crate::exchange::{Content, Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::members::{self, Kind};
use crate::table::Record;
use crate::values::guid;

const PAGE_SIZE: usize = 50;
/// Larger pages are cut to this.
const LARGEST_PAGE: usize = 200;

/// A JSON object. No body at all is an empty one, since most end-points require no member.
pub(super) fn body(request: &VendorRequest) -> Result<Record, Refusal> {
    match request.content() {
        Content::Json(Value::Object(members)) => Ok(members),
        Content::Empty => Ok(Record::new()),
        _ => Err(replies::wrong("Invalid JSON body")),
    }
}

/// The members of a body that are known.
pub(super) fn members(request: &VendorRequest, known: &[(&'static str, Kind)]) -> Result<Record, Refusal> {
    members::read(&body(request)?, known).map_err(|name| replies::wrong(&format!("Invalid value for {name}")))
}

/// A text that must be sent and not be blank.
pub(super) fn required(record: &Record, name: &str) -> Result<(), Refusal> {
    let sent = record.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    if sent { Ok(()) } else { Err(replies::wrong(&format!("{name} is required"))) }
}

/// One of a few words; null where `otherwise` has to stand in.
pub(super) fn word(record: &Record, name: &str, allowed: &[&str]) -> Result<(), Refusal> {
    match record.get(name) {
        None => Ok(()),
        Some(value) if value.as_str().is_some_and(|word| allowed.contains(&word)) => Ok(()),
        Some(_) => Err(replies::wrong(&format!("{name} must be one of {}", allowed.join(", ")))),
    }
}

/// A UUID in the query.
pub(super) fn uuid(request: &VendorRequest, name: &str) -> Result<Option<String>, Refusal> {
    let Some(text) = request.query(name) else { return Ok(None) };
    guid::parse(text).map(Some).ok_or_else(|| replies::wrong(&format!("{name} must be a UUID")))
}

/// The page asked for. `limit` is from before there were pages and counts only where no page is named.
pub(super) fn page(request: &VendorRequest, name: &str, records: &[Value]) -> Outcome {
    let page = positive(request, "page")?;
    let size = if page.is_some() { positive(request, "pageSize")? } else { positive(request, "limit")? };
    let size = size.unwrap_or(PAGE_SIZE).min(LARGEST_PAGE);
    let page = page.unwrap_or(1);
    let shown: Vec<&Value> = records.iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    Ok(VendorAnswer::json(200, &json!({name: shown, "total": records.len(), "page": page})))
}

fn positive(request: &VendorRequest, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = request.query(name) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| replies::wrong(&format!("{name} must be at least 1")))
}

//! Lists: narrowed by owner, organization and time of change, in one of three orders, with an opaque cursor.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::items::Kind;
use super::replies;
use super::store::Company;
use crate::exchange::{Outcome, Refusal, VendorRequest};
use crate::table::{Record, text};

const PAGE_SIZE: usize = 100;
const LARGEST_PAGE: usize = 500;

/// `GET /{kind}`.
pub(super) fn list(company: &Company, request: &VendorRequest, kind: Kind) -> Outcome {
    let limit = limit(request)?;
    let owner = number(request, "owner_id")?;
    let organization = if kind == Kind::Person { number(request, "org_id")? } else { None };
    let ids = request.query("ids").map(|ids| ids.split(',').map(str::to_owned).collect::<Vec<_>>());
    let (since, until) = (instant(request, "updated_since")?, instant(request, "updated_until")?);
    let is_meant = |record: &&Record| {
        owner.is_none_or(|id| record["owner_id"] == id)
            && organization.is_none_or(|id| record["org_id"] == id)
            && ids.as_ref().is_none_or(|ids| ids.contains(&record["id"].to_string()))
            && since.as_ref().is_none_or(|since| text(record, "update_time") >= since.as_str())
            && until.as_ref().is_none_or(|until| text(record, "update_time") < until.as_str())
    };
    let (by, descends) = order(request)?;
    let mut found: Vec<(Key, &Record)> =
        company.table(kind).records().filter(is_meant).map(|record| (key(record, by), record)).collect();
    found.sort_by(|one, other| if descends { other.0.cmp(&one.0) } else { one.0.cmp(&other.0) });
    let last = cursor(request)?;
    let is_after = |own: &Key| last.as_ref().is_none_or(|last| if descends { own < last } else { own > last });
    let mut rest = found.iter().filter(|(own, _)| is_after(own));
    let page: Vec<&(Key, &Record)> = rest.by_ref().take(limit).collect();
    let next = page.last().filter(|_| rest.next().is_some()).map(|(last, _)| written(last));
    let items: Vec<Value> = page.iter().map(|(_, record)| Value::Object((*record).clone())).collect();
    Ok(replies::page(&items, next.as_deref()))
}

pub(super) fn limit(request: &VendorRequest) -> Result<usize, Refusal> {
    let Some(sent) = request.query("limit") else { return Ok(PAGE_SIZE) };
    let limit = sent.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    limit.ok_or_else(|| replies::wrong("Validation failed: limit: Invalid value"))
}

pub(super) fn number(request: &VendorRequest, name: &str) -> Result<Option<u64>, Refusal> {
    let read =
        |text: &str| text.parse().map_err(|_| replies::wrong(&format!("Validation failed: {name}: Invalid value")));
    request.query(name).map(read).transpose()
}

/// An instant as records have it, whatever zone and fraction it is sent with.
fn instant(request: &VendorRequest, name: &str) -> Result<Option<String>, Refusal> {
    let wrong = || replies::wrong(&format!("Validation failed: {name}: must be a valid RFC3339 date-time"));
    let read = |text: &str| {
        let instant: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
        Ok(instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    request.query(name).map(read).transpose()
}

fn order(request: &VendorRequest) -> Result<(&str, bool), Refusal> {
    let by = request.query("sort_by").unwrap_or("id");
    let direction = request.query("sort_direction").unwrap_or("asc");
    if !["id", "update_time", "add_time"].contains(&by) || !["asc", "desc"].contains(&direction) {
        return Err(replies::wrong("Validation failed: sort_by: Invalid value"));
    }
    Ok((by, direction == "desc"))
}

/// What an item is ordered by; the id makes it its own.
type Key = (String, u64);

fn key(record: &Record, by: &str) -> Key {
    (text(record, by).to_owned(), record["id"].as_u64().unwrap_or_default())
}

fn written((by, id): &Key) -> String {
    URL_SAFE_NO_PAD.encode(json!({"fieldValue": by, "id": id}).to_string())
}

fn cursor(request: &VendorRequest) -> Result<Option<Key>, Refusal> {
    let Some(sent) = request.query("cursor") else { return Ok(None) };
    let read = || {
        let cursor: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(sent).ok()?).ok()?;
        Some((cursor["fieldValue"].as_str()?.to_owned(), cursor["id"].as_u64()?))
    };
    read().map(Some).ok_or_else(|| replies::wrong("Validation failed: cursor: Invalid value"))
}

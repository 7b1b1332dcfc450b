//! Records of every kind: listed, read, created, changed, deleted.

use serde_json::{Value, json};

use super::kinds::Kind;
use super::pipelines;
use super::replies;
use super::store::Account;
use crate::exchange::{Content, Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::members;
use crate::table::{Record, text};

const PAGE_SIZE: usize = 20;
/// Larger pages are cut to this.
const LARGEST_PAGE: usize = 100;

/// `GET /{area}/{kind}`, in the order of creation.
pub(super) fn list(account: &Account, request: &VendorRequest, kind: Kind) -> Outcome {
    let shown = account.table(kind).records().map(|record| account.show(record));
    Ok(replies::items(page_of(request, shown)?))
}

/// `GET /{area}/{kind}/{id}`.
pub(super) fn one(account: &Account, kind: Kind, id: &str) -> Outcome {
    answer_one(account, 200, kind, &id.to_ascii_lowercase())
}

/// `POST /{area}/{kind}`.
pub(super) fn create(account: &mut Account, request: &VendorRequest, kind: Kind) -> Outcome {
    let sent = Sent::read(account, request, kind)?;
    check_name(kind, &sent.members)?;
    let mut record: Record =
        kind.members().iter().map(|(name, kind)| ((*name).to_owned(), when_absent(*kind))).collect();
    let (id, now) = (account.new_id(), account.tick());
    record.extend([
        ("id".to_owned(), json!(id)),
        ("createdOn".to_owned(), now.clone()),
        ("lastUpdatedOn".to_owned(), now),
        ("createdBy".to_owned(), sent.user.clone()),
        ("lastUpdatedBy".to_owned(), sent.user),
    ]);
    record.extend(first_states(kind));
    record.extend(sent.members);
    if let Some((pipeline, stage)) = sent.place {
        record.extend([("pipeline".to_owned(), json!(pipeline)), ("stage".to_owned(), json!(stage))]);
    }
    account.table_mut(kind).insert(&id, record);
    answer_one(account, 201, kind, &id)
}

/// `PATCH /{area}/{kind}/{id}`. Archive, status and stage have end-points of their own and are passed over here.
pub(super) fn update(account: &mut Account, request: &VendorRequest, kind: Kind, id: &str) -> Outcome {
    let id = id.to_ascii_lowercase();
    let sent = Sent::read(account, request, kind)?;
    let now = account.tick();
    let record = account.table_mut(kind).get_mut(&id).ok_or_else(|| replies::no_such(kind))?;
    record.extend(sent.members);
    record.extend([("lastUpdatedOn".to_owned(), now), ("lastUpdatedBy".to_owned(), sent.user)]);
    answer_one(account, 200, kind, &id)
}

/// `PUT /{area}/{kind}/{id}`: what is not sent is empty from now on. Archive, status of opportunities and stage stay as they are here too.
pub(super) fn replace(account: &mut Account, request: &VendorRequest, kind: Kind, id: &str) -> Outcome {
    let id = id.to_ascii_lowercase();
    let sent = Sent::read(account, request, kind)?;
    check_name(kind, &sent.members)?;
    let now = account.tick();
    let record = account.table_mut(kind).get_mut(&id).ok_or_else(|| replies::no_such(kind))?;
    record.extend(kind.members().iter().map(|(name, kind)| ((*name).to_owned(), when_absent(*kind))));
    record.extend(sent.members);
    record.extend([("lastUpdatedOn".to_owned(), now), ("lastUpdatedBy".to_owned(), sent.user)]);
    answer_one(account, 200, kind, &id)
}

/// `DELETE /{area}/{kind}/{id}`.
pub(super) fn delete(account: &mut Account, kind: Kind, id: &str) -> Outcome {
    account.remove(kind, &id.to_ascii_lowercase()).ok_or_else(|| replies::no_such(kind))?;
    account.clock.tick();
    Ok(VendorAnswer::empty(204))
}

/// `POST /{area}/bulk-actions`, which can only delete. Unknown ids are passed over.
pub(super) fn delete_many(account: &mut Account, request: &VendorRequest, kinds: &[Kind]) -> Outcome {
    let body = json_body(request)?;
    if text(&body, "action") != "delete" {
        return Err(replies::wrong("Only the action delete is available."));
    }
    let kind = kinds.iter().find(|kind| kind.plural() == text(&body, "entity"));
    let kind = *kind.ok_or_else(|| replies::wrong("entity is not known here."))?;
    let ids = body.get("ids").and_then(Value::as_array).ok_or_else(|| replies::wrong("ids is required."))?;
    let ids = ids.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase);
    let removed = ids.filter(|id| account.remove(kind, id).is_some()).count();
    account.clock.tick();
    Ok(replies::item(200, &json!({"deleted": removed})))
}

/// What `page` and `size` ask for.
pub(super) fn page_of<T>(request: &VendorRequest, all: impl Iterator<Item = T>) -> Result<Vec<T>, Refusal> {
    let page = positive(request, "page")?.unwrap_or(1);
    let size = positive(request, "size")?.unwrap_or(PAGE_SIZE).min(LARGEST_PAGE);
    Ok(all.skip((page - 1).saturating_mul(size)).take(size).collect())
}

/// A JSON object, which every write here needs.
pub(super) fn json_body(request: &VendorRequest) -> Result<Record, Refusal> {
    match request.content() {
        Content::Json(Value::Object(members)) => Ok(members),
        _ => Err(replies::wrong("The body is not a JSON object.")),
    }
}

pub(super) fn answer_one(account: &Account, status: u16, kind: Kind, id: &str) -> Outcome {
    let record = account.table(kind).get(id).ok_or_else(|| replies::no_such(kind))?;
    Ok(replies::item(status, &account.show(record)))
}

/// What a record of that kind starts with beyond what a caller sends.
pub(super) fn first_states(kind: Kind) -> Vec<(String, Value)> {
    let (pipeline, stage) = pipelines::first_place();
    let states = match kind {
        Kind::Organization | Kind::Contact => Vec::new(),
        Kind::Lead => vec![("status", json!("New")), ("archived", json!(false))],
        Kind::Opportunity => {
            vec![("status", json!("Open")), ("pipeline", json!(pipeline)), ("stage", json!(stage))]
        }
    };
    states.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn check_name(kind: Kind, members: &Record) -> Result<(), Refusal> {
    let is_named = kind.required().iter().any(|name| !text(members, name).trim().is_empty());
    if is_named { Ok(()) } else { Err(replies::wrong(&format!("{} is required.", kind.required().join(" or ")))) }
}

/// A write as a caller sends it.
struct Sent {
    members: Record,
    /// Who acts, unverified; null when nobody is named.
    user: Value,
    /// A pipeline and one of its stages, which count for a new opportunity only.
    place: Option<(&'static str, &'static str)>,
}

impl Sent {
    /// The record may stand alone or, beside the acting user, under the name of its kind.
    fn read(account: &Account, request: &VendorRequest, kind: Kind) -> Result<Self, Refusal> {
        let mut body = json_body(request)?;
        let user = body.get("user").filter(|user| user.is_object()).cloned().unwrap_or_default();
        if let Some(Value::Object(record)) = body.get(kind.singular()).filter(|_| body.get("id").is_none()) {
            body = record.clone();
        }
        let wrong_member = |name| replies::wrong(&format!("The value of {name} is not valid."));
        let mut members = members::read(&body, kind.members()).map_err(wrong_member)?;
        for (name, value) in &mut members {
            *value = store_form(account, kind, name, value)?;
        }
        Ok(Self { members, user, place: place(&body)? })
    }
}

/// Records inside the record as their ids, custom fields with their labels.
fn store_form(account: &Account, kind: Kind, name: &str, value: &Value) -> Result<Value, Refusal> {
    match (name, value) {
        (_, Value::Null) => Ok(Value::Null),
        ("organization", _) => linked(account, Kind::Organization, value),
        ("contact", _) => linked(account, Kind::Contact, value),
        ("contacts", Value::Array(items)) => items.iter().map(|item| linked(account, Kind::Contact, item)).collect(),
        ("customFields", Value::Array(items)) => items.iter().map(|item| custom_field(account, kind, item)).collect(),
        _ => Ok(value.clone()),
    }
}

/// Nothing is known of how a link is taken away: an id of null does it here, as no object at all does.
fn linked(account: &Account, kind: Kind, value: &Value) -> Result<Value, Refusal> {
    if value.get("id").is_some_and(Value::is_null) {
        return Ok(Value::Null);
    }
    let id = value["id"].as_str().map(str::to_ascii_lowercase).filter(|id| account.table(kind).contains(id));
    let unknown = || replies::wrong(&format!("The {} does not exist.", kind.singular()));
    id.map(Value::String).ok_or_else(unknown)
}

fn custom_field(account: &Account, kind: Kind, item: &Value) -> Result<Value, Refusal> {
    let id = item["id"].as_str().unwrap_or_default();
    let label = account.forms.label(kind, id).ok_or_else(|| replies::wrong("A custom field is on no form."))?;
    Ok(json!({"id": id, "label": label, "value": item["value"]}))
}

fn place(body: &Record) -> Result<Option<(&'static str, &'static str)>, Refusal> {
    let id = |member: &str| body.get(member).and_then(|value| value["id"].as_str());
    let (pipeline, stage) = (id("pipeline"), id("stage"));
    if pipeline.is_none() && stage.is_none() {
        return Ok(None);
    }
    let fits = |place: &(&str, &str)| pipeline.is_none_or(|id| id == place.0) && stage.is_none_or(|id| id == place.1);
    let found = pipelines::places().find(fits);
    found.map(Some).ok_or_else(|| replies::wrong("The stage does not belong to the pipeline."))
}

fn when_absent(kind: members::Kind) -> Value {
    match kind {
        members::Kind::Texts | members::Kind::Objects => json!([]),
        _ => Value::Null,
    }
}

fn positive(request: &VendorRequest, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = request.query(name) else { return Ok(None) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| replies::wrong(&format!("{name} is not a positive number.")))
}

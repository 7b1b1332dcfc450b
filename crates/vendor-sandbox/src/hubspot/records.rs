//! Objects: listed, read, created, changed, archived.

use serde_json::{Value, json};

use super::associations;
use super::objects::{Holds, Kind};
use super::replies;
use super::store::{Account, Wanted};
use crate::exchange::{Content, Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::table::{Record, text};

const PAGE_SIZE: usize = 10;
const LARGEST_PAGE: usize = 100;

/// `GET /crm/v3/objects/{kind}`, by id. The cursor is the last id shown.
pub(super) fn list(account: &Account, request: &VendorRequest, kind: Kind) -> Outcome {
    let limit = limit(request.query("limit"), LARGEST_PAGE)?.unwrap_or(PAGE_SIZE);
    let after = match request.query("after").filter(|after| !after.is_empty()) {
        None => 0,
        Some(after) => after.parse::<u64>().map_err(|_| replies::wrong("The cursor `after` is not valid."))?,
    };
    let wanted = Wanted::of(request);
    // What was archived is gone here.
    let archived = request.query("archived") == Some("true");
    let mut rest = account.table(kind).records().filter(|record| !archived && number(record) > after);
    let page: Vec<&Record> = rest.by_ref().take(limit).collect();
    let mut body =
        json!({"results": page.iter().map(|record| account.show(kind, record, &wanted)).collect::<Vec<_>>()});
    if let (Some(last), Some(_)) = (page.last(), rest.next()) {
        let after = text(last, "hs_object_id");
        let mut query: Vec<(String, String)> =
            request.query.iter().filter(|(name, _)| name != "after").cloned().collect();
        query.push(("after".to_owned(), after.to_owned()));
        body["paging"] = json!({"next": {"after": after, "link": request.url(&query)}});
    }
    Ok(VendorAnswer::json(200, &body))
}

/// `GET /crm/v3/objects/{kind}/{id}`, where `idProperty=email` lets a contact's address stand for its id.
pub(super) fn one(account: &Account, request: &VendorRequest, kind: Kind, id: &str) -> Outcome {
    let record = match request.query("idProperty") {
        None | Some("hs_object_id") => account.table(kind).get(id),
        Some("email") if kind == Kind::Contact => with_email(account, id),
        Some(name) => return Err(replies::wrong(&format!("{name} is not a unique property"))),
    };
    let record = record.ok_or_else(replies::not_found)?;
    Ok(VendorAnswer::json(200, &account.show(kind, record, &Wanted::of(request))))
}

/// `POST /crm/v3/objects/{kind}`, with associations to companies that exist.
pub(super) fn create(account: &mut Account, request: &VendorRequest, kind: Kind) -> Outcome {
    let body = json_body(request)?;
    let sent = properties(account, kind, &body, None)?;
    let is_named = kind.required().iter().any(|name| sent.iter().any(|(own, value)| own == name && !value.is_empty()));
    if !is_named {
        return Err(replies::wrong(&format!("One of these properties is required: {}", kind.required().join(", "))));
    }
    let companies = associations::sent(account, kind, &body)?;
    let (id, now) = (account.new_id(), account.tick());
    let mut record: Record = sent.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    for (name, value) in [("hs_object_id", &id), ("createdate", &now)] {
        record.insert(name.to_owned(), json!(value));
    }
    record.insert(kind.changed_at().to_owned(), json!(now));
    account.table_mut(kind).insert(&id, record);
    if !companies.is_empty() {
        account.employers.insert(id.clone(), companies);
    }
    written(account, 201, kind, &id, sent)
}

/// `PATCH /crm/v3/objects/{kind}/{id}`: an empty text clears a property.
pub(super) fn update(account: &mut Account, request: &VendorRequest, kind: Kind, id: &str) -> Outcome {
    let body = json_body(request)?;
    account.table(kind).get(id).ok_or_else(replies::not_found)?;
    let sent = properties(account, kind, &body, Some(id))?;
    let now = account.tick();
    let record = account.table_mut(kind).get_mut(id).ok_or_else(replies::not_found)?;
    record.extend(sent.iter().map(|(name, value)| (name.clone(), json!(value))));
    record.insert(kind.changed_at().to_owned(), json!(now));
    written(account, 200, kind, id, sent)
}

/// `DELETE /crm/v3/objects/{kind}/{id}` answers alike whether the object was there or not.
pub(super) fn delete(account: &mut Account, kind: Kind, id: &str) -> VendorAnswer {
    account.remove(kind, id);
    account.clock.tick();
    VendorAnswer::empty(204)
}

/// How many a page is to have.
pub(super) fn limit(sent: Option<&str>, largest: usize) -> Result<Option<usize>, Refusal> {
    let Some(sent) = sent else { return Ok(None) };
    let limit = sent.parse().ok().filter(|limit| (1..=largest).contains(limit));
    limit.map(Some).ok_or_else(|| replies::wrong(&format!("The limit must be between 1 and {largest}.")))
}

pub(super) fn json_body(request: &VendorRequest) -> Result<Record, Refusal> {
    match request.content() {
        Content::Json(Value::Object(members)) => Ok(members),
        _ => Err(replies::wrong("Invalid input JSON")),
    }
}

fn number(record: &Record) -> u64 {
    text(record, "hs_object_id").parse().unwrap_or_default()
}

fn with_email<'a>(account: &'a Account, email: &str) -> Option<&'a Record> {
    let has = |record: &&Record| {
        let others = text(record, "hs_additional_emails").split(';');
        others.chain([text(record, "email")]).any(|own| !own.is_empty() && own.eq_ignore_ascii_case(email))
    };
    account.table(Kind::Contact).records().find(has)
}

/// What is answered to a write: what is always shown, and what was sent.
fn written(account: &Account, status: u16, kind: Kind, id: &str, sent: Vec<(String, String)>) -> Outcome {
    let record = account.table(kind).get(id).ok_or_else(replies::not_found)?;
    let mut names: Vec<String> = sent.into_iter().map(|(name, _)| name).collect();
    names.push("hs_object_id".to_owned());
    Ok(VendorAnswer::json(status, &account.show(kind, record, &Wanted::properties(names))))
}

/// The properties of a body as texts. A null changes nothing.
fn properties(
    account: &Account,
    kind: Kind,
    body: &Record,
    changed: Option<&str>,
) -> Result<Vec<(String, String)>, Refusal> {
    let Some(Value::Object(properties)) = body.get("properties") else {
        return Err(replies::wrong("Some required fields were not set: [properties]"));
    };
    let mut sent = Vec::new();
    let mut wrong = Vec::new();
    for (name, value) in properties.iter().filter(|(_, value)| !value.is_null()) {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(replies::wrong(&format!("Invalid input JSON: the value of {name} is no text."))),
        };
        match fault(account, kind, name, &value) {
            None => sent.push((name.clone(), value)),
            Some((code, message)) => wrong.push((name.clone(), code, message)),
        }
    }
    if !wrong.is_empty() {
        return Err(replies::wrong_properties(&wrong));
    }
    let email = sent.iter().find(|(name, value)| kind == Kind::Contact && name == "email" && !value.is_empty());
    let taken = email.and_then(|(_, email)| with_email(account, email)).map(|record| text(record, "hs_object_id"));
    match taken.filter(|id| Some(*id) != changed) {
        Some(existing) => Err(replies::conflict(existing)),
        None => Ok(sent),
    }
}

/// Why a property cannot have a value.
fn fault(account: &Account, kind: Kind, name: &str, value: &str) -> Option<(&'static str, String)> {
    let Some(property) = kind.property(name) else {
        return Some(("PROPERTY_DOESNT_EXIST", format!("Property \"{name}\" does not exist")));
    };
    let (code, is_good) = match property.holds {
        Holds::Vendors => ("READ_ONLY_VALUE", false),
        _ if value.is_empty() => return None,
        Holds::Text => return None,
        Holds::Email => ("INVALID_EMAIL", value.split('@').count() == 2 && !value.contains(' ')),
        Holds::Number => ("INVALID_INTEGER", value.parse::<f64>().is_ok()),
        Holds::Choice(choices) => ("INVALID_OPTION", choices.contains(&value)),
        Holds::Owner => ("INVALID_OWNER_ID", account.owners.iter().any(|[id, ..]| id == value)),
    };
    (!is_good).then(|| (code, format!("{value} is not valid for {name}")))
}

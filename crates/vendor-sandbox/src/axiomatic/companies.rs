//! Companies, which can be made inactive but not deleted.

use serde_json::{Value, json};

use super::input;
use super::replies;
use super::store::Account;
use crate::exchange::{Outcome, Refusal, VendorRequest};
use crate::members::Kind;
use crate::members::Kind::{Guid, Text};
use crate::table::{Record, text};
use crate::values::guid;

const MEMBERS: [(&str, Kind); 7] = [
    ("name", Text),
    ("role", Text),
    ("status", Text),
    ("ownerUserId", Guid),
    ("website", Text),
    ("phone", Text),
    ("email", Text),
];
const ROLES: [&str; 4] = ["prospect", "customer", "vendor", "both"];
const STATUSES: [&str; 2] = ["active", "inactive"];

/// `GET companies`, filtered by role, status, owner and a part of the name.
pub(super) fn list(account: &Account, request: &VendorRequest) -> Outcome {
    let role = word(request, "role", &ROLES)?;
    let status = word(request, "status", &STATUSES)?;
    let owner = owner(account, request)?;
    let part = request.query("q").unwrap_or_default().to_lowercase();
    let wanted = |company: &&Record| {
        role.is_none_or(|role| text(company, "role") == role)
            && status.is_none_or(|status| text(company, "status") == status)
            && owner.as_ref().is_none_or(|owner| text(company, "ownerUserId") == owner)
            && text(company, "name").to_lowercase().contains(&part)
    };
    let found: Vec<Value> = account.companies.records().filter(wanted).cloned().map(Value::Object).collect();
    input::page(request, "companies", &found)
}

/// `POST companies`.
pub(super) fn create(account: &mut Account, request: &VendorRequest) -> Outcome {
    let sent = input::members(request, &MEMBERS)?;
    input::required(&sent, "name")?;
    check(&sent)?;
    let (id, mut company) = account.first_members();
    company.extend(MEMBERS.map(|(name, _)| (name.to_owned(), Value::Null)));
    company.extend([("role".to_owned(), json!("prospect")), ("status".to_owned(), json!("active"))]);
    company.extend(sent);
    account.companies.insert(&id, company.clone());
    Ok(replies::one(201, &Value::Object(company)))
}

/// `GET companies/{id}`.
pub(super) fn one(account: &Account, id: &str) -> Outcome {
    let company = account.companies.get(&id.to_ascii_lowercase()).ok_or_else(unknown)?;
    Ok(replies::one(200, &Value::Object(company.clone())))
}

/// `PATCH companies/{id}`.
pub(super) fn update(account: &mut Account, request: &VendorRequest, id: &str) -> Outcome {
    let id = id.to_ascii_lowercase();
    let sent = input::members(request, &MEMBERS)?;
    if sent.contains_key("name") {
        input::required(&sent, "name")?;
    }
    check(&sent)?;
    let now = account.tick();
    let company = account.companies.get_mut(&id).ok_or_else(unknown)?;
    company.extend(sent);
    company.insert("updatedAt".to_owned(), now);
    one(account, &id)
}

/// `GET companies/{id}/contacts`.
pub(super) fn contacts(account: &Account, id: &str) -> Outcome {
    let id = id.to_ascii_lowercase();
    account.companies.get(&id).ok_or_else(unknown)?;
    let members = account.contacts.records().filter(|contact| account.is_member(text(contact, "id"), &id));
    Ok(replies::all("contacts", members.cloned().map(Value::Object).collect()))
}

fn check(sent: &Record) -> Result<(), Refusal> {
    input::word(sent, "role", &ROLES)?;
    input::word(sent, "status", &STATUSES)
}

fn word<'r>(request: &'r VendorRequest, name: &str, allowed: &[&str]) -> Result<Option<&'r str>, Refusal> {
    match request.query(name) {
        Some(word) if !allowed.contains(&word) => {
            Err(replies::wrong(&format!("{name} must be one of {}", allowed.join(", "))))
        }
        word => Ok(word),
    }
}

/// A user's id, the key's own user, or nobody, whose id is empty here.
fn owner(account: &Account, request: &VendorRequest) -> Result<Option<String>, Refusal> {
    match request.query("ownerUserId") {
        None => Ok(None),
        Some("me") => Ok(Some(account.own_user_id.clone())),
        Some("unassigned") => Ok(Some(String::new())),
        Some(id) => {
            guid::parse(id).map(Some).ok_or_else(|| replies::wrong("ownerUserId must be a UUID, me or unassigned"))
        }
    }
}

fn unknown() -> Refusal {
    replies::not_found("Company")
}

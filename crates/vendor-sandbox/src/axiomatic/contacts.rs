//! Contacts. Which companies they belong to is not in them: see memberships.

use serde_json::Value;

use super::input;
use super::replies;
use super::store::Account;
use crate::exchange::{Outcome, Refusal, VendorRequest};
use crate::members::Kind::{self, Guid, Text};
use crate::table::text;

const MEMBERS: [(&str, Kind); 6] =
    [("firstName", Text), ("lastName", Text), ("email", Text), ("phone", Text), ("title", Text), ("ownerUserId", Guid)];

/// `GET contacts`, all or those of a company.
pub(super) fn list(account: &Account, request: &VendorRequest) -> Outcome {
    let company = input::uuid(request, "companyId")?;
    let found: Vec<Value> = account
        .contacts
        .records()
        .filter(|contact| company.as_ref().is_none_or(|id| account.is_member(text(contact, "id"), id)))
        .cloned()
        .map(Value::Object)
        .collect();
    input::page(request, "contacts", &found)
}

/// `POST contacts`: no member is required.
pub(super) fn create(account: &mut Account, request: &VendorRequest) -> Outcome {
    let sent = input::members(request, &MEMBERS)?;
    let (id, mut contact) = account.first_members();
    contact.extend(MEMBERS.map(|(name, _)| (name.to_owned(), Value::Null)));
    contact.extend(sent);
    account.contacts.insert(&id, contact.clone());
    Ok(replies::one(201, &Value::Object(contact)))
}

/// `GET contacts/{id}`.
pub(super) fn one(account: &Account, id: &str) -> Outcome {
    let contact = account.contacts.get(&id.to_ascii_lowercase()).ok_or_else(unknown)?;
    Ok(replies::one(200, &Value::Object(contact.clone())))
}

/// `PATCH contacts/{id}`.
pub(super) fn update(account: &mut Account, request: &VendorRequest, id: &str) -> Outcome {
    let id = id.to_ascii_lowercase();
    let sent = input::members(request, &MEMBERS)?;
    let now = account.tick();
    let contact = account.contacts.get_mut(&id).ok_or_else(unknown)?;
    contact.extend(sent);
    contact.insert("updatedAt".to_owned(), now);
    one(account, &id)
}

/// `DELETE contacts/{id}`: memberships go with it, leads and activities stay behind without it.
pub(super) fn delete(account: &mut Account, id: &str) -> Outcome {
    let id = id.to_ascii_lowercase();
    account.contacts.remove(&id).ok_or_else(unknown)?;
    account.clock.tick();
    account.memberships.remove_where("contactId", &id);
    account.leads.unlink("contactId", &id);
    account.activities.unlink("contactId", &id);
    Ok(replies::done())
}

pub(super) fn unknown() -> Refusal {
    replies::not_found("Contact")
}

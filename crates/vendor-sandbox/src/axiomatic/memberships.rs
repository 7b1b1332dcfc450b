//! Memberships: which contact belongs to which companies, and as what.

use serde_json::{Value, json};

use super::contacts;
use super::input;
use super::replies;
use super::store::Account;
use crate::exchange::{Outcome, Refusal, VendorRequest};
use crate::members::Kind::{self, Flag, Guid, Text};
use crate::table::{Record, text};

const MEMBERS: [(&str, Kind); 3] = [("companyId", Guid), ("title", Text), ("isPrimary", Flag)];

/// `GET contacts/{id}/company-memberships`.
pub(super) fn list(account: &Account, contact: &str) -> Outcome {
    let contact = contact.to_ascii_lowercase();
    account.contacts.get(&contact).ok_or_else(contacts::unknown)?;
    let found = account.memberships.records().filter(|known| text(known, "contactId") == contact);
    Ok(replies::all("memberships", found.map(|known| show(account, known)).collect()))
}

/// `POST contacts/{id}/company-memberships`.
pub(super) fn create(account: &mut Account, request: &VendorRequest, contact: &str) -> Outcome {
    let contact = contact.to_ascii_lowercase();
    account.contacts.get(&contact).ok_or_else(contacts::unknown)?;
    let sent = read(account, request)?;
    input::required(&sent, "companyId")?;
    if account.is_member(&contact, text(&sent, "companyId")) {
        return Err(replies::conflict("Contact already belongs to this company"));
    }
    let (id, mut membership) = account.first_members();
    membership.extend([
        ("contactId".to_owned(), json!(contact)),
        ("title".to_owned(), Value::Null),
        ("isPrimary".to_owned(), json!(false)),
    ]);
    membership.extend(sent);
    account.memberships.insert(&id, membership);
    show_one(account, 201, &contact, &id)
}

/// `PATCH contacts/{id}/company-memberships/{membership}`.
pub(super) fn update(account: &mut Account, request: &VendorRequest, contact: &str, id: &str) -> Outcome {
    let (contact, id) = (contact.to_ascii_lowercase(), id.to_ascii_lowercase());
    let sent = read(account, request)?;
    find(account, &contact, &id)?;
    if sent.contains_key("companyId") {
        input::required(&sent, "companyId")?;
        let mut others = account.memberships.records().filter(|known| text(known, "id") != id);
        let company = text(&sent, "companyId");
        if others.any(|known| text(known, "contactId") == contact && text(known, "companyId") == company) {
            return Err(replies::conflict("Contact already belongs to this company"));
        }
    }
    let now = account.tick();
    if let Some(membership) = account.memberships.get_mut(&id) {
        membership.extend(sent);
        membership.insert("updatedAt".to_owned(), now);
    }
    show_one(account, 200, &contact, &id)
}

/// `DELETE contacts/{id}/company-memberships/{membership}`.
pub(super) fn delete(account: &mut Account, contact: &str, id: &str) -> Outcome {
    let (contact, id) = (contact.to_ascii_lowercase(), id.to_ascii_lowercase());
    find(account, &contact, &id)?;
    account.memberships.remove(&id);
    account.clock.tick();
    Ok(replies::done())
}

fn read(account: &Account, request: &VendorRequest) -> Result<Record, Refusal> {
    let mut sent = input::members(request, &MEMBERS)?;
    account.check_links(&sent)?;
    if let Some(Value::String(company)) = sent.get_mut("companyId") {
        company.make_ascii_lowercase();
    }
    Ok(sent)
}

fn find<'a>(account: &'a Account, contact: &str, id: &str) -> Result<&'a Record, Refusal> {
    let membership = account.memberships.get(id).filter(|known| text(known, "contactId") == contact);
    membership.ok_or_else(|| replies::not_found("Membership"))
}

fn show_one(account: &Account, status: u16, contact: &str, id: &str) -> Outcome {
    Ok(replies::one(status, &show(account, find(account, contact, id)?)))
}

fn show(account: &Account, membership: &Record) -> Value {
    let mut shown = membership.clone();
    let company = account.companies.get(text(membership, "companyId"));
    shown.insert("companyName".to_owned(), json!(company.map(|company| text(company, "name"))));
    Value::Object(shown)
}

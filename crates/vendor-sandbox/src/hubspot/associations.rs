//! Contacts and their companies: one by one as v3 has it, all at once as v4 takes them away, and inside a new contact.

use serde_json::{Value, json};

use super::objects::Kind;
use super::replies;
use super::store::Account;
use crate::exchange::{Outcome, Refusal, VendorAnswer};
use crate::table::Record;

/// The type that makes a company the contact's primary one, and the plain type.
const PRIMARY: [&str; 2] = ["1", "contact_to_company"];
const PLAIN: [&str; 2] = ["279", "contact_to_company_unlabeled"];

/// What stands below `/crm/{version}/objects/contacts/{id}/associations`.
pub(super) fn route(account: &mut Account, method: &str, version: &str, id: &str, path: &[&str]) -> Outcome {
    let ["companies" | "company" | "0-2", path @ ..] = path else { return Err(replies::no_such_page()) };
    if !account.table(Kind::Contact).contains(id) {
        return Err(replies::not_found());
    }
    match (method, version, path) {
        ("GET", "v3", []) => {
            let companies = account.employers.get(id).map(Vec::as_slice).unwrap_or_default();
            Ok(VendorAnswer::json(200, &json!({ "results": shown(companies) })))
        }
        ("PUT", "v3", [company, kind]) => associate(account, id, company, kind),
        ("DELETE", "v4", [company]) => {
            if let Some(companies) = account.employers.get_mut(id) {
                companies.retain(|own| own != company);
            }
            touch(account, id);
            Ok(VendorAnswer::empty(204))
        }
        _ => Err(replies::no_such_page()),
    }
}

/// How a contact's companies are shown, the primary one first.
pub(super) fn shown(companies: &[String]) -> Vec<Value> {
    let primary = companies.first().map(|id| json!({"id": id, "type": "contact_to_company"}));
    let all = companies.iter().map(|id| json!({"id": id, "type": "contact_to_company_unlabeled"}));
    primary.into_iter().chain(all).collect()
}

/// The companies that a new contact is to have.
pub(super) fn sent(account: &Account, kind: Kind, body: &Record) -> Result<Vec<String>, Refusal> {
    let associations = body.get("associations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if kind == Kind::Company && !associations.is_empty() {
        return Err(replies::wrong("The sandbox associates companies with nothing."));
    }
    let read = |association: &Value| {
        let id = match &association["to"]["id"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let known = account.table(Kind::Company).contains(&id);
        let is_typed = association["types"].as_array().is_some_and(|types| !types.is_empty());
        (known && is_typed).then_some(id).ok_or_else(|| replies::wrong("One or more associations are not valid"))
    };
    associations.iter().map(read).collect()
}

fn associate(account: &mut Account, id: &str, company: &str, kind: &str) -> Outcome {
    if !account.table(Kind::Company).contains(company) {
        return Err(replies::not_found());
    }
    let is_primary = PRIMARY.contains(&kind);
    if !is_primary && !PLAIN.contains(&kind) {
        return Err(replies::wrong(&format!("invalid association type {kind}")));
    }
    let companies = account.employers.entry(id.to_owned()).or_default();
    if is_primary {
        companies.retain(|own| own != company);
        companies.insert(0, company.to_owned());
    } else if companies.iter().all(|own| own != company) {
        companies.push(company.to_owned());
    }
    touch(account, id);
    let record = account.table(Kind::Contact).get(id).ok_or_else(replies::not_found)?;
    Ok(VendorAnswer::json(200, &account.show(Kind::Contact, record, &super::store::Wanted::default())))
}

fn touch(account: &mut Account, id: &str) {
    let now = account.tick();
    if let Some(record) = account.table_mut(Kind::Contact).get_mut(id) {
        record.insert(Kind::Contact.changed_at().to_owned(), json!(now));
    }
}

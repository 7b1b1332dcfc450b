//! Activities, which can be listed and added, and tasks, which can only be listed.

use serde_json::{Value, json};

use super::input;
use super::leads;
use super::replies;
use super::store::{Account, points_to};
use crate::exchange::{Outcome, Refusal, VendorRequest};
use crate::members::Kind::{self, Date, Guid, Text};
use crate::table::{Record, Table};

const MEMBERS: [(&str, Kind); 7] = [
    ("type", Text),
    ("subject", Text),
    ("body", Text),
    ("leadId", Guid),
    ("contactId", Guid),
    ("companyId", Guid),
    ("occurredAt", Date),
];
const TYPES: [&str; 5] = ["call", "email", "meeting", "note", "task"];

/// `GET activities`, all or those of a lead, a contact or a company.
pub(super) fn list(account: &Account, request: &VendorRequest) -> Outcome {
    page(request, "activities", &account.activities, &["leadId", "contactId", "companyId"])
}

/// `GET tasks`, all or those of a lead or a user. That there is a parameter is documented, what it is called is not.
pub(super) fn tasks(account: &Account, request: &VendorRequest) -> Outcome {
    page(request, "tasks", &account.tasks, &["leadId", "ownerUserId"])
}

/// `POST activities`.
pub(super) fn create(account: &mut Account, request: &VendorRequest) -> Outcome {
    add(account, input::members(request, &MEMBERS)?)
}

/// `POST leads/{id}/activities`: of that lead, whatever the body says.
pub(super) fn create_for_lead(account: &mut Account, request: &VendorRequest, lead: &str) -> Outcome {
    let mut sent = input::members(request, &MEMBERS)?;
    let lead = lead.to_ascii_lowercase();
    account.leads.get(&lead).ok_or_else(leads::unknown)?;
    sent.insert("leadId".to_owned(), json!(lead));
    add(account, sent)
}

fn add(account: &mut Account, mut sent: Record) -> Outcome {
    input::required(&sent, "type")?;
    input::required(&sent, "subject")?;
    input::word(&sent, "type", &TYPES)?;
    account.check_links(&sent)?;
    for (name, _) in MEMBERS.iter().filter(|(_, kind)| *kind == Guid) {
        if let Some(Value::String(id)) = sent.get_mut(*name) {
            id.make_ascii_lowercase();
        }
    }
    let (id, mut activity) = account.first_members();
    activity.remove("updatedAt");
    activity.extend(MEMBERS.map(|(name, _)| (name.to_owned(), Value::Null)));
    activity.insert("ownerUserId".to_owned(), json!(account.own_user_id));
    activity.extend(sent);
    account.activities.insert(&id, activity.clone());
    Ok(replies::one(201, &Value::Object(activity)))
}

fn page(request: &VendorRequest, name: &str, table: &Table, links: &[&'static str]) -> Outcome {
    let wanted = links.iter().map(|link| Ok((*link, input::uuid(request, link)?)));
    let wanted = wanted.collect::<Result<Vec<_>, Refusal>>()?;
    let meets = |record: &&Record| wanted.iter().all(|(link, id)| points_to(record, link, id.as_ref()));
    let found: Vec<Value> = table.records().filter(meets).cloned().map(Value::Object).collect();
    input::page(request, name, &found)
}

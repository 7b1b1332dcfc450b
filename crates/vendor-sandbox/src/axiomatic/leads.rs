//! Leads: what is sold to whom, and which stage it has reached. The stage changes at an end-point of its own.

use serde_json::{Value, json};

use super::input;
use super::replies;
use super::stages::{self, Stage};
use super::store::{Account, points_to};
use crate::exchange::{Outcome, Refusal, VendorRequest};
use crate::members::Kind::{self, Date, Guid, Number, Text};
use crate::table::{Record, text};

const MEMBERS: [(&str, Kind); 7] = [
    ("title", Text),
    ("companyId", Guid),
    ("contactId", Guid),
    ("ownerUserId", Guid),
    ("value", Number),
    ("expectedCloseDate", Date),
    ("description", Text),
];

/// `GET leads`, filtered by what they point to, and by the stage's name or system key.
pub(super) fn list(account: &Account, request: &VendorRequest) -> Outcome {
    let links = ["companyId", "contactId", "ownerUserId"];
    let wanted = links.into_iter().map(|name| Ok((name, input::uuid(request, name)?)));
    let wanted = wanted.collect::<Result<Vec<_>, Refusal>>()?;
    let stage = request.query("stage").map(|named| stages::named(account, named).map(|stage| stage.id.clone()));
    let found: Vec<Value> = account
        .leads
        .records()
        .filter(|lead| wanted.iter().all(|(name, id)| points_to(lead, name, id.as_ref())))
        // A stage that nobody knows is the stage of no lead.
        .filter(|lead| stage.as_ref().is_none_or(|id| id.as_deref() == Some(text(lead, "stageId"))))
        .map(|lead| show(account, lead))
        .collect();
    input::page(request, "leads", &found)
}

/// `POST leads`: in the first stage where none is named.
pub(super) fn create(account: &mut Account, request: &VendorRequest) -> Outcome {
    let sent = read(account, request)?;
    input::required(&sent, "title")?;
    let stage = match sent_stage(account, &input::body(request)?) {
        Some(stage) => stage?.id.clone(),
        None => account.stages.first().map(|stage| stage.id.clone()).unwrap_or_default(),
    };
    let (id, mut lead) = account.first_members();
    lead.extend(MEMBERS.map(|(name, _)| (name.to_owned(), Value::Null)));
    lead.extend(sent);
    lead.insert("stageId".to_owned(), json!(stage));
    account.leads.insert(&id, lead);
    show_one(account, 201, &id)
}

/// `GET leads/{id}`.
pub(super) fn one(account: &Account, id: &str) -> Outcome {
    show_one(account, 200, &id.to_ascii_lowercase())
}

/// `PATCH leads/{id}`. A stage is passed over here.
pub(super) fn update(account: &mut Account, request: &VendorRequest, id: &str) -> Outcome {
    let sent = read(account, request)?;
    if sent.contains_key("title") {
        input::required(&sent, "title")?;
    }
    change(account, id, sent)
}

/// `PATCH leads/{id}/stage`: by id, or by name or system key.
pub(super) fn move_to_stage(account: &mut Account, request: &VendorRequest, id: &str) -> Outcome {
    let stage = sent_stage(account, &input::body(request)?);
    let stage = stage.ok_or_else(|| replies::wrong("stageId is required"))??.id.clone();
    change(account, id, Record::from_iter([("stageId".to_owned(), json!(stage))]))
}

/// `DELETE leads/{id}`: its activities and tasks go with it.
pub(super) fn delete(account: &mut Account, id: &str) -> Outcome {
    let id = id.to_ascii_lowercase();
    account.leads.remove(&id).ok_or_else(unknown)?;
    account.clock.tick();
    account.activities.remove_where("leadId", &id);
    account.tasks.remove_where("leadId", &id);
    Ok(replies::done())
}

/// `GET leads/{id}/timeline`: its activities, the latest first.
pub(super) fn timeline(account: &Account, id: &str) -> Outcome {
    let id = id.to_ascii_lowercase();
    account.leads.get(&id).ok_or_else(unknown)?;
    let events = account.activities.records().rev().filter(|activity| text(activity, "leadId") == id);
    Ok(replies::all("timeline", events.cloned().map(Value::Object).collect()))
}

pub(super) fn unknown() -> Refusal {
    replies::not_found("Lead")
}

fn read(account: &Account, request: &VendorRequest) -> Result<Record, Refusal> {
    let mut sent = input::members(request, &MEMBERS)?;
    account.check_links(&sent)?;
    for (name, _) in MEMBERS.iter().filter(|(_, kind)| *kind == Guid) {
        if let Some(Value::String(id)) = sent.get_mut(*name) {
            id.make_ascii_lowercase();
        }
    }
    Ok(sent)
}

/// The stage that a body names; `None` when it names none.
fn sent_stage<'a>(account: &'a Account, body: &Record) -> Option<Result<&'a Stage, Refusal>> {
    let known = match (body.get("stageId"), body.get("stage")) {
        (None | Some(Value::Null), None | Some(Value::Null)) => return None,
        (Some(Value::String(id)), _) => account.stages.iter().find(|stage| stage.id.eq_ignore_ascii_case(id)),
        (_, Some(Value::String(named))) => stages::named(account, named),
        _ => None,
    };
    Some(known.ok_or_else(|| replies::wrong("Unknown stage")))
}

fn change(account: &mut Account, id: &str, members: Record) -> Outcome {
    let id = id.to_ascii_lowercase();
    let now = account.tick();
    let lead = account.leads.get_mut(&id).ok_or_else(unknown)?;
    lead.extend(members);
    lead.insert("updatedAt".to_owned(), now);
    show_one(account, 200, &id)
}

fn show_one(account: &Account, status: u16, id: &str) -> Outcome {
    let lead = account.leads.get(id).ok_or_else(unknown)?;
    Ok(replies::one(status, &show(account, lead)))
}

fn show(account: &Account, lead: &Record) -> Value {
    let mut shown = lead.clone();
    let stage = account.stages.iter().find(|stage| stage.id == text(lead, "stageId"));
    shown.insert("stage".to_owned(), json!(stage.map(|stage| stage.name.as_str())));
    Value::Object(shown)
}

//! The states that have end-points of their own: a lead's archive and conversion, an opportunity's stage and status.

use serde_json::{Value, json};

use super::kinds::Kind;
use super::pipelines;
use super::records::{answer_one, first_states, json_body};
use super::replies;
use super::store::Account;
use crate::exchange::{Outcome, VendorRequest};
use crate::table::text;

const STATUSES: [&str; 3] = ["Open", "Won", "Lost"];

/// `PATCH pipeline/opportunities/{id}/updateStage`: to any stage of any pipeline.
pub(super) fn update_stage(account: &mut Account, request: &VendorRequest, id: &str) -> Outcome {
    let body = json_body(request)?;
    let place = pipelines::places().find(|(_, stage)| stage.eq_ignore_ascii_case(text(&body, "stageId")));
    let (pipeline, stage) = place.ok_or_else(|| replies::wrong("The stage does not exist."))?;
    change(account, Kind::Opportunity, id, &[("pipeline", json!(pipeline)), ("stage", json!(stage))])
}

/// `PATCH pipeline/opportunities/{id}/updateStatus`.
pub(super) fn update_status(account: &mut Account, request: &VendorRequest, id: &str) -> Outcome {
    let body = json_body(request)?;
    let status = STATUSES.iter().find(|status| **status == text(&body, "status"));
    let status = status.ok_or_else(|| replies::wrong("status is not Open, Won or Lost."))?;
    change(account, Kind::Opportunity, id, &[("status", json!(status))])
}

/// `PATCH pipeline/leads/{id}/archive` and `…/unarchive`.
pub(super) fn archive(account: &mut Account, id: &str, archived: bool) -> Outcome {
    change(account, Kind::Lead, id, &[("archived", json!(archived))])
}

/// `POST pipeline/leads/{id}/convert`: answers the opportunity that the lead becomes; the lead stays, archived.
pub(super) fn convert(account: &mut Account, id: &str) -> Outcome {
    let id = id.to_ascii_lowercase();
    let lead = account.table(Kind::Lead).get(&id).ok_or_else(|| replies::no_such(Kind::Lead))?;
    if text(lead, "status") == "Converted" {
        return Err(replies::wrong("The lead has been converted already."));
    }
    let mut opportunity = lead.clone();
    let contact = opportunity.remove("contact").filter(Value::is_string);
    for member in ["emails", "phones", "archived"] {
        opportunity.remove(member);
    }
    let new_id = account.new_id();
    change(account, Kind::Lead, &id, &[("status", json!("Converted")), ("archived", json!(true))])?;
    let now = account.tick();
    opportunity.extend(first_states(Kind::Opportunity));
    opportunity.extend([
        ("id".to_owned(), json!(new_id)),
        ("contacts".to_owned(), contact.into_iter().collect()),
        ("probability".to_owned(), Value::Null),
        ("expectedCloseDate".to_owned(), Value::Null),
        ("createdOn".to_owned(), now.clone()),
        ("lastUpdatedOn".to_owned(), now),
    ]);
    account.table_mut(Kind::Opportunity).insert(&new_id, opportunity);
    answer_one(account, 201, Kind::Opportunity, &new_id)
}

fn change(account: &mut Account, kind: Kind, id: &str, members: &[(&str, Value)]) -> Outcome {
    let id = id.to_ascii_lowercase();
    let now = account.tick();
    let record = account.table_mut(kind).get_mut(&id).ok_or_else(|| replies::no_such(kind))?;
    record.extend(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    record.insert("lastUpdatedOn".to_owned(), now);
    answer_one(account, 200, kind, &id)
}

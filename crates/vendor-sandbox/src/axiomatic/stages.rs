//! The stages of the one pipeline that there is.

use serde_json::{Value, json};

use super::input;
use super::replies;
use super::store::Account;
use crate::exchange::{Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::members::Kind::{self, Number, Text};
use crate::table::{Record, text};

const MEMBERS: [(&str, Kind); 4] =
    [("name", Text), ("kind", Text), ("defaultProbabilityPct", Number), ("colorKey", Text)];
const KINDS: [&str; 3] = ["open", "won", "lost"];

/// A step of the pipeline. Its place among the stages is its order.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) probability: u64,
    pub(super) color: Option<String>,
    /// Only the stages that came with the entity have one.
    pub(super) system_key: Option<&'static str>,
}

/// The stage of that name or system key.
pub(super) fn named<'a>(account: &'a Account, named: &str) -> Option<&'a Stage> {
    account.stages.iter().find(|stage| stage.name == named || stage.system_key == Some(named))
}

/// `GET pipeline-stages`.
pub(super) fn list(account: &Account) -> VendorAnswer {
    let stages = account.stages.iter().enumerate().map(|(order, stage)| show(account, order, stage));
    replies::all("stages", stages.collect())
}

/// `POST pipeline-stages`: a new one comes last.
pub(super) fn create(account: &mut Account, request: &VendorRequest) -> Outcome {
    let sent = read(request)?;
    input::required(&sent, "name")?;
    let stage = Stage {
        id: account.new_id(),
        name: String::new(),
        kind: "open".to_owned(),
        probability: 0,
        color: None,
        system_key: None,
    };
    account.clock.tick();
    account.stages.push(stage.with(&sent));
    show_one(account, 201, account.stages.len() - 1)
}

/// `POST pipeline-stages/reorder`: every stage has to be named once.
pub(super) fn reorder(account: &mut Account, request: &VendorRequest) -> Outcome {
    let body = input::body(request)?;
    let ids = body.get("stageIds").and_then(Value::as_array).ok_or_else(|| replies::wrong("stageIds is required"))?;
    let place =
        |stage: &Stage| ids.iter().position(|id| id.as_str().is_some_and(|id| id.eq_ignore_ascii_case(&stage.id)));
    if ids.len() != account.stages.len() || !account.stages.iter().all(|stage| place(stage).is_some()) {
        return Err(replies::wrong("stageIds must name every stage once"));
    }
    account.clock.tick();
    account.stages.sort_by_key(|stage| place(stage));
    Ok(list(account))
}

/// `PATCH pipeline-stages/{id}`.
pub(super) fn update(account: &mut Account, request: &VendorRequest, id: &str) -> Outcome {
    let sent = read(request)?;
    if sent.contains_key("name") {
        input::required(&sent, "name")?;
    }
    let order = find(account, id)?;
    account.clock.tick();
    account.stages[order] = account.stages[order].clone().with(&sent);
    show_one(account, 200, order)
}

/// `DELETE pipeline-stages/{id}`: leads move to the stage that the body names, without which only an empty stage goes.
pub(super) fn delete(account: &mut Account, request: &VendorRequest, id: &str) -> Outcome {
    let body = input::body(request)?;
    let order = find(account, id)?;
    if account.stages.len() == 1 {
        return Err(replies::wrong("The last stage cannot be deleted"));
    }
    let id = account.stages[order].id.clone();
    let target = match body.get("targetStageId") {
        None | Some(Value::Null) if lead_count(account, &id) > 0 => {
            return Err(replies::conflict("Stage has leads: targetStageId is required"));
        }
        None | Some(Value::Null) => id.clone(),
        Some(target) => {
            let target = find(account, target.as_str().unwrap_or_default());
            let target = target.ok().filter(|target| *target != order);
            account.stages[target.ok_or_else(|| replies::wrong("targetStageId is no other stage"))?].id.clone()
        }
    };
    account.clock.tick();
    for lead in account.leads.records_mut().filter(|lead| text(lead, "stageId") == id) {
        lead.insert("stageId".to_owned(), json!(target));
    }
    account.stages.remove(order);
    Ok(replies::done())
}

impl Stage {
    /// The stage with what was sent over it; null leaves what cannot be absent.
    fn with(mut self, sent: &Record) -> Self {
        let texts = [("name", &mut self.name), ("kind", &mut self.kind)];
        for (name, place) in texts {
            if let Some(Value::String(text)) = sent.get(name) {
                place.clone_from(text);
            }
        }
        if let Some(probability) = sent.get("defaultProbabilityPct").and_then(Value::as_u64) {
            self.probability = probability;
        }
        if let Some(color) = sent.get("colorKey") {
            self.color = color.as_str().map(str::to_owned);
        }
        self
    }
}

fn read(request: &VendorRequest) -> Result<Record, Refusal> {
    let sent = input::members(request, &MEMBERS)?;
    input::word(&sent, "kind", &KINDS)?;
    match sent.get("defaultProbabilityPct") {
        None | Some(Value::Null) => Ok(sent),
        Some(percent) if percent.as_u64().is_some_and(|percent| percent <= 100) => Ok(sent),
        Some(_) => Err(replies::wrong("defaultProbabilityPct must be between 0 and 100")),
    }
}

fn find(account: &Account, id: &str) -> Result<usize, Refusal> {
    let order = account.stages.iter().position(|stage| stage.id.eq_ignore_ascii_case(id));
    order.ok_or_else(|| replies::not_found("Stage"))
}

fn lead_count(account: &Account, id: &str) -> usize {
    account.leads.records().filter(|lead| text(lead, "stageId") == id).count()
}

fn show_one(account: &Account, status: u16, order: usize) -> Outcome {
    let stage = account.stages.get(order).ok_or_else(|| replies::not_found("Stage"))?;
    Ok(replies::one(status, &show(account, order, stage)))
}

fn show(account: &Account, order: usize, stage: &Stage) -> Value {
    json!({
        "id": stage.id,
        "name": stage.name,
        "kind": stage.kind,
        "sortOrder": order,
        "defaultProbabilityPct": stage.probability,
        "colorKey": stage.color,
        "systemKey": stage.system_key,
        "leadCount": lead_count(account, &stage.id),
    })
}

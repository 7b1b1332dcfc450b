//! Writing: what the caller sent becomes the vendor calls that carry it, in order, each at most once.

use std::collections::BTreeSet;

use connector_catalog::{
    DeletePlan, Encoding, ErrorMeaning, MemberSource, Plan, Send, Step, StepsAlternative, WritePlan,
};
use field_mapping::WrittenOver;
use serde_json::{Map, Value};
use unified_model::answer::WarningKind;
use unified_model::{PassThroughBody, RecordId, UnifiedRequest, Warning};
use vendor_client::{RateLimit, VendorBody, VendorReply, VendorRequest, VendorSession};

use crate::exchange::{self, Exchange};
use crate::lookup::{Lookups, as_text};
use crate::outcome::{ConnectorError, Failure, OutcomeData, Progress, VendorOutcome};
use crate::{extend, filters, odata, rest};

/// What the steps of a write draw from.
struct Change {
    /// The record's id; empty until an `add` has one.
    id: Option<RecordId>,
    /// The whole vendor record as it will be.
    record: Map<String, Value>,
    /// Only what changed.
    part: Map<String, Value>,
    /// The vendor members that only a full replace takes away something of.
    removes: BTreeSet<String>,
    /// The vendor record before the change.
    before: Map<String, Value>,
}

/// A step that will run, its body ready.
struct Call<'p> {
    step: &'p Step,
    body: Option<Map<String, Value>>,
}

/// A write under way.
struct Writing<'a> {
    plan: &'a Plan,
    request: &'a UnifiedRequest,
    vendor: &'a VendorSession,
    progress: Progress,
    warnings: Vec<Warning>,
    exchanges: Vec<Exchange>,
    rate_limit: Option<RateLimit>,
}

pub(crate) async fn add(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    lookups: &Lookups,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let write = resource.add.as_ref().ok_or_else(|| ConnectorError::Internal("an add without a plan".to_owned()))?;
    let surroundings = lookups.surroundings(plan, request, vendor, &resource.mapping).await?;
    let written = resource.mapping.write_new(&request.body, resource.kind.as_ref(), surroundings.context());
    let mut change = Change {
        id: None,
        part: written.record.clone(),
        removes: BTreeSet::new(),
        record: written.record,
        before: Map::new(),
    };
    check_required(plan, &change)?;
    let alternative = pick(write, &change)?;
    let extensions = extensions(plan, request, alternative)?;
    let calls = prepare(plan, request, vendor, lookups, alternative, &change, &extensions).await?;
    let mut writing = Writing::new(plan, request, vendor, written.warnings);
    for call in calls {
        let reply = writing.run(call.step, call.body, change.id.as_ref()).await?;
        if let (Some(reply), Some(at)) = (reply, &call.step.new_id) {
            let id = new_id(&reply, at).ok_or_else(|| writing.lost_id(call.step, &reply))?;
            writing.progress.created = Some(id.clone());
            change.id = Some(id);
        }
    }
    let id = change.id.ok_or_else(|| ConnectorError::Internal("no step of the add yields an id".to_owned()))?;
    Ok(writing.done(id))
}

pub(crate) async fn update(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    lookups: &Lookups,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let write =
        resource.update.as_ref().ok_or_else(|| ConnectorError::Internal("an update without a plan".to_owned()))?;
    let id = request.id.clone().ok_or_else(|| ConnectorError::Internal("an update without an id".to_owned()))?;
    let surroundings = lookups.surroundings(plan, request, vendor, &resource.mapping).await?;
    let before = if write.reads_current { rest::current(plan, request, vendor).await? } else { Map::new() };
    let written = if write.reads_current {
        resource.mapping.write_over(&before, &request.body, surroundings.context())
    } else {
        let patch = resource.mapping.write_patch(&request.body, surroundings.context());
        WrittenOver { part: patch.record.clone(), record: patch.record, removes: Vec::new(), warnings: patch.warnings }
    };
    let change = Change {
        id: Some(id.clone()),
        removes: written.removes.iter().map(|place| member_of(place).to_owned()).collect(),
        record: written.record,
        part: written.part,
        before,
    };
    if write.reads_current {
        check_required(plan, &change)?;
    }
    let alternative = pick(write, &change)?;
    let extensions = extensions(plan, request, alternative)?;
    let calls = prepare(plan, request, vendor, lookups, alternative, &change, &extensions).await?;
    let mut writing = Writing::new(plan, request, vendor, written.warnings);
    for call in calls {
        writing.run(call.step, call.body, Some(&id)).await?;
    }
    Ok(writing.done(id))
}

pub(crate) async fn delete(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let delete: &DeletePlan =
        resource.delete.as_ref().ok_or_else(|| ConnectorError::Internal("a delete without a plan".to_owned()))?;
    let id = request.id.clone().ok_or_else(|| ConnectorError::Internal("a delete without an id".to_owned()))?;
    if delete.reads_current {
        rest::current(plan, request, vendor).await?;
    }
    let step = Step {
        id: plan.operation().as_str().to_owned(),
        request: delete.request.clone(),
        send: Send::Nothing,
        optional: false,
        new_id: None,
    };
    let mut writing = Writing::new(plan, request, vendor, Vec::new());
    writing.run(&step, None, Some(&id)).await?;
    Ok(writing.done(id))
}

/// The vendor member of a place such as `properties[name=title]`.
fn member_of(place: &str) -> &str {
    place.split(['[', '.']).next().unwrap_or(place)
}

/// A record that the vendor is known to refuse is refused here, before it is asked. What a record lacked before, it may lack.
fn check_required(plan: &Plan, change: &Change) -> Result<(), ConnectorError> {
    for requirement in &plan.resource().requires {
        let fills = |record: &Map<String, Value>| {
            let record = Value::Object(record.clone());
            requirement.at.find(&record).is_some_and(|value| !value.is_null() && value != "")
        };
        let lacked_before = !change.before.is_empty() && !fills(&change.before);
        if !fills(&change.record) && !lacked_before {
            let fields = requirement.fields.join(" or ");
            let message = format!("{} takes no record without it; nothing was written", plan.connector().name);
            return Err(ConnectorError::BadRequest { at: fields, message });
        }
    }
    Ok(())
}

/// The first alternative that covers what changes.
fn pick<'p>(write: &'p WritePlan, change: &Change) -> Result<&'p StepsAlternative, ConnectorError> {
    let covered = |alternative: &&StepsAlternative| match &alternative.covers {
        None => true,
        Some(members) => change.removes.is_empty() && change.part.keys().all(|member| members.contains(member)),
    };
    write
        .alternatives
        .iter()
        .find(covered)
        .ok_or_else(|| ConnectorError::Internal("no alternative of the write covers the change".to_owned()))
}

/// Which extension belongs to which step of the alternative: the named one, or the first that sends a body.
fn extensions<'r>(
    plan: &Plan,
    request: &'r UnifiedRequest,
    alternative: &StepsAlternative,
) -> Result<Vec<(String, &'r PassThroughBody)>, ConnectorError> {
    let with_body = || alternative.steps.iter().filter(|step| step.send != Send::Nothing);
    let service = plan.connector().service_id.as_str();
    let mut placed = Vec::new();
    for extension in request.pass_through.iter().filter(|extension| extension.service_id == service) {
        let step = match &extension.operation_id {
            None => with_body().next(),
            Some(name) => with_body().find(|step| step.id == *name),
        };
        let step = step.ok_or_else(|| ConnectorError::BadRequest {
            at: "pass_through.operation_id".to_owned(),
            message: format!(
                "this change runs no step `{}` with a body; its steps are {}",
                extension.operation_id.as_deref().unwrap_or_default(),
                with_body().map(|step| step.id.as_str()).collect::<Vec<_>>().join(", ")
            ),
        })?;
        placed.push((step.id.clone(), extension));
    }
    Ok(placed)
}

/// The bodies of all steps that have something to send. Lookups happen here, before anything is written.
async fn prepare<'p>(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    lookups: &Lookups,
    alternative: &'p StepsAlternative,
    change: &Change,
    extensions: &[(String, &PassThroughBody)],
) -> Result<Vec<Call<'p>>, ConnectorError> {
    let mut calls = Vec::new();
    for step in &alternative.steps {
        let mine: Vec<_> =
            extensions.iter().filter(|(id, _)| *id == step.id).map(|(_, extension)| *extension).collect();
        let drawn = draw(plan, request, vendor, lookups, step, change).await?;
        let mut body = match drawn {
            Drawn::NoBody => {
                calls.push(Call { step, body: None });
                continue;
            }
            Drawn::Empty(_) if mine.is_empty() => continue,
            Drawn::Empty(body) | Drawn::Body(body) => body,
        };
        for extension in mine {
            extend::body(extension, &mut body)?;
        }
        calls.push(Call { step, body: Some(body) });
    }
    Ok(calls)
}

/// What a step's body came to.
enum Drawn {
    /// The step sends none.
    NoBody,
    /// Nothing of what changed belongs to the step; only what it would send in any case.
    Empty(Map<String, Value>),
    /// Something to send.
    Body(Map<String, Value>),
}

async fn draw(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    lookups: &Lookups,
    step: &Step,
    change: &Change,
) -> Result<Drawn, ConnectorError> {
    match &step.send {
        Send::Nothing => Ok(Drawn::NoBody),
        Send::Record { drop } => Ok(Drawn::Body(without(&change.record, drop))),
        Send::Changed { id } => {
            let mut body = change.part.clone();
            let empty = body.is_empty();
            if let (Some(member), Some(id)) = (id, &change.id) {
                body.insert(member.clone(), Value::String(id.as_str().to_owned()));
            }
            Ok(if empty { Drawn::Empty(body) } else { Drawn::Body(body) })
        }
        Send::Over { carry, drop } => {
            let mut body = without(&change.record, drop);
            let whole = Value::Object(change.record.clone());
            for (member, at) in carry {
                if let Some(value) = at.find(&whole) {
                    body.insert(member.clone(), value.clone());
                }
            }
            // Only members that the body would carry can make this step worth a call.
            let touched = change.part.keys().any(|member| body.contains_key(member))
                || change.removes.iter().any(|member| !drop.contains(member));
            Ok(if touched { Drawn::Body(body) } else { Drawn::Empty(body) })
        }
        Send::Members(members) => draw_members(plan, request, vendor, lookups, members, change).await,
    }
}

async fn draw_members(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    lookups: &Lookups,
    members: &[(String, MemberSource)],
    change: &Change,
) -> Result<Drawn, ConnectorError> {
    let mut body = Map::new();
    let mut changed = false;
    for (name, source) in members {
        let value = match source {
            MemberSource::Id => {
                // On `add` the id is known only once the creating step has answered; `run` fills it in.
                let id = change.id.as_ref().map_or_else(String::new, |id| id.as_str().to_owned());
                body.insert(name.clone(), Value::String(id));
                continue;
            }
            MemberSource::Const(value) => {
                body.insert(name.clone(), value.clone());
                continue;
            }
            MemberSource::Changed(member) => change.part.get(member).cloned(),
            MemberSource::AddedTo(member) => difference(&change.record, &change.before, member),
            MemberSource::RemovedFrom(member) => difference(&change.before, &change.record, member),
            MemberSource::Lookup { table, by, take } => {
                let part = Value::Object(change.part.clone());
                match by.find(&part).filter(|key| !key.is_null()) {
                    None => None,
                    Some(key) => {
                        let key = as_text(key);
                        let row = lookups.row(plan, request, vendor, table, &key).await?;
                        let found = row.as_ref().and_then(|row| take.find(row)).cloned();
                        Some(found.ok_or_else(|| unknown_row(plan, table, &key))?)
                    }
                }
            }
        };
        if let Some(value) = value {
            changed = true;
            body.insert(name.clone(), value);
        }
    }
    Ok(if changed { Drawn::Body(body) } else { Drawn::Empty(body) })
}

fn unknown_row(plan: &Plan, table: &str, key: &str) -> ConnectorError {
    ConnectorError::BadRequest {
        at: table.to_owned(),
        message: format!("{} has no entry `{key}` in {table}; nothing was written", plan.connector().name),
    }
}

/// The entries of `left`'s list that `right`'s lacks; `None` when there are none.
fn difference(left: &Map<String, Value>, right: &Map<String, Value>, member: &str) -> Option<Value> {
    let list = |record: &Map<String, Value>| record.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
    let others = list(right);
    let only_left: Vec<Value> = list(left).into_iter().filter(|entry| !others.contains(entry)).collect();
    if only_left.is_empty() { None } else { Some(Value::Array(only_left)) }
}

fn without(record: &Map<String, Value>, drop: &[String]) -> Map<String, Value> {
    record.iter().filter(|(name, _)| !drop.contains(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn new_id(reply: &VendorReply, at: &field_mapping::VendorPath) -> Option<RecordId> {
    let document: Value = serde_json::from_slice(&reply.body).ok()?;
    at.find(&document).filter(|id| !id.is_null()).map(as_text)?.parse().ok()
}

impl<'a> Writing<'a> {
    fn new(plan: &'a Plan, request: &'a UnifiedRequest, vendor: &'a VendorSession, warnings: Vec<Warning>) -> Self {
        Self {
            plan,
            request,
            vendor,
            progress: Progress { writing: true, ..Progress::default() },
            warnings,
            exchanges: Vec::new(),
            rate_limit: None,
        }
    }

    /// Runs one step. `None`: an optional step failed and left a warning.
    async fn run(
        &mut self,
        step: &Step,
        body: Option<Map<String, Value>>,
        id: Option<&RecordId>,
    ) -> Result<Option<VendorReply>, ConnectorError> {
        self.progress.failed.clone_from(&step.id);
        let base = match step.request.encode {
            Encoding::OdataLink => self.vendor.base_address().await.map_err(Failure::Transport),
            Encoding::Json | Encoding::Form => Ok(String::new()),
        };
        let request = self.vendor_request(step, body, id, &base.map_err(|failure| self.failed(failure))?)?;
        let answer = exchange::call(self.plan.connector(), self.plan.operation(), self.vendor, request).await;
        let answer = answer.and_then(|reply| {
            let plausible = exchange::is_plausible(&reply.body);
            if plausible { Ok(reply) } else { Err(exchange::unusable(&reply, "it is neither JSON nor a short text")) }
        });
        match answer {
            Ok(reply) => {
                self.progress.completed.push(step.id.clone());
                self.rate_limit = reply.rate_limit().or(self.rate_limit.take());
                if self.request.raw {
                    self.exchanges.push(crate::list::kept(&step.id, &reply.body));
                }
                Ok(Some(reply))
            }
            Err(failure) if step.optional => {
                self.warnings.push(failure_warning(&step.id, &failure));
                Ok(None)
            }
            Err(failure) => Err(self.failed(failure)),
        }
    }

    fn failed(&self, failure: Failure) -> ConnectorError {
        let missing = matches!(&failure, Failure::Answered(answer) if answer.meaning == Some(ErrorMeaning::NotFound));
        match &self.request.id {
            Some(id) if missing && self.progress.completed.is_empty() => ConnectorError::NotFound(id.clone()),
            _ => ConnectorError::Call { failure: Box::new(failure), progress: self.progress.clone() },
        }
    }

    /// The vendor has created a record but did not say which.
    fn lost_id(&mut self, step: &Step, reply: &VendorReply) -> ConnectorError {
        self.progress.completed.retain(|done| *done != step.id);
        self.failed(exchange::unusable(reply, "the answer holds no id of the new record"))
    }

    fn vendor_request(
        &self,
        step: &Step,
        body: Option<Map<String, Value>>,
        id: Option<&RecordId>,
        base: &str,
    ) -> Result<VendorRequest, ConnectorError> {
        let mut with_id = self.request.clone();
        with_id.id = id.cloned();
        let path = filters::path(&step.request.path, &with_id)
            .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in step {}", step.id)))?;
        let mut body = body;
        if let (Some(body), Send::Members(members), Some(id)) = (&mut body, &step.send, id) {
            for (name, _) in members.iter().filter(|(_, source)| *source == MemberSource::Id) {
                body.insert(name.clone(), Value::String(id.as_str().to_owned()));
            }
        }
        let mut query = filters::parameters(&step.request.query, &with_id);
        let body = match (body, step.request.encode) {
            (None, _) => VendorBody::None,
            (Some(body), Encoding::Json) => VendorBody::Json(Value::Object(body).to_string().into_bytes()),
            (Some(body), Encoding::OdataLink) => VendorBody::Xml(odata::link::body(base, &body).into_bytes()),
            (Some(body), Encoding::Form) => {
                let mut form = std::mem::take(&mut query);
                form.extend(body.into_iter().map(|(name, value)| (name, as_text(&value))));
                VendorBody::Form(form)
            }
        };
        Ok(VendorRequest { step: step.id.clone(), method: step.request.method.clone(), path, query, body, safe: false })
    }

    fn done(self, id: RecordId) -> VendorOutcome {
        VendorOutcome {
            data: OutcomeData::Written(id),
            warnings: self.warnings,
            exchanges: self.exchanges,
            rate_limit: self.rate_limit,
        }
    }
}

fn failure_warning(step: &str, failure: &Failure) -> Warning {
    let (status_code, message) = match failure {
        Failure::Answered(answer) => (
            Some(answer.status),
            answer.message.clone().unwrap_or_else(|| format!("the vendor answered {}", answer.status)),
        ),
        Failure::Unusable { status, reason, .. } => (Some(*status), reason.clone()),
        Failure::Transport(error) => (None, error.to_string()),
    };
    Warning {
        kind: WarningKind::DownstreamRequestFailed,
        status_code,
        operation: Some(step.to_owned()),
        field: None,
        message,
    }
}

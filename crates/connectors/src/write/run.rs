//! A write under way: steps run in order; when one fails, those before it are taken back as far as the definition can.

use std::collections::BTreeMap;

use bytes::Bytes;
use connector_catalog::{Encoding, ErrorMeaning, RequestTemplate, Send, Step};
use http::{HeaderValue, Method};
use serde_json::{Map, Value};
use unified_model::answer::WarningKind;
use unified_model::{Operation, RecordId, Warning};
use vendor_client::{VendorBody, VendorError, VendorReply, VendorRequest};

use super::change::Change;
use super::choose::Call;
use super::draw::{self, Drawn, Rows};
use super::entries::{self, Entry};
use super::place::Places;
use super::turns::Turns;
use super::{items, new_id, references};
use crate::call::context::CallContext;
use crate::call::exchange;
use crate::call::ids::{self, as_text, id_text};
use crate::call::outcome::{ConnectorError, Contention, Exchange, Failure, OutcomeData, Progress, VendorOutcome};
use crate::read::records;
use crate::request::pass_through;

/// What a vendor answers to an `If-Match` that names another version than the record has.
const PRECONDITION_FAILED: u16 = 412;

/// A write under way.
pub(super) struct Writing<'a> {
    context: CallContext<'a>,
    /// The records that nobody else writes meanwhile.
    turns: &'a Turns,
    change: Change,
    rows: Rows,
    progress: Progress,
    /// The step that made the record, of a new one.
    created_by: Option<String>,
    /// The request by which each done step can be taken back, the last first to go.
    undo: Vec<(String, VendorRequest)>,
    /// Whether something is gone for good. What came in its place stays then, whatever fails afterwards.
    lost: bool,
    /// What each step was answered.
    answers: BTreeMap<String, Bytes>,
    warnings: Vec<Warning>,
    exchanges: Vec<Exchange>,
}

impl<'a> Writing<'a> {
    pub(super) fn new(context: CallContext<'a>, mut change: Change, turns: &'a Turns) -> Self {
        let warnings = std::mem::take(&mut change.warnings);
        Self {
            context,
            turns,
            change,
            rows: Rows::new(),
            progress: Progress::default(),
            created_by: None,
            undo: Vec::new(),
            lost: false,
            answers: BTreeMap::new(),
            warnings,
            exchanges: Vec::new(),
        }
    }

    pub(super) fn with_rows(self, rows: Rows) -> Self {
        Self { rows, ..self }
    }

    /// Runs the steps. After a failure the done ones are taken back, in reverse.
    pub(super) async fn run(mut self, calls: &[Call<'_>]) -> Result<VendorOutcome, ConnectorError> {
        match self.all_steps(calls).await {
            Ok(()) => self.done(),
            Err(error) => {
                self.take_back().await;
                Err(self.with_progress(error))
            }
        }
    }

    async fn all_steps(&mut self, calls: &[Call<'_>]) -> Result<(), ConnectorError> {
        for call in calls {
            for (position, item) in items(call).into_iter().enumerate() {
                let label =
                    if position == 0 { call.step.id.clone() } else { format!("{}-{}", call.step.id, position + 1) };
                self.step(call, item, label).await?;
            }
        }
        Ok(())
    }

    /// Runs one step, unless it has nothing to send.
    async fn step(&mut self, call: &Call<'_>, item: Option<&Entry>, label: String) -> Result<(), ConnectorError> {
        let item = item.map(|item| self.as_it_is(call.step, item));
        self.progress.failed.clone_from(&label);
        let places = self.places(item.as_ref());
        let mut body = match draw::draw(call.step, places, &self.rows) {
            Drawn::NoBody => None,
            Drawn::Empty(_) if call.extensions.is_empty() => return Ok(()),
            Drawn::Empty(body) | Drawn::Body(body) => Some(body),
        };
        for extension in &call.extensions {
            if let Some(body) = &mut body {
                pass_through::body(extension, body)?;
            }
        }
        let request = self.vendor_request(call.step, places, body).await?;
        self.check_turns(call.step).await?;
        let is_conditional = request.if_match.is_some();
        self.progress.writing |= !call.step.is_read();
        match exchange::call(self.context, self.context.plan.operation(), request).await.and_then(plausible) {
            Ok(reply) => self.after(call.step, item.as_ref(), label, &reply),
            Err(failure) if is_conditional && failure.status() == Some(PRECONDITION_FAILED) => {
                // The first write was refused, so nothing has been written.
                self.progress.writing = false;
                Err(ConnectorError::conflict(Contention::Changed))
            }
            Err(failure) if call.step.may_be_gone && is_missing(&failure) => {
                self.lost = true;
                self.progress.completed.push(label);
                Ok(())
            }
            Err(failure) if call.step.optional => {
                self.lost |= call.step.removes() && is_doubtful(&failure);
                self.warnings.push(failure_warning(&label, &failure));
                Ok(())
            }
            Err(failure) => {
                self.lost |= call.step.removes() && is_doubtful(&failure);
                Err(self.failed(call.step, failure))
            }
        }
    }

    /// What was read must still be what the vendor has: before the first write, and before a step that sends the whole record.
    async fn check_turns(&self, step: &Step) -> Result<(), ConnectorError> {
        let relies_on_reading = !step.is_read() && (!self.progress.writing || matches!(step.send, Send::Over { .. }));
        if relies_on_reading && !self.turns.are_ours().await {
            return Err(ConnectorError::conflict(Contention::LockLost));
        }
        Ok(())
    }

    /// Keeps what a done step has answered.
    fn after(
        &mut self,
        step: &Step,
        item: Option<&Entry>,
        label: String,
        reply: &VendorReply,
    ) -> Result<(), ConnectorError> {
        if self.context.request.raw {
            self.exchanges.push(records::kept(&label, &reply.body));
        }
        if let Some(at) = &step.new_id {
            match new_id::find(at, reply, &self.answers, self.context.dialect.conventions().new_record_headers) {
                Some(id) => self.learn(step, item, id),
                // An answer that says nothing leaves the record with the id that we proposed.
                None if self.is_proposed(step) && reply.body.is_empty() => (),
                None => return Err(self.failed(step, exchange::unusable(reply, "the answer does not tell the new id"))),
            }
        }
        if step.is_read() {
            self.check_read(step, item, reply)?;
        } else if self.has_made_another(step, reply) {
            return Err(self.failed(step, exchange::unusable(reply, "the vendor has made another record of it")));
        }
        self.answers.insert(step.id.clone(), reply.body.clone());
        if step.is_read() {
            return Ok(());
        }
        if step.for_each.is_none() {
            let dropped = references::dropped(self.places(None), step, reply, &self.warnings);
            self.warnings.extend(dropped);
        }
        if self.change.is_new && self.progress.created.is_none() {
            self.progress.created.clone_from(&self.change.id);
            self.created_by = self.progress.created.as_ref().map(|_| label.clone());
        }
        let item = item.map(|item| self.as_it_is(step, item));
        let places = self.places(item.as_ref());
        let undo = step.undo.as_ref().and_then(|undo| undo_request(undo, &label, places));
        let warning = step.warning.as_ref().and_then(|template| places.text(template));
        self.lost |= undo.is_none() && step.removes();
        self.undo.extend(undo.map(|request| (label.clone(), request)));
        self.warnings.extend(warning.map(|message| Warning {
            operation: Some(label.clone()),
            ..Warning::about_call(WarningKind::SideEffect, message)
        }));
        self.progress.completed.push(label);
        Ok(())
    }

    /// A new id belongs to the record, or to the entry that the step is at.
    fn learn(&mut self, step: &Step, item: Option<&Entry>, id: Value) {
        let (Some(each), Some(item)) = (&step.for_each, item) else {
            match as_text(&id).parse::<RecordId>() {
                Ok(id) if self.is_proposed(step) => self.compare(&id),
                id => self.change.id = id.ok(),
            }
            return;
        };
        let name = step.new_id.as_ref().map_or_else(|| "id".to_owned(), new_id::member);
        if let Some(Value::Object(entry)) =
            self.change.record.get_mut(&each.member).and_then(|list| list.get_mut(item.place))
        {
            entry.insert(name, id);
        }
    }

    /// Whether the step makes a record whose id we proposed.
    fn is_proposed(&self, step: &Step) -> bool {
        step.for_each.is_none() && self.context.resource().mint.is_some()
    }

    /// The id that the vendor answers counts, not the one that we proposed.
    fn compare(&mut self, answered: &RecordId) {
        let is_same = |proposed: &RecordId| ids::is_same(proposed.as_str(), answered.as_str());
        if self.change.id.as_ref().is_some_and(is_same) {
            return;
        }
        if let Ok(id) = ids::plain(answered.as_str()).parse() {
            self.change.renamed(&id);
        }
    }

    /// Whether a whole record that was sent to where records are made has become a new one: the old one has gone meanwhile.
    fn has_made_another(&self, step: &Step, reply: &VendorReply) -> bool {
        let is_posted = matches!(step.send, Send::Over { .. }) && step.request.method == Method::POST;
        let (true, Some(own)) = (is_posted && self.context.resource().answers_record, &self.change.id) else {
            return false;
        };
        let answered = serde_json::from_slice::<Value>(&reply.body).ok();
        let id_at = self.context.resource().mapping.id_at();
        let found = answered.as_ref().zip(id_at).and_then(|(record, at)| id_text(at.find(record)?));
        found.is_some_and(|found| !ids::is_same(own.as_str(), &found))
    }

    /// What a step reads must be what it asked for before anything is written by it.
    fn check_read(&self, step: &Step, item: Option<&Entry>, reply: &VendorReply) -> Result<(), ConnectorError> {
        let unusable = |reason: String| self.failed(step, exchange::unusable(reply, reason));
        let document: Value = serde_json::from_slice(&reply.body)
            .map_err(|_| unusable("the answer holds nothing that could be read".to_owned()))?;
        let places = self.places(item);
        for (at, wanted) in &step.must_have {
            let wanted = places.text(wanted).unwrap_or_default();
            let found = at.find(&document).and_then(id_text);
            if !found.is_some_and(|found| ids::is_same(&wanted, &found)) {
                return Err(unusable(format!("it has no `{at}` that is `{wanted}`, which was asked for")));
            }
        }
        Ok(())
    }

    /// An entry with the ids that steps before have given it.
    fn as_it_is(&self, step: &Step, item: &Entry) -> Entry {
        let member = step.for_each.as_ref().map(|each| each.member.as_str()).unwrap_or_default();
        let own = entries::list(&self.change.record, member).get(item.place).filter(|_| item.is_new_state);
        Entry { value: own.unwrap_or(&item.value).clone(), ..item.clone() }
    }

    fn places<'p>(&'p self, item: Option<&'p Entry>) -> Places<'p> {
        Places { context: self.context, change: &self.change, item, pending: None }
    }

    async fn vendor_request(
        &self,
        step: &Step,
        places: Places<'_>,
        body: Option<Map<String, Value>>,
    ) -> Result<VendorRequest, ConnectorError> {
        let path = places.path(&step.request, &step.id)?;
        let mut query = places.query(&step.request, &step.id)?;
        let body = match (body, step.request.encode) {
            (None, _) => VendorBody::None,
            (Some(body), Encoding::Json) => VendorBody::Json(Value::Object(body).to_string().into_bytes()),
            (Some(body), Encoding::Link) => {
                let base = self.context.vendor.base_address().await;
                let base = base.map_err(|error| self.failed(step, Failure::Transport(error)))?;
                let link = self.context.dialect.conventions().link;
                link(&base, &body).ok_or_else(|| no_link(&step.id))?
            }
            (Some(body), Encoding::Form) => {
                let mut form = std::mem::take(&mut query);
                form.extend(body.into_iter().map(|(name, value)| (name, as_text(&value))));
                VendorBody::Form(form)
            }
        };
        let method = step.request.method.clone();
        let if_match = self.if_match(step, &path);
        Ok(VendorRequest { step: step.id.clone(), method, path, query, body, if_match, safe: step.is_read() })
    }

    /// The version that the record must still have: for the first write over the record that was read. Our own first write gives
    /// it another one.
    fn if_match(&self, step: &Step, path: &str) -> Option<HeaderValue> {
        let version = self.change.version.as_ref().filter(|_| !self.progress.writing && !step.is_read())?;
        let writes_over_it = match step.send {
            Send::Over { .. } => true,
            Send::Nothing | Send::Record { .. } | Send::Changed { .. } | Send::Item { .. } | Send::Members(_) => {
                step.request.method != Method::POST && path == version.path
            }
        };
        writes_over_it.then(|| version.tag.clone())
    }

    /// A vendor that does not know the record says so at the first step that names it.
    fn failed(&self, step: &Step, failure: Failure) -> ConnectorError {
        match &self.context.request.id {
            Some(id) if is_missing(&failure) && self.progress.completed.is_empty() && step.for_each.is_none() => {
                ConnectorError::NotFound(id.clone())
            }
            _ => ConnectorError::Call { failure: Box::new(failure), progress: self.progress.clone() },
        }
    }

    async fn take_back(&mut self) {
        if self.lost {
            return;
        }
        for (label, request) in std::mem::take(&mut self.undo).into_iter().rev() {
            let operation =
                if request.method == http::Method::DELETE { Operation::Delete } else { self.context.plan.operation() };
            let answer = exchange::call(self.context, operation, request).await;
            if answer.and_then(plausible).is_ok() {
                self.progress.undone.push(label);
            }
        }
        if self.created_by.as_ref().is_some_and(|label| self.progress.undone.contains(label)) {
            self.progress.created = None;
        }
    }

    /// The error with what has been done and taken back by now.
    fn with_progress(self, error: ConnectorError) -> ConnectorError {
        match error {
            ConnectorError::Call { failure, .. } => ConnectorError::Call { failure, progress: self.progress },
            ConnectorError::Conflict { contention, .. } => {
                ConnectorError::Conflict { contention, progress: self.progress }
            }
            // Nothing but a vendor's answer can be missing by now: what we could foresee was rehearsed.
            ConnectorError::BadRequest { at, message } if !self.progress.completed.is_empty() => {
                let failure =
                    Failure::Unusable { status: 0, reason: format!("{at}: {message}"), excerpt: String::new() };
                ConnectorError::Call { failure: Box::new(failure), progress: self.progress }
            }
            other => other,
        }
    }

    fn done(self) -> Result<VendorOutcome, ConnectorError> {
        let Some(id) = self.change.id else {
            // The record may be there by now, so this is nothing that a caller should repeat.
            let reason = "no step has told the id of the new record".to_owned();
            let failure = Failure::Unusable { status: 0, reason, excerpt: String::new() };
            return Err(ConnectorError::Call { failure: Box::new(failure), progress: self.progress });
        };
        Ok(VendorOutcome { data: OutcomeData::Written(id), warnings: self.warnings, exchanges: self.exchanges })
    }
}

/// Whether the vendor says that there is no such thing.
fn is_missing(failure: &Failure) -> bool {
    matches!(failure, Failure::Answered(answer) if answer.meaning == Some(ErrorMeaning::NotFound))
}

/// Whether the vendor may have done what it was asked, whatever it answered.
fn is_doubtful(failure: &Failure) -> bool {
    match failure {
        Failure::Answered(answer) => matches!(answer.status, 300..=399 | 408 | 500..),
        Failure::Unusable { .. } => true,
        Failure::Transport(error) => match error {
            VendorError::Timeout { sent } => *sent,
            VendorError::Broken { .. } | VendorError::TooLarge { .. } => true,
            VendorError::Unreachable { .. }
            | VendorError::Forbidden { .. }
            | VendorError::LimiterFull { .. }
            | VendorError::Settings(_)
            | VendorError::Credentials(_) => false,
        },
    }
}

fn plausible(reply: VendorReply) -> Result<VendorReply, Failure> {
    if exchange::is_plausible(&reply.body) {
        return Ok(reply);
    }
    Err(exchange::unusable(&reply, "it is neither JSON nor a short text"))
}

/// A link that leads to no record is never made.
pub(super) fn no_link(step: &str) -> ConnectorError {
    let message = "the record at the other end of the link has no id".to_owned();
    ConnectorError::BadRequest { at: format!("step `{step}`"), message }
}

/// The request that takes a step back; `None` where the answer did not tell what it needs.
fn undo_request(undo: &RequestTemplate, label: &str, places: Places<'_>) -> Option<VendorRequest> {
    let step = format!("undo-{label}");
    let path = places.path(undo, &step).ok()?;
    let query = places.query(undo, &step).ok()?;
    Some(VendorRequest {
        step,
        method: undo.method.clone(),
        path,
        query,
        body: VendorBody::None,
        if_match: None,
        safe: false,
    })
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

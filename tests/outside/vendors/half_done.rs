//! Writes of several calls that fail in the middle: what was done is said, what can be undone is, and nothing is done twice.

use serde_json::{Value, json};
use unified_model::Operation;
use vendor_sandbox::{Fault, FaultKind, SeenRequest};

use super::bad_days::{impatient, is_same};
use super::connected::Connected;
use super::findings::Findings;
use super::values::Values;
use crate::support::Reply;

on_every_vendor!(by_name: a_write_that_fails_in_the_middle_says_how_far_it_came);

async fn a_write_that_fails_in_the_middle_says_how_far_it_came(service: &str) {
    let Some(vendor) = &impatient(service).await else { return };
    let findings = Findings::of(vendor);
    for covered in vendor.resources() {
        let resource = covered.resource;
        for &operation in covered.operations.iter().filter(|operation| **operation != Operation::Delete) {
            vendor.gateway.sandbox.reset();
            let values = Values::of(vendor, resource).await;
            let Some(write) = Write::of(vendor, &values, operation).await else { continue };
            let before = vendor.calls();
            let whole = write.run(vendor).await;
            let calls = writing(&vendor.calls_since(before)).len();
            if whole.status >= 300 {
                findings.add(format!("{resource}/{operation}"), whole.refusal());
                continue;
            }
            for nth in 0..calls {
                for kind in [
                    FaultKind::Status { status: 500, retry_after: None },
                    FaultKind::Status { status: 403, retry_after: None },
                ] {
                    vendor.gateway.sandbox.reset();
                    let after = u32::try_from(nth).unwrap();
                    let method = Some("write".to_owned());
                    vendor.gateway.sandbox.inject(Fault { method, after, ..Fault::of(service, kind.clone()) });
                    let reply = write.run(vendor).await;
                    let place = format!("{resource}/{operation}, write {} of {calls}, {kind:?}", nth + 1);
                    if let Err(other) = write.check(vendor, nth, &kind, &reply).await {
                        findings.add(place, other);
                    }
                }
            }
        }
    }
    findings.none();
}

/// A write with everything in it, which takes as many calls as any.
struct Write<'v> {
    values: &'v Values<'v>,
    operation: Operation,
    id: String,
    body: Value,
}

impl<'v> Write<'v> {
    async fn of(vendor: &Connected, values: &'v Values<'v>, operation: Operation) -> Option<Self> {
        if !matches!(operation, Operation::Add | Operation::Update) {
            return None;
        }
        let id = match operation {
            Operation::Update => vendor.first(values.resource).await?,
            _ => String::new(),
        };
        Some(Self { values, operation, id, body: Value::Object(values.everything(1)) })
    }

    async fn run(&self, vendor: &Connected) -> Reply {
        match self.operation {
            Operation::Update => vendor.update(self.values.resource, &self.id, &self.body).await,
            _ => vendor.add(self.values.resource, &self.body).await,
        }
    }

    async fn check(&self, vendor: &Connected, nth: usize, kind: &FaultKind, reply: &Reply) -> Result<(), String> {
        let calls = writing(&vendor.gateway.sandbox.requests());
        if let Some(twice) = calls.iter().find(|call| calls.iter().filter(|other| is_same(call, other)).count() > 1) {
            return Err(format!("{} {} was asked twice", twice.method, twice.path));
        }
        if reply.status < 300 {
            // Only what is not needed may fail so, and that is warned of.
            let warnings = reply.body["meta"]["warnings"].as_array().into_iter().flatten();
            let told = warnings.filter(|warning| warning["type"] == "downstream_request_failed").count() > 0;
            return if told { Ok(()) } else { Err(format!("succeeds without a warning: {}", reply.text)) };
        }
        let detail = &reply.body["detail"];
        let FaultKind::Status { status, .. } = kind else { return Ok(()) };
        let owed = if *status == 403 { 403 } else { 400 };
        if (reply.status, reply.body["type_name"].as_str()) != (owed, Some("ConnectorExecutionError")) {
            return Err(reply.refusal());
        }
        let done = detail["completed_steps"].as_array().map(Vec::len);
        if !detail["failed_step"].is_string() || done.is_none() || (nth == 0) != (done == Some(0)) {
            return Err(format!("does not say how far it came: {detail}"));
        }
        let outcome = detail["outcome"].as_str();
        let owed: &[Option<&str>] = match (nth, *status) {
            (0, 403) => &[None],
            (0, _) => &[Some("unknown")],
            _ => &[Some("partial"), Some("undone")],
        };
        if !owed.contains(&outcome) {
            return Err(format!("the outcome is {outcome:?}: {detail}"));
        }
        match outcome {
            Some("undone") => self.is_undone(vendor, detail).await,
            // The record is gone again, what belonged to it may not be.
            Some("partial") if self.operation == Operation::Add && detail["undone_steps"].is_array() => {
                self.is_undone(vendor, detail).await
            }
            Some("partial") if self.operation == Operation::Add => self.is_there(vendor, detail).await,
            _ => Ok(()),
        }
    }

    /// Whatever was undone has left nothing behind.
    async fn is_undone(&self, vendor: &Connected, detail: &Value) -> Result<(), String> {
        if detail["undone_steps"] == json!([]) || !detail["undone_steps"].is_array() {
            return Err(format!("names nothing that was undone: {detail}"));
        }
        let resource = self.values.resource;
        let now = vendor.list(resource, "limit=200").await;
        vendor.gateway.sandbox.reset();
        let seeded = vendor.list(resource, "limit=200").await;
        if now == seeded { Ok(()) } else { Err("was undone, and is not as it was before".to_owned()) }
    }

    /// A record that was made and not undone is named, so that the caller can go on with it.
    async fn is_there(&self, vendor: &Connected, detail: &Value) -> Result<(), String> {
        let Some(id) = detail["created_id"].as_str() else { return Err(format!("names no record: {detail}")) };
        let record = vendor.read(self.values.resource, id).await;
        if record.is_some() { Ok(()) } else { Err(format!("names {id}, which is not there")) }
    }
}

fn writing(calls: &[SeenRequest]) -> Vec<SeenRequest> {
    calls.iter().filter(|call| call.method != "GET").cloned().collect()
}

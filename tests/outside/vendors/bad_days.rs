//! A vendor's bad day means the same whichever vendor has it: for each read and each write, what the table of errors says.

use std::time::Duration;

use connector_catalog::{Catalog, PagingKind};
use serde_json::Value;
use unified_model::Operation;
use vendor_sandbox::{Fault, FaultKind, SeenRequest};

use super::connected::Connected;
use super::findings::Findings;
use super::values::Values;
use super::vendor_rules;
use crate::support::{Gateway, Reply, definitions};

/// The vendor with repeats that keep no test waiting; none where the catalogue has no such vendor yet.
pub async fn impatient(service: &str) -> Option<Connected> {
    let files = definitions(|text| text.replace("base: 300ms", "base: 1ms"));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Connected::to(Gateway::over(Catalog::from_sources(&files).unwrap(), |_| {}).await, service).await
}

/// The days, what a read owes on each, and what a write owes. `None`: whatever status the vendor's own answer has.
struct Day {
    kind: FaultKind,
    vendor_status: Option<u16>,
    type_name: &'static str,
    read: u16,
    write: u16,
    outcome: Option<&'static str>,
    is_repeated: bool,
}

fn days() -> Vec<Day> {
    let status = |status| FaultKind::Status { status, retry_after: Some(0) };
    let execution = "ConnectorExecutionError";
    let refused = |code| Day {
        kind: status(code),
        vendor_status: Some(code),
        type_name: execution,
        read: code,
        write: code,
        outcome: None,
        is_repeated: false,
    };
    let broke = |code| Day { write: 400, outcome: Some("unknown"), is_repeated: true, ..refused(code) };
    let unusable = |kind| Day {
        kind,
        vendor_status: None,
        type_name: execution,
        read: 502,
        write: 400,
        outcome: Some("unknown"),
        is_repeated: false,
    };
    vec![
        refused(402),
        refused(403),
        refused(418),
        refused(422),
        Day { vendor_status: None, type_name: "ConnectorRateLimitError", is_repeated: true, ..refused(429) },
        Day { vendor_status: None, type_name: "ConnectorCredentialsError", ..refused(401) },
        broke(408),
        broke(500),
        broke(503),
        // A refusal is one in whatever form; an error may stand inside a success.
        Day { kind: FaultKind::Html { status: 409 }, ..refused(409) },
        Day { kind: FaultKind::Html { status: 422 }, ..refused(422) },
        Day { vendor_status: Some(200), ..unusable(FaultKind::ErrorInsideSuccess) },
        unusable(FaultKind::Html { status: 200 }),
        unusable(FaultKind::Truncated),
        Day { is_repeated: true, ..unusable(FaultKind::HangUp) },
    ]
}

#[derive(Clone, Copy)]
enum Owed {
    Read,
    Write,
}

impl Day {
    fn check(&self, owed: Owed, reply: &Reply) -> Result<(), String> {
        let (status, outcome) = match owed {
            Owed::Read => (self.read, None),
            Owed::Write => (self.write, self.outcome),
        };
        let detail = &reply.body["detail"];
        let found = (reply.status, reply.body["type_name"].as_str(), detail["outcome"].as_str());
        if found != (status, Some(self.type_name), outcome) {
            return Err(format!(
                "{:?}: owed {status} {} {outcome:?}, got {}",
                self.kind,
                self.type_name,
                reply.refusal()
            ));
        }
        if self.vendor_status.is_some() && detail["vendor_status"].as_u64() != self.vendor_status.map(u64::from) {
            return Err(format!("{:?}: vendor_status: {}", self.kind, reply.text));
        }
        if self.type_name == "ConnectorRateLimitError" && !reply.headers.contains_key("retry-after") {
            return Err(format!("{:?}: no Retry-After", self.kind));
        }
        Ok(())
    }
}

on_every_vendor!(by_name:
    a_bad_day_is_told_as_the_table_of_errors_says,
    what_fails_before_a_write_did_not_run,
    a_slow_vendor_is_waited_for_until_the_deadline,
    a_repeated_cursor_ends_the_list,
);

async fn a_bad_day_is_told_as_the_table_of_errors_says(service: &str) {
    let Some(vendor) = &impatient(service).await else { return };
    let findings = Findings::of(vendor);
    for covered in vendor.resources() {
        let resource = covered.resource;
        vendor.gateway.sandbox.reset();
        let values = Values::of(vendor, resource).await;
        let seeded = vendor.first(resource).await;
        let id = seeded.as_deref().unwrap_or("1");
        for &operation in &covered.operations {
            for day in days() {
                let place = format!("{resource}/{operation}");
                vendor.gateway.sandbox.reset();
                let (owed, method) = if writes(operation) { (Owed::Write, "write") } else { (Owed::Read, "") };
                let method = Some(method.to_owned()).filter(|method| !method.is_empty());
                vendor.gateway.sandbox.inject(Fault { method, ..lasting(service, day.kind.clone()) });
                let reply = call(vendor, &values, operation, id).await;
                let calls = vendor.gateway.sandbox.requests();
                // An answer without a body cannot be cut short.
                let is_empty = calls.iter().any(|call| matches!(call.status, Some(203..=205)));
                if day.kind == FaultKind::Truncated && is_empty {
                    continue;
                }
                if let Err(other) = day.check(owed, &reply) {
                    findings.add(&place, other);
                }
                if let Some(what) = asked_too_often(vendor, &calls, owed, day.is_repeated) {
                    findings.add(&place, format!("{:?}: {what}", day.kind));
                }
            }
        }
    }
    findings.none();
}

/// What goes wrong with every call to the vendor's records; tokens are another matter.
pub fn lasting(service: &str, kind: FaultKind) -> Fault {
    Fault { times: 99, path_prefix: vendor_rules::records_at(service).to_owned(), ..Fault::of(service, kind) }
}

fn writes(operation: Operation) -> bool {
    !matches!(operation, Operation::All | Operation::One)
}

/// A call of the operation, with a good body.
async fn call(vendor: &Connected, values: &Values<'_>, operation: Operation, id: &str) -> Reply {
    let resource = values.resource;
    let body = || Value::Object(values.everything(1));
    match operation {
        Operation::All => vendor.page(resource, "").await,
        Operation::One => vendor.one(resource, id).await,
        Operation::Add => vendor.add(resource, &body()).await,
        Operation::Update => vendor.update(resource, id, &body()).await,
        Operation::Delete => vendor.delete(resource, id).await,
    }
}

/// A call that the vendor was asked more often than is owed: a read as often as the definition says, a write once.
fn asked_too_often(vendor: &Connected, calls: &[SeenRequest], owed: Owed, is_repeated: bool) -> Option<String> {
    let attempts = usize::try_from(vendor.definition.retry.attempts).unwrap();
    let unanswered = |call: &&SeenRequest| matches!(owed, Owed::Read) || call.method != "GET";
    let told = |call: &&SeenRequest| format!("{} {} {:?}", call.method, call.path, call.query);
    for call in calls.iter().filter(unanswered) {
        let times = calls.iter().filter(|other| is_same(call, other)).count();
        // A refused token that is not young any more is renewed, and the call repeated once.
        let renews = vendor.definition.auth.oauth2().is_some() && call.status == Some(401);
        let right = match owed {
            Owed::Read if is_repeated => times == attempts,
            Owed::Read | Owed::Write => times == 1 || (renews && times == 2),
        };
        if !right {
            return Some(format!("{} was asked {times} times", told(&call)));
        }
    }
    None
}

pub fn is_same(one: &SeenRequest, other: &SeenRequest) -> bool {
    let of = |call: &SeenRequest| {
        (
            call.method.clone(),
            call.path.clone(),
            call.query.clone(),
            call.form.clone(),
            call.json.clone(),
            call.text.clone(),
        )
    };
    of(one) == of(other)
}

/// The fault hits the reads that come before a write: then nothing ran, and that is said.
async fn what_fails_before_a_write_did_not_run(service: &str) {
    let Some(vendor) = &impatient(service).await else { return };
    let findings = Findings::of(vendor);
    for covered in vendor.resources() {
        let resource = covered.resource;
        vendor.gateway.sandbox.reset();
        let values = Values::of(vendor, resource).await;
        let seeded = vendor.first(resource).await;
        let id = seeded.as_deref().unwrap_or("1");
        for &operation in covered.operations.iter().filter(|operation| writes(**operation)) {
            for kind in [
                FaultKind::Status { status: 500, retry_after: None },
                FaultKind::Html { status: 200 },
                FaultKind::ErrorInsideSuccess,
                FaultKind::HangUp,
            ] {
                let place = format!("{resource}/{operation}");
                vendor.gateway.sandbox.reset();
                let method = Some("GET".to_owned());
                vendor.gateway.sandbox.inject(Fault { method, ..lasting(service, kind.clone()) });
                let reply = call(vendor, &values, operation, id).await;
                let calls = vendor.gateway.sandbox.requests();
                // Not every write reads first.
                if reply.status < 300 && calls.iter().all(|call| call.method != "GET") {
                    continue;
                }
                let found = (reply.status, reply.body["detail"]["outcome"].as_str());
                findings.owe(found == (400, Some("not_run")), &place, || format!("{kind:?}: {}", reply.refusal()));
                findings.owe(calls.iter().all(|call| call.method == "GET"), &place, || {
                    format!("{kind:?}: was written although it failed before: {calls:?}")
                });
            }
        }
    }
    findings.none();
}

/// Everything that takes effect is answered too late.
async fn a_slow_vendor_is_waited_for_until_the_deadline(service: &str) {
    let files = definitions(str::to_owned);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let catalog = Catalog::from_sources(&files).unwrap();
    let gateway = Gateway::over(catalog, |config| {
        for connector in config.connectors.values_mut() {
            connector.timeout_seconds = Some(1);
        }
    });
    let Some(vendor) = &Connected::to(gateway.await, service).await else { return };
    let findings = Findings::of(vendor);
    let Some(covered) = vendor.offering(Operation::Add).next() else { return };
    let resource = covered.resource;
    let values = Values::of(vendor, resource).await;
    let seeded = vendor.first(resource).await;
    let slow = |method: &str| Fault {
        method: Some(method.to_owned()),
        ..lasting(service, FaultKind::Slow(Duration::from_secs(20)))
    };
    let before = vendor.calls();
    vendor.gateway.sandbox.inject(slow("write"));
    let written = call(vendor, &values, Operation::Add, "").await;
    vendor.gateway.sandbox.inject(slow("GET"));
    let id = seeded.as_deref().unwrap_or("1");
    let (list, one) =
        tokio::join!(call(vendor, &values, Operation::All, id), call(vendor, &values, Operation::One, id),);
    let outcome = |reply: &Reply| {
        let detail = reply.body["detail"]["outcome"].as_str();
        (reply.status, reply.body["type_name"].as_str().map(str::to_owned), detail.map(str::to_owned))
    };
    let execution = Some("ConnectorExecutionError".to_owned());
    let unknown = (400, execution.clone(), Some("unknown".to_owned()));
    findings.owe(outcome(&written) == unknown, format!("{resource}/add"), || written.refusal());
    for (operation, reply) in [(Operation::All, list), (Operation::One, one)] {
        if vendor.offers(resource, operation) {
            let owed = (504, execution.clone(), None);
            findings.owe(outcome(&reply) == owed, format!("{resource}/{operation}"), || reply.refusal());
        }
    }
    let calls = vendor.calls_since(before);
    if let Some(what) = asked_too_often(vendor, &calls, Owed::Write, false) {
        findings.add(resource, what);
    }
    findings.none();
}

/// A list whose cursor stands still ends, and says so.
async fn a_repeated_cursor_ends_the_list(service: &str) {
    let Some(vendor) = &impatient(service).await else { return };
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::All) {
        let resource = covered.resource;
        if !matches!(covered.paging, Some(PagingKind::Cursor | PagingKind::NextUrl)) {
            continue;
        }
        vendor.gateway.sandbox.reset();
        let first = vendor.page(resource, "limit=2").await;
        let Some(cursor) = first.next() else { continue };
        vendor.gateway.sandbox.inject(lasting(service, FaultKind::RepeatCursor));
        let last = vendor.page(resource, &format!("limit=2&cursor={cursor}")).await;
        let warned = last.body["meta"]["warnings"][0]["type"] == "cursor_repeated";
        findings.owe(last.status == 200 && last.next().is_none() && warned, resource, || last.text.clone());
    }
    findings.none();
}

//! Vendor by resource by operation: each cell does what coverage says of it, or answers that it cannot; and how many work.

use std::collections::BTreeMap;
use std::path::Path;

use connector_catalog::{Catalog, coverage};
use serde_json::{Value, json};
use server::case::Case;
use unified_model::{Operation, Resource};

use super::connected::Connected;
use super::findings::Findings;
use super::values::Values;
use crate::support::{DEFINITIONS, Reply};

const OPERATIONS: [Operation; 5] =
    [Operation::All, Operation::One, Operation::Add, Operation::Update, Operation::Delete];

/// What each vendor has to offer at the least, all resources taken together.
const CELLS: [(&str, usize); 4] = [("agile-crm", 37), ("avid-crm", 20), ("axiomatic-crm", 18), ("teamswork-crm", 22)];

on_every_vendor!(each_cell_works_or_says_that_it_cannot);

async fn each_cell_works_or_says_that_it_cannot(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for &resource in &vendor.asked_for {
        let values = Values::of(vendor, resource).await;
        let id = values.some_id().await;
        for operation in OPERATIONS {
            let cell = format!("{resource}/{operation}");
            let reply = attempt(vendor, &values, operation, &id).await;
            if vendor.offers(resource, operation) {
                let status = if operation == Operation::Add { 201 } else { 200 };
                findings.owe(reply.status == status, cell, || reply.text.clone());
            } else {
                let owed = (501, Some("ConnectorOperationUnsupportedError"));
                let found = (reply.status, reply.body["type_name"].as_str());
                findings.owe(found == owed, cell, || format!("is not covered and answers {}", reply.text));
            }
        }
    }
    findings.none();
}

/// Does it to a record that the vendor has; `delete` comes last.
async fn attempt(vendor: &Connected, values: &Values<'_>, operation: Operation, id: &str) -> Reply {
    let resource = values.resource;
    match operation {
        Operation::All => vendor.page(resource, "").await,
        Operation::One => vendor.one(resource, id).await,
        Operation::Add => vendor.add(resource, &body(vendor, values, operation)).await,
        Operation::Update => vendor.update(resource, id, &body(vendor, values, operation)).await,
        Operation::Delete => vendor.delete(resource, id).await,
    }
}

/// A good body, also for what the vendor does not offer: nothing but the operation is to be refused.
fn body(vendor: &Connected, values: &Values<'_>, operation: Operation) -> Value {
    if vendor.offers(values.resource, operation) {
        return Value::Object(values.least());
    }
    match values.resource {
        Resource::Activities => json!({ "type": "call" }),
        Resource::Leads | Resource::Companies | Resource::Pipelines => json!({ "name": "Ada Byron" }),
        Resource::Opportunities | Resource::Notes => json!({ "title": "Ada" }),
        Resource::Users => json!({ "emails": [{ "email": "ada@work.example" }] }),
        _ => json!({ "first_name": "Ada" }),
    }
}

#[test]
fn each_vendor_has_as_many_working_cells_as_were_promised() {
    let catalog = Catalog::built_in().unwrap();
    for (service, owed) in CELLS {
        let connector = catalog.connector(&service.parse().unwrap());
        let cells: BTreeMap<&str, Vec<String>> = connector
            .map(|connector| coverage(connector))
            .into_iter()
            .flatten()
            .map(|covered| {
                let operations =
                    covered.operations.iter().map(|operation| format!("{operation} {:?}", covered.evidence));
                (covered.resource.as_str(), operations.collect())
            })
            .collect();
        let count: usize = cells.values().map(Vec::len).sum();
        assert!(count >= owed, "{service}: {count} cells work where {owed} are owed: {cells:#?}");
    }
}

/// The operation that a case succeeds in, if it does.
fn shown(case: &Case, resource: Resource) -> Option<Operation> {
    let path = case.request.path.split('?').next().unwrap();
    let rest = path.strip_prefix(&format!("/crm/{resource}"))?;
    if case.reply.status >= 400 {
        return None;
    }
    Some(match (case.request.method.as_str(), rest.is_empty()) {
        ("GET", true) => Operation::All,
        ("GET", false) => Operation::One,
        ("POST", _) => Operation::Add,
        ("PATCH", _) => Operation::Update,
        _ => Operation::Delete,
    })
}

#[test]
fn every_working_cell_has_a_case() {
    let mut missing = Vec::new();
    for connector in Catalog::built_in().unwrap().connectors() {
        for covered in coverage(connector) {
            let folder = format!("tests/cases/{}/{}", connector.service_id, covered.resource);
            let files = Path::new(DEFINITIONS).join(&folder).read_dir().into_iter().flatten();
            let cases: Vec<Case> = files
                .map(|file| serde_saphyr::from_str(&std::fs::read_to_string(file.unwrap().path()).unwrap()).unwrap())
                .collect();
            let shown: Vec<Operation> = cases.iter().filter_map(|case| shown(case, covered.resource)).collect();
            let unshown = covered.operations.iter().filter(|operation| !shown.contains(operation));
            missing.extend(unshown.map(|operation| format!("{folder} shows no `{operation}`")));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

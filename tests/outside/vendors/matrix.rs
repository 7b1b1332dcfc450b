//! Vendor by resource by operation: each cell does what coverage says of it, or answers that it cannot; and how many work.

use std::collections::BTreeMap;

use connector_catalog::{Catalog, coverage};
use serde_json::{Value, json};
use unified_model::{Operation, Resource};

use super::connected::Connected;
use super::findings::Findings;
use super::values::Values;
use crate::support::Reply;

const OPERATIONS: [Operation; 5] =
    [Operation::All, Operation::One, Operation::Add, Operation::Update, Operation::Delete];

/// What each vendor has to offer at the least, all resources taken together.
const CELLS: [(&str, usize); 6] = [
    ("agile-crm", 37),
    ("avid-crm", 20),
    ("axiomatic-crm", 18),
    ("hubspot", 10),
    ("pipedrive", 10),
    ("teamswork-crm", 22),
];

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

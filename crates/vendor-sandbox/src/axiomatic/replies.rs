//! Lists with their totals, bare records, and refusals as one sentence under `error`.

use serde_json::{Value, json};

use crate::exchange::{Refusal, VendorAnswer};

pub(super) fn one(status: u16, record: &Value) -> VendorAnswer {
    VendorAnswer::json(status, record)
}

/// A list without pages.
pub(super) fn all(name: &str, records: Vec<Value>) -> VendorAnswer {
    VendorAnswer::json(200, &json!({name: Value::Array(records)}))
}

pub(super) fn done() -> VendorAnswer {
    VendorAnswer::empty(204)
}

pub(super) fn wrong(what: &str) -> Refusal {
    error(400, what)
}

pub(super) fn unauthorized() -> Refusal {
    error(401, "Unauthorized")
}

pub(super) fn other_entity() -> Refusal {
    error(403, "Entity does not match API key")
}

pub(super) fn not_found(what: &str) -> Refusal {
    error(404, &format!("{what} not found"))
}

pub(super) fn not_allowed() -> Refusal {
    error(405, "Method not allowed")
}

pub(super) fn conflict(what: &str) -> Refusal {
    error(409, what)
}

fn error(status: u16, what: &str) -> Refusal {
    Refusal(VendorAnswer::json(status, &json!({"error": what})))
}

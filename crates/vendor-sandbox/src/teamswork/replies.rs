//! The envelopes around records, and refusals: the product's own, and those of the API management in front of it.

use serde_json::{Value, json};

use super::kinds::Kind;
use crate::exchange::{Refusal, VendorAnswer};

/// A page of records. Nothing tells how many there are beyond it.
pub(super) fn items(items: Vec<Value>) -> VendorAnswer {
    let count = items.len();
    let body = json!({"items": Value::Array(items), "itemCount": count, "continuationToken": null, "error": false, "message": null});
    VendorAnswer::json(200, &body)
}

/// One record.
pub(super) fn item(status: u16, item: &Value) -> VendorAnswer {
    VendorAnswer::json(status, &json!({"item": item, "error": false, "message": null}))
}

pub(super) fn not_found(what: &str) -> Refusal {
    product(404, "notFound", &format!("The {what} could not be found."))
}

pub(super) fn no_such(kind: Kind) -> Refusal {
    not_found(kind.singular())
}

pub(super) fn wrong(message: &str) -> Refusal {
    product(400, "validation", message)
}

pub(super) fn missing_key() -> Refusal {
    let hint = "Make sure to include subscription key when making requests to an API.";
    gateway(401, &format!("Access denied due to missing subscription key. {hint}"))
}

pub(super) fn invalid_key() -> Refusal {
    let hint = "Make sure to provide a valid key for an active subscription.";
    gateway(401, &format!("Access denied due to invalid subscription key. {hint}"))
}

pub(super) fn no_such_page() -> Refusal {
    gateway(404, "Resource not found")
}

/// The page says that some errors have a code, and neither under which name nor which.
fn product(status: u16, code: &str, message: &str) -> Refusal {
    let body = json!({"error": true, "message": message, "statusCode": status, "errorCode": code});
    Refusal(VendorAnswer::json(status, &body))
}

fn gateway(status: u16, message: &str) -> Refusal {
    Refusal(VendorAnswer::json(status, &json!({"statusCode": status, "message": message})))
}

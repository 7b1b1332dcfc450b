//! Refusals: a status of `error`, a message, a category. The number that support asks for is always the same here.

use serde_json::{Value, json};

use crate::exchange::{Refusal, VendorAnswer};

pub(super) const CORRELATION_ID: &str = "5eed0301-0000-4000-8000-0000000000c0";

pub(super) fn wrong(message: &str) -> Refusal {
    refusal(400, "VALIDATION_ERROR", message, Vec::new())
}

/// Properties that cannot have the values sent: name, code and sentence of each.
pub(super) fn wrong_properties(findings: &[(String, &str, String)]) -> Refusal {
    let shown: Vec<Value> = findings
        .iter()
        .map(|(name, code, message)| json!({"isValid": false, "message": message, "error": code, "name": name}))
        .collect();
    let errors = findings
        .iter()
        .map(|(name, code, message)| json!({"message": message, "code": code, "context": {"propertyName": [name]}}));
    let message = format!("Property values were not valid: {}", Value::Array(shown));
    refusal(400, "VALIDATION_ERROR", &message, errors.collect())
}

/// Another contact has the e-mail address.
pub(super) fn conflict(existing: &str) -> Refusal {
    refusal(409, "CONFLICT", &format!("Contact already exists. Existing ID: {existing}"), Vec::new())
}

pub(super) fn not_found() -> Refusal {
    refusal(404, "OBJECT_NOT_FOUND", "resource not found", Vec::new())
}

/// An address that there is nothing at: a page, not the API's own answer.
pub(super) fn no_such_page() -> Refusal {
    Refusal(VendorAnswer::html(404, "<!doctype html><title>Error 404 Not Found</title>"))
}

pub(super) fn not_authenticated() -> Refusal {
    let message = "Authentication credentials not found. This API supports OAuth 2.0 authentication.";
    refusal(401, "INVALID_AUTHENTICATION", message, Vec::new())
}

pub(super) fn expired() -> Refusal {
    let message = "The OAuth token used to make this call expired 1 second(s) ago.";
    refusal(401, "EXPIRED_AUTHENTICATION", message, Vec::new())
}

/// Refuses a token that was not granted `scope`.
pub(super) fn require(scopes: &str, scope: &str) -> Result<(), Refusal> {
    if scopes.split(' ').any(|granted| granted == scope) {
        return Ok(());
    }
    let message = "This app hasn't been granted all required scopes to make this call.";
    let error = json!({"message": "One or more of the following scopes are required.", "context": {"requiredGranularScopes": [scope]}});
    Err(refusal(403, "MISSING_SCOPES", message, vec![error]))
}

fn refusal(status: u16, category: &str, message: &str, errors: Vec<Value>) -> Refusal {
    let mut body =
        json!({"status": "error", "message": message, "correlationId": CORRELATION_ID, "category": category});
    if !errors.is_empty() {
        body["errors"] = Value::Array(errors);
    }
    Refusal(VendorAnswer::json(status, &body))
}

//! The envelope around items, and refusals in it.

use serde_json::{Value, json};

use crate::exchange::{Refusal, VendorAnswer};

/// A page of items, and where the next one begins.
pub(super) fn page(items: &[Value], next_cursor: Option<&str>) -> VendorAnswer {
    VendorAnswer::json(200, &json!({"success": true, "data": items, "additional_data": {"next_cursor": next_cursor}}))
}

pub(super) fn item(status: u16, item: &Value) -> VendorAnswer {
    VendorAnswer::json(status, &json!({"success": true, "data": item}))
}

pub(super) fn wrong(message: &str) -> Refusal {
    refusal(400, message, Some("ERR_SCHEMA_VALIDATION_FAILED"))
}

pub(super) fn not_found(what: &str) -> Refusal {
    refusal(404, &format!("{what} not found"), Some("ERR_NOT_FOUND"))
}

pub(super) fn no_such_page() -> Refusal {
    refusal(404, "Unknown method.", None)
}

pub(super) fn forbidden() -> Refusal {
    refusal(403, "Scope and URL mismatch", None)
}

pub(super) fn not_authenticated() -> Refusal {
    refusal(401, "unauthorized access", None)
}

fn refusal(status: u16, error: &str, code: Option<&str>) -> Refusal {
    let mut body = json!({
        "success": false,
        "error": error,
        "error_info": "Please check developers.pipedrive.com for more information about Pipedrive API.",
        "data": null,
        "additional_data": null,
    });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    Refusal(VendorAnswer::json(status, &body))
}

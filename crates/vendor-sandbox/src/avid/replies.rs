//! Refusals as `OData` 3 writes them.

use serde_json::json;

use crate::exchange::{Refusal, VendorAnswer};

pub(super) fn wrong(message: &str) -> Refusal {
    error(400, message)
}

/// Something about the query is not as `OData` has it.
pub(super) fn bad_query(message: &str) -> Refusal {
    error(400, &format!("The query specified in the URI is not valid. {message}"))
}

pub(super) fn no_such_row() -> Refusal {
    error(404, "The resource could not be found.")
}

pub(super) fn no_such_page() -> Refusal {
    error(404, "No HTTP resource was found that matches the request URI.")
}

pub(super) fn not_allowed() -> Refusal {
    error(405, "The requested resource does not support this http method.")
}

pub(super) fn conflict() -> Refusal {
    error(409, "An entity with this Id exists already.")
}

/// `If-Match` names a version that the row no longer is.
pub(super) fn changed_meanwhile() -> Refusal {
    error(412, "The etag value in one of the request headers does not match with the current etag value of the entity.")
}

/// The server refuses a login before `OData` has its say.
pub(super) fn not_authenticated() -> Refusal {
    Refusal(VendorAnswer::json(401, &json!({"Message": "Authorization has been denied for this request."})))
}

fn error(status: u16, message: &str) -> Refusal {
    let body = json!({"odata.error": {"code": "", "message": {"lang": "en-US", "value": message}}});
    Refusal(VendorAnswer::json(status, &body))
}

//! Headers: what ours are called, how they are read, and the id that every answer carries.

use axum::response::Response;
use gateway::EdgeError;
use http::{HeaderMap, HeaderValue};

pub(crate) const AUTHORIZATION: &str = "authorization";
pub(crate) const APPLICATION_ID: &str = "x-apideck-app-id";
pub(crate) const CONSUMER_ID: &str = "x-apideck-consumer-id";
pub(crate) const SERVICE_ID: &str = "x-apideck-service-id";
pub(crate) const UNIFIED_API: &str = "x-apideck-unified-api";
/// Whether the caller is an application or a consumer's browser.
pub(crate) const AUTH_TYPE: &str = "x-apideck-auth-type";
pub(crate) const DOWNSTREAM_URL: &str = "x-apideck-downstream-url";
pub(crate) const DOWNSTREAM_METHOD: &str = "x-apideck-downstream-method";
pub(crate) const DOWNSTREAM_AUTHORIZATION: &str = "x-apideck-downstream-authorization";
/// Says whether the vendor failed.
pub(crate) const DOWNSTREAM_ERROR: &str = "x-apideck-downstream-error";
pub(crate) const TIMEOUT: &str = "x-apideck-timeout";
pub(crate) const FOLLOW_REDIRECTS: &str = "x-apideck-follow-redirects";
/// The id that log lines have, under both names that clients look for.
pub(crate) const REQUEST_ID: [&str; 2] = ["request-id", "x-apideck-request-id"];

/// The text of a header. One that is there twice is refused: a proxy in between may have looked at the other.
///
/// # Errors
/// [`EdgeError::Header`].
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<Option<&'h str>, EdgeError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(unusable(name, "is given more than once; send it once"));
    }
    value.to_str().map(Some).map_err(|_| unusable(name, "use visible ASCII characters only"))
}

/// The text of a header without blanks around it; one that is empty counts as absent, since official SDKs send empty values for
/// what is not set.
///
/// # Errors
/// [`EdgeError::Header`].
pub(crate) fn given<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<Option<&'h str>, EdgeError> {
    Ok(text(headers, name)?.map(str::trim).filter(|value| !value.is_empty()))
}

/// A header that cannot be used.
pub(crate) fn unusable(name: &'static str, message: impl Into<String>) -> EdgeError {
    EdgeError::Header { name, message: message.into() }
}

/// An id for a request. Later requests have greater ones.
pub(crate) fn new_request_id() -> String {
    uuid::Uuid::now_v7().hyphenated().to_string()
}

/// Tells the caller the id that log lines have.
pub(crate) fn identify(response: &mut Response, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        for name in REQUEST_ID {
            response.headers_mut().insert(name, value.clone());
        }
    }
}

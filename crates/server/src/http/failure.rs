//! Errors as bodies: six keys, `detail` a text or an object, `ref` into our own pages.

use axum::response::Response;
use gateway::{Class, DownstreamError, ErrorType, GatewayError};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::links::PublicUrl;

#[derive(Serialize)]
struct Body<'a> {
    status_code: u16,
    error: &'a str,
    type_name: &'a str,
    message: &'a str,
    detail: &'a Value,
    #[serde(rename = "ref")]
    reference: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    downstream_errors: &'a [DownstreamError],
}

/// The response for an error.
pub(super) fn response(error: &GatewayError, public_url: &PublicUrl) -> Response {
    let reason = StatusCode::from_u16(error.status).ok().and_then(|status| status.canonical_reason());
    let body = Body {
        status_code: error.status,
        error: reason.unwrap_or("Error"),
        type_name: error.error_type.type_name(),
        message: error.error_type.message(),
        detail: &error.detail,
        reference: public_url.error_reference(error.error_type),
        downstream_errors: &error.downstream_errors,
    };
    // Texts and numbers always serialize.
    let mut response = super::json(error.status, serde_json::to_vec(&body).unwrap_or_default());
    if let Some(wait) = error.retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    response.extensions_mut().insert(error.origin);
    response
}

/// The answer when a handler panics. A write never gets here: its task's end is told apart in the gateway.
pub(super) fn after_panic(public_url: &PublicUrl) -> Response {
    tracing::error!("a request handler panicked");
    let error = GatewayError::new(ErrorType::InternalError, Class::Ours, "The gateway broke; its log says why.");
    response(&error, public_url)
}

/// A request that does not fit its end-point.
pub(super) fn invalid(detail: impl Into<Value>) -> GatewayError {
    GatewayError::new(ErrorType::RequestValidationError, Class::Refused, detail)
}

/// A service id that no connector has.
pub(super) fn unknown_connector(found: &str) -> GatewayError {
    let found: String = found.chars().take(80).collect();
    let detail = format!("There is no connector `{found}`; /connector/connectors lists those that there are.");
    GatewayError::new(ErrorType::ConnectorNotFoundError, Class::NotFound, detail)
}

/// A header that cannot be used.
pub(super) fn invalid_header(detail: impl Into<Value>) -> GatewayError {
    GatewayError::new(ErrorType::RequestHeadersValidationError, Class::Refused, detail)
}

//! Errors as bodies: six keys, `detail` a text or an object, `ref` into our own pages.

use axum::response::Response;
use gateway::{DownstreamError, GatewayError};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::links::PublicUrl;
use super::rate_limit;

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
pub(in crate::http) fn response(error: &GatewayError, public_url: &PublicUrl) -> Response {
    let mut response = super::json(error.status, body(error, public_url));
    if let Some(seconds) = retry_after(error) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(limit) = &error.rate_limit {
        rate_limit::headers(limit, response.headers_mut());
    }
    response.extensions_mut().insert(error.origin);
    response
}

pub(in crate::http) fn body(error: &GatewayError, public_url: &PublicUrl) -> Vec<u8> {
    let body = Body {
        status_code: error.status,
        error: reason(error),
        type_name: error.error_type.type_name(),
        message: error.message.as_deref().unwrap_or(error.error_type.message()),
        detail: &error.detail,
        reference: public_url.error_reference(error.error_type),
        downstream_errors: &error.downstream_errors,
    };
    // Texts and numbers always serialize.
    serde_json::to_vec(&body).unwrap_or_default()
}

pub(in crate::http) fn reason(error: &GatewayError) -> &'static str {
    StatusCode::from_u16(error.status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}

/// When a repeat makes sense, in seconds.
pub(in crate::http) fn retry_after(error: &GatewayError) -> Option<u64> {
    let wait = error.retry_after?;
    Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
}

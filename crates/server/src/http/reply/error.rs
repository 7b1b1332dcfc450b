//! Errors as bodies: six keys, `detail` a text or an object, `ref` into our own pages.

use std::time::Duration;

use axum::response::Response;
use gateway::{Class, DownstreamError, ErrorType, GatewayError};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::links::PublicUrl;

/// When a client that was refused for want of room may try again.
const SOON: Duration = Duration::from_secs(1);

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
    let mut response = crate::http::json(error.status, body(error, public_url));
    if let Some(seconds) = retry_after(error) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(error.origin);
    response
}

/// The response for a request that is refused before it is routed, with an id that its log line has too.
pub(crate) fn refused(error: &GatewayError, public_url: &PublicUrl) -> Response {
    let request_id = uuid::Uuid::now_v7().hyphenated().to_string();
    tracing::info!(request_id, status = error.status, detail = %error.detail, "refused before it was routed");
    let mut response = response(error, public_url);
    crate::http::identify(&mut response, &request_id);
    response
}

/// The whole answer for an error, where there is nothing that writes a response. The connection ends with it.
pub(crate) fn written(error: &GatewayError, public_url: &PublicUrl) -> Vec<u8> {
    let (id, body) = (uuid::Uuid::now_v7().hyphenated(), body(error, public_url));
    let wait = retry_after(error).map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\
         {wait}request-id: {id}\r\nx-apideck-request-id: {id}\r\n\r\n",
        error.status,
        reason(error),
        body.len()
    );
    [head.into_bytes(), body].concat()
}

fn body(error: &GatewayError, public_url: &PublicUrl) -> Vec<u8> {
    let body = Body {
        status_code: error.status,
        error: reason(error),
        type_name: error.error_type.type_name(),
        message: error.error_type.message(),
        detail: &error.detail,
        reference: public_url.error_reference(error.error_type),
        downstream_errors: &error.downstream_errors,
    };
    // Texts and numbers always serialize.
    serde_json::to_vec(&body).unwrap_or_default()
}

fn reason(error: &GatewayError) -> &'static str {
    StatusCode::from_u16(error.status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}

fn retry_after(error: &GatewayError) -> Option<u64> {
    let wait = error.retry_after?;
    Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
}

/// The answer when a handler panics. A write never gets here: its task's end is told apart in the gateway.
pub(in crate::http) fn after_panic(public_url: &PublicUrl) -> Response {
    tracing::error!("a request handler panicked");
    let error = GatewayError::new(ErrorType::InternalError, Class::Ours, "The gateway broke; its log says why.");
    response(&error, public_url)
}

/// A request that does not fit its end-point.
pub(in crate::http) fn invalid(detail: impl Into<Value>) -> GatewayError {
    GatewayError::new(ErrorType::RequestValidationError, Class::Refused, detail)
}

/// A service id that no connector has.
pub(in crate::http) fn unknown_connector(found: &str) -> GatewayError {
    let found: String = found.chars().take(80).collect();
    let detail = format!("There is no connector `{found}`; /connector/connectors lists those that there are.");
    GatewayError::new(ErrorType::ConnectorNotFoundError, Class::NotFound, detail)
}

/// A header that cannot be used.
pub(in crate::http) fn invalid_header(detail: impl Into<Value>) -> GatewayError {
    GatewayError::new(ErrorType::RequestHeadersValidationError, Class::Refused, detail)
}

/// A body that is larger than bodies may be.
pub(in crate::http) fn body_too_large(most: usize) -> GatewayError {
    invalid(format!("body: larger than {most} bytes; send less")).with_status(413)
}

/// A body that came too slowly. Nothing of it was acted on, so it may be sent again.
pub(in crate::http) fn body_timeout() -> GatewayError {
    invalid("body: it came too slowly; send it again, without pauses").with_status(408)
}

/// A request whose line and headers came too slowly.
pub(crate) fn header_timeout(limit: Duration) -> GatewayError {
    let seconds = limit.as_secs_f64();
    invalid(format!("The request was not complete within {seconds} seconds; send it again, without pauses."))
        .with_status(408)
}

/// A request whose address is too long.
pub(crate) fn address_too_long(most: usize) -> GatewayError {
    invalid(format!("path and query: longer than {most} bytes; send a shorter address")).with_status(414)
}

/// A request whose headers are too long.
pub(crate) fn headers_too_long(most: usize) -> GatewayError {
    invalid_header(format!("headers: longer than {most} bytes in all; send fewer or shorter ones")).with_status(431)
}

/// There are as many connections as there may be, all of them with calls under way.
pub(crate) fn too_many_connections() -> GatewayError {
    let detail = "The gateway serves as many connections as it may ([server] max_connections); try again soon.";
    let mut error = GatewayError::new(ErrorType::ServiceUnavailableError, Class::RateLimited, detail);
    error.retry_after = Some(SOON);
    error
}

/// One client has taken as much as one client may.
pub(crate) fn too_many_of_one_client(most: usize) -> GatewayError {
    let detail = format!(
        "This address has {most} connections or calls under way, and may have no more \
         ([server] max_connections_per_client); use the connections that there are."
    );
    let mut error = GatewayError::new(ErrorType::TooManyRequestsError, Class::RateLimited, detail);
    error.retry_after = Some(SOON);
    error
}

//! Requests that are refused before they are routed.

use axum::response::Response;
use gateway::GatewayError;

use super::headers::{identify, new_request_id};
use crate::http::reply::error;
use crate::http::reply::links::PublicUrl;

/// The response for a request that is refused before it is routed, with an id that its log line has too.
pub(crate) fn refused(error: &GatewayError, public_url: &PublicUrl) -> Response {
    let request_id = new_request_id();
    tracing::info!(request_id, status = error.status, detail = %error.detail, "refused before it was routed");
    let mut response = error::response(error, public_url);
    identify(&mut response, &request_id);
    response
}

/// The whole answer for an error, where there is nothing that writes a response. The connection ends with it.
pub(crate) fn written(error: &GatewayError, public_url: &PublicUrl) -> Vec<u8> {
    let (id, body) = (new_request_id(), error::body(error, public_url));
    let wait = error::retry_after(error).map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\
         {wait}request-id: {id}\r\nx-apideck-request-id: {id}\r\n\r\n",
        error.status,
        error::reason(error),
        body.len()
    );
    [head.into_bytes(), body].concat()
}

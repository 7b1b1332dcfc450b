//! The Proxy API: a caller's own request to a vendor, with the connection's credentials.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use gateway::{CallNotes, ErrorType, GatewayError, Origin, ProxyCall};
use http::{HeaderMap, HeaderValue, Method};
use http_body::{Frame, SizeHint};

use super::{Http, failure, route, text};
use crate::serving::ClientTooSlow;

/// How long a vendor is waited for, where the caller does not say.
const TIMEOUT_MS: u64 = 28_000;
const LONGEST_TIMEOUT_MS: u64 = 600_000;

/// Says whether the vendor failed.
const DOWNSTREAM_ERROR: &str = "x-apideck-downstream-error";

impl Http {
    pub(super) async fn proxy(&self, request: Request, notes: &CallNotes) -> Result<Response, GatewayError> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        if !is_offered(&head.method) {
            return Err(route::unknown(&head.method, "/proxy"));
        }
        let headers = &head.headers;
        let call = ProxyCall {
            authorization: text(headers, "authorization")?,
            application_id: text(headers, "x-apideck-app-id")?,
            consumer_id: text(headers, "x-apideck-consumer-id")?,
            service_id: text(headers, "x-apideck-service-id")?,
            unified_api: text(headers, "x-apideck-unified-api")?,
            downstream_url: text(headers, "x-apideck-downstream-url")?,
            downstream_authorization: text(headers, "x-apideck-downstream-authorization")?,
            rest: path.strip_prefix("/proxy").unwrap_or_default(),
            query: head.uri.query().unwrap_or_default(),
            method: method(headers, &head.method)?,
            timeout: timeout(headers)?,
            follows_redirects: follows_redirects(headers)?,
            headers: headers.clone(),
        };
        let too_slow = Arc::<AtomicBool>::default();
        let body = Watched { body, too_slow: Arc::clone(&too_slow) };
        let reply = self.inner.gateway.proxy(call, body, notes).await.map_err(|error| {
            // Of a body that had gone out in part, more has to be said.
            let nothing_went_out = error.error_type == ErrorType::RequestValidationError;
            if nothing_went_out && too_slow.load(Ordering::Relaxed) { failure::body_timeout() } else { error }
        })?;
        let mut response = Response::new(Body::new(reply.body));
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        if reply.status.is_client_error() || reply.status.is_server_error() {
            response.headers_mut().insert(DOWNSTREAM_ERROR, HeaderValue::from_static("true"));
        }
        Ok(response)
    }
}

/// A caller's body, and whether it came too slowly.
struct Watched {
    body: Body,
    too_slow: Arc<AtomicBool>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Err(error))) = &frame
            && ClientTooSlow::caused(error)
        {
            self.too_slow.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Marks an error of our own with whether the vendor failed.
pub(super) fn mark(response: &mut Response) {
    let value = match response.extensions().get::<Origin>() {
        Some(Origin::Vendor) => "true",
        Some(Origin::Ours) => "false",
        None => return,
    };
    response.headers_mut().insert(DOWNSTREAM_ERROR, HeaderValue::from_static(value));
}

fn is_offered(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::OPTIONS)
}

/// The method that the vendor is to see.
fn method(headers: &HeaderMap, sent: &Method) -> Result<Method, GatewayError> {
    let Some(name) = given(headers, "x-apideck-downstream-method")? else { return Ok(sent.clone()) };
    let named = Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok().filter(is_offered);
    named.ok_or_else(|| {
        failure::invalid_header("x-apideck-downstream-method: use GET, POST, PUT, PATCH, DELETE or OPTIONS")
    })
}

fn timeout(headers: &HeaderMap) -> Result<Duration, GatewayError> {
    let Some(text) = given(headers, "x-apideck-timeout")? else { return Ok(Duration::from_millis(TIMEOUT_MS)) };
    let milliseconds = text.parse().ok().filter(|number| (1..=LONGEST_TIMEOUT_MS).contains(number));
    milliseconds.map(Duration::from_millis).ok_or_else(|| {
        failure::invalid_header(format!("x-apideck-timeout: send milliseconds, from 1 to {LONGEST_TIMEOUT_MS}"))
    })
}

fn follows_redirects(headers: &HeaderMap) -> Result<bool, GatewayError> {
    match given(headers, "x-apideck-follow-redirects")?.map(str::to_ascii_lowercase).as_deref() {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(failure::invalid_header("x-apideck-follow-redirects: send true or false")),
    }
}

fn given<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, GatewayError> {
    Ok(text(headers, name)?.map(str::trim).filter(|value| !value.is_empty()))
}

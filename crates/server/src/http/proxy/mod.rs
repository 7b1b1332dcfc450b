//! The Proxy API: a caller's own request to a vendor, with the connection's credentials.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use gateway::{CallNotes, EdgeError, ErrorType, GatewayError, Origin, ProxyCall, consumer_named};
use http::{HeaderMap, HeaderValue, Method};
use http_body::{Frame, SizeHint};

use super::request::Http;
use super::request::body::ClientTooSlow;
use super::request::headers::{
    APPLICATION_ID, AUTHORIZATION, CONSUMER_ID, DOWNSTREAM_AUTHORIZATION, DOWNSTREAM_ERROR, DOWNSTREAM_METHOD,
    DOWNSTREAM_URL, FOLLOW_REDIRECTS, SERVICE_ID, TIMEOUT, UNIFIED_API, given, text, unusable,
};
use super::request::log::{Incoming, LoggedOperation};
use super::request::routed::no_route;

/// How long a vendor is waited for, where the caller does not say.
const TIMEOUT_MS: u64 = 28_000;
const LONGEST_TIMEOUT_MS: u64 = 600_000;

/// Answers a request to `/proxy`, or below it.
pub(super) async fn answer(State(http): State<Http>, request: Request) -> Response {
    let operation = format!("{}Proxy", request.method().as_str().to_ascii_lowercase());
    let incoming =
        Incoming::of(&request, Some(LoggedOperation { unified_api: "proxy", id: operation, service_id: "" }));
    let mut response = incoming.answered(&http, Box::pin(http.proxy(request, &incoming.notes))).await;
    mark(&mut response);
    response
}

impl Http {
    async fn proxy(&self, request: Request, notes: &CallNotes) -> Result<Response, GatewayError> {
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        if !is_offered(&head.method) {
            return Err(no_route(&head.method, "/proxy").into());
        }
        let headers = &head.headers;
        let (authorization, application_id) = (text(headers, AUTHORIZATION)?, text(headers, APPLICATION_ID)?);
        let consumer_id = consumer_named(text(headers, CONSUMER_ID)?)?;
        let call = ProxyCall {
            consumer_id: consumer_id.as_ref(),
            service_id: text(headers, SERVICE_ID)?,
            unified_api: text(headers, UNIFIED_API)?,
            downstream_url: text(headers, DOWNSTREAM_URL)?,
            downstream_authorization: text(headers, DOWNSTREAM_AUTHORIZATION)?,
            rest: path.strip_prefix("/proxy").unwrap_or_default(),
            query: head.uri.query().unwrap_or_default(),
            method: method(headers, &head.method)?,
            timeout: timeout(headers)?,
            follows_redirects: follows_redirects(headers)?,
            headers: headers.clone(),
        };
        let too_slow = Arc::<AtomicBool>::default();
        let body = Watched { body, too_slow: Arc::clone(&too_slow) };
        let caller = self.gateway().caller(authorization, application_id).await?;
        let reply = self.gateway().proxy(&caller, call, body, notes).await.map_err(|error| {
            // Of a body that had gone out in part, more has to be said.
            let nothing_went_out = error.error_type == ErrorType::RequestValidationError;
            if nothing_went_out && too_slow.load(Ordering::Relaxed) { EdgeError::BodyTooSlow.into() } else { error }
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
fn mark(response: &mut Response) {
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
fn method(headers: &HeaderMap, sent: &Method) -> Result<Method, EdgeError> {
    let Some(name) = given(headers, DOWNSTREAM_METHOD)? else { return Ok(sent.clone()) };
    let named = Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok().filter(is_offered);
    named.ok_or_else(|| unusable(DOWNSTREAM_METHOD, "use GET, POST, PUT, PATCH, DELETE or OPTIONS"))
}

fn timeout(headers: &HeaderMap) -> Result<Duration, EdgeError> {
    let Some(text) = given(headers, TIMEOUT)? else { return Ok(Duration::from_millis(TIMEOUT_MS)) };
    let milliseconds = text.parse().ok().filter(|number| (1..=LONGEST_TIMEOUT_MS).contains(number));
    milliseconds
        .map(Duration::from_millis)
        .ok_or_else(|| unusable(TIMEOUT, format!("send milliseconds, from 1 to {LONGEST_TIMEOUT_MS}")))
}

fn follows_redirects(headers: &HeaderMap) -> Result<bool, EdgeError> {
    match given(headers, FOLLOW_REDIRECTS)?.map(str::to_ascii_lowercase).as_deref() {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(unusable(FOLLOW_REDIRECTS, "send true or false")),
    }
}

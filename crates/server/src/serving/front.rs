//! What every request passes before it is routed: how long it is, for whom it is, and what is noted of it.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use gateway::EdgeError;
use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, Request};
use hyper::body::{Body as _, Incoming};
use hyper::service::Service;
use tower::ServiceExt as _;

use super::body::{AnswerBody, ClientBody};
use super::client_address::forwarded_client;
use super::clients::Clients;
use super::places::{ClientKey, Place};
use super::progress::Progress;
use crate::http::request::refused::refused;

/// The longest address of a request.
const MOST_ADDRESS_BYTES: usize = 16 * 1024;
/// The longest headers of a request, all of them together.
const MOST_HEADER_BYTES: usize = 32 * 1024;

/// What one connection's requests are served by.
pub(super) struct Front {
    clients: Arc<Clients>,
    progress: Arc<Progress>,
    peer: SocketAddr,
}

impl Front {
    pub(super) fn new(clients: Arc<Clients>, progress: Arc<Progress>, peer: SocketAddr) -> Self {
        Self { clients, progress, peer }
    }

    /// The place of the client for whom a trusted proxy calls, unless the request may not be served.
    fn admitted(&self, head: &Parts) -> Result<Option<Place>, EdgeError> {
        check_lengths(head)?;
        let client = forwarded_client(self.peer.ip(), &head.headers, &self.clients.limits.trusted_proxies);
        let Some(client) = client else { return Ok(None) };
        let place = self.clients.calls.take(ClientKey::of(client));
        place.map(Some).ok_or(EdgeError::TooManyOfOneClient(self.clients.limits.per_client))
    }
}

impl Service<Request<Incoming>> for Front {
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let call = self.progress.call();
        let (head, body) = request.into_parts();
        let admitted = self.admitted(&head);
        let body = if body.is_end_stream() {
            Body::empty()
        } else {
            Body::new(ClientBody::new(body, self.clients.limits.body, self.progress.body()))
        };
        let (clients, progress) = (Arc::clone(&self.clients), Arc::clone(&self.progress));
        Box::pin(async move {
            let (mut response, place) = match admitted {
                Ok(place) => {
                    let response = clients.router.clone().oneshot(Request::from_parts(head, body)).await;
                    (response.unwrap_or_else(|never| match never {}), place)
                }
                Err(error) => (refused(&error.into(), &clients.public_url), None),
            };
            if progress.is_stopping() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response.map(|body| AnswerBody { body, _call: call, _place: place }))
        })
    }
}

fn check_lengths(head: &Parts) -> Result<(), EdgeError> {
    let address = head.uri.path_and_query().map_or(0, |path| path.as_str().len());
    let address = address + head.uri.authority().map_or(0, |authority| authority.as_str().len());
    if address > MOST_ADDRESS_BYTES {
        return Err(EdgeError::AddressTooLong(MOST_ADDRESS_BYTES));
    }
    // As they are sent: with a colon, a blank and the end of the line.
    let headers: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if headers > MOST_HEADER_BYTES { Err(EdgeError::HeadersTooLong(MOST_HEADER_BYTES)) } else { Ok(()) }
}

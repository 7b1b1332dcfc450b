//! Passing a caller's own request on to a connection's vendor, and the answer back, both as they come: neither is read whole.

mod answer;
mod query;
mod request_body;

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body::Body;
use url::Url;

pub use answer::RelayBody;
use answer::{Answer, Hop};
use query::with_fixed_query;
use request_body::RequestBody;

use crate::client::session::{MOST_REDIRECTS, VendorSession};
use crate::connection::prepared::Prepared;
use crate::error::{RelayError, VendorError};

/// A caller's own request.
pub struct RelayRequest<B> {
    /// The method.
    pub method: Method,
    /// Where to: a whole address with the scheme, host and port of the base address, or one below the base address.
    pub address: String,
    /// The headers. Host and framing are the client's own; what the connection sends with every call is added, and stands
    /// instead where it holds a secret.
    pub headers: HeaderMap,
    /// Whether the connection's secrets go along. Without them, the caller's headers are all the authorisation there is.
    pub with_secrets: bool,
    /// Whether redirects to the same scheme, host and port are followed; all others are the answer.
    pub follows_redirects: bool,
    /// The body.
    pub body: B,
}

/// What the vendor answered, whatever its status. The body is still coming.
pub struct RelayReply {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers, as the vendor sent them.
    pub headers: HeaderMap,
    /// The body as it is on the wire: compressed where the headers say so.
    pub body: RelayBody,
}

impl VendorSession {
    /// The same session with a deadline of its own, from now. While an answer is passed on, no pause in it may be longer.
    #[must_use]
    pub fn lasting(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self.deadline = self.shared.clock.now() + timeout;
        self
    }

    /// Passes a request on and hands back the answer as it comes. After a 401 the credentials are renewed, and the request is
    /// repeated once if its body was small.
    ///
    /// # Errors
    /// Only when there is no answer; an answer of any status is `Ok`.
    pub async fn relay<B>(&self, request: RelayRequest<B>) -> Result<RelayReply, RelayError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let credentials = self.before_sending(self.credentials.current()).await?.map_err(VendorError::from)?;
        let prepared = self.prepared(&credentials)?;
        // The caller's body is not touched before it is known where to.
        let first = Hop::new(&request, prepared)?;
        let follows = request.follows_redirects;
        let (address, with_secrets) = (request.address, request.with_secrets);
        let (method, headers) = (request.method, request.headers);
        let mut body = self.before_sending(RequestBody::read(request.body)).await??;
        let answer = self.pass_on(first, &mut body, follows).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || !with_secrets {
            return Ok(answer.into_reply(self));
        }
        let newer = self.before_sending(self.credentials.refresh(&credentials)).await?;
        let newer = newer.map_err(|error| VendorError::from(error.after_refusal()))?;
        let (Some(newer), true) = (newer, body.can_go_again()) else { return Ok(answer.into_reply(self)) };
        // Its place among the connection's requests is wanted for the repeat.
        drop(answer);
        let repeat = RelayRequest { method, address, headers, with_secrets, follows_redirects: follows, body: () };
        let answer = self.pass_on(Hop::new(&repeat, self.prepared(&newer)?)?, &mut body, follows).await?;
        Ok(answer.into_reply(self))
    }

    /// Sends to one address, and to those that it redirects to where that is wanted.
    async fn pass_on(&self, first: Hop, body: &mut RequestBody, follows: bool) -> Result<Answer, VendorError> {
        let mut hop = first;
        let mut answer = self.exchange_hop(&hop, body.go()).await?;
        for _ in 0..MOST_REDIRECTS {
            let Some(next) = hop.redirected(&answer, body).filter(|_| follows) else { break };
            drop(answer);
            hop = next;
            let again = if hop.has_body { body.go() } else { None };
            answer = self.exchange_hop(&hop, again).await?;
        }
        Ok(answer)
    }
}

impl Hop {
    fn new<B>(request: &RelayRequest<B>, prepared: std::sync::Arc<Prepared>) -> Result<Self, RelayError> {
        let url = prepared.address.of_caller(&request.address)?;
        let url = with_fixed_query(url, &prepared, request.with_secrets);
        let headers = headers(request.headers.clone(), &prepared, request.with_secrets);
        let (method, with_secrets) = (request.method.clone(), request.with_secrets);
        Ok(Self { method, url, headers, with_secrets, has_body: true, prepared })
    }
}

/// The caller's headers with those that the connection sends with every call. A secret stands instead of what a caller gives;
/// anything else only where the caller gives nothing.
fn headers(mut given: HeaderMap, prepared: &Prepared, with_secrets: bool) -> HeaderMap {
    for name in [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION] {
        given.remove(name);
    }
    // Said by clients that want nothing in particular.
    if given.get(ACCEPT).is_some_and(|accept| accept == HeaderValue::from_static("*/*")) {
        given.remove(ACCEPT);
    }
    for (name, value) in &prepared.headers {
        let wanted = if value.is_sensitive() { with_secrets } else { !given.contains_key(name) };
        if wanted {
            given.insert(name, value.clone());
        }
    }
    given
}

/// An address as logs may show it.
fn logged(url: &Url) -> crate::wire::request::LoggedPath<'_> {
    crate::wire::request::LoggedPath(url.path())
}

//! One hop of a request that is passed on, and its answer, which is passed on as it comes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body::{Body, Frame};
use tokio::sync::mpsc;
use tracing::debug;
use url::Url;

use super::query::with_fixed_query;
use super::request_body::{Outgoing, RequestBody};
use super::{RelayReply, logged};
use crate::client::session::VendorSession;
use crate::clock::Clock;
use crate::connection::prepared::Prepared;
use crate::egress::names::on_behalf_of;
use crate::error::{VendorError, failed_exchange};
use crate::limiter::Permit;

/// One request as it goes over the wire, but for its body.
pub(super) struct Hop {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) with_secrets: bool,
    pub(super) has_body: bool,
    pub(super) prepared: Arc<Prepared>,
}

/// An answer whose body has not been read, and its place among the connection's requests.
pub(super) struct Answer {
    response: reqwest::Response,
    host: String,
    permit: Permit,
}

/// The body of an answer as it comes from the vendor. It ends with an error where the vendor breaks off or pauses for too long,
/// so that nobody takes half an answer for a whole one.
#[derive(Debug)]
pub struct RelayBody {
    chunks: mpsc::Receiver<Chunk>,
    has_ended: bool,
}

/// A part of a body; `None` is its end, without which it is not whole.
type Chunk = Result<Option<Bytes>, VendorError>;

impl VendorSession {
    /// One request, up to the headers of its answer, within the connection's limits and the deadline.
    pub(super) async fn exchange_hop(&self, hop: &Hop, body: Option<Outgoing>) -> Result<Answer, VendorError> {
        let permit = self.connection.limiter.admit(self.caller, self.deadline).await?;
        let clock = &self.shared.clock;
        let start = clock.now();
        if start >= self.deadline {
            return Err(VendorError::Timeout { sent: false });
        }
        let host = hop.prepared.address.host.clone();
        let pool = self.shared.passing_pool(hop.prepared.address.trust, &host)?;
        let under_way = self.vendor_time.begin(clock);
        let exchange = on_behalf_of(Arc::clone(&self.application), pool.execute(&host, hop.request(body)));
        let exchange = clock.within(self.deadline, exchange).await;
        drop(under_way);
        let outcome = match exchange {
            Some(outcome) => outcome,
            None => Err(VendorError::Timeout { sent: true }),
        };
        let duration_ms = (clock.now() - start).as_secs_f64() * 1000.0;
        debug!(
            service = self.connector.service_id.as_str(),
            step = "proxy",
            method = hop.method.as_str(),
            path = %logged(&hop.url),
            status = outcome.as_ref().ok().map(|response| response.status().as_u16()),
            error = outcome.as_ref().err().map(tracing::field::display),
            duration_ms,
            "vendor call"
        );
        let response = outcome?;
        Ok(Answer { response, host, permit })
    }
}

impl Hop {
    fn request(&self, body: Option<Outgoing>) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        *request.headers_mut() = self.headers.clone();
        if let Some(Outgoing { body, is_chunked }) = body {
            if is_chunked {
                // Without it, the body of a GET would be left out.
                request.headers_mut().insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            }
            *request.body_mut() = Some(body);
        }
        request
    }

    /// Where an answer leads, if it is a redirect that may be followed: to the same scheme, host and port. By 303 it is a read;
    /// by 301 and 302 only a read goes on, since nobody knows what a write would become; by 307 and 308 the same once more.
    pub(super) fn redirected(&self, answer: &Answer, body: &RequestBody) -> Option<Self> {
        let is_read = self.method == Method::GET || self.method == Method::OPTIONS;
        let becomes_read = match answer.status().as_u16() {
            301 | 302 if is_read => false,
            303 => !is_read,
            307 | 308 => false,
            _ => return None,
        };
        if self.has_body && !becomes_read && !body.can_go_again() {
            return None;
        }
        let mut url = self.url.join(answer.response.headers().get(LOCATION)?.to_str().ok()?).ok()?;
        url.set_fragment(None);
        let url = self.prepared.address.of_caller(url.as_str()).ok()?;
        let mut headers = self.headers.clone();
        if becomes_read {
            headers.remove(CONTENT_TYPE);
            headers.remove(CONTENT_ENCODING);
        }
        Some(Self {
            method: if becomes_read { Method::GET } else { self.method.clone() },
            url: with_fixed_query(url, &self.prepared, self.with_secrets),
            headers,
            with_secrets: self.with_secrets,
            has_body: self.has_body && !becomes_read,
            prepared: Arc::clone(&self.prepared),
        })
    }
}

impl Answer {
    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Begins to pass the answer on. The connection's place is taken until the end of it.
    pub(super) fn into_reply(mut self, session: &VendorSession) -> RelayReply {
        let (status, headers) = (self.status(), std::mem::take(self.response.headers_mut()));
        // One chunk waits at most: whoever reads slowly is sent slowly.
        let (sender, chunks) = mpsc::channel(1);
        tokio::spawn(self.pass_on(sender, session.shared.clock.clone(), session.timeout));
        RelayReply { status, headers, body: RelayBody { chunks, has_ended: false } }
    }

    /// Reads the vendor's chunks as they are taken. Neither side may pause for longer than `pause`, or a caller that no longer
    /// reads would hold a place among the connection's requests for ever.
    async fn pass_on(mut self, sender: mpsc::Sender<Chunk>, clock: Clock, pause: Duration) {
        let _permit = self.permit;
        loop {
            let chunk = tokio::select! {
                chunk = clock.within(clock.now() + pause, self.response.chunk()) => chunk,
                () = sender.closed() => return,
            };
            let chunk = match chunk {
                Some(chunk) => chunk.map_err(|error| failed_exchange(&self.host, error)),
                None => Err(VendorError::Timeout { sent: true }),
            };
            if let Err(error) = &chunk {
                debug!(%error, "an answer that was passed on broke off");
            }
            let is_last = !matches!(chunk, Ok(Some(_)));
            let taken = clock.within(clock.now() + pause, sender.send(chunk)).await;
            if is_last || !matches!(taken, Some(Ok(()))) {
                return;
            }
        }
    }
}

impl Body for RelayBody {
    type Data = Bytes;
    type Error = VendorError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, VendorError>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let chunk = ready!(self.chunks.poll_recv(context)).unwrap_or(Err(VendorError::Timeout { sent: true }));
        self.has_ended = !matches!(chunk, Ok(Some(_)));
        Poll::Ready(chunk.transpose().map(|chunk| chunk.map(Frame::data)))
    }
}

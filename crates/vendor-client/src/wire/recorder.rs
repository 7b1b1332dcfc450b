//! What a unified call and its vendor said to each other, for callers who debug.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{HeaderValue, SET_COOKIE};
use jiff::Timestamp;

use crate::credentials::echoes::Echoes;
use crate::error::VendorError;
use crate::wire::outgoing::Outgoing;
use crate::wire::reply::VendorReply;
use crate::wire::request::VendorRequest;

/// How many bytes of bodies a recorder keeps. Later bodies are left out.
const MOST_BODY_BYTES: usize = 8 * 1024 * 1024;

/// What stands in the place of a header or a query parameter that holds a secret.
const REDACTED: HeaderValue = HeaderValue::from_static("[redacted]");

/// Records the vendor calls of one unified call, in the order in which they ended. A clone records to the same place.
#[derive(Debug, Clone, Default)]
pub struct CallRecorder(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    calls: Vec<RecordedCall>,
    body_bytes: usize,
}

/// One request to a vendor and what came of it. Headers and query parameters that the connection marks as secret are replaced
/// by `[redacted]`. Bodies are as sent and received (decompressed): they can hold secrets that a vendor echoes.
#[derive(Debug, Clone)]
pub struct RecordedCall {
    /// The step that it belongs to.
    pub step: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// When the request was sent.
    pub started_at: Timestamp,
    /// How long it took up to the end of the answer.
    pub duration: Duration,
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// The headers of the request that the definition and the client set.
    pub request_headers: HeaderMap,
    /// The body of the request.
    pub request_body: RecordedBody,
    /// The answer, or why there was none.
    pub answer: Result<RecordedAnswer, String>,
}

/// A vendor's answer, as it came.
#[derive(Debug, Clone)]
pub struct RecordedAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers. `Set-Cookie` is `[redacted]`.
    pub headers: HeaderMap,
    /// The body.
    pub body: RecordedBody,
}

/// A body, or how long the body was that there was no room for.
#[derive(Debug, Clone)]
pub enum RecordedBody {
    /// The whole body; empty where there was none.
    Whole(Bytes),
    /// How many bytes were left out.
    LeftOut(usize),
}

/// What is known of a call before its answer comes.
pub(crate) struct Begun {
    step: String,
    attempt: u32,
    started_at: Timestamp,
    method: String,
    url: String,
    headers: HeaderMap,
    body: Bytes,
}

impl CallRecorder {
    /// Takes what has been recorded so far.
    #[must_use]
    pub fn take(&self) -> Vec<RecordedCall> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).calls
    }

    pub(crate) fn ended(&self, begun: Begun, duration: Duration, outcome: &Result<VendorReply, VendorError>) {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let request_body = recorded.body(&begun.body);
        let answer = match outcome {
            Ok(reply) => Ok(RecordedAnswer {
                status: reply.status,
                headers: without_secrets(&reply.headers),
                body: recorded.body(&reply.body),
            }),
            Err(error) => Err(error.to_string()),
        };
        recorded.calls.push(RecordedCall {
            step: begun.step,
            attempt: begun.attempt,
            started_at: begun.started_at,
            duration,
            method: begun.method,
            url: begun.url,
            request_headers: begun.headers,
            request_body,
            answer,
        });
    }
}

impl RecordedCall {
    /// Takes secrets out of the address, the headers and the bodies.
    pub fn scrub(&mut self, secrets: &Echoes) {
        secrets.scrub_text(&mut self.url);
        scrub_headers(&mut self.request_headers, secrets);
        self.request_body.scrub(secrets);
        match &mut self.answer {
            Ok(answer) => {
                scrub_headers(&mut answer.headers, secrets);
                answer.body.scrub(secrets);
            }
            Err(reason) => secrets.scrub_text(reason),
        }
    }
}

impl RecordedBody {
    fn scrub(&mut self, secrets: &Echoes) {
        if let Self::Whole(bytes) = self {
            *bytes = secrets.scrub_bytes(std::mem::take(bytes));
        }
    }
}

fn scrub_headers(headers: &mut HeaderMap, secrets: &Echoes) {
    for value in headers.values_mut() {
        let mut text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        secrets.scrub_text(&mut text);
        if text.as_bytes() != value.as_bytes() {
            *value = HeaderValue::from_str(&text).unwrap_or(REDACTED);
        }
    }
}

impl Recorded {
    fn body(&mut self, body: &Bytes) -> RecordedBody {
        if body.len() > MOST_BODY_BYTES - self.body_bytes {
            return RecordedBody::LeftOut(body.len());
        }
        self.body_bytes += body.len();
        RecordedBody::Whole(body.clone())
    }
}

impl Begun {
    pub(crate) fn new(request: &VendorRequest, outgoing: &Outgoing, attempt: u32, started_at: Timestamp) -> Self {
        Self {
            step: request.step.clone(),
            attempt,
            started_at,
            method: request.method.to_string(),
            url: outgoing.shown_url(),
            headers: without_secrets(&outgoing.headers()),
            body: outgoing.body_bytes(),
        }
    }
}

fn without_secrets(headers: &HeaderMap) -> HeaderMap {
    let shown = |(name, value): (&http::HeaderName, &HeaderValue)| {
        let is_secret = value.is_sensitive() || name == SET_COOKIE;
        (name.clone(), if is_secret { REDACTED } else { value.clone() })
    };
    headers.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(body: usize) -> Begun {
        let mut secret = HeaderValue::from_static("Bearer abc");
        secret.set_sensitive(true);
        Begun {
            step: "all".to_owned(),
            attempt: 1,
            started_at: Timestamp::UNIX_EPOCH,
            method: "GET".to_owned(),
            url: "https://crm.example/contacts".to_owned(),
            headers: without_secrets(&HeaderMap::from_iter([(http::header::AUTHORIZATION, secret)])),
            body: Bytes::from(vec![b'x'; body]),
        }
    }

    #[test]
    fn a_secret_header_is_not_recorded() {
        let recorder = CallRecorder::default();
        recorder.ended(begun(0), Duration::ZERO, &Err(VendorError::Timeout { sent: true }));
        let calls = recorder.take();
        assert_eq!(calls[0].request_headers["authorization"], "[redacted]");
        assert!(calls[0].answer.is_err());
        assert!(recorder.take().is_empty());
    }

    #[test]
    fn a_body_without_room_is_left_out_and_a_smaller_one_after_it_is_kept() {
        let recorder = CallRecorder::default();
        for body in [MOST_BODY_BYTES - 1, 2, 1, 1] {
            recorder.ended(begun(body), Duration::ZERO, &Err(VendorError::Timeout { sent: true }));
        }
        let left_out = |call: &RecordedCall| matches!(call.request_body, RecordedBody::LeftOut(_));
        let left_out: Vec<bool> = recorder.take().iter().map(left_out).collect();
        assert_eq!(left_out, [false, true, false, true]);
    }
}

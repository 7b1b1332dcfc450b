//! Bodies on their way: a client's, which may not be too slow, and an answer's, whose end is the end of the call.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use super::places::Place;
use super::progress::{BodyUnderWay, CallUnderWay};
use crate::http::request::body::ClientTooSlow;

/// How much of a body has to come within the body timeout, unless it ends.
const PART_BYTES: usize = 64 * 1024;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The body of a request.
pub(super) struct ClientBody {
    body: Incoming,
    window: Duration,
    /// When the part that is awaited has to be there; set when somebody first wants the body.
    alarm: Option<Pin<Box<Sleep>>>,
    missing: usize,
    _under_way: BodyUnderWay,
}

impl ClientBody {
    pub(super) fn new(body: Incoming, window: Duration, under_way: BodyUnderWay) -> Self {
        Self { body, window, alarm: None, missing: PART_BYTES, _under_way: under_way }
    }

    fn came(&mut self, bytes: usize) {
        self.missing = self.missing.saturating_sub(bytes);
        if self.missing == 0 {
            self.missing = PART_BYTES;
            if let Some(alarm) = &mut self.alarm {
                alarm.as_mut().reset(Instant::now() + self.window);
            }
        }
    }
}

impl Body for ClientBody {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            if let Some(Ok(frame)) = &frame {
                self.came(frame.data_ref().map_or(0, Bytes::len));
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let window = self.window;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + window)));
        alarm.as_mut().poll(context).map(|()| Some(Err(ClientTooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer; with its end the call is over.
pub(super) struct AnswerBody {
    pub(super) body: axum::body::Body,
    pub(super) _call: CallUnderWay,
    pub(super) _place: Option<Place>,
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

//! A caller's body: it goes out as it comes in, and once more if it was small.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;

use crate::error::RelayError;

/// The largest body that is kept to be sent once more.
pub(super) const REPLAY_BYTES: usize = 64 * 1024;

/// A body on its way.
pub(super) struct RequestBody {
    first: Option<Outgoing>,
    kept: Kept,
}

/// A body that is ready to be sent.
pub(super) struct Outgoing {
    pub(super) body: reqwest::Body,
    /// Whether nobody knows how long it will be.
    pub(super) is_chunked: bool,
}

/// What can be sent once more.
enum Kept {
    Whole(Bytes),
    AsItCame(Arc<Mutex<Recording>>),
}

/// What has come of a body so far, while it is small.
#[derive(Default)]
struct Recording {
    bytes: BytesMut,
    is_too_large: bool,
    has_ended: bool,
}

impl RequestBody {
    /// A body that is announced to be small is read at once, so that what is sent once more does not depend on how much of it
    /// the vendor had read; any other is read as the vendor takes it.
    pub(super) async fn read<B>(body: B) -> Result<Self, RelayError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let announced = body.size_hint().exact();
        if announced.is_some_and(|length| length <= REPLAY_BYTES as u64) {
            let bytes = body.collect().await.map_err(|_| RelayError::Body)?.to_bytes();
            let first = Outgoing::whole(&bytes);
            return Ok(Self { first, kept: Kept::Whole(bytes) });
        }
        let recording = Arc::<Mutex<Recording>>::default();
        let recorded = Recorded { body: Mutex::new(body), recording: Arc::clone(&recording) };
        let first = Outgoing { body: reqwest::Body::wrap(recorded), is_chunked: announced.is_none() };
        Ok(Self { first: Some(first), kept: Kept::AsItCame(recording) })
    }

    /// Whether it can be sent once more: it came to its end, and was small.
    pub(super) fn can_go_again(&self) -> bool {
        match &self.kept {
            Kept::Whole(_) => true,
            Kept::AsItCame(recording) => lock(recording).has_ended,
        }
    }

    /// The body to send: first as it comes, later from what was kept. `None`: it is empty.
    pub(super) fn go(&mut self) -> Option<Outgoing> {
        self.first.take().or_else(|| match &self.kept {
            Kept::Whole(bytes) => Outgoing::whole(bytes),
            Kept::AsItCame(recording) => Outgoing::whole(&lock(recording).bytes.clone().freeze()),
        })
    }
}

impl Outgoing {
    fn whole(bytes: &Bytes) -> Option<Self> {
        (!bytes.is_empty()).then(|| Self { body: bytes.clone().into(), is_chunked: false })
    }
}

/// A body that is recorded as it goes by. The client wants it shareable between threads, which the lock makes it.
struct Recorded<B> {
    body: Mutex<B>,
    recording: Arc<Mutex<Recording>>,
}

impl<B: Body<Data = Bytes> + Unpin> Body for Recorded<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let body = self.body.get_mut().unwrap_or_else(PoisonError::into_inner);
        let frame = ready!(Pin::new(body).poll_frame(context));
        let mut recording = lock(&self.recording);
        match &frame {
            Some(Ok(frame)) => recording.add(frame.data_ref()),
            Some(Err(_)) => recording.give_up(),
            None => recording.has_ended = !recording.is_too_large,
        }
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}

impl Recording {
    fn add(&mut self, data: Option<&Bytes>) {
        let data = data.map_or(&[][..], |data| &data[..]);
        if self.is_too_large || self.bytes.len() + data.len() > REPLAY_BYTES {
            self.give_up();
        } else {
            self.bytes.extend_from_slice(data);
        }
    }

    fn give_up(&mut self) {
        self.is_too_large = true;
        self.bytes = BytesMut::new();
    }
}

fn lock(recording: &Mutex<Recording>) -> std::sync::MutexGuard<'_, Recording> {
    recording.lock().unwrap_or_else(PoisonError::into_inner)
}

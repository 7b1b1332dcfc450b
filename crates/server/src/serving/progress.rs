//! How far a connection has come, and until when it may stay there.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::limits::ClientLimits;

/// How long a connection without a call may stay once the server stops: a request may be on its way.
const LAST_REQUESTS: Duration = Duration::from_millis(500);
/// How long a connection that was ended here is kept after the client last sent something.
const SILENCE: Duration = Duration::from_secs(2);

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Waits for the first byte of a request.
    Waiting,
    /// Reads the line and the headers of a request.
    Header,
    /// A call is under way, up to the end of its answer.
    Calling,
    /// Takes what the client still sends, so that it reads the answer.
    Lingering,
}

/// Why a connection ends although its client wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overdue {
    /// The headers took too long.
    Header,
    /// No request came, or the server stops, or another client needs the place.
    Idle,
    /// Nothing of the answer was taken.
    Write,
}

/// How far a connection has come. Its task, its stream and its calls share it.
pub(super) struct Progress {
    state: Mutex<State>,
}

#[expect(clippy::struct_excessive_bools, reason = "what has happened on a connection: any of it, in any order")]
struct State {
    phase: Phase,
    since: Instant,
    /// When the client last sent something that nobody wants.
    heard_at: Instant,
    /// Whether a request was served before.
    has_served: bool,
    /// Whether the body of a request is still wanted.
    reads_body: bool,
    /// Since when the client has taken nothing of what is ready for it.
    blocked_since: Option<Instant>,
    /// Whether the client has ended its side.
    has_ended: bool,
    /// Whether its place is needed.
    is_evicted: bool,
    stopping_since: Option<Instant>,
    waker: Option<Waker>,
}

/// A call under way. It is over when this is dropped, with the answer's body.
pub(super) struct CallUnderWay(Arc<Progress>);

/// A body that is read. Nobody wants it any more when this is dropped.
pub(super) struct BodyUnderWay(Arc<Progress>);

impl Progress {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                phase: Phase::Waiting,
                since: Instant::now(),
                heard_at: Instant::now(),
                has_served: false,
                reads_body: false,
                blocked_since: None,
                has_ended: false,
                is_evicted: false,
                stopping_since: None,
                waker: None,
            }),
        })
    }

    /// Bytes came from the client; none is its end.
    pub(super) fn received(&self, bytes: usize) {
        let mut state = self.lock();
        match state.phase {
            _ if bytes == 0 => state.has_ended = true,
            Phase::Waiting if !state.reads_body => state.enter(Phase::Header),
            Phase::Lingering => state.heard_at = Instant::now(),
            Phase::Waiting | Phase::Header | Phase::Calling => {}
        }
    }

    /// The client takes nothing for now.
    pub(super) fn blocked(&self) {
        self.lock().blocked_since.get_or_insert_with(Instant::now);
    }

    /// The client took something.
    pub(super) fn taken(&self) {
        let mut state = self.lock();
        if state.blocked_since.take().is_some() && state.phase == Phase::Waiting {
            // The time between two requests begins with the end of the answer.
            state.since = Instant::now();
        }
    }

    pub(super) fn call(self: &Arc<Self>) -> CallUnderWay {
        let mut state = self.lock();
        state.enter(Phase::Calling);
        state.has_served = true;
        CallUnderWay(Arc::clone(self))
    }

    pub(super) fn body(self: &Arc<Self>) -> BodyUnderWay {
        self.lock().reads_body = true;
        BodyUnderWay(Arc::clone(self))
    }

    /// From now on, what comes is thrown away. Whether anything can come.
    pub(super) fn linger(&self) -> bool {
        let mut state = self.lock();
        state.enter(Phase::Lingering);
        state.heard_at = state.since;
        state.reads_body = false;
        state.blocked_since = None;
        !state.has_ended
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().stopping_since.is_some()
    }

    /// Whether a call is under way.
    pub(super) fn is_calling(&self) -> bool {
        !self.lock().can_end()
    }

    /// Since when the connection has no call, so that it may be closed for another.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let state = self.lock();
        (state.can_end() && !state.is_evicted).then_some(state.since)
    }

    /// Closes the connection unless a call is under way.
    pub(super) fn evict(&self) {
        self.change(|state| state.is_evicted = true);
    }

    /// Closes the connection as soon as no call is under way.
    pub(super) fn stop(&self) {
        self.change(|state| state.stopping_since = Some(Instant::now()));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let waker = {
            let mut state = self.lock();
            change(&mut state);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Polls `work` until it is done or the connection's time is over.
    pub(super) async fn within<T>(
        &self,
        limits: &ClientLimits,
        mut work: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Result<T, Overdue> {
        let mut alarm = pin!(sleep_until(Instant::now() + limits.header));
        poll_fn(|context| {
            self.lock().waker = Some(context.waker().clone());
            if let Poll::Ready(done) = work(context) {
                return Poll::Ready(Ok(done));
            }
            loop {
                let Some((deadline, overdue)) = self.lock().deadline(limits) else { return Poll::Pending };
                if deadline <= Instant::now() {
                    return Poll::Ready(Err(overdue));
                }
                // An alarm that rings too early is set anew then: most deadlines are put off before they come.
                if alarm.deadline() > deadline || alarm.is_elapsed() {
                    alarm.as_mut().reset(deadline);
                }
                if alarm.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }

    /// Whether closing it now takes nothing away from a call.
    fn can_end(&self) -> bool {
        self.phase != Phase::Calling && !self.reads_body && self.blocked_since.is_none()
    }

    /// When the connection's time is over, and why; `None` while it is for others to say.
    fn deadline(&self, limits: &ClientLimits) -> Option<(Instant, Overdue)> {
        if let Some(since) = self.blocked_since {
            return Some((since + limits.write, Overdue::Write));
        }
        if !self.can_end() {
            return None;
        }
        let (time, overdue) = match self.phase {
            Phase::Waiting if self.has_served => (limits.idle, Overdue::Idle),
            Phase::Waiting => (limits.header, Overdue::Idle),
            Phase::Header => (limits.header, Overdue::Header),
            Phase::Calling | Phase::Lingering => (limits.body, Overdue::Idle),
        };
        let mut deadline = self.since + time;
        if self.phase == Phase::Lingering {
            deadline = deadline.min(self.heard_at + SILENCE);
        }
        if self.is_evicted {
            return Some((self.since, Overdue::Idle));
        }
        match self.stopping_since {
            // An answer that was just given is still to be read.
            Some(_) if self.phase == Phase::Lingering => Some((deadline, overdue)),
            Some(stopping) if stopping + LAST_REQUESTS < deadline => Some((stopping + LAST_REQUESTS, Overdue::Idle)),
            Some(_) | None => Some((deadline, overdue)),
        }
    }
}

impl Drop for CallUnderWay {
    fn drop(&mut self) {
        // It happens where the connection is polled, which looks at the time afterwards.
        self.0.lock().enter(Phase::Waiting);
    }
}

impl Drop for BodyUnderWay {
    fn drop(&mut self) {
        self.0.change(|state| state.reads_body = false);
    }
}

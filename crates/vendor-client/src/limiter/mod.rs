//! How much one connection asks of its vendor: so many requests in so much time, so many at once. Callers take turns.

mod queue;
mod rate;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use connector_catalog::Limits;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::error::VendorError;
use queue::Queue;
use rate::Rate;

/// Whose request it is: all requests of one call have the same.
pub(crate) type CallerNumber = u64;

/// The limiter of one connection.
pub(crate) struct Limiter {
    state: Mutex<State>,
    /// How many requests may be under way at once.
    concurrency: usize,
    clock: Clock,
}

struct State {
    queue: Queue<Turn>,
    /// `None`: the limits name no time.
    rate: Option<Rate>,
    free: usize,
    /// Whether somebody waits for the rate: one at a time, so that those behind keep their order.
    has_turn: bool,
    /// How long a request is under way, on average; zero while nobody knows.
    usual: Duration,
}

/// The turn to wait for the rate, with a free slot. Both go back when this is dropped.
struct Turn(Option<Arc<Limiter>>);

/// Where a request stands.
enum Place {
    First(Turn),
    Queued(oneshot::Receiver<Turn>),
}

/// A request's place among those under way. It is free again when this is dropped.
pub(crate) struct Permit {
    limiter: Arc<Limiter>,
    since: Instant,
}

impl Limiter {
    pub(crate) fn new(limits: Limits, clock: Clock) -> Arc<Self> {
        let concurrency = usize::try_from(limits.concurrency.max(1)).unwrap_or(usize::MAX);
        let rate = Rate::new(limits, clock.now());
        let state = State { queue: Queue::default(), rate, free: concurrency, has_turn: false, usual: Duration::ZERO };
        Arc::new(Self { state: Mutex::new(state), concurrency, clock })
    }

    /// Waits for a slot and for the rate.
    ///
    /// # Errors
    /// [`VendorError::LimiterFull`] at once where the place in the queue lies beyond `deadline`, and else when that passes.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        caller: CallerNumber,
        deadline: Instant,
    ) -> Result<Permit, VendorError> {
        let turn = match self.turn(caller, deadline)? {
            Place::First(turn) => turn,
            Place::Queued(waiting) => match self.clock.within(deadline, waiting).await {
                Some(Ok(turn)) => turn,
                // The limiter never drops a place in its queue.
                Some(Err(_)) | None => return Err(VendorError::LimiterFull { retry_after: self.retry_after(caller) }),
            },
        };
        loop {
            let wait = self.lock().rate.as_mut().and_then(|rate| rate.take(self.clock.now()));
            let Some(wait) = wait else { return Ok(turn.over(self)) };
            if wait >= self.clock.left(deadline) {
                return Err(VendorError::LimiterFull { retry_after: wait });
            }
            self.clock.sleep(wait).await;
        }
    }

    /// A turn, or a place in the queue for one.
    fn turn(self: &Arc<Self>, caller: CallerNumber, deadline: Instant) -> Result<Place, VendorError> {
        let mut state = self.lock();
        if state.queue.is_empty() && state.is_ready() {
            state.take_turn();
            return Ok(Place::First(Turn(Some(Arc::clone(self)))));
        }
        let wait = state.wait_of(caller, self.concurrency, self.clock.now());
        if wait >= self.clock.left(deadline) {
            return Err(VendorError::LimiterFull { retry_after: wait });
        }
        Ok(Place::Queued(state.queue.join(caller)))
    }

    /// How long one more request of a caller would have to wait, or else until the rate allows one.
    fn retry_after(&self, caller: CallerNumber) -> Duration {
        let state = self.lock();
        let wait = state.wait_of(caller, self.concurrency, self.clock.now());
        wait.max(state.rate.as_ref().map_or(Duration::ZERO, Rate::interval))
    }

    /// Gives turns to those who wait, as long as there are any to give.
    fn advance(self: &Arc<Self>) {
        loop {
            let waiting = {
                let mut state = self.lock();
                if !state.is_ready() {
                    return;
                }
                let Some(waiting) = state.queue.next() else { return };
                state.take_turn();
                waiting
            };
            // Whoever has just given up leaves its turn to the next.
            match waiting.send(Turn(Some(Arc::clone(self)))) {
                Ok(()) => return,
                Err(turn) => turn.give_back(),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_ready(&self) -> bool {
        self.free > 0 && !self.has_turn
    }

    fn take_turn(&mut self) {
        self.free -= 1;
        self.has_turn = true;
    }

    fn give_turn_back(&mut self) {
        self.free += 1;
        self.has_turn = false;
    }

    /// How long one more request of a caller has to wait: for its share of the rate, and for slots as long as they are usually
    /// taken.
    fn wait_of(&self, caller: CallerNumber, concurrency: usize, now: Instant) -> Duration {
        let ahead = self.queue.ahead_of(caller) + usize::from(self.has_turn);
        let rate = self.rate.as_ref().map_or(Duration::ZERO, |rate| rate.wait(ahead, now));
        let short =
            u32::try_from((ahead + 1).saturating_sub(self.free + usize::from(self.has_turn))).unwrap_or(u32::MAX);
        let concurrency = u32::try_from(concurrency).unwrap_or(u32::MAX);
        rate.max(self.usual.saturating_mul(short) / concurrency)
    }
}

impl Turn {
    /// The slot alone: the turn is the next one's.
    fn over(mut self, limiter: &Arc<Limiter>) -> Permit {
        self.0 = None;
        limiter.lock().has_turn = false;
        limiter.advance();
        Permit { limiter: Arc::clone(limiter), since: limiter.clock.now() }
    }

    /// Gives it back without giving it to another.
    fn give_back(mut self) {
        if let Some(limiter) = self.0.take() {
            limiter.lock().give_turn_back();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(limiter) = self.0.take() {
            limiter.lock().give_turn_back();
            limiter.advance();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let taken = self.limiter.clock.now().saturating_duration_since(self.since);
        {
            let mut state = self.limiter.lock();
            state.free += 1;
            // The latest counts for an eighth.
            state.usual = if state.usual.is_zero() { taken } else { (state.usual * 7 + taken) / 8 };
        }
        self.limiter.advance();
    }
}

#[cfg(test)]
mod tests;

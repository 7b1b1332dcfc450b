//! So many requests in so much time: a burst of all of them, then each after its share of the time (a leaky bucket).

use std::time::{Duration, Instant};

use connector_catalog::Limits;

/// How far the allowance is used.
pub(super) struct Rate {
    /// How long it takes until one more request is allowed.
    interval: Duration,
    /// How far `full_at` may lie ahead.
    burst: Duration,
    /// When nothing of the allowance will be used any more.
    full_at: Instant,
}

impl Rate {
    /// `None`: the limits name no time.
    pub(super) fn new(limits: Limits, now: Instant) -> Option<Self> {
        let interval = limits.per / limits.requests.max(1);
        let burst = interval.saturating_mul(limits.requests.max(1) - 1);
        (!interval.is_zero()).then_some(Self { interval, burst, full_at: now })
    }

    /// Uses the allowance for one request, or says how long it takes until that is possible.
    pub(super) fn take(&mut self, now: Instant) -> Option<Duration> {
        let wait = self.wait(0, now);
        if wait.is_zero() {
            self.full_at = self.full_at.max(now) + self.interval;
            return None;
        }
        Some(wait)
    }

    /// How long a request has to wait that has so many before it.
    pub(super) fn wait(&self, ahead: usize, now: Instant) -> Duration {
        let ahead = self.interval.saturating_mul(u32::try_from(ahead).unwrap_or(u32::MAX));
        let used = self.full_at.saturating_duration_since(now);
        used.saturating_add(ahead).saturating_sub(self.burst)
    }

    pub(super) fn interval(&self) -> Duration {
        self.interval
    }
}

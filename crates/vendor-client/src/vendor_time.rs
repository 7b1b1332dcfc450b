//! How long a call has waited for its vendor.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;

/// How long requests to a vendor were under way. Requests side by side count once. A clone measures the same.
#[derive(Debug, Clone, Default)]
pub struct VendorTime(Arc<Mutex<Meter>>);

#[derive(Debug, Default)]
struct Meter {
    under_way: u32,
    since: Option<Instant>,
    passed: Duration,
}

/// A request that is under way until this is dropped.
pub(crate) struct UnderWay<'t> {
    time: &'t VendorTime,
    clock: &'t Clock,
}

impl VendorTime {
    /// How long it was so far, up to the last request's end.
    #[must_use]
    pub fn passed(&self) -> Duration {
        self.meter().passed
    }

    pub(crate) fn begin<'t>(&'t self, clock: &'t Clock) -> UnderWay<'t> {
        let mut meter = self.meter();
        meter.under_way += 1;
        meter.since.get_or_insert_with(|| clock.now());
        UnderWay { time: self, clock }
    }

    fn meter(&self) -> MutexGuard<'_, Meter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut meter = self.time.meter();
        meter.under_way -= 1;
        if meter.under_way == 0
            && let Some(since) = meter.since.take()
        {
            meter.passed += self.clock.now().saturating_duration_since(since);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_side_by_side_count_once_and_pauses_do_not() {
        let clock = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let time = VendorTime::default();
        let second = Duration::from_secs(1);
        let first = time.begin(&clock);
        clock.advance(second);
        let beside = time.begin(&clock);
        clock.advance(second);
        drop(first);
        clock.advance(second);
        drop(beside);
        clock.advance(second);
        drop(time.clone().begin(&clock));
        assert_eq!(time.passed(), 3 * second);
    }
}

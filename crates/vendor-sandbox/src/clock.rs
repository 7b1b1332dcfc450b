//! The sandbox's only notion of time: it starts at a fixed instant and moves with each write, never with the wall clock.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A logical clock that moves on by one second with each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    seconds: i64,
}

impl Clock {
    /// A clock that shows `seconds` since the epoch until the first write.
    #[must_use]
    pub fn starting_at(seconds: i64) -> Self {
        Self { seconds }
    }

    /// Seconds since the epoch.
    #[must_use]
    pub fn now(self) -> i64 {
        self.seconds
    }

    pub(crate) fn tick(&mut self) -> i64 {
        self.seconds = self.seconds.saturating_add(1);
        self.seconds
    }
}

impl Default for Clock {
    /// 2026-01-01T00:00:00Z, later than everything in the seed.
    fn default() -> Self {
        Self::starting_at(1_767_225_600)
    }
}

/// `2026-01-01T00:00:00` in UTC, to which each vendor adds what it likes. The year 9999 ends all time.
pub(crate) fn date_and_time(seconds: i64) -> String {
    let timestamp = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    let civil = TimeZone::UTC.to_datetime(timestamp);
    format!("{}", civil.strftime("%Y-%m-%dT%H:%M:%S"))
}

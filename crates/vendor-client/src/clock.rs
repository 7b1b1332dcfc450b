//! Time as a parameter: the system's, or one that a test moves by hand.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

/// Where the client gets the time from and how it waits.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    start: Instant,
    date: Timestamp,
    passed: watch::Sender<Duration>,
}

impl Clock {
    /// The system's time.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// For tests: a time that stands still at `date` except for [`Clock::advance`] and for waits, which end at once and
    /// move it on by their length. A deadline therefore passes only when a test says so.
    #[must_use]
    pub fn manual(date: Timestamp) -> Self {
        let manual = Manual { start: Instant::now(), date, passed: watch::Sender::new(Duration::ZERO) };
        Self(Source::Manual(Arc::new(manual)))
    }

    /// Moves a manual clock on. Does nothing to the system's.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(manual) = &self.0 {
            manual.passed.send_modify(|passed| *passed += by);
        }
    }

    /// For measuring.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::System => tokio::time::Instant::now().into_std(),
            Source::Manual(manual) => manual.start + *manual.passed.borrow(),
        }
    }

    /// The date, for comparing with a vendor's.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::now(),
            Source::Manual(manual) => manual.date.checked_add(*manual.passed.borrow()).unwrap_or(Timestamp::MAX),
        }
    }

    /// How long it is until `deadline`.
    pub(crate) fn left(&self, deadline: Instant) -> Duration {
        deadline.saturating_duration_since(self.now())
    }

    /// Waits.
    pub(crate) async fn sleep(&self, length: Duration) {
        match &self.0 {
            Source::System => tokio::time::sleep(length).await,
            Source::Manual(_) => {
                self.advance(length);
                tokio::task::yield_now().await;
            }
        }
    }

    /// What `work` yields, or `None` if `deadline` passes first.
    pub(crate) async fn within<F: Future>(&self, deadline: Instant, work: F) -> Option<F::Output> {
        match &self.0 {
            Source::System => tokio::time::timeout_at(deadline.into(), work).await.ok(),
            Source::Manual(manual) => {
                let limit = deadline.saturating_duration_since(manual.start);
                let mut passed = manual.passed.subscribe();
                tokio::select! {
                    biased;
                    output = work => Some(output),
                    _ = passed.wait_for(|passed| *passed >= limit) => None,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_systems_time_passes_and_deadlines_with_it() {
        let clock = Clock::system();
        let start = clock.now();
        clock.sleep(Duration::from_mins(1)).await;
        assert!(clock.now() - start >= Duration::from_mins(1));
        let deadline = clock.now() + Duration::from_mins(1);
        assert_eq!(clock.within(deadline, std::future::ready(1)).await, Some(1));
        assert_eq!(clock.within(deadline, std::future::pending::<()>()).await, None);
        assert_eq!(clock.left(deadline), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_manual_time_passes_when_told_to() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let deadline = clock.now() + Duration::from_mins(1);
        let ((), outcome) = tokio::join!(
            async { clock.advance(Duration::from_mins(1)) },
            clock.within(deadline, std::future::pending::<()>())
        );
        assert_eq!(outcome, None);
        assert_eq!(clock.timestamp().as_second(), 60);
    }
}

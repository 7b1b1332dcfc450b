//! Log lines about what an attacker can repeat at will: at most one in ten seconds, which says how often it happened.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const EVERY: Duration = Duration::from_secs(10);

/// Counts what happens between two log lines.
#[derive(Debug, Default)]
pub(super) struct Rarely(Mutex<(Option<Instant>, u64)>);

impl Rarely {
    /// Counts once more. How often it happened since the last line, where it is time for the next.
    pub(super) fn times(&self) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.1 += 1;
        if told.0.is_some_and(|last| last.elapsed() < EVERY) {
            return None;
        }
        told.0 = Some(Instant::now());
        Some(std::mem::take(&mut told.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_thousand_events_are_one_line_and_the_next_line_counts_them() {
        let rarely = Rarely::default();
        assert_eq!(rarely.times(), Some(1));
        for _ in 0..1000 {
            assert_eq!(rarely.times(), None);
        }
        tokio::time::advance(EVERY).await;
        assert_eq!(rarely.times(), Some(1001));
    }
}

//! How much one connection asks of its vendor: so many requests in so much time, so many at once, first come first served.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connector_catalog::Limits;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use crate::clock::Clock;
use crate::error::VendorError;

type Rate = RateLimiter<NotKeyed, InMemoryState, Clock, NoOpMiddleware<Instant>>;

/// The limiter of one connection.
pub(crate) struct Limiter {
    slots: Arc<Semaphore>,
    /// `None`: the limits name no time.
    rate: Option<Rate>,
    /// Held by the one that waits for the rate, so that those behind it keep their order.
    turnstile: Mutex<()>,
    /// How long it takes until one more request is allowed.
    interval: Duration,
    clock: Clock,
}

impl Limiter {
    pub(crate) fn new(limits: Limits, clock: Clock) -> Self {
        let requests = NonZeroU32::new(limits.requests).unwrap_or(NonZeroU32::MIN);
        let interval = limits.per / requests.get();
        let rate = Quota::with_period(interval)
            .map(|quota| RateLimiter::direct_with_clock(quota.allow_burst(requests), clock.clone()));
        let concurrency = usize::try_from(limits.concurrency.max(1)).unwrap_or(Semaphore::MAX_PERMITS);
        let slots = Arc::new(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS)));
        Self { slots, rate, turnstile: Mutex::new(()), interval, clock }
    }

    /// Waits for a slot and for the rate. The slot is free again when the permit is dropped.
    pub(crate) async fn admit(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, VendorError> {
        let full = || VendorError::LimiterFull { retry_after: self.interval };
        let permit = if let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned() {
            permit
        } else {
            let waited = self.clock.within(deadline, Arc::clone(&self.slots).acquire_owned()).await;
            waited.ok_or_else(full)?.map_err(|_closed| full())?
        };
        let Some(rate) = &self.rate else { return Ok(permit) };
        let _turn = if let Ok(turn) = self.turnstile.try_lock() {
            turn
        } else {
            self.clock.within(deadline, self.turnstile.lock()).await.ok_or_else(full)?
        };
        self.wait_for(rate, deadline).await?;
        Ok(permit)
    }

    async fn wait_for(&self, rate: &Rate, deadline: Instant) -> Result<(), VendorError> {
        while let Err(not_yet) = rate.check() {
            let wait = not_yet.wait_time_from(self.clock.now());
            if wait >= self.clock.left(deadline) {
                return Err(VendorError::LimiterFull { retry_after: wait });
            }
            self.clock.sleep(wait).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn limiter(requests: u32, per: Duration, concurrency: u32) -> (Arc<Limiter>, Clock) {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        (Arc::new(Limiter::new(Limits { requests, per, concurrency }, clock.clone())), clock)
    }

    #[tokio::test]
    async fn a_burst_goes_through_and_the_next_waits_for_its_share() {
        let (limiter, clock) = limiter(5, Duration::from_secs(1), 10);
        let start = clock.now();
        for _ in 0..5 {
            drop(limiter.admit(start + MINUTE).await.expect("burst"));
        }
        assert_eq!(clock.now(), start);
        drop(limiter.admit(start + MINUTE).await.expect("sixth"));
        assert_eq!(clock.now() - start, Duration::from_millis(200));
    }

    #[tokio::test]
    async fn a_wait_beyond_the_deadline_is_refused_at_once() {
        let (limiter, clock) = limiter(1, MINUTE, 10);
        let start = clock.now();
        drop(limiter.admit(start + MINUTE).await.expect("first"));
        let refused = limiter.admit(start + Duration::from_secs(20)).await.expect_err("second");
        assert_eq!(refused, VendorError::LimiterFull { retry_after: MINUTE });
        assert_eq!(clock.now(), start);
    }

    #[tokio::test]
    async fn no_more_than_the_allowed_number_at_once() {
        let (limiter, clock) = limiter(1000, Duration::from_secs(1), 2);
        let deadline = clock.now() + MINUTE;
        let first = limiter.admit(deadline).await.expect("first");
        let _second = limiter.admit(deadline).await.expect("second");
        let third = tokio::spawn({
            let limiter = Arc::clone(&limiter);
            async move { limiter.admit(deadline).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(!third.is_finished());
        drop(first);
        third.await.expect("task").expect("third");
    }

    #[tokio::test]
    async fn a_slot_that_never_frees_is_waited_for_until_the_deadline() {
        let (limiter, clock) = limiter(1000, Duration::from_secs(1), 1);
        let deadline = clock.now() + MINUTE;
        let _held = limiter.admit(deadline).await.expect("first");
        let waiting = tokio::spawn({
            let limiter = Arc::clone(&limiter);
            async move { limiter.admit(deadline).await.map(drop) }
        });
        tokio::task::yield_now().await;
        clock.advance(MINUTE);
        let refused = waiting.await.expect("task").expect_err("full");
        assert_eq!(refused, VendorError::LimiterFull { retry_after: Duration::from_millis(1) });
    }

    #[tokio::test]
    async fn first_come_first_served() {
        let (limiter, clock) = limiter(1, Duration::from_secs(1), 3);
        let deadline = clock.now() + MINUTE;
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let (limiter, order) = (Arc::clone(&limiter), Arc::clone(&order));
                tokio::spawn(async move {
                    let _permit = limiter.admit(deadline).await.expect("admitted");
                    order.lock().expect("order").push(number);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("task");
        }
        assert_eq!(*order.lock().expect("order"), (0..8).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_holds_up_nobody() {
        let (limiter, clock) = limiter(1, Duration::from_secs(1), 1);
        let deadline = clock.now() + MINUTE;
        let held = limiter.admit(deadline).await.expect("first");
        let waiting = tokio::spawn({
            let limiter = Arc::clone(&limiter);
            async move { limiter.admit(deadline).await.map(drop) }
        });
        tokio::task::yield_now().await;
        waiting.abort();
        let _ = waiting.await;
        drop(held);
        drop(limiter.admit(deadline).await.expect("next"));
    }

    #[tokio::test]
    async fn limits_of_nothing_still_let_one_through() {
        let (limiter, clock) = limiter(0, Duration::ZERO, 0);
        for _ in 0..3 {
            drop(limiter.admit(clock.now() + MINUTE).await.expect("admitted"));
        }
    }
}

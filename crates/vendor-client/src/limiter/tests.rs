//! What a limiter lets through, when, and for whom.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

/// A caller of its own.
fn anybody() -> CallerNumber {
    static NEXT: AtomicU64 = AtomicU64::new(1000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn limiter(requests: u32, per: Duration, concurrency: u32) -> (Arc<Limiter>, Clock) {
    let clock = Clock::manual(Timestamp::UNIX_EPOCH);
    (Limiter::new(Limits { requests, per, concurrency }, clock.clone()), clock)
}

#[tokio::test]
async fn a_burst_goes_through_and_the_next_waits_for_its_share() {
    let (limiter, clock) = limiter(5, Duration::from_secs(1), 10);
    let start = clock.now();
    for _ in 0..5 {
        drop(limiter.admit(anybody(), start + MINUTE).await.expect("burst"));
    }
    assert_eq!(clock.now(), start);
    drop(limiter.admit(anybody(), start + MINUTE).await.expect("sixth"));
    assert_eq!(clock.now() - start, Duration::from_millis(200));
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_refused_at_once() {
    let (limiter, clock) = limiter(1, MINUTE, 10);
    let start = clock.now();
    drop(limiter.admit(anybody(), start + MINUTE).await.expect("first"));
    let refused = limiter.admit(anybody(), start + Duration::from_secs(20)).await.map(drop).expect_err("second");
    assert_eq!(refused, VendorError::LimiterFull { retry_after: MINUTE });
    assert_eq!(clock.now(), start);
}

#[tokio::test]
async fn no_more_than_the_allowed_number_at_once() {
    let (limiter, clock) = limiter(1000, Duration::from_secs(1), 2);
    let deadline = clock.now() + MINUTE;
    let first = limiter.admit(anybody(), deadline).await.expect("first");
    let _second = limiter.admit(anybody(), deadline).await.expect("second");
    let third = tokio::spawn({
        let limiter = Arc::clone(&limiter);
        async move { limiter.admit(anybody(), deadline).await.map(drop) }
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
    let _held = limiter.admit(anybody(), deadline).await.expect("first");
    let waiting = tokio::spawn({
        let limiter = Arc::clone(&limiter);
        async move { limiter.admit(anybody(), deadline).await.map(drop) }
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
                let _permit = limiter.admit(anybody(), deadline).await.expect("admitted");
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
    let held = limiter.admit(anybody(), deadline).await.expect("first");
    let waiting = tokio::spawn({
        let limiter = Arc::clone(&limiter);
        async move { limiter.admit(anybody(), deadline).await.map(drop) }
    });
    tokio::task::yield_now().await;
    waiting.abort();
    let _ = waiting.await;
    drop(held);
    drop(limiter.admit(anybody(), deadline).await.expect("next"));
}

#[tokio::test]
async fn limits_of_nothing_still_let_one_through() {
    let (limiter, clock) = limiter(0, Duration::ZERO, 0);
    for _ in 0..3 {
        drop(limiter.admit(anybody(), clock.now() + MINUTE).await.expect("admitted"));
    }
}

/// Lets every spawned task run as far as it can: the runtime polls no more than 61 of them each time this one yields.
async fn all_wait(tasks: usize) {
    for _ in 0..=tasks.div_ceil(61) {
        tokio::task::yield_now().await;
    }
}

/// One request that waits, and what becomes of it.
fn waiting(
    limiter: &Arc<Limiter>,
    caller: CallerNumber,
    deadline: Instant,
    order: &Arc<Mutex<Vec<CallerNumber>>>,
) -> tokio::task::JoinHandle<Result<(), VendorError>> {
    let (limiter, order) = (Arc::clone(limiter), Arc::clone(order));
    tokio::spawn(async move {
        let _permit = limiter.admit(caller, deadline).await?;
        order.lock().expect("order").push(caller);
        Ok(())
    })
}

#[tokio::test]
async fn a_place_in_the_queue_beyond_the_deadline_is_refused_at_once_with_its_true_wait() {
    let (limiter, clock) = limiter(10, Duration::from_secs(1), 1);
    let (start, order) = (clock.now(), Arc::default());
    let held = limiter.admit(anybody(), start + MINUTE).await.expect("first");
    // Nine more are allowed at once, then one every tenth of a second.
    let queue: Vec<_> = (0..209).map(|_| waiting(&limiter, anybody(), start + MINUTE, &order)).collect();
    all_wait(queue.len()).await;
    let refused = limiter.admit(anybody(), start + Duration::from_secs(20)).await.err();
    assert_eq!(refused, Some(VendorError::LimiterFull { retry_after: Duration::from_millis(20_100) }));
    assert_eq!(clock.now(), start, "at once");
    drop(held);
    for request in queue {
        request.await.expect("task").expect("admitted");
    }
    drop(limiter.admit(anybody(), clock.now() + MINUTE).await.expect("there is room again"));
}

#[tokio::test]
async fn slots_that_are_usually_taken_for_long_make_a_long_queue() {
    let (limiter, clock) = limiter(1_000_000, Duration::from_secs(1), 2);
    for _ in 0..2 {
        let permit = limiter.admit(anybody(), clock.now() + MINUTE).await.expect("alone");
        clock.advance(Duration::from_secs(10));
        drop(permit);
    }
    let (deadline, order) = (clock.now() + Duration::from_secs(20), Arc::default());
    let _held = [limiter.admit(anybody(), deadline).await, limiter.admit(anybody(), deadline).await];
    let _queue: Vec<_> = (0..3).map(|_| waiting(&limiter, anybody(), deadline, &order)).collect();
    tokio::task::yield_now().await;
    let refused = limiter.admit(anybody(), deadline).await.err();
    assert_eq!(refused, Some(VendorError::LimiterFull { retry_after: Duration::from_secs(20) }));
}

#[tokio::test]
async fn a_caller_with_many_requests_takes_turns_with_the_others() {
    let (limiter, clock) = limiter(1, Duration::from_secs(1), 1);
    let (deadline, order) = (clock.now() + MINUTE, Arc::default());
    let held = limiter.admit(anybody(), deadline).await.expect("first");
    let mut requests: Vec<_> = (0..10).map(|_| waiting(&limiter, 1, deadline, &order)).collect();
    tokio::task::yield_now().await;
    requests.extend([2, 3, 2].map(|caller| waiting(&limiter, caller, deadline, &order)));
    tokio::task::yield_now().await;
    drop(held);
    for request in requests {
        request.await.expect("task").expect("admitted");
    }
    assert_eq!(*order.lock().expect("order"), [1, 2, 3, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1]);
}

#[tokio::test]
async fn a_thousand_that_give_up_at_once_take_nothing_along() {
    let (limiter, clock) = limiter(1, Duration::from_millis(1), 2);
    let (deadline, order) = (clock.now() + MINUTE, Arc::default());
    let held = [limiter.admit(anybody(), deadline).await, limiter.admit(anybody(), deadline).await];
    let queue: Vec<_> = (0..1000).map(|_| waiting(&limiter, anybody(), deadline, &order)).collect();
    all_wait(queue.len()).await;
    queue.iter().for_each(tokio::task::JoinHandle::abort);
    for request in queue {
        let _ = request.await;
    }
    drop(held);
    let _both = [limiter.admit(anybody(), deadline).await, limiter.admit(anybody(), deadline).await];
    assert_eq!(clock.now() + MINUTE, deadline + Duration::from_millis(3), "no turn was lost, and no allowance");
}

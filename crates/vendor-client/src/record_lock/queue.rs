//! One queue per record, first come, first served. A record that nobody wants has none, so memory is bounded by the calls under way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep};

/// For how long the calls of one process may have a record one after the other, while another server may be waiting.
const LONGEST_RUN: Duration = Duration::from_secs(1);
/// How long they leave it alone then: longer than another server waits between two looks.
const PAUSE: Duration = Duration::from_millis(60);

/// The queues of all records that are wanted.
#[derive(Default)]
pub(crate) struct Queues {
    wanted: Mutex<HashMap<Arc<str>, Queue>>,
}

struct Queue {
    /// Those who have the record or wait for it.
    calls: usize,
    /// Serves in the order of asking. Holds the time since when calls have had the record without a pause.
    first: Arc<tokio::sync::Mutex<Instant>>,
}

/// A place in a queue; first it waits, then it has the record.
struct Place {
    queues: Arc<Queues>,
    record: Arc<str>,
}

/// The record's turn is this call's.
pub(super) struct Turn {
    run_since: OwnedMutexGuard<Instant>,
    _place: Place,
}

impl Queues {
    /// Waits until it is this call's turn. Whoever gives up leaves the queue.
    pub(super) async fn turn(self: &Arc<Self>, record: &Arc<str>) -> Turn {
        let (place, first) = self.join(record);
        Turn { run_since: first.lock_owned().await, _place: place }
    }

    fn join(self: &Arc<Self>, record: &Arc<str>) -> (Place, Arc<tokio::sync::Mutex<Instant>>) {
        let mut wanted = self.wanted();
        let queue = wanted
            .entry(Arc::clone(record))
            .or_insert_with(|| Queue { calls: 0, first: Arc::new(tokio::sync::Mutex::new(Instant::now())) });
        queue.calls += 1;
        let first = Arc::clone(&queue.first);
        (Place { queues: Arc::clone(self), record: Arc::clone(record) }, first)
    }

    fn wanted(&self) -> MutexGuard<'_, HashMap<Arc<str>, Queue>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Waits a little where calls of this process have had the record for long on end, so that other servers come in.
    pub(super) async fn let_others_in(&mut self) {
        if self.run_since.elapsed() >= LONGEST_RUN {
            sleep(PAUSE).await;
            *self.run_since = Instant::now();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut wanted = self.queues.wanted();
        if let Some(queue) = wanted.get_mut(&self.record) {
            queue.calls -= 1;
            if queue.calls == 0 {
                wanted.remove(&self.record);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str) -> Arc<str> {
        name.into()
    }

    #[tokio::test]
    async fn whoever_asks_first_has_the_record_first() {
        let queues = Arc::new(Queues::default());
        let first = queues.turn(&record("a")).await;
        let (order, mut served) = tokio::sync::mpsc::unbounded_channel();
        let mut waiting = Vec::new();
        for number in 0..20 {
            let (queues, order) = (Arc::clone(&queues), order.clone());
            waiting.push(tokio::spawn(async move {
                let turn = queues.turn(&record("a")).await;
                order.send(number).expect("somebody listens");
                tokio::task::yield_now().await;
                drop(turn);
            }));
            tokio::task::yield_now().await;
        }
        assert!(served.try_recv().is_err(), "nobody overtakes the one who has it");
        drop(first);
        for number in 0..20 {
            assert_eq!(served.recv().await, Some(number));
        }
        for task in waiting {
            task.await.expect("served");
        }
        assert!(queues.wanted().is_empty());
    }

    #[tokio::test]
    async fn other_records_do_not_wait() {
        let queues = Arc::new(Queues::default());
        let one = queues.turn(&record("a")).await;
        let other = queues.turn(&record("b")).await;
        assert_eq!(queues.wanted().len(), 2);
        drop((one, other));
        assert!(queues.wanted().is_empty());
    }

    #[tokio::test]
    async fn whoever_gives_up_leaves_the_queue() {
        let queues = Arc::new(Queues::default());
        let turn = queues.turn(&record("a")).await;
        let gave_up = tokio::time::timeout(Duration::ZERO, queues.turn(&record("a"))).await;
        assert!(gave_up.is_err());
        assert_eq!(queues.wanted()[&record("a")].calls, 1);
        drop(turn);
        assert!(queues.wanted().is_empty());
        drop(queues.turn(&record("a")).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_run_of_one_process_has_a_pause() {
        let queues = Arc::new(Queues::default());
        let start = Instant::now();
        queues.turn(&record("a")).await.let_others_in().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        let mut turn = queues.turn(&record("a")).await;
        tokio::time::advance(LONGEST_RUN).await;
        turn.let_others_in().await;
        assert_eq!(start.elapsed(), LONGEST_RUN + PAUSE);
        turn.let_others_in().await;
        assert_eq!(start.elapsed(), LONGEST_RUN + PAUSE);
    }
}

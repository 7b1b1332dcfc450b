//! A lease on a record in a store that several servers share: taken before the record is read, renewed while the write goes on,
//! given back at its end. Where its holder dies, it ends by itself.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::LockError;

/// How long to wait before another look at a lease that somebody else has: at first, and at the most.
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_millis(40);

/// Where servers that share a store see each other's leases. Implemented by the vault.
#[async_trait]
pub trait RecordLeases: Send + Sync {
    /// How long a lease is good unless it is renewed.
    fn length(&self) -> Duration;
    /// A name that no other lease has.
    fn new_holder(&self) -> String;
    /// Takes the lease of a record for a `holder`; `false`: another holder has it.
    async fn take(&self, record: &str, holder: &str) -> Result<bool, LeaseError>;
    /// Begins the lease's time anew; `false`: somebody else may have had it since.
    async fn renew(&self, record: &str, holder: &str) -> Result<bool, LeaseError>;
    /// Ends the lease, where it is still the holder's.
    async fn give_back(&self, record: &str, holder: &str) -> Result<(), LeaseError>;
}

/// The store failed; its own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LeaseError(pub String);

/// A lease that is renewed until it is given back or dropped.
pub(super) struct Lease {
    held: Arc<Held>,
    renewing: Option<JoinHandle<()>>,
    given_back: bool,
}

struct Held {
    leases: Arc<dyn RecordLeases>,
    record: Arc<str>,
    holder: String,
    /// Told by our own clock from before the store was asked, so it is no later than the store's.
    good_until: Mutex<Instant>,
}

impl Lease {
    /// Waits until the lease is free, and takes it.
    pub(super) async fn take(leases: &Arc<dyn RecordLeases>, record: &Arc<str>) -> Result<Self, LockError> {
        let held = Arc::new(Held {
            leases: Arc::clone(leases),
            record: Arc::clone(record),
            holder: leases.new_holder(),
            good_until: Mutex::new(Instant::now()),
        });
        // From here on it is given back, also when the wait is given up while the store is just giving it.
        let mut lease = Self { held, renewing: None, given_back: false };
        let mut wait = FIRST_WAIT;
        while !lease.held.ask(lease.held.leases.take(record, &lease.held.holder)).await? {
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        lease.renewing = Some(tokio::spawn(Arc::clone(&lease.held).keep_renewing()));
        Ok(lease)
    }

    /// Whether it is still ours and has some time left. Only a lease whose renewals fall behind is asked for.
    pub(super) async fn is_ours(&self) -> bool {
        self.held.has_time_left() || (self.held.renew().await && self.held.has_time_left())
    }

    /// Gives it back and waits for that.
    pub(super) async fn give_back(mut self) {
        self.given_back = true;
        self.stop_renewing();
        self.held.give_back().await;
    }

    fn stop_renewing(&mut self) {
        if let Some(renewing) = self.renewing.take() {
            renewing.abort();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.stop_renewing();
        let runtime = Handle::try_current().ok().filter(|_| !self.given_back);
        if let Some(runtime) = runtime {
            let held = Arc::clone(&self.held);
            runtime.spawn(async move { held.give_back().await });
        }
    }
}

impl Held {
    /// A third of a lease: so long may a request be under way before somebody else can begin.
    fn margin(&self) -> Duration {
        self.leases.length() / 3
    }

    fn has_time_left(&self) -> bool {
        *self.good_until() > Instant::now() + self.margin()
    }

    fn good_until(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.good_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the store for time; whether it gave some.
    async fn ask(&self, question: impl Future<Output = Result<bool, LeaseError>>) -> Result<bool, LeaseError> {
        let asked_at = Instant::now();
        let is_given = question.await?;
        if is_given {
            *self.good_until() = asked_at + self.leases.length();
        }
        Ok(is_given)
    }

    /// Begins its time anew; whether that went well.
    async fn renew(&self) -> bool {
        let renewed = self.ask(self.leases.renew(&self.record, &self.holder)).await;
        if let Err(error) = &renewed {
            warn!(%error, "the lease on a record could not be renewed");
        }
        renewed.unwrap_or(false)
    }

    async fn keep_renewing(self: Arc<Self>) {
        loop {
            sleep(self.margin()).await;
            self.renew().await;
        }
    }

    async fn give_back(&self) {
        if let Err(error) = self.leases.give_back(&self.record, &self.holder).await {
            warn!(%error, "the lease on a record could not be given back; it ends by itself");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    const LENGTH: Duration = Duration::from_secs(9);

    /// A store that can go away.
    #[derive(Default)]
    struct Memory {
        leases: Mutex<HashMap<String, (String, Instant)>>,
        holders: AtomicUsize,
        is_away: AtomicBool,
    }

    impl Memory {
        fn change<T>(&self, work: impl FnOnce(&mut HashMap<String, (String, Instant)>) -> T) -> Result<T, LeaseError> {
            if self.is_away.load(Ordering::SeqCst) {
                return Err(LeaseError("away".to_owned()));
            }
            Ok(work(&mut self.leases.lock().expect("no test panics here")))
        }

        fn is_free(&self) -> bool {
            self.leases.lock().expect("no test panics here").is_empty()
        }
    }

    #[async_trait]
    impl RecordLeases for Memory {
        fn length(&self) -> Duration {
            LENGTH
        }

        fn new_holder(&self) -> String {
            self.holders.fetch_add(1, Ordering::SeqCst).to_string()
        }

        async fn take(&self, record: &str, holder: &str) -> Result<bool, LeaseError> {
            self.change(|leases| {
                let is_free = leases.get(record).is_none_or(|(_, until)| *until <= Instant::now());
                if is_free {
                    leases.insert(record.to_owned(), (holder.to_owned(), Instant::now() + LENGTH));
                }
                is_free
            })
        }

        async fn renew(&self, record: &str, holder: &str) -> Result<bool, LeaseError> {
            self.change(|leases| {
                let ours = leases.get_mut(record).filter(|(known, _)| known == holder);
                ours.map(|lease| lease.1 = Instant::now() + LENGTH).is_some()
            })
        }

        async fn give_back(&self, record: &str, holder: &str) -> Result<(), LeaseError> {
            self.change(|leases| {
                if leases.get(record).is_some_and(|(known, _)| known == holder) {
                    leases.remove(record);
                }
            })
        }
    }

    fn store() -> (Arc<Memory>, Arc<dyn RecordLeases>, Arc<str>) {
        let memory = Arc::new(Memory::default());
        (Arc::clone(&memory), memory, "contact 7".into())
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_lasts_for_as_long_as_the_write() {
        let (memory, leases, record) = store();
        let lease = Lease::take(&leases, &record).await.expect("free");
        sleep(LENGTH * 10).await;
        assert!(lease.is_ours().await);
        assert_eq!(leases.take(&record, "another").await, Ok(false));
        lease.give_back().await;
        assert!(memory.is_free());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_finds_it_taken_waits_until_it_is_given_back() {
        let (_, leases, record) = store();
        let first = Lease::take(&leases, &record).await.expect("free");
        let start = Instant::now();
        let waiting = tokio::spawn(async move { Lease::take(&leases, &record).await.map(|_| start.elapsed()) });
        sleep(LENGTH * 2).await;
        first.give_back().await;
        let waited = waiting.await.expect("no panic").expect("free again");
        assert!(waited >= LENGTH * 2 && waited <= LENGTH * 2 + LONGEST_WAIT, "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_is_dropped_or_waited_for_in_vain_leaves_nothing() {
        let (memory, leases, record) = store();
        let lease = Lease::take(&leases, &record).await.expect("free");
        let waited = tokio::time::timeout(LENGTH, Lease::take(&leases, &record)).await;
        assert!(waited.is_err());
        drop(lease);
        while !memory.is_free() {
            tokio::task::yield_now().await;
        }
        Lease::take(&leases, &record).await.expect("free again").give_back().await;
        assert!(memory.is_free());
    }

    #[tokio::test(start_paused = true)]
    async fn without_renewals_it_is_ours_for_two_thirds_of_its_time() {
        let (memory, leases, record) = store();
        let lease = Lease::take(&leases, &record).await.expect("free");
        memory.is_away.store(true, Ordering::SeqCst);
        sleep(LENGTH / 2).await;
        assert!(lease.is_ours().await);
        sleep(LENGTH / 4).await;
        assert!(!lease.is_ours().await);
        // Nobody has had it meanwhile, so what was read is still as it was.
        memory.is_away.store(false, Ordering::SeqCst);
        assert!(lease.is_ours().await);
        memory.is_away.store(true, Ordering::SeqCst);
        sleep(LENGTH * 2).await;
        memory.is_away.store(false, Ordering::SeqCst);
        assert_eq!(leases.take(&record, "another").await, Ok(true));
        assert!(!lease.is_ours().await);
    }

    #[tokio::test]
    async fn a_store_that_is_away_gives_no_lease() {
        let (memory, leases, record) = store();
        memory.is_away.store(true, Ordering::SeqCst);
        let refused = Lease::take(&leases, &record).await.map(|_| ());
        assert_eq!(refused, Err(LockError::Store(LeaseError("away".to_owned()))));
    }
}

//! What has been read once and is kept in memory, bounded, until somebody changes it.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::error::VaultError;
use moka::future::Cache;

const STRIPES: usize = 256;
const MOST_ABSENT: u64 = 10_000;
const ABSENT_FOR: Duration = Duration::from_secs(5);

/// Values by key, and for a short while the keys that have none. Concurrent misses of one key load once.
///
/// A load that began before a change may end after it, and must not outlive it. So every entry carries the epoch that its
/// load began in, and an entry from an earlier epoch than its key's is not used.
pub(crate) struct Warm<K, V> {
    present: Cache<K, Dated<V>>,
    absent: Cache<K, u64>,
    epochs: Epochs,
    suspended: AtomicBool,
}

#[derive(Clone)]
struct Dated<V> {
    epoch: u64,
    value: V,
}

enum Miss {
    Absent { epoch: u64 },
    Failed(VaultError),
}

impl<K, V> Warm<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(entries: u64) -> Self {
        Self {
            present: Cache::new(entries),
            // Apart, so that a flood of guesses drives out guesses and nothing else.
            absent: Cache::builder().max_capacity(entries.min(MOST_ABSENT)).time_to_live(ABSENT_FOR).build(),
            epochs: Epochs::new(),
            suspended: AtomicBool::new(false),
        }
    }

    /// The value of a key, loaded when it is not in memory.
    pub(crate) async fn get_or_load<L>(&self, key: &K, load: impl Fn() -> L) -> Result<Option<V>, VaultError>
    where
        L: Future<Output = Result<Option<V>, VaultError>>,
    {
        loop {
            if self.suspended.load(Ordering::SeqCst) {
                return load().await;
            }
            if let Some(found) = self.present.get(key).await {
                if found.epoch == self.epochs.of(key) {
                    return Ok(Some(found.value));
                }
                self.present.invalidate(key).await;
            }
            if self.absent.get(key).await.is_some_and(|epoch| epoch == self.epochs.of(key)) {
                return Ok(None);
            }
            let loading = async {
                let epoch = self.epochs.of(key);
                match load().await {
                    Ok(Some(value)) => Ok(Dated { epoch, value }),
                    Ok(None) => Err(Miss::Absent { epoch }),
                    Err(error) => Err(Miss::Failed(error)),
                }
            };
            // What was loaded may be out of date already: then it is loaded again. It need not have stayed in memory.
            match self.present.try_get_with(key.clone(), loading).await.as_ref().map_err(AsRef::as_ref) {
                Ok(found) if found.epoch == self.epochs.of(key) => return Ok(Some(found.value.clone())),
                Ok(_) => {}
                Err(Miss::Absent { epoch }) => {
                    self.absent.insert(key.clone(), *epoch).await;
                    if *epoch == self.epochs.of(key) {
                        return Ok(None);
                    }
                }
                Err(Miss::Failed(error)) => return Err(error.clone()),
            }
        }
    }

    /// From now on the key is read anew.
    pub(crate) fn forget(&self, key: &K) {
        self.epochs.advance(key);
    }

    /// From now on every key is read anew. What is in memory goes.
    pub(crate) fn forget_all(&self) {
        self.epochs.advance_all();
        self.present.invalidate_all();
        self.absent.invalidate_all();
    }

    /// Until `resume`, nothing is taken from memory or put into it.
    pub(crate) fn suspend(&self) {
        self.suspended.store(true, Ordering::SeqCst);
        self.forget_all();
    }

    /// Memory is used again, and begins empty: what was loaded meanwhile may be out of date.
    pub(crate) fn resume(&self) {
        self.forget_all();
        self.suspended.store(false, Ordering::SeqCst);
    }

    /// Lets go of what `forget` has made unusable: it may hold opened secrets.
    pub(crate) async fn drop_value(&self, key: &K) {
        self.present.invalidate(key).await;
    }
}

/// How often each key has been forgotten. Keys share counters: at worst one is read anew for another's sake.
struct Epochs {
    hasher: RandomState,
    stripes: Vec<AtomicU64>,
}

impl Epochs {
    fn new() -> Self {
        Self { hasher: RandomState::new(), stripes: (0..STRIPES).map(|_| AtomicU64::new(0)).collect() }
    }

    fn of(&self, key: &impl Hash) -> u64 {
        self.stripe(key).load(Ordering::SeqCst)
    }

    fn advance(&self, key: &impl Hash) {
        self.stripe(key).fetch_add(1, Ordering::SeqCst);
    }

    fn advance_all(&self) {
        for stripe in &self.stripes {
            stripe.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low bits of a hash are as good as the rest")]
    fn stripe(&self, key: &impl Hash) -> &AtomicU64 {
        &self.stripes[self.hasher.hash_one(key) as usize % STRIPES]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn concurrent_misses_of_one_key_load_once() {
        let warm: Arc<Warm<u8, u8>> = Arc::new(Warm::new(10));
        let (loads, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let callers = (0..50).map(|_| {
            let (warm, loads, open) = (Arc::clone(&warm), Arc::clone(&loads), Arc::clone(&open));
            tokio::spawn(async move {
                let load = async || {
                    loads.fetch_add(1, Ordering::SeqCst);
                    open.notified().await;
                    Ok(Some(7))
                };
                warm.get_or_load(&1, load).await
            })
        });
        let callers: Vec<_> = callers.collect();
        tokio::task::yield_now().await;
        open.notify_one();
        for caller in callers {
            assert_eq!(caller.await.unwrap(), Ok(Some(7)));
        }
        assert_eq!(loads.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_load_that_a_change_overtakes_is_not_kept() {
        let warm: Warm<u8, usize> = Warm::new(10);
        let loads = AtomicUsize::new(0);
        let load = async || {
            let load = loads.fetch_add(1, Ordering::SeqCst);
            if load == 0 {
                warm.forget(&1);
            }
            Ok(Some(load))
        };
        assert_eq!(warm.get_or_load(&1, load).await, Ok(Some(1)));
        assert_eq!(warm.get_or_load(&1, load).await, Ok(Some(1)));
    }

    #[tokio::test]
    async fn an_absence_is_remembered_until_it_is_forgotten() {
        let warm: Warm<u8, u8> = Warm::new(10);
        assert_eq!(warm.get_or_load(&1, async || Ok(None)).await, Ok(None));
        assert_eq!(warm.get_or_load(&1, async || Ok(Some(7))).await, Ok(None));
        warm.forget(&1);
        assert_eq!(warm.get_or_load(&1, async || Ok(Some(7))).await, Ok(Some(7)));
    }

    #[tokio::test]
    async fn a_failure_is_not_remembered() {
        let warm: Warm<u8, u8> = Warm::new(10);
        let failure = VaultError::Store("gone".into());
        assert_eq!(warm.get_or_load(&1, async || Err(failure.clone())).await, Err(failure.clone()));
        assert_eq!(warm.get_or_load(&1, async || Ok(Some(7))).await, Ok(Some(7)));
    }

    #[tokio::test]
    async fn nothing_is_kept_while_it_is_suspended() {
        let warm: Warm<u8, u8> = Warm::new(10);
        assert_eq!(warm.get_or_load(&1, async || Ok(Some(1))).await, Ok(Some(1)));
        warm.suspend();
        assert_eq!(warm.get_or_load(&1, async || Ok(Some(2))).await, Ok(Some(2)));
        assert_eq!(warm.get_or_load(&1, async || Ok(None)).await, Ok(None));
        warm.resume();
        assert_eq!(warm.get_or_load(&1, async || Ok(Some(3))).await, Ok(Some(3)));
        assert_eq!(warm.get_or_load(&1, async || Ok(Some(4))).await, Ok(Some(3)));
    }

    #[tokio::test]
    async fn a_load_that_began_before_memory_was_suspended_is_not_kept_after_it() {
        let warm: Warm<u8, u8> = Warm::new(10);
        let load = async || {
            warm.suspend();
            warm.resume();
            Ok(Some(1))
        };
        let loads = AtomicUsize::new(0);
        let once = async || if loads.fetch_add(1, Ordering::SeqCst) == 0 { load().await } else { Ok(Some(2)) };
        assert_eq!(warm.get_or_load(&1, once).await, Ok(Some(2)));
    }

    #[tokio::test]
    async fn no_more_values_are_kept_than_allowed() {
        let warm: Warm<u32, u32> = Warm::new(100);
        for key in 0..5_000 {
            assert_eq!(warm.get_or_load(&key, async || Ok(Some(key))).await, Ok(Some(key)));
        }
        warm.present.run_pending_tasks().await;
        assert!(warm.present.entry_count() <= 100, "{}", warm.present.entry_count());
    }

    #[tokio::test]
    async fn what_may_keep_nothing_loads_every_time() {
        let warm: Warm<u8, u8> = Warm::new(0);
        assert_eq!(warm.get_or_load(&1, async || Ok(Some(1))).await, Ok(Some(1)));
        assert_eq!(warm.get_or_load(&1, async || Ok(None)).await, Ok(None));
        assert_eq!(warm.get_or_load(&1, async || Ok(Some(2))).await, Ok(Some(2)));
    }

    #[tokio::test]
    async fn guesses_fill_neither_memory_nor_the_place_of_what_is_known() {
        let warm: Warm<u32, u32> = Warm::new(100);
        assert_eq!(warm.get_or_load(&0, async || Ok(Some(7))).await, Ok(Some(7)));
        for guess in 1..5_000 {
            assert_eq!(warm.get_or_load(&guess, async || Ok(None)).await, Ok(None));
        }
        warm.absent.run_pending_tasks().await;
        assert!(warm.absent.entry_count() <= 100, "{}", warm.absent.entry_count());
        assert_eq!(warm.get_or_load(&0, async || Ok(None)).await, Ok(Some(7)));
    }
}

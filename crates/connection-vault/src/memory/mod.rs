//! What has been read once and is kept in memory until somebody changes it. Every cache is registered here, so that whatever makes
//! one of them forget reaches all of them.

mod warm;

use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use storage::Seen;

use crate::store::Change;

pub(crate) use warm::Warm;

/// Every cache of a vault.
pub(crate) struct Memory {
    /// How many entries a cache keeps at the most.
    entries: u64,
    caches: RwLock<Vec<Arc<dyn Forgetful>>>,
}

/// What a cache forgets of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Forgets<K> {
    Nothing,
    One(K),
    Everything,
}

/// A cache with its word on what it forgets.
struct Registered<K, V> {
    warm: Arc<Warm<K, V>>,
    forgets: fn(&Change) -> Forgets<K>,
}

#[async_trait]
trait Forgetful: Send + Sync {
    fn forget(&self, change: &Change);
    fn forget_all(&self);
    fn suspend(&self);
    fn resume(&self);
    /// Lets go of what `forget` has made unusable.
    async fn drop_value(&self, change: &Change);
}

impl Memory {
    pub(crate) fn new(entries: u64) -> Self {
        Self { entries, caches: RwLock::new(Vec::new()) }
    }

    /// A new cache. From now on it forgets what changes touch, and is suspended with all others.
    pub(crate) fn cache<K, V>(&self, forgets: fn(&Change) -> Forgets<K>) -> Arc<Warm<K, V>>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        self.cache_of(self.entries, forgets)
    }

    /// The same for so many entries, whatever a cache keeps otherwise.
    pub(crate) fn cache_of<K, V>(&self, entries: u64, forgets: fn(&Change) -> Forgets<K>) -> Arc<Warm<K, V>>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        let warm = Arc::new(Warm::new(entries));
        let registered = Registered { warm: Arc::clone(&warm), forgets };
        self.caches.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(registered));
        warm
    }

    /// Forgets what a change touches.
    pub(crate) fn forget(&self, change: &Change) {
        self.each(|cache| cache.forget(change));
    }

    /// Forgets what others have changed.
    pub(crate) fn take_note(&self, seen: &Seen) {
        match seen {
            Seen::Changes(announced) => announced.iter().filter_map(Change::read).for_each(|change| match change {
                Ok(change) => self.forget(&change),
                // Another build's: it may be about anything.
                Err(_) => self.forget_all(),
            }),
            Seen::TooMany => self.forget_all(),
        }
    }

    /// While nobody can tell what has been revoked, everything is read anew: slow and right.
    pub(crate) fn suspend(&self) {
        self.each(Forgetful::suspend);
    }

    /// Memory is used again, and begins empty.
    pub(crate) fn resume(&self) {
        self.each(Forgetful::resume);
    }

    /// Lets go of what a change has made unusable: it may hold opened secrets.
    pub(crate) async fn drop_values(&self, change: &Change) {
        let caches = self.caches.read().unwrap_or_else(PoisonError::into_inner).clone();
        for cache in caches {
            cache.drop_value(change).await;
        }
    }

    fn forget_all(&self) {
        self.each(Forgetful::forget_all);
    }

    fn each(&self, each: impl Fn(&(dyn Forgetful + 'static))) {
        for cache in self.caches.read().unwrap_or_else(PoisonError::into_inner).iter() {
            each(cache.as_ref());
        }
    }
}

#[async_trait]
impl<K, V> Forgetful for Registered<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn forget(&self, change: &Change) {
        match (self.forgets)(change) {
            Forgets::Nothing => {}
            Forgets::One(key) => self.warm.forget(&key),
            Forgets::Everything => self.warm.forget_all(),
        }
    }

    fn forget_all(&self) {
        self.warm.forget_all();
    }

    fn suspend(&self) {
        self.warm.suspend();
    }

    fn resume(&self) {
        self.warm.resume();
    }

    async fn drop_value(&self, change: &Change) {
        if let Forgets::One(key) = (self.forgets)(change) {
            self.warm.drop_value(&key).await;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use unified_model::ApplicationId;

    use super::*;

    fn of_application(change: &Change) -> Forgets<ApplicationId> {
        match change {
            Change::Application { application_id } => Forgets::One(application_id.clone()),
            Change::ApiKeys { .. } => Forgets::Everything,
            Change::Consumer { .. } => Forgets::Nothing,
        }
    }

    /// How often two registered caches have loaded so far, once each is asked for `app`.
    async fn loads(caches: &[Arc<Warm<ApplicationId, usize>>; 2], count: &AtomicUsize) -> usize {
        for cache in caches {
            let load = async || Ok(Some(count.fetch_add(1, Ordering::SeqCst)));
            cache.get_or_load(&"app".parse().unwrap(), load).await.unwrap();
        }
        count.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn every_cache_that_is_registered_forgets_and_is_suspended() {
        let (memory, count) = (Memory::new(10), AtomicUsize::new(0));
        let caches = [memory.cache(of_application), memory.cache(of_application)];
        assert_eq!(loads(&caches, &count).await, 2);
        assert_eq!(loads(&caches, &count).await, 2, "they are in memory");
        let app = || "app".to_owned();
        memory
            .forget(&Change::Consumer { application_id: app().parse().unwrap(), consumer_id: app().parse().unwrap() });
        assert_eq!(loads(&caches, &count).await, 2, "it is not about them");
        memory.forget(&Change::Application { application_id: app().parse().unwrap() });
        assert_eq!(loads(&caches, &count).await, 4);
        memory.forget(&Change::ApiKeys { application_id: app().parse().unwrap() });
        assert_eq!(loads(&caches, &count).await, 6);
        memory.take_note(&Seen::TooMany);
        assert_eq!(loads(&caches, &count).await, 8);
        memory.suspend();
        assert_eq!(loads(&caches, &count).await, 10);
        assert_eq!(loads(&caches, &count).await, 12, "nothing is kept");
        memory.resume();
        assert_eq!(loads(&caches, &count).await, 14);
        assert_eq!(loads(&caches, &count).await, 14);
    }

    #[tokio::test]
    async fn an_announcement_that_this_build_cannot_read_is_about_anything() {
        let (memory, count) = (Memory::new(10), AtomicUsize::new(0));
        let caches = [memory.cache(of_application), memory.cache(of_application)];
        assert_eq!(loads(&caches, &count).await, 2);
        let announced = ["jobs", "vault"].map(|topic| storage::Announcement::new(topic, &"later").unwrap());
        memory.take_note(&Seen::Changes(announced[..1].to_vec()));
        assert_eq!(loads(&caches, &count).await, 2, "it is for others");
        memory.take_note(&Seen::Changes(announced.to_vec()));
        assert_eq!(loads(&caches, &count).await, 4);
    }
}

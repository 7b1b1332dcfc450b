//! Work under a lease in the store: one server at a time does it.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use storage::{StorageError, Store};
use tokio::time::{Instant, sleep, timeout_at};

/// How long a lease lasts unless it is renewed: so long after a server died in the middle of leased work, another can begin it.
pub const LEASE_LENGTH: Duration = Duration::from_secs(15);

/// The lease of one job, as one server takes it.
#[derive(Clone)]
pub(crate) struct JobLease {
    store: Arc<Store>,
    name: Arc<str>,
    holder: Arc<str>,
    length: Duration,
}

/// Why leased work was not done to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LeasedError<E: Display> {
    /// The store could not say whether the lease is free.
    #[error("the job's lease could not be acquired: {0}")]
    Lease(StorageError),
    /// Another server may have begun the work, so it was broken off here.
    #[error("the job's lease was lost while it ran")]
    Lost,
    /// The work itself.
    #[error("{0}")]
    Work(E),
}

impl JobLease {
    pub(crate) fn new(store: &Arc<Store>, job: &str, holder: &Arc<str>) -> Self {
        let name = format!("job:{job}").into();
        Self { store: Arc::clone(store), name, holder: Arc::clone(holder), length: LEASE_LENGTH }
    }

    /// Does the work while the lease is held. Does nothing where another server holds it: that one is at work.
    pub(crate) async fn run<E: Display>(
        &self,
        work: impl Future<Output = Result<(), E>>,
    ) -> Result<(), LeasedError<E>> {
        let asked_at = Instant::now();
        if !self.acquire().await.map_err(LeasedError::Lease)? {
            return Ok(());
        }
        let done = tokio::select! {
            done = work => done.map_err(LeasedError::Work),
            () = self.lost(asked_at + self.length) => Err(LeasedError::Lost),
        };
        if let Err(error) = self.store.release_lease(&self.name, &self.holder).await {
            tracing::warn!(%error, lease = &*self.name, "a job's lease could not be released; it ends by itself");
        }
        done
    }

    /// Where an earlier run of this server panicked, the lease is its own still.
    async fn acquire(&self) -> Result<bool, StorageError> {
        Ok(self.store.acquire_lease(&self.name, &self.holder, self.length).await? || self.renew().await?)
    }

    async fn renew(&self) -> Result<bool, StorageError> {
        self.store.renew_lease(&self.name, &self.holder, self.length).await
    }

    /// Renews the lease until another server may have it.
    async fn lost(&self, mut good_until: Instant) {
        loop {
            sleep(self.length / 3).await;
            let asked_at = Instant::now();
            match timeout_at(good_until, self.renew()).await {
                Ok(Ok(true)) => good_until = asked_at + self.length,
                Ok(Ok(false)) | Err(_) => return,
                Ok(Err(error)) => {
                    tracing::warn!(%error, lease = &*self.name, "a job's lease could not be renewed");
                    if Instant::now() >= good_until {
                        return;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::convert::Infallible;
    use std::future::{pending, ready};

    use storage::StoreLocation;

    use super::*;

    /// A lease of each of two servers over one store.
    async fn leases(length: Duration) -> [JobLease; 2] {
        let store = Store::open(&StoreLocation::Memory, &[]).await.unwrap();
        store.upgrade().await.unwrap().commit().await.unwrap();
        let store = Arc::new(store);
        ["one", "two"].map(|holder| JobLease { length, ..JobLease::new(&store, "sweep", &holder.into()) })
    }

    #[tokio::test]
    async fn work_whose_lease_was_lost_is_broken_off() {
        let [one, two] = leases(Duration::from_millis(300)).await;
        let taken = async {
            // As if the first server had stood still for longer than its lease lasts.
            one.store.release_lease(&one.name, &one.holder).await.unwrap();
            assert!(two.acquire().await.unwrap());
            pending::<Result<(), Infallible>>().await
        };
        let done = one.run(taken).await;
        assert!(matches!(done, Err(LeasedError::Lost)), "{done:?}");
    }

    #[tokio::test]
    async fn a_lease_that_a_panic_left_is_its_servers_and_nobody_elses() {
        let [one, two] = leases(LEASE_LENGTH).await;
        assert!(one.acquire().await.unwrap());
        assert!(!two.acquire().await.unwrap());
        let work = async { Err("it ran") };
        assert!(matches!(two.run(ready(Err("it ran"))).await, Ok(())), "not where another has the lease");
        assert!(matches!(one.run(work).await, Err(LeasedError::Work("it ran"))));
        assert!(two.acquire().await.unwrap(), "it is released after the work");
    }
}

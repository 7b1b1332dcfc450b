//! Locks on a vendor's records: of the writes that read a record and then write over it, one runs at a time. Within a process
//! they queue; servers that share a store take a lease there as well.

mod lease;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use lease::Lease;
pub use lease::{LeaseError, RecordLeases};
pub(crate) use queue::Queues;
use queue::Turn;

use crate::clock::Clock;

/// Whose records a session locks, and where other servers see it.
#[derive(Clone)]
pub struct Locking {
    /// The account at the vendor. The same record of two accounts has two locks.
    pub account: Arc<str>,
    /// The leases that servers over one store share; `None` where no other server can call this account.
    pub leases: Option<Arc<dyn RecordLeases>>,
}

/// The right to read a record and write over it, until it is released or dropped.
pub struct RecordLock {
    // The lease goes first, so that whoever is next in the queue finds it free.
    lease: Option<Lease>,
    _turn: Turn,
}

/// Why there is no lock. Nothing was sent to the vendor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Other writes kept it for as long as this one could wait.
    #[error("other writes kept the record locked")]
    Busy,
    /// The store of leases failed.
    #[error(transparent)]
    Store(#[from] LeaseError),
}

impl RecordLock {
    /// Waits for the record's lock, for at most `patience`. Whoever asks first within a process gets it first.
    pub(crate) async fn take(
        queues: &Arc<Queues>,
        locking: &Locking,
        record: &str,
        clock: &Clock,
        patience: Duration,
    ) -> Result<Self, LockError> {
        // No id holds a line feed, so no two pairs make the same name.
        let name: Arc<str> = format!("{}\n{record}", locking.account).into();
        let locked = clock.within(clock.now() + patience, async {
            let mut turn = queues.turn(&name).await;
            let lease = match &locking.leases {
                None => None,
                Some(leases) => {
                    turn.let_others_in().await;
                    Some(Lease::take(leases, &name).await?)
                }
            };
            Ok(Self { lease, _turn: turn })
        });
        locked.await.unwrap_or(Err(LockError::Busy))
    }

    /// Whether nobody else can have written since the lock was taken, nor will in the next moments.
    pub async fn is_ours(&self) -> bool {
        match &self.lease {
            None => true,
            Some(lease) => lease.is_ours().await,
        }
    }

    /// Gives the lock back. A lease that cannot be given back ends by itself.
    pub async fn release(self) {
        if let Some(lease) = self.lease {
            lease.give_back().await;
        }
    }
}

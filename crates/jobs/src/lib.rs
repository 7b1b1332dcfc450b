//! Background jobs of one process: supervised, periodic, and leased across the servers that share a store.
//!
//! ```
//! # use std::{sync::Arc, time::Duration};
//! # use jobs::Runner;
//! # use storage::{Store, StorageError, StoreLocation};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), StorageError> {
//! let store = Arc::new(Store::open(&StoreLocation::Memory, &[]).await?);
//! let runner = Runner::new(Arc::clone(&store), "server-1");
//! runner.every("check", Duration::from_secs(60), move || {
//!     let store = Arc::clone(&store);
//!     async move { store.check().await }
//! });
//! assert_eq!(runner.counts()[0].job, "check");
//! assert!(runner.stop_within(Duration::from_secs(5)).await.is_empty(), "every job stopped in time");
//! # Ok(())
//! # }
//! ```
//!
//! - A job that panics is logged, counted, and started again after a back-off of at most [`LONGEST_BACKOFF`]. It keeps its state: the
//!   runner calls the same [`Job`] again.
//! - [`Runner::every`] runs work periodically in this process. [`Runner::every_leased`] runs it under a lease in the store, so that one
//!   server at a time does it. Both run it at least once: work that panicked or failed runs again.
//! - [`Runner::stop_within`] stops the jobs one by one, the last started first, and lets each finish what it is doing.
//!
//! There is no queue of single jobs, because nothing needs one yet. The crate uses the leases of `storage` rather than the job queue
//! `apalis`; ARCHITECTURE.md gives the measurements behind that.

mod counts;
mod job;
mod leased;
mod panic_point;
mod periodic;
mod runner;
mod supervisor;

pub use counts::JobCounts;
pub use job::{Job, JobContext};
pub use leased::LEASE_LENGTH;
pub use runner::Runner;
pub use supervisor::{FIRST_BACKOFF, LONGEST_BACKOFF};

//! What a job is, and what the runner tells it.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::counts::Counters;
use crate::panic_point;

/// Work that goes on until the process stops. It is its own state: after a panic the same value runs again.
#[async_trait]
pub trait Job: Send + 'static {
    /// Works until there is nothing more to do, or until [`JobContext::stopping`]. Then it finishes what it holds and returns, and does
    /// not run again.
    async fn run(&mut self, context: &JobContext);

    /// Makes the rest of the process safe after [`Job::run`] panicked. Called at once, before anything else happens to the job.
    fn panicked(&mut self) {}
}

/// What the runner tells a job, and the job the runner.
pub struct JobContext {
    pub(crate) job: &'static str,
    pub(crate) counters: Arc<Counters>,
    pub(crate) stop: watch::Receiver<bool>,
}

impl JobContext {
    /// Counts a run: one piece of the job's work, such as a batch that is written. Call it before the work begins.
    pub fn begin_run(&self) {
        self.counters.runs.add();
        panic_point::pass(self.job);
    }

    /// Counts a run that failed. The job itself logs why, in its own words.
    pub fn run_failed(&self) {
        self.counters.failures.add();
    }

    /// Returns when the job has to stop, or when its runner is gone.
    pub async fn stopping(&self) {
        // Without its sender the runner is gone.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
    }

    /// Whether the job has to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.stop.borrow() || self.stop.has_changed().is_err()
    }
}

//! What became of a job's runs, as a metrics end-point reads it.

use std::sync::atomic::{AtomicU64, Ordering};

/// What became of the runs of one job since the process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobCounts {
    /// The job's name.
    pub job: &'static str,
    /// How many runs began.
    pub runs: u64,
    /// How many runs failed with an error.
    pub failures: u64,
    /// How often the job panicked.
    pub panics: u64,
    /// How often it was started again after a panic.
    pub restarts: u64,
}

/// The same while it is counted.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) runs: Counter,
    pub(crate) failures: Counter,
    pub(crate) panics: Counter,
    pub(crate) restarts: Counter,
}

#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds one; returns the sum.
    pub(crate) fn add(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Counters {
    pub(crate) fn of(&self, job: &'static str) -> JobCounts {
        JobCounts {
            job,
            runs: self.runs.get(),
            failures: self.failures.get(),
            panics: self.panics.get(),
            restarts: self.restarts.get(),
        }
    }
}

//! The runner: starts jobs, tells what became of their runs, and stops them in order.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use storage::Store;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::counts::{Counters, JobCounts};
use crate::job::{Job, JobContext};
use crate::leased::JobLease;
use crate::periodic::Periodic;
use crate::supervisor::supervise;

/// The background jobs of one process. When it is dropped, every job is told to stop, and nobody waits for it.
pub struct Runner {
    store: Arc<Store>,
    holder: Arc<str>,
    started: Mutex<Vec<Started>>,
}

/// A job that was started.
struct Started {
    job: &'static str,
    counters: Arc<Counters>,
    stop: watch::Sender<bool>,
    /// `None` once somebody waits for its end.
    task: Option<JoinHandle<()>>,
}

impl Runner {
    /// A runner without jobs. `server` is what this process is called in the store, where leases name their holder.
    #[must_use]
    pub fn new(store: Arc<Store>, server: &str) -> Self {
        Self { store, holder: server.into(), started: Mutex::default() }
    }

    /// Starts a job. Needs a tokio runtime.
    pub fn start(&self, name: &'static str, job: impl Job) {
        let (stop, stopped) = watch::channel(false);
        let counters = Arc::<Counters>::default();
        let context = JobContext { job: name, counters: Arc::clone(&counters), stop: stopped };
        let task = tokio::spawn(supervise(Box::new(job), context));
        self.started().push(Started { job: name, counters, stop, task: Some(task) });
    }

    /// Starts a job that does `work` now, and again a period after each time that it ended. Needs a tokio runtime.
    pub fn every<F, E>(&self, name: &'static str, period: Duration, work: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        self.start(name, Periodic::new(period, work));
    }

    /// The same for work that one server at a time does: a server that finds the job's lease held looks again after a period.
    ///
    /// Leased work has to bear being done twice at once. A process that stood still for longer than [`crate::LEASE_LENGTH`] learns only
    /// when it goes on that another server has begun the work; then its own is broken off at the next wait.
    pub fn every_leased<F, E>(&self, name: &'static str, period: Duration, mut work: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let lease = JobLease::new(&self.store, name, &self.holder);
        self.every(name, period, move || {
            let (lease, work) = (lease.clone(), work());
            async move { lease.run(work).await }
        });
    }

    /// What became of the runs of every job that was started, in that order.
    #[must_use]
    pub fn counts(&self) -> Vec<JobCounts> {
        self.started().iter().map(|started| started.counters.of(started.job)).collect()
    }

    /// Stops every job, the last started first, each once the one before has finished what it was doing. Returns the names of those
    /// that were broken off because the time was over.
    pub async fn stop_within(&self, limit: Duration) -> Vec<&'static str> {
        let deadline = Instant::now() + limit;
        let mut broken_off = Vec::new();
        for (job, stop, mut task) in self.take_tasks() {
            // The job may have ended by itself.
            let _ = stop.send(true);
            if timeout_at(deadline, &mut task).await.is_err() {
                task.abort();
                broken_off.push(job);
            }
        }
        broken_off
    }

    fn take_tasks(&self) -> Vec<(&'static str, watch::Sender<bool>, JoinHandle<()>)> {
        let mut started = self.started();
        let tasks = started.iter_mut().rev();
        tasks.filter_map(|started| Some((started.job, started.stop.clone(), started.task.take()?))).collect()
    }

    fn started(&self) -> std::sync::MutexGuard<'_, Vec<Started>> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

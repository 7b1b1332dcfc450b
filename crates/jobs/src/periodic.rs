//! Work that runs again and again, a period after its last run ended.

use std::fmt::Display;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep_until};

use crate::job::{Job, JobContext};

/// The first run is due at once.
pub(crate) struct Periodic<W> {
    work: W,
    period: Duration,
    /// A run that panics leaves this as it was, so that the work runs as soon as the job is started again.
    due: Instant,
}

impl<W> Periodic<W> {
    pub(crate) fn new(period: Duration, work: W) -> Self {
        Self { work, period, due: Instant::now() }
    }
}

#[async_trait]
impl<W, F, E> Job for Periodic<W>
where
    W: FnMut() -> F + Send + 'static,
    F: Future<Output = Result<(), E>> + Send,
    E: Display + Send,
{
    async fn run(&mut self, context: &JobContext) {
        loop {
            tokio::select! {
                biased;
                () = context.stopping() => return,
                () = sleep_until(self.due) => {}
            }
            context.begin_run();
            if let Err(error) = (self.work)().await {
                context.run_failed();
                tracing::warn!(job = context.job, %error, "a background job failed; it runs again after its period");
            }
            self.due = Instant::now() + self.period;
        }
    }
}

//! Runs one job for as long as it has something to do: a panic is caught, logged and counted, and the job starts again.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::job::{Job, JobContext};

/// How long a job that panicked waits before it starts again: the first time, and at the most. Each panic doubles the wait, until the
/// job has gone without one for longer than the longest wait.
pub const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// See [`FIRST_BACKOFF`].
pub const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
/// How often a job that has to stop may panic before it is given up.
const PANICS_WHILE_STOPPING: u32 = 3;

type Panic = Box<dyn Any + Send>;

pub(crate) async fn supervise(mut job: Box<dyn Job>, context: JobContext) {
    let (mut backoff, mut while_stopping) = (FIRST_BACKOFF, 0);
    loop {
        let started_at = Instant::now();
        let Err(panic) = caught(job.run(&context)).await else { return };
        // Before anything is logged: what others do meanwhile may depend on it.
        let made_safe = catch_unwind(AssertUnwindSafe(|| job.panicked()));
        if started_at.elapsed() > LONGEST_BACKOFF {
            backoff = FIRST_BACKOFF;
        }
        report(&context, &panic, backoff);
        if let Err(panic) = made_safe {
            report(&context, &panic, backoff);
        }
        if context.is_stopping() {
            while_stopping += 1;
            if while_stopping == PANICS_WHILE_STOPPING {
                return;
            }
        }
        wait(&context, backoff).await;
        backoff = (backoff * 2).min(LONGEST_BACKOFF);
        context.counters.restarts.add();
    }
}

/// A job that has to stop begins at once to finish what it holds, except where it was stopping already when it panicked.
async fn wait(context: &JobContext, backoff: Duration) {
    if context.is_stopping() {
        return sleep(backoff).await;
    }
    tokio::select! {
        () = sleep(backoff) => {}
        () = context.stopping() => {}
    }
}

fn report(context: &JobContext, panic: &Panic, restart_in: Duration) {
    let panics = context.counters.panics.add();
    let panic = text(panic);
    tracing::error!(job = context.job, panic, panics, ?restart_in, "a background job panicked; it starts again");
}

fn text(panic: &Panic) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a text")
}

/// The future's output, or what it panicked with.
async fn caught<F: Future>(future: F) -> Result<F::Output, Panic> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

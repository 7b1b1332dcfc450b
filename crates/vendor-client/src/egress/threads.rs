//! Threads for connections to addresses that tenants chose.
//!
//! The HTTP library works through all that a vendor has sent before it lets another task have its thread: a server that sends interim
//! answers or the digits of a chunk's size without end keeps a thread until the call's deadline. On threads of their own such
//! connections cost processor time, which the system shares fairly, and not the answers to everybody else.

use std::future::Future;
use std::io;
use std::panic::resume_unwind;
use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::egress::names::for_same_application;

/// Several times the calls that one connection may have under way by the limits of the built-in definitions (4 to 8), so that one
/// connection cannot keep them all.
const THREADS: usize = 32;
const STACK_BYTES: usize = 1024 * 1024;

/// The threads, which are started when they are needed first. A clone has the same ones.
#[derive(Clone, Default)]
pub(crate) struct Threads(Arc<Started>);

#[derive(Default)]
struct Started(OnceLock<Runtime>);

impl Threads {
    /// Does `work` on these threads, for the application that this task works for. It ends when nobody waits for it any more.
    ///
    /// # Errors
    /// Fails where the system has no threads left.
    pub(crate) async fn run<F>(&self, work: F) -> io::Result<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        let mut running = JoinSet::new();
        running.spawn_on(for_same_application(work), self.0.runtime()?.handle());
        match running.join_next().await {
            Some(Ok(output)) => Ok(output),
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(ended) => Err(io::Error::other(ended)),
            },
            None => Err(io::Error::other("nothing was begun")),
        }
    }
}

impl Started {
    fn runtime(&self) -> io::Result<&Runtime> {
        if let Some(runtime) = self.0.get() {
            return Ok(runtime);
        }
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(THREADS).thread_stack_size(STACK_BYTES).thread_name("tenants-vendors").enable_all();
        let runtime = builder.build()?;
        if let Err(late) = self.0.set(runtime) {
            // Another call was faster.
            late.shutdown_background();
        }
        self.0.get().ok_or_else(|| io::Error::other("no threads"))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Nobody waits for a connection that will not end; and whoever drops the client may be in a task.
            runtime.shutdown_background();
        }
    }
}

//! A router served from a task of its own, for as long as somebody holds on to it.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Stops listening when dropped; calls already being answered run to their end.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Serving {
    pub(crate) async fn start(router: Router, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        // The signal never comes. Asking for it makes axum close idle connections once the task is gone.
        let server = axum::serve(listener, router).with_graceful_shutdown(std::future::pending());
        let task = tokio::spawn(async move {
            // `serve` ends only when it is told to, and reports no failure of its own.
            let _ = server.await;
        });
        Ok(Self { address, task })
    }

    /// Returns once the port is free again.
    pub(crate) async fn stop(mut self) {
        self.task.abort();
        // An aborted task ends with an error that says so.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

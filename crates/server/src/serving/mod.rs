//! Clients' connections: accepted within limits, closed when a client is too slow, and brought to an end when the server stops.

mod body;
mod client;
mod client_address;
mod clients;
mod front;
mod limits;
mod places;
mod progress;
mod rarely;
mod stream;

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::http::PublicUrl;
use clients::Clients;
pub use limits::ClientLimits;

/// How many connections the system keeps until they are accepted.
const BACKLOG: u32 = 1024;
/// What the system takes of an answer before its client does. It bounds the memory that a client which does not read takes, and
/// how slowly an answer may be read: a third of it within the write timeout.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;
/// How long nothing is accepted after the system could not.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// What is served to whom.
pub struct Serving {
    /// Where clients arrive.
    pub listener: TcpListener,
    /// What answers them.
    pub router: Router,
    /// What errors refer to.
    pub public_url: PublicUrl,
    /// What is allowed to clients.
    pub limits: ClientLimits,
}

/// A listener at this address.
///
/// # Errors
/// The address cannot be listened at.
pub fn listen(address: std::net::SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restarted server gets its address back at once.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Serving {
    /// Serves until `stop` is done, and then for `within` at most: calls under way are answered, nothing else is waited for.
    pub async fn until(self, stop: impl Future<Output = ()>, within: Duration) {
        let clients = Arc::new(Clients::new(self.limits, self.router, self.public_url));
        let mut tasks = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => clients.arrived(stream, peer, &mut tasks),
                    Err(error) if is_the_clients(&error) => {}
                    Err(error) => {
                        clients.cannot_accept(&error);
                        tokio::select! { () = sleep(PAUSE_AFTER_FAILURE) => {} () = &mut stop => break }
                    }
                },
                Some(_) = tasks.join_next() => {}
            }
        }
        let deadline = Instant::now() + within;
        arrived_already(&self.listener, &clients, &mut tasks).await;
        drop(self.listener);
        clients.stop();
        let rest = deadline.saturating_duration_since(Instant::now());
        if timeout(rest, async { while tasks.join_next().await.is_some() {} }).await.is_err() {
            tracing::warn!(
                calls = clients.under_way(),
                "stopped while calls were under way: their time to finish is over"
            );
        }
    }
}

/// Takes the connections that the system accepted before the stop: a call may have been sent on them.
async fn arrived_already(listener: &TcpListener, clients: &Arc<Clients>, tasks: &mut JoinSet<()>) {
    for _ in 0..BACKLOG {
        let next = std::future::poll_fn(|context| match listener.poll_accept(context) {
            Poll::Ready(Ok(accepted)) => Poll::Ready(Some(accepted)),
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Ready(None),
        });
        let Some((stream, peer)) = next.await else { return };
        clients.arrived(stream, peer, tasks);
    }
}

/// Whether a connection failed before it was accepted, which says nothing of the next.
fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

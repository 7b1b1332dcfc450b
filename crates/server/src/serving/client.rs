//! One client's connection, from its first byte to its last.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use gateway::EdgeError;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::clients::{Clients, Guest};
use super::front::Front;
use super::progress::Overdue;
use super::stream::ClientStream;
use crate::http::request::refused::written;

/// What is read ahead of a client, and written ahead of it. Lines and headers that are longer have no answer of ours.
const BUFFER_BYTES: usize = 96 * 1024;
/// How much of what nobody wants is taken, so that a client which sends before it reads gets to read.
const MOST_UNWANTED_BYTES: usize = 64 * 1024 * 1024;

/// Serves a client until it leaves or its time is over.
pub(super) async fn serve(tcp: TcpStream, guest: Guest, clients: Arc<Clients>) {
    let progress = Arc::clone(&guest.progress);
    let stream = ClientStream { tcp, progress: Arc::clone(&progress) };
    let front = Front::new(Arc::clone(&clients), Arc::clone(&progress), guest.peer);
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), front);
    let end = progress.within(&clients.limits, |context| connection.poll_without_shutdown(context)).await;
    let mut tcp = connection.into_parts().io.into_inner().tcp;
    match end {
        // A client that does not read would keep what is unsent in the system's memory.
        Err(Overdue::Write) => {
            tracing::debug!(peer = %guest.peer, "a client took nothing of its answer in time");
            let _ = tcp.set_zero_linger();
            return;
        }
        Err(Overdue::Header) => {
            tracing::debug!(peer = %guest.peer, "a client took too long to send a request");
            let answer = written(&EdgeError::HeaderTimeout(clients.limits.header).into(), &clients.public_url);
            // Nothing was sent to it since its last answer, so there is room.
            let _ = tcp.try_write(&answer);
        }
        // Whatever was answered has been taken.
        Err(Overdue::Idle) => return,
        Ok(_) => {}
    }
    part(&mut tcp, &guest, &clients).await;
}

/// Ends the connection so that the client can read the answer to its end: where something unread is thrown away by the system,
/// the client is told that the connection broke, and may throw away the answer in turn.
pub(super) async fn part(tcp: &mut TcpStream, guest: &Guest, clients: &Clients) {
    if guest.progress.linger() && tcp.shutdown().await.is_ok() {
        let mut left = MOST_UNWANTED_BYTES;
        let _ = guest.progress.within(&clients.limits, |context| poll_unwanted(tcp, guest, &mut left, context)).await;
    }
}

fn poll_unwanted(tcp: &mut TcpStream, guest: &Guest, left: &mut usize, context: &mut Context<'_>) -> Poll<()> {
    let mut room = [0; 8 * 1024];
    for _ in 0..32 {
        let mut buffer = ReadBuf::new(&mut room);
        let read = ready!(Pin::new(&mut *tcp).poll_read(context, &mut buffer));
        guest.progress.received(buffer.filled().len());
        *left = left.saturating_sub(buffer.filled().len());
        if read.is_err() || buffer.filled().is_empty() || *left == 0 {
            return Poll::Ready(());
        }
    }
    // Others want to be served in between.
    context.waker().wake_by_ref();
    Poll::Pending
}

/// Tells a client that cannot be served why, and parts from it.
pub(super) async fn refuse(mut tcp: TcpStream, guest: Guest, clients: Arc<Clients>, answer: Vec<u8>) {
    poll_fn(|context| tcp.poll_write_ready(context)).await.ok();
    let _ = tcp.try_write(&answer);
    part(&mut tcp, &guest, &clients).await;
}

//! A vendor on loopback that plays a script byte for byte, so that it can also break off, stay silent or lie.

use std::collections::VecDeque;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// No test waits longer for the other side: one that fails would hang instead.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// What the vendor does with one request.
pub(crate) enum Play {
    /// These bytes; the connection stays open.
    Answer(Vec<u8>),
    /// These bytes, then the end of the connection.
    Last(Vec<u8>),
    /// These bytes once a permit of the semaphore is free; the connection stays open.
    Gated(Arc<Semaphore>, Vec<u8>),
    /// These bytes, and then neither more nor an end.
    Stall(Vec<u8>),
}

/// The vendor. It stops with the test's runtime.
pub(crate) struct Vendor {
    pub(crate) address: SocketAddr,
    seen: watch::Sender<Vec<String>>,
    connections: watch::Sender<usize>,
}

impl Vendor {
    /// Plays one entry per request, whatever connection it comes on. After the last, it stays silent.
    pub(crate) async fn playing(script: impl IntoIterator<Item = Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let address = listener.local_addr().expect("address");
        let script = Arc::new(Mutex::new(script.into_iter().collect::<VecDeque<_>>()));
        let (seen, connections) = (watch::Sender::new(Vec::new()), watch::Sender::new(0));
        let vendor = Self { address, seen: seen.clone(), connections: connections.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.send_modify(|count| *count += 1);
                tokio::spawn(serve(stream, Arc::clone(&script), seen.clone()));
            }
        });
        vendor
    }

    /// The requests so far, whole.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        *self.connections.borrow()
    }

    /// Waits until so many requests have come.
    pub(crate) async fn has_seen(&self, count: usize) {
        let mut seen = self.seen.subscribe();
        let has_seen = tokio::time::timeout(PATIENCE, seen.wait_for(|seen| seen.len() >= count));
        drop(has_seen.await.expect("no further request came").expect("vendor"));
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<VecDeque<Play>>>, seen: watch::Sender<Vec<String>>) {
    while let Some(request) = read_request(&mut stream).await {
        seen.send_modify(|seen| seen.push(request));
        let play = script.lock().expect("script").pop_front();
        match play.unwrap_or(Play::Stall(Vec::new())) {
            Play::Answer(bytes) => stream.write_all(&bytes).await.expect("answer"),
            Play::Last(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Play::Gated(gate, bytes) => {
                let Ok(permit) = tokio::time::timeout(PATIENCE, gate.acquire()).await else { return };
                permit.expect("gate").forget();
                stream.write_all(&bytes).await.expect("answer");
            }
            Play::Stall(bytes) => {
                stream.write_all(&bytes).await.expect("part of an answer");
                tokio::time::sleep(PATIENCE).await;
                return;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= announced.map_or(0, |length| length.parse().expect("length")) {
                return Some(text.into_owned());
            }
        }
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
    }
}

/// A whole answer with more header lines, each ending in `\r\n`.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Whatever\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A whole answer, compressed.
pub(crate) fn gzip_answer(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).expect("compress");
    let body = encoder.finish().expect("compress");
    let mut bytes =
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(&body);
    bytes
}

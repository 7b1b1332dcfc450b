//! A vendor that does on its connections exactly what a fault says, over plain sockets or TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::tls;
use crate::vendor::is_whole;

/// What a vendor does next.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// It reads a whole request, which counts as a call.
    Hear,
    /// It reads the first byte of a request, which counts as a call.
    HearSome,
    /// It says this.
    Say(Vec<u8>),
    /// It says this again and again, until the other side hangs up.
    SayAgain(Vec<u8>),
    /// It says this fifty times a second, until the other side hangs up.
    Drip(Vec<u8>),
    /// It says what comes of the number of its call, from one.
    SayOf(fn(usize) -> Vec<u8>),
    /// It does nothing until the other side hangs up.
    Stall,
    /// It ends the connection with a reset.
    Reset,
    /// It ends the connection, and TLS without a farewell.
    Cut,
}

/// Where a vendor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// Plain HTTP.
    Plain,
    /// Nobody listens.
    Nobody,
    /// The queue of connections is full, and nobody takes one from it.
    Full,
    /// TLS with the certificate of this name.
    Tls(&'static str),
    /// An address that promises TLS, and a vendor that does what it does on the bare socket.
    Bare,
    /// As [`Ground::Plain`], and this text in place of the address.
    Elsewhere(&'static str),
}

/// Plays a script on each connection, the last script again and again. Stops when dropped.
pub(super) struct Vendor {
    ground: Ground,
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Vendor {
    pub(super) async fn start(ground: Ground, sessions: Vec<Vec<Act>>) -> Self {
        let calls = Arc::<AtomicUsize>::default();
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = socket.local_addr().unwrap();
        let task = match ground {
            // A port that is bound and not listened at refuses, and no other vendor gets it meanwhile.
            Ground::Nobody => tokio::spawn(async move {
                let _kept = socket;
                std::future::pending::<()>().await;
            }),
            Ground::Full => {
                let listener = socket.listen(0).unwrap();
                let waiting = queued(address).await;
                tokio::spawn(async move {
                    let _kept = (listener, waiting);
                    std::future::pending::<()>().await;
                })
            }
            Ground::Tls(certificate) => {
                let acceptor = Some(tls::acceptor(certificate));
                tokio::spawn(serve(socket.listen(1024).unwrap(), acceptor, sessions, Arc::clone(&calls)))
            }
            Ground::Plain | Ground::Bare | Ground::Elsewhere(_) => {
                tokio::spawn(serve(socket.listen(1024).unwrap(), None, sessions, Arc::clone(&calls)))
            }
        };
        Self { ground, address, calls, task }
    }

    /// The address that a consumer names.
    pub(super) fn home(&self) -> String {
        match self.ground {
            Ground::Elsewhere(home) => home.to_owned(),
            Ground::Tls(_) | Ground::Bare => format!("https://{}", self.address),
            Ground::Plain | Ground::Nobody | Ground::Full => format!("http://{}", self.address),
        }
    }

    /// How many requests there were.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Connections that fill a queue of none: the system keeps one more than it is told.
async fn queued(address: SocketAddr) -> Vec<TcpStream> {
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        waiting.push(stream);
    }
    waiting
}

async fn serve(listener: TcpListener, acceptor: Option<TlsAcceptor>, sessions: Vec<Vec<Act>>, calls: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    let mut next = 0;
    while let Ok((stream, _)) = listener.accept().await {
        let acts = sessions[next.min(sessions.len() - 1)].clone();
        next += 1;
        let (acceptor, calls) = (acceptor.clone(), Arc::clone(&calls));
        connections.spawn(async move {
            match acceptor {
                None => play(stream, |stream| stream, acts, &calls).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        play(stream, |stream| stream.get_ref().0, acts, &calls).await;
                    }
                }
            }
        });
    }
}

/// Plays a script, and then closes the connection. `None` ends it where the other side is gone, which may happen at any time.
async fn play<S>(mut stream: S, socket: fn(&S) -> &TcpStream, acts: Vec<Act>, calls: &AtomicUsize)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    for act in acts {
        let done = match act {
            Act::Hear => hear(&mut stream, is_whole).await.map(|()| count(calls)),
            Act::HearSome => hear(&mut stream, |request| !request.is_empty()).await.map(|()| count(calls)),
            Act::Say(bytes) => said(&mut stream, &bytes).await,
            Act::SayOf(answer) => said(&mut stream, &answer(calls.load(Ordering::SeqCst))).await,
            Act::SayAgain(bytes) => {
                while said(&mut stream, &bytes).await.is_some() {}
                None
            }
            Act::Drip(bytes) => {
                while said(&mut stream, &bytes).await.is_some() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                None
            }
            Act::Stall => {
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest).await;
                None
            }
            Act::Reset => {
                socket(&stream).set_zero_linger().unwrap();
                None
            }
            Act::Cut => None,
        };
        if done.is_none() {
            return;
        }
    }
    let _ = stream.shutdown().await;
}

fn count(calls: &AtomicUsize) {
    calls.fetch_add(1, Ordering::SeqCst);
}

async fn said<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).await.ok()?;
    stream.flush().await.ok()
}

async fn hear<S: AsyncRead + Unpin>(stream: &mut S, is_enough: fn(&[u8]) -> bool) -> Option<()> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    while !is_enough(&request) {
        match stream.read(&mut buffer).await {
            Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    }
    Some(())
}

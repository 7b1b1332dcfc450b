//! A vendor on loopback whose answers a closure makes, and which notes what it was asked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

/// A request as the vendor reads it.
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
}

impl Asked {
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.query.get(name).map(|text| text.parse().unwrap())
    }
}

type Gate = (&'static str, Arc<Barrier>);
type Answers = dyn Fn(&Asked) -> Value + Send + Sync;

/// The vendor. It stops with the test's runtime.
pub(crate) struct Vendor {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Vendor {
    /// Answers each request with 200 and what the closure makes of it; `Null` is 404, an empty text no body.
    pub(crate) async fn answering(answers: impl Fn(&Asked) -> Value + Send + Sync + 'static) -> Self {
        Self::start(Arc::new(answers), None).await
    }

    /// The same, but of requests whose path ends so none is answered before so many are waiting.
    pub(crate) async fn gated(
        path_end: &'static str,
        at_once: usize,
        answers: impl Fn(&Asked) -> Value + Send + Sync + 'static,
    ) -> Self {
        Self::start(Arc::new(answers), Some((path_end, Arc::new(Barrier::new(at_once))))).await
    }

    async fn start(answers: Arc<Answers>, gate: Option<Gate>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let vendor = Self { address, seen: Arc::clone(&seen) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), gate.clone(), Arc::clone(&seen)));
            }
        });
        vendor
    }

    /// Path and query of every request so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answers: Arc<Answers>, gate: Option<Gate>, seen: Arc<Mutex<Vec<String>>>) {
    while let Some(target) = read_target(&mut stream).await {
        seen.lock().unwrap().push(target.clone());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        if let Some((end, gate)) = &gate
            && path.ends_with(end)
        {
            gate.wait().await;
        }
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let answer = answers(&Asked { path: path.to_owned(), query });
        let (status, body) = match &answer {
            Value::Null => (404, String::new()),
            Value::String(text) if text.is_empty() => (200, String::new()),
            answer => (200, answer.to_string()),
        };
        let head = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    }
}

/// The target of the next GET.
async fn read_target(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
    }
    let text = String::from_utf8(bytes).unwrap();
    text.split(' ').nth(1).map(str::to_owned)
}

//! A vendor on loopback that says exactly the bytes it was given, for what no well-behaved stand-in would say.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Answers each request with the next text, the last one again and again; an empty text hangs up. Stops when dropped.
pub struct RawVendor {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl RawVendor {
    pub async fn start(answers: &[&[u8]]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<Vec<u8>> = answers.iter().map(|answer| answer.to_vec()).collect();
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                let mut next = 0;
                while let Ok((stream, _)) = listener.accept().await {
                    serve(stream, &answers[next.min(answers.len() - 1)], &seen).await;
                    next += 1;
                }
            }
        });
        Self { address, seen, task }
    }

    /// Answers each request with the next text, and then no longer listens.
    pub async fn leaving_after(answers: &[&[u8]]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<Vec<u8>> = answers.iter().map(|answer| answer.to_vec()).collect();
        let mut listener = (!answers.is_empty()).then_some(listener);
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                for (place, answer) in answers.iter().enumerate() {
                    let Some(Ok((stream, _))) = (match &listener {
                        Some(listening) => Some(listening.accept().await),
                        None => None,
                    }) else {
                        return;
                    };
                    if place + 1 == answers.len() {
                        listener = None;
                    }
                    serve(stream, answer, &seen).await;
                }
            }
        });
        Self { address, seen, task }
    }

    /// Every request so far, headers and all.
    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The method and path of every request so far.
    pub fn calls(&self) -> Vec<String> {
        let first_line = |request: &String| request.lines().next().unwrap_or_default().replace(" HTTP/1.1", "");
        self.seen.lock().unwrap().iter().map(first_line).collect()
    }
}

impl RawVendor {
    /// The body of every request so far.
    pub fn bodies(&self) -> Vec<String> {
        let body =
            |request: &String| request.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        self.seen.lock().unwrap().iter().map(body).collect()
    }
}

impl Drop for RawVendor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A whole answer; the connection ends with it.
pub fn answer(status: u16, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close");
    format!("{head}\r\n\r\n{body}").into_bytes()
}

/// A JSON answer with status 200.
pub fn json(body: &str) -> Vec<u8> {
    answer(200, "application/json", body)
}

async fn serve(mut stream: TcpStream, answer: &[u8], seen: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut buffer).await {
            Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    seen.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    // The other side may hang up first.
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
}

/// Whether a request has come to its end.
pub fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

//! Both ends of the gateway driven byte by byte, for what is said in which order.

use std::net::SocketAddr;

use server::sandbox::{API_KEY, APPLICATION, CONSUMER};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A vendor whose every byte a test says.
pub struct Quiet {
    pub address: SocketAddr,
    listener: TcpListener,
}

/// One end of a connection.
pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Quiet {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        Self { address: listener.local_addr().unwrap(), listener }
    }

    pub async fn accept(&self) -> Wire {
        Wire { stream: self.listener.accept().await.unwrap().0, read: Vec::new() }
    }
}

impl Wire {
    /// A call of the Proxy API with further header lines, each with its end of line; its body is still to come.
    pub async fn call(gateway: SocketAddr, method: &str, downstream_url: &str, lines: &str) -> Self {
        let mut wire = Self { stream: TcpStream::connect(gateway).await.unwrap(), read: Vec::new() };
        wire.send(&format!(
            "{method} /proxy HTTP/1.1\r\nhost: gateway.example\r\nauthorization: Bearer {API_KEY}\r\n\
             x-apideck-app-id: {APPLICATION}\r\nx-apideck-consumer-id: {CONSUMER}\r\n\
             x-apideck-service-id: agile-crm\r\nx-apideck-downstream-url: {downstream_url}\r\n{lines}\r\n"
        ))
        .await;
        wire
    }

    pub async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// What comes up to and with `end`; what is behind it stays.
    pub async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|window| window == end.as_bytes()) {
                let rest = self.read.split_off(at + end.len());
                return String::from_utf8(std::mem::replace(&mut self.read, rest)).unwrap();
            }
            assert!(self.more().await, "it ended before {end:?}: {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// Everything up to the end of the connection.
    pub async fn rest(&mut self) -> String {
        while self.more().await {}
        String::from_utf8(std::mem::take(&mut self.read)).unwrap()
    }

    async fn more(&mut self) -> bool {
        let mut part = vec![0; 16 * 1024];
        let read = self.stream.read(&mut part).await.unwrap_or_default();
        self.read.extend_from_slice(&part[..read]);
        read > 0
    }
}

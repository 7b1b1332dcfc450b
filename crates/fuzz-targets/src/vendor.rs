//! A vendor on loopback that answers what it is told to, and a client that knows no other address. One thread does both, so
//! that an input always takes the same way.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use connector_catalog::{Catalog, ConnectorDefinition, Limits};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use vendor_client::{
    Clock, ConnectionKey, ConnectorOverrides, Credentials, FixedCredentials, Resolver, VendorClient,
    VendorClientOptions, VendorSession,
};

/// What stands before the path of every request.
pub(crate) const BASE_PATH: &str = "/base";

/// The vendor and the way to it.
pub(crate) struct Vendor {
    runtime: Runtime,
    state: Arc<Mutex<State>>,
    address: SocketAddr,
    client: VendorClient,
}

/// What the vendor answers.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What the vendor was asked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Path and query, as sent.
    pub(crate) target: String,
    /// All that stands before the body.
    pub(crate) head: String,
}

#[derive(Default)]
struct State {
    answer: Answer,
    /// Paths that have an answer of their own, by how they end.
    fixed: BTreeMap<&'static str, &'static str>,
    requests: Vec<Request>,
}

/// Nothing is ever looked up: the vendor has a literal address.
struct NoNames;

#[async_trait]
impl Resolver for NoNames {
    async fn addresses(&self, host: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
        panic!("`{host}` is not the vendor's address")
    }
}

impl Vendor {
    /// A vendor that stands in for those of every connector of the catalogue.
    pub(crate) fn of(catalog: &Catalog, fixed: &[(&'static str, &'static str)]) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let fixed = fixed.iter().copied().collect();
        let state = Arc::new(Mutex::new(State { fixed, ..State::default() }));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        runtime.spawn(serve(listener, Arc::clone(&state)));
        let base = format!("http://{address}{BASE_PATH}");
        let overrides = ConnectorOverrides {
            base_url: Some(base.clone()),
            token_url: Some(base),
            limits: Some(Limits { requests: 1000, per: Duration::from_millis(1), concurrency: 100 }),
            ..ConnectorOverrides::default()
        };
        let overrides = catalog.connectors().map(|known| (known.service_id.clone(), overrides.clone())).collect();
        let options = VendorClientOptions {
            resolver: Arc::new(NoNames),
            clock: Clock::manual(jiff::Timestamp::UNIX_EPOCH),
            chance: || 0.5,
            ..VendorClientOptions::default()
        };
        let client = VendorClient::new(options, overrides).expect("a client");
        Self { runtime, state, address, client }
    }

    /// What the vendor answers from now on; what it was asked before is forgotten.
    pub(crate) fn answers(&self, answer: Answer) {
        let mut state = locked(&self.state);
        state.answer = answer;
        state.requests.clear();
    }

    /// What it was asked.
    pub(crate) fn requests(&self) -> Vec<Request> {
        locked(&self.state).requests.clone()
    }

    /// Its host and port.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn client(&self) -> &VendorClient {
        &self.client
    }

    pub(crate) fn session(
        &self,
        connector: &Arc<ConnectorDefinition>,
        settings: &[(impl AsRef<str>, impl AsRef<str>)],
    ) -> VendorSession {
        let given = Arc::new(FixedCredentials(Arc::new(credentials(settings))));
        self.client.session(Arc::clone(connector), ConnectionKey("one".into()), given)
    }

    /// Runs until the work is done.
    pub(crate) fn run<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }
}

pub(crate) fn credentials(settings: &[(impl AsRef<str>, impl AsRef<str>)]) -> Credentials {
    let secret = |value: &str| SecretString::from(value);
    let settings = settings.iter().map(|(name, value)| (name.as_ref().to_owned(), secret(value.as_ref())));
    Credentials { settings: settings.collect() }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, Arc::clone(&state)));
    }
}

/// Answers one request after the other, until the client hangs up.
async fn converse(mut stream: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    let mut received = Vec::new();
    loop {
        let head = loop {
            match received.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(end) => break String::from_utf8_lossy(&received[..end + 4]).into_owned(),
                None => receive(&mut stream, &mut received).await?,
            }
        };
        let end = head.len() + content_length(&head);
        while received.len() < end {
            receive(&mut stream, &mut received).await?;
        }
        received.drain(..end);
        let answer = answered(&state, head);
        stream.write_all(&answer).await.ok()?;
    }
}

async fn receive(stream: &mut TcpStream, received: &mut Vec<u8>) -> Option<()> {
    let count = stream.read_buf(received).await.ok()?;
    (count > 0).then_some(())
}

fn content_length(head: &str) -> usize {
    let mut lengths =
        head.lines().filter_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    lengths.next().unwrap_or_default()
}

fn answered(state: &Mutex<State>, head: String) -> Vec<u8> {
    let mut state = locked(state);
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let path = target.split('?').next().unwrap_or_default();
    let fixed = state.fixed.iter().find(|(end, _)| path.ends_with(**end)).map(|(_, body)| body.as_bytes().to_vec());
    if let Some(body) = fixed {
        return written(&Answer { status: 200, retry_after: None, body });
    }
    state.requests.push(Request { target, head });
    written(&state.answer)
}

/// An answer as it goes over the wire. Some statuses have no body.
fn written(answer: &Answer) -> Vec<u8> {
    let body = if matches!(answer.status, 204 | 304) { &[][..] } else { &answer.body };
    let retry_after = answer.retry_after.as_ref().map(|value| format!("Retry-After: {value}\r\n")).unwrap_or_default();
    let length = if answer.status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let mut text =
        format!("HTTP/1.1 {} Told\r\nContent-Type: application/json\r\n{length}{retry_after}\r\n", answer.status)
            .into_bytes();
    text.extend_from_slice(body);
    text
}

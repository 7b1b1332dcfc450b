//! A fake vendor that plays the exchanges of a case file: it answers what was expected and says what was not.

mod compare;
mod exchange;

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::exchange::VendorAnswer;
use crate::serving::Serving;
use compare::SeenCall;
pub use exchange::{Answer, Exchange, ExpectedRequest};

/// No vendor answers this status, so a test that sees it knows whom to ask.
const UNEXPECTED: u16 = 599;
const LARGEST_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Starts fake vendors.
#[derive(Debug, Clone, Copy)]
pub struct Replay;

impl Replay {
    /// Listens on a free loopback port and expects the exchanges in their order.
    ///
    /// `base_path` is the part of the connector's base URL that the files' paths leave out: with `/dev/api`, a call of
    /// `/dev/api/contacts` meets the expected path `/contacts`. Empty when the files spell paths in full.
    ///
    /// # Errors
    /// If no port can be listened on.
    pub async fn start(exchanges: Vec<Exchange>, base_path: &str) -> io::Result<RunningReplay> {
        serve(Script::new(exchanges, base_path, Order::AsWritten)).await
    }

    /// As [`start`](Self::start), for calls that may come in any order.
    ///
    /// # Errors
    /// If no port can be listened on.
    pub async fn start_in_any_order(exchanges: Vec<Exchange>, base_path: &str) -> io::Result<RunningReplay> {
        serve(Script::new(exchanges, base_path, Order::Any)).await
    }
}

/// A fake vendor that is listening. Dropping it stops it.
#[derive(Debug)]
pub struct RunningReplay {
    /// Where it listens.
    pub address: SocketAddr,
    serving: Serving,
    script: Arc<Mutex<Script>>,
}

impl RunningReplay {
    /// Stops listening and draws the balance.
    ///
    /// # Errors
    /// One readable text for each call that nobody expected and for each exchange that never came.
    pub async fn finish(self) -> Result<(), Vec<String>> {
        self.serving.stop().await;
        let complaints = lock(&self.script).complaints();
        if complaints.is_empty() { Ok(()) } else { Err(complaints) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    AsWritten,
    Any,
}

/// What is still to come, and what went wrong so far.
#[derive(Debug)]
struct Script {
    base_path: String,
    order: Order,
    /// With their numbers in the file, from 1.
    awaited: Vec<(usize, Exchange)>,
    mismatches: Vec<String>,
}

impl Script {
    fn new(exchanges: Vec<Exchange>, base_path: &str, order: Order) -> Self {
        let base_path = base_path.trim_end_matches('/').to_owned();
        Self { base_path, order, awaited: (1..).zip(exchanges).collect(), mismatches: Vec::new() }
    }

    /// The answer to a call that was expected, or what is wrong with it.
    fn next(&mut self, call: &SeenCall) -> Result<Answer, String> {
        let candidates = match self.order {
            Order::AsWritten => self.awaited.len().min(1),
            Order::Any => self.awaited.len(),
        };
        let mut report = format!("unexpected request: {call}");
        for index in 0..candidates {
            let (number, exchange) = &self.awaited[index];
            let differences = call.differences(&exchange.expect);
            if differences.is_empty() {
                return Ok(self.awaited.remove(index).1.answer);
            }
            let _ = write!(report, "\n  exchange {number} expects {}:", exchange.expect);
            for difference in differences {
                let _ = write!(report, "\n    {difference}");
            }
        }
        if self.awaited.is_empty() {
            report.push_str("\n  every exchange has been played");
        }
        self.mismatches.push(report.clone());
        Err(report)
    }

    fn complaints(&self) -> Vec<String> {
        let missing =
            self.awaited.iter().map(|(number, exchange)| format!("exchange {number} never came: {}", exchange.expect));
        self.mismatches.iter().cloned().chain(missing).collect()
    }
}

async fn serve(script: Script) -> io::Result<RunningReplay> {
    let script = Arc::new(Mutex::new(script));
    let router = Router::new().fallback(play).with_state(Arc::clone(&script));
    let serving = Serving::start(router, (Ipv4Addr::LOCALHOST, 0).into()).await?;
    Ok(RunningReplay { address: serving.address, serving, script })
}

async fn play(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY_BYTES).await else {
        return VendorAnswer::text(413, "The body is too large.").into_response();
    };
    // A statement of its own, so that the lock is not held while the answer is delayed.
    let next = {
        let mut script = lock(&script);
        let call = SeenCall::read(&parts, body, &script.base_path);
        script.next(&call)
    };
    match next {
        Ok(answer) => {
            tokio::time::sleep(Duration::from_millis(answer.delay_milliseconds)).await;
            respond(&answer)
        }
        Err(report) => VendorAnswer::text(UNEXPECTED, report).into_response(),
    }
}

fn respond(answer: &Answer) -> Response {
    let (content_type, body) = match (&answer.json, &answer.text) {
        (Some(json), _) => (Some("application/json"), json.to_string()),
        (None, Some(text)) => (Some("text/plain; charset=utf-8"), text.clone()),
        (None, None) => (None, String::new()),
    };
    let mut headers = HeaderMap::new();
    if let Some(content_type) = content_type {
        headers.insert("content-type", HeaderValue::from_static(content_type));
    }
    for (name, value) in &answer.headers {
        match (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            (Ok(name), Ok(value)) => headers.insert(name, value),
            _ => return VendorAnswer::text(UNEXPECTED, format!("`{name}: {value}` is no header")).into_response(),
        };
    }
    let Ok(status) = StatusCode::from_u16(answer.status) else {
        return VendorAnswer::text(UNEXPECTED, format!("{} is no status", answer.status)).into_response();
    };
    let mut response = body.into_response();
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

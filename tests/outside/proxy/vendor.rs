//! A vendor on loopback that remembers what it was asked and answers what it is told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The vendor. It serves until it is dropped.
pub struct Vendor {
    pub address: SocketAddr,
    desk: Arc<Desk>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Desk {
    seen: Mutex<Vec<Seen>>,
    answers: Mutex<VecDeque<Response<Body>>>,
}

impl Vendor {
    /// A vendor that gives these answers, one for each request, and then an empty 200 again and again.
    pub async fn answering(answers: impl IntoIterator<Item = Response<Body>>) -> Self {
        let desk = Arc::new(Desk { answers: Mutex::new(answers.into_iter().collect()), ..Desk::default() });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&desk));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, desk, serving }
    }

    pub async fn start() -> Self {
        Self::answering([]).await
    }

    /// Adds an answer to those that it has still to give.
    pub fn will(&self, answer: Response<Body>) {
        self.desk.answers.lock().unwrap().push_back(answer);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.desk.seen.lock().unwrap().clone()
    }

    /// The only request so far.
    #[track_caller]
    pub fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An answer with these headers.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response<Body> {
    let response = Response::builder().status(status);
    let response = headers.iter().fold(response, |response, (name, value)| response.header(*name, *value));
    response.body(body.into()).unwrap()
}

async fn serve(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    desk.seen.lock().unwrap().push(Seen { method: head.method.to_string(), target, headers: head.headers, body });
    desk.answers.lock().unwrap().pop_front().unwrap_or_default()
}

//! Quay CRM: people behind an access token, and the end-points that give, renew and take back tokens. What the next token request
//! comes to is the test's to say.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Form, Json, Router};
use serde_json::json;
use tokio::sync::Notify;

pub const CLIENT_ID: &str = "client-7";
pub const CLIENT_SECRET: &str = "client-secret-of-quay";
/// The one account that has a password.
pub const ACCOUNT: [&str; 2] = ["ann@quay.example", "password-of-ann"];

/// What a token request comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Mood {
    /// New tokens, and the old ones void.
    #[default]
    Rotate,
    /// A new access token, no refresh token in the answer.
    Keep,
    /// The grant is over.
    GrantOver,
    /// Too many requests.
    TooMany(u32),
    /// A fault of its own.
    Fault,
    /// An answer in this form; `{access}`, `{refresh}` and `{home}` stand for what is given.
    Say(TokenForm),
}

/// A form that an answer may have.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenForm {
    pub status: u16,
    pub media_type: Option<String>,
    pub body: String,
    pub is_utf16: bool,
}

impl TokenForm {
    fn is_success(&self) -> bool {
        self.body.contains("{access}")
    }

    fn response(&self, access: &str, refresh: &str, home: &str) -> Response {
        let text = self.body.replace("{access}", access).replace("{refresh}", refresh).replace("{home}", home);
        let body =
            if self.is_utf16 { text.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { text.into_bytes() };
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap();
        if let Some(media_type) = &self.media_type {
            response.headers_mut().insert("content-type", media_type.parse().unwrap());
        }
        response
    }
}

#[derive(Default)]
struct Books {
    mood: Mood,
    issued: u64,
    lifetime: u64,
    access: BTreeSet<String>,
    refresh: BTreeSet<String>,
    token_requests: Vec<HashMap<String, String>>,
    /// Which tokens were given for a code or a refresh token.
    exchanged: HashMap<String, u64>,
    /// The access token of the last call.
    called_with: Option<String>,
    revoked: Vec<String>,
    refused_calls: u64,
    deposits: Vec<String>,
    home: String,
}

/// The vendor. It serves until it is dropped.
pub struct Quay {
    pub address: SocketAddr,
    books: Arc<Mutex<Books>>,
    gate: Arc<Gate>,
    serving: tokio::task::JoinHandle<()>,
}

/// Holds token answers back while it is closed.
#[derive(Default)]
struct Gate {
    is_closed: std::sync::atomic::AtomicBool,
    opened: Notify,
    arrived: Notify,
}

#[derive(Clone)]
struct Desk {
    books: Arc<Mutex<Books>>,
    gate: Arc<Gate>,
}

impl Quay {
    pub async fn start() -> Self {
        let (books, gate) = (Arc::<Mutex<Books>>::default(), Arc::<Gate>::default());
        let router = Router::new()
            .route("/token", post(token))
            .route("/revoke", post(revoke))
            .route("/people", get(people))
            .route("/deposit", any(deposit))
            .with_state(Desk { books: Arc::clone(&books), gate: Arc::clone(&gate) });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        books.lock().unwrap().lifetime = 3600;
        books.lock().unwrap().home = format!("http://{address}");
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, books, gate, serving }
    }

    pub fn set(&self, mood: Mood) {
        self.books.lock().unwrap().mood = mood;
    }

    /// How long the next tokens live, in seconds.
    pub fn set_lifetime(&self, seconds: u64) {
        self.books.lock().unwrap().lifetime = seconds;
    }

    /// Tokens that somebody else was given.
    pub fn give(&self) -> (String, String) {
        self.books.lock().unwrap().give()
    }

    /// Makes every refresh token void.
    pub fn forget_refresh(&self) {
        self.books.lock().unwrap().refresh.clear();
    }

    /// Makes every access token void.
    pub fn forget_access(&self) {
        self.books.lock().unwrap().access.clear();
    }

    pub fn token_requests(&self) -> Vec<HashMap<String, String>> {
        self.books.lock().unwrap().token_requests.clone()
    }

    /// The number of the tokens that were last given for a code or a refresh token, whether or not anybody got the answer.
    pub fn exchanged(&self, code_or_token: &str) -> Option<u64> {
        self.books.lock().unwrap().exchanged.get(code_or_token).copied()
    }

    /// The number of the tokens that the last call came with, void or not; forgotten once it is told.
    pub fn called_with(&self) -> Option<u64> {
        let token = self.books.lock().unwrap().called_with.take()?;
        token.strip_prefix("access-of-quay-")?.parse().ok()
    }

    pub fn revoked(&self) -> Vec<String> {
        self.books.lock().unwrap().revoked.clone()
    }

    /// How many calls came with a token that is void.
    pub fn refused_calls(&self) -> u64 {
        self.books.lock().unwrap().refused_calls
    }

    /// Every body that came to `/deposit`, the refused ones too.
    pub fn deposits(&self) -> Vec<String> {
        self.books.lock().unwrap().deposits.clone()
    }

    /// From now on token requests wait, after they have been served, for [`Quay::open`].
    pub fn close(&self) {
        self.gate.is_closed.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    pub fn open(&self) {
        self.gate.is_closed.store(false, std::sync::atomic::Ordering::SeqCst);
        self.gate.opened.notify_waiters();
    }

    /// Until a token request is there.
    pub async fn token_request_arrived(&self) {
        self.gate.arrived.notified().await;
    }
}

impl Drop for Quay {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Books {
    /// Whether a call has a token that is not void.
    fn lets_in(&mut self, headers: &HeaderMap) -> bool {
        let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        self.called_with = token.map(str::to_owned);
        let lets_in = token.is_some_and(|token| self.access.contains(token));
        self.refused_calls += u64::from(!lets_in);
        lets_in
    }

    fn give(&mut self) -> (String, String) {
        self.issued += 1;
        let (access, refresh) = (format!("access-of-quay-{}", self.issued), format!("refresh-of-quay-{}", self.issued));
        self.access.insert(access.clone());
        self.refresh.insert(refresh.clone());
        (access, refresh)
    }

    fn answer(&mut self, form: &HashMap<String, String>) -> Response {
        let refused = |status: StatusCode, error: &str| (status, Json(json!({ "error": error }))).into_response();
        let client = (form.get("client_id").map(String::as_str), form.get("client_secret").map(String::as_str));
        if client != (Some(CLIENT_ID), Some(CLIENT_SECRET)) {
            return refused(StatusCode::UNAUTHORIZED, "invalid_client");
        }
        match self.mood.clone() {
            Mood::GrantOver => return refused(StatusCode::BAD_REQUEST, "invalid_grant"),
            Mood::TooMany(seconds) => {
                let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "slow_down");
                response.headers_mut().insert("retry-after", seconds.into());
                return response;
            }
            Mood::Fault => return refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
            Mood::Say(form) if !form.is_success() => return form.response("", "", ""),
            Mood::Rotate | Mood::Keep | Mood::Say(_) => {}
        }
        if form.get("grant_type").is_some_and(|grant| grant == "password") {
            let given = ["username", "password"].map(|name| form.get(name).map(String::as_str));
            if given != ACCOUNT.map(Some) {
                return refused(StatusCode::BAD_REQUEST, "invalid_grant");
            }
        }
        if let Some(old) = form.get("refresh_token") {
            if !self.refresh.contains(old) {
                return refused(StatusCode::BAD_REQUEST, "invalid_grant");
            }
            let keeps = |form: &TokenForm| !form.body.contains("{refresh}");
            let keeps = matches!(&self.mood, Mood::Keep) || matches!(&self.mood, Mood::Say(form) if keeps(form));
            if !keeps {
                self.refresh.remove(old);
            }
        }
        let (access, refresh) = self.give();
        let spent = form.get("refresh_token").or_else(|| form.get("code"));
        self.exchanged.extend(spent.map(|spent| (spent.clone(), self.issued)));
        if let Mood::Say(form) = &self.mood {
            return form.response(&access, &refresh, &self.home);
        }
        let mut body = json!({
            "access_token": access, "token_type": "bearer", "expires_in": self.lifetime, "home": self.home,
        });
        if self.mood == Mood::Rotate {
            body["refresh_token"] = refresh.into();
        }
        Json(body).into_response()
    }
}

async fn token(State(desk): State<Desk>, Form(form): Form<HashMap<String, String>>) -> Response {
    let response = {
        let mut books = desk.books.lock().unwrap();
        books.token_requests.push(form.clone());
        books.answer(&form)
    };
    desk.gate.arrived.notify_one();
    loop {
        let opened = desk.gate.opened.notified();
        if !desk.gate.is_closed.load(std::sync::atomic::Ordering::SeqCst) {
            break;
        }
        opened.await;
    }
    response
}

async fn revoke(State(desk): State<Desk>, Form(form): Form<HashMap<String, String>>) -> StatusCode {
    let mut books = desk.books.lock().unwrap();
    books.refresh.remove(&form["token"]);
    books.revoked.push(form["token"].clone());
    StatusCode::OK
}

async fn people(State(desk): State<Desk>, headers: HeaderMap) -> impl IntoResponse {
    let mut books = desk.books.lock().unwrap();
    if books.lets_in(&headers) {
        return (StatusCode::OK, Json(json!({ "people": [{ "id": 1, "name": "Ada" }] })));
    }
    (StatusCode::UNAUTHORIZED, Json(json!({ "error": "the token is void" })))
}

async fn deposit(State(desk): State<Desk>, headers: HeaderMap, body: String) -> (StatusCode, &'static str) {
    let mut books = desk.books.lock().unwrap();
    books.deposits.push(body);
    if books.lets_in(&headers) { (StatusCode::OK, "kept") } else { (StatusCode::UNAUTHORIZED, "the token is void") }
}

//! Harbour CRM, which exists in `docs/add-a-vendor.md` alone: people in two envelopes, in pages, behind a bearer key.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// How many people there are at first, with the ids from 1 on.
pub const PEOPLE: u64 = 120;
const LARGEST_PAGE: usize = 50;

type People = Arc<Mutex<BTreeMap<u64, Value>>>;
type Answer = (StatusCode, Json<Value>);

pub struct Harbour {
    pub address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

impl Harbour {
    pub async fn start() -> Self {
        let people: People = Arc::new(Mutex::new((1..=PEOPLE).map(|id| (id, person(id))).collect()));
        let router = Router::new()
            .route("/v2/people", get(list).post(add))
            .route("/v2/people/{id}", get(one).patch(update).delete(delete))
            .layer(axum::middleware::from_fn(only_with_the_key))
            .with_state(people);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { address, serving: tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }) }
    }
}

impl Drop for Harbour {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub fn person(id: u64) -> Value {
    json!({
        "id": id,
        "name": { "first": format!("Person {id}"), "last": "Quay" },
        "mail": format!("person{id}@harbour.example"),
        "phones": [],
        "labels": "",
        "changed": 1_715_080_333_000_u64 + id,
    })
}

async fn only_with_the_key(
    headers: HeaderMap,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Result<axum::response::Response, Answer> {
    if headers.get("authorization").is_some_and(|value| value == "Bearer harbour-key") {
        return Ok(next.run(request).await);
    }
    Err(refused(StatusCode::UNAUTHORIZED, "the key is wrong"))
}

fn refused(status: StatusCode, text: &str) -> Answer {
    (status, Json(json!({ "error": { "text": text } })))
}

fn shown(status: StatusCode, person: &Value) -> Answer {
    (status, Json(json!({ "result": { "person": person } })))
}

async fn list(State(people): State<People>, Query(query): Query<HashMap<String, String>>) -> Answer {
    let number = |name: &str, default: usize| query.get(name).map_or(default, |text| text.parse().unwrap());
    let (page, size) = (number("page", 1), number("per_page", LARGEST_PAGE).min(LARGEST_PAGE));
    let people = people.lock().unwrap();
    let mut found: Vec<&Value> =
        people.values().filter(|person| query.get("mail").is_none_or(|mail| person["mail"] == **mail)).collect();
    match query.get("order").map(String::as_str) {
        Some("changed") => found.sort_by_key(|person| person["changed"].as_u64()),
        Some("-changed") => found.sort_by_key(|person| std::cmp::Reverse(person["changed"].as_u64())),
        _ => {}
    }
    let total = found.len();
    let shown: Vec<&Value> = found.into_iter().skip((page - 1) * size).take(size).collect();
    (StatusCode::OK, Json(json!({ "result": { "people": shown, "total": total } })))
}

async fn one(State(people): State<People>, Path(id): Path<u64>) -> Answer {
    match people.lock().unwrap().get(&id) {
        Some(person) => shown(StatusCode::OK, person),
        None => refused(StatusCode::NOT_FOUND, "no such person"),
    }
}

async fn add(State(people): State<People>, Json(sent): Json<Value>) -> Answer {
    let mut people = people.lock().unwrap();
    if people.values().any(|person| person["mail"] == sent["mail"]) {
        return refused(StatusCode::BAD_REQUEST, "mail is taken");
    }
    let id = people.keys().next_back().unwrap() + 1;
    let mut new = person(id);
    lay_over(&mut new, &sent);
    people.insert(id, new.clone());
    shown(StatusCode::CREATED, &new)
}

async fn update(State(people): State<People>, Path(id): Path<u64>, Json(sent): Json<Value>) -> Answer {
    match people.lock().unwrap().get_mut(&id) {
        Some(person) => {
            lay_over(person, &sent);
            shown(StatusCode::OK, person)
        }
        None => refused(StatusCode::NOT_FOUND, "no such person"),
    }
}

async fn delete(State(people): State<People>, Path(id): Path<u64>) -> Answer {
    match people.lock().unwrap().remove(&id) {
        Some(_) => (StatusCode::NO_CONTENT, Json(Value::Null)),
        None => refused(StatusCode::NOT_FOUND, "no such person"),
    }
}

/// Objects member by member, everything else as a whole.
fn lay_over(old: &mut Value, new: &Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                lay_over(old.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (old, new) => *old = new.clone(),
    }
}

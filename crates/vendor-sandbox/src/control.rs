//! The sandbox's own end-points, beside the vendors: reset, what was asked, bad days and OAuth on order.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;

use crate::exchange::VendorAnswer;
use crate::fault::Fault;
use crate::sandbox::{SERVICES, Sandbox};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/requests", get(requests))
        .route("/_sandbox/faults", post(inject))
        .route("/_sandbox/release", post(release))
        .route("/_sandbox/oauth/{service}", get(calls).post(order))
}

async fn reset(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.reset();
    StatusCode::NO_CONTENT
}

async fn requests(State(sandbox): State<Sandbox>) -> Response {
    let seen = serde_json::to_string(&sandbox.requests()).expect("pairs, texts and JSON values have a JSON form");
    ([(CONTENT_TYPE, "application/json")], seen).into_response()
}

async fn inject(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    match read_fault(&body) {
        Ok(fault) => {
            sandbox.inject(fault);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(message) => VendorAnswer::text(400, message).into_response(),
    }
}

async fn release(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.release();
    StatusCode::NO_CONTENT
}

async fn calls(State(sandbox): State<Sandbox>, Path(service): Path<String>) -> Response {
    let calls = serde_json::to_string(&sandbox.oauth_calls(&service)).expect("numbers have a JSON form");
    ([(CONTENT_TYPE, "application/json")], calls).into_response()
}

async fn order(State(sandbox): State<Sandbox>, Path(service): Path<String>, body: Bytes) -> Response {
    match serde_json::from_slice(&body) {
        Ok(order) if sandbox.order(&service, &order) => StatusCode::NO_CONTENT.into_response(),
        Ok(_) => VendorAnswer::text(404, format!("No vendor `{service}` with OAuth here.")).into_response(),
        Err(error) => VendorAnswer::text(400, error.to_string()).into_response(),
    }
}

fn read_fault(body: &[u8]) -> Result<Fault, String> {
    let fault: Fault = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if SERVICES.contains(&fault.service.as_str()) {
        Ok(fault)
    } else {
        Err(format!("service: no vendor `{}` here, only {}", fault.service, SERVICES.join(", ")))
    }
}

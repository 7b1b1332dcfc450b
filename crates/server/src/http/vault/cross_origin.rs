//! Web pages of other origins: those that an application lists may call the Vault API with a session.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};

use super::super::Http;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, x-apideck-app-id, x-apideck-auth-type, x-apideck-consumer-id, x-apideck-service-id",
);
const EXPOSED: HeaderValue = HeaderValue::from_static("request-id, x-apideck-request-id, retry-after");
const AN_HOUR: HeaderValue = HeaderValue::from_static("3600");

/// The application whose session a call had; left in the answer for [`share`] to read.
#[derive(Debug, Clone)]
pub(super) struct SessionOf(pub(super) std::sync::Arc<str>);

/// Answers what browsers ask before they call, and tells them which page may read an answer: a page of the application whose
/// session it was. Where nobody was recognised the answer is an error that says so, and any listed page may read it.
pub(in crate::http) async fn share(State(http): State<Http>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else { return next.run(request).await };
    let applications = match origin.to_str() {
        Ok(origin) => http.inner.gateway.vault().applications_of_origin(origin).await.unwrap_or_default(),
        Err(_) => std::sync::Arc::from(Vec::new()),
    };
    let asks_first =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks_first {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NO_CONTENT;
        if !applications.is_empty() {
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            headers.insert(ACCESS_CONTROL_MAX_AGE, AN_HOUR);
        }
        response
    } else {
        next.run(request).await
    };
    let may_read = match response.extensions().get::<SessionOf>() {
        Some(SessionOf(application)) => applications.iter().any(|id| **id == **application),
        None => !applications.is_empty() && (asks_first || response.status() == StatusCode::UNAUTHORIZED),
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if may_read {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

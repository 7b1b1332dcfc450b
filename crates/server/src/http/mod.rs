//! The HTTP face: routes, headers in and out, envelopes, documentation pages. The only place, beside the sandbox, that knows axum.

mod connector;
mod crm;
mod pages;
mod proxy;
pub(crate) mod reply;
mod request;
mod vault;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use gateway::{Call, CallNotes, Gateway, GatewayError};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tower_http::catch_panic::CatchPanicLayer;
use unified_model::RequestParts;

use crate::serving::ClientTooSlow;
use crm::{envelope, route};
use reply::error as failure;
pub use reply::links::PublicUrl;
use request::log::Incoming;

/// What every request handler shares.
#[derive(Clone)]
pub struct Http {
    inner: Arc<Inner>,
}

struct Inner {
    gateway: Gateway,
    public_url: PublicUrl,
    max_body_bytes: usize,
}

/// The server's router.
pub fn router(gateway: Gateway, public_url: PublicUrl, max_body_bytes: usize) -> Router {
    let http = Http { inner: Arc::new(Inner { gateway, public_url: public_url.clone(), max_body_bytes }) };
    Router::new()
        .route("/crm/{*rest}", any(crm))
        .route("/connector/{*rest}", any(connector))
        .route("/proxy", any(proxied))
        .route("/proxy/", any(proxied))
        .route("/proxy/{*rest}", any(proxied))
        .route("/vault/{*rest}", any(vault_api))
        .route("/vault/authorize/{*rest}", any(authorize))
        .route("/vault/callback", any(callback))
        .route("/vault/revoke/{*rest}", any(revoke))
        .merge(pages::router(&public_url))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(CatchPanicLayer::custom(move |_| failure::after_panic(&public_url)))
        .with_state(http)
}

async fn crm(State(http): State<Http>, request: Request) -> Response {
    respond(&http, request, Http::answer).await
}

async fn connector(State(http): State<Http>, request: Request) -> Response {
    respond(&http, request, async |http, request, _| http.describe(request).await).await
}

async fn proxied(State(http): State<Http>, request: Request) -> Response {
    let mut response = respond(&http, request, Http::proxy).await;
    proxy::mark(&mut response);
    response
}

async fn vault_api(State(http): State<Http>, request: Request) -> Response {
    let origin = vault::origin(request.headers());
    if let (Some(origin), true) = (&origin, vault::asks_first(request.method(), request.headers())) {
        return http.may_call(origin.clone()).await;
    }
    let mut readers = vault::Readers::default();
    let answer = async |http: &Http, request, notes: &CallNotes| http.vault(request, &mut readers, notes).await;
    let mut response = respond(&http, request, answer).await;
    // Links and sessions are for whoever asked.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(origin) = origin {
        http.share(&mut response, origin, &readers).await;
    }
    response
}

async fn authorize(State(http): State<Http>, request: Request) -> Response {
    respond(&http, request, async |http, request, _| http.authorize(request).await).await
}

async fn callback(State(http): State<Http>, request: Request) -> Response {
    respond(&http, request, async |http, request, _| http.callback(request).await).await
}

async fn revoke(State(http): State<Http>, request: Request) -> Response {
    respond(&http, request, async |http, request, _| http.revoke(request).await).await
}

async fn unknown(State(http): State<Http>, request: Request) -> Response {
    respond(&http, request, async |_, request, _| Err(route::unknown(request.method(), request.uri().path()))).await
}

/// Answers a request, with an id that its log line has too, and has it logged.
async fn respond(
    http: &Http,
    request: Request,
    answer: impl AsyncFnOnce(&Http, Request, &CallNotes) -> Result<Response, GatewayError>,
) -> Response {
    let started = Instant::now();
    let (incoming, notes) = (Incoming::of(&request), CallNotes::default());
    let (request_id, method, path) = (incoming.id.as_str(), &incoming.method, incoming.path());
    let answered = answer(http, request, &notes).await;
    let outcome = match &answered {
        Ok(response) => (response.status().as_u16(), None),
        Err(error) => (error.status, Some(error.error_type.type_name())),
    };
    http.record(&incoming, &notes, outcome, started.elapsed());
    let mut response = match answered {
        Ok(response) => {
            tracing::debug!(%method, path, request_id, status = response.status().as_u16(), micros = micros(started), "served");
            response
        }
        Err(error) => {
            tracing::info!(
                %method, path, request_id, status = error.status, error_type = error.error_type.type_name(),
                origin = ?error.origin, class = error.class.as_str(), micros = micros(started), "refused"
            );
            failure::response(&error, &http.inner.public_url)
        }
    };
    identify(&mut response, request_id);
    response
}

/// Tells the caller the id that log lines have.
fn identify(response: &mut Response, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("request-id", value.clone());
        response.headers_mut().insert("x-apideck-request-id", value);
    }
}

fn logged(path: &str) -> &str {
    if path.starts_with("/proxy/") { "/proxy/*" } else { path }
}

fn micros(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}

impl Http {
    async fn answer(&self, request: Request, notes: &CallNotes) -> Result<Response, GatewayError> {
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or_default();
        let target = route::Target::of(&head.method, head.uri.path(), query)?;
        let authorization = text(&head.headers, "authorization")?;
        let application_id = text(&head.headers, "x-apideck-app-id")?;
        let consumer_id = text(&head.headers, "x-apideck-consumer-id")?;
        let body = if target.takes_body() {
            // Nobody's body is read before it is known whose it is.
            let caller = self.inner.gateway.caller(authorization, application_id).await?;
            notes.called_by(&caller, consumer_id);
            check_content_type(&head.headers)?;
            Some(self.read(body).await?)
        } else {
            None
        };
        let call = Call {
            authorization,
            application_id,
            consumer_id,
            service_id: text(&head.headers, "x-apideck-service-id")?,
            parts: RequestParts {
                resource: target.resource,
                operation: target.operation,
                parent: target.parent.as_deref(),
                id: target.id.as_deref(),
                query,
                body: body.as_deref(),
            },
        };
        let response = self.inner.gateway.execute(call, notes).await?;
        Ok(envelope::response(&response, &self.inner.public_url, head.uri.path(), query))
    }

    async fn read(&self, body: Body) -> Result<Vec<u8>, GatewayError> {
        let most = self.inner.max_body_bytes;
        if body.size_hint().lower() > most as u64 {
            return Err(failure::body_too_large(most));
        }
        match Limited::new(body, most).collect().await {
            Ok(collected) => Ok(collected.to_bytes().to_vec()),
            Err(error) if error.is::<LengthLimitError>() => Err(failure::body_too_large(most)),
            Err(error) if ClientTooSlow::caused(&*error) => Err(failure::body_timeout()),
            Err(_) => Err(failure::invalid("body: it was cut off; send all of it")),
        }
    }
}

/// The text of a header. One that is there twice is refused: a proxy in between may have looked at the other.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, GatewayError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(failure::invalid_header(format!("{name}: is given more than once; send it once")));
    }
    value.to_str().map(Some).map_err(|_| failure::invalid_header(format!("{name}: use visible ASCII characters only")))
}

/// A body is JSON in UTF-8; a client that says otherwise is told, rather than misread.
fn check_content_type(headers: &HeaderMap) -> Result<(), GatewayError> {
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(failure::invalid_header("Content-Encoding: send the body uncompressed"));
    }
    let Some(content_type) = text(headers, header::CONTENT_TYPE.as_str())?.filter(|value| !value.is_empty()) else {
        return if has_body(headers) {
            Err(failure::invalid_header("Content-Type: send application/json; the header is missing"))
        } else {
            Ok(())
        };
    };
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    let is_json = kind.trim().eq_ignore_ascii_case("application/json");
    if !is_json || charset.is_some_and(|charset| charset != "utf-8") {
        return Err(failure::invalid_header(format!("Content-Type: send application/json, not {content_type}")));
    }
    Ok(())
}

/// Whether a request announces a body.
fn has_body(headers: &HeaderMap) -> bool {
    let has_length = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    has_length || headers.contains_key(header::TRANSFER_ENCODING)
}

/// A response with a JSON body.
fn json(status: u16, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

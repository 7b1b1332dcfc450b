//! Pages for people and machines that need no connection: the APIs' documents, their viewer, the error reference, liveness.

mod pictures;

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{Redirect, Response};
use axum::routing::get;
use gateway::ErrorType;
use http::{HeaderValue, header};

use super::reply::links::PublicUrl;
use super::request::Http;
use crate::http::unified_api::OFFERED;

/// The viewer's own files are all it may load: no other host, no inline script.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static CRM_DOCUMENT: LazyLock<Vec<u8>> =
    LazyLock::new(|| serde_json::to_vec(&unified_model::document_json(OFFERED)).unwrap_or_default());

static VAULT_DOCUMENT: LazyLock<Vec<u8>> =
    LazyLock::new(|| serde_json::to_vec(&unified_model::vault_document_json()).unwrap_or_default());

static CONNECTOR_DOCUMENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    // A test reads what is served here.
    let document: serde_json::Value =
        serde_saphyr::from_str(include_str!("../../../../../spec/connector.yaml")).unwrap_or_default();
    document.to_string().into_bytes()
});

static PROXY_DOCUMENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    // A test reads what is served here.
    let document: serde_json::Value =
        serde_saphyr::from_str(include_str!("../../../../../spec/proxy.yaml")).unwrap_or_default();
    document.to_string().into_bytes()
});

pub(super) fn router(public_url: &PublicUrl) -> Router<Http> {
    let errors = errors_page(public_url);
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/docs") }))
        .route("/healthz", get(health))
        .route("/openapi.json", get(|| async { asset("application/json", CRM_DOCUMENT.as_slice()) }))
        .route("/openapi/connector.json", get(|| async { asset("application/json", CONNECTOR_DOCUMENT.as_slice()) }))
        .route("/openapi/vault.json", get(|| async { asset("application/json", VAULT_DOCUMENT.as_slice()) }))
        .route("/openapi/proxy.json", get(|| async { asset("application/json", PROXY_DOCUMENT.as_slice()) }))
        .route("/docs", get(viewer))
        .route("/docs/connector", get(viewer))
        .route("/docs/vault", get(viewer))
        .route("/docs/proxy", get(viewer))
        .route("/docs/coverage", get(coverage))
        .route("/pictures/{service_id}/{name}", get(pictures::picture))
        .route(
            "/docs/docs.js",
            get(|| async {
                asset("text/javascript; charset=utf-8", include_bytes!("../../../assets/swagger-ui/docs.js"))
            }),
        )
        .route(
            "/docs/swagger-ui-bundle.js",
            get(|| async {
                asset(
                    "text/javascript; charset=utf-8",
                    include_bytes!("../../../assets/swagger-ui/swagger-ui-bundle.js"),
                )
            }),
        )
        .route(
            "/docs/swagger-ui.css",
            get(|| async {
                asset("text/css; charset=utf-8", include_bytes!("../../../assets/swagger-ui/swagger-ui.css"))
            }),
        )
        .route("/docs/errors", get(move || async move { page(errors) }))
}

/// Whether calls can be served: the store can be read and written.
async fn health(State(http): State<Http>) -> Response {
    match http.vault().check_store().await {
        Ok(()) => asset("text/plain; charset=utf-8", b"ok\n"),
        Err(error) => {
            tracing::warn!(%error, "not healthy");
            let mut response = asset("text/plain; charset=utf-8", b"the store is not available\n");
            *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
    }
}

/// One page shows every document; which one, its script tells from the address.
async fn viewer() -> Response {
    asset("text/html; charset=utf-8", include_bytes!("../../../assets/swagger-ui/index.html"))
}

/// What the definitions in use cover.
async fn coverage(State(http): State<Http>) -> Response {
    let body = connector_catalog::coverage_page(http.vault().catalog()).to_html();
    page(format!("{}<body>{body}</body></html>", head("Coverage of the Trunkline CRM API")))
}

fn asset(content_type: &'static str, bytes: &'static [u8]) -> Response {
    with_headers(Body::from(bytes), content_type)
}

fn page(html: String) -> Response {
    with_headers(Body::from(html), "text/html; charset=utf-8")
}

fn with_headers(body: Body, content_type: &'static str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The beginning of a page of ours.
fn head(title: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}\
         h2{{font-size:1.1rem;margin-bottom:.2rem}}:target{{background:#fff3c4}}code{{background:#f2f2f2;padding:0 .2rem}}\
         td,th{{border:1px solid #ddd;padding:.2rem .5rem;text-align:left;vertical-align:top}}table{{border-collapse:collapse}}</style>\
         </head>"
    )
}

/// One section for each type, at the anchor that `ref` points to.
fn errors_page(public_url: &PublicUrl) -> String {
    let mut html = head("Errors of the Trunkline APIs");
    html.push_str(
        "<body><h1>Errors</h1><p>Every error has the members <code>status_code</code>, <code>error</code>, \
         <code>type_name</code>, <code>message</code>, <code>detail</code> and <code>ref</code>; <code>detail</code> says what to \
         change.</p>",
    );
    for error_type in ErrorType::EVERY {
        let name = error_type.type_name();
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<section id=\"{}\"><h2>{name} <code>{}</code></h2><p>{}</p></section>",
            name.to_ascii_lowercase(),
            error_type.status(),
            error_type.meaning(),
        );
    }
    html.push_str("<p>The APIs:");
    for (name, path) in [("CRM", "/docs"), ("Vault", "/docs/vault"), ("Connector", "/docs/connector")] {
        let _ = write!(html, " <a href=\"{}{path}\">{name}</a>", public_url.as_str());
    }
    html.push_str("</p></body></html>");
    html
}

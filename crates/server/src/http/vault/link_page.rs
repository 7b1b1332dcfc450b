//! What a consumer sees in a browser whose link leads nowhere: a page in words, without scripts.

use axum::body::Body;
use axum::response::Response;
use gateway::GatewayError;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::reason::reason;
use crate::http::reply::error;
use crate::http::request::Http;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem;color:#222}h1{font-size:1.4rem}small{color:#666}";
/// Nothing is loaded, and the hash is that of the style above.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-ETJ20WPDgh8HN7OrfJsvTA9oz46tujdLIjFPPv43TcM='; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The error as whoever asks can read it: a page for a browser, JSON for anything else.
pub(super) fn answer(http: &Http, is_browser: bool, error: &GatewayError) -> Response {
    if is_browser { page(error) } else { error::response(error, http.public_url()) }
}

/// Whether a browser opens the address for a person. Programs that take anything get JSON.
pub(super) fn is_browser(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepted.flat_map(|value| value.split(','));
    kinds.any(|kind| {
        let mut parts = kind.split(';').map(str::trim);
        let is_html = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
        is_html && parts.all(|parameter| !parameter.replace(' ', "").eq_ignore_ascii_case("q=0"))
    })
}

fn page(error: &GatewayError) -> Response {
    let mut response = Response::new(Body::from(html(error)));
    *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(seconds) = error::retry_after(error) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(error.origin);
    response
}

fn html(error: &GatewayError) -> String {
    let (title, advice) = if error.status >= 500 {
        ("This did not work", "Wait a minute, and then start again from the application that you came from.")
    } else {
        ("This link cannot be used", "Close this window, and start again from the application that you came from.")
    };
    let reason = escaped(&reason(&error.detail).unwrap_or_else(|| error.error_type.message().to_owned()));
    let type_name = error.error_type.type_name();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head>\
         <body><h1>{title}</h1><p>{reason}</p><p>{advice}</p><p><small>{type_name}</small></p></body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

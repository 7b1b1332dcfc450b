//! A vendor call and its answer without HTTP's machinery: what the imitations of vendors work on.

use axum::http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// One call to a vendor.
#[derive(Debug, Clone)]
pub(crate) struct VendorRequest {
    pub(crate) service: String,
    pub(crate) method: Method,
    /// Below the service, as sent.
    pub(crate) path: String,
    /// The parts of `path`, decoded, empty ones left out.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A request's body as its `Content-Type` says to read it.
#[derive(Debug, PartialEq)]
pub(crate) enum Content {
    Empty,
    Json(Value),
    Form(Vec<(String, String)>),
    /// Called JSON, but is none.
    Malformed,
    /// Neither JSON nor a form.
    Other,
}

impl VendorRequest {
    /// Takes the first part of the path for the service.
    pub(crate) fn read(parts: &Parts, body: Bytes) -> Self {
        let whole = parts.uri.path().trim_start_matches('/');
        let (service, path) = whole.split_at(whole.find('/').unwrap_or(whole.len()));
        Self {
            service: service.to_owned(),
            method: parts.method.clone(),
            path: path.to_owned(),
            segments: path.split('/').filter(|part| !part.is_empty()).map(decode).collect(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            headers: parts.headers.clone(),
            body,
        }
    }

    /// The header's value; empty when it is missing or not text.
    pub(crate) fn header(&self, name: &HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The address of this path with another query, on the host that the caller used.
    pub(crate) fn url(&self, query: &[(String, String)]) -> String {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        // A `$` need not be encoded, and vendors that use it do not.
        let pair = |(name, value): &(String, String)| format!("{}={}", encode(name).replace("%24", "$"), encode(value));
        let pairs: Vec<String> = query.iter().map(pair).collect();
        let question_mark = if pairs.is_empty() { "" } else { "?" };
        format!("http://{}/{}{}{question_mark}{}", self.header(&HOST), self.service, self.path, pairs.join("&"))
    }

    /// The first value of that name in the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn content(&self) -> Content {
        if self.body.is_empty() {
            return Content::Empty;
        }
        let media_type = self.header(&CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.as_str() {
            "application/json" => serde_json::from_slice(&self.body).map_or(Content::Malformed, Content::Json),
            "application/x-www-form-urlencoded" => Content::Form(pairs(&self.body)),
            _ => Content::Other,
        }
    }

    /// The query's value of that name, or the form's.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let form = match self.content() {
            Content::Form(pairs) => pairs,
            _ => Vec::new(),
        };
        let mut everywhere = self.query.iter().chain(&form);
        everywhere.find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }
}

/// What a vendor answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VendorAnswer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) retry_after_seconds: Option<u64>,
    /// Further headers.
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Vec<u8>,
}

impl VendorAnswer {
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, content_type: None, retry_after_seconds: None, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::of(status, "application/json", value.to_string())
    }

    /// JSON in one of the forms that a parameter of the media type tells apart.
    pub(crate) fn json_of_form(status: u16, content_type: &'static str, value: &Value) -> Self {
        Self::of(status, content_type, value.to_string())
    }

    pub(crate) fn xml(status: u16, document: String) -> Self {
        Self::of(status, "application/xml", document)
    }

    pub(crate) fn text(status: u16, text: impl Into<String>) -> Self {
        Self::of(status, "text/plain;charset=UTF-8", text.into())
    }

    pub(crate) fn html(status: u16, page: impl Into<String>) -> Self {
        Self::of(status, "text/html;charset=UTF-8", page.into())
    }

    fn of(status: u16, content_type: &'static str, body: String) -> Self {
        Self { content_type: Some(content_type), body: body.into_bytes(), ..Self::empty(status) }
    }

    /// Sends a browser on.
    pub(crate) fn redirect(address: String) -> Self {
        Self::empty(302).with_header(LOCATION, address)
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An answer that ends a call early: no, and why.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) VendorAnswer);

/// What an end-point comes to.
pub(crate) type Outcome = Result<VendorAnswer, Refusal>;

impl IntoResponse for VendorAnswer {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.remove(CONTENT_TYPE);
        if let Some(content_type) = self.content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.append(name, value);
            }
        }
        response
    }
}

/// The decoded pairs of a query or a form.
pub(crate) fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

fn decode(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

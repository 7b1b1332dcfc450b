//! Success envelopes, written straight into bytes: the records inside are canonical JSON already.

use axum::response::Response;
use gateway::{ResponseData, UnifiedResponse};
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use unified_model::{Operation, Warning};
use vendor_client::RateLimit;

use super::raw;
use crate::http::reply::links::PublicUrl;

/// The response for a unified answer.
pub(in crate::http) fn response(answer: &UnifiedResponse, public_url: &PublicUrl, path: &str, query: &str) -> Response {
    let status = if answer.operation == Operation::Add { 201 } else { 200 };
    let raw = answer.raw.as_ref().map_or(0, |raw| raw::length(&raw.answers, &raw.calls));
    let mut body = Vec::with_capacity(512 + length(&answer.data) + raw);
    write(&mut body, answer, status, public_url, path, query);
    let mut response = crate::http::json(status, body);
    if let Some(limit) = &answer.rate_limit {
        rate_limit_headers(limit, response.headers_mut());
    }
    response
}

fn length(data: &ResponseData) -> usize {
    match data {
        ResponseData::Page { records, .. } => records.len() + 1024,
        ResponseData::Record(record) => record.len(),
        ResponseData::Id(id) => id.len(),
    }
}

fn write(body: &mut Vec<u8>, answer: &UnifiedResponse, status: u16, public_url: &PublicUrl, path: &str, query: &str) {
    body.extend_from_slice(if status == 201 {
        br#"{"status_code":201,"status":"Created","service":""#
    } else {
        br#"{"status_code":200,"status":"OK","service":""#
    });
    body.extend_from_slice(answer.service.as_str().as_bytes());
    body.extend_from_slice(br#"","resource":""#);
    body.extend_from_slice(answer.resource.as_str().as_bytes());
    body.extend_from_slice(br#"","operation":""#);
    body.extend_from_slice(answer.operation.as_str().as_bytes());
    body.extend_from_slice(br#"","data":"#);
    match &answer.data {
        ResponseData::Page { records, .. } => body.extend_from_slice(records),
        ResponseData::Record(record) => body.extend_from_slice(record),
        ResponseData::Id(id) => member(body, &Id { id }),
    }
    if let Some(meta) = Meta::of(answer) {
        body.extend_from_slice(br#","meta":"#);
        member(body, &meta);
    }
    if let ResponseData::Page { previous, next, .. } = &answer.data {
        body.extend_from_slice(br#","links":"#);
        member(body, &Links::to(previous.as_deref(), next.as_deref(), public_url, path, query));
    }
    if let Some(raw) = &answer.raw {
        body.extend_from_slice(br#","_raw":"#);
        raw::answers(body, &raw.answers);
        body.extend_from_slice(br#","_raw_exchanges":"#);
        raw::exchanges(body, &raw.calls);
    }
    body.push(b'}');
}

/// Writes a value of ours; texts, numbers and lists of them always serialize.
pub(in crate::http) fn member(body: &mut Vec<u8>, value: &impl Serialize) {
    if serde_json::to_writer(&mut *body, value).is_err() {
        body.extend_from_slice(b"null");
    }
}

#[derive(Serialize)]
struct Id<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct Meta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    items_on_page: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursors: Option<Cursors<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [Warning],
}

/// The cursors around a page.
#[derive(Serialize)]
pub(in crate::http) struct Cursors<'a> {
    pub(in crate::http) previous: Option<&'a str>,
    pub(in crate::http) current: Option<&'a str>,
    pub(in crate::http) next: Option<&'a str>,
}

/// The addresses around a page.
#[derive(Serialize)]
pub(in crate::http) struct Links {
    previous: Option<String>,
    current: String,
    next: Option<String>,
}

impl Links {
    /// This request's address, and the same with other cursors.
    pub(in crate::http) fn to(
        previous: Option<&str>,
        next: Option<&str>,
        public_url: &PublicUrl,
        path: &str,
        query: &str,
    ) -> Self {
        let with = |cursor: &str| public_url.with_cursor(path, query, cursor);
        Self { previous: previous.map(with), current: public_url.current(path, query), next: next.map(with) }
    }
}

impl<'a> Meta<'a> {
    fn of(answer: &'a UnifiedResponse) -> Option<Self> {
        let warnings = answer.warnings.as_slice();
        match &answer.data {
            ResponseData::Page { count, previous, current, next, total, .. } => Some(Self {
                items_on_page: Some(*count),
                cursors: Some(Cursors {
                    previous: previous.as_deref(),
                    current: current.as_deref(),
                    next: next.as_deref(),
                }),
                total_count: *total,
                warnings,
            }),
            ResponseData::Record(_) | ResponseData::Id(_) if warnings.is_empty() => None,
            ResponseData::Record(_) | ResponseData::Id(_) => {
                Some(Self { items_on_page: None, cursors: None, total_count: None, warnings })
            }
        }
    }
}

fn rate_limit_headers(limit: &RateLimit, headers: &mut HeaderMap) {
    let values = [
        ("x-downstream-ratelimit-limit", limit.limit),
        ("x-downstream-ratelimit-remaining", limit.remaining),
        ("x-downstream-ratelimit-reset", limit.reset),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            headers.insert(name, HeaderValue::from(value));
        }
    }
}

//! What `raw=true` adds to an answer: the vendor's own answers as the contract has them, and every vendor call beside them.

use connectors::Exchange;
use http::HeaderMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use vendor_client::{RecordedAnswer, RecordedBody, RecordedCall};

use crate::http::reply::envelope::member;

/// About as much as an exchange takes beside its bodies.
const EXCHANGE_BYTES: usize = 1024;

/// About how many bytes both members take.
pub(super) fn length(answers: &[Exchange], calls: &[RecordedCall]) -> usize {
    let answers: usize = answers.iter().map(|answer| answer.body.len() + 64).sum();
    let calls: usize = calls.iter().map(|call| EXCHANGE_BYTES + body_length(call)).sum();
    answers + calls
}

fn body_length(call: &RecordedCall) -> usize {
    let length = |body: &RecordedBody| match body {
        RecordedBody::Whole(body) => body.len(),
        RecordedBody::LeftOut(_) => 0,
    };
    length(&call.request_body) + call.answer.as_ref().map_or(0, |answer| length(&answer.body))
}

/// `_raw` is an object: an object body as it is, a list as `items`, several exchanges by their step.
pub(super) fn answers(body: &mut Vec<u8>, exchanges: &[Exchange]) {
    match exchanges {
        [only] if only.body.trim_ascii_start().starts_with(b"{") => vendor_json(body, only),
        [only] => {
            body.extend_from_slice(br#"{"items":"#);
            vendor_json(body, only);
            body.push(b'}');
        }
        several => {
            body.push(b'{');
            for (index, exchange) in several.iter().enumerate() {
                if index > 0 {
                    body.push(b',');
                }
                member(body, &exchange.step);
                body.push(b':');
                vendor_json(body, exchange);
            }
            body.push(b'}');
        }
    }
}

fn vendor_json(body: &mut Vec<u8>, exchange: &Exchange) {
    member(body, &Shown::of(&exchange.body));
}

/// `_raw_exchanges`: one object for each vendor call, in the order in which they ended.
pub(super) fn exchanges(body: &mut Vec<u8>, calls: &[RecordedCall]) {
    let calls: Vec<ShownCall<'_>> = calls.iter().map(ShownCall::of).collect();
    member(body, &calls);
}

#[derive(Serialize)]
struct ShownCall<'a> {
    step: &'a str,
    attempt: u32,
    started_at: String,
    duration_ms: u64,
    request: ShownRequest<'a>,
    response: Option<ShownResponse<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct ShownRequest<'a> {
    method: &'a str,
    url: &'a str,
    headers: Headers<'a>,
    #[serde(flatten)]
    body: ShownBody<'a>,
}

#[derive(Serialize)]
struct ShownResponse<'a> {
    status_code: u16,
    headers: Headers<'a>,
    #[serde(flatten)]
    body: ShownBody<'a>,
}

/// A body, or how many bytes were left out.
#[derive(Serialize)]
struct ShownBody<'a> {
    body: Shown<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_bytes_left_out: Option<usize>,
}

/// The vendor's bytes where they are JSON, else null for nothing and a text for anything else.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown<'a> {
    Nothing,
    Json(&'a RawValue),
    Text(std::borrow::Cow<'a, str>),
}

struct Headers<'a>(&'a HeaderMap);

impl<'a> ShownCall<'a> {
    fn of(call: &'a RecordedCall) -> Self {
        Self {
            step: &call.step,
            attempt: call.attempt,
            started_at: format!("{:.3}", call.started_at),
            duration_ms: u64::try_from(call.duration.as_millis()).unwrap_or(u64::MAX),
            request: ShownRequest {
                method: &call.method,
                url: &call.url,
                headers: Headers(&call.request_headers),
                body: ShownBody::of(&call.request_body),
            },
            response: call.answer.as_ref().ok().map(ShownResponse::of),
            error: call.answer.as_ref().err().map(String::as_str),
        }
    }
}

impl<'a> ShownResponse<'a> {
    fn of(answer: &'a RecordedAnswer) -> Self {
        Self { status_code: answer.status, headers: Headers(&answer.headers), body: ShownBody::of(&answer.body) }
    }
}

impl<'a> ShownBody<'a> {
    fn of(body: &'a RecordedBody) -> Self {
        match body {
            RecordedBody::Whole(bytes) => Self { body: Shown::of(bytes), body_bytes_left_out: None },
            RecordedBody::LeftOut(bytes) => Self { body: Shown::Nothing, body_bytes_left_out: Some(*bytes) },
        }
    }
}

impl<'a> Shown<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        if bytes.is_empty() {
            return Self::Nothing;
        }
        let json = serde_json::from_slice(bytes.trim_ascii());
        json.map_or_else(|_| Self::Text(String::from_utf8_lossy(bytes)), Self::Json)
    }
}

/// An object of texts: several values of one name are joined by commas, as HTTP has it.
impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.keys().map(|name| {
            let values: Vec<_> =
                self.0.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            (name.as_str(), values.join(", "))
        }))
    }
}

//! One vendor call: its answer judged by the definition's error rules and by what it claims to be.

use bytes::Bytes;
use connector_catalog::{ConnectorDefinition, ErrorMeaning, ErrorRule, Protocol};
use serde_json::Value;
use unified_model::Operation;
use vendor_client::{VendorReply, VendorRequest, VendorSession};

use crate::outcome::{Answered, Failure};
use crate::{odata, tree};

/// The beginning of a body that errors may show.
const EXCERPT_BYTES: usize = 1024;

/// A vendor's answer, kept for `_raw`.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The step it belongs to.
    pub step: String,
    /// The body as received.
    pub body: Bytes,
}

/// Sends a request and lets through only answers that mean success.
pub(crate) async fn call(
    connector: &ConnectorDefinition,
    operation: Operation,
    vendor: &VendorSession,
    request: VendorRequest,
) -> Result<VendorReply, Failure> {
    let step = request.step.clone();
    let mut reply = vendor.send(request).await.map_err(Failure::Transport)?;
    let cost = tree::cost(&reply.body);
    if cost > tree::MOST_BYTES {
        return Err(unusable(&reply, "it has more values than can be read at once"));
    }
    reply.body = vendor.with_room_to_read(reply.body, cost).await.map_err(Failure::Transport)?;
    if connector.protocol == Protocol::Odata {
        reply.body = odata::light(reply.body);
    }
    match refusal(connector, operation, &step, &reply) {
        None => Ok(reply),
        Some(failure) => Err(failure),
    }
}

fn refusal(connector: &ConnectorDefinition, operation: Operation, step: &str, reply: &VendorReply) -> Option<Failure> {
    let success = (200..300).contains(&reply.status);
    let may_match = connector.errors.iter().any(|rule| applies(rule, operation, step, reply.status));
    if success && !may_match {
        return None;
    }
    let json: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let rule = connector
        .errors
        .iter()
        .filter(|rule| applies(rule, operation, step, reply.status))
        .find(|rule| body_matches(rule, json.as_ref(), &reply.body));
    if success && rule.is_none() {
        return None;
    }
    let meaning = rule.map(|rule| rule.meaning).or_else(|| standard_meaning(reply.status));
    if meaning.is_none() && json.is_none() && !is_plain_text(&reply.body) {
        return Some(unusable(reply, "an error page that is not JSON"));
    }
    let message =
        rule.and_then(|rule| rule.message.clone()).or_else(|| vendor_message(connector, json.as_ref(), &reply.body));
    Some(Failure::Answered(Answered {
        status: reply.status,
        meaning,
        message,
        body: json.unwrap_or_else(|| Value::String(excerpt(&reply.body))),
        retry_after: reply.retry_after(),
    }))
}

fn applies(rule: &ErrorRule, operation: Operation, step: &str, status: u16) -> bool {
    rule.status.is_none_or(|expected| expected == status)
        && (rule.on.is_empty() || rule.on.contains(&operation))
        && (rule.steps.is_empty() || rule.steps.iter().any(|name| name == step))
}

fn body_matches(rule: &ErrorRule, json: Option<&Value>, body: &[u8]) -> bool {
    let has = rule.has.as_ref().is_none_or(|path| json.is_some_and(|value| path.find(value).is_some()));
    let text = !rule.text || (json.is_none() && !body.is_empty());
    let contains = rule.contains.as_ref().is_none_or(|needle| memchr::memmem::find(body, needle.as_bytes()).is_some());
    has && text && contains
}

/// What a status means where the definition says nothing of its own.
fn standard_meaning(status: u16) -> Option<ErrorMeaning> {
    match status {
        401 => Some(ErrorMeaning::Credentials),
        404 | 410 => Some(ErrorMeaning::NotFound),
        429 => Some(ErrorMeaning::RateLimited),
        _ => None,
    }
}

fn vendor_message(connector: &ConnectorDefinition, json: Option<&Value>, body: &[u8]) -> Option<String> {
    let Some(value) = json else {
        return is_plain_text(body).then(|| excerpt(body)).filter(|text| !text.is_empty());
    };
    let at_path = connector.error_messages.iter().find_map(|path| path.find(value)).and_then(Value::as_str);
    at_path.or_else(|| value.as_str()).map(str::to_owned)
}

/// An answer that cannot be used, whatever its status says.
pub(crate) fn unusable(reply: &VendorReply, reason: impl Into<String>) -> Failure {
    Failure::Unusable { status: reply.status, reason: reason.into(), excerpt: excerpt(&reply.body) }
}

/// Whether a write can have been answered like that: with nothing, JSON, or a word for people. A page of HTML, XML or half a
/// document says that something else answered, or that the answer was cut off.
pub(crate) fn is_plausible(body: &[u8]) -> bool {
    body.is_empty() || is_plain_text(body) || serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// A body that is short text for people rather than a page or a document.
fn is_plain_text(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        !text.starts_with('<') && !text.starts_with('{') && !text.starts_with('[')
    })
}

fn excerpt(body: &[u8]) -> String {
    let end = body.len().min(EXCERPT_BYTES);
    String::from_utf8_lossy(&body[..end]).trim().to_owned()
}

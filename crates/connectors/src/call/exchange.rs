//! One vendor call: its answer judged by the definition's error rules and by what it claims to be.

use connector_catalog::{ConnectorDefinition, Emptiness, ErrorMeaning};
use field_mapping::{Nothing, VendorPath};
use serde_json::Value;
use unified_model::Operation;
use vendor_client::{VendorReply, VendorRequest, VendorSession};

use crate::call::context::CallContext;
use crate::call::ids::as_text;
use crate::call::outcome::{Answered, Failure};
use crate::call::{error_rules, tree};

/// The beginning of a body that errors may show.
const EXCERPT_BYTES: usize = 1024;

/// The status of a part, which is answered to nobody who asks for the whole.
const PARTIAL_CONTENT: u16 = 206;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Sends a request and lets through only answers that mean success.
pub(crate) async fn call(
    context: CallContext<'_>,
    operation: Operation,
    request: VendorRequest,
) -> Result<VendorReply, Failure> {
    let step = request.step.clone();
    let mut reply = received(context.vendor, request).await?;
    reply.body = context.dialect.plain(reply.body, operation);
    judged(context.connector(), operation, &step, reply)
}

/// Sends a request and reads the answer, whatever it says.
pub(crate) async fn received(vendor: &VendorSession, request: VendorRequest) -> Result<VendorReply, Failure> {
    let mut reply = vendor.send(request).await.map_err(Failure::Transport)?;
    if reply.body.starts_with(BYTE_ORDER_MARK) {
        reply.body = reply.body.slice(BYTE_ORDER_MARK.len()..);
    }
    if (200..300).contains(&reply.status) && std::str::from_utf8(&reply.body).is_err() {
        return Err(unusable(&reply, "it is no UTF-8"));
    }
    let cost = tree::cost(&reply.body);
    if cost > tree::MOST_BYTES {
        return Err(unusable(&reply, "it has more values than can be read at once"));
    }
    reply.body = vendor.with_room_to_read(reply.body, cost).await.map_err(Failure::Transport)?;
    Ok(reply)
}

/// The answer, provided that it means success.
pub(crate) fn judged(
    connector: &ConnectorDefinition,
    operation: Operation,
    step: &str,
    reply: VendorReply,
) -> Result<VendorReply, Failure> {
    match refusal(connector, operation, step, &reply) {
        None => Ok(reply),
        Some(failure) => Err(failure),
    }
}

fn refusal(connector: &ConnectorDefinition, operation: Operation, step: &str, reply: &VendorReply) -> Option<Failure> {
    let rule = error_rules::first_met(connector, operation, step, reply);
    if rule.is_none() && reply.status == PARTIAL_CONTENT {
        return Some(unusable(reply, "it is a part of an answer, and the whole was asked for"));
    }
    if rule.is_none() && (200..300).contains(&reply.status) {
        return None;
    }
    let meaning = rule.map(|rule| rule.meaning).or_else(|| standard_meaning(reply.status));
    let json: Option<Value> = serde_json::from_slice(&reply.body).ok();
    // A refusal says no in whatever form. A page in the place of anything else may come from somebody in between.
    let is_refusal = (400..500).contains(&reply.status);
    if meaning.is_none() && json.is_none() && !is_refusal && !is_plain_text(&reply.body) {
        return Some(unusable(reply, "an error page that is not JSON"));
    }
    let message =
        rule.and_then(|rule| rule.message.clone()).or_else(|| vendor_message(connector, json.as_ref(), &reply.body));
    let code = json.as_ref().and_then(|json| vendor_code(connector, json));
    Some(Failure::Answered(Answered {
        status: reply.status,
        meaning,
        message,
        code,
        body: json.unwrap_or_else(|| Value::String(excerpt(&reply.body))),
        retry_after: reply.retry_after(),
    }))
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
    let Some(value) = json else { return Some(readable(&excerpt(body))).filter(|text| !text.is_empty()) };
    let at_path = connector.error_messages.iter().find_map(|path| path.find(value)).and_then(Value::as_str);
    at_path.or_else(|| value.as_str()).map(str::to_owned)
}

/// The vendor's own error code: a text that is not blank, or a number.
fn vendor_code(connector: &ConnectorDefinition, json: &Value) -> Option<String> {
    let codes = connector.error_codes.iter().filter_map(|path| path.find(json));
    codes.filter(|code| code.is_string() || code.is_number()).map(as_text).find(|code| !code.trim().is_empty())
}

/// Whether an answer of success holds nothing, as a 204 says. A body that is not there otherwise is one that was lost.
pub(crate) fn is_empty(reply: &VendorReply, empty: Emptiness) -> Result<bool, Failure> {
    match reply.body.is_empty() {
        true if matches!(reply.status, 204 | 205) || empty.no_body => Ok(true),
        true => Err(unusable(reply, "the answer has no body")),
        false => Ok(reply.status == 204),
    }
}

/// The rows of an answer; `None` where it has none and does not say so.
pub(crate) fn rows<'d>(document: &'d Value, at: &VendorPath, empty: Emptiness) -> Option<Vec<&'d Value>> {
    if at.goes_through_lists() {
        return at.elements(document, Nothing { null: empty.is_null, missing: empty.missing });
    }
    match at.find(document) {
        Some(Value::Array(rows)) => Some(rows.iter().collect()),
        Some(Value::Null) if empty.is_null => Some(Vec::new()),
        None if empty.missing && document.is_object() => Some(Vec::new()),
        Some(_) | None => None,
    }
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

/// What people read of a page or an XML document: the text between its tags. Other text stays as it is.
fn readable(text: &str) -> String {
    if !text.starts_with('<') {
        return text.to_owned();
    }
    let pieces = text.split('<').filter_map(|piece| piece.split_once('>'));
    let shown = pieces.filter(|(tag, _)| !tag.starts_with("script") && !tag.starts_with("style"));
    let words: Vec<&str> = shown.flat_map(|(_, text)| text.split_whitespace()).collect();
    words.join(" ")
}

fn excerpt(body: &[u8]) -> String {
    let end = body.len().min(EXCERPT_BYTES);
    String::from_utf8_lossy(&body[..end]).trim().to_owned()
}

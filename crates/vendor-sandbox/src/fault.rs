//! Bad days on order: what a vendor does wrong for the next few calls that match.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use http_body::Frame;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::exchange::{VendorAnswer, VendorRequest};
use crate::paces;

const ALLOWED: &str = "`{\"status\": 429, \"retry_after\": 1}`, `{\"slow\": milliseconds}`, `{\"marked\": {\"is_deleted\": true}}`, \
                       `{\"html\": status}`, `\"html\"`, \
                       `\"truncated\"`, `\"error_inside_success\"`, `\"own_id\"`, `\"repeat_cursor\"`, `\"held\"`, \
                       `\"hang_up\"`, `{\"largest_page\": records}`, `{\"every_page\": records}`, `\"same_page\"` or \
                       `\"empty_page\"`";

/// What goes wrong, for which calls, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The vendor that has the bad day, such as `agile-crm`.
    pub service: String,
    /// The HTTP method, or `write` for every method but GET; every method where it is left out.
    #[serde(default)]
    pub method: Option<String>,
    /// How the path below the service begins: `/dev/api/contacts`. Empty matches every path.
    #[serde(default)]
    pub path_prefix: String,
    /// How many matching calls go well before it begins.
    #[serde(default)]
    pub after: u32,
    /// How many matching calls it lasts for.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    #[serde(rename = "fault")]
    pub kind: FaultKind,
}

impl Fault {
    /// What goes wrong with the next call to a vendor.
    #[must_use]
    pub fn of(service: &str, kind: FaultKind) -> Self {
        Self { service: service.to_owned(), method: None, path_prefix: String::new(), after: 0, times: 1, kind }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "FaultForm")]
pub enum FaultKind {
    /// This status is answered and the call has no effect.
    Status {
        /// The status.
        status: u16,
        /// Seconds for a `Retry-After` header.
        retry_after: Option<u64>,
    },
    /// The call takes effect at once, its answer waits that long.
    Slow(Duration),
    /// A page for people is answered and the call has no effect.
    Html {
        /// The status.
        status: u16,
    },
    /// An error in the vendor's own words is answered with status 200 and the call has no effect.
    ErrorInsideSuccess,
    /// A new record gets an id of the vendor's own, also where the call proposes one.
    OwnId,
    /// The call takes effect, and the second half of its answer is missing.
    Truncated,
    /// The last record carries the cursor that the call has sent, or the page links to itself, so that the list never
    /// ends. Lists by page number have nothing to repeat.
    RepeatCursor,
    /// The call takes effect, and every record of its answer has these members: the vendor's mark of a deleted one.
    Marked(Map<String, Value>),
    /// The call takes effect, and its answer waits until the sandbox is told to release what it holds, or is reset.
    Held,
    /// The call takes effect, and the connection is cut before the answer.
    HangUp,
    /// A page has at most so many records, whatever size is asked for.
    LargestPage(usize),
    /// A page has so many records, whatever size is asked for.
    EveryPage(usize),
    /// The first page is answered, whatever page number or offset is asked for.
    SamePage,
    /// Before the first page stands an empty one, with a cursor or an address that leads to it. Lists by page number, and
    /// those whose cursor is in the last record, have no place for one.
    EmptyPage,
}

impl FaultKind {
    /// The answer given in place of the vendor's own.
    pub(crate) fn instead(&self, request: &VendorRequest) -> Option<VendorAnswer> {
        match self {
            Self::Status { status, retry_after } => Some(VendorAnswer {
                retry_after_seconds: *retry_after,
                ..VendorAnswer::text(*status, "The sandbox was told to answer this.")
            }),
            Self::Html { status } => {
                Some(VendorAnswer::html(*status, "<!doctype html><title>Back soon</title><p>Back soon.</p>"))
            }
            Self::ErrorInsideSuccess => Some(VendorAnswer::json(200, &error_of(&request.service))),
            Self::Slow(_)
            | Self::Truncated
            | Self::OwnId
            | Self::RepeatCursor
            | Self::Marked(_)
            | Self::Held
            | Self::HangUp
            | Self::LargestPage(_)
            | Self::EveryPage(_)
            | Self::SamePage
            | Self::EmptyPage => None,
        }
    }

    /// The call as the vendor takes it: not always as it was made.
    pub(crate) fn taken<'r>(&self, request: &'r VendorRequest) -> Cow<'r, VendorRequest> {
        match self {
            Self::OwnId => with_another_id(request),
            Self::LargestPage(most) => {
                Cow::Owned(paces::sized(request, |asked| asked.map_or(*most, |asked| asked.min(*most))))
            }
            Self::EveryPage(size) => Cow::Owned(paces::sized(request, |_| *size)),
            Self::SamePage => Cow::Owned(paces::first(request)),
            Self::Status { .. }
            | Self::Html { .. }
            | Self::ErrorInsideSuccess
            | Self::Slow(_)
            | Self::Truncated
            | Self::RepeatCursor
            | Self::Marked(_)
            | Self::Held
            | Self::HangUp
            | Self::EmptyPage => Cow::Borrowed(request),
        }
    }

    /// What becomes of the vendor's own answer.
    pub(crate) fn spoil(&self, request: &VendorRequest, mut answer: VendorAnswer) -> VendorAnswer {
        match self {
            Self::Truncated => answer.body.truncate(answer.body.len() / 2),
            Self::RepeatCursor => repeat_cursor(request, &mut answer),
            Self::Marked(mark) => marked(mark, &mut answer),
            Self::EmptyPage => paces::empty(request, &mut answer),
            Self::Status { .. }
            | Self::Html { .. }
            | Self::ErrorInsideSuccess
            | Self::OwnId
            | Self::Slow(_)
            | Self::Held
            | Self::HangUp
            | Self::LargestPage(_)
            | Self::EveryPage(_)
            | Self::SamePage => {}
        }
        answer
    }
}

/// A record whose id is not the one that was proposed.
fn with_another_id(request: &VendorRequest) -> Cow<'_, VendorRequest> {
    let Ok(Value::Object(mut record)) = serde_json::from_slice::<Value>(&request.body) else {
        return Cow::Borrowed(request);
    };
    for (_, id) in record.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("id")) {
        *id = Value::String(another(id.as_str().unwrap_or_default()));
    }
    Cow::Owned(VendorRequest { body: Value::Object(record).to_string().into(), ..request.clone() })
}

/// Takes the first fault that matches and whose time has come, and uses it up once.
pub(crate) fn take(faults: &mut Vec<Fault>, request: &VendorRequest) -> Option<FaultKind> {
    let due = faults.iter().position(|fault| fault.times > 0 && fault.after == 0 && matches(fault, request));
    for waiting in faults.iter_mut().filter(|fault| matches(fault, request)) {
        waiting.after = waiting.after.saturating_sub(1);
    }
    let index = due?;
    faults[index].times -= 1;
    let kind = faults[index].kind.clone();
    faults.retain(|fault| fault.times > 0);
    Some(kind)
}

/// A response whose body fails before its first byte: hyper then drops the connection with nothing sent.
pub(crate) fn hang_up() -> Response {
    Response::new(Body::new(CutOff))
}

fn matches(fault: &Fault, request: &VendorRequest) -> bool {
    fault.service == request.service
        && fault.method.as_ref().is_none_or(|method| is_meant(method, request.method.as_str()))
        && request.path.starts_with(&fault.path_prefix)
}

fn is_meant(wanted: &str, method: &str) -> bool {
    wanted.eq_ignore_ascii_case(method) || (wanted == "write" && method != "GET")
}

fn repeat_cursor(request: &VendorRequest, answer: &mut VendorAnswer) {
    let Ok(mut records) = serde_json::from_slice::<Value>(&answer.body) else { return };
    if records.is_object() {
        return repeat_next_link(request, answer, records);
    }
    let Some(sent) = request.parameter("cursor") else { return };
    if let Some(Value::Object(last)) = records.as_array_mut().and_then(|records| records.last_mut()) {
        last.insert("cursor".to_owned(), Value::String(sent));
        answer.body = records.to_string().into_bytes();
    }
}

/// `OData`'s cursor is an address; the one repeated is that of the page itself. Other cursors stand beside the records.
fn repeat_next_link(request: &VendorRequest, answer: &mut VendorAnswer, mut page: Value) {
    if let Some(sent) = request.query("after").filter(|_| page["results"].is_array()) {
        page["paging"] = json!({"next": {"after": sent}});
    } else if let Some(sent) = request.query("cursor").filter(|_| page["data"].is_array()) {
        page["additional_data"] = json!({"next_cursor": sent});
    } else if request.query("$skip").is_none() {
        return;
    }
    let own = Value::String(request.url(&request.query));
    if page["value"].is_array() {
        page["odata.nextLink"] = own;
    } else if page["d"]["results"].is_array() {
        page["d"]["__next"] = own;
    }
    answer.body = page.to_string().into_bytes();
}

/// The records of the six vendors: the answer itself, its elements, or what stands under one of their words for records.
fn marked(mark: &Map<String, Value>, answer: &mut VendorAnswer) {
    let Ok(mut document) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let holder = ["data", "results", "value", "items", "item", "d"]
        .into_iter()
        .find(|name| document[*name].is_object() || document[*name].is_array());
    let records = match holder {
        Some("d") if document["d"]["results"].is_array() => &mut document["d"]["results"],
        Some(name) => &mut document[name],
        None => &mut document,
    };
    let records = match records {
        Value::Array(records) => records.as_mut_slice(),
        record => std::slice::from_mut(record),
    };
    for record in records.iter_mut().filter_map(Value::as_object_mut) {
        record.extend(mark.clone());
    }
    answer.body = document.to_string().into_bytes();
}

/// The id with another first digit.
fn another(id: &str) -> String {
    let first = id.chars().next().and_then(|digit| digit.to_digit(16)).unwrap_or_default();
    let own = char::from_digit((first + 1) % 16, 16).unwrap_or_default();
    own.to_string() + id.get(1..).unwrap_or_default()
}

/// How a vendor words an error.
fn error_of(service: &str) -> Value {
    const MESSAGE: &str = "The sandbox was told to fail.";
    match service {
        "agile-crm" => json!({"status": "500", "exception message": MESSAGE}),
        "avid-crm" => json!({"odata.error": {"code": "", "message": {"lang": "en-US", "value": MESSAGE}}}),
        "axiomatic-crm" => json!({"error": MESSAGE}),
        "hubspot" => json!({"status": "error", "message": MESSAGE, "correlationId": "sandbox"}),
        "pipedrive" => json!({"success": false, "error": MESSAGE, "data": null}),
        _ => json!({"error": true, "message": MESSAGE, "statusCode": 500}),
    }
}

fn once() -> u32 {
    1
}

/// The two ways to write a fault: a word, or an object for those that need a number.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a fault is `{\"status\": 429, \"retry_after\": 1}`, `{\"slow\": milliseconds}` or a word"
)]
enum FaultForm {
    Word(String),
    Object(FaultObject),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultObject {
    status: Option<u16>,
    retry_after: Option<u64>,
    slow: Option<u64>,
    marked: Option<Map<String, Value>>,
    html: Option<u16>,
    largest_page: Option<usize>,
    every_page: Option<usize>,
}

impl FaultObject {
    /// What its one member says.
    fn kind(self) -> Option<FaultKind> {
        let Self { status, retry_after, slow, marked, html, largest_page, every_page } = self;
        let others = [status.is_some(), retry_after.is_some(), slow.is_some(), html.is_some()];
        if let Some(mark) = marked {
            let is_alone = !others.contains(&true) && largest_page.is_none() && every_page.is_none();
            return is_alone.then_some(FaultKind::Marked(mark));
        }
        match (status, slow, html, largest_page, every_page) {
            (Some(status @ 200..=599), None, None, None, None) => Some(FaultKind::Status { status, retry_after }),
            _ if retry_after.is_some() => None,
            (None, Some(slow), None, None, None) => Some(FaultKind::Slow(Duration::from_millis(slow))),
            (None, None, Some(status @ 200..=599), None, None) => Some(FaultKind::Html { status }),
            (None, None, None, Some(most @ 1..), None) => Some(FaultKind::LargestPage(most)),
            (None, None, None, None, Some(size @ 1..)) => Some(FaultKind::EveryPage(size)),
            _ => None,
        }
    }
}

impl TryFrom<FaultForm> for FaultKind {
    type Error = String;

    fn try_from(form: FaultForm) -> Result<Self, String> {
        match form {
            FaultForm::Object(object) => object.kind().ok_or_else(|| format!("a fault is one of {ALLOWED}")),
            FaultForm::Word(word) => match word.as_str() {
                "html" => Ok(Self::Html { status: 200 }),
                "truncated" => Ok(Self::Truncated),
                "error_inside_success" => Ok(Self::ErrorInsideSuccess),
                "own_id" => Ok(Self::OwnId),
                "repeat_cursor" => Ok(Self::RepeatCursor),
                "held" => Ok(Self::Held),
                "hang_up" => Ok(Self::HangUp),
                "same_page" => Ok(Self::SamePage),
                "empty_page" => Ok(Self::EmptyPage),
                _ => Err(format!("`{word}` is no fault; a fault is one of {ALLOWED}")),
            },
        }
    }
}

struct CutOff;

impl HttpBody for CutOff {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(Err(std::io::Error::other("the sandbox was told to hang up"))))
    }
}

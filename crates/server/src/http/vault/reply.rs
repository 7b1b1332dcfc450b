//! Success envelopes of the Vault API.

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

use super::super::json;

#[derive(Serialize)]
struct Envelope<'a, T: Serialize> {
    status_code: u16,
    status: &'static str,
    data: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<crate::http::crm::envelope::Links>,
}

/// What is said of a page.
#[derive(Serialize)]
pub(super) struct Meta<'a> {
    pub(super) items_on_page: usize,
    pub(super) cursors: crate::http::crm::envelope::Cursors<'a>,
}

/// 200 with data.
pub(super) fn ok(data: &impl Serialize) -> Response {
    envelope(data, None, None)
}

/// 200 with a page of a list.
pub(super) fn page(data: &impl Serialize, meta: Meta<'_>, links: crate::http::crm::envelope::Links) -> Response {
    envelope(data, Some(meta), Some(links))
}

/// 204.
pub(super) fn gone() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn envelope(
    data: &impl Serialize,
    meta: Option<Meta<'_>>,
    links: Option<crate::http::crm::envelope::Links>,
) -> Response {
    let envelope = Envelope { status_code: 200, status: "OK", data, meta, links };
    // Texts, numbers, lists and maps with texts as keys always serialize.
    json(200, serde_json::to_vec(&envelope).unwrap_or_default())
}

//! The envelope of every success, written straight into bytes: canonical records inside are JSON already.

use axum::response::Response;
use serde::Serialize;
use unified_model::{Operation, Resource, ServiceId, Warning};

use super::json;
use super::links::{Links, OwnAddress};

/// About as much as an envelope takes beside its data.
const ENVELOPE_BYTES: usize = 512;

/// What stands around the data of a success.
#[derive(Default)]
pub(in crate::http) struct Envelope<'a> {
    /// Whether a record was created: 201 rather than 200.
    pub(in crate::http) created: bool,
    pub(in crate::http) origin: Option<DataOrigin<'a>>,
    pub(in crate::http) meta: Option<Meta<'a>>,
    pub(in crate::http) links: Option<Links>,
}

/// Where the data of a unified answer is from.
pub(in crate::http) struct DataOrigin<'a> {
    pub(in crate::http) service: &'a ServiceId,
    pub(in crate::http) resource: Resource,
    pub(in crate::http) operation: Operation,
}

/// What is said of the data.
#[derive(Serialize, Default)]
pub(in crate::http) struct Meta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::http) items_on_page: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::http) cursors: Option<Cursors<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::http) total_count: Option<u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(in crate::http) warnings: &'a [Warning],
}

/// The cursors around a page.
#[derive(Serialize)]
pub(in crate::http) struct Cursors<'a> {
    pub(in crate::http) previous: Option<&'a str>,
    pub(in crate::http) current: Option<&'a str>,
    pub(in crate::http) next: Option<&'a str>,
}

/// 200 with data.
pub(in crate::http) fn ok(data: &impl Serialize) -> Response {
    Envelope::default().around(ENVELOPE_BYTES, |body| member(body, data), |_| ())
}

/// 200 with a page of a list that is read forwards only.
pub(in crate::http) fn page<T: Serialize>(
    data: &[T],
    current: Option<&str>,
    next: Option<&str>,
    own: OwnAddress<'_>,
) -> Response {
    let cursors = Some(Cursors { previous: None, current, next });
    let meta = Meta { items_on_page: Some(data.len()), cursors, ..Meta::default() };
    let envelope = Envelope { meta: Some(meta), links: Some(Links::around(own, None, next)), ..Envelope::default() };
    envelope.around(ENVELOPE_BYTES, |body| member(body, &data), |_| ())
}

impl Envelope<'_> {
    /// The response with this envelope. `data` writes the data and `rest` what follows everything else; `room` is about how many
    /// bytes both take.
    pub(in crate::http) fn around(
        &self,
        room: usize,
        data: impl FnOnce(&mut Vec<u8>),
        rest: impl FnOnce(&mut Vec<u8>),
    ) -> Response {
        let mut body = Vec::with_capacity(ENVELOPE_BYTES + room);
        self.begin(&mut body);
        data(&mut body);
        self.end(&mut body);
        rest(&mut body);
        body.push(b'}');
        json(if self.created { 201 } else { 200 }, body)
    }

    fn begin(&self, body: &mut Vec<u8>) {
        body.extend_from_slice(if self.created {
            br#"{"status_code":201,"status":"Created""#
        } else {
            br#"{"status_code":200,"status":"OK""#
        });
        if let Some(DataOrigin { service, resource, operation }) = &self.origin {
            let members =
                [("service", service.as_str()), ("resource", resource.as_str()), ("operation", operation.as_str())];
            for (name, value) in members {
                body.extend_from_slice(br#",""#);
                body.extend_from_slice(name.as_bytes());
                body.extend_from_slice(br#"":""#);
                body.extend_from_slice(value.as_bytes());
                body.push(b'"');
            }
        }
        body.extend_from_slice(br#","data":"#);
    }

    fn end(&self, body: &mut Vec<u8>) {
        if let Some(meta) = &self.meta {
            body.extend_from_slice(br#","meta":"#);
            member(body, meta);
        }
        if let Some(links) = &self.links {
            body.extend_from_slice(br#","links":"#);
            member(body, links);
        }
    }
}

/// Writes a value of ours; texts, numbers, lists of them and maps with texts as keys always serialize.
pub(in crate::http) fn member(body: &mut Vec<u8>, value: &impl Serialize) {
    if serde_json::to_writer(&mut *body, value).is_err() {
        body.extend_from_slice(b"null");
    }
}

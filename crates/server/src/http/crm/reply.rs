//! A unified answer as a response: the records inside are canonical JSON already and go out untouched.

use axum::response::Response;
use gateway::{ResponseData, UnifiedResponse};
use serde::Serialize;
use unified_model::Operation;

use super::raw;
use crate::http::reply::envelope::{Cursors, DataOrigin, Envelope, Meta, member};
use crate::http::reply::links::{Links, OwnAddress};
use crate::http::reply::rate_limit;

/// The response for a unified answer.
pub(super) fn response(answer: &UnifiedResponse, own: OwnAddress<'_>) -> Response {
    let origin = DataOrigin { service: &answer.service, resource: answer.resource, operation: answer.operation };
    let envelope = Envelope {
        created: answer.operation == Operation::Add,
        origin: Some(origin),
        meta: meta(answer),
        links: links(answer, own),
    };
    let raw = answer.raw.as_ref().map_or(0, |raw| raw::length(&raw.answers, &raw.calls));
    let room = length(&answer.data) + raw;
    let mut response = envelope.around(room, |body| write_data(body, &answer.data), |body| write_raw(body, answer));
    if let Some(limit) = &answer.rate_limit {
        rate_limit::headers(limit, response.headers_mut());
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

fn write_data(body: &mut Vec<u8>, data: &ResponseData) {
    match data {
        ResponseData::Page { records, .. } => body.extend_from_slice(records),
        ResponseData::Record(record) => body.extend_from_slice(record),
        ResponseData::Id(id) => member(body, &Id { id }),
    }
}

fn write_raw(body: &mut Vec<u8>, answer: &UnifiedResponse) {
    if let Some(raw) = &answer.raw {
        body.extend_from_slice(br#","_raw":"#);
        raw::answers(body, &raw.answers);
        body.extend_from_slice(br#","_raw_exchanges":"#);
        raw::exchanges(body, &raw.calls);
    }
}

#[derive(Serialize)]
struct Id<'a> {
    id: &'a str,
}

fn meta(answer: &UnifiedResponse) -> Option<Meta<'_>> {
    let warnings = answer.warnings.as_slice();
    match &answer.data {
        ResponseData::Page { count, previous, current, next, total, .. } => Some(Meta {
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
        ResponseData::Record(_) | ResponseData::Id(_) => Some(Meta { warnings, ..Meta::default() }),
    }
}

fn links(answer: &UnifiedResponse, own: OwnAddress<'_>) -> Option<Links> {
    match &answer.data {
        ResponseData::Page { previous, next, .. } => Some(Links::around(own, previous.as_deref(), next.as_deref())),
        ResponseData::Record(_) | ResponseData::Id(_) => None,
    }
}

//! Axiomatic CRM as its HTTP API documentation describes it: one entity, its key, its end-points and what they lack.
//!
//! Documented are paths, parameters and the body of stages; other members and every status are modelled on them.

mod activities;
mod companies;
mod contacts;
mod input;
mod leads;
mod marketing;
mod memberships;
mod replies;
mod seed;
mod stages;
mod store;

use axum::http::HeaderName;
use axum::http::header::AUTHORIZATION;
use serde_json::Value;

use crate::exchange::{Content, Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::values::guid;
pub(crate) use store::Account;

/// Where the vendor is mounted.
pub(crate) const SERVICE_ID: &str = "axiomatic-crm";

/// The API key of the seeded Axiomatic entity.
pub const AXIOMATIC_API_KEY: &str = "ak_sandbox_key";
/// The entity that the key belongs to, which every call has to name.
pub const AXIOMATIC_ENTITY_ID: &str = "90a1b2c3-0000-4000-8000-000000000001";

static ENTITY_HEADER: HeaderName = HeaderName::from_static("x-entity-id");

impl Account {
    pub(crate) fn answer(&mut self, request: &VendorRequest) -> VendorAnswer {
        let outcome = authenticate(request).and_then(|()| check_entity(request)).and_then(|()| self.route(request));
        outcome.unwrap_or_else(|Refusal(answer)| answer)
    }

    fn route(&mut self, request: &VendorRequest) -> Outcome {
        let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        let ["api", "crm", path @ ..] = segments.as_slice() else { return Err(replies::not_found("Route")) };
        match (request.method.as_str(), path) {
            ("GET", ["dashboard"]) => Ok(self.dashboard()),
            ("POST", ["prospecting", "add-to-marketing-list"]) => marketing::add_to_list(self, request),
            ("POST", ["outbound-email"]) => marketing::send(self, request),
            ("GET", ["outbound-email-connections"]) => Ok(marketing::connections()),
            ("GET", ["companies"]) => companies::list(self, request),
            ("POST", ["companies"]) => companies::create(self, request),
            ("GET", ["companies", id]) => companies::one(self, id),
            ("PATCH", ["companies", id]) => companies::update(self, request, id),
            ("GET", ["companies", id, "contacts"]) => companies::contacts(self, id),
            ("GET", ["contacts"]) => contacts::list(self, request),
            ("POST", ["contacts"]) => contacts::create(self, request),
            ("GET", ["contacts", id]) => contacts::one(self, id),
            ("PATCH", ["contacts", id]) => contacts::update(self, request, id),
            ("DELETE", ["contacts", id]) => contacts::delete(self, id),
            ("GET", ["contacts", id, "company-memberships"]) => memberships::list(self, id),
            ("POST", ["contacts", id, "company-memberships"]) => memberships::create(self, request, id),
            ("PATCH", ["contacts", id, "company-memberships", mid]) => memberships::update(self, request, id, mid),
            ("DELETE", ["contacts", id, "company-memberships", mid]) => memberships::delete(self, id, mid),
            ("GET", ["pipeline-stages"]) => Ok(stages::list(self)),
            ("POST", ["pipeline-stages"]) => stages::create(self, request),
            ("POST", ["pipeline-stages", "reorder"]) => stages::reorder(self, request),
            ("PATCH", ["pipeline-stages", id]) => stages::update(self, request, id),
            ("DELETE", ["pipeline-stages", id]) => stages::delete(self, request, id),
            ("GET", ["leads"]) => leads::list(self, request),
            ("POST", ["leads"]) => leads::create(self, request),
            ("GET", ["leads", id]) => leads::one(self, id),
            ("PATCH", ["leads", id]) => leads::update(self, request, id),
            ("DELETE", ["leads", id]) => leads::delete(self, id),
            ("PATCH", ["leads", id, "stage"]) => leads::move_to_stage(self, request, id),
            ("GET", ["leads", id, "timeline"]) => leads::timeline(self, id),
            ("POST", ["leads", id, "activities"]) => activities::create_for_lead(self, request, id),
            ("GET", ["activities"]) => activities::list(self, request),
            ("POST", ["activities"]) => activities::create(self, request),
            ("GET", ["tasks"]) => activities::tasks(self, request),
            (
                _,
                ["companies" | "contacts" | "leads" | "activities" | "tasks" | "pipeline-stages" | "dashboard", ..]
                | ["outbound-email" | "outbound-email-connections"]
                | ["prospecting", "add-to-marketing-list"],
            ) => Err(replies::not_allowed()),
            _ => Err(replies::not_found("Route")),
        }
    }
}

fn authenticate(request: &VendorRequest) -> Result<(), Refusal> {
    let bearer = request.header(&AUTHORIZATION).split_once(' ');
    let accepted =
        bearer.is_some_and(|(scheme, key)| scheme.eq_ignore_ascii_case("bearer") && key.trim() == AXIOMATIC_API_KEY);
    if accepted { Ok(()) } else { Err(replies::unauthorized()) }
}

/// The entity stands in the query, in a header or in a JSON body; the first of them counts.
fn check_entity(request: &VendorRequest) -> Result<(), Refusal> {
    let in_query = request.query("entityId").or_else(|| request.query("entity_id")).map(str::to_owned);
    let in_header = || Some(request.header(&ENTITY_HEADER).to_owned()).filter(|id| !id.is_empty());
    let in_body = || match request.content() {
        Content::Json(Value::Object(members)) => members.get("entityId").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let named = in_query.or_else(in_header).or_else(in_body).ok_or_else(|| replies::wrong("entityId is required"))?;
    match guid::parse(&named) {
        None => Err(replies::wrong("entityId must be a UUID")),
        Some(id) if id == AXIOMATIC_ENTITY_ID => Ok(()),
        Some(_) => Err(replies::other_entity()),
    }
}

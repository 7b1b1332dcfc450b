//! `TeamsWork`'s "CRM as a Service" as far as its public page describes it: one instance, its end-points, its gateway.
//!
//! The page lists end-points and no field. Members, envelopes and error bodies are modelled on the vendor's sister product.

mod forms;
mod kinds;
mod pipelines;
mod records;
mod replies;
mod seed;
mod states;
mod store;

use axum::http::HeaderName;

use crate::exchange::{Outcome, Refusal, VendorAnswer, VendorRequest};
use kinds::Kind;
pub(crate) use store::Account;

/// Where the vendor is mounted.
pub(crate) const SERVICE_ID: &str = "teamswork-crm";

/// The primary subscription key of the seeded instance.
pub const TEAMSWORK_KEY: &str = "sandbox-primary-key";
/// The secondary subscription key, which is as good.
pub const TEAMSWORK_SECONDARY_KEY: &str = "sandbox-secondary-key";

static SUBSCRIPTION_KEY: HeaderName = HeaderName::from_static("ocp-apim-subscription-key");

impl Account {
    pub(crate) fn answer(&mut self, request: &VendorRequest) -> VendorAnswer {
        authenticate(request).and_then(|()| self.route(request)).unwrap_or_else(|Refusal(answer)| answer)
    }

    fn route(&mut self, request: &VendorRequest) -> Outcome {
        let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        let method = request.method.as_str();
        match (method, segments.as_slice()) {
            ("GET", ["pipeline", "pipelines", "opportunities"]) => pipelines::list(request),
            ("GET", ["pipeline", "pipelines", "opportunities", id]) => pipelines::one(id),
            ("GET", [area @ ("pipeline" | "directory"), "forms", form]) => forms::show(self, area, form),
            ("PUT", [area @ ("pipeline" | "directory"), "forms", form]) => forms::replace(self, request, area, form),
            ("POST", ["pipeline", "bulk-actions"]) => records::delete_many(self, request, &kinds::OF_PIPELINE),
            ("POST", ["directory", "bulk-actions"]) => records::delete_many(self, request, &kinds::OF_DIRECTORY),
            ("PATCH", ["pipeline", "opportunities", id, "updateStage"]) => states::update_stage(self, request, id),
            ("PATCH", ["pipeline", "opportunities", id, "updateStatus"]) => states::update_status(self, request, id),
            ("PATCH", ["pipeline", "leads", id, "archive"]) => states::archive(self, id, true),
            ("PATCH", ["pipeline", "leads", id, "unarchive"]) => states::archive(self, id, false),
            ("POST", ["pipeline", "leads", id, "convert"]) => states::convert(self, id),
            (_, [area, plural, rest @ ..]) => {
                let kind = Kind::at(area, plural).ok_or_else(replies::no_such_page)?;
                self.route_record(request, kind, rest)
            }
            _ => Err(replies::no_such_page()),
        }
    }

    fn route_record(&mut self, request: &VendorRequest, kind: Kind, rest: &[&str]) -> Outcome {
        match (request.method.as_str(), rest) {
            ("GET", []) => records::list(self, request, kind),
            ("POST", []) => records::create(self, request, kind),
            ("GET", [id]) => records::one(self, kind, id),
            ("PATCH", [id]) => records::update(self, request, kind, id),
            ("PUT", [id]) => records::replace(self, request, kind, id),
            ("DELETE", [id]) => records::delete(self, kind, id),
            _ => Err(replies::no_such_page()),
        }
    }
}

fn authenticate(request: &VendorRequest) -> Result<(), Refusal> {
    match request.header(&SUBSCRIPTION_KEY) {
        TEAMSWORK_KEY | TEAMSWORK_SECONDARY_KEY => Ok(()),
        "" => Err(replies::missing_key()),
        _ => Err(replies::invalid_key()),
    }
}

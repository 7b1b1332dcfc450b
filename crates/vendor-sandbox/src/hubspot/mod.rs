//! `HubSpot`: one account's contacts and companies as the CRM API v3 has them, and the OAuth end-points of v1.

mod associations;
mod authorization;
mod objects;
mod records;
mod replies;
mod search;
mod seed;
mod store;

use axum::http::HeaderName;
use axum::http::header::AUTHORIZATION;

use crate::exchange::{Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::oauth::Bearer;
pub use authorization::{HUBSPOT_ACCESS_TOKEN, HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET, HUBSPOT_REFRESH_TOKEN};
use objects::Kind;
pub(crate) use store::Account;

/// Where the vendor is mounted.
pub(crate) const SERVICE_ID: &str = "hubspot";

/// What the vendor says of its limit for apps; that of a day is left out with OAuth.
const LIMITS: [(&str, &str); 3] = [
    ("x-hubspot-ratelimit-max", "110"),
    ("x-hubspot-ratelimit-remaining", "109"),
    ("x-hubspot-ratelimit-interval-milliseconds", "10000"),
];

impl Account {
    pub(crate) fn answer(&mut self, request: &VendorRequest) -> VendorAnswer {
        let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        if let ["oauth", path @ ..] = segments.as_slice() {
            return self.authorization(request, path);
        }
        let answer = self.route(request, &segments).unwrap_or_else(|Refusal(answer)| answer);
        LIMITS.iter().fold(answer, |answer, (name, value)| answer.with_header(HeaderName::from_static(name), *value))
    }

    fn route(&mut self, request: &VendorRequest, segments: &[&str]) -> Outcome {
        let scopes = self.scopes(request)?;
        let ["crm", version @ ("v3" | "v4"), path @ ..] = segments else { return Err(replies::no_such_page()) };
        if let (["owners"], "GET") = (path, request.method.as_str()) {
            replies::require(&scopes, "crm.objects.owners.read")?;
            return Ok(self.owners());
        }
        let ["objects", plural, path @ ..] = path else { return Err(replies::no_such_page()) };
        let kind = Kind::named(plural).ok_or_else(replies::no_such_page)?;
        let reads = request.method == "GET" || path == ["search"];
        replies::require(&scopes, &kind.scope(reads))?;
        match (request.method.as_str(), *version, path) {
            ("GET", "v3", []) => records::list(self, request, kind),
            ("POST", "v3", []) => records::create(self, request, kind),
            ("POST", "v3", ["search"]) => search::search(self, request, kind),
            ("GET", "v3", [id]) => records::one(self, request, kind, id),
            ("PATCH", "v3", [id]) => records::update(self, request, kind, id),
            ("DELETE", "v3", [id]) => Ok(records::delete(self, kind, id)),
            (method, _, [id, "associations", path @ ..]) if kind == Kind::Contact => {
                associations::route(self, method, version, id, path)
            }
            _ => Err(replies::no_such_page()),
        }
    }

    /// What the caller's token was granted.
    fn scopes(&self, request: &VendorRequest) -> Result<String, Refusal> {
        let header = request.header(&AUTHORIZATION);
        match self.server.bearer(header) {
            Bearer::Of(_) => {}
            Bearer::Expired => return Err(replies::expired()),
            Bearer::Unknown => return Err(replies::not_authenticated()),
        }
        let token = header.split_once(' ').map(|(_, token)| token.trim()).unwrap_or_default();
        Ok(self.server.grant_of(token).map(|(_, scope)| scope.to_owned()).unwrap_or_default())
    }
}

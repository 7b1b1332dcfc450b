//! `Pipedrive`: the persons and organizations of two companies as the API v2 has them, each at an address of its own, and OAuth.

mod authorization;
mod items;
mod listing;
mod replies;
mod search;
mod seed;
mod store;

use axum::http::HeaderName;
use axum::http::header::AUTHORIZATION;

use crate::clock::Clock;
use crate::exchange::{Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::oauth::{AuthorizationServer, Bearer};
pub use authorization::{
    PIPEDRIVE_ACCESS_TOKEN, PIPEDRIVE_CLIENT_ID, PIPEDRIVE_CLIENT_SECRET, PIPEDRIVE_COMPANY, PIPEDRIVE_OTHER_COMPANY,
    PIPEDRIVE_REFRESH_TOKEN,
};
use items::Kind;
use store::Company;

/// Where the vendor is mounted.
pub(crate) const SERVICE_ID: &str = "pipedrive";

/// What the vendor says of its limit: so many tokens in two seconds.
const LIMITS: [(&str, &str); 3] =
    [("x-ratelimit-limit", "100"), ("x-ratelimit-remaining", "99"), ("x-ratelimit-reset", "2")];

/// The vendor with all its companies, which share nothing but the authorization server.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) server: AuthorizationServer,
    companies: [Company; 2],
}

impl Account {
    pub(crate) fn seeded(start: Clock) -> Self {
        let companies = [PIPEDRIVE_COMPANY, PIPEDRIVE_OTHER_COMPANY].map(|domain| Company::seeded(domain, start));
        Self { server: authorization::server(), companies }
    }

    pub(crate) fn answer(&mut self, request: &VendorRequest) -> VendorAnswer {
        let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        if let ["oauth", path @ ..] = segments.as_slice() {
            return authorization::answer(&mut self.server, request, path);
        }
        let answer = self.route(request, &segments).unwrap_or_else(|Refusal(answer)| answer);
        LIMITS.iter().fold(answer, |answer, (name, value)| answer.with_header(HeaderName::from_static(name), *value))
    }

    fn route(&mut self, request: &VendorRequest, segments: &[&str]) -> Outcome {
        let [domain, "api", "v2", path @ ..] = segments else { return Err(replies::no_such_page()) };
        let scope = self.scope(request, domain)?;
        let company = self.companies.iter_mut().find(|company| company.domain == *domain);
        let company = company.ok_or_else(replies::no_such_page)?;
        let [plural, path @ ..] = path else { return Err(replies::no_such_page()) };
        let kind = Kind::named(plural).ok_or_else(replies::no_such_page)?;
        let reads = request.method == "GET";
        let granted = |scopes: &[&str]| scope.split(',').any(|own| scopes.contains(&own));
        if !granted(if reads { &["contacts:read", "contacts:full"] } else { &["contacts:full"] }) {
            return Err(replies::forbidden());
        }
        match (request.method.as_str(), path) {
            ("GET", []) => listing::list(company, request, kind),
            ("POST", []) => items::create(company, request, kind),
            ("GET", ["search"]) => search::search(company, request, kind),
            ("GET", [id]) => items::one(company, kind, id),
            ("PATCH", [id]) => items::update(company, request, kind, id),
            ("DELETE", [id]) => items::delete(company, kind, id),
            _ => Err(replies::no_such_page()),
        }
    }

    /// What the caller's token was granted; it opens one company.
    fn scope(&self, request: &VendorRequest, domain: &str) -> Result<String, Refusal> {
        let header = request.header(&AUTHORIZATION);
        match self.server.bearer(header) {
            Bearer::Of(account) if account == domain => {}
            Bearer::Of(_) | Bearer::Expired | Bearer::Unknown => return Err(replies::not_authenticated()),
        }
        let token = header.split_once(' ').map(|(_, token)| token.trim()).unwrap_or_default();
        Ok(self.server.grant_of(token).map(|(_, scope)| scope.to_owned()).unwrap_or_default())
    }
}

//! The Connector API: which connectors there are and what they cover, told from the definitions that serve the calls.

mod api;
mod described;
mod guide;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_catalog::Catalog;
use gateway::{EdgeError, GatewayError};
use http::{HeaderValue, Method, header};
use serde::Serialize;
use unified_model::Listing;

use super::reply::envelope;
use super::reply::links::OwnAddress;
use super::request::Http;
use super::request::headers::{APPLICATION_ID, AUTHORIZATION, text};
use super::request::log::Incoming;
use super::request::names::Names;
use super::request::routed::{Routed, no_route};
use super::request::sent::Sent;
use super::unified_api::OFFERED_ID;
use api::Api;
use described::{Connector, ConnectorResource};

/// What there is to be asked, all of it with GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Connectors,
    Connector,
    ConnectorDoc,
    ConnectorResource,
    Apis,
    Api,
    ApiResource,
    ApiResourceCoverage,
}

/// Answers a request below `/connector`.
pub(super) async fn answer(http: Http, routed: Routed<Operation>, request: Request) -> Response {
    let incoming = Incoming::of(&request, None);
    incoming.answered(&http, described(&http, routed, request)).await
}

/// A caller has to be known, a consumer has not.
async fn described(http: &Http, routed: Routed<Operation>, request: Request) -> Result<Response, GatewayError> {
    let sent = Sent::of(&request);
    sent.check_override()?;
    let no_route = || no_route(&sent.method, sent.path());
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(no_route().into());
    }
    let (mut head, _) = request.into_parts();
    let names = Names::of(&mut head).await?;
    let authorization = text(&head.headers, AUTHORIZATION)?;
    let application_id = text(&head.headers, APPLICATION_ID)?;
    http.gateway().caller(authorization, application_id).await?;
    let Routed::To(operation) = routed else { return Err(no_route().into()) };
    let own = OwnAddress { public_url: http.public_url(), path: sent.path(), query: sent.query() };
    Asked { catalog: http.vault().catalog(), own, names }.answer(operation)
}

/// A request of a known caller.
struct Asked<'a> {
    catalog: &'a Catalog,
    own: OwnAddress<'a>,
    names: Names,
}

impl Asked<'_> {
    fn answer(&self, operation: Operation) -> Result<Response, GatewayError> {
        let (id, resource) = (self.names.get("id"), self.names.get("resource_id"));
        match operation {
            Operation::Connectors => self.connectors(),
            Operation::Connector => Ok(envelope::ok(&self.connector(id)?)),
            Operation::ConnectorDoc => self.guide(id, self.names.get("doc_id")),
            Operation::ConnectorResource => self.connector_resource(id, resource),
            Operation::Apis => self.apis(),
            Operation::Api => Ok(envelope::ok(&self.api(id)?)),
            Operation::ApiResource => Ok(envelope::ok(&self.api(id)?.resource(resource)?)),
            Operation::ApiResourceCoverage => Ok(envelope::ok(&self.api(id)?.coverage(resource, self.catalog)?)),
        }
    }

    fn connectors(&self) -> Result<Response, GatewayError> {
        let listing = Listing::parse(self.own.query, &["unified_api", "status"])?;
        let connectors = self.catalog.connectors().map(|definition| Connector::of(definition, self.own.public_url));
        let wanted = connectors.filter(|connector| {
            listing.filters.iter().all(|(name, value)| match name.as_str() {
                "unified_api" => value == OFFERED_ID,
                _ => value == connector.status(),
            })
        });
        self.page(&listing, wanted.collect(), Connector::id)
    }

    fn connector(&self, id: &str) -> Result<Connector, GatewayError> {
        let known = id.parse().ok().and_then(|service| self.catalog.connector(&service));
        let known = known.map(|definition| Connector::of(definition, self.own.public_url));
        known.ok_or_else(|| EdgeError::NoConnectorToShow(id.to_owned()).into())
    }

    fn connector_resource(&self, id: &str, resource: &str) -> Result<Response, GatewayError> {
        let connector = self.connector(id)?;
        // The SDKs name the unified API beside the resource; there is one that has resources.
        let api = self.own.query.split('&').find_map(|pair| pair.strip_prefix("unified_api="));
        if api.is_some_and(|api| !matches!(api, "" | "null" | OFFERED_ID)) {
            return Err(missing("unified API", api.unwrap_or_default()).into());
        }
        let definition = self.catalog.connector(&connector.service_id);
        let found = definition.and_then(|definition| ConnectorResource::of(definition, resource.parse().ok()?));
        found.map(|found| envelope::ok(&found)).ok_or_else(|| missing(&format!("resource of {id}"), resource).into())
    }

    fn guide(&self, id: &str, doc: &str) -> Result<Response, GatewayError> {
        let connector = self.connector(id)?;
        let definition = self.catalog.connector(&connector.service_id);
        let text = definition.and_then(|definition| guide::text(definition, doc));
        let text = text.ok_or_else(|| missing(&format!("document of {id}"), doc))?;
        let mut response = Response::new(Body::from(text));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/markdown; charset=utf-8"));
        Ok(response)
    }

    fn apis(&self) -> Result<Response, GatewayError> {
        let listing = Listing::parse(self.own.query, &["status"])?;
        let wanted = Api::every(self.catalog, self.own.public_url).into_iter();
        let wanted = wanted.filter(|api| listing.filters.values().all(|status| status == api.status()));
        self.page(&listing, wanted.collect(), Api::id)
    }

    fn api(&self, id: &str) -> Result<Api, GatewayError> {
        let found = Api::every(self.catalog, self.own.public_url).into_iter().find(|api| api.id() == id);
        found.ok_or_else(|| missing("API", id).into())
    }

    /// The items behind the cursor, as many as were asked for. A cursor names the last item of its page, so that what is
    /// added or goes away in between moves nothing.
    fn page<T: Serialize>(
        &self,
        listing: &Listing,
        items: Vec<T>,
        id: impl Fn(&T) -> &str,
    ) -> Result<Response, GatewayError> {
        let after = listing.cursor.as_deref().map(opened).transpose()?;
        let mut rest =
            items.into_iter().filter(|item| after.as_deref().is_none_or(|after| id(item) > after)).peekable();
        let data: Vec<T> = rest.by_ref().take(usize::from(listing.limit)).collect();
        let more = rest.peek().is_some();
        let next = data.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(id(last)));
        Ok(envelope::page(&data, listing.cursor.as_deref(), next.as_deref(), self.own))
    }
}

/// The id that a cursor stands for.
fn opened(cursor: &str) -> Result<String, EdgeError> {
    let id = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let plausible =
        id.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    plausible.ok_or(EdgeError::ForeignCursor)
}

fn missing(kind: &str, name: &str) -> EdgeError {
    EdgeError::NothingNamed { kind: kind.to_owned(), name: name.to_owned() }
}

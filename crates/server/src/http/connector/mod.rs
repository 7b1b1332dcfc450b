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
use gateway::{Class, ErrorType, GatewayError};
use http::{HeaderValue, Method, header};
use serde::Serialize;
use unified_model::Listing;

use super::{Http, route, text};
use crate::http::crm::envelope::{Cursors, Links};
use crate::http::reply::links::PublicUrl;
use api::Api;
use described::{Connector, ConnectorResource};

/// A request below `/connector`, read.
struct Asked<'a> {
    catalog: &'a Catalog,
    public_url: &'a PublicUrl,
    path: &'a str,
    query: &'a str,
}

impl Http {
    /// Answers a request below `/connector`. A caller has to be known, a consumer has not.
    pub(super) async fn describe(&self, request: Request) -> Result<Response, GatewayError> {
        let (head, _) = request.into_parts();
        let query = head.uri.query().unwrap_or_default();
        let path = head.uri.path();
        if !matches!(route::overridden(&head.method, query)?, Method::GET | Method::HEAD) {
            return Err(route::unknown(&head.method, path));
        }
        let segments = route::segments(path)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let authorization = text(&head.headers, "authorization")?;
        let application_id = text(&head.headers, "x-apideck-app-id")?;
        let gateway = &self.inner.gateway;
        gateway.caller(authorization, application_id).await?;
        let asked = Asked { catalog: gateway.vault().catalog(), public_url: &self.inner.public_url, path, query };
        asked.answer(&segments).unwrap_or_else(|| Err(route::unknown(&head.method, path)))
    }
}

impl Asked<'_> {
    /// `None` where there is no such route.
    fn answer(&self, segments: &[&str]) -> Option<Result<Response, GatewayError>> {
        Some(match segments {
            ["connector", "connectors"] => self.connectors(),
            ["connector", "connectors", id] => self.connector(id).map(|connector| one(&connector)),
            ["connector", "connectors", id, "docs", doc] => self.guide(id, doc),
            ["connector", "connectors", id, "resources", resource] => self.connector_resource(id, resource),
            ["connector", "apis"] => self.apis(),
            ["connector", "apis", id] => self.api(id).map(|api| one(&api)),
            ["connector", "apis", id, "resources", resource] => {
                self.api(id).and_then(|api| Ok(one(&api.resource(resource)?)))
            }
            ["connector", "apis", id, "resources", resource, "coverage"] => {
                self.api(id).and_then(|api| Ok(one(&api.coverage(resource, self.catalog)?)))
            }
            _ => return None,
        })
    }

    fn connectors(&self) -> Result<Response, GatewayError> {
        let listing = Listing::parse(self.query, &["unified_api", "status"])?;
        let connectors = self.catalog.connectors().map(|definition| Connector::of(definition, self.public_url));
        let wanted = connectors.filter(|connector| {
            listing.filters.iter().all(|(name, value)| match name.as_str() {
                "unified_api" => value == api::CRM,
                _ => value == connector.status(),
            })
        });
        self.page(&listing, wanted.collect(), Connector::id)
    }

    fn connector(&self, id: &str) -> Result<Connector, GatewayError> {
        let known = id.parse().ok().and_then(|service| self.catalog.connector(&service));
        known.map(|definition| Connector::of(definition, self.public_url)).ok_or_else(|| {
            let shown: String = id.chars().take(80).collect();
            let detail = format!("There is no connector `{shown}`; /connector/connectors lists those there are.");
            GatewayError::new(ErrorType::ConnectorNotFoundError, Class::NotFound, detail)
        })
    }

    fn connector_resource(&self, id: &str, resource: &str) -> Result<Response, GatewayError> {
        let connector = self.connector(id)?;
        // The SDKs name the unified API beside the resource; there is one that has resources.
        let api = self.query.split('&').find_map(|pair| pair.strip_prefix("unified_api="));
        if api.is_some_and(|api| !matches!(api, "" | "null" | api::CRM)) {
            return Err(missing("unified API", api.unwrap_or_default()));
        }
        let definition = self.catalog.connector(&connector.service_id);
        let found = definition.and_then(|definition| ConnectorResource::of(definition, resource.parse().ok()?));
        found.map(|found| one(&found)).ok_or_else(|| missing(&format!("resource of {id}"), resource))
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
        let listing = Listing::parse(self.query, &["status"])?;
        let wanted = Api::every(self.catalog, self.public_url).into_iter();
        let wanted = wanted.filter(|api| listing.filters.values().all(|status| status == api.status()));
        self.page(&listing, wanted.collect(), Api::id)
    }

    fn api(&self, id: &str) -> Result<Api, GatewayError> {
        let found = Api::every(self.catalog, self.public_url).into_iter().find(|api| api.id() == id);
        found.ok_or_else(|| missing("API", id))
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
        let links = Links::to(None, next.as_deref(), self.public_url, self.path, self.query);
        let cursors = Cursors { previous: None, current: listing.cursor.as_deref(), next: next.as_deref() };
        let meta = Meta { items_on_page: data.len(), cursors };
        Ok(envelope(&data, Some((meta, links))))
    }
}

/// The id that a cursor stands for.
fn opened(cursor: &str) -> Result<String, GatewayError> {
    let id = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let plausible =
        id.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    plausible.ok_or_else(|| {
        let detail = "The cursor is none of this list; repeat the request without it to start over.";
        GatewayError::new(ErrorType::InvalidCursorError, Class::CursorGone, detail)
    })
}

fn missing(what: &str, id: &str) -> GatewayError {
    let shown: String = id.chars().take(80).collect();
    GatewayError::new(ErrorType::EntityNotFoundError, Class::NotFound, format!("There is no {what} `{shown}`."))
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    status_code: u16,
    status: &'static str,
    data: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
}

#[derive(Serialize)]
struct Meta<'a> {
    items_on_page: usize,
    cursors: Cursors<'a>,
}

fn one<T: Serialize>(item: &T) -> Response {
    envelope(item, None)
}

fn envelope<T: Serialize>(data: &T, page: Option<(Meta<'_>, Links)>) -> Response {
    let (meta, links) = page.unzip();
    let envelope = Envelope { status_code: 200, status: "OK", data, meta, links };
    // Texts, numbers and lists of them always serialize.
    super::json(200, serde_json::to_vec(&envelope).unwrap_or_default())
}

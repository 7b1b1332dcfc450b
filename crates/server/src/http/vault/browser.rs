//! What a consumer's browser follows: to the vendor's consent page, back from it, and to have it revoked. No API key: the signed
//! `state` says whose it is.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use connection_vault::{Authorize, AuthorizeError, Callback, CallbackOutcome};
use gateway::{EdgeError, GatewayError};
use http::{HeaderValue, Method, StatusCode, header};
use unified_model::{ApplicationId, QueryValues, ServiceId, VaultSchema};
use url::Url;

use super::link_page;
use crate::http::request::log::Incoming;
use crate::http::request::names::Names;
use crate::http::request::routed::{Routed, no_route};
use crate::http::request::sent::Sent;
use crate::http::request::{Http, invalid};

/// What a consumer's browser may follow, beside the callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Link {
    Authorize,
    Revoke,
}

/// Answers a browser that follows a link of ours.
pub(in crate::http) async fn answer(http: Http, routed: Routed<Link>, request: Request) -> Response {
    let incoming = Incoming::of(&request, None);
    let is_browser = link_page::is_browser(request.headers());
    let refused = |error: &GatewayError| link_page::answer(&http, is_browser, error);
    incoming.answered_as(&http, http.follow(routed, request), refused).await
}

/// Answers a browser that comes back from a vendor.
pub(in crate::http) async fn callback(State(http): State<Http>, request: Request) -> Response {
    let incoming = Incoming::of(&request, None);
    let is_browser = link_page::is_browser(request.headers());
    let refused = |error: &GatewayError| link_page::answer(&http, is_browser, error);
    incoming.answered_as(&http, http.come_back(&Sent::of(&request)), refused).await
}

/// What a query of ours says, by the document.
fn parameters(sent: &Sent, operation: &str) -> Result<QueryValues, GatewayError> {
    let schema = VaultSchema::built_in().operation(operation);
    let schema = schema.ok_or_else(|| no_route(&sent.method, sent.path()))?;
    Ok(schema.check_query(sent.query())?)
}

impl Http {
    async fn follow(&self, routed: Routed<Link>, request: Request) -> Result<Response, GatewayError> {
        let sent = Sent::of(&request);
        require_get(&sent)?;
        let names = Names::of(&mut request.into_parts().0).await?;
        let Routed::To(link) = routed else { return Err(no_route(&sent.method, sent.path()).into()) };
        let name = names.get("service_id");
        let service = name.parse().map_err(|_| EdgeError::NoConnector(name.to_owned()))?;
        // No link was signed for what no application can be called.
        let foreign = |_| AuthorizeError::State("belongs to another application or connector".to_owned());
        let application_id = names.get("application_id").parse().map_err(foreign)?;
        match link {
            Link::Authorize => self.authorize(&service, &application_id, &sent).await,
            Link::Revoke => self.revoke(&service, &application_id, &sent).await,
        }
    }

    /// `GET /vault/authorize/{service_id}/{application_id}`
    async fn authorize(
        &self,
        service: &ServiceId,
        application_id: &ApplicationId,
        sent: &Sent,
    ) -> Result<Response, GatewayError> {
        let parameters = parameters(sent, "connectionsAuthorize")?;
        let callback = self.callback_address();
        let page = self.vault().authorisations().begin(Authorize {
            application_id,
            service,
            state: parameters.get("state").unwrap_or_default(),
            redirect_uri: parameters.get("redirect_uri"),
            scope: parameters.get("scope"),
            nonce: parameters.get("nonce"),
            callback: &callback,
        });
        redirect(&page.await?)
    }

    /// `GET /vault/callback`
    async fn come_back(&self, sent: &Sent) -> Result<Response, GatewayError> {
        require_get(sent)?;
        let parameters = parameters(sent, "connectionsCallback")?;
        let outcome = match (parameters.get("error"), parameters.get("code")) {
            (Some(error), _) => CallbackOutcome::Error {
                error: error.to_owned(),
                description: parameters.get("error_description").map(str::to_owned),
            },
            (None, Some(code)) => CallbackOutcome::Code(code.into()),
            (None, None) => return Err(invalid("query.code", "is missing; the vendor sends it, or `error`").into()),
        };
        let state = parameters.get("state").unwrap_or_default();
        let callback = self.callback_address();
        let completed =
            self.vault().authorisations().complete(Callback { state, outcome, callback: &callback }).await?;
        let (mut target, error) = completed;
        if let Some(error) = error {
            report(&mut target, &error.into());
        }
        redirect(&target)
    }

    /// `GET /vault/revoke/{service_id}/{application_id}`
    async fn revoke(
        &self,
        service: &ServiceId,
        application_id: &ApplicationId,
        sent: &Sent,
    ) -> Result<Response, GatewayError> {
        let parameters = parameters(sent, "connectionsRevoke")?;
        let (state, redirect_uri) = (parameters.get("state").unwrap_or_default(), parameters.get("redirect_uri"));
        redirect(&self.vault().authorisations().revoke(application_id, service, state, redirect_uri).await?)
    }

    /// What has to be registered with every vendor.
    fn callback_address(&self) -> String {
        format!("{}/vault/callback", self.public_url().as_str())
    }
}

/// Browsers follow links with GET alone, and nothing stands in for it.
fn require_get(sent: &Sent) -> Result<(), EdgeError> {
    if sent.method == Method::GET { Ok(()) } else { Err(no_route(&sent.method, sent.path())) }
}

/// What went wrong, for the page that the consumer comes back to.
fn report(target: &mut Url, error: &GatewayError) {
    let description = match &error.detail {
        serde_json::Value::String(text) => text.clone(),
        other => other["message"].as_str().unwrap_or_default().to_owned(),
    };
    let code = error.detail["error"].as_str().unwrap_or("server_error").to_owned();
    target
        .query_pairs_mut()
        .append_pair("error", &code)
        .append_pair("error_description", &description)
        .append_pair("error_type", error.error_type.type_name());
}

/// 301, as the contract has it; and never from memory, since every such answer is good once.
fn redirect(target: &Url) -> Result<Response, GatewayError> {
    let location = HeaderValue::from_str(target.as_str())
        .map_err(|_| invalid("query.redirect_uri", "has characters that no header can hold"))?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

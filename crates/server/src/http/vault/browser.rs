//! What a consumer's browser follows: to the vendor's consent page, back from it, and to have it revoked. No API key: the signed
//! `state` says whose it is.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use connection_vault::{Authorize, Callback, CallbackOutcome};
use gateway::GatewayError;
use http::{HeaderValue, Method, StatusCode, header};
use unified_model::{QueryValues, ServiceId, VaultSchema};
use url::Url;

use super::super::{Http, failure, route};

/// What a query of ours says, by the document.
fn parameters(request: &Request, operation: &str) -> Result<QueryValues, GatewayError> {
    let schema = VaultSchema::built_in().operation(operation);
    let schema = schema.ok_or_else(|| route::unknown(request.method(), request.uri().path()))?;
    Ok(schema.check_query(request.uri().query().unwrap_or_default())?)
}

impl Http {
    /// `GET /vault/authorize/{service_id}/{application_id}`
    pub(in crate::http) async fn authorize(&self, request: Request) -> Result<Response, GatewayError> {
        let (service, application_id) = link_path(&request, "authorize")?;
        let parameters = parameters(&request, "connectionsAuthorize")?;
        let callback = self.callback_address();
        let page = self.inner.gateway.vault().authorisations().begin(Authorize {
            application_id: &application_id,
            service: &service,
            state: parameters.get("state").unwrap_or_default(),
            redirect_uri: parameters.get("redirect_uri"),
            scope: parameters.get("scope"),
            nonce: parameters.get("nonce"),
            callback: &callback,
        });
        redirect(&page.await?)
    }

    /// `GET /vault/callback`
    pub(in crate::http) async fn callback(&self, request: Request) -> Result<Response, GatewayError> {
        require_get(&request)?;
        let parameters = parameters(&request, "connectionsCallback")?;
        let outcome = match (parameters.get("error"), parameters.get("code")) {
            (Some(error), _) => CallbackOutcome::Error {
                error: error.to_owned(),
                description: parameters.get("error_description").map(str::to_owned),
            },
            (None, Some(code)) => CallbackOutcome::Code(code.into()),
            (None, None) => return Err(failure::invalid("query.code: is missing; the vendor sends it, or `error`")),
        };
        let state = parameters.get("state").unwrap_or_default();
        let callback = self.callback_address();
        let completed = self
            .inner
            .gateway
            .vault()
            .authorisations()
            .complete(Callback { state, outcome, callback: &callback })
            .await?;
        let (mut target, error) = completed;
        if let Some(error) = error {
            report(&mut target, &error.into());
        }
        redirect(&target)
    }

    /// `GET /vault/revoke/{service_id}/{application_id}`
    pub(in crate::http) async fn revoke(&self, request: Request) -> Result<Response, GatewayError> {
        let (service, application_id) = link_path(&request, "revoke")?;
        let parameters = parameters(&request, "connectionsRevoke")?;
        let (state, redirect_uri) = (parameters.get("state").unwrap_or_default(), parameters.get("redirect_uri"));
        redirect(
            &self.inner.gateway.vault().authorisations().revoke(&application_id, &service, state, redirect_uri).await?,
        )
    }

    /// What has to be registered with every vendor.
    pub(in crate::http) fn callback_address(&self) -> String {
        format!("{}/vault/callback", self.inner.public_url.as_str())
    }
}

/// Connector and application of `/vault/<verb>/{service_id}/{application_id}`.
fn link_path(request: &Request, verb: &str) -> Result<(ServiceId, String), GatewayError> {
    require_get(request)?;
    let path = request.uri().path();
    let unknown = || route::unknown(request.method(), path);
    let mut segments = route::segments(path)?;
    let (Some(application_id), Some(service), Some(found)) = (segments.pop(), segments.pop(), segments.pop()) else {
        return Err(unknown());
    };
    if found != verb {
        return Err(unknown());
    }
    let service = service.parse().map_err(|_| failure::unknown_connector(&service))?;
    Ok((service, application_id))
}

fn require_get(request: &Request) -> Result<(), GatewayError> {
    let is_get = request.method() == Method::GET;
    if is_get { Ok(()) } else { Err(route::unknown(request.method(), request.uri().path())) }
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
        .map_err(|_| failure::invalid("query.redirect_uri: has characters that no header can hold"))?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

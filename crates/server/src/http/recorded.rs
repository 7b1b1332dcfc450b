//! Calls as the log keeps them: noted once they are answered, for applications that were recognised.

use std::time::Duration;

use connection_vault::LoggedCall;
use http::{HeaderMap, Method};
use unified_model::operation_id;

use super::{Http, logged, route, text, vault};

/// What is known of a call before it is answered.
pub(super) struct Incoming {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    called_at: jiff::Timestamp,
}

impl Incoming {
    pub(super) fn of(request: &axum::extract::Request) -> Option<Self> {
        let uri = request.uri();
        // Only what applications call with their key is theirs to read about.
        let is_kept = ["/crm/", "/vault/", "/proxy"].iter().any(|api| uri.path().starts_with(api));
        (is_kept && request.headers().contains_key("x-apideck-app-id")).then(|| Self {
            method: request.method().clone(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            headers: request.headers().clone(),
            called_at: jiff::Timestamp::now(),
        })
    }
}

impl Http {
    pub(super) async fn record(
        &self,
        incoming: Incoming,
        id: &str,
        (status_code, error_type): (u16, Option<&'static str>),
        execution: Duration,
    ) {
        let header = |name| text(&incoming.headers, name).ok().flatten().map(str::trim).unwrap_or_default();
        let gateway = &self.inner.gateway;
        let application_id = header("x-apideck-app-id");
        // Remembered from the call itself.
        if gateway.caller(Some(header("authorization")), Some(application_id)).await.is_err() {
            return;
        }
        let (unified_api, operation_id, service_id) = incoming.kind(header("x-apideck-service-id"));
        gateway.vault().record(LoggedCall {
            id: id.to_owned(),
            application_id: application_id.to_owned(),
            consumer_id: header("x-apideck-consumer-id").to_owned(),
            unified_api: unified_api.to_owned(),
            service_id,
            operation_id,
            http_method: incoming.method.to_string(),
            path: logged(&incoming.path),
            status_code,
            error_type: error_type.map(str::to_owned),
            execution,
            vendor: Duration::ZERO,
            called_at: incoming.called_at,
        });
    }
}

impl Incoming {
    /// The API, the operation and the connector.
    fn kind(&self, service: &str) -> (&'static str, String, String) {
        if self.path.starts_with("/proxy") {
            return ("proxy", format!("{}Proxy", self.method.as_str().to_ascii_lowercase()), service.to_owned());
        }
        if self.path.starts_with("/vault/") {
            let (operation, service) = vault::named(&self.method, &self.path);
            return ("vault", operation.to_owned(), service.unwrap_or_else(|| "trunkline-vault".to_owned()));
        }
        let target = route::Target::of(&self.method, &self.path, &self.query);
        let operation = target.map(|target| operation_id(target.resource, target.operation)).unwrap_or_default();
        ("crm", operation, service.to_owned())
    }
}

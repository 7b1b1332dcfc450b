//! Calls as the log keeps them: noted once they are answered, for applications that were recognised.

use std::time::Duration;

use connection_vault::LoggedCall;
use gateway::CallNotes;
use http::{Method, Uri};
use unified_model::operation_id;

use super::{Http, logged, route, vault};

/// What is known of a call before it is answered.
pub(super) struct Incoming {
    /// The id that its answer carries. Later calls have greater ones.
    pub(super) id: String,
    pub(super) method: Method,
    uri: Uri,
    called_at: jiff::Timestamp,
}

impl Incoming {
    pub(super) fn of(request: &axum::extract::Request) -> Self {
        Self {
            id: uuid::Uuid::now_v7().hyphenated().to_string(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            called_at: jiff::Timestamp::now(),
        }
    }

    /// The path as logs may show it: what a caller asks a vendor for may name a person.
    pub(super) fn path(&self) -> &str {
        logged(self.uri.path())
    }
}

impl Http {
    pub(super) fn record(
        &self,
        incoming: &Incoming,
        notes: &CallNotes,
        (status_code, error_type): (u16, Option<&'static str>),
        execution: Duration,
    ) {
        let Some((caller, consumer_id)) = notes.party() else { return };
        let (unified_api, operation_id, named) = incoming.kind();
        let service_id = named.or_else(|| notes.service().map(ToString::to_string)).unwrap_or_default();
        self.inner.gateway.vault().call_log().record(LoggedCall {
            id: incoming.id.clone(),
            application_id: caller.application_id.to_string(),
            consumer_id: consumer_id.to_owned(),
            unified_api: unified_api.to_owned(),
            service_id,
            operation_id,
            http_method: incoming.method.to_string(),
            path: incoming.path().to_owned(),
            status_code,
            error_type: error_type.map(str::to_owned),
            execution,
            vendor: notes.vendor_time(),
            called_at: incoming.called_at,
        });
    }
}

impl Incoming {
    /// The API, the operation, and the connector where the path names it.
    fn kind(&self) -> (&'static str, String, Option<String>) {
        let path = self.uri.path();
        if path.starts_with("/proxy") {
            return ("proxy", format!("{}Proxy", self.method.as_str().to_ascii_lowercase()), None);
        }
        if path.starts_with("/vault/") {
            let (operation, service) = vault::named(&self.method, path);
            return ("vault", operation.to_owned(), Some(service.unwrap_or_else(|| "trunkline-vault".to_owned())));
        }
        let target = route::Target::of(&self.method, path, self.uri.query().unwrap_or_default());
        let operation = target.map(|target| operation_id(target.resource, target.operation)).unwrap_or_default();
        ("crm", operation, None)
    }
}

//! The Vault API: consumers, their connections, and the sessions of their browsers.

pub(super) mod browser;
mod call;
mod connections;
mod consumers;
mod cross_origin;
mod form;
mod link_page;
mod logs;
mod mappings;
mod reason;
mod records;
mod sessions;
mod shown;
pub(super) mod target;
mod tokens;

use axum::extract::Request;
use axum::response::Response;
use gateway::{CallNotes, EdgeError, GatewayError};
use http::{HeaderValue, Method, header};

use super::request::Http;
use super::request::log::{Incoming, LoggedOperation};
use super::request::names::Names;
use super::request::routed::{Routed, no_route};
use super::request::sent::Sent;
use call::Call;
use cross_origin::{Readers, asks_first, origin};
use target::{Operation, Target};

/// Answers a request below `/vault` that needs an API key or a session.
pub(super) async fn answer(http: Http, routed: Routed<Operation>, request: Request) -> Response {
    let origin = origin(request.headers());
    if let (Some(origin), true) = (&origin, asks_first(request.method(), request.headers())) {
        return http.may_call(origin.clone()).await;
    }
    let mut readers = Readers::default();
    let incoming = Incoming::of(&request, logged(&routed));
    let answer = Box::pin(http.serve(routed, request, &mut readers, &incoming.notes));
    let answer = async { answer.await.map_err(reason::told) };
    let mut response = incoming.answered(&http, answer).await;
    // Links and sessions are for whoever asked.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(origin) = origin {
        http.share(&mut response, origin, &readers).await;
    }
    response
}

fn logged(routed: &Routed<Operation>) -> Option<LoggedOperation> {
    let Routed::To(operation) = routed else { return None };
    let id = operation.id().to_owned();
    Some(LoggedOperation { unified_api: "vault", id, service_id: "trunkline-vault" })
}

/// What the request is for. `method` is the one that it is routed by.
fn found(routed: Routed<Operation>, method: &Method, path: &str) -> Result<Operation, EdgeError> {
    match routed {
        Routed::To(operation) => Ok(operation),
        Routed::Nowhere => Err(no_route(method, path)),
        Routed::WrongMethod(allowed) => {
            let method = if *method == Method::HEAD { Method::GET } else { method.clone() };
            let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
            Err(EdgeError::WrongMethod { method, path: path.to_owned(), allowed: allowed.join(", ") })
        }
    }
}

impl Http {
    /// Serves a request; notes whose pages may read the answer.
    async fn serve(
        &self,
        routed: Routed<Operation>,
        request: Request,
        readers: &mut Readers,
        notes: &CallNotes,
    ) -> Result<Response, GatewayError> {
        let sent = Sent::of(&request);
        sent.check_override()?;
        let (mut head, body) = request.into_parts();
        let names = Names::of(&mut head).await?;
        let target = Target { operation: found(routed, &head.method, sent.path())?, names };
        if let Ok(service) = target.service() {
            notes.calls(&service);
        }
        let call = self.vault_call(Request::from_parts(head, body), &target, readers, notes).await?;
        target.check_service(self.vault().catalog())?;
        self.served(&target, &call, notes).await
    }

    async fn served(&self, target: &Target, call: &Call, notes: &CallNotes) -> Result<Response, GatewayError> {
        match target.operation {
            Operation::ConsumersAdd => self.add_consumer(call).await,
            Operation::ConsumersAll => self.list_consumers(call).await,
            Operation::ConsumersOne => self.one_consumer(call, &target.consumer()?).await,
            Operation::ConsumersUpdate => self.update_consumer(call, &target.consumer()?).await,
            Operation::ConsumersDelete => self.delete_consumer(call, &target.consumer()?).await,
            Operation::ConnectionsAll => self.list_connections(call).await,
            Operation::ConnectionsOne => self.one_connection(call, target.service()?).await,
            Operation::ConnectionsAdd => self.add_connection(call, target.service()?, notes).await,
            Operation::ConnectionsUpdate => self.update_connection(call, target.service()?, notes).await,
            Operation::ConnectionsDelete => self.delete_connection(call, target.service()?).await,
            Operation::ConnectionsImport => self.import(call, target.service()?).await,
            Operation::ConnectionsToken => self.token(call, target.service()?).await,
            Operation::ValidateConnectionState => self.validate(call, target.service()?, notes).await,
            Operation::ConnectionsConfirm => self.confirm(call, target.service()?).await,
            Operation::CreateCallbackState => self.callback_state(call, target.service()?).await,
            Operation::ConnectionSettingsAll => self.configuration(call, target.service()?, target.resource()?).await,
            Operation::ConnectionSettingsUpdate => self.configure(call, target.service()?, target.resource()?).await,
            Operation::CustomFieldsAll => self.custom_fields(call, target.service()?, target.resource()?, notes).await,
            Operation::ConnectionsSchema => self.record_schema(call, target.service()?, target.resource()?).await,
            Operation::ConnectionsExample => self.record_example(call, target.service()?, target.resource()?).await,
            Operation::ConnectionCustomMappingsAll => {
                self.custom_mappings(call, target.service()?, Some(target.resource()?)).await
            }
            Operation::CustomMappingsAll => self.custom_mappings(call, target.service()?, None).await,
            Operation::CustomMappingsOne => self.custom_mapping(call, target.service()?, target.field()).await,
            Operation::CustomMappingsAdd | Operation::CustomMappingsUpdate => {
                self.map(call, target.service()?, target.field()).await
            }
            Operation::CustomMappingsDelete => self.unmap(call, target.service()?, target.field()).await,
            Operation::LogsAll => self.logs(call).await,
            Operation::SessionsCreate => self.create_session(call).await,
        }
    }
}

//! The Vault API: consumers, their connections, and the sessions of their browsers.

mod browser;
mod call;
mod connections;
mod consumers;
mod cross_origin;
mod mappings;
mod reply;
mod sessions;
mod shown;
mod target;
mod tokens;

use axum::extract::Request;
use axum::response::Response;
use gateway::GatewayError;

use super::{Http, failure};
use call::Call;
use cross_origin::SessionOf;
pub(super) use cross_origin::share;
use target::{Operation, Target};

impl Http {
    /// Serves a request of the Vault API that needs an API key or a session.
    pub(super) async fn vault(&self, request: Request) -> Result<Response, GatewayError> {
        let target = Target::of(request.method(), request.uri().path())?;
        let call = self.vault_call(request, &target).await?;
        let answered = self.served(&target, &call).await;
        if !call.is_session() {
            return answered;
        }
        let mut response = answered.unwrap_or_else(|error| failure::response(&error, &self.inner.public_url));
        response.extensions_mut().insert(SessionOf(call.caller.application_id));
        Ok(response)
    }

    async fn served(&self, target: &Target, call: &Call) -> Result<Response, GatewayError> {
        match target.operation {
            Operation::ConsumersAdd => self.add_consumer(call).await,
            Operation::ConsumersAll => self.list_consumers(call).await,
            Operation::ConsumersOne => self.one_consumer(call, target.consumer()).await,
            Operation::ConsumersUpdate => self.update_consumer(call, target.consumer()).await,
            Operation::ConsumersDelete => self.delete_consumer(call, target.consumer()).await,
            Operation::ConnectionsAll => self.list_connections(call).await,
            Operation::ConnectionsOne => self.one_connection(call, target.service()?).await,
            Operation::ConnectionsAdd => self.add_connection(call, target.service()?).await,
            Operation::ConnectionsUpdate => self.update_connection(call, target.service()?).await,
            Operation::ConnectionsDelete => self.delete_connection(call, target.service()?).await,
            Operation::ConnectionsImport => self.import(call, target.service()?).await,
            Operation::ConnectionsToken => self.token(call, target.service()?).await,
            Operation::ValidateConnectionState => self.validate(call, target.service()?).await,
            Operation::ConnectionsConfirm => self.confirm(call, target.service()?).await,
            Operation::CreateCallbackState => self.callback_state(call, target.service()?).await,
            Operation::ConnectionSettingsAll => self.configuration(call, target.service()?, target.resource()?).await,
            Operation::ConnectionSettingsUpdate => self.configure(call, target.service()?, target.resource()?).await,
            Operation::ConnectionCustomMappingsAll => {
                self.custom_mappings(call, target.service()?, Some(target.resource()?)).await
            }
            Operation::CustomMappingsAll => self.custom_mappings(call, target.service()?, None).await,
            Operation::CustomMappingsOne => self.custom_mapping(call, target.service()?, target.field()).await,
            Operation::CustomMappingsAdd | Operation::CustomMappingsUpdate => {
                self.map(call, target.service()?, target.field()).await
            }
            Operation::CustomMappingsDelete => self.unmap(call, target.service()?, target.field()).await,
            Operation::SessionsCreate => self.create_session(call).await,
        }
    }
}

//! The Vault API: consumers, their connections, and the sessions of their browsers.

mod browser;
mod call;
mod connections;
mod consumers;
mod cross_origin;
mod form;
mod logs;
mod mappings;
mod reply;
mod sessions;
mod shown;
mod target;
mod tokens;

use axum::extract::Request;
use axum::response::Response;
use gateway::{CallNotes, GatewayError};

use super::{Http, route};
use call::Call;
pub(super) use cross_origin::{Readers, asks_first, origin};
pub(super) use target::named;
use target::{Operation, Target};

impl Http {
    /// Serves a request of the Vault API that needs an API key or a session; notes whose pages may read the answer.
    pub(super) async fn vault(
        &self,
        request: Request,
        readers: &mut Readers,
        notes: &CallNotes,
    ) -> Result<Response, GatewayError> {
        let method = route::overridden(request.method(), request.uri().query().unwrap_or_default())?;
        let target = Target::of(&method, request.uri().path())?;
        let call = self.vault_call(request, &target, readers, notes).await?;
        target.check_service(self.inner.gateway.vault().catalog())?;
        self.served(&target, &call, notes).await
    }

    async fn served(&self, target: &Target, call: &Call, notes: &CallNotes) -> Result<Response, GatewayError> {
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
            Operation::CustomFieldsAll => self.custom_fields(call, target.service()?, target.resource()?, notes).await,
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

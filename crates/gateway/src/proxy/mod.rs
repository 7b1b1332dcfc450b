//! Passing a caller's own request on to a connection's vendor: whose connection, which address, what of the headers goes along.

mod address;
mod call;
mod headers;

use bytes::Bytes;
use connection_vault::{Caller, Scope};
use http::Method;
use http_body::Body;
use unified_model::UnifiedApi;
use vendor_client::{RelayReply, RelayRequest};

pub use call::ProxyCall;

use crate::call_notes::CallNotes;
use crate::error::GatewayError;
use crate::gateway::{Gateway, addressed, present};
use crate::{redact, translate};

impl Gateway {
    /// Passes a call of `caller` on to the vendor and its answer back, whatever its status, and notes what is learnt of the call.
    ///
    /// # Errors
    /// The call cannot be passed on, or there was no answer.
    pub async fn proxy<B>(
        &self,
        caller: &Caller,
        call: ProxyCall<'_>,
        body: B,
        notes: &CallNotes,
    ) -> Result<RelayReply, GatewayError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        caller.require(Scope::Proxy).map_err(translate::vault)?;
        let (consumer_id, service) = addressed(caller, call.consumer_id, call.service_id, notes)?;
        check_unified_api(call.unified_api)?;
        let connection =
            self.vault.calls().connection(caller, consumer_id, service.as_ref()).await.map_err(translate::vault)?;
        let connector = &connection.connector;
        notes.calls(&connector.service_id);
        let is_read = matches!(call.method, Method::GET | Method::OPTIONS);
        let authorization = present(call.downstream_authorization);
        let request = RelayRequest {
            address: address::of_call(&call, connector, &connection.settings)?,
            headers: headers::to_vendor(call.headers, authorization)?,
            method: call.method,
            with_secrets: authorization.is_none(),
            follows_redirects: call.follows_redirects,
            body,
        };
        match self.session(&connection, notes).lasting(call.timeout).relay(request).await {
            Ok(reply) => Ok(RelayReply { headers: headers::to_caller(reply.headers), ..reply }),
            Err(error) => {
                let error = redact::relay_error(error, &connection).await;
                Err(translate::relay(error, is_read, connector))
            }
        }
    }
}

fn check_unified_api(header: Option<&str>) -> Result<(), GatewayError> {
    if present(header).is_none_or(|name| name.parse::<UnifiedApi>().is_ok()) {
        return Ok(());
    }
    let known = UnifiedApi::EVERY.iter().map(|api| format!("`{api}`")).collect::<Vec<_>>().join(", ");
    Err(translate::invalid_header(format!("x-apideck-unified-api: this gateway has {known} and no other")))
}

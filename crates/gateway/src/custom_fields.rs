//! The fields that a vendor's account has of its own, for whoever maps an application's fields to them.

use connection_vault::Caller;
use connectors::CustomField;
use unified_model::{ConsumerId, Operation, RequestParts, Resource, ServiceId, UnifiedRequest};

use crate::call_notes::CallNotes;
use crate::error::GatewayError;
use crate::gateway::{Gateway, present};
use crate::{redact, translate};

/// Whose fields are asked for.
#[derive(Debug, Clone, Copy)]
pub struct CustomFieldsOf<'a> {
    /// The consumer.
    pub consumer_id: &'a ConsumerId,
    /// What it is connected to.
    pub service: &'a ServiceId,
    /// The resource.
    pub resource: Resource,
    /// The record whose values are shown; empty or `None`: the first that the vendor lists.
    pub record: Option<&'a str>,
}

impl Gateway {
    /// The fields that the account behind a consumer's connection has of its own in a resource, each with the `JSONPath` that
    /// finds it and with its value in one record.
    ///
    /// # Errors
    /// Whatever the caller is to see: `ConnectorOperationUnsupportedError` where the connector has no way to tell, which is
    /// not the same as an account that has none.
    pub async fn custom_fields(
        &self,
        caller: &Caller,
        of: CustomFieldsOf<'_>,
        notes: &CallNotes,
    ) -> Result<Vec<CustomField>, GatewayError> {
        let CustomFieldsOf { consumer_id, service, resource, record } = of;
        let connection =
            self.vault.calls().connection(caller, consumer_id, Some(service)).await.map_err(translate::vault)?;
        let plan = connection.connector.custom_fields_plan(resource, &connection.settings).map_err(translate::plan)?;
        let resource_id = present(record);
        let operation = if resource_id.is_some() { Operation::One } else { Operation::All };
        let parts = RequestParts { resource, operation, parent: None, id: resource_id, query: "", body: None };
        let request = UnifiedRequest::new(connection.connector.schema, parts).map_err(translate::request)?;
        let vendor = self.session(&connection, notes);
        let protocol = self.protocols.get(connection.connector.protocol);
        match protocol.custom_fields(&plan, request.id.as_ref(), &vendor).await {
            Ok(fields) => Ok(fields),
            Err(error) => {
                let error = redact::connector_error(error, &connection).await;
                Err(translate::connector(error, &request, &connection.connector))
            }
        }
    }
}

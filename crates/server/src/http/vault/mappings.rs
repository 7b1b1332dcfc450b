//! Where the application's own fields stand in the records of a consumer's vendor.

use axum::response::Response;
use connection_vault::{ConnectionPatch, VaultError};
use gateway::{CallNotes, CustomFieldsOf, EdgeError, GatewayError};
use serde::Deserialize;
use unified_model::{Resource, ServiceId};

use super::call::Call;
use super::connections::require_resource;
use super::shown::CustomMapping;
use crate::http::reply::envelope;
use crate::http::reply::gone;
use crate::http::request::Http;

#[derive(Deserialize)]
struct Mapped {
    value: String,
}

impl Http {
    pub(super) async fn custom_fields(
        &self,
        call: &Call,
        service: ServiceId,
        resource: Resource,
        notes: &CallNotes,
    ) -> Result<Response, GatewayError> {
        let record = call.parameter("resource_id");
        let gateway = &self.gateway();
        let of =
            CustomFieldsOf { consumer_id: call.connected_consumer(&service)?, service: &service, resource, record };
        let fields = gateway.custom_fields(&call.caller, of, notes);
        Ok(envelope::ok(&fields.await?))
    }

    pub(super) async fn custom_mappings(
        &self,
        call: &Call,
        service: ServiceId,
        resource: Option<Resource>,
    ) -> Result<Response, GatewayError> {
        let view = self.vault().connections().view(&call.caller, call.consumer()?, &service).await?;
        if let Some(resource) = resource {
            require_resource(&view, resource)?;
        }
        let mut mappings = CustomMapping::every(&view, call.consumer()?);
        mappings.retain(|mapping| resource.is_none() || mapping.resource() == resource);
        Ok(envelope::ok(&mappings))
    }

    pub(super) async fn custom_mapping(
        &self,
        call: &Call,
        service: ServiceId,
        field: &str,
    ) -> Result<Response, GatewayError> {
        let mappings = self.mappings(call, &service).await?;
        let found = mappings.into_iter().find(|mapping| mapping.id == field);
        Ok(envelope::ok(&found.ok_or_else(|| VaultError::NoMappingTarget(field.to_owned()))?))
    }

    pub(super) async fn map(&self, call: &Call, service: ServiceId, field: &str) -> Result<Response, GatewayError> {
        let Mapped { value } = call.body()?;
        self.set_mapping(call, &service, field, Some(value)).await?;
        self.custom_mapping(call, service, field).await
    }

    pub(super) async fn unmap(&self, call: &Call, service: ServiceId, field: &str) -> Result<Response, GatewayError> {
        let view = self.vault().connections().view(&call.caller, call.consumer()?, &service).await?;
        let mut mappings = view.custom_mappings.iter();
        let (_, value) = mappings
            .find(|(target, _)| target.id == field)
            .ok_or_else(|| VaultError::NoMappingTarget(field.to_owned()))?;
        if view.created_at.is_some() && value.is_none() {
            return Err(EdgeError::NotMapped(field.to_owned()).into());
        }
        self.set_mapping(call, &service, field, None).await?;
        Ok(gone())
    }

    async fn set_mapping(
        &self,
        call: &Call,
        service: &ServiceId,
        field: &str,
        value: Option<String>,
    ) -> Result<(), GatewayError> {
        let mut patch = ConnectionPatch::default();
        patch.custom_mappings.insert(field.to_owned(), value);
        let vault = self.vault();
        vault.connections().update(&call.caller.application_id, call.consumer()?, service, patch).await?;
        Ok(())
    }

    async fn mappings(&self, call: &Call, service: &ServiceId) -> Result<Vec<CustomMapping>, GatewayError> {
        let view = self.vault().connections().view(&call.caller, call.consumer()?, service).await?;
        Ok(CustomMapping::every(&view, call.consumer()?))
    }
}

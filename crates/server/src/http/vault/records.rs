//! A vendor's record as its definition knows it: what a consumer chooses from when a field is mapped.

use axum::response::Response;
use connection_vault::ConnectionView;
use connector_catalog::VendorRecord;
use gateway::GatewayError;
use serde_json::json;
use unified_model::{Resource, ServiceId};

use super::call::Call;
use super::connections::require_resource;
use crate::http::reply::envelope;
use crate::http::request::Http;
use crate::http::unified_api::OFFERED_ID;

impl Http {
    /// `GET /vault/connections/{unified_api}/{service_id}/{resource}/schema`
    pub(super) async fn record_schema(
        &self,
        call: &Call,
        service: ServiceId,
        resource: Resource,
    ) -> Result<Response, GatewayError> {
        let view = self.vault().connections().view(&call.caller, call.consumer()?, &service).await?;
        Ok(envelope::ok(&required(&view, resource)?.schema()))
    }

    /// `GET /vault/connections/{unified_api}/{service_id}/{resource}/example`
    pub(super) async fn record_example(
        &self,
        call: &Call,
        service: ServiceId,
        resource: Resource,
    ) -> Result<Response, GatewayError> {
        let view = self.vault().connections().view(&call.caller, call.consumer()?, &service).await?;
        let example = required(&view, resource)?.example();
        let about = json!({ "unified_api": OFFERED_ID, "resource_name": resource, "example_response": example });
        Ok(envelope::ok(&about))
    }
}

fn required(view: &ConnectionView, resource: Resource) -> Result<VendorRecord, GatewayError> {
    require_resource(view, resource)?;
    Ok(record(view, resource).unwrap_or_default())
}

/// The record of the vendor's entity that the connection's settings choose.
pub(super) fn record(view: &ConnectionView, resource: Resource) -> Option<VendorRecord> {
    let settings = view.connector.setting_values(|name| view.settings.get(name).map(String::as_str));
    view.connector.vendor_record(resource, &settings)
}

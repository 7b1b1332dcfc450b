//! Why a request of the Proxy API was not passed on, or not answered.

use connector_catalog::ConnectorDefinition;
use connectors::Progress;
use serde_json::Value;
use vendor_client::{RelayError, VendorError};

use super::headers::invalid_header;
use super::stage::{Reached, Stage};
use super::vendor::transport;
use crate::error::{Class, ErrorType, GatewayError};

/// Why a request of the Proxy API was not passed on, or not answered. A vendor's own answer is never an error here.
pub(crate) fn relay(error: RelayError, is_read: bool, connector: &ConnectorDefinition) -> GatewayError {
    let stage = if is_read { Stage::Reading } else { Stage::Writing };
    let reached = Reached { stage, progress: &Progress::default() };
    match error {
        RelayError::Foreign { allowed } => invalid_header(format!(
            "x-apideck-downstream-url: only {allowed} may be called through this connection; \
             send an address there, or a path below the connector's base address"
        )),
        RelayError::Address(reason) => invalid_header(format!("x-apideck-downstream-url: the address {reason}")),
        RelayError::Body => {
            GatewayError::new(ErrorType::RequestValidationError, Class::Refused, "body: it was cut off; send all of it")
        }
        RelayError::Vendor(VendorError::Timeout { sent }) => {
            let said = format!("{} did not answer in time; x-apideck-timeout says how long to wait", connector.name);
            let detail = Value::Object(reached.detail(&said, sent));
            let error = GatewayError::new(ErrorType::ProxyTimedOutError, Class::Timeout, detail);
            if sent { error.with_status(stage.status(504)).from_vendor() } else { error }
        }
        RelayError::Vendor(error) => {
            let is_vendors = is_vendors(&error);
            let error = transport(error, reached, connector);
            if is_vendors { error.from_vendor() } else { error }
        }
    }
}

/// Whether it was the vendor that failed.
fn is_vendors(error: &VendorError) -> bool {
    match error {
        VendorError::Unreachable { .. }
        | VendorError::Timeout { .. }
        | VendorError::Broken { .. }
        | VendorError::TooLarge { .. } => true,
        VendorError::Forbidden { .. }
        | VendorError::LimiterFull { .. }
        | VendorError::Settings(_)
        | VendorError::Credentials(_) => false,
    }
}

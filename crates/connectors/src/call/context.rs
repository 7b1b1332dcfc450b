//! What a unified request is carried out with.

use connector_catalog::{ConnectorDefinition, Plan, ResourceDefinition};
use unified_model::{RecordId, UnifiedRequest};
use vendor_client::VendorSession;

use crate::call::dialect::Dialect;
use crate::call::outcome::ConnectorError;
use crate::call::tables::Tables;

/// How an id is made where the vendor lets its callers choose. A parameter, so that tests can foresee it.
pub type Mint = fn() -> RecordId;

/// What a unified request is carried out with.
#[derive(Clone, Copy)]
pub(crate) struct CallContext<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) request: &'a UnifiedRequest,
    pub(crate) vendor: &'a VendorSession,
    /// What only the plan's protocol knows.
    pub(crate) dialect: &'a dyn Dialect,
    /// The vendor tables that earlier calls have fetched.
    pub(crate) tables: &'a Tables,
    pub(crate) mint: Mint,
}

impl<'a> CallContext<'a> {
    /// The same for another request.
    pub(crate) fn with_request<'b>(self, request: &'b UnifiedRequest) -> CallContext<'b>
    where
        'a: 'b,
    {
        CallContext { request, ..self }
    }

    /// The same for a request by another plan.
    pub(crate) fn with_plan<'b>(self, plan: &'b Plan, request: &'b UnifiedRequest) -> CallContext<'b>
    where
        'a: 'b,
    {
        CallContext { plan, request, ..self }
    }

    pub(crate) fn resource(&self) -> &'a ResourceDefinition {
        self.plan.resource()
    }

    pub(crate) fn connector(&self) -> &'a ConnectorDefinition {
        self.plan.connector()
    }

    /// The id of the record that the request is about.
    ///
    /// # Errors
    /// The request names none, although `what` needs one.
    pub(crate) fn id(&self, what: &str) -> Result<RecordId, ConnectorError> {
        self.request.id.clone().ok_or_else(|| ConnectorError::Internal(what.to_owned()))
    }
}

//! The `Connector` trait, and JSON over HTTP as definitions describe it, which every protocol here speaks in its own dialect.

use async_trait::async_trait;
use connector_catalog::Plan;
use unified_model::{Operation, RecordId, UnifiedRequest};
use vendor_client::VendorSession;

use crate::call::context::{CallContext, Mint};
use crate::call::dialect::Dialect;
use crate::call::outcome::{ConnectorError, VendorOutcome};
use crate::call::tables::Tables;
use crate::custom_fields::{self, CustomField};
use crate::execute;

/// A way to carry out a plan.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Carries out `request` as `plan` says, through `vendor`.
    async fn execute(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
    ) -> Result<VendorOutcome, ConnectorError>;

    /// The fields that the vendor's account has of its own in the resource of `plan`, which is one of
    /// [`ConnectorDefinition::custom_fields_plan`](connector_catalog::ConnectorDefinition::custom_fields_plan). Their values
    /// are of the record `id`, or of the first that the vendor lists.
    async fn custom_fields(
        &self,
        plan: &Plan,
        id: Option<&RecordId>,
        vendor: &VendorSession,
    ) -> Result<Vec<CustomField>, ConnectorError>;
}

/// A protocol: JSON over HTTP, described by the definition alone but for what the dialect adds.
#[derive(Debug)]
pub(super) struct JsonConnector<D> {
    dialect: D,
    tables: Tables,
    mint: Mint,
}

impl<D: Dialect> JsonConnector<D> {
    /// The protocol, which has fetched no vendor table yet and makes ids with `mint`.
    pub(super) fn new(dialect: D, mint: Mint) -> Self {
        Self { dialect, tables: Tables::new(), mint }
    }

    fn context<'a>(
        &'a self,
        plan: &'a Plan,
        request: &'a UnifiedRequest,
        vendor: &'a VendorSession,
    ) -> CallContext<'a> {
        CallContext { plan, request, vendor, dialect: &self.dialect, tables: &self.tables, mint: self.mint }
    }
}

#[async_trait]
impl<D: Dialect> Connector for JsonConnector<D> {
    async fn execute(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
    ) -> Result<VendorOutcome, ConnectorError> {
        let request = self.dialect.completed(request);
        execute::execute(self.context(plan, &request, vendor)).await
    }

    async fn custom_fields(
        &self,
        plan: &Plan,
        id: Option<&RecordId>,
        vendor: &VendorSession,
    ) -> Result<Vec<CustomField>, ConnectorError> {
        let request = custom_fields::request(plan, Operation::All, None, "")?;
        custom_fields::find(self.context(plan, &request, vendor), id).await
    }
}

//! The `Connector` trait and the protocols that implement it: how a plan becomes vendor calls and their answers become
//! canonical records. Never a vendor's name where a protocol's would do.

mod call;
mod custom_fields;
mod execute;
mod lookup;
mod protocol;
mod read;
mod request;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use connector_catalog::{Plan, Protocol};
use unified_model::{RecordId, UnifiedRequest};
use vendor_client::VendorSession;

pub use call::exchange::Exchange;
pub use call::outcome::{Answered, ConnectorError, Contention, Failure, OutcomeData, Progress, VendorOutcome};
pub use custom_fields::CustomField;
pub use protocol::odata::{FieldMapProblem, check_field_map};
pub use protocol::{Agile, Odata, Rest};
pub use write::Mint;

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

/// Every protocol that this build speaks.
#[derive(Clone)]
pub struct Protocols {
    rest: Arc<Rest>,
    odata: Arc<Odata>,
    agile: Arc<Agile>,
}

impl Protocols {
    /// The protocols, with empty lookup caches.
    #[must_use]
    pub fn new() -> Self {
        Self { rest: Arc::new(Rest::new()), odata: Arc::new(Odata::new()), agile: Arc::new(Agile::new()) }
    }

    /// The same with another way to make ids, where a vendor lets its callers choose them.
    #[must_use]
    pub fn minting(mint: Mint) -> Self {
        let rest = || Rest::new().minting(mint);
        Self { rest: Arc::new(rest()), odata: Arc::new(Odata::over(rest())), agile: Arc::new(Agile::over(rest())) }
    }

    /// The implementation of a protocol.
    #[must_use]
    pub fn get(&self, protocol: Protocol) -> &dyn Connector {
        match protocol {
            Protocol::Rest => &*self.rest,
            Protocol::Odata => &*self.odata,
            Protocol::Agile => &*self.agile,
        }
    }
}

impl Default for Protocols {
    fn default() -> Self {
        Self::new()
    }
}

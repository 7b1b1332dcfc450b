//! What is learnt of a call while it is served, for the log of calls: whoever serves it notes it down, whatever comes of it.

use std::sync::OnceLock;
use std::time::Duration;

use connection_vault::Caller;
use unified_model::{ConsumerId, ServiceId};
use vendor_client::VendorTime;

/// What is learnt of one call. The first word counts.
#[derive(Debug, Default)]
pub struct CallNotes {
    party: OnceLock<(Caller, Option<ConsumerId>)>,
    service: OnceLock<ServiceId>,
    pub(crate) vendor_time: VendorTime,
}

impl CallNotes {
    /// Notes who calls, once that is certain, and for which consumer; `None`: for none in particular.
    pub fn called_by(&self, caller: &Caller, consumer_id: Option<&ConsumerId>) {
        self.party.get_or_init(|| (caller.clone(), consumer_id.cloned()));
    }

    /// Notes the connector that the call is about.
    pub fn calls(&self, service: &ServiceId) {
        self.service.get_or_init(|| service.clone());
    }

    /// Who called, and for which consumer, where one was named; `None` where nobody was recognised.
    #[must_use]
    pub fn party(&self) -> Option<(&Caller, Option<&ConsumerId>)> {
        self.party.get().map(|(caller, consumer_id)| (caller, consumer_id.as_ref()))
    }

    /// The connector that was named or chosen.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceId> {
        self.service.get()
    }

    /// How long requests to the vendor were under way.
    #[must_use]
    pub fn vendor_time(&self) -> Duration {
        self.vendor_time.passed()
    }
}

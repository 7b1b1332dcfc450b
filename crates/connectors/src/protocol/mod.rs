//! The protocols, and what only they know.

mod agile;
pub(crate) mod connector;
pub(crate) mod odata;
mod rest;

use std::sync::Arc;

use connector_catalog::Protocol;
use unified_model::RecordId;

use crate::call::context::Mint;

use agile::Agile;
use connector::{Connector, JsonConnector};
use odata::Odata;
use rest::Rest;

/// Every protocol that this build speaks.
#[derive(Clone)]
pub struct Protocols {
    rest: Arc<JsonConnector<Rest>>,
    odata: Arc<JsonConnector<Odata>>,
    agile: Arc<JsonConnector<Agile>>,
}

impl Protocols {
    /// The protocols, with empty lookup caches.
    #[must_use]
    pub fn new() -> Self {
        Self::minting(random_id)
    }

    /// The same with another way to make ids, where a vendor lets its callers choose them.
    #[must_use]
    pub fn minting(mint: Mint) -> Self {
        Self {
            rest: Arc::new(JsonConnector::new(Rest, mint)),
            odata: Arc::new(JsonConnector::new(Odata, mint)),
            agile: Arc::new(JsonConnector::new(Agile, mint)),
        }
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

/// A random UUID.
fn random_id() -> RecordId {
    let id = uuid::Uuid::new_v4().to_string();
    id.parse().expect("a UUID is a possible id")
}

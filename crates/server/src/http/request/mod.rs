//! What every request passes, whichever API it is for: how it is read, answered and logged.

pub(crate) mod body;
pub(super) mod headers;
pub(super) mod log;
pub(super) mod names;
pub(crate) mod refused;
pub(super) mod routed;
pub(super) mod sent;

use std::sync::Arc;

use connection_vault::Vault;
use gateway::Gateway;
use unified_model::{RequestError, Violation};

use super::reply::links::PublicUrl;

/// What every request handler shares.
#[derive(Clone)]
pub(crate) struct Http {
    inner: Arc<Inner>,
}

struct Inner {
    gateway: Gateway,
    public_url: PublicUrl,
    max_body_bytes: usize,
}

impl Http {
    pub(super) fn new(gateway: Gateway, public_url: PublicUrl, max_body_bytes: usize) -> Self {
        Self { inner: Arc::new(Inner { gateway, public_url, max_body_bytes }) }
    }

    pub(super) fn gateway(&self) -> &Gateway {
        &self.inner.gateway
    }

    pub(super) fn vault(&self) -> &Vault {
        self.inner.gateway.vault()
    }

    pub(super) fn public_url(&self) -> &PublicUrl {
        &self.inner.public_url
    }

    /// The largest body that is read.
    pub(super) fn max_body_bytes(&self) -> usize {
        self.inner.max_body_bytes
    }
}

/// A request that does not fit its end-point: where, and what would be right.
pub(super) fn invalid(at: &str, message: impl Into<String>) -> RequestError {
    RequestError::Invalid(vec![Violation { at: at.to_owned(), message: message.into() }])
}

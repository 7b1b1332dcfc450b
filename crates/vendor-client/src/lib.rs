//! The only way out to vendors: credentials, limits, retries, deadlines, size caps and the egress guard.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connector_catalog::{ConnectorDefinition, Limits};
use secrecy::SecretString;

/// The values that fill a connector's settings, secret ones included. Never shown by `Debug`.
#[derive(Clone, Default)]
pub struct Credentials {
    /// By setting name.
    pub settings: BTreeMap<String, SecretString>,
}

/// Where a session gets its credentials from. Implemented by the vault.
#[async_trait]
pub trait CredentialSource: Send + Sync {
    /// The credentials as they are now.
    async fn current(&self) -> Result<Arc<Credentials>, CredentialError>;
    /// Newer credentials than `stale`, after the vendor refused those. `Ok(None)`: there is nothing newer to try.
    async fn refresh(&self, stale: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CredentialError>;
}

/// Why there are no credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Required settings have no value.
    #[error("settings without a value: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// The sealed secrets cannot be opened.
    #[error("the connection's secrets cannot be opened: {0}")]
    Unreadable(String),
}

/// What an operator decides about one connector.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConnectorOverrides {
    /// Replaces the definition's base address. It is the operator's word, so the egress guard does not apply to it.
    pub base_url: Option<String>,
    /// Replaces the definition's limits.
    pub limits: Option<Limits>,
    /// Replaces the definition's timeout.
    pub timeout: Option<Duration>,
}

/// A request to a vendor.
#[derive(Debug, Clone)]
pub struct VendorRequest {
    /// The step that it belongs to.
    pub step: String,
    /// The method.
    pub method: http::Method,
    /// The path below the base address, already percent-encoded, starting with `/`.
    pub path: String,
    /// Query parameters, not yet encoded.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: VendorBody,
    /// Whether repeating it can change nothing (GET, or a POST that only searches).
    pub safe: bool,
}

/// The body of a vendor request.
#[derive(Debug, Clone)]
pub enum VendorBody {
    /// None.
    None,
    /// JSON text.
    Json(Vec<u8>),
    /// Form members, not yet encoded.
    Form(Vec<(String, String)>),
}

/// What a vendor answered, whatever its status.
#[derive(Debug, Clone)]
pub struct VendorReply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: http::HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VendorError {
    /// The request never reached the vendor (DNS, connection refused, TLS).
    #[error("{host} could not be reached: {reason}")]
    Unreachable {
        /// The vendor's host.
        host: String,
        /// Why, without the address's query.
        reason: String,
    },
    /// The egress guard refused the address.
    #[error("{host} may not be called: {reason}")]
    Forbidden {
        /// The host.
        host: String,
        /// Which range it is in.
        reason: String,
    },
    /// The deadline passed.
    #[error("no answer within the deadline")]
    Timeout {
        /// Whether any byte of the request may have reached the vendor.
        sent: bool,
    },
    /// The connection broke after the request may have been sent.
    #[error("the connection to {host} broke: {reason}")]
    Broken {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// The answer is larger than the cap.
    #[error("the answer is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The cap.
        limit_bytes: usize,
    },
    /// Our own limiter had no room within the deadline.
    #[error("the connection's own limit is used up")]
    LimiterFull {
        /// When there will be room.
        retry_after: Duration,
    },
    /// A setting that the address or the authorisation needs is missing or malformed.
    #[error("the connection's settings cannot be used: {0}")]
    Settings(String),
    /// The credentials could not be had.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
}

/// The client: connection pools, limiters, the guard. One per process.
#[derive(Debug, Clone)]
pub struct VendorClient {
    _todo: (),
}

/// One connection's way to its vendor for the length of one unified call: it owns the deadline.
pub struct VendorSession {
    _todo: (),
}

/// What identifies a connection to limiters and caches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConnectionKey(pub Arc<str>);

impl VendorClient {
    /// Opens a session; the deadline starts now.
    #[must_use]
    pub fn session(
        &self,
        connector: Arc<ConnectorDefinition>,
        connection: ConnectionKey,
        credentials: Arc<dyn CredentialSource>,
    ) -> VendorSession {
        let _ = (connector, connection, credentials);
        todo!("vendor-client owner")
    }
}

impl VendorSession {
    /// Sends a request and reads the whole answer. Safe requests are repeated as the definition says, within the deadline.
    pub async fn send(&self, request: VendorRequest) -> Result<VendorReply, VendorError> {
        let _ = request;
        todo!("vendor-client owner")
    }

    /// The value of a setting that is not secret; `None` where it has none or is sensitive.
    pub async fn setting(&self, name: &str) -> Option<String> {
        let _ = name;
        todo!("vendor-client owner")
    }
}

//! What opens a connection's door, and where it comes from. Nothing here is ever shown.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

/// The values that fill a connector's settings, secret ones included. Never shown by `Debug`.
#[derive(Clone, Default)]
pub struct Credentials {
    /// By setting name.
    pub settings: BTreeMap<String, SecretString>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(..)")
    }
}

/// Where a session gets its credentials from. Implemented by the vault.
///
/// The client keeps what it renders from credentials for as long as it is handed the same `Arc`: a source that answers a
/// new one for every call makes every call render its headers anew.
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

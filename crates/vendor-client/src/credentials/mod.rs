//! What opens a connection's door, and where it comes from. Nothing here is ever shown.

pub(crate) mod echoes;
mod spellings;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

/// Where [`Credentials`] have the access token, among the settings.
pub const ACCESS_TOKEN: &str = "oauth.access_token";
/// Where they have the refresh token.
pub const REFRESH_TOKEN: &str = "oauth.refresh_token";

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

/// Credentials that nobody renews: what was given is all there is.
#[derive(Debug, Clone, Default)]
pub struct FixedCredentials(pub Arc<Credentials>);

#[async_trait]
impl CredentialSource for FixedCredentials {
    async fn current(&self) -> Result<Arc<Credentials>, CredentialError> {
        Ok(Arc::clone(&self.0))
    }

    async fn refresh(&self, _stale: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CredentialError> {
        Ok(None)
    }
}

impl CredentialError {
    /// The same once the vendor was asked and refused the credentials that there were.
    pub(crate) fn after_refusal(self) -> Self {
        match self {
            Self::Unavailable { cause, .. } => Self::Unavailable { cause, was_refused: true },
            other => other,
        }
    }
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
    /// The consumer has not authorised the connection, or has to do so again.
    #[error("the connection is not authorised: {0}")]
    NotAuthorized(String),
    /// The access token has ended and could not be renewed this time.
    #[error("the access token could not be renewed: {reason}")]
    RefreshFailed {
        /// Why, without a secret.
        reason: String,
        /// When the access token ended.
        expires_at: Option<jiff::Timestamp>,
        /// When it will be tried again.
        retry_after: Duration,
    },
    /// The access token has ended, and the token end-point wants no further request for now.
    #[error("the token end-point has had too many requests")]
    RefreshLimited {
        /// When it may be asked again.
        retry_after: Duration,
    },
    /// The application's integration has no OAuth client to renew the access token with.
    #[error("the application's integration has no OAuth client id or secret")]
    NoOauthClient,
    /// What is stored cannot be used.
    #[error("the store failed: {0}")]
    Store(String),
    /// What is stored cannot be reached for now.
    #[error("the gateway's store is not available")]
    Unavailable {
        /// Why, for the gateway's own log.
        cause: String,
        /// Whether the vendor was asked, and refused the credentials that there were.
        was_refused: bool,
    },
}

//! Why an authorisation goes no further, in the vault's words.

use unified_model::ServiceId;
use vendor_client::{CredentialError, TokenError};

use super::{AdminError, VaultError};

/// Why an authorisation goes no further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizeError {
    /// The `state` was not signed here, is over, or was used before.
    #[error("`state` {0}")]
    State(String),
    /// There is no address that the consumer may be sent back to.
    #[error("{0}")]
    RedirectUri(String),
    /// The vendor did not exchange the code.
    #[error("the vendor did not exchange the code for a token: {0}")]
    Exchange(TokenError),
    /// The vendor reported an error.
    #[error("the vendor reported `{error}`{}", .description.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Vendor {
        /// Its code.
        error: String,
        /// Its sentence.
        description: Option<String>,
    },
    /// The token that confirms a connection is unknown, over or used.
    #[error("the `confirm_token` is unknown, has expired or was used before")]
    ConfirmToken,
    /// The connector does not work that way.
    #[error("{0}")]
    NotOffered(String),
    /// The token could not be renewed.
    #[error("{error}")]
    Renewal {
        /// The connector.
        service: ServiceId,
        /// Why.
        error: CredentialError,
    },
    /// Anything else.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What was to be stored does not fit.
    #[error(transparent)]
    Admin(#[from] AdminError),
}

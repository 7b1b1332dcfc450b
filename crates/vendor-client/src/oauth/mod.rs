//! OAuth 2 at a vendor: the consent page, tokens and giving them back. Who keeps the tokens, and when they are renewed, is the
//! vault's business.

mod client;
mod reply;
mod revoke;

pub use reply::{Refusal, TokenError, TokenReply};

use secrecy::SecretString;

/// How long a token end-point may take to answer.
const TOKEN_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(15);
/// The largest answer of a token end-point that is read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The client that a vendor knows an application by.
#[derive(Debug, Clone)]
pub struct OAuthClient {
    /// Its public id.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
}

/// What is asked of a consent page.
#[derive(Debug, Clone, Copy)]
pub struct ConsentRequest<'r> {
    /// The client's id.
    pub client_id: &'r str,
    /// Where the vendor sends the consumer back to.
    pub redirect_uri: &'r str,
    /// What comes back unchanged.
    pub state: &'r str,
    /// What is asked for.
    pub scopes: &'r [String],
    /// The PKCE verifier (43 to 128 unreserved characters); only its challenge is sent.
    pub verifier: Option<&'r SecretString>,
}

/// What a token is asked for with.
#[derive(Debug, Clone, Copy)]
pub enum TokenRequest<'r> {
    /// The code that the consumer came back with.
    Code {
        /// The code.
        code: &'r SecretString,
        /// The address that the consent page was given.
        redirect_uri: &'r str,
        /// The PKCE verifier, where the page had its challenge.
        verifier: Option<&'r SecretString>,
    },
    /// A refresh token.
    Refresh(&'r SecretString),
    /// The client's own word.
    ClientCredentials {
        /// What is asked for.
        scopes: &'r [String],
    },
    /// The owner's name and password, which the settings hold.
    Password {
        /// What is asked for.
        scopes: &'r [String],
    },
}

impl<'r> TokenRequest<'r> {
    /// The secrets that the request itself names; those of the client and of the settings are not among them.
    fn secrets(&self) -> Vec<&'r SecretString> {
        match self {
            Self::Code { code, verifier, .. } => [Some(*code), *verifier].into_iter().flatten().collect(),
            Self::Refresh(token) => vec![token],
            Self::ClientCredentials { .. } | Self::Password { .. } => Vec::new(),
        }
    }
}

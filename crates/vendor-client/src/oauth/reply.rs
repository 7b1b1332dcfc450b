//! What a token end-point answers, the refusals that no RFC foresees included.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use connector_catalog::OAuth2;
use http::header::RETRY_AFTER;
use oauth2::TokenResponse as _;
use oauth2::basic::BasicTokenType;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::credentials::echoes::Echoes;
use crate::error::VendorError;
use crate::wire::reply::VendorReply;

/// How the refusal of a dead grant is spelled (RFC 6749, 5.2).
const INVALID_GRANT: &str = "invalid_grant";
/// How much of a vendor's description is shown.
const LONGEST_DESCRIPTION: usize = 300;

/// What a token end-point gives.
#[derive(Debug, Clone)]
pub struct TokenReply {
    /// The access token.
    pub access_token: SecretString,
    /// The refresh token, where there is a new one; never an empty text.
    pub refresh_token: Option<SecretString>,
    /// How long the access token lives, where that is known.
    pub expires_in: Option<Duration>,
    /// What was granted, where the reply says so.
    pub scope: Option<String>,
    /// Settings that the reply names.
    pub kept: BTreeMap<String, String>,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The grant is over: only the consumer's consent brings a new one.
    #[error("the vendor says that the grant is over: {0}")]
    GrantOver(Refusal),
    /// The vendor refuses for another reason.
    #[error("the vendor refuses a token: {0}")]
    Refused(Refusal),
    /// Too many requests.
    #[error("the vendor's token end-point has had too many requests")]
    RateLimited {
        /// When the vendor wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The answer is none that tokens come in.
    #[error("the token end-point answered {status} with {reason}")]
    Unusable {
        /// Its HTTP status.
        status: u16,
        /// What is wrong with the answer.
        reason: String,
    },
    /// There is no answer.
    #[error(transparent)]
    Vendor(#[from] VendorError),
}

impl TokenError {
    /// The same without secrets that the vendor repeats in its own words.
    pub(super) fn without(mut self, secrets: &Echoes) -> Self {
        if let Self::GrantOver(refusal) | Self::Refused(refusal) = &mut self {
            secrets.scrub_text(&mut refusal.error);
            refusal.description.iter_mut().for_each(|description| secrets.scrub_text(description));
        }
        self
    }
}

/// A refusal in the vendor's words, without the secrets that it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its code, as `invalid_client`.
    pub error: String,
    /// Its sentence.
    pub description: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.error)?;
        match &self.description {
            Some(description) => write!(formatter, " ({description})"),
            None => Ok(()),
        }
    }
}

/// Every member that is not of RFC 6749.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Members(Map<String, Value>);

impl oauth2::ExtraTokenFields for Members {}

pub(super) type StandardReply = oauth2::StandardTokenResponse<Members, BasicTokenType>;

pub(super) fn token(oauth2: &OAuth2, reply: &StandardReply) -> TokenReply {
    let Members(members) = reply.extra_fields();
    let kept = oauth2.keep.iter().filter_map(|(setting, member)| Some((setting.clone(), text(members.get(member)?)?)));
    TokenReply {
        access_token: reply.access_token().secret().clone().into(),
        refresh_token: reply
            .refresh_token()
            .map(oauth2::RefreshToken::secret)
            .filter(|token| !token.is_empty())
            .map(|token| token.clone().into()),
        expires_in: reply.expires_in().or(oauth2.expires_in),
        scope: reply.scopes().map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")),
        kept: kept.collect(),
    }
}

/// What an answer without a token means.
pub(super) fn refusal(oauth2: &OAuth2, answer: &VendorReply, now: jiff::Timestamp) -> TokenError {
    let status = answer.status;
    if status == 429 {
        return TokenError::RateLimited { retry_after: answer.wait_header(RETRY_AFTER.as_str(), now) };
    }
    if status >= 500 {
        return TokenError::Unusable { status, reason: "an error of the vendor's own".to_owned() };
    }
    let Some(refusal) = Refusal::read(&answer.body) else {
        return TokenError::Unusable { status, reason: "no token and no error that could be read".to_owned() };
    };
    let is_over = refusal.error == INVALID_GRANT || oauth2.grant_over.contains(&refusal.error);
    if is_over { TokenError::GrantOver(refusal) } else { TokenError::Refused(refusal) }
}

impl Refusal {
    /// `error` and `error_description` of RFC 6749, or the `status` and `message` that some vendors have in their stead.
    fn read(body: &[u8]) -> Option<Self> {
        let body: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let first = |names: [&str; 2]| names.into_iter().find_map(|name| text(body.get(name)?));
        let shortened = |text: String| text.chars().take(LONGEST_DESCRIPTION).collect();
        Some(Self {
            error: shortened(first(["error", "status"])?),
            description: first(["error_description", "message"]).map(shortened),
        })
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use connector_catalog::Catalog;
    use serde_json::json;

    use super::*;

    /// A vendor whose refresh tokens stay as they are.
    fn vendor() -> OAuth2 {
        let catalog = Catalog::built_in().unwrap();
        catalog.connectors().find_map(|connector| connector.auth.oauth2()).unwrap().clone()
    }

    #[test]
    fn an_empty_refresh_token_replaces_none() {
        for (sent, expected) in [(json!("new"), Some("new")), (json!(""), None), (json!(null), None)] {
            let reply = json!({ "access_token": "a", "token_type": "bearer", "refresh_token": sent });
            let reply: StandardReply = serde_json::from_value(reply).unwrap();
            let token = token(&vendor(), &reply).refresh_token;
            assert_eq!(token.as_ref().map(secrecy::ExposeSecret::expose_secret), expected);
        }
    }

    #[test]
    fn a_refusal_repeats_no_secret_that_was_sent() {
        let secret = SecretString::from("r3fresh/token");
        let echoes = Echoes::of([&secret], &["client"]);
        let body = json!({ "error": "bad r3fresh/token", "error_description": "no such token: r3fresh%2Ftoken" });
        let answer = VendorReply { status: 400, headers: http::HeaderMap::new(), body: body.to_string().into() };
        let error = refusal(&vendor(), &answer, jiff::Timestamp::UNIX_EPOCH).without(&echoes);
        let expected =
            Refusal { error: "bad [redacted]".to_owned(), description: Some("no such token: [redacted]".to_owned()) };
        assert_eq!(error, TokenError::Refused(expected));
    }
}

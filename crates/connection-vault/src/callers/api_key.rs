//! API keys: made here, shown once, kept only as keyed hashes.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::access::scope::Scopes;
use crate::error::{AdminError, VaultError};
use crate::sealing::keyring::Sealer;

const PREFIX: &str = "tlk_";
const HINT_CHARACTERS: usize = 4;
const SHORTEST_LIFE: Duration = Duration::from_mins(1);
const LONGEST_LIFE: Duration = Duration::from_hours(24 * 36_525);

/// What an API key is called where the key itself may not be shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ApiKeyId(String);

/// An API key as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKeySummary {
    /// Its id.
    pub id: ApiKeyId,
    /// The application that it belongs to.
    pub application_id: String,
    /// How it ends, to tell keys apart; shorter keys show less.
    pub hint: String,
    /// When it was added.
    pub created_at: jiff::Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<jiff::Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<jiff::Timestamp>,
    /// What it may be used for; `None`: everything.
    pub scopes: Scopes,
}

/// What an API key is to be.
#[derive(Debug, Clone, Default)]
pub struct NewApiKey {
    /// What it may be used for; `None`: everything.
    pub scopes: Scopes,
    /// How long it lives; `None`: until it is revoked.
    pub expires_in: Option<Duration>,
}

/// An API key as calls are recognised by it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KnownKey {
    pub(crate) id: ApiKeyId,
    pub(crate) application_id: Arc<str>,
    pub(crate) expires_at: Option<jiff::Timestamp>,
    pub(crate) scopes: Scopes,
}

impl KnownKey {
    pub(crate) fn has_expired(&self, now: jiff::Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// Turns API keys into what they are looked up by. A fast hash will do: the keys are random, and the hash is keyed.
pub(crate) struct ApiKeyHasher {
    key: Zeroizing<[u8; 32]>,
}

impl ApiKeyId {
    pub(crate) fn new_random() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ApiKeyId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for ApiKeyId {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl ApiKeyHasher {
    pub(crate) fn new(sealer: &Sealer) -> Self {
        Self { key: Zeroizing::new(sealer.derive("Trunkline connection-vault v1: hash of API keys")) }
    }

    pub(crate) fn hash(&self, api_key: &str) -> blake3::Hash {
        blake3::keyed_hash(&self.key, api_key.as_bytes())
    }
}

/// A new API key: `tlk_` and 32 random bytes as base64url.
pub(crate) fn generate() -> Result<SecretString, AdminError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|error| VaultError::Store(format!("no random numbers: {error}")))?;
    let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    Ok(SecretString::from(format!("{PREFIX}{}", encoded.as_str())))
}

/// When a key ends that lives for so long.
pub(crate) fn end(now: jiff::Timestamp, length: Duration) -> Result<jiff::Timestamp, AdminError> {
    let can_be = (SHORTEST_LIFE..=LONGEST_LIFE).contains(&length);
    now.checked_add(length).ok().filter(|_| can_be).ok_or(AdminError::ApiKeyLifetime)
}

/// Whether a chosen key can travel in an `Authorization` header.
pub(crate) fn is_well_formed(api_key: &str) -> bool {
    (8..=255).contains(&api_key.len()) && api_key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The last characters of a key that is long enough to spare them.
pub(crate) fn hint(api_key: &str) -> String {
    let spared = if api_key.len() >= 32 { HINT_CHARACTERS } else { 0 };
    format!("…{}", api_key.get(api_key.len() - spared..).unwrap_or_default())
}

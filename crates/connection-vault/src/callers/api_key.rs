//! API keys as texts: made here, shown once, kept only as keyed hashes.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::error::{AdminError, VaultError};
use crate::sealing::Sealer;

const PREFIX: &str = "tlk_";
const HINT_CHARACTERS: usize = 4;
const SHORTEST_LIFE: Duration = Duration::from_mins(1);
const LONGEST_LIFE: Duration = Duration::from_hours(24 * 36_525);

/// Turns API keys into what they are looked up by. A fast hash will do: the keys are random, and the hash is keyed.
pub(super) struct ApiKeyHasher {
    key: Zeroizing<[u8; 32]>,
}

impl ApiKeyHasher {
    pub(super) fn new(sealer: &Sealer) -> Self {
        Self { key: Zeroizing::new(sealer.derive("Trunkline connection-vault v1: hash of API keys")) }
    }

    pub(super) fn hash(&self, api_key: &str) -> blake3::Hash {
        blake3::keyed_hash(&self.key, api_key.as_bytes())
    }
}

/// A new API key: `tlk_` and 32 random bytes as base64url.
pub(super) fn generate() -> Result<SecretString, AdminError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|error| VaultError::Internal(format!("no random numbers: {error}")))?;
    let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    Ok(SecretString::from(format!("{PREFIX}{}", encoded.as_str())))
}

/// When a key ends that lives for so long.
pub(super) fn end(now: jiff::Timestamp, length: Duration) -> Result<jiff::Timestamp, AdminError> {
    let can_be = (SHORTEST_LIFE..=LONGEST_LIFE).contains(&length);
    now.checked_add(length).ok().filter(|_| can_be).ok_or(AdminError::ApiKeyLifetime)
}

/// Whether a chosen key can travel in an `Authorization` header.
pub(super) fn is_well_formed(api_key: &str) -> bool {
    (8..=255).contains(&api_key.len()) && api_key.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The last characters of a key that is long enough to spare them.
pub(super) fn hint(api_key: &str) -> String {
    let spared = if api_key.len() >= 32 { HINT_CHARACTERS } else { 0 };
    format!("…{}", api_key.get(api_key.len() - spared..).unwrap_or_default())
}

//! Signed tokens: what the vault hands out and believes when it comes back. HS256, a key of its own for every purpose, so that a
//! token for one is none for another.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keyring::Sealer;
use crate::error::VaultError;

/// What a token says.
pub(crate) trait Claims: Serialize + DeserializeOwned + Clone {
    /// What its key is derived for; a constant that never changes.
    const PURPOSE: &'static str;

    /// When it ends, in seconds since 1970.
    fn expires_at(&self) -> i64;
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It was not signed here for this purpose, or it was altered.
    #[error("was altered or comes from elsewhere")]
    Foreign,
    /// Its time is over.
    #[error("has expired")]
    Expired,
    /// It was revoked, or the API key that it was created with was, or that key has expired.
    #[error("was revoked, or the API key that it was created with has ended")]
    Revoked,
}

impl Sealer {
    pub(crate) fn sign<C: Claims>(&self, claims: &C) -> Result<String, VaultError> {
        let key = EncodingKey::from_secret(&self.derive(C::PURPOSE));
        encode(&Header::new(Algorithm::HS256), claims, &key).map_err(|error| VaultError::Sealed(error.to_string()))
    }

    /// The claims of a token that was signed here and has not ended.
    pub(crate) fn verify<C: Claims>(&self, token: &str, now: Timestamp) -> Result<C, TokenFault> {
        let key = DecodingKey::from_secret(&self.derive(C::PURPOSE));
        let mut rules = Validation::new(Algorithm::HS256);
        // By our own clock, below.
        rules.validate_exp = false;
        rules.validate_aud = false;
        let claims: C = decode(token, &key, &rules).map_err(|_| TokenFault::Foreign)?.claims;
        if claims.expires_at() <= now.as_second() { Err(TokenFault::Expired) } else { Ok(claims) }
    }
}

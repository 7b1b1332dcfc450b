//! Proof that whoever brings a code is who asked for it (PKCE, RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What a consent page was given to hold a verifier to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// The verifier itself.
    Plain(String),
    /// Its digest.
    Sha256(String),
}

impl Challenge {
    /// A challenge as it is sent; without a method it is a plain one. `None`: a method that nobody knows.
    pub(super) fn read(challenge: String, method: Option<&str>) -> Option<Self> {
        match method {
            None | Some("plain") => Some(Self::Plain(challenge)),
            Some("S256") => Some(Self::Sha256(challenge)),
            Some(_) => None,
        }
    }

    pub(super) fn is_met_by(&self, verifier: &str) -> bool {
        match self {
            Self::Plain(challenge) => challenge == verifier,
            Self::Sha256(challenge) => *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_example_of_the_rfc_is_met() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned();
        let challenge = Challenge::read(challenge, Some("S256")).expect("a known method");
        assert!(challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK"));
        assert_eq!(Challenge::read(String::new(), Some("S512")), None);
    }
}

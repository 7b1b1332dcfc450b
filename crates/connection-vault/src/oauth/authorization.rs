//! Authorisations on their way: a consumer was sent to the vendor and is expected back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use unified_model::ServiceId;

use crate::connections::grant::Grant;
use crate::sealing::seal::Place;

/// An authorisation as it is stored: verifier and tokens sealed.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationRow {
    /// What the vendor brings back in `state`, signed.
    pub(crate) id: String,
    pub(crate) application_id: String,
    pub(crate) consumer_id: String,
    pub(crate) service: ServiceId,
    /// The link that it was begun with.
    pub(crate) link: String,
    pub(crate) stage: Stage,
    pub(crate) redirect_uri: String,
    pub(crate) nonce: Option<String>,
    /// Sealed blobs, by name.
    pub(crate) sealed: BTreeMap<String, String>,
    /// What was granted and waits to be confirmed.
    pub(crate) granted: Option<Grant>,
    pub(crate) confirm_hash: Option<Vec<u8>>,
    pub(crate) expires_at: Timestamp,
}

/// How far an authorisation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The consumer was sent to the vendor.
    Asked,
    /// The vendor sent the consumer back, and its code is being exchanged for tokens.
    Exchanging,
    /// There are tokens, which wait to be confirmed.
    Granted,
}

impl Stage {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Exchanging => "exchanging",
            Self::Granted => "granted",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Asked, Self::Exchanging, Self::Granted].into_iter().find(|stage| stage.as_str() == text)
    }
}

impl AuthorizationRow {
    /// Application, consumer and service: what events name.
    pub(crate) fn of(&self) -> (&str, &str, &str) {
        (&self.application_id, &self.consumer_id, self.service.as_str())
    }

    /// Where its secrets belong.
    pub(crate) fn place<'a>(&'a self, name: &'a str) -> Place<'a> {
        Place {
            application_id: &self.application_id,
            consumer_id: &self.consumer_id,
            service_id: self.service.as_str(),
            connection_id: &self.id,
            setting: name,
        }
    }
}

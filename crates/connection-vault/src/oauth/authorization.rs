//! Authorisations on their way: a consumer was sent to the vendor and is expected back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use unified_model::{ApplicationId, ConsumerId, ServiceId};

use crate::connections::Grant;
use crate::core::ConnectionName;
use crate::error::VaultError;
use crate::sealing::{Place, SealedRow, Sealer};
use crate::store::Write;

/// An authorisation as it is stored: verifier and tokens sealed.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationRow {
    /// What the vendor brings back in `state`, signed.
    pub(crate) id: String,
    pub(crate) application_id: ApplicationId,
    pub(crate) consumer_id: ConsumerId,
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

    pub(crate) fn name(&self) -> ConnectionName {
        ConnectionName::new(&self.application_id, &self.consumer_id, &self.service)
    }
}

impl SealedRow for AuthorizationRow {
    async fn after(write: &mut Write<'_>, last: Option<&Self>, limit: i64) -> Result<Vec<Self>, VaultError> {
        write.authorizations_after(last.map_or("", |row| &row.id), limit).await
    }

    fn reseal(&mut self, sealer: &Sealer) -> Result<bool, VaultError> {
        let anew = sealer.resealed(&self.sealed, |name| self.place(name))?;
        Ok(anew.map(|anew| self.sealed = anew).is_some())
    }

    async fn keep(&self, write: &mut Write<'_>) -> Result<(), VaultError> {
        write.update_authorization(self).await.map(drop)
    }
}

//! Links: what lets a consumer's browser, which has no API key, begin an authorisation or revoke one.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use unified_model::{ApplicationId, ConsumerId, ServiceId, UnifiedApi};

use super::Authorisations;
use crate::callers::Caller;
use crate::core::ConnectionName;
use crate::error::VaultError;
use crate::sealing::Claims;

/// How long a link may lie about before it is followed.
pub(crate) const LINK_LIFETIME: Duration = Duration::from_hours(1);
/// The unified API that connections are of.
const UNIFIED_API: UnifiedApi = UnifiedApi::WHERE_NONE_IS_NAMED;

/// What a link is followed for. One for the one thing is none for the other: a session may allow only one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkVerb {
    /// To authorise the connection.
    Authorize,
    /// To revoke its authorisation.
    Revoke,
}

/// What the `state` of a connection's `authorize_url` and `revoke_url` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkClaims {
    pub(crate) jti: String,
    pub(crate) application_id: ApplicationId,
    pub(crate) consumer_id: ConsumerId,
    pub(crate) service_id: ServiceId,
    pub(crate) unified_api: String,
    pub(crate) verb: LinkVerb,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

impl Claims for LinkClaims {
    const PURPOSE: &'static str = "trunkline vault link v1";

    fn expires_at(&self) -> i64 {
        self.exp
    }
}

impl LinkClaims {
    pub(crate) fn name(&self) -> ConnectionName {
        ConnectionName::new(&self.application_id, &self.consumer_id, &self.service_id)
    }
}

impl Authorisations {
    /// The signed `state` of the link that authorises or revokes a consumer's connection. It ends after an hour.
    pub fn link(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
        verb: LinkVerb,
    ) -> Result<String, VaultError> {
        let now = self.core.now();
        self.core.sealer.sign(&LinkClaims {
            jti: uuid::Uuid::new_v4().to_string(),
            application_id: caller.application_id.clone(),
            consumer_id: consumer_id.clone(),
            service_id: service.clone(),
            unified_api: UNIFIED_API.to_string(),
            verb,
            iat: now.as_second(),
            exp: (now + LINK_LIFETIME).as_second(),
        })
    }
}

//! What travels through the vendor as `state`.

use serde::{Deserialize, Serialize};
use unified_model::{ApplicationId, ConsumerId, ServiceId};

use crate::oauth::authorization::AuthorizationRow;
use crate::sealing::Claims;

/// Names the authorisation, and once more whom it is for: a row is believed only where both agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StateClaims {
    pub(super) jti: String,
    application_id: ApplicationId,
    consumer_id: ConsumerId,
    service_id: ServiceId,
    exp: i64,
}

impl StateClaims {
    pub(super) fn of(row: &AuthorizationRow) -> Self {
        Self {
            jti: row.id.clone(),
            application_id: row.application_id.clone(),
            consumer_id: row.consumer_id.clone(),
            service_id: row.service.clone(),
            exp: row.expires_at.as_second(),
        }
    }

    pub(super) fn is_for(&self, row: &AuthorizationRow) -> bool {
        self.application_id == row.application_id
            && self.consumer_id == row.consumer_id
            && self.service_id == row.service
    }
}

impl Claims for StateClaims {
    const PURPOSE: &'static str = "trunkline oauth state v1";

    fn expires_at(&self) -> i64 {
        self.exp
    }
}

//! What changes say to running vaults: what these have to forget.

use serde::{Deserialize, Serialize};
use storage::Announcement;
use unified_model::{ApplicationId, ConsumerId};

use crate::error::VaultError;

const TOPIC: &str = "vault";

/// What running vaults have to forget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "changed", rename_all = "snake_case")]
pub(crate) enum Change {
    /// API keys of an application.
    ApiKeys { application_id: ApplicationId },
    /// An application as a whole: its integrations and what it defines.
    Application { application_id: ApplicationId },
    /// The connections of a consumer.
    Consumer { application_id: ApplicationId, consumer_id: ConsumerId },
}

impl Change {
    /// A change to an application as a whole.
    pub(crate) fn of_application(application_id: &ApplicationId) -> Self {
        Self::Application { application_id: application_id.clone() }
    }

    /// A change to the API keys of an application.
    pub(crate) fn of_api_keys(application_id: &ApplicationId) -> Self {
        Self::ApiKeys { application_id: application_id.clone() }
    }

    /// A change to what a consumer has connected.
    pub(crate) fn of_consumer(application_id: &ApplicationId, consumer_id: &ConsumerId) -> Self {
        Self::Consumer { application_id: application_id.clone(), consumer_id: consumer_id.clone() }
    }

    /// What an announcement says to vaults; nothing where it is for others.
    pub(crate) fn read(announcement: &Announcement) -> Option<Result<Self, VaultError>> {
        (announcement.topic == TOPIC).then(|| Ok(announcement.read()?))
    }

    pub(super) fn announcement(&self) -> Result<Announcement, VaultError> {
        Ok(Announcement::new(TOPIC, self)?)
    }
}

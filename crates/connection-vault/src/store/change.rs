//! What changes say to running vaults: what these have to forget.

use serde::{Deserialize, Serialize};
use storage::Announcement;

use super::ConnectionRow;
use crate::VaultError;

const TOPIC: &str = "vault";

/// What running vaults have to forget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "changed", rename_all = "snake_case")]
pub(crate) enum Change {
    /// API keys of an application.
    ApiKeys { application_id: String },
    /// An application as a whole: its integrations and what it defines.
    Application { application_id: String },
    /// The connections of a consumer.
    Consumer { application_id: String, consumer_id: String },
}

impl Change {
    /// That of a connection.
    pub(crate) fn of(row: &ConnectionRow) -> Self {
        Self::Consumer { application_id: row.application_id.clone(), consumer_id: row.consumer_id.clone() }
    }

    /// What an announcement says to vaults; nothing where it is for others.
    pub(crate) fn read(announcement: &Announcement) -> Option<Result<Self, VaultError>> {
        (announcement.topic == TOPIC).then(|| Ok(announcement.read()?))
    }

    pub(super) fn announcement(&self) -> Result<Announcement, VaultError> {
        Ok(Announcement::new(TOPIC, self)?)
    }
}

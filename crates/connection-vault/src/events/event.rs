//! What happened to a connection that somebody has to know of. Written with the change that it tells of.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use unified_model::{ApplicationId, ConsumerId, UnifiedApi};

use crate::core::{ConnectionName, Core};
use crate::error::{AdminError, VaultError};
use crate::store::Write;

/// Something that happened to a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// The application that the connection belongs to.
    pub application_id: ApplicationId,
    /// The consumer that it belongs to.
    pub consumer_id: ConsumerId,
    /// The unified API that it is of.
    pub unified_api: String,
    /// What it connects to.
    pub service_id: String,
    /// What happened, such as `vault.connection.token_refresh.failed`.
    pub event_type: String,
    /// More of it, without a secret; empty where there is no more to say.
    pub detail: String,
    /// When.
    pub occurred_at: Timestamp,
}

/// What can happen. The names are those of the contract's vault events, where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventType {
    Created,
    Updated,
    Disabled,
    Deleted,
    Callable,
    Revoked,
    RefreshFailed,
    RefreshPending,
    RefreshRecovered,
    /// A consumer has consented, and the application has yet to confirm it.
    AuthorizationPending,
    /// An authorisation broke off after the consumer's consent.
    AuthorizationInterrupted,
    /// The vendor refuses its credentials.
    CredentialsRefused,
    /// The vendor takes them again.
    CredentialsAccepted,
    /// An operator took the secrets out.
    Exported,
}

impl EventType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "vault.connection.created",
            Self::Updated => "vault.connection.updated",
            Self::Disabled => "vault.connection.disabled",
            Self::Deleted => "vault.connection.deleted",
            Self::Callable => "vault.connection.callable",
            Self::Revoked => "vault.connection.revoked",
            Self::RefreshFailed => "vault.connection.token_refresh.failed",
            Self::RefreshPending => "vault.connection.token_refresh.pending",
            Self::RefreshRecovered => "vault.connection.token_refresh.recovered",
            Self::AuthorizationPending => "vault.connection.authorization.pending",
            Self::AuthorizationInterrupted => "vault.connection.authorization.interrupted",
            Self::CredentialsRefused => "vault.connection.credentials.refused",
            Self::CredentialsAccepted => "vault.connection.credentials.accepted",
            Self::Exported => "vault.connection.exported",
        }
    }
}

/// What happened to the connections of a vault.
#[derive(Clone)]
pub struct Events {
    core: Arc<Core>,
}

impl Events {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core) }
    }

    /// What happened to an application's connections, or to those of one consumer; the newest first.
    pub async fn list(
        &self,
        application_id: &ApplicationId,
        consumer_id: Option<&ConsumerId>,
        limit: i64,
    ) -> Result<Vec<Event>, AdminError> {
        self.core.require_application(application_id).await?;
        Ok(self.core.store.events(application_id, consumer_id, limit).await?)
    }
}

impl Write<'_> {
    /// Tells of a connection: its application, consumer and service.
    pub(crate) async fn tell(
        &mut self,
        name: &ConnectionName,
        event_type: EventType,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        tracing::info!(
            event = event_type.as_str(),
            application_id = name.application_id.as_str(),
            consumer_id = name.consumer_id.as_str(),
            service_id = name.service.as_str(),
            detail,
            "connection event"
        );
        let event = Event {
            // In their order, also within a millisecond.
            id: uuid::Uuid::now_v7().to_string(),
            application_id: name.application_id.clone(),
            consumer_id: name.consumer_id.clone(),
            unified_api: UnifiedApi::WHERE_NONE_IS_NAMED.to_string(),
            service_id: name.service.to_string(),
            event_type: event_type.as_str().to_owned(),
            detail: detail.to_owned(),
            occurred_at: now,
        };
        self.add_event(&event).await
    }
}

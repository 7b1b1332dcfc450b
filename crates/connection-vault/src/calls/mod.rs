//! Calls: the connection that each is for, whose turn it is at a record, and the log of them.

mod call_log;
mod connection;
mod credential_health;
mod logged_call;
mod logging;
mod record_leases;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use unified_model::{ApplicationId, ConsumerId, ServiceId};
use vendor_client::{ConnectionKey, CredentialSource, FixedCredentials, RecordLeases};

use crate::callers::Caller;
use crate::connections::{ConnectionRow, Held, sealed};
use crate::core::Core;
use crate::error::VaultError;
use crate::memory::{Forgets, Warm};
use crate::oauth::{OAuthCredentials, Renewals};
use crate::store::Change;
use crate::tenancy::{Integrations, IntegrationsOfApplication, MappingTargets, MappingTargetsOfApplication};

pub use call_log::CallLog;
pub use connection::Connection;
use connection::ConsumerConnections;
use credential_health::Refusals;
pub use logged_call::{LogFilter, LogPosition, LoggedCall, PathMatch};
pub use logging::LogBounds;
use record_leases::StoredLeases;

/// What calls need of a vault. A warm call sends no statement.
#[derive(Clone)]
pub struct Calls {
    core: Arc<Core>,
    integrations: Integrations,
    targets: MappingTargets,
    renewals: Arc<Renewals>,
    connections: Arc<Warm<ConsumerKey, Arc<ConsumerConnections>>>,
    record_lease: Duration,
    refusals: Refusals,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct ConsumerKey {
    application_id: ApplicationId,
    consumer_id: ConsumerId,
}

impl Calls {
    pub(crate) fn new(
        core: &Arc<Core>,
        (integrations, targets): (&Integrations, &MappingTargets),
        renewals: &Arc<Renewals>,
        record_lease: Duration,
    ) -> Self {
        Self {
            core: Arc::clone(core),
            integrations: integrations.clone(),
            targets: targets.clone(),
            renewals: Arc::clone(renewals),
            connections: core.memory.cache(forgets),
            record_lease,
            refusals: Refusals::default(),
        }
    }

    /// The connection that a call is for: the named one, or the only callable one.
    pub async fn connection(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: Option<&ServiceId>,
    ) -> Result<Arc<Connection>, VaultError> {
        if let Some(service) = service {
            self.core.connector(service)?;
        }
        let none = || VaultError::NoConnection { consumer_id: consumer_id.to_string(), service: service.cloned() };
        let connections = self.connections(&caller.application_id, consumer_id).await?.ok_or_else(none)?;
        let found = match service {
            Some(service) => connections.to(service),
            None => connections.only(),
        };
        found.ok_or_else(none)?
    }

    /// The leases that the servers over this vault's database share; `None` where there is only one server.
    #[must_use]
    pub fn record_leases(&self) -> Option<Arc<dyn RecordLeases>> {
        let leases = || StoredLeases { core: Arc::clone(&self.core), length: self.record_lease };
        self.core.is_shared.then(|| Arc::new(leases()) as _)
    }

    async fn connections(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
    ) -> Result<Option<Arc<ConsumerConnections>>, VaultError> {
        let key = ConsumerKey { application_id: application_id.clone(), consumer_id: consumer_id.clone() };
        self.connections.get_or_load(&key, || self.load(&key)).await
    }

    async fn load(&self, key: &ConsumerKey) -> Result<Option<Arc<ConsumerConnections>>, VaultError> {
        let rows = self.core.store.connections_of_consumer(&key.application_id, &key.consumer_id).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        self.core.fetch_keys_of(sealed(&rows)).await?;
        let integrations = self.integrations.of(&key.application_id).await?;
        let targets = self.targets.of(&key.application_id).await?;
        let opened = rows.iter().map(|row| (row.service.clone(), self.open(row, &integrations, &targets)));
        Ok(Some(Arc::new(ConsumerConnections::new(opened.collect::<BTreeMap<_, _>>()))))
    }

    /// A row as a connection, its secrets opened; or the first reason why it cannot be called.
    fn open(
        &self,
        row: &ConnectionRow,
        integrations: &IntegrationsOfApplication,
        targets: &MappingTargetsOfApplication,
    ) -> Result<Arc<Connection>, VaultError> {
        let open = self.core.open_connection(row, integrations, targets)?;
        Ok(Arc::new(Connection {
            key: ConnectionKey(row.key().into()),
            is_refused: row.refused_now().is_some(),
            application_id: row.application_id.clone(),
            consumer_id: row.consumer_id.clone(),
            credentials: self.credentials(row, open.connector.auth.oauth2().is_some(), open.held),
            connector: open.connector,
            settings: Arc::new(open.settings),
            configuration: row.configuration.clone(),
        }))
    }

    fn credentials(&self, row: &ConnectionRow, uses_tokens: bool, held: Held) -> Arc<dyn CredentialSource> {
        if uses_tokens {
            Arc::new(OAuthCredentials::new(Arc::downgrade(&self.renewals), row.name(), held))
        } else {
            // Only the consumer can renew them. Opened once, wiped when the connection leaves memory.
            Arc::new(FixedCredentials(held.credentials))
        }
    }
}

fn forgets(change: &Change) -> Forgets<ConsumerKey> {
    match change {
        Change::Consumer { application_id, consumer_id } => {
            Forgets::One(ConsumerKey { application_id: application_id.clone(), consumer_id: consumer_id.clone() })
        }
        Change::Application { .. } => Forgets::Everything,
        Change::ApiKeys { .. } => Forgets::Nothing,
    }
}

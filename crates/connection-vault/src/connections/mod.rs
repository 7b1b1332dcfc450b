//! Connections: what is stored of them, how they change, and what may be shown.

mod changing;
mod configuration;
mod custom_mapping;
mod export;
mod grant;
mod opening;
mod patch;
mod readdress;
mod row;
mod rows;
mod settings;
mod summary;
mod values;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use unified_model::{ApplicationId, ConsumerId, Resource, ServiceId};

use crate::callers::Caller;
use crate::core::{ConnectionName, Core};
use crate::error::AdminError;
use crate::events::EventType;
use crate::store::Change;
use crate::tenancy::{Integrations, MappingTargets};
use changing::leave_to_tokens;
use readdress::SecretsChange;

pub(crate) use changing::Presence;
pub use configuration::{Configuration, DefaultTarget, RecordDefault};
pub use export::ExportedConnection;
pub use grant::{Grant, GrantEnd, RefreshFailure, RefusedCredentials};
pub(crate) use opening::Held;
pub use patch::{ConnectionPatch, NewConnection};
pub use readdress::ChangedBy;
pub(crate) use rows::{ConnectionRow, sealed};
#[cfg(test)]
pub(crate) use rows::{OF_CONSUMER, WITH_WAITING};
pub use summary::{ConnectionState, ConnectionSummary};
pub use view::{ConnectionHealth, ConnectionView};

/// A connection's own mapping lines: resource, canonical field, vendor path.
pub type FieldMap = BTreeMap<Resource, BTreeMap<String, String>>;

/// The connections of a vault.
#[derive(Clone)]
pub struct Connections {
    core: Arc<Core>,
    integrations: Integrations,
    targets: MappingTargets,
}

impl Connections {
    pub(crate) fn new(core: &Arc<Core>, integrations: &Integrations, targets: &MappingTargets) -> Self {
        Self { core: Arc::clone(core), integrations: integrations.clone(), targets: targets.clone() }
    }

    /// Adds a connection. Required settings may be missing: it is callable once they have been given.
    pub async fn add(&self, new: NewConnection) -> Result<ConnectionSummary, AdminError> {
        let name = self.named(&new)?;
        let edit = |row: &mut ConnectionRow, _: &_| self.core.filled(row, new);
        let row = self.change(&name, Presence::New, &ChangedBy::default(), edit).await?;
        Ok(self.core.summary(&row))
    }

    /// Adds many connections of one application, all of them or none: to move in with what was connected elsewhere. There are
    /// no events of it.
    pub async fn add_all(
        &self,
        application_id: &ApplicationId,
        new: impl IntoIterator<Item = NewConnection>,
    ) -> Result<(), AdminError> {
        let mut write = self.core.write_sealed().await?;
        write.require_application(application_id).await?;
        for new in new {
            let new = NewConnection { application_id: application_id.clone(), ..new };
            let name = self.named(&new)?;
            self.put(&mut write, &name, Presence::New, |row, _| self.core.filled(row, new)).await?;
        }
        Ok(self.core.commit(write, Change::of_application(application_id)).await?)
    }

    /// Adds a connection with what the patch says. The consumer is added when it is new.
    pub async fn add_with(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
        patch: ConnectionPatch,
    ) -> Result<(), AdminError> {
        self.keep_as(caller, consumer_id, service, (Presence::Absent, patch)).await
    }

    /// Changes a connection; one that is not there yet is added, and its consumer as well.
    pub async fn keep(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
        patch: ConnectionPatch,
    ) -> Result<(), AdminError> {
        let keep = async |patch| self.keep_as(caller, consumer_id, service, (Presence::Either, patch)).await;
        match keep(patch.clone()).await {
            // Somebody else has added it in between.
            Err(AdminError::ConnectionExists { .. }) => keep(patch).await,
            kept => kept,
        }
    }

    /// Changes a connection.
    pub async fn update(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        service: &ServiceId,
        patch: ConnectionPatch,
    ) -> Result<ConnectionSummary, AdminError> {
        self.core.connector(service)?;
        let name = ConnectionName::new(application_id, consumer_id, service);
        self.check_custom_mappings(application_id, &patch.custom_mappings).await?;
        let by = patch.by.clone();
        let edit = |row: &mut ConnectionRow, connector: &_| self.core.patched(row, connector, patch);
        let row = self.change(&name, Presence::Required, &by, edit).await?;
        Ok(self.core.summary(&row))
    }

    /// Switches a connection on.
    pub async fn enable(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        service: &ServiceId,
    ) -> Result<ConnectionSummary, AdminError> {
        let patch = ConnectionPatch { enabled: Some(true), ..ConnectionPatch::default() };
        self.update(application_id, consumer_id, service, patch).await
    }

    /// Switches a connection off; its settings stay.
    pub async fn disable(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        service: &ServiceId,
    ) -> Result<ConnectionSummary, AdminError> {
        let patch = ConnectionPatch { enabled: Some(false), ..ConnectionPatch::default() };
        self.update(application_id, consumer_id, service, patch).await
    }

    /// Deletes a connection and its secrets, also where its connector is gone. The consumer stays.
    pub async fn delete(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        service: &ServiceId,
    ) -> Result<(), AdminError> {
        let name = ConnectionName::new(application_id, consumer_id, service);
        let mut write = self.core.store.write().await?;
        if !write.delete_connection(&name).await? {
            return Err(name.is_missing().into());
        }
        write.tell(&name, EventType::Deleted, "", self.core.now()).await?;
        Ok(self.core.commit(write, Change::of_consumer(application_id, consumer_id)).await?)
    }

    /// The connections of an application, or of one of its consumers.
    pub async fn list(
        &self,
        application_id: &ApplicationId,
        consumer_id: Option<&ConsumerId>,
    ) -> Result<Vec<ConnectionSummary>, AdminError> {
        self.core.require_application(application_id).await?;
        let rows = match consumer_id {
            Some(consumer_id) => self.core.store.connections_of_consumer(application_id, consumer_id).await?,
            None => self.core.store.connections_of_application(application_id).await?,
        };
        self.core.fetch_keys_of(sealed(&rows)).await?;
        Ok(rows.iter().map(|row| self.core.summary(row)).collect())
    }

    async fn keep_as(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
        (presence, mut patch): (Presence, ConnectionPatch),
    ) -> Result<(), AdminError> {
        self.core.connector(service)?;
        self.check_custom_mappings(&caller.application_id, &patch.custom_mappings).await?;
        let name = ConnectionName::new(&caller.application_id, consumer_id, service);
        let by = patch.by.clone();
        let edit = |row: &mut ConnectionRow, connector: &_| {
            leave_to_tokens(&mut patch, row, connector)?;
            self.core.patched(row, connector, patch)
        };
        self.change(&name, presence, &by, edit).await?;
        Ok(())
    }

    /// What a new connection is called, if it may be called that and there is something to connect to.
    fn named(&self, new: &NewConnection) -> Result<ConnectionName, AdminError> {
        self.core.connector(&new.service_id)?;
        Ok(ConnectionName::new(&new.application_id, &new.consumer_id, &new.service_id))
    }
}

impl Core {
    /// Puts what a new connection is to be into its row, if all of it fits.
    fn filled(&self, row: &mut ConnectionRow, new: NewConnection) -> Result<SecretsChange, AdminError> {
        let connector = self.connector(&new.service_id)?;
        row.enabled = new.enabled;
        let given = new.settings.into_iter().map(|(name, value)| (name, Some(value))).collect();
        let secrets = self.set(row, connector, given, &ChangedBy::default())?;
        self.set_field_map(row, new.field_map)?;
        Ok(secrets)
    }
}

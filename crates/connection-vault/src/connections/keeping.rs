//! Connections as they are added and changed: a patch becomes true as a whole or not at all, and what happened is told with it.

use std::sync::Arc;

use connector_catalog::ConnectorDefinition;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use unified_model::ServiceId;

use crate::connections::change::ConnectionPatch;
use crate::connections::readdress::SecretsChange;
use crate::connections::rows::ConnectionRow;
use crate::connections::summary::ConnectionState;
use crate::core::{name, size};
use crate::error::{AdminError, SettingProblem, VaultError};
use crate::events::event::EventType;
use crate::oauth::renewal::ConnectionName;
use crate::store::{Change, Write};
use crate::vault::Inner;
use crate::vault::{Caller, Vault};

impl Vault {
    /// Adds a connection with what the patch says. The consumer is added when it is new.
    pub async fn add_connection_with(
        &self,
        caller: &Caller,
        consumer_id: &str,
        service: &ServiceId,
        patch: ConnectionPatch,
    ) -> Result<(), AdminError> {
        let exists = || AdminError::ConnectionExists { consumer_id: consumer_id.to_owned(), service: service.clone() };
        self.inner
            .keep_connection(caller, consumer_id, service, patch, |row| row.map_or(Ok(()), |_| Err(exists())))
            .await
    }

    /// Changes a connection; one that is not there yet is added, and its consumer as well.
    pub async fn keep_connection(
        &self,
        caller: &Caller,
        consumer_id: &str,
        service: &ServiceId,
        patch: ConnectionPatch,
    ) -> Result<(), AdminError> {
        let keep = async |patch| self.inner.keep_connection(caller, consumer_id, service, patch, |_| Ok(())).await;
        match keep(patch.clone()).await {
            // Somebody else has added it in between.
            Err(AdminError::ConnectionExists { .. }) => keep(patch).await,
            kept => kept,
        }
    }
}

impl Inner {
    async fn keep_connection(
        &self,
        caller: &Caller,
        consumer_id: &str,
        service: &ServiceId,
        mut patch: ConnectionPatch,
        check: impl FnOnce(Option<&ConnectionRow>) -> Result<(), AdminError>,
    ) -> Result<(), AdminError> {
        let connector = self.connector(service)?;
        name::check("a consumer id", consumer_id)?;
        self.check_custom_mappings(&caller.application_id, &patch.custom_mappings).await?;
        let name = ConnectionName {
            application_id: Arc::clone(&caller.application_id),
            consumer_id: consumer_id.into(),
            service: service.clone(),
        };
        let now = (self.clock)();
        let mut write = self.store.write().await?;
        self.use_current_key(&mut write).await?;
        let stored = write.connection(&name.application_id, consumer_id, service).await?;
        check(stored.as_ref())?;
        let before = stored.as_ref().map(|row| Before::of(row, self));
        let mut row = stored.unwrap_or_else(|| ConnectionRow::new(&name, now));
        leave_to_tokens(&mut patch, &row, connector)?;
        let by = patch.by.clone();
        let change = self.change(&mut row, connector, patch, now)?;
        if before.is_some() {
            write.update_connection(&row).await?;
        } else {
            write.keep_consumer(&name.application_id, consumer_id, now).await?;
            if !write.add_connection(&row).await? {
                let error = AdminError::ConnectionExists { consumer_id: row.consumer_id, service: row.service };
                return Err(error);
            }
        }
        write.end_consents(&row, &change).await?;
        self.tell_of_change(&mut write, &row, before, &change.detail(&by)).await?;
        Ok(self.commit(write, Change::of(&row)).await?)
    }

    /// Puts a patch into a row, if all of it fits. Returns what that does to secrets that were stored before.
    pub(crate) fn change(
        &self,
        row: &mut ConnectionRow,
        connector: &ConnectorDefinition,
        patch: ConnectionPatch,
        now: Timestamp,
    ) -> Result<SecretsChange, AdminError> {
        row.updated_at = now;
        row.enabled = patch.enabled.unwrap_or(row.enabled);
        if !patch.settings.is_empty() || patch.field_map.is_some() || !patch.custom_mappings.is_empty() {
            row.revision += 1;
        }
        row.metadata = patch.metadata.unwrap_or(row.metadata.take());
        size::check("metadata", &row.metadata)?;
        let change = self.set(row, connector, patch.settings, &patch.by)?;
        for (resource, defaults) in patch.configuration {
            row.set_configuration(connector, resource, defaults)?;
        }
        row.set_custom_mappings(patch.custom_mappings);
        if let Some(field_map) = patch.field_map {
            self.set_field_map(row, field_map)?;
        }
        Ok(change)
    }

    /// One event for every change, the one that says most; `detail` says more of a change.
    pub(crate) async fn tell_of_change(
        &self,
        write: &mut Write<'_>,
        row: &ConnectionRow,
        before: Option<Before>,
        detail: &str,
    ) -> Result<(), VaultError> {
        let is_callable = row.enabled && self.state(row) == ConnectionState::Callable;
        let event = match before {
            None => {
                write.tell(row, EventType::Created, "", row.updated_at).await?;
                if !is_callable {
                    return Ok(());
                }
                EventType::Callable
            }
            Some(before) if before.enabled && !row.enabled => EventType::Disabled,
            Some(before) if before.state != ConnectionState::Callable && is_callable => EventType::Callable,
            Some(_) => EventType::Updated,
        };
        write.tell(row, event, detail, row.updated_at).await
    }
}

/// What the vendor's token brings, such as where the account's API is, is not the consumer's to say. It may come back as it was
/// read.
fn leave_to_tokens(
    patch: &mut ConnectionPatch,
    row: &ConnectionRow,
    connector: &ConnectorDefinition,
) -> Result<(), AdminError> {
    let mut problems = Vec::new();
    for setting in connector.settings.iter().filter(|setting| setting.from_token) {
        let Some(value) = patch.settings.remove(&setting.name) else { continue };
        if value.as_ref().map(ExposeSecret::expose_secret) != row.settings.get(&setting.name).map(String::as_str) {
            problems.push(SettingProblem::FromToken { setting: setting.name.clone() });
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(AdminError::Settings { service: row.service.clone(), problems }) }
}

/// What a connection was like before a change.
#[derive(Clone, Copy)]
pub(crate) struct Before {
    enabled: bool,
    state: ConnectionState,
}

impl Before {
    pub(crate) fn of(row: &ConnectionRow, inner: &Inner) -> Self {
        Self { enabled: row.enabled, state: inner.state(row) }
    }
}

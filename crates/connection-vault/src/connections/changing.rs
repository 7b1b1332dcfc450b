//! The one way in which connections are added and changed: as a whole or not at all, and what happened is told with it.

use connector_catalog::ConnectorDefinition;
use secrecy::ExposeSecret;

use super::Connections;
use super::patch::ConnectionPatch;
use super::readdress::{ChangedBy, SecretsChange};
use super::rows::ConnectionRow;
use super::summary::ConnectionState;
use crate::core::ConnectionName;
use crate::core::{Core, size};
use crate::error::{AdminError, SettingProblem, VaultError};
use crate::events::EventType;
use crate::store::Write;

/// Whether there has to be a connection already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It is changed, and has to be there.
    Required,
    /// It is changed, or added where it is not there.
    Either,
    /// It is added, and must not be there.
    Absent,
    /// The same, but it is not even looked for: whoever adds many finds out when a row is there already.
    New,
}

/// A connection that was added or changed, within a change of the store.
pub(crate) struct Changed {
    pub(crate) row: ConnectionRow,
    /// What it did to secrets that were stored before.
    pub(crate) secrets: SecretsChange,
    /// None where it was added.
    before: Option<Before>,
}

impl Connections {
    /// Adds or changes a connection, commits that, and tells of it.
    pub(super) async fn change(
        &self,
        name: &ConnectionName,
        presence: Presence,
        by: &ChangedBy,
        edit: impl FnOnce(&mut ConnectionRow, &ConnectorDefinition) -> Result<SecretsChange, AdminError>,
    ) -> Result<ConnectionRow, AdminError> {
        let mut write = self.core.write_sealed().await?;
        if presence == Presence::New {
            write.require_application(&name.application_id).await?;
        }
        let changed = self.put(&mut write, name, presence, edit).await?;
        self.tell(&mut write, &changed, &changed.secrets.detail(by)).await?;
        self.core.commit(write, changed.row.change()).await?;
        Ok(changed.row)
    }

    /// Adds or changes a connection within a change that its caller tells of and commits. A consumer that is new is added.
    pub(crate) async fn put(
        &self,
        write: &mut Write<'_>,
        name: &ConnectionName,
        presence: Presence,
        edit: impl FnOnce(&mut ConnectionRow, &ConnectorDefinition) -> Result<SecretsChange, AdminError>,
    ) -> Result<Changed, AdminError> {
        let connector = self.core.connector(&name.service)?;
        let stored = if presence == Presence::New { None } else { write.connection(name).await? };
        presence.check(stored.is_some(), name)?;
        let before = stored.as_ref().map(|row| Before::of(row, &self.core));
        let mut row = stored.unwrap_or_else(|| ConnectionRow::new(name, self.core.now()));
        let secrets = edit(&mut row, connector)?;
        match before {
            Some(_) => write.update_connection(&row).await?,
            None => write.add_row(&row).await?,
        }
        write.end_consents(&row, &secrets).await?;
        Ok(Changed { row, secrets, before })
    }

    /// One event for every change, the one that says most; `detail` says more of a change.
    async fn tell(&self, write: &mut Write<'_>, changed: &Changed, detail: &str) -> Result<(), VaultError> {
        let row = &changed.row;
        let is_callable = row.enabled && self.core.state(row) == ConnectionState::Callable;
        let event = match changed.before {
            None => {
                write.tell(&row.name(), EventType::Created, "", row.updated_at).await?;
                if !is_callable {
                    return Ok(());
                }
                EventType::Callable
            }
            Some(before) if before.enabled && !row.enabled => EventType::Disabled,
            Some(before) if before.state != ConnectionState::Callable && is_callable => EventType::Callable,
            Some(_) => EventType::Updated,
        };
        write.tell(&row.name(), event, detail, row.updated_at).await
    }
}

impl Presence {
    fn check(self, is_there: bool, name: &ConnectionName) -> Result<(), AdminError> {
        match self {
            Self::Required if !is_there => Err(name.is_missing().into()),
            Self::Absent if is_there => Err(name.exists()),
            Self::Required | Self::Either | Self::Absent | Self::New => Ok(()),
        }
    }
}

impl Changed {
    pub(crate) fn is_new(&self) -> bool {
        self.before.is_none()
    }
}

impl Write<'_> {
    /// Adds a connection, and its consumer when it is new.
    async fn add_row(&mut self, row: &ConnectionRow) -> Result<(), AdminError> {
        self.keep_consumer(&row.application_id, &row.consumer_id, row.created_at).await?;
        if self.add_connection(row).await? { Ok(()) } else { Err(row.name().exists()) }
    }
}

impl Core {
    /// Puts a patch into a row, if all of it fits. Returns what that does to secrets that were stored before.
    pub(super) fn patched(
        &self,
        row: &mut ConnectionRow,
        connector: &ConnectorDefinition,
        patch: ConnectionPatch,
    ) -> Result<SecretsChange, AdminError> {
        row.updated_at = self.now();
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
}

/// What the vendor's token brings, such as where the account's API is, is not the consumer's to say. It may come back as it was
/// read.
pub(super) fn leave_to_tokens(
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
struct Before {
    enabled: bool,
    state: ConnectionState,
}

impl Before {
    fn of(row: &ConnectionRow, core: &Core) -> Self {
        Self { enabled: row.enabled, state: core.state(row) }
    }
}

//! The vault as an administrator sees it: what the command line and, later, the Vault API change.

use std::sync::Arc;

use connector_catalog::{CatalogError, ConnectorDefinition, OAuthGrant};
use secrecy::{ExposeSecret, SecretString};
use unified_model::ServiceId;

use crate::callers::api_key;
use crate::callers::api_key::{ApiKeyId, ApiKeySummary, NewApiKey};
use crate::connections::change::{ConnectionPatch, NewConnection};
use crate::connections::grant::{Grant, GrantEnd};
use crate::connections::keeping::Before;
use crate::connections::readdress::ChangedBy;
use crate::connections::readdress::{NewValues, SecretsChange};
use crate::connections::rows::ConnectionRow;
use crate::connections::summary::{ApplicationSummary, ConnectionSummary};
use crate::connections::{FieldMap, settings};
use crate::core::name;
use crate::error::{AdminError, SettingProblem, VaultError};
use crate::events::event::EventType;
use crate::oauth::renewal::ConnectionName;
use crate::store::{Change, Write};
use crate::tenancy::application::ApplicationPatch;
use crate::vault::Vault;
use crate::vault::{Inner, sealed};

impl Vault {
    /// Adds an application.
    pub async fn add_application(&self, id: &str, name: &str) -> Result<ApplicationSummary, AdminError> {
        self.add_application_with(id, name, ApplicationPatch::default()).await
    }

    /// Adds an application with what the patch says.
    pub async fn add_application_with(
        &self,
        id: &str,
        name: &str,
        patch: ApplicationPatch,
    ) -> Result<ApplicationSummary, AdminError> {
        name::check("an application id", id)?;
        name::check_for_address(id)?;
        name::check("an application's name", name)?;
        let mut application = ApplicationSummary {
            id: id.to_owned(),
            name: name.to_owned(),
            redirect_uris: Vec::new(),
            origins: Vec::new(),
            created_at: (self.inner.clock)(),
        };
        application.change(patch)?;
        let mut write = self.inner.store.write().await?;
        if !write.add_application(&application).await? {
            return Err(AdminError::ApplicationExists(id.to_owned()));
        }
        if application.origins.is_empty() {
            // Nobody has anything of it in memory.
            write.commit(None).await?;
        } else {
            self.inner.commit(write, Change::Application { application_id: id.to_owned() }).await?;
        }
        Ok(application)
    }

    /// Every application, by id.
    pub async fn applications(&self) -> Result<Vec<ApplicationSummary>, AdminError> {
        Ok(self.inner.store.applications().await?)
    }

    /// Adds an API key to an application, for everything and without an end. The key is returned now and never again.
    pub async fn add_api_key(&self, application_id: &str) -> Result<(ApiKeyId, SecretString), AdminError> {
        self.add_api_key_with(application_id, NewApiKey::default()).await
    }

    /// The same for what `new` says.
    pub async fn add_api_key_with(
        &self,
        application_id: &str,
        new: NewApiKey,
    ) -> Result<(ApiKeyId, SecretString), AdminError> {
        let api_key = api_key::generate()?;
        let id = self.inner.keep_api_key(application_id, &api_key, new).await?;
        Ok((id, api_key))
    }

    /// Adds an API key that somebody chose, which only a demonstration should do.
    pub async fn add_api_key_with_value(
        &self,
        application_id: &str,
        api_key: &SecretString,
    ) -> Result<ApiKeyId, AdminError> {
        self.inner.keep_api_key(application_id, api_key, NewApiKey::default()).await
    }

    /// An application's API keys, the revoked ones too, oldest first.
    pub async fn api_keys(&self, application_id: &str) -> Result<Vec<ApiKeySummary>, AdminError> {
        self.inner.require_application(application_id).await?;
        Ok(self.inner.store.api_keys(application_id).await?)
    }

    /// Revokes an API key for good. To revoke it again changes nothing.
    pub async fn revoke_api_key(&self, id: &ApiKeyId) -> Result<(), AdminError> {
        let unknown = || AdminError::UnknownApiKey(id.clone());
        if !name::is_well_formed(id.as_str()) {
            return Err(unknown());
        }
        let mut write = self.inner.store.write().await?;
        let application_id = write.revoke_api_key(id, (self.inner.clock)()).await?.ok_or_else(unknown)?;
        Ok(self.inner.commit(write, Change::ApiKeys { application_id }).await?)
    }

    /// Adds a connection. Required settings may be missing: it is callable once they have been given.
    pub async fn add_connection(&self, new: NewConnection) -> Result<ConnectionSummary, AdminError> {
        self.inner.check_new(&new)?;
        let mut write = self.inner.store.write().await?;
        self.inner.use_current_key(&mut write).await?;
        let row = self.inner.new_row(new)?;
        write.require_application(&row.application_id).await?;
        write.add_row(&row).await?;
        self.inner.tell_of_change(&mut write, &row, None, "").await?;
        self.inner.save(write, &row).await
    }

    /// Adds many connections of one application, all of them or none: to move in with what was connected elsewhere. There are
    /// no events of it.
    pub async fn add_connections(
        &self,
        application_id: &str,
        new: impl IntoIterator<Item = NewConnection>,
    ) -> Result<(), AdminError> {
        let mut write = self.inner.store.write().await?;
        self.inner.use_current_key(&mut write).await?;
        write.require_application(application_id).await?;
        for new in new {
            let new = NewConnection { application_id: application_id.to_owned(), ..new };
            self.inner.check_new(&new)?;
            write.add_row(&self.inner.new_row(new)?).await?;
        }
        let change = Change::Application { application_id: application_id.to_owned() };
        Ok(self.inner.commit(write, change).await?)
    }

    /// Changes a connection.
    pub async fn update_connection(
        &self,
        application_id: &str,
        consumer_id: &str,
        service: &ServiceId,
        patch: ConnectionPatch,
    ) -> Result<ConnectionSummary, AdminError> {
        let connector = self.inner.connector(service)?;
        require_names(application_id, consumer_id, service)?;
        self.inner.check_custom_mappings(application_id, &patch.custom_mappings).await?;
        let mut write = self.inner.store.write().await?;
        self.inner.use_current_key(&mut write).await?;
        let row = write.connection(application_id, consumer_id, service).await?;
        let mut row = row.ok_or_else(|| no_connection(consumer_id, service))?;
        let (before, by) = (Before::of(&row, &self.inner), patch.by.clone());
        let change = self.inner.change(&mut row, connector, patch, (self.inner.clock)())?;
        write.update_connection(&row).await?;
        write.end_consents(&row, &change).await?;
        self.inner.tell_of_change(&mut write, &row, Some(before), &change.detail(&by)).await?;
        self.inner.save(write, &row).await
    }

    /// Switches a connection on.
    pub async fn enable_connection(
        &self,
        application_id: &str,
        consumer_id: &str,
        service: &ServiceId,
    ) -> Result<ConnectionSummary, AdminError> {
        let patch = ConnectionPatch { enabled: Some(true), ..ConnectionPatch::default() };
        self.update_connection(application_id, consumer_id, service, patch).await
    }

    /// Switches a connection off; its settings stay.
    pub async fn disable_connection(
        &self,
        application_id: &str,
        consumer_id: &str,
        service: &ServiceId,
    ) -> Result<ConnectionSummary, AdminError> {
        let patch = ConnectionPatch { enabled: Some(false), ..ConnectionPatch::default() };
        self.update_connection(application_id, consumer_id, service, patch).await
    }

    /// Deletes a connection and its secrets, also where its connector is gone. The consumer stays.
    pub async fn delete_connection(
        &self,
        application_id: &str,
        consumer_id: &str,
        service: &ServiceId,
    ) -> Result<(), AdminError> {
        require_names(application_id, consumer_id, service)?;
        let mut write = self.inner.store.write().await?;
        if !write.delete_connection(application_id, consumer_id, service).await? {
            return Err(no_connection(consumer_id, service));
        }
        let of = (application_id, consumer_id, service.as_str());
        write.tell_of(of, EventType::Deleted, "", (self.inner.clock)()).await?;
        Ok(self.inner.commit(write, consumer_change(application_id, consumer_id)).await?)
    }

    /// The connections of an application, or of one of its consumers.
    pub async fn connections(
        &self,
        application_id: &str,
        consumer_id: Option<&str>,
    ) -> Result<Vec<ConnectionSummary>, AdminError> {
        self.inner.require_application(application_id).await?;
        let rows = match consumer_id {
            Some(consumer_id) if !name::is_well_formed(consumer_id) => Vec::new(),
            Some(consumer_id) => self.inner.store.connections_of_consumer(application_id, consumer_id).await?,
            None => self.inner.store.connections_of_application(application_id).await?,
        };
        self.inner.fetch_keys_of(sealed(&rows)).await?;
        Ok(rows.iter().map(|row| self.inner.summary(row)).collect())
    }
}

impl Write<'_> {
    /// Adds a connection, and its consumer when it is new.
    async fn add_row(&mut self, row: &ConnectionRow) -> Result<(), AdminError> {
        self.keep_consumer(&row.application_id, &row.consumer_id, row.created_at).await?;
        if self.add_connection(row).await? {
            return Ok(());
        }
        Err(AdminError::ConnectionExists { consumer_id: row.consumer_id.clone(), service: row.service.clone() })
    }

    pub(crate) async fn require_application(&mut self, id: &str) -> Result<(), AdminError> {
        let is_there = name::is_well_formed(id) && self.has_application(id).await?;
        if is_there { Ok(()) } else { Err(AdminError::UnknownApplication(id.to_owned())) }
    }
}

impl Inner {
    async fn keep_api_key(
        &self,
        application_id: &str,
        api_key: &SecretString,
        new: NewApiKey,
    ) -> Result<ApiKeyId, AdminError> {
        let value = api_key.expose_secret();
        if !api_key::is_well_formed(value) {
            return Err(AdminError::ApiKeyMalformed);
        }
        if new.scopes.as_ref().is_some_and(std::collections::BTreeSet::is_empty) {
            return Err(AdminError::NoScope);
        }
        let now = (self.clock)();
        let summary = ApiKeySummary {
            id: ApiKeyId::new_random(),
            application_id: application_id.to_owned(),
            hint: api_key::hint(value),
            created_at: now,
            revoked_at: None,
            expires_at: new.expires_in.map(|length| api_key::end(now, length)).transpose()?,
            scopes: new.scopes,
        };
        let mut write = self.store.write().await?;
        write.require_application(application_id).await?;
        if !write.add_api_key(&summary, &self.hasher.hash(value)).await? {
            return Err(AdminError::ApiKeyExists);
        }
        self.commit(write, Change::ApiKeys { application_id: application_id.to_owned() }).await?;
        Ok(summary.id)
    }

    pub(crate) async fn require_application(&self, id: &str) -> Result<(), AdminError> {
        let is_there = name::is_well_formed(id) && self.store.has_application(id).await?;
        if is_there { Ok(()) } else { Err(AdminError::UnknownApplication(id.to_owned())) }
    }

    pub(crate) fn connector(&self, service: &ServiceId) -> Result<&Arc<ConnectorDefinition>, VaultError> {
        self.catalog.connector(service).ok_or_else(|| VaultError::UnknownService(service.clone()))
    }

    /// Whether a connection may be called that, and to something that there is.
    fn check_new(&self, new: &NewConnection) -> Result<(), AdminError> {
        name::check("an application id", &new.application_id)?;
        name::check("a consumer id", &new.consumer_id)?;
        self.connector(&new.service_id)?;
        Ok(())
    }

    fn new_row(&self, new: NewConnection) -> Result<ConnectionRow, AdminError> {
        let name = ConnectionName {
            application_id: new.application_id.into(),
            consumer_id: new.consumer_id.into(),
            service: new.service_id,
        };
        let connector = self.connector(&name.service)?;
        let mut row = ConnectionRow { enabled: new.enabled, ..ConnectionRow::new(&name, (self.clock)()) };
        let given = new.settings.into_iter().map(|(name, value)| (name, Some(value))).collect();
        self.set(&mut row, connector, given, &ChangedBy::default())?;
        self.set_field_map(&mut row, new.field_map)?;
        Ok(row)
    }

    async fn save(&self, write: Write<'_>, row: &ConnectionRow) -> Result<ConnectionSummary, AdminError> {
        self.commit(write, consumer_change(&row.application_id, &row.consumer_id)).await?;
        Ok(self.summary(row))
    }

    /// Sets and takes away values, after all of them have been checked; sensitive ones are sealed. Returns what that does to
    /// secrets that were stored before.
    pub(crate) fn set(
        &self,
        row: &mut ConnectionRow,
        connector: &ConnectorDefinition,
        values: NewValues,
        by: &ChangedBy,
    ) -> Result<SecretsChange, AdminError> {
        let is_value = |value: &SecretString| !value.expose_secret().is_empty();
        let values: NewValues = values.into_iter().map(|(name, value)| (name, value.filter(is_value))).collect();
        let change = SecretsChange::of(row, connector, &values);
        let (given, taken): (Vec<_>, Vec<_>) = values.into_iter().partition(|(_, value)| value.is_some());
        let given = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let mut problems = settings::problems(connector, &given);
        problems.extend(taken.iter().filter_map(|(name, _)| unknown(row, connector, name)));
        if !problems.is_empty() {
            return Err(AdminError::Settings { service: row.service.clone(), problems });
        }
        change.check(row, by)?;
        let rests_on_settings = rests_on_settings(connector) && !(given.is_empty() && taken.is_empty());
        if rests_on_settings && !change.moved.is_empty() && rests_on_application(connector) && by.is_session() {
            // The application's own secret goes to no address that it has not seen.
            row.grant.get_or_insert_with(|| Grant::none((self.clock)()));
            row.end_grant(GrantEnd::Moved);
        } else if rests_on_settings {
            row.begin_anew((self.clock)());
        } else if !change.moved.is_empty() {
            row.end_grant(GrantEnd::Moved);
        }
        for name in given.keys().chain(taken.iter().map(|(name, _)| name)) {
            row.settings.remove(name);
            row.sealed.remove(name);
        }
        for (name, value) in given {
            if settings::find(connector, &name).is_none_or(|setting| setting.sensitive) {
                let sealed = self.sealer.seal(&row.place(&name), &value)?;
                row.sealed.insert(name, sealed);
            } else {
                row.settings.insert(name, value.expose_secret().to_owned());
            }
        }
        Ok(change)
    }

    /// Lays the lines over the connector's mappings, which type-checks them, before they are kept.
    pub(crate) fn set_field_map(&self, row: &mut ConnectionRow, field_map: FieldMap) -> Result<(), AdminError> {
        if !field_map.is_empty() {
            self.catalog.with_field_map(&row.service, &field_map).map_err(|error| match error {
                CatalogError::Definitions(problems) => AdminError::FieldMap { service: row.service.clone(), problems },
                CatalogError::Unreadable { .. } => {
                    VaultError::FieldMap { service: row.service.clone(), message: error.to_string() }.into()
                }
            })?;
        }
        row.field_map = field_map;
        Ok(())
    }
}

/// Whether tokens are given for what the settings say, and nobody consents.
fn rests_on_settings(connector: &ConnectorDefinition) -> bool {
    connector.auth.oauth2().is_some_and(|oauth2| oauth2.grant != OAuthGrant::AuthorizationCode)
}

/// Whether tokens are given for the application's secret alone, so that a consumer has none to enter again.
fn rests_on_application(connector: &ConnectorDefinition) -> bool {
    connector.auth.oauth2().is_some_and(|oauth2| oauth2.grant == OAuthGrant::ClientCredentials)
}

/// What is taken away must be a setting, or have been one when it was stored.
fn unknown(row: &ConnectionRow, connector: &ConnectorDefinition, name: &str) -> Option<SettingProblem> {
    let is_known =
        settings::find(connector, name).is_some() || row.settings.contains_key(name) || row.sealed.contains_key(name);
    (!is_known).then(|| settings::unknown(connector, name))
}

/// What nobody can be called is not looked for: not every database can even be asked.
fn require_names(application_id: &str, consumer_id: &str, service: &ServiceId) -> Result<(), AdminError> {
    let can_be = name::is_well_formed(application_id) && name::is_well_formed(consumer_id);
    if can_be { Ok(()) } else { Err(no_connection(consumer_id, service)) }
}

fn no_connection(consumer_id: &str, service: &ServiceId) -> AdminError {
    VaultError::NoConnection { consumer_id: consumer_id.to_owned(), service: Some(service.clone()) }.into()
}

fn consumer_change(application_id: &str, consumer_id: &str) -> Change {
    Change::Consumer { application_id: application_id.to_owned(), consumer_id: consumer_id.to_owned() }
}

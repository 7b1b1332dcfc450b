//! Values of settings as they are set: checked, all of them, before any is kept; sensitive ones sealed.

use connector_catalog::{CatalogError, ConnectorDefinition, OAuthGrant};
use secrecy::{ExposeSecret, SecretString};

use super::grant::{Grant, GrantEnd};
use super::readdress::{ChangedBy, NewValues, SecretsChange};
use super::rows::ConnectionRow;
use super::{FieldMap, settings};
use crate::core::Core;
use crate::error::{AdminError, SettingProblem, VaultError};

impl Core {
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
            row.grant.get_or_insert_with(|| Grant::none(self.now()));
            row.end_grant(GrantEnd::Moved);
        } else if rests_on_settings {
            row.begin_anew(self.now());
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

//! A row opened: what is stored of a connection against its connector's definition, its secrets in the clear.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_catalog::{Catalog, CatalogError, ConnectorDefinition, CustomMapping, JsonPath, SettingValues};
use secrecy::SecretString;
use unified_model::Resource;
use vendor_client::{ACCESS_TOKEN, Credentials, REFRESH_TOKEN};

use super::grant::Grant;
use super::rows::ConnectionRow;
use crate::core::Core;
use crate::error::VaultError;
use crate::sealing::Sealer;
use crate::tenancy::{IntegrationsOfApplication, MappingTarget, MappingTargetsOfApplication};

/// A connection that can be called.
pub(crate) struct OpenConnection {
    /// The connector, the connection's own field map laid over it.
    pub(crate) connector: Arc<ConnectorDefinition>,
    /// Its settings that are not sensitive, defaults included.
    pub(crate) settings: SettingValues,
    pub(crate) held: Held,
}

/// The credentials of a connection with the facts of their grant.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) credentials: Arc<Credentials>,
    /// None where nothing was granted yet and nobody has to consent.
    pub(crate) grant: Option<Grant>,
}

impl Core {
    /// A row opened, or the first reason why it cannot be called.
    pub(crate) fn open_connection(
        &self,
        row: &ConnectionRow,
        integrations: &IntegrationsOfApplication,
        targets: &MappingTargetsOfApplication,
    ) -> Result<OpenConnection, VaultError> {
        let service = &row.service;
        if !row.enabled {
            return Err(VaultError::Disabled(service.clone()));
        }
        let connector = self.connector(service)?;
        if integrations.is_disabled(service) {
            return Err(VaultError::IntegrationDisabled(service.clone()));
        }
        let missing = row.missing_settings(connector);
        if !missing.is_empty() {
            return Err(VaultError::MissingSettings { service: service.clone(), missing });
        }
        if let Some(reason) = row.lacks_authorization(connector) {
            return Err(VaultError::NotAuthorized { service: service.clone(), reason });
        }
        Ok(OpenConnection {
            connector: with_custom_mappings(row, with_field_map(row, connector, &self.catalog)?, targets)?,
            settings: connector.setting_values(|name| row.settings.get(name).map(String::as_str)),
            held: self.held(row, connector)?,
        })
    }

    /// A row's credentials, tokens included.
    pub(crate) fn held(&self, row: &ConnectionRow, connector: &ConnectorDefinition) -> Result<Held, VaultError> {
        let credentials = Arc::new(open_settings(row, connector, &self.sealer)?);
        Ok(Held { credentials, grant: row.grant.clone() })
    }
}

/// The values of the settings that the connector has today: sealed, then plain, then the definition's own; and the tokens.
fn open_settings(
    row: &ConnectionRow,
    connector: &ConnectorDefinition,
    sealer: &Sealer,
) -> Result<Credentials, VaultError> {
    let mut opened = BTreeMap::new();
    for setting in &connector.settings {
        let name = setting.name.as_str();
        let value = match (row.sealed.get(name), row.settings.get(name).or(setting.default.as_ref())) {
            (Some(blob), _) => sealer.open(&row.place(name), blob)?,
            (None, Some(plain)) => SecretString::from(plain.as_str()),
            (None, None) => continue,
        };
        opened.insert(name.to_owned(), value);
    }
    for token in [ACCESS_TOKEN, REFRESH_TOKEN] {
        if let Some(blob) = row.sealed.get(token) {
            opened.insert(token.to_owned(), sealer.open(&row.place(token), blob)?);
        }
    }
    Ok(Credentials { settings: opened })
}

fn with_field_map(
    row: &ConnectionRow,
    connector: &Arc<ConnectorDefinition>,
    catalog: &Catalog,
) -> Result<Arc<ConnectorDefinition>, VaultError> {
    if row.field_map.is_empty() {
        return Ok(Arc::clone(connector));
    }
    let does_not_fit =
        |error: CatalogError| VaultError::FieldMap { service: row.service.clone(), message: error.to_string() };
    catalog.with_field_map(&row.service, &row.field_map).map_err(does_not_fit)
}

/// The connector with the application's own fields where the consumer mapped them. What is no field any more is left out.
fn with_custom_mappings(
    row: &ConnectionRow,
    connector: Arc<ConnectorDefinition>,
    targets: &MappingTargetsOfApplication,
) -> Result<Arc<ConnectorDefinition>, VaultError> {
    let mut mappings = BTreeMap::<Resource, Vec<CustomMapping>>::new();
    for (id, place) in row.custom_mappings.iter().filter(|(id, _)| targets.find(id).is_some()) {
        let Some((resource, key)) = MappingTarget::parts(id) else { continue };
        let place = JsonPath::parse(place).map_err(|reason| VaultError::FieldMap {
            service: row.service.clone(),
            message: format!("the custom mapping `{id}` is no JSONPath: {reason}"),
        })?;
        mappings.entry(resource).or_default().push(CustomMapping { key: key.to_owned(), place });
    }
    Ok(if mappings.is_empty() { connector } else { Arc::new(connector.with_custom_mappings(&mappings)) })
}

//! Connections: what a row of the store becomes, and which of a consumer's connections a call is for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use connector_catalog::{
    Catalog, CatalogError, ConnectorDefinition, CustomMapping, JsonPath, OAuthGrant, SettingValues,
};
use jiff::Timestamp;
use secrecy::SecretString;
use unified_model::{Resource, ServiceId};
use vendor_client::{ACCESS_TOKEN, ConnectionKey, CredentialSource, Credentials, FixedCredentials, REFRESH_TOKEN};

use crate::connections::configuration::Configuration;
use crate::connections::grant::GrantEnd;
use crate::connections::rows::ConnectionRow;
use crate::connections::{FieldMap, settings};
use crate::error::VaultError;
use crate::oauth::renewal::{ConnectionName, OAuthCredentials};
use crate::sealing::keyring::Sealer;
use crate::sealing::seal::Place;
use crate::tenancy::integration::Integrations;
use crate::tenancy::mapping_target::MappingTarget;
use crate::tenancy::mapping_target::MappingTargets;
use crate::vault::Inner;

/// A consumer's link to one vendor.
pub struct Connection {
    /// Its key for limiters and caches. Another one once its settings or its field map have changed: what was cached for
    /// one vendor account is not served for the next.
    pub key: ConnectionKey,
    /// The application it belongs to.
    pub application_id: Arc<str>,
    /// The consumer it belongs to.
    pub consumer_id: Arc<str>,
    /// The connector, the connection's own field map laid over it.
    pub connector: Arc<ConnectorDefinition>,
    /// Its settings that are not sensitive, defaults included.
    pub settings: Arc<SettingValues>,
    /// What new records of a resource begin with.
    pub configuration: Configuration,
    /// Its secrets and settings.
    pub credentials: Arc<dyn CredentialSource>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connection").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What one consumer has connected: for every service the connection, or why it cannot be called.
pub(crate) struct ConsumerConnections {
    by_service: BTreeMap<ServiceId, Result<Arc<Connection>, VaultError>>,
}

impl ConsumerConnections {
    pub(crate) fn open(
        rows: &[ConnectionRow],
        inner: &Inner,
        integrations: &Integrations,
        targets: &MappingTargets,
    ) -> Self {
        let opened = rows.iter().map(|row| (row.service.clone(), inner.open(row, integrations, targets)));
        Self { by_service: opened.collect() }
    }

    /// The connection to a service.
    pub(crate) fn to(&self, service: &ServiceId) -> Option<Result<Arc<Connection>, VaultError>> {
        self.by_service.get(service).cloned()
    }

    /// The only connection that can be called.
    pub(crate) fn only(&self) -> Option<Result<Arc<Connection>, VaultError>> {
        let callable: Vec<_> = self.by_service.values().filter_map(|connection| connection.as_ref().ok()).collect();
        match callable.as_slice() {
            [] => self.reason().map(Err),
            [connection] => Some(Ok(Arc::clone(connection))),
            several => {
                let services = several.iter().map(|connection| connection.connector.service_id.clone());
                Some(Err(VaultError::Ambiguous(services.collect())))
            }
        }
    }

    /// Why the only connection, or one that the consumer has completed, cannot be used: to say that there is none would hide it.
    fn reason(&self) -> Option<VaultError> {
        let refusals: Vec<_> = self.by_service.values().filter_map(|connection| connection.as_ref().err()).collect();
        match refusals.as_slice() {
            [only] => Some((*only).clone()),
            several => several.iter().find(|error| is_broken(error)).map(|error| (*error).clone()),
        }
    }
}

/// Whether the fault is in what is stored rather than in what the consumer has yet to do.
pub(crate) fn is_broken(error: &VaultError) -> bool {
    match error {
        VaultError::Sealed(_)
        | VaultError::FieldMap { .. }
        | VaultError::UnknownService(_)
        | VaultError::Store(_)
        | VaultError::Unavailable(_)
        | VaultError::InUse(_) => true,
        VaultError::Unauthorized
        | VaultError::MissingScope(_)
        | VaultError::NoConnection { .. }
        | VaultError::Ambiguous(_)
        | VaultError::Disabled(_)
        | VaultError::NotAuthorized { .. }
        | VaultError::NoIntegration(_)
        | VaultError::IntegrationDisabled(_)
        | VaultError::NoOauthClient(_)
        | VaultError::NoConsumer(_)
        | VaultError::NoMappingTarget(_)
        | VaultError::MissingSettings { .. } => false,
    }
}

impl Inner {
    /// A row as a connection, its secrets opened; or the first reason why it cannot be called.
    pub(crate) fn open(
        &self,
        row: &ConnectionRow,
        integrations: &Integrations,
        targets: &MappingTargets,
    ) -> Result<Arc<Connection>, VaultError> {
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
        let settings = connector.setting_values(|name| row.settings.get(name).map(String::as_str));
        let name = row.name();
        Ok(Arc::new(Connection {
            key: ConnectionKey(format!("{}.{}", row.id, row.revision).into()),
            application_id: Arc::clone(&name.application_id),
            consumer_id: Arc::clone(&name.consumer_id),
            connector: with_custom_mappings(row, with_field_map(row, connector, &self.catalog)?, targets)?,
            settings: Arc::new(settings),
            configuration: row.configuration.clone(),
            credentials: self.credentials(row, connector, name)?,
        }))
    }

    fn credentials(
        &self,
        row: &ConnectionRow,
        connector: &ConnectorDefinition,
        name: ConnectionName,
    ) -> Result<Arc<dyn CredentialSource>, VaultError> {
        let held = self.held(row, connector)?;
        Ok(match connector.auth.oauth2() {
            Some(_) => Arc::new(OAuthCredentials::new(self.this.clone(), name, held)),
            // Only the consumer can renew them. Opened once, wiped when the connection leaves memory.
            None => Arc::new(FixedCredentials(held.credentials)),
        })
    }
}

/// The values of the settings that the connector has today: sealed, then plain, then the definition's own; and the tokens.
pub(crate) fn open_settings(
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
    targets: &MappingTargets,
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

impl ConnectionRow {
    /// A connection that was only just added.
    pub(crate) fn new(name: &ConnectionName, now: Timestamp) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            application_id: name.application_id.to_string(),
            consumer_id: name.consumer_id.to_string(),
            service: name.service.clone(),
            enabled: true,
            settings: BTreeMap::new(),
            sealed: BTreeMap::new(),
            field_map: FieldMap::new(),
            metadata: None,
            configuration: Configuration::new(),
            custom_mappings: BTreeMap::new(),
            grant: None,
            created_at: now,
            updated_at: now,
            revision: 0,
        }
    }

    /// What it is called by.
    pub(crate) fn name(&self) -> ConnectionName {
        ConnectionName {
            application_id: self.application_id.as_str().into(),
            consumer_id: self.consumer_id.as_str().into(),
            service: self.service.clone(),
        }
    }

    /// Why the consumer has to consent first, or once more.
    pub(crate) fn lacks_authorization(&self, connector: &ConnectorDefinition) -> Option<String> {
        let oauth2 = connector.auth.oauth2()?;
        match &self.grant {
            Some(grant) => grant.ended.as_ref().map(GrantEnd::reason),
            None if oauth2.grant == OAuthGrant::AuthorizationCode => Some("nobody has authorised it yet".to_owned()),
            None => None,
        }
    }

    pub(crate) fn place<'a>(&'a self, setting: &'a str) -> Place<'a> {
        Place {
            application_id: &self.application_id,
            consumer_id: &self.consumer_id,
            service_id: self.service.as_str(),
            connection_id: &self.id,
            setting,
        }
    }

    pub(crate) fn missing_settings(&self, connector: &ConnectorDefinition) -> Vec<String> {
        settings::missing(connector, |name| self.settings.contains_key(name) || self.sealed.contains_key(name))
    }
}

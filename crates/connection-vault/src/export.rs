//! Everything that a connection holds, in the clear: for an operator who moves away. Told of before it is given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value};
use unified_model::ServiceId;
use vendor_client::{ACCESS_TOKEN, REFRESH_TOKEN};

use crate::event::EventType;
use crate::{AdminError, Configuration, FieldMap, Vault, VaultError, name};

/// Everything that a connection holds.
#[derive(Debug, Clone)]
pub struct ExportedConnection {
    /// The application.
    pub application_id: String,
    /// The consumer.
    pub consumer_id: String,
    /// The connector.
    pub service_id: ServiceId,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Settings, sensitive ones too.
    pub settings: BTreeMap<String, SecretString>,
    /// The access token.
    pub access_token: Option<SecretString>,
    /// The refresh token.
    pub refresh_token: Option<SecretString>,
    /// When the access token was issued.
    pub issued_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// What was granted.
    pub scope: Option<String>,
    /// What the application keeps with it.
    pub metadata: Option<Map<String, Value>>,
    /// Its own mapping lines.
    pub field_map: FieldMap,
    /// What new records begin with.
    pub configuration: Configuration,
    /// `JSONPath` by custom mapping.
    pub custom_mappings: BTreeMap<String, String>,
}

impl Vault {
    /// Takes out everything that a consumer's connections hold, or the one to a service. That it was taken out is written down
    /// first, with an event for each connection.
    ///
    /// # Errors
    /// There is no such connection, or a secret does not open: then nothing is given.
    pub async fn export_connections(
        &self,
        application_id: &str,
        consumer_id: &str,
        service: Option<&ServiceId>,
    ) -> Result<Vec<ExportedConnection>, AdminError> {
        let inner = &self.inner;
        let none = || VaultError::NoConnection { consumer_id: consumer_id.to_owned(), service: service.cloned() };
        if !name::is_well_formed(consumer_id) || !name::is_well_formed(application_id) {
            return Err(none().into());
        }
        let mut rows = inner.store.connections_of_consumer(application_id, consumer_id).await?;
        rows.retain(|row| service.is_none_or(|service| row.service == *service));
        if rows.is_empty() {
            return Err(none().into());
        }
        inner.fetch_keys_of(&rows).await?;
        let now = (inner.clock)();
        let mut exported = Vec::new();
        let mut write = inner.store.write().await?;
        for row in &rows {
            let mut settings: BTreeMap<String, SecretString> =
                row.settings.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
            for (name, blob) in &row.sealed {
                settings.insert(name.clone(), inner.sealer.open(&row.place(name), blob)?);
            }
            let (access_token, refresh_token) = (settings.remove(ACCESS_TOKEN), settings.remove(REFRESH_TOKEN));
            write.tell(row, EventType::Exported, "the operator took the secrets out", now).await?;
            exported.push(ExportedConnection {
                application_id: row.application_id.clone(),
                consumer_id: row.consumer_id.clone(),
                service_id: row.service.clone(),
                enabled: row.enabled,
                settings,
                access_token,
                refresh_token,
                issued_at: row.grant.as_ref().map(|grant| grant.issued_at),
                expires_at: row.grant.as_ref().and_then(|grant| grant.expires_at),
                scope: row.grant.as_ref().and_then(|grant| grant.scope.clone()),
                metadata: row.metadata.clone(),
                field_map: row.field_map.clone(),
                configuration: row.configuration.clone(),
                custom_mappings: row.custom_mappings.clone(),
            });
        }
        write.commit(None).await?;
        Ok(exported)
    }
}

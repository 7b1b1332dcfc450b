//! The way out: a consumer's connections with their secrets in the clear, for an operator who takes them elsewhere.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value};
use unified_model::{ApplicationId, ConsumerId, ServiceId};
use vendor_client::{ACCESS_TOKEN, REFRESH_TOKEN};

use super::Connections;
use super::rows::ConnectionRow;
use crate::core::Core;
use crate::error::{AdminError, VaultError};
use crate::events::EventType;

/// A connection with all that another system needs to go on with it. Whether or not it is switched on, and also where its
/// connector is gone.
#[derive(Debug)]
pub struct ExportedConnection {
    /// The application that it belongs to.
    pub application_id: ApplicationId,
    /// The consumer that it belongs to.
    pub consumer_id: ConsumerId,
    /// What it connects to.
    pub service_id: ServiceId,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The access token, if there is one.
    pub access_token: Option<SecretString>,
    /// The refresh token, if there is one.
    pub refresh_token: Option<SecretString>,
    /// When the access token was issued.
    pub issued_at: Option<Timestamp>,
    /// When the access token ends; `None` where it does not end by itself, or nobody knows.
    pub expires_at: Option<Timestamp>,
    /// What was granted, as the vendor says it.
    pub scope: Option<String>,
    /// The settings that have a value, those that are secret too.
    pub settings: BTreeMap<String, SecretString>,
    /// What the application keeps with it.
    pub metadata: Option<Map<String, Value>>,
}

impl Connections {
    /// A consumer's connections, or the one to a service, secrets and all. That they were taken out is on record before anybody
    /// has them, an event for each; where one does not open, none is handed out.
    pub async fn export(
        &self,
        application_id: &ApplicationId,
        consumer_id: &ConsumerId,
        service: Option<&ServiceId>,
    ) -> Result<Vec<ExportedConnection>, AdminError> {
        let core = &self.core;
        let now = core.now();
        let mut write = core.store.write().await?;
        write.require_application(application_id).await?;
        core.use_current_key(&mut write).await?;
        let mut rows = write.connections_of_consumer(application_id, consumer_id).await?;
        rows.retain(|row| service.is_none_or(|service| row.service == *service));
        if rows.is_empty() {
            let (consumer_id, service) = (consumer_id.to_string(), service.cloned());
            return Err(VaultError::NoConnection { consumer_id, service }.into());
        }
        let exported = rows.iter().map(|row| core.exported(row)).collect::<Result<_, _>>()?;
        for row in &rows {
            let secrets: Vec<&str> = row.sealed.keys().map(String::as_str).collect();
            write.tell(&row.name(), EventType::Exported, &secrets.join(", "), now).await?;
        }
        write.commit_quietly().await?;
        Ok(exported)
    }
}

impl Core {
    fn exported(&self, row: &ConnectionRow) -> Result<ExportedConnection, VaultError> {
        let mut settings: BTreeMap<_, _> =
            row.settings.iter().map(|(name, value)| (name.clone(), SecretString::from(value.as_str()))).collect();
        for (name, blob) in &row.sealed {
            settings.insert(name.clone(), self.sealer.open(&row.place(name), blob)?);
        }
        let (access_token, refresh_token) = (settings.remove(ACCESS_TOKEN), settings.remove(REFRESH_TOKEN));
        let grant = row.grant.as_ref().filter(|_| access_token.is_some() || refresh_token.is_some());
        Ok(ExportedConnection {
            application_id: row.application_id.clone(),
            consumer_id: row.consumer_id.clone(),
            service_id: row.service.clone(),
            enabled: row.enabled,
            access_token,
            refresh_token,
            issued_at: grant.map(|grant| grant.issued_at),
            expires_at: grant.and_then(|grant| grant.expires_at),
            scope: grant.and_then(|grant| grant.scope.clone()),
            settings,
            metadata: row.metadata.clone(),
        })
    }
}

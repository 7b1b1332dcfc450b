//! Connections of one consumer: listed, added, changed, deleted, and what new records begin with.

use std::collections::BTreeMap;

use axum::response::Response;
use connection_vault::{
    ConnectionPatch, ConnectionState, ConnectionView, IntegrationState, LinkVerb, RecordDefault, SessionAction,
};
use connector_catalog::OAuthGrant;
use gateway::{CallNotes, EdgeError, GatewayError};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use unified_model::{ConsumerId, RequestError, Resource, ServiceId};

use super::call::Call;
use super::shown::{Addresses, Connection};
use crate::http::reply::envelope;
use crate::http::reply::gone;
use crate::http::request::{Http, invalid};
use crate::http::unified_api::OFFERED_ID;

/// What a caller may change of a connection. What is read-only may come back as it was read; it is not looked at.
#[derive(Deserialize, Default)]
pub(super) struct Changes {
    enabled: Option<bool>,
    settings: Option<Map<String, Value>>,
    configuration: Option<Vec<ChangedConfiguration>>,
    #[serde(default)]
    custom_mappings: Vec<ChangedMapping>,
}

#[derive(Deserialize)]
struct ChangedConfiguration {
    resource: Option<String>,
    #[serde(default)]
    defaults: Vec<RecordDefault>,
}

#[derive(Deserialize)]
struct ChangedMapping {
    id: Option<String>,
    value: Option<String>,
}

impl Http {
    pub(super) async fn list_connections(&self, call: &Call) -> Result<Response, GatewayError> {
        let only_configured = call.parameter("configured").map(|configured| configured == "true");
        let is_crm = call.sees_crm && call.parameter("api").is_none_or(|api| api == OFFERED_ID);
        let vault = self.vault();
        let views = match call.named_consumer()? {
            None => vault.connections().offered(&call.caller).await?,
            Some(consumer_id) => vault.connections().views(&call.caller, consumer_id).await?,
        };
        let shown = views.iter().filter(|view| {
            is_crm && only_configured.is_none_or(|configured| configured == (view.state == ConnectionState::Callable))
        });
        let shown: Vec<Connection> = shown.map(|view| self.shown(call, view)).collect::<Result<_, _>>()?;
        Ok(envelope::ok(&shown))
    }

    pub(super) async fn one_connection(&self, call: &Call, service: ServiceId) -> Result<Response, GatewayError> {
        let view = self.vault().connections().view(&call.caller, call.consumer()?, &service).await?;
        Ok(envelope::ok(&self.shown(call, &view)?))
    }

    pub(super) async fn add_connection(
        &self,
        call: &Call,
        service: ServiceId,
        notes: &CallNotes,
    ) -> Result<Response, GatewayError> {
        let patch = self.patch(call, &service).await?;
        self.vault().connections().add_with(&call.caller, call.new_consumer()?, &service, patch).await?;
        self.saved_connection(call, service, notes).await
    }

    /// The connection after a change. With `validate=true` its vendor has been asked, and its health says what came of it: what was saved
    /// stays saved.
    async fn saved_connection(
        &self,
        call: &Call,
        service: ServiceId,
        notes: &CallNotes,
    ) -> Result<Response, GatewayError> {
        if call.parameter("validate") == Some("true")
            && let Err(error) = self.check_credentials(call, &service, notes).await
        {
            tracing::info!(service = service.as_str(), %error, "the check of a connection that was saved failed");
        }
        self.one_connection(call, service).await
    }

    /// Changes a connection; one that was not added yet is added, as a form that is filled in does.
    pub(super) async fn update_connection(
        &self,
        call: &Call,
        service: ServiceId,
        notes: &CallNotes,
    ) -> Result<Response, GatewayError> {
        let patch = self.patch(call, &service).await?;
        if patch.enabled == Some(false) {
            call.allow(SessionAction::Disable)?;
        }
        self.vault().connections().keep(&call.caller, call.new_consumer()?, &service, patch).await?;
        self.saved_connection(call, service, notes).await
    }

    pub(super) async fn delete_connection(&self, call: &Call, service: ServiceId) -> Result<Response, GatewayError> {
        call.allow(SessionAction::Delete)?;
        let vault = self.vault();
        vault.connections().delete(&call.caller.application_id, call.connected_consumer(&service)?, &service).await?;
        Ok(gone())
    }

    pub(super) async fn configuration(
        &self,
        call: &Call,
        service: ServiceId,
        resource: Resource,
    ) -> Result<Response, GatewayError> {
        let mut view = self.vault().connections().view(&call.caller, call.consumer()?, &service).await?;
        require_resource(&view, resource)?;
        view.configuration.retain(|of, _| *of == resource);
        Ok(envelope::ok(&self.shown(call, &view)?.field_by_field()))
    }

    pub(super) async fn configure(
        &self,
        call: &Call,
        service: ServiceId,
        resource: Resource,
    ) -> Result<Response, GatewayError> {
        let changes: Changes = call.body()?;
        let mut patch = ConnectionPatch::default();
        let configuration = changes.configuration.ok_or_else(|| {
            invalid("configuration", "is required here; every other member is changed at the connection itself")
        })?;
        for part in configuration {
            if part.resource.as_deref().is_some_and(|named| named != resource.as_str()) {
                let message = format!("must be {resource}, as the path has it");
                return Err(invalid("configuration[].resource", message).into());
            }
            patch.configuration.entry(resource).or_default().extend(part.defaults);
        }
        let vault = self.vault();
        let view = vault.connections().view(&call.caller, call.consumer()?, &service).await?;
        require_resource(&view, resource)?;
        vault.connections().update(&call.caller.application_id, call.consumer()?, &service, patch).await?;
        self.configuration(call, service, resource).await
    }

    pub(super) fn shown(&self, call: &Call, view: &ConnectionView) -> Result<Connection, GatewayError> {
        Ok(Connection::of(view, call.named_consumer()?.map_or("", ConsumerId::as_str), self.addresses(call, view)?))
    }

    /// What a browser may follow, as far as its session allows it and it leads anywhere.
    fn addresses(&self, call: &Call, view: &ConnectionView) -> Result<Addresses, GatewayError> {
        let has_page = view.connector.auth.oauth2().is_some_and(|oauth2| oauth2.grant == OAuthGrant::AuthorizationCode);
        if !has_page || call.named_consumer()?.is_none() {
            return Ok(Addresses { pictures: self.public_url().clone(), authorize: None, revoke: None });
        }
        let is_authorized = view.is_authorized();
        let may_authorize = view.integration_state == IntegrationState::Configured
            && (!is_authorized || call.allow(SessionAction::Reauthorize).is_ok());
        let may_revoke = is_authorized && call.allow(SessionAction::Disconnect).is_ok();
        let service = &view.connector.service_id;
        let address = |verb: LinkVerb, word: &str| self.link(call, service, verb, word);
        Ok(Addresses {
            pictures: self.public_url().clone(),
            authorize: may_authorize.then(|| address(LinkVerb::Authorize, "authorize")).transpose()?,
            revoke: may_revoke.then(|| address(LinkVerb::Revoke, "revoke")).transpose()?,
        })
    }

    fn link(&self, call: &Call, service: &ServiceId, verb: LinkVerb, word: &str) -> Result<String, GatewayError> {
        let state = self.vault().authorisations().link(&call.caller, call.consumer()?, service, verb)?;
        let application_id =
            percent_encoding::utf8_percent_encode(&call.caller.application_id, percent_encoding::NON_ALPHANUMERIC);
        Ok(format!("{}/vault/{word}/{service}/{application_id}?state={state}", self.public_url().as_str()))
    }
}

impl Http {
    async fn patch(&self, call: &Call, service: &ServiceId) -> Result<ConnectionPatch, GatewayError> {
        let changes: Changes = call.body()?;
        let mut patch = ConnectionPatch {
            enabled: changes.enabled,
            metadata: call.member("metadata").map(|metadata| metadata.as_object().cloned()),
            by: call.changed_by(),
            ..ConnectionPatch::default()
        };
        patch.settings = settings(changes.settings.unwrap_or_default())?;
        for part in changes.configuration.unwrap_or_default() {
            let name = part.resource.unwrap_or_default();
            let resource: Resource = name.parse().map_err(|_| {
                invalid("configuration[].resource", "must be a resource of the CRM API, such as contacts")
            })?;
            patch.configuration.entry(resource).or_default().extend(part.defaults);
        }
        let mappings = changes.custom_mappings;
        patch.custom_mappings = if !mappings.is_empty() && mappings.iter().all(|mapping| mapping.id.is_none()) {
            self.in_order(call, service, mappings).await?
        } else {
            by_id(mappings)?
        };
        Ok(patch)
    }

    /// The official TypeScript SDK sends no ids: then the list has to be as long as the one that the connection shows, and in
    /// its order.
    async fn in_order(
        &self,
        call: &Call,
        service: &ServiceId,
        mappings: Vec<ChangedMapping>,
    ) -> Result<BTreeMap<String, Option<String>>, GatewayError> {
        let view = self.vault().connections().view(&call.caller, call.consumer()?, service).await?;
        if view.custom_mappings.len() != mappings.len() {
            let message = format!(
                "is missing; name the mappings that are meant, or send all {} in the order in which the \
                 connection shows them",
                view.custom_mappings.len()
            );
            return Err(invalid("custom_mappings[].id", message).into());
        }
        let ids = view.custom_mappings.into_iter().map(|(target, _)| target.id);
        Ok(ids.zip(mappings).map(|(id, mapping)| (id, mapping.value)).collect())
    }
}

fn by_id(mappings: Vec<ChangedMapping>) -> Result<BTreeMap<String, Option<String>>, RequestError> {
    let named = mappings.into_iter().enumerate().map(|(index, mapping)| match mapping.id {
        Some(id) => Ok((id, mapping.value)),
        None => Err(invalid(
            &format!("custom_mappings[{index}].id"),
            "is required beside others; send an id such as crm+contacts+tier",
        )),
    });
    named.collect()
}

/// Values of settings are texts; numbers and booleans are taken as what they are written as, null takes one away.
pub(super) fn settings(given: Map<String, Value>) -> Result<BTreeMap<String, Option<SecretString>>, RequestError> {
    let read = |(name, value): (String, Value)| match value {
        Value::Null => Ok((name, None)),
        Value::String(text) => Ok((name, Some(text.into()))),
        Value::Bool(flag) => Ok((name, Some(flag.to_string().into()))),
        Value::Number(number) => Ok((name, Some(number.to_string().into()))),
        Value::Array(_) | Value::Object(_) => {
            Err(invalid(&format!("settings.{name}"), "must be text, a number, true, false or null"))
        }
    };
    given.into_iter().map(read).collect()
}

pub(super) fn require_resource(view: &ConnectionView, resource: Resource) -> Result<(), EdgeError> {
    if view.connector.resources.contains_key(&resource) {
        return Ok(());
    }
    let served: Vec<&str> = view.connector.resources.keys().map(|resource| resource.as_str()).collect();
    Err(EdgeError::NotServed { connector: view.connector.name.clone(), resource, served: served.join(", ") })
}

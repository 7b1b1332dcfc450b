//! A connection, a consumer and a custom mapping as the Vault API shows them.

use std::collections::BTreeMap;

use connection_vault::{
    ConnectionHealth, ConnectionState, ConnectionView, ConsumerSummary, GrantEnd, IntegrationState, MappingTarget,
    RecordDefault,
};
use connector_catalog::{Auth, ConnectorDefinition, OAuthGrant, Variant};
use serde::Serialize;
use serde_json::{Map, Value, json};
use unified_model::{Operation, Resource, ServiceId};

use super::form::defaults::DefaultField;
use super::form::{FormField, settings};
use super::records::record;
use crate::http::reply::links::PublicUrl;
use crate::http::unified_api::OFFERED_ID;

/// A connection.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "as the contract has it")]
pub(super) struct Connection {
    id: String,
    service_id: ServiceId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_line: Option<String>,
    unified_api: &'static str,
    state: &'static str,
    health: ConnectionHealth,
    integration_state: IntegrationState,
    auth_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_grant_type: Option<&'static str>,
    status: &'static str,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    website: Option<String>,
    icon: String,
    logo: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorize_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke_url: Option<String>,
    settings: BTreeMap<String, Value>,
    metadata: Option<Map<String, Value>>,
    form_fields: Vec<FormField>,
    configuration: Vec<Configuration>,
    configurable_resources: Vec<Resource>,
    resource_schema_support: Vec<Resource>,
    resource_settings_support: Vec<Resource>,
    validation_support: bool,
    schema_support: bool,
    settings_required_for_authorization: Vec<String>,
    subscriptions: [Value; 0],
    has_guide: bool,
    custom_mappings: Vec<CustomMapping>,
    credentials_expire_at: i64,
    last_refresh_failed_at: i64,
    last_downstream_error_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<i64>,
    updated_at: Option<i64>,
}

/// What new records of a resource begin with.
#[derive(Serialize)]
struct Configuration {
    resource: Resource,
    defaults: Vec<DefaultField>,
    /// The only default again, where each has an entry of its own.
    #[serde(flatten)]
    field: Option<DefaultField>,
}

/// One of the application's fields.
#[derive(Serialize)]
pub(super) struct CustomMapping {
    pub(super) id: String,
    label: String,
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    key: String,
    required: bool,
    custom_field: bool,
    consumer_id: String,
}

/// A consumer.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "as the contract has it")]
pub(super) struct Consumer<'c> {
    consumer_id: &'c str,
    application_id: &'c str,
    metadata: &'c Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connections: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    services: Option<Vec<ServiceId>>,
    created: String,
    modified: String,
}

/// The addresses that a browser follows or looks at; the consent page where the connector has one.
pub(super) struct Addresses {
    /// Where our pictures of connectors are.
    pub(super) pictures: PublicUrl,
    pub(super) authorize: Option<String>,
    pub(super) revoke: Option<String>,
}

impl Connection {
    pub(super) fn of(view: &ConnectionView, consumer_id: &str, addresses: Addresses) -> Self {
        let connector = &view.connector;
        let oauth2 = connector.auth.oauth2();
        let settings = settings(view);
        let asked = connector.settings.iter().filter(|setting| !setting.from_token);
        let needed = oauth2.map(|oauth2| {
            connector.settings.iter().filter(|setting| setting.required && oauth2.asks_with(&setting.name))
        });
        let moment = |at: Option<jiff::Timestamp>| at.map_or(0, jiff::Timestamp::as_millisecond);
        let grant = view.grant.as_ref().filter(|grant| grant.ended != Some(GrantEnd::Revoked));
        Self {
            id: format!("{OFFERED_ID}+{}", connector.service_id),
            service_id: connector.service_id.clone(),
            name: connector.name.clone(),
            tag_line: connector.tag_line.clone(),
            unified_api: OFFERED_ID,
            state: view.state.as_str(),
            health: view.health,
            integration_state: view.integration_state,
            auth_type: match connector.auth {
                Auth::Basic { .. } => "basic",
                Auth::Bearer { .. } | Auth::Header { .. } => "apiKey",
                Auth::Oauth2(_) => "oauth2",
            },
            oauth_grant_type: oauth2.map(|oauth2| match oauth2.grant {
                OAuthGrant::AuthorizationCode => "authorization_code",
                OAuthGrant::ClientCredentials => "client_credentials",
                OAuthGrant::Password => "password",
            }),
            status: "live",
            enabled: view.enabled,
            website: connector.docs.clone(),
            icon: addresses.pictures.connector_icon(&connector.service_id),
            logo: addresses.pictures.connector_logo(&connector.service_id),
            authorize_url: addresses.authorize,
            revoke_url: addresses.revoke,
            settings: settings.clone(),
            metadata: view.metadata.clone(),
            form_fields: asked.map(|setting| FormField::of(setting, view)).collect(),
            configuration: view
                .configuration
                .iter()
                .map(|(resource, defaults)| Configuration {
                    resource: *resource,
                    defaults: DefaultField::every(connector, *resource, defaults),
                    field: None,
                })
                .collect(),
            resource_settings_support: writable(connector),
            configurable_resources: with_fields(&view.configuration),
            resource_schema_support: connector.resources.keys().copied().collect(),
            validation_support: oauth2.is_some() || connector.check.is_some(),
            schema_support: true,
            settings_required_for_authorization: needed
                .map(|settings| settings.map(|setting| setting.name.clone()).collect())
                .unwrap_or_default(),
            subscriptions: [],
            // The page that connect pages lead to is on a host that is not ours.
            has_guide: false,
            custom_mappings: CustomMapping::every(view, consumer_id),
            credentials_expire_at: moment(grant.and_then(|grant| grant.expires_at)),
            last_refresh_failed_at: moment(grant.and_then(|grant| Some(grant.failure.as_ref()?.at))),
            last_downstream_error_at: moment(view.refused.as_ref().map(|refused| refused.at)),
            created_at: view.created_at.map(jiff::Timestamp::as_millisecond),
            updated_at: view.updated_at.map(jiff::Timestamp::as_millisecond),
        }
    }

    /// The same with an entry for each default, whose members stand in the entry too: connect pages read the form of a resource
    /// from there.
    pub(super) fn field_by_field(mut self) -> Self {
        let fields = |part: Configuration| {
            let resource = part.resource;
            let entry = move |field: DefaultField| Configuration {
                resource,
                defaults: vec![field.clone()],
                field: Some(field),
            };
            part.defaults.into_iter().map(entry)
        };
        self.configuration = self.configuration.into_iter().flat_map(fields).collect();
        self
    }

    /// Whether anything of it can be called or authorised.
    pub(super) fn is_configured(view: &ConnectionView) -> bool {
        view.state != ConnectionState::Available
    }
}

/// Resources that take new records, which can begin with something.
fn writable(connector: &ConnectorDefinition) -> Vec<Resource> {
    let adds = |variants: &[Variant]| {
        variants.iter().flat_map(|variant| &variant.parts).any(|part| part.defines(Operation::Add))
    };
    let resources = connector.resources.iter().filter(|(_, variants)| adds(variants));
    resources.map(|(resource, _)| *resource).collect()
}

/// Resources whose form has a field; a connect page shows no other.
fn with_fields(configuration: &BTreeMap<Resource, Vec<RecordDefault>>) -> Vec<Resource> {
    let filled = configuration.iter().filter(|(_, defaults)| !defaults.is_empty());
    filled.map(|(resource, _)| *resource).collect()
}

impl CustomMapping {
    pub(super) fn every(view: &ConnectionView, consumer_id: &str) -> Vec<Self> {
        let is_custom = |id: &str, place: &str| {
            let resource = MappingTarget::parts(id).map(|(resource, _)| resource);
            !resource.and_then(|resource| record(view, resource)).is_some_and(|record| record.has(place))
        };
        let shown = |(target, value): &(MappingTarget, Option<String>)| Self {
            id: target.id.clone(),
            label: target.label.clone(),
            description: target.description.clone(),
            value: value.clone(),
            key: MappingTarget::parts(&target.id).map(|(_, key)| key.to_owned()).unwrap_or_default(),
            required: target.required,
            custom_field: value.as_deref().is_some_and(|place| is_custom(&target.id, place)),
            consumer_id: consumer_id.to_owned(),
        };
        view.custom_mappings.iter().map(shown).collect()
    }

    pub(super) fn resource(&self) -> Option<Resource> {
        MappingTarget::parts(&self.id).map(|(resource, _)| resource)
    }
}

impl<'c> Consumer<'c> {
    pub(super) fn of(consumer: &'c ConsumerSummary, views: Option<&[ConnectionView]>, pictures: &PublicUrl) -> Self {
        let added = |views: &[ConnectionView]| {
            views.iter().filter(|view| Connection::is_configured(view)).cloned().collect::<Vec<_>>()
        };
        let added = views.map(added);
        let connections = added.as_ref().map(|added| {
            added
                .iter()
                .map(|view| {
                    let addresses = Addresses { pictures: pictures.clone(), authorize: None, revoke: None };
                    consumer_connection(&Connection::of(view, &consumer.consumer_id, addresses), consumer)
                })
                .collect()
        });
        let services = added.map(|added| added.iter().map(|view| view.connector.service_id.clone()).collect());
        Self {
            consumer_id: &consumer.consumer_id,
            application_id: &consumer.application_id,
            metadata: &consumer.metadata,
            connections,
            services,
            created: instant(consumer.created_at),
            modified: instant(consumer.updated_at),
        }
    }
}

/// A connection as a consumer lists it: times are texts there.
fn consumer_connection(connection: &Connection, consumer: &ConsumerSummary) -> Value {
    let text = |at: Option<i64>| {
        at.filter(|at| *at != 0).and_then(|at| jiff::Timestamp::from_millisecond(at).ok()).map(instant)
    };
    json!({
        "id": format!("{}+{}", connection.service_id, consumer.consumer_id),
        "name": connection.name,
        "website": connection.website,
        "service_id": connection.service_id,
        "unified_api": connection.unified_api,
        "consumer_id": consumer.consumer_id,
        "auth_type": connection.auth_type,
        "enabled": connection.enabled,
        "settings": connection.settings,
        "metadata": connection.metadata,
        "created_at": text(connection.created_at),
        "updated_at": text(connection.updated_at),
        "state": connection.state,
        "health": connection.health,
        "credentials_expire_at": text(Some(connection.credentials_expire_at)),
        "last_refresh_failed_at": text(Some(connection.last_refresh_failed_at)),
    })
}

/// With milliseconds and in UTC, as records have it.
fn instant(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

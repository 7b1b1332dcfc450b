//! `trunkline sandbox`: the gateway and stand-in vendors on loopback, a demo application with a callable connection per vendor.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use connection_vault::{
    AdminError, AuthorizeError, ImportedConnection, ImportedTokens, IntegrationPatch, MasterKey, NewConnection,
    NewMappingTarget, StoreLocation, Vault, VaultOptions,
};
use connector_catalog::{Catalog, ConnectorDefinition};
use ipnet::{IpNet, Ipv4Net};
use secrecy::SecretString;
use unified_model::{ApplicationId, ConsumerId, Resource, ServiceId};
use vendor_sandbox::{
    AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, AVID_PASSWORD, AVID_USERNAME, AXIOMATIC_API_KEY, AXIOMATIC_ENTITY_ID,
    HUBSPOT_ACCESS_TOKEN, HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET, HUBSPOT_REFRESH_TOKEN, PIPEDRIVE_ACCESS_TOKEN,
    PIPEDRIVE_CLIENT_ID, PIPEDRIVE_CLIENT_SECRET, PIPEDRIVE_COMPANY, PIPEDRIVE_REFRESH_TOKEN, RunningSandbox, Sandbox,
    TEAMSWORK_KEY,
};

use crate::config::{Config, Connector, ConnectorLimits};
use crate::service::{self, Service, ServiceError};

/// The demo application's id.
pub const APPLICATION: &str = "sandbox";
/// The demo application's API key.
pub const API_KEY: &str = "sandbox-key";
/// The demo consumer.
pub const CONSUMER: &str = "sandbox-consumer";

/// Stand-in vendors are not to be spared: their connections have limits that no demo reaches.
const NO_LIMITS: ConnectorLimits = ConnectorLimits { requests: 1_000_000, per_seconds: 1, concurrency: 1024 };

/// A vendor's stand-in: where it is mounted, and the account that it knows.
struct StandIn {
    service: &'static str,
    /// Where paths begin; `None`: the vendor names its address when it gives a token.
    root: Option<&'static str>,
    settings: &'static [(&'static str, &'static str)],
    oauth: Option<StandInOAuth>,
}

/// An authorization server's stand-in: the app that it knows, and a grant that it has given before anybody asked.
struct StandInOAuth {
    client: (&'static str, &'static str),
    access_token: &'static str,
    refresh_token: &'static str,
    expires_in: Duration,
    token_path: &'static str,
    revoke_path: &'static str,
    /// The setting that the vendor names its address in, and where that is.
    address: Option<(&'static str, &'static str)>,
}

const STAND_INS: [StandIn; 6] = [
    StandIn {
        service: "agile-crm",
        root: Some("dev/api"),
        oauth: None,
        settings: &[
            ("domain", AGILE_DOMAIN),
            ("email", AGILE_EMAIL),
            ("api_key", AGILE_API_KEY),
            ("leads_mode", "type"),
            ("notes_fan_out", "true"),
        ],
    },
    StandIn {
        service: "avid-crm",
        root: Some("prophet/prophetwebservices/AvtProphetApi/odata"),
        oauth: None,
        settings: &[("username", AVID_USERNAME), ("password", AVID_PASSWORD)],
    },
    StandIn {
        service: "axiomatic-crm",
        root: Some("api/crm"),
        oauth: None,
        settings: &[("api_key", AXIOMATIC_API_KEY), ("entity_id", AXIOMATIC_ENTITY_ID)],
    },
    StandIn {
        service: "hubspot",
        root: Some(""),
        settings: &[],
        oauth: Some(StandInOAuth {
            client: (HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET),
            access_token: HUBSPOT_ACCESS_TOKEN,
            refresh_token: HUBSPOT_REFRESH_TOKEN,
            expires_in: Duration::from_mins(30),
            token_path: "oauth/v1/token",
            revoke_path: "oauth/v1/refresh-tokens",
            address: None,
        }),
    },
    StandIn {
        service: "pipedrive",
        root: None,
        settings: &[],
        oauth: Some(StandInOAuth {
            client: (PIPEDRIVE_CLIENT_ID, PIPEDRIVE_CLIENT_SECRET),
            access_token: PIPEDRIVE_ACCESS_TOKEN,
            refresh_token: PIPEDRIVE_REFRESH_TOKEN,
            expires_in: Duration::from_hours(1),
            token_path: "oauth/token",
            revoke_path: "oauth/revoke",
            address: Some(("api_domain", PIPEDRIVE_COMPANY)),
        }),
    },
    StandIn {
        service: "teamswork-crm",
        root: Some(""),
        oauth: None,
        settings: &[("base_url", "https://teamswork.example"), ("subscription_key", TEAMSWORK_KEY)],
    },
];

/// Why the sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The gateway.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The demo data.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The demo consumer's tokens.
    #[error(transparent)]
    Authorize(#[from] AuthorizeError),
    /// The stand-in vendors' address.
    #[error("the stand-in vendors cannot listen: {0}")]
    Vendors(std::io::Error),
}

/// A gateway over stand-in vendors.
pub struct DemoGateway {
    /// The gateway, not serving yet.
    pub service: Service,
    /// The stand-in vendors; they stop when this is dropped.
    pub vendors: RunningSandbox,
    /// The vendors' records, faults and journal.
    pub sandbox: Sandbox,
    /// The vault with the demo application.
    pub vault: Vault,
}

impl DemoGateway {
    /// Starts the vendors and binds the gateway to `port` on loopback (0: any).
    pub async fn start(port: u16) -> Result<Self, SandboxError> {
        let sandbox = Sandbox::new();
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let vendors = sandbox.clone().start(loopback).await.map_err(SandboxError::Vendors)?;
        let catalog = Catalog::built_in().map_err(ServiceError::from)?;
        let config = config(port, vendors.address, &catalog);
        let key = MasterKey::generate().map_err(ServiceError::from)?;
        let vault = Vault::open(VaultOptions::new(StoreLocation::Memory), key, Arc::new(catalog))
            .await
            .map_err(ServiceError::from)?;
        seed(&vault, vendors.address).await?;
        let cursor_key = service::cursor_key(&vault);
        let gateway = service::gateway(&config, vault.clone(), cursor_key)?;
        let service = Service::bind(&config, gateway).await?;
        Ok(Self { service, vendors, sandbox, vault })
    }
}

/// The demo consumer's connection to a connector's stand-in, without tokens; `None` where there is none.
#[must_use]
pub fn demo_connection(connector: &ConnectorDefinition) -> Option<NewConnection> {
    let known = |name: &str| connector.settings.iter().any(|setting| setting.name == name);
    let settings = stand_in(&connector.service_id)?.settings.iter().filter(|(name, _)| known(name));
    let new = NewConnection::new(&application(), &consumer(), connector.service_id.clone());
    Some(settings.fold(new, |new, (name, value)| new.with_setting(name, *value)))
}

/// Connects the demo consumer to a stand-in: with tokens and the application's OAuth client, where the vendor wants them.
pub async fn connect(vault: &Vault, connection: NewConnection, vendors: SocketAddr) -> Result<(), SandboxError> {
    let service = connection.service_id.clone();
    vault.connections().add(connection).await?;
    let Some(oauth) = stand_in(&service).and_then(|stand_in| stand_in.oauth.as_ref()) else { return Ok(()) };
    let (id, secret) = oauth.client;
    let client = IntegrationPatch {
        client_id: Some(id.to_owned()),
        client_secret: Some(secret.into()),
        ..IntegrationPatch::default()
    };
    vault.integrations().keep(&application(), &service, client).await?;
    let tokens = ImportedTokens {
        access_token: Some(oauth.access_token.into()),
        refresh_token: Some(oauth.refresh_token.into()),
        issued_at: Some(jiff::Timestamp::now()),
        expires_in: Some(oauth.expires_in),
    };
    let address = oauth.address.map(|(setting, path)| {
        (setting.to_owned(), Some(SecretString::from(format!("http://{vendors}/{service}/{path}"))))
    });
    let caller = vault.api_keys().caller(API_KEY, &application()).await.map_err(AuthorizeError::from)?;
    Ok(vault
        .authorisations()
        .import(
            &caller,
            &consumer(),
            &service,
            ImportedConnection {
                tokens: Some(tokens),
                settings: address.into_iter().collect(),
                ..ImportedConnection::default()
            },
        )
        .await?)
}

/// What a configuration says of a connector whose vendor is the stand-in at this address; `None` where there is none.
#[must_use]
pub fn demo_connector(service: &ServiceId, vendors: SocketAddr) -> Option<Connector> {
    let stand_in = stand_in(service)?;
    let below = |path: &str| format!("http://{vendors}/{service}/{path}").trim_end_matches('/').to_owned();
    let oauth = stand_in.oauth.as_ref();
    Some(Connector {
        base_url: stand_in.root.map(below),
        authorize_url: oauth.map(|_| below("oauth/authorize")),
        token_url: oauth.map(|oauth| below(oauth.token_path)),
        revoke_url: oauth.map(|oauth| below(oauth.revoke_path)),
        limits: Some(NO_LIMITS),
        ..Connector::default()
    })
}

/// The networks that addresses which a stand-in names are in.
#[must_use]
pub fn demo_networks() -> Vec<IpNet> {
    vec![IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8))]
}

fn stand_in(service: &ServiceId) -> Option<&'static StandIn> {
    STAND_INS.iter().find(|stand_in| stand_in.service == service.as_str())
}

fn config(port: u16, vendors: SocketAddr, catalog: &Catalog) -> Config {
    let mut config = Config::default();
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], port));
    config.egress.allow = demo_networks();
    let services = catalog.connectors().map(|connector| &connector.service_id);
    let connectors = services.filter_map(|service| Some((service.clone(), demo_connector(service, vendors)?)));
    config.connectors.extend(connectors);
    config
}

async fn seed(vault: &Vault, vendors: SocketAddr) -> Result<(), SandboxError> {
    vault.applications().add(&application(), "Sandbox").await?;
    vault.api_keys().add_chosen(&application(), &SecretString::from(API_KEY)).await?;
    let what = "Where each customer keeps it is for the customer to say: a custom mapping";
    vault
        .mapping_targets()
        .keep(
            &application(),
            NewMappingTarget {
                resource: Resource::Companies,
                key: "loyalty_tier",
                label: "Loyalty tier",
                description: Some(what),
                required: false,
            },
        )
        .await?;
    for connection in vault.catalog().connectors().filter_map(|connector| demo_connection(connector)) {
        connect(vault, connection, vendors).await?;
    }
    Ok(())
}

/// The demo application.
pub(crate) fn application() -> ApplicationId {
    APPLICATION.parse().expect("a constant that is a possible id")
}

fn consumer() -> ConsumerId {
    CONSUMER.parse().expect("a constant that is a possible id")
}

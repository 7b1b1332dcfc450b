//! `trunkline sandbox`: the gateway and stand-in vendors on loopback, a demo application with a callable connection per vendor.

use std::net::SocketAddr;
use std::sync::Arc;

use connection_vault::{AdminError, MasterKey, NewConnection, StoreLocation, Vault, VaultOptions};
use connector_catalog::{Catalog, ConnectorDefinition};
use secrecy::SecretString;
use unified_model::{Resource, ServiceId};
use vendor_sandbox::{
    AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, AVID_PASSWORD, AVID_USERNAME, AXIOMATIC_API_KEY, AXIOMATIC_ENTITY_ID,
    RunningSandbox, Sandbox, TEAMSWORK_KEY,
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
    root: &'static str,
    settings: &'static [(&'static str, &'static str)],
}

const STAND_INS: [StandIn; 4] = [
    StandIn {
        service: "agile-crm",
        root: "dev/api",
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
        root: "prophet/prophetwebservices/AvtProphetApi/odata",
        settings: &[("username", AVID_USERNAME), ("password", AVID_PASSWORD)],
    },
    StandIn {
        service: "axiomatic-crm",
        root: "api/crm",
        settings: &[("api_key", AXIOMATIC_API_KEY), ("entity_id", AXIOMATIC_ENTITY_ID)],
    },
    StandIn {
        service: "teamswork-crm",
        root: "",
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
        seed(&vault).await?;
        let cursor_key = service::cursor_key(&vault);
        let gateway = service::gateway(&config, vault.clone(), cursor_key)?;
        let service = Service::bind(&config, gateway).await?;
        Ok(Self { service, vendors, sandbox, vault })
    }
}

/// The demo consumer's connection to a connector's stand-in; `None` where there is none.
#[must_use]
pub fn demo_connection(connector: &ConnectorDefinition) -> Option<NewConnection> {
    let known = |name: &str| connector.settings.iter().any(|setting| setting.name == name);
    let settings = stand_in(&connector.service_id)?.settings.iter().filter(|(name, _)| known(name));
    let new = NewConnection::new(APPLICATION, CONSUMER, connector.service_id.clone());
    Some(settings.fold(new, |new, (name, value)| new.with_setting(name, *value)))
}

/// What a configuration says of a connector whose vendor is the stand-in at this address; `None` where there is none.
#[must_use]
pub fn demo_connector(service: &ServiceId, vendors: SocketAddr) -> Option<Connector> {
    let address = format!("http://{vendors}/{service}/{}", stand_in(service)?.root);
    let base_url = Some(address.trim_end_matches('/').to_owned());
    Some(Connector { base_url, limits: Some(NO_LIMITS), ..Connector::default() })
}

fn stand_in(service: &ServiceId) -> Option<&'static StandIn> {
    STAND_INS.iter().find(|stand_in| stand_in.service == service.as_str())
}

fn config(port: u16, vendors: SocketAddr, catalog: &Catalog) -> Config {
    let mut config = Config::default();
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], port));
    let services = catalog.connectors().map(|connector| &connector.service_id);
    let connectors = services.filter_map(|service| Some((service.clone(), demo_connector(service, vendors)?)));
    config.connectors.extend(connectors);
    config
}

async fn seed(vault: &Vault) -> Result<(), AdminError> {
    vault.add_application(APPLICATION, "Sandbox").await?;
    vault.add_api_key_with_value(APPLICATION, &SecretString::from(API_KEY)).await?;
    let what = "Where each customer keeps it is for the customer to say: a custom mapping";
    vault
        .keep_mapping_target(APPLICATION, Resource::Companies, "loyalty_tier", "Loyalty tier", Some(what), false)
        .await?;
    for connection in vault.catalog().connectors().filter_map(|connector| demo_connection(connector)) {
        vault.add_connection(connection).await?;
    }
    Ok(())
}

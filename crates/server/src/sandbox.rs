//! `trunkline sandbox`: the gateway and stand-in vendors on loopback, a demo application with a callable connection per vendor.

use std::net::SocketAddr;
use std::sync::Arc;

use connection_vault::{AdminError, MasterKey, NewConnection, StoreLocation, Vault, VaultOptions};
use connector_catalog::Catalog;
use secrecy::SecretString;
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, RunningSandbox, Sandbox};

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
        let config = config(port, vendors.address);
        let key = MasterKey::generate().map_err(ServiceError::from)?;
        let cursor_key = service::cursor_key(&key);
        let catalog = Catalog::built_in().map_err(ServiceError::from)?;
        let vault = Vault::open(VaultOptions::new(StoreLocation::Memory), key, Arc::new(catalog))
            .await
            .map_err(ServiceError::from)?;
        seed(&vault).await?;
        let gateway = service::gateway(&config, vault.clone(), cursor_key)?;
        let service = Service::bind(&config, gateway).await?;
        Ok(Self { service, vendors, sandbox, vault })
    }
}

fn config(port: u16, vendors: SocketAddr) -> Config {
    let mut config = Config::default();
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], port));
    let agile = Connector {
        base_url: Some(format!("http://{vendors}/agile-crm/dev/api")),
        timeout_seconds: None,
        limits: Some(NO_LIMITS),
    };
    config.connectors.insert(agile_crm(), agile);
    config
}

fn agile_crm() -> unified_model::ServiceId {
    "agile-crm".parse().expect("a constant that is well-formed")
}

async fn seed(vault: &Vault) -> Result<(), AdminError> {
    vault.add_application(APPLICATION, "Sandbox").await?;
    vault.add_api_key_with_value(APPLICATION, &SecretString::from(API_KEY)).await?;
    let connection = NewConnection::new(APPLICATION, CONSUMER, agile_crm())
        .with_setting("domain", AGILE_DOMAIN)
        .with_setting("email", AGILE_EMAIL)
        .with_setting("api_key", AGILE_API_KEY);
    vault.add_connection(connection).await?;
    Ok(())
}

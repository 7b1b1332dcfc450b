//! The gateway assembled from its configuration, and served until it is told to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use connection_vault::{LogBounds, MasterKey, MasterKeyError, Vault, VaultError, VaultOptions};
use connector_catalog::{Catalog, CatalogError};
use gateway::Gateway;
use tokio::net::TcpListener;
use vendor_client::{VendorClient, VendorClientError, VendorClientOptions};

use crate::config::{self, Config, ConfigError, MASTER_KEY_VARIABLE};
use crate::http::{self, PublicUrl};

/// What the key for sealing cursors is derived for.
const CURSOR_KEY: &str = "trunkline 2026-11 cursor seal";
/// How soon it is told, at the latest, that an authorisation's time is over.
const LOOK_FOR_INTERRUPTIONS_EVERY: Duration = Duration::from_secs(15);

/// How long the end of a server waits for the last calls to be written into the log.
const LAST_LOGS_WITHIN: Duration = Duration::from_secs(5);

/// Why the gateway cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no master key.
    #[error(
        "there is no master key: set {MASTER_KEY_VARIABLE}, or `master_key_file` in [secrets]; `trunkline master-key generate` makes one"
    )]
    NoMasterKey,
    /// The master key.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The definitions.
    #[error("the definitions have mistakes:\n{0}")]
    Catalog(#[from] CatalogError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The way out.
    #[error(transparent)]
    Client(#[from] VendorClientError),
    /// The address to listen on, or the network.
    #[error("{address}: {source}")]
    Network {
        /// Where it was to listen.
        address: SocketAddr,
        /// Why it cannot.
        source: io::Error,
    },
}

/// A gateway that is bound to its address but does not serve yet.
pub struct Service {
    listener: TcpListener,
    router: Router,
    vault: Vault,
    /// Where it listens.
    pub address: SocketAddr,
}

/// The definitions that a configuration asks for.
pub fn catalog(config: &Config) -> Result<Catalog, CatalogError> {
    let built_in = Catalog::built_in()?;
    match &config.definitions.directory {
        Some(directory) => built_in.with_directory(directory),
        None => Ok(built_in),
    }
}

/// The master key, from the environment or else from the configured file.
pub fn master_key(config: &Config) -> Result<MasterKey, ServiceError> {
    if let Some(text) = config::master_key_from_environment() {
        return Ok(MasterKey::parse(&text)?);
    }
    let file = config.secrets.master_key_file.as_ref().ok_or(ServiceError::NoMasterKey)?;
    Ok(MasterKey::read_file(file)?)
}

/// The vault that a configuration asks for.
pub async fn vault(config: &Config, key: MasterKey) -> Result<Vault, ServiceError> {
    let options = VaultOptions {
        database: config.store.database.clone(),
        cache_entries: config.store.cache_entries,
        poll_every: Duration::from_millis(config.store.poll_milliseconds.max(1)),
        confirm_within: Duration::from_secs(config.consent.confirm_within_seconds.into()),
        record_lease: Duration::from_secs(config.store.record_lease_seconds.get().into()),
        serve_without: Duration::from_secs(config.store.serve_without_seconds.into()),
    };
    let catalog = catalog(config)?;
    config.check_connectors(&catalog)?;
    Ok(Vault::open(options, key, Arc::new(catalog)).await?)
}

/// The gateway over a vault.
pub fn gateway(config: &Config, vault: Vault, cursor_key: [u8; 32]) -> Result<Gateway, ServiceError> {
    Ok(Gateway::new(vault, vendor_client(config)?, cursor_key))
}

/// The way out to vendors that a configuration allows.
pub fn vendor_client(config: &Config) -> Result<VendorClient, ServiceError> {
    let options = VendorClientOptions {
        allowed_networks: config.egress.allow.clone(),
        max_answer_bytes: config.egress.max_answer_bytes,
        connect_timeout: Duration::from_secs(config.egress.connect_timeout_seconds),
        max_remembered: config.egress.remembered_connections.get(),
        ..VendorClientOptions::default()
    };
    Ok(VendorClient::new(options, config.overrides())?)
}

/// The key for sealing cursors: the same for every server over one database.
#[must_use]
pub fn cursor_key(vault: &Vault) -> [u8; 32] {
    vault.derive(CURSOR_KEY)
}

impl Service {
    /// A service as its configuration says.
    pub async fn from_config(config: &Config) -> Result<Self, ServiceError> {
        let vault = vault(config, master_key(config)?).await?;
        let cursor_key = cursor_key(&vault);
        Self::bind(config, gateway(config, vault, cursor_key)?).await
    }

    /// A service that listens at the configured address.
    pub async fn bind(config: &Config, gateway: Gateway) -> Result<Self, ServiceError> {
        let wanted = config.server.listen;
        let network = |source| ServiceError::Network { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(network)?;
        let address = listener.local_addr().map_err(network)?;
        let public_url = match &config.server.public_url {
            Some(url) => PublicUrl::new(url),
            None => PublicUrl::new(&format!("http://{address}")),
        };
        let vault = gateway.vault().clone();
        tell_of_own_addresses(config);
        vault.become_server()?;
        vault.tell_of_interruptions(LOOK_FOR_INTERRUPTIONS_EVERY).await?;
        if config.logs.retention_days > 0 {
            let retention = Duration::from_hours(24 * u64::from(config.logs.retention_days));
            vault.keep_logs_within(LogBounds { retention, most_bytes: config.logs.max_bytes });
        }
        let router = http::router(gateway, public_url, config.server.max_body_bytes);
        Ok(Self { listener, router, vault, address })
    }

    /// Serves until `stop` is done; requests under way are finished.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ServiceError> {
        let address = self.address;
        axum::serve(self.listener, self.router)
            .with_graceful_shutdown(stop)
            .await
            .map_err(|source| ServiceError::Network { address, source })?;
        if tokio::time::timeout(LAST_LOGS_WITHIN, self.vault.flush_logs()).await.is_err() {
            tracing::warn!("the last calls could not be logged in time");
        }
        Ok(())
    }
}

/// Whose secrets go where the operator says, and not where the connections do: on record at every start.
fn tell_of_own_addresses(config: &Config) {
    for (service, connector) in &config.connectors {
        for (name, address) in [("base_url", &connector.base_url), ("token_url", &connector.token_url)] {
            if let Some(address) = address {
                tracing::info!(%service, address, "secrets go to the {name} of the configuration");
            }
        }
    }
}

/// Done when the process is asked to end (SIGINT, SIGTERM).
pub async fn asked_to_end() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

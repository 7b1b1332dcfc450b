//! The gateway assembled from its configuration, and served until it is told to stop.

pub mod process;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use connection_vault::{LogBounds, MasterKey, MasterKeyError, Vault, VaultError, VaultOptions};
use connector_catalog::{Catalog, CatalogError};
use gateway::Gateway;
use tokio::time::{Instant, timeout_at};
use vendor_client::{VendorClient, VendorClientError, VendorClientOptions};

use crate::config::{self, Config, ConfigError, MASTER_KEY_VARIABLE};
use crate::http::{self, PublicUrl};
use crate::serving::{self, ClientLimits, Serving};

/// What the key for sealing cursors is derived for.
const CURSOR_KEY: &str = "trunkline 2026-11 cursor seal";
/// How soon it is told, at the latest, that an authorisation's time is over.
const LOOK_FOR_INTERRUPTIONS_EVERY: Duration = Duration::from_secs(15);

/// Which part of the time for stopping is kept for the background jobs, such as writing the last calls into the log.
const JOBS_PART: u32 = 10;
/// Of the files that may be open, half are for clients: a call may open another to a vendor, and the store needs some.
const FILES_FOR_EACH_CLIENT: usize = 2;

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
    serving: Serving,
    gateway: Gateway,
    /// How long a stop may take.
    pub stop_within: Duration,
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
        max_call_bytes: config.egress.max_call_bytes,
        max_answers_bytes: config.egress.max_answers_bytes,
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
        let listener = serving::listen(wanted).map_err(network)?;
        let address = listener.local_addr().map_err(network)?;
        warn_of_plain_http(config, address);
        let public_url = match &config.server.public_url {
            Some(url) => PublicUrl::new(url),
            None => PublicUrl::new(&format!("http://{address}")),
        };
        let vault = gateway.vault();
        tell_of_own_addresses(config);
        vault.become_server()?;
        vault.authorisations().tell_of_interruptions(LOOK_FOR_INTERRUPTIONS_EVERY).await?;
        if config.logs.retention_days > 0 {
            let retention = Duration::from_hours(24 * u64::from(config.logs.retention_days));
            vault.call_log().keep_within(LogBounds { retention, most_bytes: config.logs.max_bytes });
        }
        let router = http::router(gateway.clone(), public_url.clone(), config.server.max_body_bytes);
        let serving = Serving { listener, router, public_url, limits: client_limits(config) };
        let stop_within = Duration::from_secs(config.server.stop_within_seconds.get());
        Ok(Self { serving, gateway, stop_within, address })
    }

    /// Serves until `stop` is done. Then calls under way are finished, within the time that the configuration gives them.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) {
        let calls_within = self.stop_within.saturating_sub(self.stop_within / JOBS_PART);
        let (stopped, mut stopped_at) = tokio::sync::oneshot::channel();
        let stop = async move {
            stop.await;
            tracing::info!(within = ?self.stop_within, "stopping");
            let _ = stopped.send(Instant::now());
        };
        self.serving.until(stop, calls_within).await;
        let stopped_at = stopped_at.try_recv().unwrap_or_else(|_| Instant::now());
        // A write goes on without its caller, and so without a connection.
        if timeout_at(stopped_at + calls_within, self.gateway.writes_finished()).await.is_err() {
            tracing::warn!("stopped while writes were under way: their time to finish is over");
        }
        let rest = (stopped_at + self.stop_within).saturating_duration_since(Instant::now());
        let broken_off = self.gateway.vault().stop_jobs(rest).await;
        if !broken_off.is_empty() {
            tracing::warn!(jobs = ?broken_off, "background jobs were broken off: their time to finish is over");
        }
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

fn client_limits(config: &Config) -> ClientLimits {
    let server = &config.server;
    let allowed = server.max_connections.get();
    let connections = allowed.min((process::open_files() / FILES_FOR_EACH_CLIENT).max(1));
    if connections < allowed {
        tracing::warn!(
            connections,
            "fewer connections than max_connections are served: allow more open files (ulimit -n)"
        );
    }
    ClientLimits {
        header: Duration::from_secs(server.header_timeout_seconds.get()),
        body: Duration::from_secs(server.body_timeout_seconds.get()),
        idle: Duration::from_secs(server.idle_timeout_seconds.get()),
        write: Duration::from_secs(server.write_timeout_seconds.get()),
        connections,
        // One client alone does not keep the others out.
        per_client: server.max_connections_per_client.get().min(connections.div_ceil(2)),
        trusted_proxies: server.trusted_proxies.clone(),
    }
}

/// API keys and records are readable on the way to a public address, unless a proxy in front of it speaks TLS.
fn warn_of_plain_http(config: &Config, address: SocketAddr) {
    if !address.ip().to_canonical().is_loopback() && config.server.trusted_proxies.is_empty() {
        tracing::warn!(
            %address,
            "listening without TLS at an address that others can reach: put a proxy that terminates TLS in front, \
             and name it in [server] trusted_proxies"
        );
    }
}

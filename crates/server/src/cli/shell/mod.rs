//! What every command needs: the configuration, the vault, the log, and how results and secrets pass the terminal.

mod filter;
pub(super) mod output;
pub(super) mod secret;

use std::io::IsTerminal as _;
use std::path::Path;

use connection_vault::Vault;
use tracing_subscriber::EnvFilter;

use self::filter::check_filter;
use crate::config::{Config, Log, LogFormat};
use crate::service;

/// The file that is read when none is named.
const DEFAULT_CONFIG: &str = "trunkline.toml";

/// Why a command fails, for whoever typed it.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The vault that a configuration asks for. Commands change it straight in the store: a running server sees it within a second.
pub(super) async fn open(config: &Config) -> Result<Vault, Failure> {
    Ok(service::vault(config, service::master_key(config)?).await?)
}

pub(super) fn load(named: Option<&Path>) -> Result<Config, Failure> {
    let default = Path::new(DEFAULT_CONFIG);
    let file = named.or_else(|| default.exists().then_some(default));
    Ok(Config::load(file, std::env::vars())?)
}

pub(super) fn start_logging(log: &Log) -> Result<(), Failure> {
    check_filter(&log.filter)?;
    let filter = EnvFilter::try_new(&log.filter).map_err(|error| format!("[log] filter: {error}"))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Where the log is on the disk that is full, a complaint about it would fail as well, and end whatever is served.
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match log.format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    }
}

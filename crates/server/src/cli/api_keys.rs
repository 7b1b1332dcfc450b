//! `trunkline api-keys`: what applications call with.

use std::process::ExitCode;

use clap::Subcommand;
use connection_vault::ApiKeyId;
use secrecy::ExposeSecret;
use serde_json::json;

use super::output::{Output, lines};
use super::{Failure, open};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum ApiKeysCommand {
    /// Add an API key and print it: this once, for it is stored only as a hash.
    Add {
        /// The application that it is for.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        output: Output,
    },
    /// List an application's API keys.
    List {
        /// The application.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        output: Output,
    },
    /// Revoke an API key for good.
    Revoke {
        /// The key's id, as `list` shows it.
        id: String,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn run(command: ApiKeysCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        ApiKeysCommand::Add { app, output } => {
            let (id, key) = vault.add_api_key(&app).await?;
            let shown = json!({ "id": id, "application_id": app, "api_key": key.expose_secret() });
            output.print(&shown, || key.expose_secret().to_owned())?;
        }
        ApiKeysCommand::List { app, output } => {
            let keys = vault.api_keys(&app).await?;
            output.print(&keys, || {
                lines(keys.iter().map(|key| {
                    let state = if key.revoked_at.is_some() { "revoked" } else { "valid" };
                    format!("{}\t{}\t{state}", key.id, key.hint)
                }))
            })?;
        }
        ApiKeysCommand::Revoke { id, output } => {
            vault.revoke_api_key(&ApiKeyId::from(id.clone())).await?;
            output.print(&json!({ "id": id }), || format!("revoked API key {id}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

//! `trunkline api-keys`: what applications call with.

use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;
use connection_vault::{ApiKeyId, ApiKeySummary, NewApiKey, Scope};
use jiff::{Span, SpanRelativeTo, Timestamp};
use secrecy::ExposeSecret;
use serde_json::json;

use super::shell::output::{Output, lines};
use super::shell::{Failure, open};
use unified_model::ApplicationId;

use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum ApiKeysCommand {
    /// Add an API key and print it: this once, for it is stored only as a hash.
    Add {
        /// The application that it is for.
        #[arg(long)]
        app: ApplicationId,
        /// What it may be used for: crm:read, crm:write, vault, proxy, webhooks, mcp. Several may be given; without any it may be
        /// used for everything.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// How long it lives, as in 90d or 12h. Without it: until it is revoked.
        #[arg(long, value_name = "LENGTH", value_parser = length)]
        expires_in: Option<Duration>,
        #[command(flatten)]
        output: Output,
    },
    /// List an application's API keys.
    List {
        /// The application.
        #[arg(long)]
        app: ApplicationId,
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
        ApiKeysCommand::Add { app, scopes, expires_in, output } => {
            let scopes = (!scopes.is_empty()).then(|| scopes.into_iter().collect());
            let (id, key) = vault.api_keys().add_with(&app, NewApiKey { scopes, expires_in }).await?;
            let shown = json!({ "id": id, "application_id": app, "api_key": key.expose_secret() });
            output.print(&shown, || key.expose_secret().to_owned())?;
        }
        ApiKeysCommand::List { app, output } => {
            let (keys, now) = (vault.api_keys().list(&app).await?, Timestamp::now());
            output.print(&keys, || {
                lines(keys.iter().map(|key| format!("{}\t{}\t{}\t{}", key.id, key.hint, state(key, now), scopes(key))))
            })?;
        }
        ApiKeysCommand::Revoke { id, output } => {
            vault.api_keys().revoke(&ApiKeyId::from(id.clone())).await?;
            output.print(&json!({ "id": id }), || format!("revoked API key {id}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn state(key: &ApiKeySummary, now: Timestamp) -> String {
    match (key.revoked_at, key.expires_at) {
        (Some(_), _) => "revoked".to_owned(),
        (None, Some(end)) if end <= now => "expired".to_owned(),
        (None, Some(end)) => format!("valid until {end}"),
        (None, None) => "valid".to_owned(),
    }
}

fn scopes(key: &ApiKeySummary) -> String {
    let Some(scopes) = &key.scopes else { return "every scope".to_owned() };
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// `90d`, `12h`, `2 weeks`.
fn length(text: &str) -> Result<Duration, String> {
    let span = text.parse::<Span>().map_err(|_| "write a length such as 90d or 12h")?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|error| error.to_string())?;
    Duration::try_from(length).map_err(|_| "write a length such as 90d or 12h".to_owned())
}

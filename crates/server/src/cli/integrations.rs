//! `trunkline integrations`: a connector as one application uses it, with the OAuth client that the vendor knows it by.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use connection_vault::{IntegrationPatch, IntegrationState, IntegrationSummary};
use serde_json::json;
use unified_model::{ApplicationId, ServiceId};

use super::apps::replaced;
use super::shell::output::{Output, lines};
use super::shell::secret::ClientSecret;
use super::shell::{Failure, open};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct IntegrationPlace {
    /// The application.
    #[arg(long)]
    app: ApplicationId,
    /// The connector, such as hubspot.
    #[arg(long)]
    service: ServiceId,
}

#[derive(Debug, Subcommand)]
pub(super) enum IntegrationsCommand {
    /// Add an integration, or change the one that there is; what is not named stays.
    #[command(visible_alias = "add")]
    Set {
        #[command(flatten)]
        place: IntegrationPlace,
        /// What the vendor calls the application; an empty one takes it away.
        #[arg(long)]
        client_id: Option<String>,
        #[command(flatten)]
        secret: ClientSecret,
        /// A scope to ask for. All of them together replace the connector's own; a single empty one: those again.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        #[command(flatten)]
        output: Output,
    },
    /// List an application's integrations; client secrets are never shown.
    List {
        /// The application.
        #[arg(long)]
        app: ApplicationId,
        #[command(flatten)]
        output: Output,
    },
    /// Switch an integration on.
    Enable {
        #[command(flatten)]
        place: IntegrationPlace,
        #[command(flatten)]
        output: Output,
    },
    /// Switch an integration off: its connections cannot be made or called.
    Disable {
        #[command(flatten)]
        place: IntegrationPlace,
        #[command(flatten)]
        output: Output,
    },
    /// Delete an integration. Connections stay; those that need its OAuth client can no longer be renewed.
    Delete {
        #[command(flatten)]
        place: IntegrationPlace,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn run(command: IntegrationsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        IntegrationsCommand::Set { place, client_id, secret, scopes, output } => {
            let client_secret = secret.read()?;
            let patch = IntegrationPatch { client_id, client_secret, scopes: replaced(scopes), enabled: None };
            let kept = vault.integrations().keep(&place.app, &place.service, patch).await?;
            output.print(&kept, || line(&kept))?;
        }
        IntegrationsCommand::List { app, output } => {
            let integrations = vault.integrations().list(&app).await?;
            output.print(&integrations, || lines(integrations.iter().map(line)))?;
        }
        IntegrationsCommand::Enable { place, output } => {
            let patch = IntegrationPatch { enabled: Some(true), ..IntegrationPatch::default() };
            let kept = vault.integrations().keep(&place.app, &place.service, patch).await?;
            output.print(&kept, || line(&kept))?;
        }
        IntegrationsCommand::Disable { place, output } => {
            let patch = IntegrationPatch { enabled: Some(false), ..IntegrationPatch::default() };
            let kept = vault.integrations().keep(&place.app, &place.service, patch).await?;
            output.print(&kept, || line(&kept))?;
        }
        IntegrationsCommand::Delete { place, output } => {
            vault.integrations().delete(&place.app, &place.service).await?;
            let shown = json!({ "application_id": place.app, "service_id": place.service });
            output.print(&shown, || format!("deleted the integration of {}", place.service))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(integration: &IntegrationSummary) -> String {
    let state = match integration.state {
        IntegrationState::Disabled => "disabled",
        IntegrationState::NeedsConfiguration => "needs an OAuth client",
        IntegrationState::Configured => "configured",
    };
    let client_id = integration.client_id.as_deref().unwrap_or("-");
    let secret = if integration.has_client_secret { "with a secret" } else { "no secret" };
    format!("{}\t{state}\t{client_id}\t{secret}", integration.service_id)
}

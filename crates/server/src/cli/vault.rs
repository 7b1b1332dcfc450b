//! Integrations, consumers, custom mappings, events, and taking connections out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use connection_vault::{ConsumerPage, ExportedConnection, IntegrationPatch, IntegrationState, IntegrationSummary};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use unified_model::{Resource, ServiceId};

use super::Failure;
use super::admin::{Output, lines, open, print};
use crate::config::Config;

/// How many consumers are read at a time.
const PAGE: i64 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum IntegrationsCommand {
    /// Add an integration, or change the one that there is; what is not named stays.
    Set {
        /// The application.
        #[arg(long)]
        app: String,
        /// The connector, such as hubspot.
        #[arg(long)]
        service: ServiceId,
        /// The OAuth client id that the vendor gave the application.
        #[arg(long)]
        client_id: Option<String>,
        /// A file with the OAuth client secret; `-` reads it from standard input, so that it is in no shell's history.
        #[arg(long, value_name = "FILE")]
        client_secret_file: Option<PathBuf>,
        /// What to ask for, instead of the connector's own scopes; may be given again. Empty: the connector's own again.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        #[command(flatten)]
        output: Output,
    },
    /// List an application's integrations; client secrets are never shown.
    List {
        /// The application.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        output: Output,
    },
    /// Switch an integration off: its connections can neither be made nor called.
    Disable {
        /// The application.
        #[arg(long)]
        app: String,
        /// The connector.
        #[arg(long)]
        service: ServiceId,
    },
    /// Switch an integration on.
    Enable {
        /// The application.
        #[arg(long)]
        app: String,
        /// The connector.
        #[arg(long)]
        service: ServiceId,
    },
    /// Delete an integration with its OAuth client; connections stay.
    Delete {
        /// The application.
        #[arg(long)]
        app: String,
        /// The connector.
        #[arg(long)]
        service: ServiceId,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConsumersCommand {
    /// Add a consumer, or change what is known of one.
    Set {
        /// The application.
        #[arg(long)]
        app: String,
        /// The consumer: what callers send as x-apideck-consumer-id.
        id: String,
        /// Something that is known of it, such as account_name=Acme; may be given again, and replaces all that was known.
        #[arg(long = "metadata", value_name = "NAME=VALUE")]
        metadata: Vec<String>,
        #[command(flatten)]
        output: Output,
    },
    /// List an application's consumers.
    List {
        /// The application.
        #[arg(long)]
        app: String,
        /// Only those whose ids begin with this.
        #[arg(long, default_value = "")]
        prefix: String,
        #[command(flatten)]
        output: Output,
    },
    /// Delete a consumer with everything that it has connected.
    Delete {
        /// The application.
        #[arg(long)]
        app: String,
        /// The consumer.
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum CustomMappingsCommand {
    /// Define a field that consumers map to a place in their vendor's records, or describe one anew.
    Set {
        /// The application.
        #[arg(long)]
        app: String,
        /// The resource, such as contacts.
        #[arg(long)]
        resource: Resource,
        /// Its key below `custom_mappings` of a record: a-z, 0-9 and _.
        key: String,
        /// Its name for people [default: its key].
        #[arg(long)]
        label: Option<String>,
        /// More of it.
        #[arg(long)]
        description: Option<String>,
        /// Whether the application counts on it.
        #[arg(long)]
        required: bool,
        #[command(flatten)]
        output: Output,
    },
    /// List the fields that an application defines.
    List {
        /// The application.
        #[arg(long)]
        app: String,
        #[command(flatten)]
        output: Output,
    },
    /// Take a field away; what consumers mapped to it is no longer answered.
    Delete {
        /// The application.
        #[arg(long)]
        app: String,
        /// Its id, as `list` shows it: crm+contacts+tier.
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum EventsCommand {
    /// List what happened to connections, the newest first.
    List {
        /// The application.
        #[arg(long)]
        app: String,
        /// Only this consumer's.
        #[arg(long)]
        consumer: Option<String>,
        /// How many at the most.
        #[arg(long, default_value_t = 100)]
        limit: u16,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn integrations(command: IntegrationsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        IntegrationsCommand::Set { app, service, client_id, client_secret_file, scopes, output } => {
            let client_secret = client_secret_file.map(|file| read_secret(&file)).transpose()?;
            let scopes = (!scopes.is_empty()).then(|| scopes.into_iter().filter(|scope| !scope.is_empty()).collect());
            let patch = IntegrationPatch { client_id, client_secret, scopes, enabled: None };
            let integration = vault.keep_integration(&app, &service, patch).await?;
            print(&output, &integration, || integration_line(&integration))?;
        }
        IntegrationsCommand::List { app, output } => {
            let integrations = vault.integrations(&app).await?;
            print(&output, &integrations, || lines(integrations.iter().map(integration_line)))?;
        }
        IntegrationsCommand::Disable { app, service } => {
            vault.keep_integration(&app, &service, switched(false)).await?;
        }
        IntegrationsCommand::Enable { app, service } => {
            vault.keep_integration(&app, &service, switched(true)).await?;
        }
        IntegrationsCommand::Delete { app, service } => vault.delete_integration(&app, &service).await?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn consumers(command: ConsumersCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        ConsumersCommand::Set { app, id, metadata, output } => {
            let metadata = metadata.iter().map(|text| pair(text)).collect::<Result<Map<_, _>, _>>()?;
            let consumer = vault.keep_consumer(&app, &id, metadata).await?;
            print(&output, &consumer, || consumer.consumer_id.clone())?;
        }
        ConsumersCommand::List { app, prefix, output } => {
            vault.application(&app).await?;
            let mut consumers = Vec::new();
            loop {
                let after = consumers.last().map(|last: &connection_vault::ConsumerSummary| last.consumer_id.clone());
                let after = after.unwrap_or_default();
                let page = ConsumerPage { after: &after, prefix: &prefix, limit: PAGE };
                let found = vault.consumers(&app, page).await?;
                if found.is_empty() {
                    break;
                }
                consumers.extend(found);
            }
            print(&output, &consumers, || lines(consumers.iter().map(|consumer| consumer.consumer_id.clone())))?;
        }
        ConsumersCommand::Delete { app, id } => vault.delete_consumer(&app, &id).await?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn custom_mappings(command: CustomMappingsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        CustomMappingsCommand::Set { app, resource, key, label, description, required, output } => {
            let label = label.as_deref().unwrap_or(&key);
            let target =
                vault.keep_mapping_target(&app, resource, &key, label, description.as_deref(), required).await?;
            print(&output, &target, || target.id.clone())?;
        }
        CustomMappingsCommand::List { app, output } => {
            let targets = vault.mapping_targets(&app).await?;
            print(&output, &targets, || {
                lines(targets.iter().map(|target| format!("{}\t{}", target.id, target.label)))
            })?;
        }
        CustomMappingsCommand::Delete { app, id } => vault.delete_mapping_target(&app, &id).await?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn events(command: EventsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    let EventsCommand::List { app, consumer, limit, output } = command;
    let events = vault.events(&app, consumer.as_deref(), i64::from(limit)).await?;
    print(&output, &events, || {
        lines(events.iter().map(|event| {
            let (at, of) = (event.occurred_at, &event.consumer_id);
            format!("{at}\t{of}\t{}\t{}\t{}", event.service_id, event.event_type, event.detail)
        }))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a consumer's connections with their secrets in the clear.
pub(super) async fn export(
    (app, consumer, service): (String, String, Option<ServiceId>),
    reveals: bool,
    config: &Config,
) -> Result<ExitCode, Failure> {
    if !reveals {
        return Err(
            "this prints tokens and passwords in the clear; add --reveal-secrets if that is what you want".into()
        );
    }
    let vault = open(config).await?;
    let exported = vault.export_connections(&app, &consumer, service.as_ref()).await?;
    let shown: Vec<Value> = exported.iter().map(revealed).collect();
    let printing = Output { json: true };
    print(&printing, &shown, String::new)?;
    Ok(ExitCode::SUCCESS)
}

fn revealed(connection: &ExportedConnection) -> Value {
    let secret = |token: &Option<SecretString>| token.as_ref().map(|token| token.expose_secret().to_owned());
    let settings: Map<String, Value> = connection
        .settings
        .iter()
        .map(|(name, value)| (name.clone(), value.expose_secret().to_owned().into()))
        .collect();
    let lifetime = connection.issued_at.zip(connection.expires_at);
    json!({
        "application_id": connection.application_id,
        "consumer_id": connection.consumer_id,
        "service_id": connection.service_id,
        "enabled": connection.enabled,
        "credentials": {
            "access_token": secret(&connection.access_token),
            "refresh_token": secret(&connection.refresh_token),
            "issued_at": connection.issued_at,
            "expires_in": lifetime.map(|(start, end)| end.duration_since(start).as_secs()),
            "scope": connection.scope,
        },
        "settings": settings,
        "metadata": connection.metadata,
        "field_map": connection.field_map,
        "configuration": connection.configuration,
        "custom_mappings": connection.custom_mappings,
    })
}

fn switched(enabled: bool) -> IntegrationPatch {
    IntegrationPatch { enabled: Some(enabled), ..IntegrationPatch::default() }
}

fn read_secret(file: &std::path::Path) -> Result<SecretString, Failure> {
    let text = if file.as_os_str() == "-" {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        line
    } else {
        std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?
    };
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err("the client secret is empty".into()) } else { Ok(text.into()) }
}

fn pair(text: &str) -> Result<(String, Value), Failure> {
    let (name, value) = text.split_once('=').ok_or("--metadata: write NAME=VALUE")?;
    Ok((name.to_owned(), value.into()))
}

fn integration_line(integration: &IntegrationSummary) -> String {
    let state = match integration.state {
        IntegrationState::Disabled => "disabled",
        IntegrationState::NeedsConfiguration => "needs_configuration",
        IntegrationState::Configured => "configured",
    };
    format!("{}\t{state}\t{}", integration.service_id, integration.client_id.as_deref().unwrap_or_default())
}

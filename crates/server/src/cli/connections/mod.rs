//! `trunkline connections`: what consumers have connected. A running server sees a change within a second.

mod described;
mod export;
mod field_map;

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use connection_vault::{Caller, ChangedBy, ConnectionPatch, ConnectionSummary, NewConnection, Vault};
use secrecy::SecretString;
use serde_json::json;
use unified_model::{ApplicationId, ConsumerId, ServiceId};

use self::described::Asker;
use self::export::Export;
use self::field_map::{FieldMapLine, lay_over};
use super::shell::output::{Output, lines};
use super::shell::{Failure, open, secret};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct ConnectionPlace {
    /// The application.
    #[arg(long)]
    app: ApplicationId,
    /// The consumer: what callers send as x-apideck-consumer-id.
    #[arg(long)]
    consumer: ConsumerId,
    /// The connector, such as agile-crm.
    #[arg(long)]
    service: ServiceId,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConnectionsCommand {
    /// Connect a consumer to a vendor.
    Add {
        #[command(flatten)]
        place: ConnectionPlace,
        /// A setting of the connector; `-` reads the value from standard input, so that no secret is in the shell's history.
        #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
        settings: Vec<(String, String)>,
        /// Where this customer's account keeps a field: `companies.industry=customFields[id=cf_7].value`.
        #[arg(long = "field-map", value_name = "RESOURCE.FIELD=PATH")]
        field_map: Vec<FieldMapLine>,
        #[command(flatten)]
        output: Output,
    },
    /// Change a connection; what is not named stays.
    Update {
        #[command(flatten)]
        place: ConnectionPlace,
        /// A setting's new value; without a value it is taken away. `-` reads the value from standard input.
        #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
        settings: Vec<(String, String)>,
        /// Where this customer's account keeps a field; without a path the connector's own mapping counts again.
        #[arg(long = "field-map", value_name = "RESOURCE.FIELD=PATH")]
        field_map: Vec<FieldMapLine>,
        #[command(flatten)]
        output: Output,
    },
    /// List connections; secrets are never shown.
    List {
        /// The application.
        #[arg(long)]
        app: ApplicationId,
        /// Only this consumer's.
        #[arg(long)]
        consumer: Option<ConsumerId>,
        #[command(flatten)]
        output: Output,
    },
    /// Switch a connection off; its settings stay.
    Disable {
        #[command(flatten)]
        place: ConnectionPlace,
        #[command(flatten)]
        output: Output,
    },
    /// Switch a connection on.
    Enable {
        #[command(flatten)]
        place: ConnectionPlace,
        #[command(flatten)]
        output: Output,
    },
    /// Delete a connection and its secrets.
    Delete {
        #[command(flatten)]
        place: ConnectionPlace,
        #[command(flatten)]
        output: Output,
    },
    /// Print a consumer's connections with their tokens and secret settings in the clear, as JSON. Each export is put on record.
    Export(Export),
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) async fn run(command: ConnectionsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        ConnectionsCommand::Add { place, settings, field_map, output } => {
            secret::warn_of_arguments(&settings, vault.catalog().connector(&place.service));
            let mut new = NewConnection::new(&place.app, &place.consumer, place.service);
            new.settings = values(settings)?;
            lay_over(&mut new.field_map, field_map)?;
            let (catalog, service) = (vault.catalog(), &new.service_id);
            let asker = Asker { config, catalog, service, settings: new.settings.clone() };
            asker.check(&new.field_map).await?;
            let summary = vault.connections().add(new).await?;
            output.print(&summary, || line(&summary))?;
        }
        ConnectionsCommand::Update { place, settings, field_map, output } => {
            secret::warn_of_arguments(&settings, vault.catalog().connector(&place.service));
            let summary = update(&vault, config, place, values(settings)?, field_map).await?;
            output.print(&summary, || line(&summary))?;
        }
        ConnectionsCommand::List { app, consumer, output } => {
            let connections = vault.connections().list(&app, consumer.as_ref()).await?;
            output.print(&connections, || lines(connections.iter().map(line)))?;
        }
        ConnectionsCommand::Disable { place, output } => {
            let summary = vault.connections().disable(&place.app, &place.consumer, &place.service).await?;
            output.print(&summary, || line(&summary))?;
        }
        ConnectionsCommand::Enable { place, output } => {
            let summary = vault.connections().enable(&place.app, &place.consumer, &place.service).await?;
            output.print(&summary, || line(&summary))?;
        }
        ConnectionsCommand::Delete { place: ConnectionPlace { app, consumer, service }, output } => {
            vault.connections().delete(&app, &consumer, &service).await?;
            let shown = json!({ "application_id": app, "consumer_id": consumer, "service_id": service });
            output.print(&shown, || format!("deleted the connection of {consumer} to {service}"))?;
        }
        ConnectionsCommand::Export(export) => export::run(export, &vault, config).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn update(
    vault: &Vault,
    config: &Config,
    place: ConnectionPlace,
    settings: BTreeMap<String, SecretString>,
    lines: Vec<FieldMapLine>,
) -> Result<ConnectionSummary, Failure> {
    let mut patch = ConnectionPatch { by: ChangedBy::Operator, ..ConnectionPatch::default() };
    if !lines.is_empty() {
        let connections = vault.connections().list(&place.app, Some(&place.consumer)).await?;
        let current = connections.into_iter().find(|connection| connection.service_id == place.service);
        let mut field_map = current.map(|connection| connection.field_map).unwrap_or_default();
        lay_over(&mut field_map, lines)?;
        let settings = settings_with(vault, &place, &settings).await;
        Asker { config, catalog: vault.catalog(), service: &place.service, settings }.check(&field_map).await?;
        patch.field_map = Some(field_map);
    }
    patch.settings = settings.into_iter().map(|(name, value)| (name, Some(value))).collect();
    Ok(vault.connections().update(&place.app, &place.consumer, &place.service, patch).await?)
}

/// The connection's settings with these over them. One that cannot be called has none to ask its vendor with.
async fn settings_with(
    vault: &Vault,
    place: &ConnectionPlace,
    over: &BTreeMap<String, SecretString>,
) -> BTreeMap<String, SecretString> {
    let caller = Caller::without_key(&place.app);
    let mut settings = BTreeMap::new();
    if let Ok(connection) = vault.calls().connection(&caller, &place.consumer, Some(&place.service)).await
        && let Ok(credentials) = connection.credentials.current().await
    {
        settings.clone_from(&credentials.settings);
    }
    settings.extend(over.iter().map(|(name, value)| (name.clone(), value.clone())));
    settings
}

fn values(settings: Vec<(String, String)>) -> Result<BTreeMap<String, SecretString>, Failure> {
    let mut values = BTreeMap::new();
    for (name, value) in settings {
        let value = if value == "-" {
            SecretString::from(secret::read_secret(&format!("--set {name}=-"))?.as_str())
        } else {
            SecretString::from(value)
        };
        if values.insert(name.clone(), value).is_some() {
            return Err(format!("--set {name}: given twice").into());
        }
    }
    Ok(values)
}

pub(super) fn line(connection: &ConnectionSummary) -> String {
    let switched = if connection.enabled { "enabled" } else { "disabled" };
    let missing = match connection.missing_settings.as_slice() {
        [] => String::new(),
        missing => format!("\tmissing: {}", missing.join(", ")),
    };
    let state = connection.state.as_str();
    format!("{}\t{}\t{switched}\t{state}{missing}", connection.consumer_id, connection.service_id)
}

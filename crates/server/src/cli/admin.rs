//! Applications, API keys and connections, straight in the store: a running server sees a change within a second.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::str::FromStr;

use clap::{Args, Subcommand};
use connection_vault::{ApiKeyId, Caller, ConnectionPatch, ConnectionSummary, FieldMap, NewConnection, Vault};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;
use unified_model::{Resource, ServiceId};

use super::Failure;
use super::described::Asker;
use crate::config::Config;
use crate::service;

#[derive(Debug, Args)]
pub(super) struct Output {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum AppsCommand {
    /// Add an application.
    Add {
        /// Its id: what callers send as x-apideck-app-id.
        id: String,
        /// Its name for people [default: its id].
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// List applications.
    List {
        #[command(flatten)]
        output: Output,
    },
}

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
    },
}

#[derive(Debug, Args)]
pub(super) struct ConnectionPlace {
    /// The application.
    #[arg(long)]
    app: String,
    /// The consumer: what callers send as x-apideck-consumer-id.
    #[arg(long)]
    consumer: String,
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
        app: String,
        /// Only this consumer's.
        #[arg(long)]
        consumer: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Switch a connection off; its settings stay.
    Disable {
        #[command(flatten)]
        place: ConnectionPlace,
    },
    /// Switch a connection on.
    Enable {
        #[command(flatten)]
        place: ConnectionPlace,
    },
    /// Delete a connection and its secrets.
    Delete {
        #[command(flatten)]
        place: ConnectionPlace,
    },
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A line of a connection's own field map.
#[derive(Debug, Clone)]
pub(super) struct FieldMapLine {
    resource: Resource,
    field: String,
    /// Empty: the line is taken away.
    path: String,
}

impl FromStr for FieldMapLine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "write RESOURCE.FIELD=PATH, such as companies.industry=customFields[id=cf_7].value";
        let (place, path) = text.split_once('=').ok_or(form)?;
        let (resource, field) = place.split_once('.').filter(|(_, field)| !field.is_empty()).ok_or(form)?;
        let resource = resource.parse().map_err(|_| format!("there is no resource `{resource}`; {form}"))?;
        Ok(Self { resource, field: field.to_owned(), path: path.to_owned() })
    }
}

/// Lays lines over a field map; one without a path takes the line of its field away.
fn lay_over(field_map: &mut FieldMap, lines: Vec<FieldMapLine>) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    for FieldMapLine { resource, field, path } in lines {
        if !seen.insert((resource, field.clone())) {
            return Err(format!("--field-map {resource}.{field}: given twice").into());
        }
        let fields = field_map.entry(resource).or_default();
        if path.is_empty() {
            fields.remove(&field)
        } else {
            fields.insert(field, path)
        };
    }
    field_map.retain(|_, fields| !fields.is_empty());
    Ok(())
}

pub(super) async fn open(config: &Config) -> Result<Vault, Failure> {
    Ok(service::vault(config, service::master_key(config)?).await?)
}

pub(super) async fn apps(command: AppsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        AppsCommand::Add { id, name, output } => {
            let application = vault.add_application(&id, name.as_deref().unwrap_or(&id)).await?;
            print(&output, &application, || format!("added application {id}"))?;
        }
        AppsCommand::List { output } => {
            let applications = vault.applications().await?;
            print(&output, &applications, || {
                lines(applications.iter().map(|application| format!("{}\t{}", application.id, application.name)))
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn api_keys(command: ApiKeysCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        ApiKeysCommand::Add { app, output } => {
            let (id, key) = vault.add_api_key(&app).await?;
            let shown = json!({ "id": id, "application_id": app, "api_key": key.expose_secret() });
            print(&output, &shown, || key.expose_secret().to_owned())?;
        }
        ApiKeysCommand::List { app, output } => {
            let keys = vault.api_keys(&app).await?;
            print(&output, &keys, || {
                lines(keys.iter().map(|key| {
                    let state = if key.revoked_at.is_some() { "revoked" } else { "valid" };
                    format!("{}\t{}\t{state}", key.id, key.hint)
                }))
            })?;
        }
        ApiKeysCommand::Revoke { id } => {
            vault.revoke_api_key(&ApiKeyId::from(id)).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn connections(command: ConnectionsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        ConnectionsCommand::Add { place, settings, field_map, output } => {
            let mut new = NewConnection::new(&place.app, &place.consumer, place.service);
            new.settings = values(settings)?;
            lay_over(&mut new.field_map, field_map)?;
            let (catalog, service) = (vault.catalog(), &new.service_id);
            let asker = Asker { config, catalog, service, settings: new.settings.clone() };
            asker.check(&new.field_map).await?;
            let summary = vault.add_connection(new).await?;
            print(&output, &summary, || line(&summary))?;
        }
        ConnectionsCommand::Update { place, settings, field_map, output } => {
            let summary = update(&vault, config, place, values(settings)?, field_map).await?;
            print(&output, &summary, || line(&summary))?;
        }
        ConnectionsCommand::List { app, consumer, output } => {
            let connections = vault.connections(&app, consumer.as_deref()).await?;
            print(&output, &connections, || lines(connections.iter().map(line)))?;
        }
        ConnectionsCommand::Disable { place } => {
            vault.disable_connection(&place.app, &place.consumer, &place.service).await?;
        }
        ConnectionsCommand::Enable { place } => {
            vault.enable_connection(&place.app, &place.consumer, &place.service).await?;
        }
        ConnectionsCommand::Delete { place } => {
            vault.delete_connection(&place.app, &place.consumer, &place.service).await?;
        }
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
    let mut patch = ConnectionPatch::default();
    if !lines.is_empty() {
        let connections = vault.connections(&place.app, Some(&place.consumer)).await?;
        let current = connections.into_iter().find(|connection| connection.service_id == place.service);
        let mut field_map = current.map(|connection| connection.field_map).unwrap_or_default();
        lay_over(&mut field_map, lines)?;
        let settings = settings_with(vault, &place, &settings).await;
        Asker { config, catalog: vault.catalog(), service: &place.service, settings }.check(&field_map).await?;
        patch.field_map = Some(field_map);
    }
    patch.settings = settings.into_iter().map(|(name, value)| (name, Some(value))).collect();
    Ok(vault.update_connection(&place.app, &place.consumer, &place.service, patch).await?)
}

/// The connection's settings with these over them. One that cannot be called has none to ask its vendor with.
async fn settings_with(
    vault: &Vault,
    place: &ConnectionPlace,
    over: &BTreeMap<String, SecretString>,
) -> BTreeMap<String, SecretString> {
    let caller = Caller { application_id: place.app.as_str().into() };
    let mut settings = BTreeMap::new();
    if let Ok(connection) = vault.connection(&caller, &place.consumer, Some(&place.service)).await
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
        let value = if value == "-" { read_line(&name)? } else { value };
        if values.insert(name.clone(), SecretString::from(value)).is_some() {
            return Err(format!("--set {name}: given twice").into());
        }
    }
    Ok(values)
}

fn read_line(name: &str) -> Result<String, Failure> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line)?;
    if read == 0 {
        Err(format!("--set {name}=-: standard input has no more lines").into())
    } else {
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

fn line(connection: &ConnectionSummary) -> String {
    let switched = if connection.enabled { "enabled" } else { "disabled" };
    let missing = match connection.missing_settings.as_slice() {
        [] => String::new(),
        missing => format!("\tmissing: {}", missing.join(", ")),
    };
    let state = connection.state.as_str();
    format!("{}\t{}\t{switched}\t{state}{missing}", connection.consumer_id, connection.service_id)
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

/// Prints for a machine or for a person.
fn print(output: &Output, value: &impl Serialize, text: impl Fn() -> String) -> Result<(), Failure> {
    let shown = if output.json { serde_json::to_string_pretty(value)? } else { text() };
    if !shown.is_empty() {
        println!("{shown}");
    }
    Ok(())
}

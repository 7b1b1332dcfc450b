//! `trunkline connections export`: secrets in the clear, for an operator who takes connections elsewhere. On record before
//! anything is printed.

use std::collections::BTreeMap;
use std::io::Write as _;

use clap::Args;
use connection_vault::{ExportedConnection, Vault};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde::Serialize;
use serde_json::{Map, Value};
use unified_model::{ApplicationId, ConsumerId, ServiceId};

use crate::cli::shell::{Failure, start_logging};
use crate::config::Config;

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// The application.
    #[arg(long)]
    app: ApplicationId,
    /// The consumer whose connections they are.
    #[arg(long)]
    consumer: ConsumerId,
    /// Only the connection to this connector.
    #[arg(long)]
    service: Option<ServiceId>,
    /// Say that tokens and secret settings are to be printed in the clear.
    #[arg(long)]
    yes: bool,
    /// Print JSON, which is all that it prints.
    #[arg(long)]
    json: bool,
}

/// A connection as it is printed: `docs/operate.md` says what each member is.
#[derive(Serialize)]
struct Printed<'a> {
    application_id: &'a str,
    consumer_id: &'a str,
    service_id: &'a ServiceId,
    enabled: bool,
    access_token: Option<&'a str>,
    refresh_token: Option<&'a str>,
    issued_at: Option<String>,
    expires_at: Option<String>,
    scope: Option<&'a str>,
    settings: BTreeMap<&'a str, &'a str>,
    metadata: Option<&'a Map<String, Value>>,
}

pub(super) async fn run(export: Export, vault: &Vault, config: &Config) -> Result<(), Failure> {
    let Export { app, consumer, service, yes, json: _ } = export;
    if !yes {
        return Err(
            "this prints tokens and secret settings in the clear, and is put on record; say so with --yes".into()
        );
    }
    start_logging(&config.log)?;
    let connections = vault.connections().export(&app, &consumer, service.as_ref()).await?;
    eprintln!("these are secrets: whoever has them can do what the consumer can; the export is on record");
    let printed: Vec<Printed<'_>> = connections.iter().map(Printed::of).collect();
    let mut text = Zeroizing::new(serde_json::to_vec_pretty(&printed)?);
    text.push(b'\n');
    std::io::stdout().write_all(&text)?;
    Ok(std::io::stdout().flush()?)
}

impl<'a> Printed<'a> {
    fn of(connection: &'a ExportedConnection) -> Self {
        let exposed = |secret: &'a Option<SecretString>| secret.as_ref().map(ExposeSecret::expose_secret);
        let settings = connection.settings.iter();
        Self {
            application_id: &connection.application_id,
            consumer_id: &connection.consumer_id,
            service_id: &connection.service_id,
            enabled: connection.enabled,
            access_token: exposed(&connection.access_token),
            refresh_token: exposed(&connection.refresh_token),
            issued_at: connection.issued_at.map(|time| time.to_string()),
            expires_at: connection.expires_at.map(|time| time.to_string()),
            scope: connection.scope.as_deref(),
            settings: settings.map(|(name, value)| (name.as_str(), value.expose_secret())).collect(),
            metadata: connection.metadata.as_ref(),
        }
    }
}

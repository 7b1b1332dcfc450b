//! `trunkline apps`: the products that call this gateway.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use connection_vault::ApplicationPatch;
use serde_json::json;
use unified_model::ApplicationId;

use super::shell::output::{Output, lines};
use super::shell::{Failure, open};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum AppsCommand {
    /// Add an application.
    Add {
        /// Its id: what callers send as x-apideck-app-id.
        id: ApplicationId,
        /// Its name for people [default: its id].
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        allowed: Allowed,
        #[command(flatten)]
        output: Output,
    },
    /// Change an application; what is not named stays.
    Update {
        /// Its id.
        id: ApplicationId,
        /// Its name for people.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        allowed: Allowed,
        #[command(flatten)]
        output: Output,
    },
    /// Delete an application with its API keys, consumers, connections, integrations, events and log of calls. There is no way
    /// back, and vendors are not asked to revoke what they granted.
    Delete {
        /// Its id.
        id: ApplicationId,
        /// Do it: without this nothing is deleted.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        output: Output,
    },
    /// List applications.
    List {
        #[command(flatten)]
        output: Output,
    },
}

/// What an application allows.
#[derive(Debug, Args)]
pub(super) struct Allowed {
    /// Where its users may be sent back to after they have authorised a connection; the first counts where none is named. All of
    /// them together replace those that there are; a single empty one: none.
    #[arg(long = "redirect-uri", value_name = "ADDRESS")]
    redirect_uris: Vec<String>,
    /// The origin of a web page that may call with a session, such as <https://app.example.com>. All of them together replace
    /// those that there are; a single empty one: none.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
}

impl Allowed {
    fn patch(self, name: Option<String>) -> ApplicationPatch {
        ApplicationPatch { name, redirect_uris: replaced(self.redirect_uris), origins: replaced(self.origins) }
    }
}

/// What replaces a list, if anything was given for it.
pub(super) fn replaced(given: Vec<String>) -> Option<Vec<String>> {
    match given.as_slice() {
        [] => None,
        [empty] if empty.is_empty() => Some(Vec::new()),
        _ => Some(given),
    }
}

pub(super) async fn run(command: AppsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        AppsCommand::Add { id, name, allowed, output } => {
            let name = name.unwrap_or_else(|| id.to_string());
            let application = vault.applications().add_with(&id, &name, allowed.patch(None)).await?;
            output.print(&application, || format!("added application {id}"))?;
        }
        AppsCommand::Update { id, name, allowed, output } => {
            let application = vault.applications().update(&id, allowed.patch(name)).await?;
            output.print(&application, || format!("changed application {id}"))?;
        }
        AppsCommand::Delete { id, yes, output } => {
            if !yes {
                let connections = vault.connections().list(&id, None).await?.len();
                return Err(format!(
                    "this deletes application {id} with {connections} connections for good: add --yes"
                )
                .into());
            }
            vault.applications().delete(&id).await?;
            output.print(&json!({ "id": id }), || format!("deleted application {id}"))?;
        }
        AppsCommand::List { output } => {
            let applications = vault.applications().list().await?;
            output.print(&applications, || {
                lines(applications.iter().map(|application| format!("{}\t{}", application.id, application.name)))
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

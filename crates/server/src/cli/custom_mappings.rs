//! `trunkline custom-mappings`: fields of its own that an application defines, and each of its consumers maps.

use std::process::ExitCode;

use clap::Subcommand;
use connection_vault::{MappingTarget, NewMappingTarget};
use serde_json::json;
use unified_model::{ApplicationId, Resource};

use super::shell::output::{Output, lines};
use super::shell::{Failure, open};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum CustomMappingsCommand {
    /// Define a field, or describe the one that there is anew.
    Add {
        /// The application.
        #[arg(long)]
        app: ApplicationId,
        /// The resource that has the field, such as contacts.
        #[arg(long)]
        resource: Resource,
        /// What answers call it, such as `loyalty_tier`.
        #[arg(long)]
        key: String,
        /// Its name for people [default: its key].
        #[arg(long)]
        label: Option<String>,
        /// What it is for.
        #[arg(long)]
        description: Option<String>,
        /// Say that no connection is complete without it. Nothing is refused for want of it.
        #[arg(long)]
        required: bool,
        #[command(flatten)]
        output: Output,
    },
    /// List the fields that an application defines.
    List {
        /// The application.
        #[arg(long)]
        app: ApplicationId,
        #[command(flatten)]
        output: Output,
    },
    /// Take a field away. What consumers mapped to it is no longer answered.
    Delete {
        /// The application.
        #[arg(long)]
        app: ApplicationId,
        /// The field's id, as `list` shows it.
        id: String,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn run(command: CustomMappingsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        CustomMappingsCommand::Add { app, resource, key, label, description, required, output } => {
            let label = label.as_deref().unwrap_or(&key);
            let description = description.as_deref();
            let new = NewMappingTarget { resource, key: &key, label, description, required };
            let target = vault.mapping_targets().keep(&app, new).await?;
            output.print(&target, || line(&target))?;
        }
        CustomMappingsCommand::List { app, output } => {
            let targets = vault.mapping_targets().list(&app).await?;
            output.print(&targets, || lines(targets.iter().map(line)))?;
        }
        CustomMappingsCommand::Delete { app, id, output } => {
            vault.mapping_targets().delete(&app, &id).await?;
            output.print(&json!({ "id": id }), || format!("deleted custom mapping {id}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(target: &MappingTarget) -> String {
    let required = if target.required { "required" } else { "optional" };
    format!("{}\t{}\t{required}", target.id, target.label)
}

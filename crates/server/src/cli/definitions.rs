//! `trunkline connector`: check definitions, play case files.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use connector_catalog::Catalog;

use super::shell::Failure;
use crate::case;
use crate::config::Config;
use crate::service;

#[derive(Debug, Subcommand)]
pub(super) enum ConnectorCommand {
    /// Check definitions, warn of what is doubtful in them and list what they lose. Exits with 1 when there is a mistake.
    Lint {
        /// A directory with connectors/ and mappings/, laid over the built-in definitions.
        directory: Option<PathBuf>,
    },
    /// Play case files. Exits with 1 when one fails.
    Test {
        /// A case file, or a directory with case files at any depth.
        cases: PathBuf,
    },
}

pub(super) async fn run(command: ConnectorCommand, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        ConnectorCommand::Lint { directory } => {
            let mut catalog = service::catalog(config)?;
            if let Some(directory) = directory {
                catalog = catalog.with_directory(&directory)?;
            }
            lint(&catalog);
            Ok(ExitCode::SUCCESS)
        }
        ConnectorCommand::Test { cases } => {
            let catalog = service::catalog(config)?;
            let report = case::play_all(&cases, &catalog).await?;
            for failure in &report.failures {
                println!("FAILED {failure}\n");
            }
            println!("{} passed, {} failed", report.passed, report.failures.len());
            Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn lint(catalog: &Catalog) {
    for warning in catalog.warnings() {
        println!("warning: {warning}");
    }
    let losses = catalog.lint();
    for loss in &losses {
        println!("loss: {loss}");
    }
    println!("{} connectors are sound; {} known losses", catalog.connectors().count(), losses.len());
}

//! `trunkline backup`: a copy of the database's file that only its owner can read.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::shell::output::Output;
use super::shell::{Failure, open};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Where the copy goes; there must be no such file yet.
    file: PathBuf,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn run(backup: Backup, config: &Config) -> Result<ExitCode, Failure> {
    open(config).await?.copy_store(&backup.file).await?;
    let file = backup.file.display();
    backup.output.print(&json!({ "file": file.to_string() }), || format!("copied the database to {file}"))?;
    Ok(ExitCode::SUCCESS)
}

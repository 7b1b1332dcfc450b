//! `trunkline sessions`: what lets browsers of consumers call the Vault API.

use std::process::ExitCode;

use clap::Subcommand;
use connection_vault::SessionSummary;
use serde_json::json;

use super::shell::output::{Output, lines};
use super::shell::{Failure, open};
use unified_model::{ApplicationId, ConsumerId};

use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum SessionsCommand {
    /// List an application's sessions whose time is not over, the newest first.
    List {
        /// The application.
        #[arg(long)]
        app: ApplicationId,
        /// Only those of this consumer.
        #[arg(long)]
        consumer: Option<ConsumerId>,
        #[command(flatten)]
        output: Output,
    },
    /// End a session before its time.
    Revoke {
        /// The session's id, as `list` shows it.
        id: String,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn run(command: SessionsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        SessionsCommand::List { app, consumer, output } => {
            let sessions = vault.sessions().list(&app, consumer.as_ref()).await?;
            output.print(&sessions, || lines(sessions.iter().map(line)))?;
        }
        SessionsCommand::Revoke { id, output } => {
            vault.sessions().revoke(&id).await?;
            output.print(&json!({ "id": id }), || format!("revoked session {id}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(session: &SessionSummary) -> String {
    let state = match session.revoked_at {
        Some(at) => format!("revoked at {at}"),
        None => format!("until {}", session.expires_at),
    };
    let key = session.api_key_id.as_ref().map_or("-", |id| id.as_str());
    format!("{}\t{}\t{state}\tAPI key {key}", session.id, session.consumer_id)
}

//! `trunkline consumers`: an application's customers.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use connection_vault::ConsumerPage;
use serde_json::json;

use super::connections;
use super::shell::output::{Output, lines};
use super::shell::{Failure, open};
use unified_model::{ApplicationId, ConsumerId};

use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct ConsumerPlace {
    /// The application.
    #[arg(long)]
    app: ApplicationId,
    /// The consumer: what callers send as x-apideck-consumer-id.
    #[arg(long)]
    consumer: ConsumerId,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConsumersCommand {
    /// List an application's consumers by id, a page at a time.
    List {
        /// The application.
        #[arg(long)]
        app: ApplicationId,
        /// Only those whose ids begin with this.
        #[arg(long, default_value = "")]
        prefix: String,
        /// Go on behind this one: the last of the page before.
        #[arg(long, value_name = "ID", default_value = "")]
        after: String,
        /// How many at the most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        #[command(flatten)]
        output: Output,
    },
    /// Show a consumer and what it has connected; secrets are never shown.
    Show(ConsumerPlace),
    /// Delete a consumer with everything that it has connected.
    Delete(ConsumerPlace),
}

pub(super) async fn run(command: ConsumersCommand, config: &Config) -> Result<ExitCode, Failure> {
    let vault = open(config).await?;
    match command {
        ConsumersCommand::List { app, prefix, after, limit, output } => {
            vault.applications().get(&app).await?;
            let consumers =
                vault.consumers().list(&app, ConsumerPage { after: &after, prefix: &prefix, limit }).await?;
            output.print(&consumers, || lines(consumers.iter().map(|consumer| consumer.consumer_id.to_string())))?;
            if let Some(last) = consumers.last().filter(|_| i64::try_from(consumers.len()) == Ok(limit)) {
                eprintln!("there may be more: --after {}", last.consumer_id);
            }
        }
        ConsumersCommand::Show(ConsumerPlace { app, consumer, output }) => {
            vault.applications().get(&app).await?;
            let shown = vault.consumers().get(&app, &consumer).await?;
            let connected = vault.connections().list(&app, Some(&consumer)).await?;
            output.print(&json!({ "consumer": shown, "connections": connected }), || {
                let first = format!("{}\t{}", shown.consumer_id, json!(shown.metadata));
                lines([first].into_iter().chain(connected.iter().map(connections::line)))
            })?;
        }
        ConsumersCommand::Delete(ConsumerPlace { app, consumer, output }) => {
            vault.applications().get(&app).await?;
            vault.consumers().delete(&app, &consumer).await?;
            let shown = json!({ "application_id": app, "consumer_id": consumer });
            output.print(&shown, || format!("deleted consumer {consumer} with all its connections"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

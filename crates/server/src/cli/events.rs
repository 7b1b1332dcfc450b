//! `trunkline events`: what happened to connections.

use std::process::ExitCode;

use clap::Subcommand;
use connection_vault::Event;

use super::shell::output::{Output, lines};
use super::shell::{Failure, open};
use unified_model::{ApplicationId, ConsumerId};

use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum EventsCommand {
    /// List what happened to an application's connections in the last thirty days, the newest first.
    List {
        /// The application.
        #[arg(long)]
        app: ApplicationId,
        /// Only what happened to this consumer's.
        #[arg(long)]
        consumer: Option<ConsumerId>,
        /// How many at the most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn run(command: EventsCommand, config: &Config) -> Result<ExitCode, Failure> {
    let EventsCommand::List { app, consumer, limit, output } = command;
    let events = open(config).await?.events().list(&app, consumer.as_ref(), limit).await?;
    output.print(&events, || lines(events.iter().map(line)))?;
    Ok(ExitCode::SUCCESS)
}

fn line(event: &Event) -> String {
    let Event { occurred_at, consumer_id, service_id, event_type, detail, .. } = event;
    format!("{occurred_at}\t{consumer_id}\t{service_id}\t{event_type}\t{detail}").trim_end().to_owned()
}

//! The binary `trunkline`.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    server::cli::Cli::parse().run().await
}

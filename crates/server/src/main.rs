//! The binary `trunkline`.

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;

/// A page costs a few hundred allocations; this allocator makes them in half the time of the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    server::cli::Cli::parse().run().await
}

//! The binary `trunkline`.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    if let Err(error) = server::service::process::without_core_dumps() {
        eprintln!("warning: core dumps cannot be switched off: {error}");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(server::cli::Cli::parse().run());
    // A thread that waits for something outside, such as a name server, is not waited for.
    runtime.shutdown_background();
    code
}

//! The master key: made, changed for another while servers run, retired.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use connection_vault::{MasterKey, Rotation, Vault};
use secrecy::ExposeSecret;

use super::shell::{Failure, load, open, start_logging};

#[derive(Debug, Subcommand)]
pub(super) enum MasterKeyCommand {
    /// Make a new key.
    Generate {
        /// Write it to a new file that only you can read, instead of printing it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Seal everything anew, for a new key. Servers go on with either key until `retire`.
    Rotate {
        /// The file of the new key, as `generate` makes it.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Make the configured key the only one, once every server has it.
    Retire,
}

pub(super) async fn run(command: MasterKeyCommand, config: Option<&Path>) -> Result<ExitCode, Failure> {
    match command {
        MasterKeyCommand::Generate { out } => generate(out.as_deref())?,
        MasterKeyCommand::Rotate { to } => {
            let new = MasterKey::read_file(&to)?;
            report(opened(config).await?.rotate_master_key(&new).await?);
            println!(
                "both keys open the database: give every server the new one, then run `trunkline master-key retire` with it"
            );
        }
        MasterKeyCommand::Retire => {
            report(opened(config).await?.retire_other_master_keys().await?);
            println!("the configured key is the only one that opens the database");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The vault; what does not open is named in the log.
async fn opened(config: Option<&Path>) -> Result<Vault, Failure> {
    let config = load(config)?;
    start_logging(&config.log)?;
    open(&config).await
}

fn report(rotation: Rotation) {
    println!("connections, integrations and authorisations sealed anew: {}", rotation.resealed);
    if rotation.broken > 0 {
        println!("those with a secret that did not open before, left as they are: {}", rotation.broken);
    }
}

fn generate(out: Option<&Path>) -> Result<(), Failure> {
    let key = MasterKey::generate()?.to_text();
    match out {
        None => println!("{}", key.expose_secret()),
        Some(file) => {
            write_private(file, key.expose_secret()).map_err(|error| format!("{}: {error}", file.display()))?;
            eprintln!("wrote a new master key to {}; keep a copy of it", file.display());
        }
    }
    Ok(())
}

/// Writes a new file that only its owner can read; never over an old one.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(file)?, "{text}")
}

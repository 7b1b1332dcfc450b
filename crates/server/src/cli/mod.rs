//! The command line. Results go to standard output, logs and errors to standard error.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its user")]

mod api_keys;
mod apps;
mod backup;
mod connections;
mod consumers;
mod custom_mappings;
mod definitions;
mod events;
mod integrations;
mod master_key;
mod sessions;
mod shell;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use connection_vault::ApplicationPatch;

use self::shell::{Failure, load, start_logging};
use crate::config::{Config, Log};
use crate::sandbox::{API_KEY, APPLICATION, CONSUMER, DemoGateway, application};
use crate::service::Service;
use crate::service::process::asked_to_end;

/// Trunkline, a unified CRM gateway.
#[derive(Debug, Parser)]
#[command(name = "trunkline", version)]
pub struct Cli {
    /// The configuration file [default: trunkline.toml where there is one, else every default].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve in production, as the configuration says.
    Serve,
    /// Try it out: the gateway and stand-in vendors on loopback, nothing kept.
    Sandbox(SandboxArguments),
    /// The key that seals secrets.
    #[command(subcommand)]
    MasterKey(master_key::MasterKeyCommand),
    /// Applications: the products that call this gateway.
    #[command(subcommand)]
    Apps(apps::AppsCommand),
    /// Connectors as applications use them: their OAuth clients.
    #[command(subcommand)]
    Integrations(integrations::IntegrationsCommand),
    /// API keys of applications.
    #[command(subcommand)]
    ApiKeys(api_keys::ApiKeysCommand),
    /// Sessions of consumers' browsers.
    #[command(subcommand)]
    Sessions(sessions::SessionsCommand),
    /// Consumers: the customers of applications.
    #[command(subcommand)]
    Consumers(consumers::ConsumersCommand),
    /// Connections of consumers to vendors.
    #[command(subcommand)]
    Connections(connections::ConnectionsCommand),
    /// Fields that applications define and consumers map.
    #[command(subcommand)]
    CustomMappings(custom_mappings::CustomMappingsCommand),
    /// Copy the file of the database into another that only its owner can read, while servers run.
    Backup(backup::Backup),
    /// What happened to connections.
    #[command(subcommand)]
    Events(events::EventsCommand),
    /// Connector definitions.
    #[command(subcommand)]
    Connector(definitions::ConnectorCommand),
}

#[derive(Debug, Args)]
struct SandboxArguments {
    /// The port on 127.0.0.1; 0: any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The origin of a web page that may call with a session, such as <http://localhost:3000>; several if repeated.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Where consumers may be sent back to after they have authorised a connection; several if repeated.
    #[arg(long = "redirect-uri", value_name = "ADDRESS")]
    redirect_uris: Vec<String>,
}

impl Cli {
    /// Does what the command line says.
    pub async fn run(self) -> ExitCode {
        match self.dispatch().await {
            Ok(code) => code,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        }
    }

    async fn dispatch(self) -> Result<ExitCode, Failure> {
        let file = self.config.as_deref();
        match self.command {
            Command::MasterKey(command) => master_key::run(command, file).await,
            Command::Sandbox(arguments) => {
                start_logging(&Log::default())?;
                sandbox(arguments).await
            }
            Command::Serve => {
                let config = load(file)?;
                start_logging(&config.log)?;
                serve(&config).await
            }
            Command::Apps(command) => apps::run(command, &load(file)?).await,
            Command::Integrations(command) => integrations::run(command, &load(file)?).await,
            Command::ApiKeys(command) => api_keys::run(command, &load(file)?).await,
            Command::Sessions(command) => sessions::run(command, &load(file)?).await,
            Command::Consumers(command) => consumers::run(command, &load(file)?).await,
            Command::Connections(command) => connections::run(command, &load(file)?).await,
            Command::CustomMappings(command) => custom_mappings::run(command, &load(file)?).await,
            Command::Backup(backup) => backup::run(backup, &load(file)?).await,
            Command::Events(command) => events::run(command, &load(file)?).await,
            Command::Connector(command) => definitions::run(command, &load(file)?).await,
        }
    }
}

async fn serve(config: &Config) -> Result<ExitCode, Failure> {
    let service = Service::from_config(config).await?;
    println!("ready http://{}", service.address);
    Ok(run(service).await)
}

/// Serves until the process is asked to end, and ends at once where it is asked again.
async fn run(service: Service) -> ExitCode {
    tokio::select! {
        () = service.run(asked_to_end(1)) => ExitCode::SUCCESS,
        () = asked_to_end(2) => {
            tracing::warn!("ended at once, by a second signal: calls that were under way are broken off");
            ExitCode::FAILURE
        }
    }
}

async fn sandbox(arguments: SandboxArguments) -> Result<ExitCode, Failure> {
    let demo = DemoGateway::start(arguments.port).await?;
    let allowed = ApplicationPatch {
        redirect_uris: Some(arguments.redirect_uris),
        origins: Some(arguments.origins),
        ..ApplicationPatch::default()
    };
    demo.vault.applications().update(&application(), allowed).await?;
    let address = demo.service.address;
    println!("ready http://{address}");
    for connector in demo.vault.catalog().connectors() {
        println!(
            "curl -s 'http://{address}/crm/contacts' -H 'Authorization: Bearer {API_KEY}' -H 'x-apideck-app-id: {APPLICATION}' \
             -H 'x-apideck-consumer-id: {CONSUMER}' -H 'x-apideck-service-id: {}'",
            connector.service_id
        );
    }
    println!("docs http://{address}/docs");
    Ok(run(demo.service).await)
}

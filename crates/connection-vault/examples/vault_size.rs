//! What `bench/vault-size.sh` needs of the vault itself: a store filled through it, and how many statements it sends.
#![allow(clippy::print_stdout, reason = "printing is its purpose")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use connection_vault::{IntegrationPatch, MasterKey, NewConnection, StoreLocation, Vault, VaultOptions};
use connector_catalog::Catalog;
use secrecy::SecretString;
use unified_model::ServiceId;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// How many connections become true in turn, application by application.
const BATCH: usize = 100_000;
const USAGE: &str = "vault_size fill DATABASE CONNECTIONS APPLICATIONS | vault_size statements DATABASE";

#[tokio::main]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fill", database, connections, applications] => {
            fill(&open(database).await?, connections.parse()?, applications.parse()?).await
        }
        ["statements", database] => count_statements(&open(database).await?).await,
        _ => Err(USAGE.into()),
    }
}

async fn open(database: &str) -> Outcome<Vault> {
    let key = MasterKey::read_file(Path::new(&std::env::var("TRUNKLINE__SECRETS__MASTER_KEY_FILE")?))?;
    let database: StoreLocation = database.parse()?;
    Ok(Vault::open(VaultOptions::new(database), key, Arc::new(Catalog::built_in()?)).await?)
}

/// Applications `app-0`, `app-1`, … with the API keys `key-of-app-0`, …, and in turn a consumer of each of them, `consumer-0`,
/// `consumer-1`, …, with one connection. Every application has an OAuth client, so that grants may wait to be confirmed.
async fn fill(vault: &Vault, connections: usize, applications: usize) -> Outcome {
    let (agile, hubspot): (ServiceId, ServiceId) = ("agile-crm".parse()?, "hubspot".parse()?);
    for number in 0..applications {
        let name = format!("app-{number}");
        vault.applications().add(&id(&name), &name).await?;
        vault.api_keys().add_chosen(&id(&name), &SecretString::from(format!("key-of-{name}"))).await?;
        let client = IntegrationPatch {
            client_id: Some(format!("{name}-at-hubspot")),
            client_secret: Some(SecretString::from("a-client-secret")),
            ..IntegrationPatch::default()
        };
        vault.integrations().keep(&id(&name), &hubspot, client).await?;
    }
    for first in (0..connections).step_by(BATCH) {
        let mut by_application = BTreeMap::<String, Vec<NewConnection>>::new();
        for number in first..connections.min(first + BATCH) {
            let (application, consumer) = (format!("app-{}", number % applications), format!("consumer-{number}"));
            let connection = NewConnection::new(&id(&application), &id(&consumer), agile.clone())
                .with_setting("domain", "acme")
                .with_setting("email", format!("{consumer}@acme.example"))
                .with_setting("api_key", format!("key-of-{consumer}"));
            by_application.entry(application).or_default().push(connection);
        }
        for (application, connections) in by_application {
            vault.connections().add_all(&id(&application), connections).await?;
        }
    }
    Ok(())
}

/// A read of one consumer and a list of that consumer's connections, each the first and the second time.
async fn count_statements(vault: &Vault) -> Outcome {
    let read = async || -> Outcome<u64> {
        let before = vault.statements();
        let caller = vault.api_keys().caller("key-of-app-0", &id("app-0")).await?;
        vault.calls().connection(&caller, &id("consumer-0"), None).await?;
        Ok(vault.statements() - before)
    };
    let list = async || -> Outcome<u64> {
        let before = vault.statements();
        let caller = vault.api_keys().caller("key-of-app-0", &id("app-0")).await?;
        vault.connections().views(&caller, &id("consumer-0")).await?;
        Ok(vault.statements() - before)
    };
    println!("read: {} cold, {} warm; list: {} warm", read().await?, read().await?, list().await?);
    Ok(())
}

/// A text that can be an id.
fn id<T: std::str::FromStr>(text: &str) -> T {
    let Ok(id) = text.parse() else { panic!("`{text}` is no id") };
    id
}

//! Vaults to test with, over three connectors of the tests' own.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use connection_vault::{Caller, MasterKey, NewConnection, StoreLocation, Vault, VaultError, VaultOptions};
use connector_catalog::Catalog;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use unified_model::ServiceId;

/// Longer than any test: what other processes change is seen when a test looks.
pub(crate) const NEVER: Duration = Duration::from_hours(1);
pub(crate) const API_KEY: &str = "a-chosen-api-key";
pub(crate) const SECRET: &str = "hush-hush-hush-hush";
const MASTER_KEY: &str = "tlmk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| catalog("catalog"));

pub(crate) fn harbor() -> ServiceId {
    "harbor-crm".parse().unwrap()
}

pub(crate) fn meadow() -> ServiceId {
    "meadow-crm".parse().unwrap()
}

/// A connector with OAuth.
pub(crate) fn jetty() -> ServiceId {
    "jetty-crm".parse().unwrap()
}

/// The built-in connectors and those of a directory beside this file.
pub(crate) fn catalog(directory: &str) -> Arc<Catalog> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vault").join(directory);
    Arc::new(Catalog::built_in().unwrap().with_directory(&directory).unwrap())
}

pub(crate) fn master_key() -> MasterKey {
    MasterKey::parse(&SecretString::from(MASTER_KEY)).unwrap()
}

/// The 12th of February 2026, noon.
pub(crate) fn noon() -> Timestamp {
    Timestamp::constant(1_770_897_600, 0)
}

pub(crate) async fn open(database: StoreLocation) -> Result<Vault, VaultError> {
    open_with_key(database, master_key()).await
}

pub(crate) async fn open_with_key(database: StoreLocation, key: MasterKey) -> Result<Vault, VaultError> {
    open_with(VaultOptions { cache_entries: 100, poll_every: NEVER, ..VaultOptions::new(database) }, key).await
}

pub(crate) async fn open_keeping(database: StoreLocation, cache_entries: u64) -> Result<Vault, VaultError> {
    open_with(VaultOptions { cache_entries, poll_every: NEVER, ..VaultOptions::new(database) }, master_key()).await
}

/// With a clock of the test's own.
pub(crate) async fn open_at(database: StoreLocation, clock: connection_vault::Clock) -> Vault {
    let options = VaultOptions { poll_every: NEVER, ..VaultOptions::new(database) };
    Vault::open_with_clock(options, master_key(), Arc::clone(&CATALOG), clock).await.unwrap()
}

async fn open_with(options: VaultOptions, key: MasterKey) -> Result<Vault, VaultError> {
    Vault::open_with_clock(options, key, Arc::clone(&CATALOG), noon).await
}

/// A vault with an application, an API key, and a caller who uses it.
pub(crate) async fn with_application(vault: Vault, application_id: &str) -> (Vault, Caller) {
    vault.applications().add(&application_id.parse().unwrap(), "An application").await.unwrap();
    let (_, api_key) = vault.api_keys().add(&application_id.parse().unwrap()).await.unwrap();
    let caller = vault.api_keys().caller(api_key.expose_secret(), &application_id.parse().unwrap()).await.unwrap();
    (vault, caller)
}

/// A callable connection to Harbor.
pub(crate) fn to_harbor(application_id: &str, consumer_id: &str) -> NewConnection {
    NewConnection::new(&application_id.parse().unwrap(), &consumer_id.parse().unwrap(), harbor())
        .with_setting("domain", "acme")
        .with_setting("email", "ann@acme.example")
        .with_setting("api_key", SECRET)
}

/// A callable connection to Meadow.
pub(crate) fn to_meadow(application_id: &str, consumer_id: &str) -> NewConnection {
    NewConnection::new(&application_id.parse().unwrap(), &consumer_id.parse().unwrap(), meadow())
        .with_setting("token", SECRET)
}

/// The value of a setting that a call to a service would use.
pub(crate) async fn setting(vault: &Vault, caller: &Caller, consumer_id: &str, name: &str) -> Option<String> {
    let connection = vault.calls().connection(caller, &consumer_id.parse().unwrap(), Some(&harbor())).await.unwrap();
    let credentials = connection.credentials.current().await.unwrap();
    credentials.settings.get(name).map(|value| value.expose_secret().to_owned())
}

/// Waits until something holds, which has to be soon.
pub(crate) async fn soon(holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("after half a minute still not");
}

//! The configuration file and its overrides from the environment. Every key and default stands in `trunkline.example.toml`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use connection_vault::StoreLocation;
use connector_catalog::{Catalog, Limits};
use secrecy::SecretString;
use serde::Deserialize;
use unified_model::ServiceId;
use vendor_client::ConnectorOverrides;

/// What an environment variable starts with to override a key: `TRUNKLINE__SERVER__LISTEN`.
const PREFIX: &str = "TRUNKLINE__";
const RECORD_LEASE_SECONDS: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Longer than that nobody should serve whom may have been revoked.
const LONGEST_WITHOUT_STORE: u32 = 300;
const REMEMBERED_CONNECTIONS: NonZeroU64 = NonZeroU64::new(100_000).unwrap();
/// The environment variable that holds the master key.
pub const MASTER_KEY_VARIABLE: &str = "TRUNKLINE_MASTER_KEY";

/// Everything that an operator decides.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The gateway's own address.
    pub server: Server,
    /// Where connections are kept.
    pub store: Store,
    /// Where the master key is.
    pub secrets: Secrets,
    /// Definitions laid over the built-in ones.
    pub definitions: Definitions,
    /// How consumers' consent is come by.
    pub consent: Consent,
    /// The way out.
    pub egress: Egress,
    /// What is logged.
    pub log: Log,
    /// The log of calls that callers can read.
    pub logs: Logs,
    /// Decisions about single connectors, by service id.
    pub connectors: BTreeMap<ServiceId, Connector>,
}

/// The gateway's own address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What callers see in `links` and `ref`; without it `http://` and `listen`.
    pub public_url: Option<String>,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long the line and the headers of a request may take, in seconds.
    pub header_timeout_seconds: NonZeroU64,
    /// Within how many seconds 64 KiB of a body, or its end, have to come.
    pub body_timeout_seconds: NonZeroU64,
    /// How long a connection may wait for its next request, in seconds.
    pub idle_timeout_seconds: NonZeroU64,
    /// For how many seconds a client may take nothing of an answer.
    pub write_timeout_seconds: NonZeroU64,
    /// How many connections of clients there may be.
    pub max_connections: NonZeroUsize,
    /// How many of them one address may have.
    pub max_connections_per_client: NonZeroUsize,
    /// Networks of the proxies whose word on a client's address counts.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// How long calls under way may take once the server is asked to stop, in seconds.
    pub stop_within_seconds: NonZeroU64,
}

/// Where connections are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// A file, relative to the working directory, or the address of a `PostgreSQL` database.
    pub database: StoreLocation,
    /// How many API keys, and of how many consumers the connections, stay in memory; 0: none, everything is read anew.
    pub cache_entries: u64,
    /// How often changes of other processes are looked for, in milliseconds; `PostgreSQL` calls as well.
    pub poll_milliseconds: u64,
    /// How long a vendor's record stays locked after the server that was writing to it has died, in seconds (`PostgreSQL`).
    pub record_lease_seconds: NonZeroU32,
    /// For how long what is in memory serves after the database was lost, in seconds: at most 300.
    pub serve_without_seconds: u32,
}

/// Where the master key is, unless the environment has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// A file that only its owner can read.
    pub master_key_file: Option<PathBuf>,
}

/// Definitions laid over the built-in ones.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Definitions {
    /// A directory with `connectors/` and `mappings/`.
    pub directory: Option<PathBuf>,
}

/// How consumers' consent is come by.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Consent {
    /// How long the application may take to confirm what came back from the vendor, in seconds.
    pub confirm_within_seconds: u32,
}

/// The way out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Egress {
    /// Networks that tenant-supplied hosts may be in although they are private, such as `10.1.0.0/16`.
    pub allow: Vec<ipnet::IpNet>,
    /// The largest vendor answer, in bytes.
    pub max_answer_bytes: usize,
    /// How much one call may receive from its vendor in all, in bytes.
    pub max_call_bytes: usize,
    /// How much memory the large answers of all calls may take together, in bytes; others wait.
    pub max_answers_bytes: usize,
    /// How long a connection to a vendor may take to open, in seconds.
    pub connect_timeout_seconds: u64,
    /// Of how many tenants' connections limits and rendered headers are remembered.
    pub remembered_connections: NonZeroU64,
}

/// What is logged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// Levels by target, as `info` or `info,gateway=debug`.
    pub filter: String,
}

/// The log of calls that callers can read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    /// For how many days a call is kept; 0: none is.
    pub retention_days: u32,
    /// How much of it is kept, in bytes, about: the oldest calls go first.
    pub max_bytes: u64,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Decisions about one connector.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connector {
    /// Replaces the vendor's base address.
    pub base_url: Option<String>,
    /// Replaces the address of the vendor's OAuth consent page.
    pub authorize_url: Option<String>,
    /// Replaces the address that the vendor gives OAuth tokens at.
    pub token_url: Option<String>,
    /// Replaces the address that the vendor takes OAuth grants back at.
    pub revoke_url: Option<String>,
    /// Replaces the whole time that one unified call may take.
    pub timeout_seconds: Option<u64>,
    /// Replaces the limits of each connection.
    pub limits: Option<ConnectorLimits>,
}

/// The limits of each connection to a vendor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorLimits {
    /// How many requests.
    pub requests: u32,
    /// In how many seconds.
    pub per_seconds: u64,
    /// How many at once.
    pub concurrency: u32,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            max_body_bytes: 1024 * 1024,
            header_timeout_seconds: const { NonZeroU64::new(10).unwrap() },
            body_timeout_seconds: const { NonZeroU64::new(30).unwrap() },
            idle_timeout_seconds: const { NonZeroU64::new(75).unwrap() },
            write_timeout_seconds: const { NonZeroU64::new(30).unwrap() },
            max_connections: const { NonZeroUsize::new(10_000).unwrap() },
            max_connections_per_client: const { NonZeroUsize::new(1000).unwrap() },
            trusted_proxies: Vec::new(),
            stop_within_seconds: const { NonZeroU64::new(30).unwrap() },
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            database: StoreLocation::File("trunkline.sqlite".into()),
            cache_entries: 100_000,
            poll_milliseconds: 250,
            record_lease_seconds: RECORD_LEASE_SECONDS,
            serve_without_seconds: 0,
        }
    }
}

impl Default for Consent {
    fn default() -> Self {
        Self { confirm_within_seconds: 30 * 60 }
    }
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            max_answer_bytes: 32 * 1024 * 1024,
            max_call_bytes: 64 * 1024 * 1024,
            max_answers_bytes: 128 * 1024 * 1024,
            connect_timeout_seconds: 5,
            remembered_connections: REMEMBERED_CONNECTIONS,
        }
    }
}

impl Default for Logs {
    fn default() -> Self {
        Self { retention_days: 30, max_bytes: 1024 * 1024 * 1024 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {message}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        message: String,
    },
    /// The file or an override is malformed, or holds an unknown key.
    #[error("{0}")]
    Malformed(String),
}

impl Config {
    /// Reads `file` (no file: defaults) and lays the environment's overrides over it.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (name, text) = match file {
            None => ("the environment".to_owned(), String::new()),
            Some(path) => (path.display().to_string(), read(path)?),
        };
        let malformed =
            |error: toml::de::Error| ConfigError::Malformed(format!("{name}: {}", error.to_string().trim_end()));
        // Parsed as it stands first: only then do mistakes in the file have a line and a column.
        toml::from_str::<Self>(&text).map_err(malformed)?;
        let mut table: toml::Table = toml::from_str(&text).map_err(malformed)?;
        for (variable, value) in environment {
            if let Some(key) = variable.strip_prefix(PREFIX) {
                lay_over(&mut table, key, &value)
                    .map_err(|why| ConfigError::Malformed(format!("{variable}: {why}")))?;
            }
        }
        let config = Self::deserialize(table).map_err(|error| {
            ConfigError::Malformed(format!("{name}, with the overrides {PREFIX}*: {}", error.to_string().trim_end()))
        })?;
        config.check().map_err(|why| ConfigError::Malformed(format!("{name}: {why}")))?;
        Ok(config)
    }

    /// Values that no type rules out, and that would only show later, or never.
    fn check(&self) -> Result<(), String> {
        if let Some(url) = self.server.public_url.as_deref().filter(|url| !is_public_url(url)) {
            return Err(format!(
                "[server] public_url: `{url}` is not what callers could open: write https:// (or http://), a host and no \
                 `?` or `#`, as in https://crm.example.com"
            ));
        }
        if self.store.serve_without_seconds > LONGEST_WITHOUT_STORE {
            return Err(format!("[store] serve_without_seconds: at most {LONGEST_WITHOUT_STORE}"));
        }
        for (service, connector) in &self.connectors {
            connector.check().map_err(|why| format!("[connectors.{service}] {why}"))?;
        }
        Ok(())
    }

    /// That every connector which something is decided about is one that there is.
    pub fn check_connectors(&self, catalog: &Catalog) -> Result<(), ConfigError> {
        let Some(unknown) = self.connectors.keys().find(|service| catalog.connector(service).is_none()) else {
            return Ok(());
        };
        let known: Vec<&str> = catalog.connectors().map(|connector| connector.service_id.as_str()).collect();
        let message =
            format!("[connectors.{unknown}]: there is no such connector; those that there are: {}", known.join(", "));
        Err(ConfigError::Malformed(message))
    }

    /// What the vendor client is to do differently, by connector.
    #[must_use]
    pub fn overrides(&self) -> BTreeMap<ServiceId, ConnectorOverrides> {
        self.connectors.iter().map(|(service, connector)| (service.clone(), connector.overrides())).collect()
    }
}

fn is_public_url(text: &str) -> bool {
    let has_scheme = text.starts_with("https://") || text.starts_with("http://");
    let url = url::Url::parse(text).ok().filter(|url| url.has_host() && url.username().is_empty());
    has_scheme && url.is_some_and(|url| url.query().is_none() && url.fragment().is_none())
}

impl Connector {
    fn check(&self) -> Result<(), String> {
        if self.timeout_seconds == Some(0) {
            return Err("timeout_seconds: 0 would end every call before it begins; write 1 or more".to_owned());
        }
        let Some(limits) = &self.limits else { return Ok(()) };
        let counts = [
            ("requests", u64::from(limits.requests)),
            ("per_seconds", limits.per_seconds),
            ("concurrency", u64::from(limits.concurrency)),
        ];
        match counts.into_iter().find(|(_, count)| *count == 0) {
            Some((name, _)) => Err(format!("limits: {name} = 0 would let no call through; write 1 or more")),
            None => Ok(()),
        }
    }

    fn overrides(&self) -> ConnectorOverrides {
        ConnectorOverrides {
            base_url: self.base_url.clone(),
            authorize_url: self.authorize_url.clone(),
            token_url: self.token_url.clone(),
            revoke_url: self.revoke_url.clone(),
            timeout: self.timeout_seconds.map(Duration::from_secs),
            limits: self.limits.as_ref().map(|limits| Limits {
                requests: limits.requests,
                per: Duration::from_secs(limits.per_seconds),
                concurrency: limits.concurrency,
            }),
        }
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable { path: path.display().to_string(), message: error.to_string() })
}

/// Sets `SECTION__KEY` in the table. Service ids are written with `_` for `-`, as shells want it.
fn lay_over(table: &mut toml::Table, key: &str, value: &str) -> Result<(), String> {
    let mut names: Vec<String> = key.split("__").map(str::to_lowercase).collect();
    if names.len() < 2 || names.iter().any(String::is_empty) {
        return Err(format!("name a section and a key: {PREFIX}SECTION__KEY"));
    }
    if names[0] == "connectors" {
        names[1] = names[1].replace('_', "-");
    }
    let last = names.pop().unwrap_or_default();
    let mut place = table;
    for name in names {
        place = place
            .entry(name.clone())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()))
            .as_table_mut()
            .ok_or_else(|| format!("`{name}` is no section"))?;
    }
    // `8080`, `true` and `["10.0.0.0/8"]` are TOML values; anything else is a text.
    let parsed =
        toml::from_str::<toml::Table>(&format!("value = {value}")).ok().and_then(|mut one| one.remove("value"));
    place.insert(last, parsed.unwrap_or_else(|| toml::Value::String(value.to_owned())));
    Ok(())
}

/// The master key's text from the environment, if it is there.
#[must_use]
pub fn master_key_from_environment() -> Option<SecretString> {
    std::env::var(MASTER_KEY_VARIABLE).ok().filter(|text| !text.is_empty()).map(SecretString::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("trunkline.toml");
        std::fs::write(&file, text).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(Some(&file), environment)
    }

    #[test]
    fn the_example_states_every_default() {
        let example = include_str!("../../../../trunkline.example.toml");
        let written = load(example, &[]).unwrap();
        assert_eq!(format!("{written:?}"), format!("{:?}", Config::default()));
    }

    #[test]
    fn an_unknown_key_is_refused_and_the_known_ones_are_listed() {
        let message = load("[server]\nlisten_on = \"127.0.0.1:1\"\n", &[]).unwrap_err().to_string();
        assert!(message.contains("unknown field `listen_on`"), "{message}");
        assert!(message.contains("`listen`, `public_url`, `max_body_bytes`"), "{message}");
        let message = load("", &[("TRUNKLINE__SERVER__PROT", "1")]).unwrap_err().to_string();
        assert!(message.contains("unknown field `prot`"), "{message}");
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = load(
            "[server]\nlisten = \"127.0.0.1:1\"\n",
            &[
                ("TRUNKLINE__SERVER__LISTEN", "127.0.0.1:9"),
                ("TRUNKLINE__STORE__CACHE_ENTRIES", "7"),
                ("TRUNKLINE__EGRESS__ALLOW", "[\"10.0.0.0/8\"]"),
                ("TRUNKLINE__CONNECTORS__AGILE_CRM__BASE_URL", "http://127.0.0.1:5/dev/api"),
                ("OTHER", "ignored"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.listen.port(), 9);
        assert_eq!(config.store.cache_entries, 7);
        assert_eq!(config.egress.allow.len(), 1);
        let overrides = config.overrides();
        let agile = &overrides[&"agile-crm".parse::<ServiceId>().unwrap()];
        assert_eq!(agile.base_url.as_deref(), Some("http://127.0.0.1:5/dev/api"));
    }

    #[test]
    fn the_database_is_a_file_or_an_address_that_is_never_shown() {
        let file = load("[store]\ndatabase = \"/var/lib/trunkline.sqlite\"\n", &[]).unwrap();
        assert_eq!(format!("{:?}", file.store.database), "File(\"/var/lib/trunkline.sqlite\")");
        let address = load("", &[("TRUNKLINE__STORE__DATABASE", "postgres://crm:hush@db.example/crm")]).unwrap();
        assert_eq!(format!("{:?}", address.store.database), "Postgres(PostgresUrl([REDACTED]))");
    }

    #[test]
    fn what_could_only_fail_later_is_refused_at_once() {
        for (text, owed) in [
            ("[server]\npublic_url = \"crm.example.com\"\n", "[server] public_url: `crm.example.com`"),
            ("[server]\npublic_url = \"//crm.example.com\"\n", "https://"),
            ("[server]\npublic_url = \"ftp://crm.example.com\"\n", "https://"),
            ("[server]\npublic_url = \"https://\"\n", "public_url"),
            ("[server]\npublic_url = \"localhost:8080\"\n", "public_url"),
            ("[server]\npublic_url = \"https://crm.example.com/?a=b\"\n", "public_url"),
            ("[store]\nserve_without_seconds = 301\n", "[store] serve_without_seconds: at most 300"),
            (
                "[connectors.agile-crm]\nlimits = { requests = 0, per_seconds = 1, concurrency = 1 }\n",
                "[connectors.agile-crm] limits: requests = 0",
            ),
            ("[connectors.a]\nlimits = { requests = 1, per_seconds = 0, concurrency = 1 }\n", "per_seconds = 0"),
            ("[connectors.a]\nlimits = { requests = 1, per_seconds = 1, concurrency = 0 }\n", "concurrency = 0"),
            ("[connectors.a]\ntimeout_seconds = 0\n", "timeout_seconds: 0"),
        ] {
            let message = load(text, &[]).unwrap_err().to_string();
            assert!(message.contains(owed), "{text}: {message}");
        }
        for url in ["https://crm.example.com", "http://127.0.0.1:8080", "https://example.com/crm"] {
            load(&format!("[server]\npublic_url = \"{url}\"\n"), &[]).unwrap();
        }
    }

    #[test]
    fn a_connector_that_there_is_not_is_refused_with_those_that_there_are() {
        let config = load("[connectors.agile]\ntimeout_seconds = 5\n", &[]).unwrap();
        let message = config.check_connectors(&Catalog::built_in().unwrap()).unwrap_err().to_string();
        assert!(message.contains("[connectors.agile]") && message.contains("agile-crm"), "{message}");
        load("[connectors.agile-crm]\ntimeout_seconds = 5\n", &[])
            .unwrap()
            .check_connectors(&Catalog::built_in().unwrap())
            .unwrap();
    }

    #[test]
    fn a_malformed_override_says_how_it_is_written() {
        let message = load("", &[("TRUNKLINE__LISTEN", "x")]).unwrap_err().to_string();
        assert_eq!(message, "TRUNKLINE__LISTEN: name a section and a key: TRUNKLINE__SECTION__KEY");
    }
}

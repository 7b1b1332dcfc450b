//! The configuration file and its overrides from the environment. Every key and default stands in `trunkline.example.toml`.

mod connectors;
mod consent;
mod definitions;
mod egress;
mod environment;
mod log;
mod logs;
mod secrets;
mod server;
mod store;

use std::collections::BTreeMap;
use std::path::Path;

use connector_catalog::Catalog;
use serde::Deserialize;
use unified_model::ServiceId;
use vendor_client::ConnectorOverrides;

pub use connectors::{Connector, ConnectorLimits};
pub use consent::Consent;
pub use definitions::Definitions;
pub use egress::Egress;
pub use log::{Log, LogFormat};
pub use logs::Logs;
pub use secrets::{MASTER_KEY_VARIABLE, Secrets, master_key_from_environment};
pub use server::Server;
pub use store::Store;

use environment::{PREFIX, lay_over};

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
        self.server.check().map_err(|why| format!("[server] {why}"))?;
        self.store.check().map_err(|why| format!("[store] {why}"))?;
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

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|error| ConfigError::Unreadable { path: path.display().to_string(), message: error.to_string() })
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

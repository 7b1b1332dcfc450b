//! A connection's field map, held to what its vendor says of itself before it is saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use connection_vault::FieldMap;
use connector_catalog::Catalog;
use connectors::check_field_map;
use secrecy::SecretString;
use unified_model::ServiceId;
use vendor_client::{ConnectionKey, Credentials, FixedCredentials};

use crate::cli::shell::Failure;
use crate::config::Config;
use crate::service;

/// Whose field map it is, and the settings with which its vendor can be asked.
pub(super) struct Asker<'a> {
    pub(super) config: &'a Config,
    pub(super) catalog: &'a Catalog,
    pub(super) service: &'a ServiceId,
    pub(super) settings: BTreeMap<String, SecretString>,
}

impl Asker<'_> {
    /// Refuses lines that name what the vendor's records do not have. A vendor that cannot be asked now is no reason to refuse.
    pub(super) async fn check(self, field_map: &FieldMap) -> Result<(), Failure> {
        let Some(connector) = self.catalog.connector(self.service).filter(|_| !field_map.is_empty()) else {
            return Ok(());
        };
        let credentials = Arc::new(FixedCredentials(Arc::new(Credentials { settings: self.settings })));
        // One call of a command that ends: nothing is kept under this key.
        let key = ConnectionKey(self.service.as_str().into());
        let vendor = service::vendor_client(self.config)?.session(Arc::clone(connector), key, credentials);
        match check_field_map(connector, &vendor, field_map).await {
            Ok(problems) if problems.is_empty() => Ok(()),
            Ok(problems) => {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Err(format!("--field-map: {}", lines.join("\n")).into())
            }
            Err(error) => {
                eprintln!(
                    "{} could not be asked what its records hold, so --field-map is taken as it is: {error}",
                    connector.name
                );
                Ok(())
            }
        }
    }
}

//! A new connection's field map, held to what its vendor says of itself before it is saved.

use std::sync::Arc;

use async_trait::async_trait;
use connection_vault::NewConnection;
use connector_catalog::Catalog;
use connectors::check_field_map;
use vendor_client::{ConnectionKey, CredentialError, CredentialSource, Credentials};

use super::Failure;
use crate::config::Config;
use crate::service;

/// Refuses lines that name what the vendor's records do not have. A vendor that cannot be asked now is no reason to refuse.
pub(super) async fn check(config: &Config, catalog: &Catalog, new: &NewConnection) -> Result<(), Failure> {
    let Some(connector) = catalog.connector(&new.service_id).filter(|_| !new.field_map.is_empty()) else {
        return Ok(());
    };
    let settings = new.settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let credentials = Arc::new(Given(Arc::new(Credentials { settings })));
    let key = ConnectionKey(format!("{}/{}/{}", new.application_id, new.consumer_id, new.service_id).into());
    let vendor = service::vendor_client(config)?.session(Arc::clone(connector), key, credentials);
    match check_field_map(connector, &vendor, &new.field_map).await {
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

/// The settings as they were given.
struct Given(Arc<Credentials>);

#[async_trait]
impl CredentialSource for Given {
    async fn current(&self) -> Result<Arc<Credentials>, CredentialError> {
        Ok(Arc::clone(&self.0))
    }

    async fn refresh(&self, _stale: &Arc<Credentials>) -> Result<Option<Arc<Credentials>>, CredentialError> {
        Ok(None)
    }
}

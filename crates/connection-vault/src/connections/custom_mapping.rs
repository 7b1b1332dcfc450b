//! Where each of an application's own fields stands in the records of one connection's vendor.

use std::collections::BTreeMap;
use unified_model::ApplicationId;

use connector_catalog::JsonPath;

use super::Connections;
use super::rows::ConnectionRow;
use crate::error::{AdminError, VaultError};

impl Connections {
    /// Every place must be readable, and one of a field that the application has.
    pub(super) async fn check_custom_mappings(
        &self,
        application_id: &ApplicationId,
        mappings: &BTreeMap<String, Option<String>>,
    ) -> Result<(), AdminError> {
        if mappings.is_empty() {
            return Ok(());
        }
        let targets = self.targets.of(application_id).await?;
        for (id, place) in mappings {
            if targets.find(id).is_none() {
                return Err(VaultError::NoMappingTarget(id.clone()).into());
            }
            if let Some(place) = place {
                JsonPath::parse(place).map_err(|reason| AdminError::CustomMapping { id: id.clone(), reason })?;
            }
        }
        Ok(())
    }
}

impl ConnectionRow {
    pub(super) fn set_custom_mappings(&mut self, mappings: BTreeMap<String, Option<String>>) {
        for (id, place) in mappings {
            match place {
                Some(place) => self.custom_mappings.insert(id, place),
                None => self.custom_mappings.remove(&id),
            };
        }
    }
}

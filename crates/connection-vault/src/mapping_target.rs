//! Fields of its own that an application defines, and each of its consumers maps to a place in the vendor's records.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_catalog::ConnectorDefinition;

use jiff::Timestamp;
use serde::Serialize;
use unified_model::Resource;

use crate::store::Change;
use crate::vault::Inner;
use crate::{AdminError, Vault, VaultError, name};

/// A field that an application defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MappingTarget {
    /// The unified API, the resource and the key: `crm+contacts+loyalty_tier`.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// More of it.
    pub description: Option<String>,
    /// Whether a connection is complete without it, as the application sees it. Nothing is refused for want of it.
    pub required: bool,
    /// When it was defined.
    pub created_at: Timestamp,
}

/// The fields that one application defines, by id.
#[derive(Debug, Default)]
pub(crate) struct MappingTargets(Vec<MappingTarget>);

impl MappingTarget {
    /// The resource and the key that an id stands for; none of what is no id.
    #[must_use]
    pub fn parts(id: &str) -> Option<(Resource, &str)> {
        let (api, rest) = id.split_once('+')?;
        let (resource, key) = rest.split_once('+')?;
        let is_key = (1..=64).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let resource: Resource = resource.parse().ok()?;
        (api == resource.unified_api().as_str() && is_key).then_some((resource, key))
    }

    /// The id of a resource's field.
    #[must_use]
    pub fn id_of(resource: Resource, key: &str) -> String {
        format!("{}+{resource}+{key}", resource.unified_api())
    }
}

impl Vault {
    /// The fields that an application defines, by id.
    pub async fn mapping_targets(&self, application_id: &str) -> Result<Vec<MappingTarget>, AdminError> {
        self.inner.require_application(application_id).await?;
        Ok(self.inner.store.mapping_targets(application_id).await?)
    }

    /// Defines a field, or describes the one that there is anew.
    pub async fn keep_mapping_target(
        &self,
        application_id: &str,
        resource: Resource,
        key: &str,
        label: &str,
        description: Option<&str>,
        required: bool,
    ) -> Result<MappingTarget, AdminError> {
        let id = MappingTarget::id_of(resource, key);
        if MappingTarget::parts(&id).is_none() {
            return Err(AdminError::MappingTargetKey(key.to_owned()));
        }
        name::check("a label", label)?;
        let target = MappingTarget {
            id,
            label: label.to_owned(),
            description: description.map(str::to_owned),
            required,
            created_at: (self.inner.clock)(),
        };
        let mut write = self.inner.store.write().await?;
        write.require_application(application_id).await?;
        let target = write.keep_mapping_target(application_id, &target).await?;
        self.inner.commit(write, Change::Application { application_id: application_id.to_owned() }).await?;
        Ok(target)
    }

    /// Takes a field away. What consumers mapped to it is no longer answered.
    pub async fn delete_mapping_target(&self, application_id: &str, id: &str) -> Result<(), AdminError> {
        let mut write = self.inner.store.write().await?;
        write.require_application(application_id).await?;
        if !write.delete_mapping_target(application_id, id).await? {
            return Err(VaultError::NoMappingTarget(id.to_owned()).into());
        }
        let change = Change::Application { application_id: application_id.to_owned() };
        Ok(self.inner.commit(write, change).await?)
    }
}

impl Inner {
    /// Those of an application, in memory once they have been read.
    pub(crate) async fn mapping_targets(&self, application_id: &str) -> Result<Arc<MappingTargets>, VaultError> {
        let key: Arc<str> = application_id.into();
        Ok(self.targets.get_or_load(&key, || self.load_mapping_targets(&key)).await?.unwrap_or_default())
    }

    async fn load_mapping_targets(&self, application_id: &str) -> Result<Option<Arc<MappingTargets>>, VaultError> {
        Ok(Some(Arc::new(MappingTargets(self.store.mapping_targets(application_id).await?))))
    }
}

impl MappingTargets {
    /// Those of a connector's resources, each with the place that a connection maps it to.
    pub(crate) fn mapped(
        &self,
        connector: &ConnectorDefinition,
        mappings: &BTreeMap<String, String>,
    ) -> Vec<(MappingTarget, Option<String>)> {
        let served = self.0.iter().filter(|target| {
            MappingTarget::parts(&target.id).is_some_and(|(resource, _)| connector.resources.contains_key(&resource))
        });
        served.map(|target| (target.clone(), mappings.get(&target.id).cloned())).collect()
    }

    pub(crate) fn find(&self, id: &str) -> Option<&MappingTarget> {
        self.0.iter().find(|target| target.id == id)
    }
}

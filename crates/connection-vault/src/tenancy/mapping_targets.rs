//! Fields of its own that an application defines, and each of its consumers maps to a place in the vendor's records.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_catalog::ConnectorDefinition;
use jiff::Timestamp;
use serde::Serialize;
use unified_model::{ApplicationId, Resource};

use super::integrations::forgets_applications;
use crate::core::{Core, name};
use crate::error::{AdminError, VaultError};
use crate::memory::Warm;
use crate::store::Change;

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
pub(crate) struct MappingTargetsOfApplication(Vec<MappingTarget>);

/// A field that an application defines.
#[derive(Debug, Clone, Copy)]
pub struct NewMappingTarget<'a> {
    /// Whose records have it.
    pub resource: Resource,
    /// 1 to 64 of a-z, 0-9 and _.
    pub key: &'a str,
    /// Its name for people.
    pub label: &'a str,
    /// What it is for.
    pub description: Option<&'a str>,
    /// Whether every consumer has to map it.
    pub required: bool,
}

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

/// The fields that the applications of a vault define.
#[derive(Clone)]
pub struct MappingTargets {
    core: Arc<Core>,
    /// By application.
    cache: Arc<Warm<ApplicationId, Arc<MappingTargetsOfApplication>>>,
}

impl MappingTargets {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core), cache: core.memory.cache(forgets_applications) }
    }

    /// The fields that an application defines, by id.
    pub async fn list(&self, application_id: &ApplicationId) -> Result<Vec<MappingTarget>, AdminError> {
        self.core.require_application(application_id).await?;
        Ok(self.core.store.mapping_targets(application_id).await?)
    }

    /// Defines a field, or describes the one that there is anew.
    pub async fn keep(
        &self,
        application_id: &ApplicationId,
        new: NewMappingTarget<'_>,
    ) -> Result<MappingTarget, AdminError> {
        let NewMappingTarget { resource, key, label, description, required } = new;
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
            created_at: self.core.now(),
        };
        let mut write = self.core.store.write().await?;
        write.require_application(application_id).await?;
        let target = write.keep_mapping_target(application_id, &target).await?;
        self.core.commit(write, Change::of_application(application_id)).await?;
        Ok(target)
    }

    /// Takes a field away. What consumers mapped to it is no longer answered.
    pub async fn delete(&self, application_id: &ApplicationId, id: &str) -> Result<(), AdminError> {
        let mut write = self.core.store.write().await?;
        write.require_application(application_id).await?;
        if !write.delete_mapping_target(application_id, id).await? {
            return Err(VaultError::NoMappingTarget(id.to_owned()).into());
        }
        Ok(self.core.commit(write, Change::of_application(application_id)).await?)
    }

    /// Those of an application, in memory once they have been read.
    pub(crate) async fn of(
        &self,
        application_id: &ApplicationId,
    ) -> Result<Arc<MappingTargetsOfApplication>, VaultError> {
        let load = || self.load(application_id);
        Ok(self.cache.get_or_load(application_id, load).await?.unwrap_or_default())
    }

    async fn load(
        &self,
        application_id: &ApplicationId,
    ) -> Result<Option<Arc<MappingTargetsOfApplication>>, VaultError> {
        Ok(Some(Arc::new(MappingTargetsOfApplication(self.core.store.mapping_targets(application_id).await?))))
    }
}

impl MappingTargetsOfApplication {
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

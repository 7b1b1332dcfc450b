//! The API keys of applications, and whom one that a call carries belongs to.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use unified_model::ApplicationId;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::api_key::{self, ApiKeyHasher};
use super::caller::Caller;
use crate::access::{ApiKeyId, Scopes};
use crate::core::{Core, name};
use crate::error::{AdminError, VaultError};
use crate::memory::{Forgets, Warm};
use crate::store::Change;

/// An API key as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKeySummary {
    /// Its id.
    pub id: ApiKeyId,
    /// The application that it belongs to.
    pub application_id: ApplicationId,
    /// How it ends, to tell keys apart; shorter keys show less.
    pub hint: String,
    /// When it was added.
    pub created_at: jiff::Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<jiff::Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<jiff::Timestamp>,
    /// What it may be used for; `None`: everything.
    pub scopes: Scopes,
}

/// What an API key is to be.
#[derive(Debug, Clone, Default)]
pub struct NewApiKey {
    /// What it may be used for; `None`: everything.
    pub scopes: Scopes,
    /// How long it lives; `None`: until it is revoked.
    pub expires_in: Option<Duration>,
}

/// An API key as calls are recognised by it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KnownKey {
    pub(crate) id: ApiKeyId,
    pub(crate) application_id: ApplicationId,
    pub(crate) expires_at: Option<jiff::Timestamp>,
    pub(crate) scopes: Scopes,
}

impl KnownKey {
    pub(crate) fn has_expired(&self, now: jiff::Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The API keys of a vault.
#[derive(Clone)]
pub struct ApiKeys {
    core: Arc<Core>,
    hasher: Arc<ApiKeyHasher>,
    /// By the hash of the key: the key itself is never kept.
    known: Arc<Warm<blake3::Hash, Arc<KnownKey>>>,
}

impl ApiKeys {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        let hasher = Arc::new(ApiKeyHasher::new(&core.sealer));
        Self { core: Arc::clone(core), hasher, known: core.memory.cache(forgets) }
    }

    /// Adds an API key to an application, for everything and without an end. The key is returned now and never again.
    pub async fn add(&self, application_id: &ApplicationId) -> Result<(ApiKeyId, SecretString), AdminError> {
        self.add_with(application_id, NewApiKey::default()).await
    }

    /// The same for what `new` says.
    pub async fn add_with(
        &self,
        application_id: &ApplicationId,
        new: NewApiKey,
    ) -> Result<(ApiKeyId, SecretString), AdminError> {
        let api_key = api_key::generate()?;
        let id = self.keep(application_id, &api_key, new).await?;
        Ok((id, api_key))
    }

    /// Adds an API key that somebody chose, which only a demonstration should do.
    pub async fn add_chosen(
        &self,
        application_id: &ApplicationId,
        api_key: &SecretString,
    ) -> Result<ApiKeyId, AdminError> {
        self.keep(application_id, api_key, NewApiKey::default()).await
    }

    /// An application's API keys, the revoked ones too, oldest first.
    pub async fn list(&self, application_id: &ApplicationId) -> Result<Vec<ApiKeySummary>, AdminError> {
        self.core.require_application(application_id).await?;
        Ok(self.core.store.api_keys(application_id).await?)
    }

    /// Revokes an API key for good. To revoke it again changes nothing.
    pub async fn revoke(&self, id: &ApiKeyId) -> Result<(), AdminError> {
        let unknown = || AdminError::UnknownApiKey(id.clone());
        if !name::is_well_formed(id.as_str()) {
            return Err(unknown());
        }
        let mut write = self.core.store.write().await?;
        let application_id = write.revoke_api_key(id, self.core.now()).await?.ok_or_else(unknown)?;
        Ok(self.core.commit(write, Change::of_api_keys(&application_id)).await?)
    }

    /// Whom an API key belongs to. In memory once it has been seen; bounded cache; no statement on a warm call.
    pub async fn caller(&self, api_key: &str, application_id: &ApplicationId) -> Result<Caller, VaultError> {
        let hash = self.hasher.hash(api_key);
        let key = self.known.get_or_load(&hash, || self.load(&hash)).await?;
        let is_good = |key: &Arc<KnownKey>| key.application_id == *application_id && !key.has_expired(self.core.now());
        let key = key.filter(is_good).ok_or(VaultError::Unauthorized)?;
        Ok(Caller { application_id: key.application_id.clone(), key: Some(key) })
    }

    async fn load(&self, hash: &blake3::Hash) -> Result<Option<Arc<KnownKey>>, VaultError> {
        let found = self.core.store.api_key(hash).await?;
        // `Hash` compares in constant time, whatever the database's index does.
        Ok(found.filter(|(stored, _)| stored == hash).map(|(_, key)| Arc::new(key)))
    }

    async fn keep(
        &self,
        application_id: &ApplicationId,
        api_key: &SecretString,
        new: NewApiKey,
    ) -> Result<ApiKeyId, AdminError> {
        let value = api_key.expose_secret();
        if !api_key::is_well_formed(value) {
            return Err(AdminError::ApiKeyMalformed);
        }
        if new.scopes.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(AdminError::NoScope);
        }
        let now = self.core.now();
        let summary = ApiKeySummary {
            id: ApiKeyId::new_random(),
            application_id: application_id.clone(),
            hint: api_key::hint(value),
            created_at: now,
            revoked_at: None,
            expires_at: new.expires_in.map(|length| api_key::end(now, length)).transpose()?,
            scopes: new.scopes,
        };
        let mut write = self.core.store.write().await?;
        write.require_application(application_id).await?;
        if !write.add_api_key(&summary, &self.hasher.hash(value)).await? {
            return Err(AdminError::ApiKeyExists);
        }
        self.core.commit(write, Change::of_api_keys(application_id)).await?;
        Ok(summary.id)
    }
}

/// Changes to API keys are rare: every key is read anew rather than looked for by application. An application may be gone, and its
/// keys with it.
fn forgets(change: &Change) -> Forgets<blake3::Hash> {
    match change {
        Change::ApiKeys { .. } | Change::Application { .. } => Forgets::Everything,
        Change::Consumer { .. } => Forgets::Nothing,
    }
}

//! Who calls.

use std::sync::Arc;
use unified_model::ApplicationId;

use super::api_keys::KnownKey;
use crate::access::{ApiKeyId, Scope};
use crate::error::VaultError;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The application that the API key belongs to.
    pub application_id: ApplicationId,
    /// None for a session, and for an operator.
    pub(super) key: Option<Arc<KnownKey>>,
}

impl Caller {
    /// Whoever acts for an application without one of its API keys: a session, or an operator.
    #[must_use]
    pub fn without_key(application_id: &ApplicationId) -> Self {
        Self { application_id: application_id.clone(), key: None }
    }

    /// The API key that it called with.
    #[must_use]
    pub fn api_key_id(&self) -> Option<ApiKeyId> {
        self.key.as_ref().map(|key| key.id.clone())
    }

    /// Whether its API key may be used for that.
    ///
    /// # Errors
    /// Fails with [`VaultError::MissingScope`] where the key has scopes, and this is none of them.
    pub fn require(&self, scope: Scope) -> Result<(), VaultError> {
        let scopes = self.key.as_ref().and_then(|key| key.scopes.as_ref());
        if scopes.is_none_or(|scopes| scopes.contains(&scope)) { Ok(()) } else { Err(VaultError::MissingScope(scope)) }
    }
}

//! What an integration has for the vendor, and what becomes of the tokens that the vendor gives for it.

use std::collections::BTreeMap;
use std::time::Duration;
use unified_model::ApplicationId;

use connector_catalog::ConnectorDefinition;
use jiff::Timestamp;
use secrecy::SecretString;
use vendor_client::{ACCESS_TOKEN, OAuthClient, REFRESH_TOKEN, TokenReply};

use super::renewal::Renewals;
use crate::connections::{ConnectionRow, Grant};
use crate::core::Core;
use crate::error::VaultError;

/// How often new tokens are tried to be stored.
const MOST_STORES: u32 = 120;
const STORE_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// Stores what a vendor answered: tokens that only we have must not be lost because the store is away for a moment.
pub(crate) async fn until_stored<T, F>(store: impl Fn() -> F) -> Result<T, VaultError>
where
    F: Future<Output = Result<T, VaultError>>,
{
    let mut attempt = 1;
    loop {
        match store().await {
            Err(VaultError::Store(error) | VaultError::Unavailable(error)) if attempt < MOST_STORES => {
                tracing::warn!(error, attempt, "a vendor's answer to a token request could not be stored");
                tokio::time::sleep(STORE_AGAIN_AFTER).await;
                attempt += 1;
            }
            stored => return stored,
        }
    }
}

/// What an integration has for the vendor.
pub(crate) struct OAuthIntegration {
    pub(crate) client: OAuthClient,
    /// What is asked for: the integration's own scopes, or else the definition's.
    pub(crate) scopes: Vec<String>,
}

impl Renewals {
    /// The OAuth client that the vendor knows the application by.
    pub(crate) async fn oauth_client(
        &self,
        application_id: &ApplicationId,
        connector: &ConnectorDefinition,
    ) -> Result<OAuthIntegration, VaultError> {
        let service = &connector.service_id;
        let integrations = self.integrations.of(application_id).await?;
        let row = integrations.to(service).ok_or_else(|| VaultError::NoIntegration(service.clone()))?;
        if !row.enabled {
            return Err(VaultError::IntegrationDisabled(service.clone()));
        }
        let (Some(id), Some(secret)) = (&row.client_id, self.integrations.client_secret(row).await?) else {
            return Err(VaultError::NoOauthClient(service.clone()));
        };
        let client = OAuthClient { id: id.clone(), secret };
        let scopes = match connector.auth.oauth2() {
            Some(oauth2) if row.scopes.is_empty() => oauth2.scopes.clone(),
            Some(_) | None => row.scopes.clone(),
        };
        Ok(OAuthIntegration { client, scopes })
    }
}

impl Core {
    /// Puts a reply's tokens into the row. A reply without a refresh token leaves the one that there is.
    pub(crate) fn accept(&self, row: &mut ConnectionRow, reply: &TokenReply, now: Timestamp) -> Result<(), VaultError> {
        let mut tokens = BTreeMap::from([(ACCESS_TOKEN, &reply.access_token)]);
        tokens.extend(reply.refresh_token.as_ref().map(|token| (REFRESH_TOKEN, token)));
        let before = row.grant.take();
        row.grant = Some(Grant {
            version: before.as_ref().map_or(0, |grant| grant.version) + 1,
            issued_at: now,
            expires_at: reply.expires_in.and_then(|length| now.checked_add(length).ok()),
            scope: reply.scope.clone().or(before.and_then(|grant| grant.scope)),
            is_due: false,
            ended: None,
            failure: None,
        });
        self.seal_tokens(row, tokens)?;
        for (name, value) in &reply.kept {
            if row.settings.get(name) != Some(value) {
                // What was cached for another address of the vendor's is not served for this one.
                row.revision += 1;
                row.settings.insert(name.clone(), value.clone());
            }
        }
        row.updated_at = now;
        Ok(())
    }

    pub(crate) fn seal_tokens(
        &self,
        row: &mut ConnectionRow,
        tokens: BTreeMap<&str, &SecretString>,
    ) -> Result<(), VaultError> {
        for (name, token) in tokens {
            let sealed = self.sealer.seal(&row.place(name), token)?;
            row.sealed.insert(name.to_owned(), sealed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_fault_of_ours_is_not_tried_again() {
        let attempts = AtomicU32::new(0);
        let fault = VaultError::Internal("the vault is closed".to_owned());
        let store = async || {
            attempts.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(fault.clone())
        };
        assert_eq!(until_stored(store).await, Err(fault.clone()));
        assert_eq!(attempts.load(Ordering::SeqCst), 1);
    }
}

//! Revoking: the tokens are forgotten here whatever the vendor says, and the vendor is asked to forget them too.

use unified_model::ServiceId;
use url::Url;
use vendor_client::REFRESH_TOKEN;

use super::AuthorizeError;
use crate::connections::grant::GrantEnd;
use crate::error::VaultError;
use crate::events::event::EventType;
use crate::oauth::link::LinkVerb;
use crate::oauth::renewal::ConnectionName;
use crate::store::Change;
use crate::vault::Inner;
use crate::vault::Vault;

impl Vault {
    /// Revokes the grant of the connection that a link is for: where the consumer is to be sent then.
    pub async fn revoke(
        &self,
        application_id: &str,
        service: &ServiceId,
        state: &str,
        redirect_uri: Option<&str>,
    ) -> Result<Url, AuthorizeError> {
        let inner = &self.inner;
        let now = (inner.clock)();
        let link = inner.link(state, LinkVerb::Revoke, (application_id, service), now)?;
        let redirect_uri = inner.redirect_uri(application_id, redirect_uri).await?;
        inner.code_connector(service)?;
        inner.revoke(&link.name()).await?;
        Url::parse(&redirect_uri)
            .map_err(|_| AuthorizeError::RedirectUri("the address to go back to cannot be used".to_owned()))
    }
}

impl Inner {
    async fn revoke(&self, name: &ConnectionName) -> Result<(), AuthorizeError> {
        let connector = self.connector(&name.service)?;
        let now = (self.clock)();
        let mut write = self.store.write().await?;
        self.use_current_key(&mut write).await?;
        let mut row = write.require_connection(name).await?;
        let Some(grant) = row.grant.as_mut().filter(|grant| grant.ended.is_none()) else {
            let reason = "there is nothing to revoke".to_owned();
            return Err(VaultError::NotAuthorized { service: name.service.clone(), reason }.into());
        };
        grant.ended = Some(GrantEnd::Revoked);
        grant.version += 1;
        grant.failure = None;
        let credentials = self.held(&row, connector)?.credentials;
        row.drop_tokens();
        row.updated_at = now;
        write.update_connection(&row).await?;
        write.tell(&row, EventType::Revoked, "", now).await?;
        self.commit(write, Change::of(&row)).await?;
        // A vendor that is away, or an integration that is gone, keeps nobody from revoking.
        let has_refresh_token = credentials.settings.contains_key(REFRESH_TOKEN);
        let told = match self.oauth_client(&name.application_id, connector).await {
            Ok(integration) => match self.way_out()?.revoke(connector, &credentials, &integration.client).await {
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            },
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = told {
            let service = name.service.as_str();
            tracing::warn!(error, service, has_refresh_token, "the vendor was not told that a grant is revoked");
        }
        Ok(())
    }
}

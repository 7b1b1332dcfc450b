//! Revoking: the tokens are forgotten here whatever the vendor says, and the vendor is asked to forget them too.

use unified_model::{ApplicationId, ServiceId};
use url::Url;
use vendor_client::REFRESH_TOKEN;

use crate::connections::GrantEnd;
use crate::core::ConnectionName;
use crate::error::{AuthorizeError, VaultError};
use crate::events::EventType;
use crate::oauth::Authorisations;
use crate::oauth::link::LinkVerb;

impl Authorisations {
    /// Revokes the grant of the connection that a link is for: where the consumer is to be sent then.
    pub async fn revoke(
        &self,
        application_id: &ApplicationId,
        service: &ServiceId,
        state: &str,
        redirect_uri: Option<&str>,
    ) -> Result<Url, AuthorizeError> {
        let now = self.core.now();
        let link = self.claims(state, LinkVerb::Revoke, (application_id, service), now)?;
        let redirect_uri = self.applications.redirect_uri(application_id, redirect_uri).await?;
        self.code_connector(service)?;
        self.end(&link.name()).await?;
        Url::parse(&redirect_uri)
            .map_err(|_| AuthorizeError::RedirectUri("the address to go back to cannot be used".to_owned()))
    }
}

impl Authorisations {
    async fn end(&self, name: &ConnectionName) -> Result<(), AuthorizeError> {
        let connector = self.core.connector(&name.service)?;
        let now = self.core.now();
        let mut write = self.core.write_sealed().await?;
        let mut row = write.require_connection(name).await?;
        let Some(grant) = row.grant.as_mut().filter(|grant| grant.ended.is_none()) else {
            let reason = "there is nothing to revoke".to_owned();
            return Err(VaultError::NotAuthorized { service: name.service.clone(), reason }.into());
        };
        grant.ended = Some(GrantEnd::Revoked);
        grant.version += 1;
        grant.failure = None;
        let credentials = self.core.held(&row, connector)?.credentials;
        row.drop_tokens();
        row.updated_at = now;
        write.update_connection(&row).await?;
        write.tell(&row.name(), EventType::Revoked, "", now).await?;
        self.core.commit(write, row.change()).await?;
        // A vendor that is away, or an integration that is gone, keeps nobody from revoking.
        let has_refresh_token = credentials.settings.contains_key(REFRESH_TOKEN);
        let told = match self.renewals.oauth_client(&name.application_id, connector).await {
            Ok(integration) => {
                match self.renewals.way_out()?.revoke(connector, &credentials, &integration.client).await {
                    Ok(_) => Ok(()),
                    Err(error) => Err(error.to_string()),
                }
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = told {
            let service = name.service.as_str();
            tracing::warn!(error, service, has_refresh_token, "the vendor was not told that a grant is revoked");
        }
        Ok(())
    }
}

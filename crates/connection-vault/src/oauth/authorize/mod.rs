//! The authorisation of a connection: to the vendor's consent page, back with a code, and, where the caller asked for a second
//! step, confirmed.

mod callback;
mod confirm;
mod import;
mod revoke;
mod state;

use std::collections::BTreeMap;

use connector_catalog::{ConnectorDefinition, OAuthGrant};
use jiff::Timestamp;
use secrecy::SecretString;
use unified_model::{ApplicationId, ConsumerId, ServiceId};
use url::Url;
use vendor_client::{ConsentRequest, VendorError};

pub use callback::{Callback, CallbackOutcome};
pub use import::{ImportedConnection, ImportedTokens};
use state::StateClaims;

use super::Authorisations;
use super::authorization::{AuthorizationRow, Stage};
use super::link::{LINK_LIFETIME, LinkClaims, LinkVerb};
use crate::callers::Caller;
use crate::connections::ConnectionRow;
use crate::core::ConnectionName;
use crate::error::{AuthorizeError, VaultError};

/// Where the verifier of PKCE is, among what is sealed.
const VERIFIER: &str = "verifier";

/// A consumer's browser that asks to be sent to the vendor.
#[derive(Debug, Clone, Copy)]
pub struct Authorize<'r> {
    /// The application that the address names.
    pub application_id: &'r ApplicationId,
    /// The connector that the address names.
    pub service: &'r ServiceId,
    /// The link's `state`.
    pub state: &'r str,
    /// Where to send the consumer at last; `None`: to the first address that the application allows.
    pub redirect_uri: Option<&'r str>,
    /// What is asked for, instead of the integration's scopes; blanks between.
    pub scope: Option<&'r str>,
    /// Asks for the second step: it comes back with the token that confirms the connection.
    pub nonce: Option<&'r str>,
    /// Where the vendor sends the consumer back to: our own callback.
    pub callback: &'r str,
}

impl Authorisations {
    /// Begins an authorisation: the address of the vendor's page.
    pub async fn begin(&self, request: Authorize<'_>) -> Result<Url, AuthorizeError> {
        let now = self.core.now();
        let of = (request.application_id, request.service);
        let link = self.claims(request.state, LinkVerb::Authorize, of, now)?;
        let redirect_uri = self.applications.redirect_uri(request.application_id, request.redirect_uri).await?;
        if request.nonce.is_some_and(|nonce| nonce.len() > 512) {
            return Err(AuthorizeError::State("comes with a `nonce` of more than 512 characters".to_owned()));
        }
        let connector = self.code_connector(request.service)?;
        let integration = self.renewals.oauth_client(request.application_id, connector).await?;
        let scopes = match request.scope {
            Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
            None => integration.scopes,
        };
        let verifier = match connector.auth.oauth2() {
            Some(oauth2) if oauth2.pkce => Some(random_token()?),
            Some(_) | None => None,
        };
        let asked = Asked { link: &link, redirect_uri: &redirect_uri, nonce: request.nonce, lifetime: LINK_LIFETIME };
        let row = self.note(asked, verifier.as_ref(), now).await?;
        let (credentials, _) = self.settings_of(&link.name(), connector).await?;
        let state = self.core.sealer.sign(&StateClaims::of(&row))?;
        let consent = ConsentRequest {
            client_id: &integration.client.id,
            redirect_uri: request.callback,
            state: &state,
            scopes: &scopes,
            verifier: verifier.as_ref(),
        };
        self.renewals.way_out()?.consent_page(connector, &credentials, consent).map_err(|error| not_askable(&error))
    }

    /// A `state` for an authorisation whose consent page the application builds itself: no PKCE, the vendor's answer comes to
    /// our callback all the same.
    pub async fn callback_state(
        &self,
        caller: &Caller,
        consumer_id: &ConsumerId,
        service: &ServiceId,
        redirect_uri: Option<&str>,
    ) -> Result<String, AuthorizeError> {
        let now = self.core.now();
        let redirect_uri = self.applications.redirect_uri(&caller.application_id, redirect_uri).await?;
        let connector = self.code_connector(service)?;
        self.renewals.oauth_client(&caller.application_id, connector).await?;
        let link = self.link(caller, consumer_id, service, LinkVerb::Authorize)?;
        let link: LinkClaims = self.core.sealer.verify(&link, now)?;
        let asked = Asked { link: &link, redirect_uri: &redirect_uri, nonce: None, lifetime: LINK_LIFETIME };
        let row = self.note(asked, None, now).await?;
        Ok(self.core.sealer.sign(&StateClaims::of(&row))?)
    }
}

struct Asked<'a> {
    link: &'a LinkClaims,
    redirect_uri: &'a str,
    nonce: Option<&'a str>,
    lifetime: std::time::Duration,
}

impl Authorisations {
    /// A link's claims, if it is for this and for this application and connector.
    fn claims(
        &self,
        state: &str,
        verb: LinkVerb,
        (application_id, service): (&ApplicationId, &ServiceId),
        now: Timestamp,
    ) -> Result<LinkClaims, AuthorizeError> {
        let link: LinkClaims = self.core.sealer.verify(state, now)?;
        if link.application_id != *application_id || link.service_id != *service {
            return Err(AuthorizeError::State("belongs to another application or connector".to_owned()));
        }
        if link.verb != verb {
            let reason = "is that of another link: authorize_url and revoke_url each have their own";
            return Err(AuthorizeError::State(reason.to_owned()));
        }
        Ok(link)
    }

    /// The connector, if consumers consent on a page of the vendor's.
    fn code_connector(&self, service: &ServiceId) -> Result<&std::sync::Arc<ConnectorDefinition>, AuthorizeError> {
        let connector = self.core.connector(service)?;
        match connector.auth.oauth2().map(|oauth2| oauth2.grant) {
            Some(OAuthGrant::AuthorizationCode) => Ok(connector),
            Some(OAuthGrant::ClientCredentials | OAuthGrant::Password) | None => Err(AuthorizeError::NotOffered(
                format!("{service} has no consent page: fill in the connection's settings instead"),
            )),
        }
    }

    /// Notes the authorisation down, so that its `state` is good once.
    async fn note(
        &self,
        asked: Asked<'_>,
        verifier: Option<&SecretString>,
        now: Timestamp,
    ) -> Result<AuthorizationRow, AuthorizeError> {
        let Asked { link, redirect_uri, nonce, lifetime } = asked;
        let mut write = self.core.write_sealed().await?;
        self.core.sweep(&mut write, now).await?;
        if write.is_used_link(&link.jti).await? {
            return Err(AuthorizeError::State("was used before; take a new link from the connection".to_owned()));
        }
        let mut row = AuthorizationRow {
            id: uuid::Uuid::new_v4().to_string(),
            application_id: link.application_id.clone(),
            consumer_id: link.consumer_id.clone(),
            service: link.service_id.clone(),
            link: link.jti.clone(),
            stage: Stage::Asked,
            redirect_uri: redirect_uri.to_owned(),
            nonce: nonce.map(str::to_owned),
            sealed: BTreeMap::new(),
            granted: None,
            confirm_hash: None,
            expires_at: now + lifetime,
        };
        if let Some(verifier) = verifier {
            let sealed = self.core.sealer.seal(&row.place(VERIFIER), verifier)?;
            row.sealed.insert(VERIFIER.to_owned(), sealed);
        }
        write.keep_consumer(&row.application_id, &row.consumer_id, now).await?;
        write.add_authorization(&row).await?;
        write.commit_quietly().await?;
        Ok(row)
    }

    /// What a connection's settings say, whether or not it is there yet, and where its secrets are sent.
    async fn settings_of(
        &self,
        name: &ConnectionName,
        connector: &ConnectorDefinition,
    ) -> Result<(std::sync::Arc<vendor_client::Credentials>, BTreeMap<String, Option<String>>), AuthorizeError> {
        let mut write = self.core.write_sealed().await?;
        let row = write.connection(name).await?;
        let row = row.unwrap_or_else(|| ConnectionRow::new(name, self.core.now()));
        let mut for_page = row.missing_settings(connector);
        for_page.retain(|setting| connector.auth.oauth2().is_some_and(|oauth2| oauth2.asks_with(setting)));
        if !for_page.is_empty() {
            return Err(VaultError::MissingSettings { service: name.service.clone(), missing: for_page }.into());
        }
        Ok((self.core.held(&row, connector)?.credentials, row.destinations(connector)))
    }
}

/// 32 bytes by chance, as 43 characters that need no escape anywhere.
fn random_token() -> Result<SecretString, VaultError> {
    use base64::Engine as _;
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|error| VaultError::Internal(format!("no randomness: {error}")))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes.as_slice()).into())
}

fn not_askable(error: &VendorError) -> AuthorizeError {
    AuthorizeError::NotOffered(format!("the vendor's consent page cannot be asked: {error}"))
}

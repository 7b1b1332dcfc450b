//! The authorisation of a connection: to the vendor's consent page, back with a code, and, where the caller asked for a second
//! step, confirmed.

mod callback;
mod confirm;
mod error;
mod import;
mod revoke;
mod state;

use std::collections::BTreeMap;

use connector_catalog::{ConnectorDefinition, OAuthGrant};
use jiff::Timestamp;
use secrecy::SecretString;
use unified_model::ServiceId;
use url::Url;
use vendor_client::{ConsentRequest, VendorClient, VendorError};

pub use callback::{Callback, CallbackOutcome};
pub use error::AuthorizeError;
pub use import::ImportedTokens;
use state::StateClaims;

use crate::connections::rows::ConnectionRow;
use crate::core::name;
use crate::error::VaultError;
use crate::events::event::EventType;
use crate::oauth::authorization::{AuthorizationRow, Stage};
use crate::oauth::link::{LINK_LIFETIME, LinkClaims, LinkVerb};
use crate::oauth::renewal::ConnectionName;
use crate::store::Write;
use crate::vault::Inner;
use crate::vault::{Caller, Vault};

/// Where the verifier of PKCE is, among what is sealed.
const VERIFIER: &str = "verifier";

/// A consumer's browser that asks to be sent to the vendor.
#[derive(Debug, Clone, Copy)]
pub struct Authorize<'r> {
    /// The application that the address names.
    pub application_id: &'r str,
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

impl Vault {
    /// Begins an authorisation: the address of the vendor's page.
    pub async fn authorize(&self, request: Authorize<'_>) -> Result<Url, AuthorizeError> {
        let inner = &self.inner;
        let now = (inner.clock)();
        let of = (request.application_id, request.service);
        let link = inner.link(request.state, LinkVerb::Authorize, of, now)?;
        let redirect_uri = inner.redirect_uri(request.application_id, request.redirect_uri).await?;
        if request.nonce.is_some_and(|nonce| nonce.len() > 512) {
            return Err(AuthorizeError::State("comes with a `nonce` of more than 512 characters".to_owned()));
        }
        let connector = inner.code_connector(request.service)?;
        let integration = inner.oauth_client(request.application_id, connector).await?;
        let scopes = match request.scope {
            Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
            None => integration.scopes,
        };
        let verifier = match connector.auth.oauth2() {
            Some(oauth2) if oauth2.pkce => Some(random_token()?),
            Some(_) | None => None,
        };
        let asked = Asked { link: &link, redirect_uri: &redirect_uri, nonce: request.nonce, lifetime: LINK_LIFETIME };
        let row = inner.begin(asked, verifier.as_ref(), now).await?;
        let (credentials, _) = inner.settings_of(&link.name(), connector).await?;
        let state = inner.sign(&StateClaims::of(&row))?;
        let consent = ConsentRequest {
            client_id: &integration.client.id,
            redirect_uri: request.callback,
            state: &state,
            scopes: &scopes,
            verifier: verifier.as_ref(),
        };
        inner.way_out()?.consent_page(connector, &credentials, consent).map_err(|error| not_askable(&error))
    }

    /// A `state` for an authorisation whose consent page the application builds itself: no PKCE, the vendor's answer comes to
    /// our callback all the same.
    pub async fn callback_state(
        &self,
        caller: &Caller,
        consumer_id: &str,
        service: &ServiceId,
        redirect_uri: Option<&str>,
    ) -> Result<String, AuthorizeError> {
        let inner = &self.inner;
        name::check("a consumer id", consumer_id)?;
        let now = (inner.clock)();
        let redirect_uri = inner.redirect_uri(&caller.application_id, redirect_uri).await?;
        let connector = inner.code_connector(service)?;
        inner.oauth_client(&caller.application_id, connector).await?;
        let link = self.link(caller, consumer_id, service, LinkVerb::Authorize)?;
        let link: LinkClaims = inner.verify(&link, now)?;
        let asked = Asked { link: &link, redirect_uri: &redirect_uri, nonce: None, lifetime: LINK_LIFETIME };
        let row = inner.begin(asked, None, now).await?;
        Ok(inner.sign(&StateClaims::of(&row))?)
    }
}

struct Asked<'a> {
    link: &'a LinkClaims,
    redirect_uri: &'a str,
    nonce: Option<&'a str>,
    lifetime: std::time::Duration,
}

impl Inner {
    /// A link's claims, if it is for this and for this application and connector.
    fn link(
        &self,
        state: &str,
        verb: LinkVerb,
        (application_id, service): (&str, &ServiceId),
        now: Timestamp,
    ) -> Result<LinkClaims, AuthorizeError> {
        let link: LinkClaims = self.verify(state, now)?;
        if link.application_id != application_id || link.service_id != *service {
            return Err(AuthorizeError::State("belongs to another application or connector".to_owned()));
        }
        if link.verb != verb {
            let reason = "is that of another link: authorize_url and revoke_url each have their own";
            return Err(AuthorizeError::State(reason.to_owned()));
        }
        Ok(link)
    }

    /// The address given, if the application allows it; without one its first.
    pub(crate) async fn redirect_uri(
        &self,
        application_id: &str,
        given: Option<&str>,
    ) -> Result<String, AuthorizeError> {
        let application = self.store.application(application_id).await?;
        let allowed = application.map(|application| application.redirect_uris).unwrap_or_default();
        match given {
            Some(given) if allowed.iter().any(|uri| uri == given) => Ok(given.to_owned()),
            Some(_) => Err(AuthorizeError::RedirectUri(
                "`redirect_uri` is not one of the addresses that the application allows; its operator adds it with \
                 `trunkline apps update --redirect-uri`"
                    .to_owned(),
            )),
            None => allowed.into_iter().next().ok_or_else(|| {
                AuthorizeError::RedirectUri(
                    "send `redirect_uri`: the application has no address that consumers are sent back to".to_owned(),
                )
            }),
        }
    }

    /// The connector, if consumers consent on a page of the vendor's.
    fn code_connector(&self, service: &ServiceId) -> Result<&std::sync::Arc<ConnectorDefinition>, AuthorizeError> {
        let connector = self.connector(service)?;
        match connector.auth.oauth2().map(|oauth2| oauth2.grant) {
            Some(OAuthGrant::AuthorizationCode) => Ok(connector),
            Some(OAuthGrant::ClientCredentials | OAuthGrant::Password) | None => Err(AuthorizeError::NotOffered(
                format!("{service} has no consent page: fill in the connection's settings instead"),
            )),
        }
    }

    pub(crate) fn way_out(&self) -> Result<&VendorClient, VaultError> {
        self.client.get().ok_or_else(|| VaultError::Store("this process has no way out to vendors".to_owned()))
    }

    /// Notes the authorisation down, so that its `state` is good once.
    async fn begin(
        &self,
        asked: Asked<'_>,
        verifier: Option<&SecretString>,
        now: Timestamp,
    ) -> Result<AuthorizationRow, AuthorizeError> {
        let Asked { link, redirect_uri, nonce, lifetime } = asked;
        let mut write = self.store.write().await?;
        self.use_current_key(&mut write).await?;
        self.sweep(&mut write, now).await?;
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
            let sealed = self.sealer.seal(&row.place(VERIFIER), verifier)?;
            row.sealed.insert(VERIFIER.to_owned(), sealed);
        }
        write.keep_consumer(&row.application_id, &row.consumer_id, now).await?;
        write.add_authorization(&row).await?;
        write.commit(None).await?;
        Ok(row)
    }

    /// Takes away what has expired. Where a consumer had consented, somebody has to be told.
    pub(crate) async fn sweep(&self, write: &mut Write<'_>, now: Timestamp) -> Result<(), VaultError> {
        for row in write.take_expired_authorizations(now).await? {
            let detail = match row.stage {
                // A consumer that never came back has consented to nothing.
                Stage::Asked => continue,
                Stage::Exchanging => {
                    "the consumer consented, and it broke off before the tokens were stored; authorise the \
                     connection again"
                }
                Stage::Granted => {
                    "the consumer consented, the application did not confirm it in time, and the tokens are gone; \
                     authorise the connection again"
                }
            };
            write.tell_of(row.of(), EventType::AuthorizationInterrupted, detail, now).await?;
        }
        Ok(())
    }

    /// What a connection's settings say, whether or not it is there yet, and where its secrets are sent.
    async fn settings_of(
        &self,
        name: &ConnectionName,
        connector: &ConnectorDefinition,
    ) -> Result<(std::sync::Arc<vendor_client::Credentials>, BTreeMap<String, Option<String>>), AuthorizeError> {
        let mut write = self.store.write().await?;
        self.use_current_key(&mut write).await?;
        let row = write.connection(&name.application_id, &name.consumer_id, &name.service).await?;
        let row = row.unwrap_or_else(|| ConnectionRow::new(name, (self.clock)()));
        let mut for_page = row.missing_settings(connector);
        for_page.retain(|setting| connector.auth.oauth2().is_some_and(|oauth2| oauth2.asks_with(setting)));
        if !for_page.is_empty() {
            return Err(VaultError::MissingSettings { service: name.service.clone(), missing: for_page }.into());
        }
        Ok((self.held(&row, connector)?.credentials, row.destinations(connector)))
    }
}

impl LinkClaims {
    fn name(&self) -> ConnectionName {
        ConnectionName {
            application_id: self.application_id.as_str().into(),
            consumer_id: self.consumer_id.as_str().into(),
            service: self.service_id.clone(),
        }
    }
}

/// 32 bytes by chance, as 43 characters that need no escape anywhere.
fn random_token() -> Result<SecretString, VaultError> {
    use base64::Engine as _;
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|error| VaultError::Store(format!("no randomness: {error}")))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes.as_slice()).into())
}

fn not_askable(error: &VendorError) -> AuthorizeError {
    AuthorizeError::NotOffered(format!("the vendor's consent page cannot be asked: {error}"))
}

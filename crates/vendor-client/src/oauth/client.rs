//! Asking for consent and for tokens, through the guarded way out.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use connector_catalog::{ClientAuth, ConnectorDefinition, OAuth2, Template};
use http::HeaderValue;
use http::header::{ACCEPT, USER_AGENT};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    ResourceOwnerPassword, ResourceOwnerUsername, Scope, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::reply;
use super::{ConsentRequest, MAX_ANSWER_BYTES, OAuthClient, TOKEN_TIMEOUT, TokenError, TokenReply, TokenRequest};
use crate::address::Address;
use crate::client::{OAuthAddress, VendorClient};
use crate::credentials::Credentials;
use crate::credentials::echoes::Echoes;
use crate::error::VendorError;
use crate::settings::Settings;
use crate::wire::memory::Received;
use crate::wire::outgoing::{AnswerLimits, read_plain};
use crate::wire::reply::VendorReply;

/// The library's client, with a token end-point and otherwise as it comes.
type LibraryClient = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

impl VendorClient {
    /// The address of the vendor's consent page.
    ///
    /// # Errors
    /// The connector has no such page, or the settings do not come to an address.
    pub fn consent_page(
        &self,
        connector: &ConnectorDefinition,
        credentials: &Credentials,
        request: ConsentRequest<'_>,
    ) -> Result<Url, VendorError> {
        let oauth2 = oauth2_of(connector)?;
        let page = oauth2.authorize_url.as_ref().ok_or_else(|| unusable("the connector has no consent page"))?;
        let address = self.address(OAuthAddress::Authorize, page, connector, credentials)?;
        let redirect_uri = RedirectUrl::new(request.redirect_uri.to_owned())
            .map_err(|error| unusable(&format!("the redirect address cannot be used: {error}")))?;
        let page = AuthUrl::from_url(address.url("", "")?);
        let client = BasicClient::new(ClientId::new(request.client_id.to_owned())).set_auth_uri(page);
        let state = request.state.to_owned();
        let mut asking =
            client.authorize_url(|| CsrfToken::new(state)).set_redirect_uri(std::borrow::Cow::Owned(redirect_uri));
        if let Some(scopes) = joined(oauth2, request.scopes) {
            asking = asking.add_extra_param("scope", scopes);
        }
        let settings = Settings { declared: &connector.settings, credentials };
        for (name, value) in &oauth2.authorize_parameters {
            if let Some(value) = settings.render_optional(value)? {
                asking = asking.add_extra_param(name, value.expose_secret().to_owned());
            }
        }
        if let Some(verifier) = request.verifier {
            let verifier = PkceCodeVerifier::new(verifier.expose_secret().to_owned());
            asking = asking.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        }
        Ok(asking.url().0)
    }

    /// Asks the vendor for a token: once, for whoever asks again must know what became of the first time.
    ///
    /// # Errors
    /// Why there is no token; none of them holds a secret.
    pub async fn token(
        &self,
        connector: &ConnectorDefinition,
        credentials: &Credentials,
        client: &OAuthClient,
        request: TokenRequest<'_>,
    ) -> Result<TokenReply, TokenError> {
        let oauth2 = oauth2_of(connector)?;
        let address = self.address(OAuthAddress::Token, &oauth2.token_url, connector, credentials)?;
        let settings = Settings { declared: &connector.settings, credentials };
        let owner = oauth2.owner.as_ref().map(|(_, password)| settings.render(password)).transpose()?;
        let secrets = request.secrets().into_iter().chain([&client.secret]).chain(&owner);
        let echoes = Echoes::of(secrets, &[&client.id]);
        let client = library_client(oauth2, client, address.url("", "")?);
        let exchange = &Exchange { client: self, address, answer: Mutex::default() };
        let asked = match request {
            TokenRequest::Code { code, redirect_uri, verifier } => {
                let redirect_uri = RedirectUrl::new(redirect_uri.to_owned())
                    .map_err(|error| unusable(&format!("the redirect address cannot be used: {error}")))?;
                let code = AuthorizationCode::new(code.expose_secret().to_owned());
                let mut asking = client.exchange_code(code).set_redirect_uri(std::borrow::Cow::Owned(redirect_uri));
                if let Some(verifier) = verifier {
                    asking = asking.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
                }
                asking.request_async(exchange).await
            }
            TokenRequest::Refresh(refresh_token) => {
                let refresh_token = RefreshToken::new(refresh_token.expose_secret().to_owned());
                client.exchange_refresh_token(&refresh_token).request_async(exchange).await
            }
            TokenRequest::ClientCredentials { scopes } => {
                let mut asking = client.exchange_client_credentials();
                if let Some(scopes) = joined(oauth2, scopes) {
                    asking = asking.add_scope(Scope::new(scopes));
                }
                asking.request_async(exchange).await
            }
            TokenRequest::Password { scopes } => {
                let owner = oauth2.owner.as_ref().ok_or_else(|| unusable("the connector has no password grant"))?;
                let (username, password) = (settings.render(&owner.0)?, settings.render(&owner.1)?);
                let username = ResourceOwnerUsername::new(username.expose_secret().to_owned());
                let password = ResourceOwnerPassword::new(password.expose_secret().to_owned());
                let mut asking = client.exchange_password(&username, &password);
                if let Some(scopes) = joined(oauth2, scopes) {
                    asking = asking.add_scope(Scope::new(scopes));
                }
                asking.request_async(exchange).await
            }
        };
        if let Err(RequestTokenError::Request(Unanswered(error))) = asked {
            return Err(error.into());
        }
        // Whatever the library makes of the answer: servers have more forms of it than the library reads.
        let answer = exchange.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let answer = answer.ok_or_else(|| unusable("the request could not be made"))?;
        reply::read(oauth2, &answer, self.shared.clock.timestamp()).map_err(|error| error.without(&echoes))
    }

    pub(super) fn address(
        &self,
        which: OAuthAddress,
        template: &Template,
        connector: &ConnectorDefinition,
        credentials: &Credentials,
    ) -> Result<Address, VendorError> {
        if let Some(address) = self.shared.oauth_address(&connector.service_id, which) {
            return Ok(address.clone());
        }
        let settings = Settings { declared: &connector.settings, credentials };
        Address::of_connection(template, settings, &self.shared.guard)
    }

    pub(super) async fn exchange(&self, address: &Address, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let url = request.uri().to_string().parse().map_err(|_| Unanswered(unusable("the address cannot be sent")))?;
        let (parts, body) = request.into_parts();
        let mut outgoing = reqwest::Request::new(parts.method, url);
        *outgoing.headers_mut() = parts.headers;
        outgoing.headers_mut().insert(USER_AGENT, self.shared.user_agent.clone());
        outgoing.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        *outgoing.body_mut() = Some(body.into());
        let exchange = async {
            let pool = self.shared.pool(address.trust);
            let mut response = pool.execute(&address.host, outgoing).await?;
            let mut answer = HttpResponse::new(Vec::new());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = std::mem::take(response.headers_mut());
            let limits = AnswerLimits {
                answer_bytes: MAX_ANSWER_BYTES,
                call_bytes: MAX_ANSWER_BYTES,
                received: &Received::default(),
                memory: &self.shared.memory,
            };
            let headers = answer.headers().clone();
            *answer.body_mut() = read_plain(&mut response, &headers, &address.host, &limits).await?.into();
            Ok(answer)
        };
        let deadline = self.shared.clock.now() + TOKEN_TIMEOUT;
        let answer = self.shared.clock.within(deadline, exchange).await;
        answer.unwrap_or(Err(VendorError::Timeout { sent: true })).map_err(Unanswered)
    }
}

/// One exchange with a token end-point, as the library wants it made. It keeps the answer, which the library does not show.
struct Exchange<'c> {
    client: &'c VendorClient,
    address: Address,
    answer: Mutex<Option<VendorReply>>,
}

impl<'c> oauth2::AsyncHttpClient<'c> for Exchange<'_> {
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unanswered>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let given = self.client.exchange(&self.address, request).await?;
            let (status, headers, body) = (given.status().as_u16(), given.headers().clone(), given.body().clone());
            let reply = VendorReply { status, headers, body: body.into() };
            *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply);
            Ok(given)
        })
    }
}

/// Why there is no answer, as the library wants to be told.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Unanswered(pub(super) VendorError);

pub(super) fn oauth2_of(connector: &ConnectorDefinition) -> Result<&OAuth2, VendorError> {
    connector.auth.oauth2().ok_or_else(|| unusable("the connector does not use OAuth"))
}

fn library_client(oauth2: &OAuth2, client: &OAuthClient, token_url: Url) -> LibraryClient {
    let auth_type = match oauth2.client_auth {
        ClientAuth::Basic => AuthType::BasicAuth,
        ClientAuth::Body => AuthType::RequestBody,
    };
    BasicClient::new(ClientId::new(client.id.clone()))
        .set_client_secret(ClientSecret::new(client.secret.expose_secret().to_owned()))
        .set_auth_type(auth_type)
        .set_token_uri(TokenUrl::from_url(token_url))
}

fn joined(oauth2: &OAuth2, scopes: &[String]) -> Option<String> {
    (!scopes.is_empty()).then(|| scopes.join(&oauth2.scope_separator))
}

pub(super) fn unusable(reason: &str) -> VendorError {
    VendorError::Settings(reason.to_owned())
}

/// The secret as a token request has it; kept here so that no other place builds one by hand.
pub(super) fn basic_authorisation(client: &OAuthClient) -> SecretString {
    use base64::Engine as _;
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(&client.id), encoded(client.secret.expose_secret()));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)).into()
}

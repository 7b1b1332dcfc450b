//! Giving a grant back. By hand: the library wants https even where the operator's word is plain http.

use connector_catalog::{ClientAuth, ConnectorDefinition, Revocation, RevokedToken};
use form_urlencoded::Serializer;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};

use super::client::{Unanswered, basic_authorisation, oauth2_of, unusable};
use super::{OAuthClient, TokenError};
use crate::client::{OAuthAddress, VendorClient};
use crate::credentials::{ACCESS_TOKEN, Credentials, REFRESH_TOKEN};

impl VendorClient {
    /// Gives the grant that `credentials` hold back to the vendor. `false`: the vendor has no way to, or there is nothing to
    /// give back.
    ///
    /// # Errors
    /// The vendor did not take it.
    pub async fn revoke(
        &self,
        connector: &ConnectorDefinition,
        credentials: &Credentials,
        client: &OAuthClient,
    ) -> Result<bool, TokenError> {
        let oauth2 = oauth2_of(connector)?;
        let Some(revocation) = &oauth2.revoke else { return Ok(false) };
        let Some((token, hint)) = given_back(revocation, credentials) else { return Ok(false) };
        let address = self.address(OAuthAddress::Revoke, &revocation.url, connector, credentials)?;
        let is_in_path = revocation.method == Method::DELETE;
        let path = if is_in_path { path_segment(token) } else { String::new() };
        let url = address.url(&path, "")?;
        let mut request = Request::builder().method(revocation.method.clone()).uri(url.as_str());
        if oauth2.client_auth == ClientAuth::Basic {
            let mut value = HeaderValue::from_str(basic_authorisation(client).expose_secret())
                .map_err(|_| unusable("the OAuth client cannot stand in a header"))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let body = if is_in_path {
            Vec::new()
        } else {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            form(token, hint, (oauth2.client_auth == ClientAuth::Body).then_some(client))
        };
        let request = request.body(body).map_err(|_| unusable("the revocation cannot be sent"))?;
        let answer = self.exchange(&address, request).await.map_err(|Unanswered(error)| error)?;
        match answer.status() {
            // Whoever no longer knows the token has nothing left to take back.
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(true),
            status => {
                Err(TokenError::Unusable { status: status.as_u16(), reason: "the grant not taken back".to_owned() })
            }
        }
    }
}

/// The token that stands for the grant, and what kind it is. RFC 7009 takes both kinds at one address, so that a grant without a
/// refresh token is given back by its access token; an address that ends in a token is for one kind.
fn given_back<'c>(revocation: &Revocation, credentials: &'c Credentials) -> Option<(&'c SecretString, &'static str)> {
    let held = |key, hint| credentials.settings.get(key).map(|token| (token, hint));
    let (access, refresh) = (held(ACCESS_TOKEN, "access_token"), held(REFRESH_TOKEN, "refresh_token"));
    match revocation.token {
        RevokedToken::Access => access,
        RevokedToken::Refresh if revocation.method == Method::DELETE => refresh,
        RevokedToken::Refresh => refresh.or(access),
    }
}

/// The form of RFC 7009, with the client where it stands in forms.
fn form(token: &SecretString, hint: &str, client: Option<&OAuthClient>) -> Vec<u8> {
    let mut form = Serializer::new(String::new());
    form.append_pair("token", token.expose_secret()).append_pair("token_type_hint", hint);
    if let Some(client) = client {
        form.append_pair("client_id", &client.id).append_pair("client_secret", client.secret.expose_secret());
    }
    form.finish().into_bytes()
}

fn path_segment(token: &SecretString) -> String {
    let mut path = "/".to_owned();
    connector_catalog::template::percent_encoded(token.expose_secret(), &mut path);
    path
}

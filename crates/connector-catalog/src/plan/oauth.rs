//! OAuth 2 as one vendor does it.

use std::time::Duration;

use http::Method;

use crate::plan::template::{Hole, Template};

/// How tokens of a vendor are come by, renewed and given back.
#[derive(Debug, Clone)]
pub struct OAuth2 {
    /// How the first token is come by.
    pub grant: OAuthGrant,
    /// Where consumers are asked for their consent; only an authorization code needs it.
    pub authorize_url: Option<Template>,
    /// Where tokens are given.
    pub token_url: Template,
    /// How a grant is given back; `None`: the vendor has no way.
    pub revoke: Option<Revocation>,
    /// What is asked for, unless somebody names other scopes.
    pub scopes: Vec<String>,
    /// What stands between scopes.
    pub scope_separator: String,
    /// Further parameters of the consent page.
    pub authorize_parameters: Vec<(String, Template)>,
    /// Where the client id and secret stand in a token request.
    pub client_auth: ClientAuth,
    /// Whether PKCE (RFC 7636, S256) is used.
    pub pkce: bool,
    /// What becomes of the refresh token in a renewal.
    pub rotation: Rotation,
    /// Words that mean that a grant is over, besides `invalid_grant`.
    pub grant_over: Vec<String>,
    /// How long a token lives where the reply does not say.
    pub expires_in: Option<Duration>,
    /// Settings that token replies name, each with the member of the reply.
    pub keep: Vec<(String, String)>,
    /// The user and the password of `password`.
    pub owner: Option<(Template, Template)>,
    /// The word before the token in `Authorization`.
    pub scheme: String,
}

impl OAuth2 {
    /// Every address that the grant makes use of: those of the consent page, of tokens and of their revocation.
    pub fn addresses(&self) -> impl Iterator<Item = &Template> {
        let revoke = self.revoke.iter().map(|revoke| &revoke.url);
        self.authorize_url.iter().chain([&self.token_url]).chain(revoke)
    }

    /// Whether the consent page's address or the request for a token needs the setting.
    #[must_use]
    pub fn asks_with(&self, setting: &str) -> bool {
        let owner = self.owner.iter().flat_map(|(username, password)| [username, password]);
        let templates = self.authorize_url.iter().chain([&self.token_url]).chain(owner);
        templates.flat_map(Template::holes).any(|hole| matches!(hole, Hole::Setting(name) if name == setting))
    }
}

/// How the first token is come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OAuthGrant {
    /// The consumer consents on the vendor's page (RFC 6749, 4.1).
    #[default]
    AuthorizationCode,
    /// The client's own word is enough (4.4).
    ClientCredentials,
    /// The consumer's name and password are settings (4.3).
    Password,
}

/// Where the client id and secret stand in a token request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// In `Authorization: Basic`.
    #[default]
    Basic,
    /// In the form.
    Body,
}

/// What becomes of the refresh token in a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// A new one takes its place, and the old one may be void from then on.
    #[default]
    Rotates,
    /// It stays, so that a renewal whose answer was lost can simply be repeated.
    Stays,
}

/// How a grant is given back.
#[derive(Debug, Clone)]
pub struct Revocation {
    /// `POST`: the token in a form, as in RFC 7009. `DELETE`: the token as the last segment of the path.
    pub method: Method,
    /// The address, without the token.
    pub url: Template,
    /// Which token is named.
    pub token: RevokedToken,
}

/// Which token a revocation names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokedToken {
    /// The access token.
    Access,
    /// The refresh token, and with it all that came of it.
    #[default]
    Refresh,
}

//! `auth: { oauth2: ... }` as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::file::values::{Entries, Word};
use crate::plan::{ClientAuth, OAuthGrant, RevokedToken, Rotation};
use field_mapping::yaml::Placed;

/// OAuth 2: how tokens are come by, renewed and given back. The application's integration has the client.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OAuth2")]
pub(crate) struct OAuth2File {
    /// How the first token is come by. Without it: `authorization_code`.
    pub(crate) grant: Option<Word<OAuthGrant>>,
    /// Where consumers are asked for their consent; `{settings.<name>}` is filled in.
    pub(crate) authorize_url: Option<Placed<String>>,
    /// Where tokens are given.
    pub(crate) token_url: Placed<String>,
    /// How a grant is given back. Without it: it is only forgotten.
    pub(crate) revoke: Option<RevokeFile>,
    /// What is asked for, unless the integration or the caller names other scopes.
    #[serde(default)]
    pub(crate) scopes: Vec<Placed<String>>,
    /// What stands between scopes. Without it: a blank.
    pub(crate) scope_separator: Option<Placed<String>>,
    /// Further parameters of the consent page.
    #[serde(default)]
    pub(crate) authorize_parameters: Entries<Placed<String>>,
    /// Where the client id and secret stand in a token request. Without it: basic.
    pub(crate) client_auth: Option<Word<ClientAuth>>,
    /// Whether PKCE (RFC 7636, S256) is used. Without it: true.
    pub(crate) pkce: Option<bool>,
    /// What becomes of the refresh token in a renewal. Without it: rotates.
    pub(crate) rotation: Option<Word<Rotation>>,
    /// Words with which the vendor says that a grant is over, besides `invalid_grant`, in `error` or `status`.
    #[serde(default)]
    pub(crate) grant_over: Vec<Placed<String>>,
    /// How long a token lives where the reply does not say. Without it: until the vendor refuses it.
    pub(crate) expires_in: Option<Placed<String>>,
    /// Settings that are kept from token replies, and the member of the reply that each is.
    #[serde(default)]
    pub(crate) keep: Entries<Placed<String>>,
    /// The user, for `grant: password`.
    pub(crate) username: Option<Placed<String>>,
    /// The password, for `grant: password`.
    pub(crate) password: Option<Placed<String>>,
    /// The word before the token in `Authorization`. Without it: Bearer.
    pub(crate) scheme: Option<Placed<String>>,
}

/// How a grant is given back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Revoke")]
pub(crate) struct RevokeFile {
    /// `POST <address>` for a form as in RFC 7009, or `DELETE <address>/{token}`.
    pub(crate) request: Placed<String>,
    /// Which token is named. Without it: refresh.
    pub(crate) token: Option<Word<RevokedToken>>,
}

//! `auth: { oauth2: ... }`: the addresses, and that everything fits the grant.

use http::Method;

use crate::check::checker::Checker;
use crate::check::connector::address;
use crate::check::request::{Holes, pairs, template};
use crate::check::scalars;
use crate::file::{ConnectorFile, OAuth2File, RevokeFile};
use crate::plan::template::Template;
use crate::plan::{ClientAuth, OAuth2, OAuthGrant, Revocation, RevokedToken, Rotation};
use field_mapping::yaml::{Place, Placed};

/// Parameters of the consent page that the flow itself decides.
const RESERVED_PARAMETERS: [&str; 7] =
    ["client_id", "code_challenge", "code_challenge_method", "redirect_uri", "response_type", "scope", "state"];

pub(super) fn compile(written: &OAuth2File, file: &ConnectorFile, checker: &mut Checker<'_>) -> Option<OAuth2> {
    let grant = checker.word_or("grant", written.grant.as_ref(), OAuthGrant::AuthorizationCode);
    let token_url = address("token_url", &written.token_url, file, checker);
    let authorize_url = authorize_url(written, file, grant, checker);
    let owner = owner(written, grant, checker);
    let revoke = match &written.revoke {
        None => Some(None),
        Some(revoke) => revocation(revoke, file, checker).map(Some),
    };
    let authorize_parameters = pairs("authorize_parameters", &written.authorize_parameters, Holes::default(), checker);
    for (name, _) in written.authorize_parameters.iter() {
        if RESERVED_PARAMETERS.contains(&name.value.as_str()) {
            let message = format!("`authorize_parameters`: `{}` is reserved; the flow decides it", name.value);
            checker.mistake(name.place, message);
        }
    }
    let scopes = written.scopes.iter().filter_map(|scope| checker.filled("scopes", scope)).collect();
    let grant_over = written.grant_over.iter().filter_map(|word| checker.filled("grant_over", word)).collect();
    let client_auth = checker.word_or("client_auth", written.client_auth.as_ref(), ClientAuth::Basic);
    let rotation = checker.word_or("rotation", written.rotation.as_ref(), Rotation::Rotates);
    let expires_in = match &written.expires_in {
        None => Some(None),
        Some(text) => checker.noting("expires_in", text.place, scalars::duration(&text.value)).map(Some),
    };
    let scheme = match &written.scheme {
        None => Some("Bearer".to_owned()),
        Some(text) => checker.noting("scheme", text.place, scheme(&text.value)),
    };
    Some(OAuth2 {
        grant: grant?,
        authorize_url: authorize_url?,
        token_url: token_url?,
        revoke: revoke?,
        scopes,
        scope_separator: written.scope_separator.as_ref().map_or(" ", |text| text.value.as_str()).to_owned(),
        authorize_parameters: authorize_parameters?,
        client_auth: client_auth?,
        pkce: written.pkce.unwrap_or(true),
        rotation: rotation?,
        grant_over,
        expires_in: expires_in?,
        keep: keep(written, file, checker),
        owner: owner?,
        scheme: scheme?,
    })
}

/// The outer `None` is a mistake, the inner one a grant that needs no page.
#[expect(clippy::option_option, reason = "a mistake and an absent page are two things")]
fn authorize_url(
    written: &OAuth2File,
    file: &ConnectorFile,
    grant: Option<OAuthGrant>,
    checker: &mut Checker<'_>,
) -> Option<Option<Template>> {
    match (grant?, &written.authorize_url) {
        (OAuthGrant::AuthorizationCode, Some(url)) => address("authorize_url", url, file, checker).map(Some),
        (OAuthGrant::AuthorizationCode, None) => {
            let message = "`grant: authorization_code` needs `authorize_url`, where consumers consent";
            checker.mistake(written.token_url.place, message);
            None
        }
        (OAuthGrant::ClientCredentials | OAuthGrant::Password, None) => Some(None),
        (OAuthGrant::ClientCredentials | OAuthGrant::Password, Some(url)) => {
            checker.mistake(url.place, "`authorize_url` needs `grant: authorization_code`");
            None
        }
    }
}

#[expect(clippy::option_option, reason = "a mistake and an absent owner are two things")]
fn owner(
    written: &OAuth2File,
    grant: Option<OAuthGrant>,
    checker: &mut Checker<'_>,
) -> Option<Option<(Template, Template)>> {
    match (grant?, &written.username, &written.password) {
        (OAuthGrant::Password, Some(username), Some(password)) => {
            let username = template("username", username, Holes::SETTINGS, checker);
            let password = template("password", password, Holes::SETTINGS, checker);
            Some(Some((username?, password?)))
        }
        (OAuthGrant::Password, ..) => {
            let message = "`grant: password` needs `username` and `password`, as in `{settings.<name>}`";
            checker.mistake(written.token_url.place, message);
            None
        }
        (OAuthGrant::AuthorizationCode | OAuthGrant::ClientCredentials, None, None) => Some(None),
        (OAuthGrant::AuthorizationCode | OAuthGrant::ClientCredentials, username, password) => {
            let place = username.as_ref().or(password.as_ref()).map_or(Place::START, |text| text.place);
            checker.mistake(place, "`username` and `password` need `grant: password`");
            None
        }
    }
}

fn revocation(written: &RevokeFile, file: &ConnectorFile, checker: &mut Checker<'_>) -> Option<Revocation> {
    let request = &written.request;
    let token = checker.word_or("token", written.token.as_ref(), RevokedToken::Refresh);
    let (method, url) = match request.value.split_once(' ') {
        Some(("POST", url)) => (Method::POST, Some(url)),
        Some(("DELETE", url)) => (Method::DELETE, url.strip_suffix("/{token}")),
        Some(_) | None => (Method::POST, None),
    };
    let Some(url) = url else {
        let message = format!(
            "`request`: `{}` is no revocation; write `POST <address>` or `DELETE <address>/{{token}}`",
            request.value
        );
        checker.mistake(request.place, message);
        return None;
    };
    let url = Placed { value: url.to_owned(), place: request.place };
    Some(Revocation { method, url: address("request", &url, file, checker)?, token: token? })
}

/// What is kept is a setting that nobody is asked for, and what nobody is asked for is kept.
fn keep(written: &OAuth2File, file: &ConnectorFile, checker: &mut Checker<'_>) -> Vec<(String, String)> {
    for (name, setting) in file.settings.iter() {
        if setting.from_token && !written.keep.iter().any(|(kept, _)| kept.value == name.value) {
            let message = format!("`from_token`: `{}` must stand in `auth.oauth2.keep`", name.value);
            checker.mistake(name.place, message);
        }
    }
    let kept = written.keep.iter().filter_map(|(name, member)| {
        let setting = file.settings.iter().find(|(setting, _)| setting.value == name.value);
        if !setting.is_some_and(|(_, setting)| setting.from_token) {
            let message = format!("`keep`: `{}` must be a setting with `from_token: true`", name.value);
            checker.mistake(name.place, message);
        }
        Some((name.value.clone(), checker.filled("keep", member)?))
    });
    kept.collect()
}

fn scheme(text: &str) -> Result<String, String> {
    let well_formed = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let wrong = || format!("`{text}` is not the scheme of an `Authorization`; write letters, digits and `-`");
    well_formed.then(|| text.to_owned()).ok_or_else(wrong)
}

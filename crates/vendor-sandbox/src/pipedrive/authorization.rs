//! The OAuth end-points: the client stands in `Authorization: Basic`, refresh tokens are exchanged, and each reply names the
//! address of the company that it is about.

use axum::http::header::{AUTHORIZATION, HOST};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::SERVICE_ID;
use super::replies;
use crate::exchange::{Content, Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::oauth::{AuthorizationServer, ConsentPage, GivenTokens, NoToken, Renewal};

/// The client id of the app that the sandbox knows.
pub const PIPEDRIVE_CLIENT_ID: &str = "5eed0401c11e0000";
/// Its client secret.
pub const PIPEDRIVE_CLIENT_SECRET: &str = "5eed0401+sandbox/pipedrive secret";
/// A refresh token of [`PIPEDRIVE_COMPANY`] that is good from the start, once.
pub const PIPEDRIVE_REFRESH_TOKEN: &str = "5301:1:sandbox-pipedrive-refresh-token";
/// An access token of the same grant.
pub const PIPEDRIVE_ACCESS_TOKEN: &str = "5301:1:sandbox-pipedrive-access-token";
/// The company that consent is for, unless another is chosen; the first part of its addresses' paths.
pub const PIPEDRIVE_COMPANY: &str = "tidewater";
/// The other company.
pub const PIPEDRIVE_OTHER_COMPANY: &str = "saltby";

/// An hour, as the vendor counts it.
const EXPIRES_IN: u64 = 3599;
/// An app has its scopes from where it is registered.
const SCOPE: &str = "base,contacts:full,users:read";

const PAGE: ConsentPage =
    ConsentPage { vendor: "Pipedrive", accounts: &[PIPEDRIVE_COMPANY, PIPEDRIVE_OTHER_COMPANY], scope: SCOPE };

pub(super) fn server() -> AuthorizationServer {
    let client = (PIPEDRIVE_CLIENT_ID, PIPEDRIVE_CLIENT_SECRET);
    AuthorizationServer::new(client, Renewal::Rotates, EXPIRES_IN, 0x5eed_0403).with_grant(
        PIPEDRIVE_COMPANY,
        SCOPE,
        PIPEDRIVE_ACCESS_TOKEN,
        PIPEDRIVE_REFRESH_TOKEN,
    )
}

pub(super) fn answer(server: &mut AuthorizationServer, request: &VendorRequest, path: &[&str]) -> VendorAnswer {
    let outcome = match (request.method.as_str(), path) {
        ("GET" | "POST", ["authorize"]) => Ok(server.consent(request, &PAGE)),
        ("POST", ["token"]) => token(server, request),
        ("POST", ["revoke"]) => revoke(server, request),
        _ => Err(replies::no_such_page()),
    };
    outcome.unwrap_or_else(|Refusal(answer)| answer)
}

fn token(server: &mut AuthorizationServer, request: &VendorRequest) -> Outcome {
    let form = authenticated(server, request)?;
    let sent = |name: &str| form.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let given = match sent("grant_type") {
        Some("authorization_code") => {
            let redirect_uri = sent("redirect_uri").unwrap_or_default();
            server.exchange(sent("code").unwrap_or_default(), redirect_uri, sent("code_verifier"))
        }
        Some("refresh_token") => server.renew(sent("refresh_token").unwrap_or_default()),
        Some(_) => return Err(bad("unsupported_grant_type", "Unsupported grant type: grant_type is invalid")),
        None => return Err(bad("invalid_request", "Missing parameter: `grant_type`")),
    };
    given.map(|given| VendorAnswer::json(200, &shown(&given, request))).map_err(|why| match why {
        NoToken::Code => bad("invalid_grant", "Invalid grant: authorization_code is invalid"),
        NoToken::RedirectUri => bad("invalid_request", "Invalid request: redirect_uri is invalid"),
        NoToken::Verifier => bad("invalid_grant", "Invalid grant: code_verifier is invalid"),
        NoToken::RefreshToken => bad("invalid_grant", "Invalid grant: refresh_token is invalid"),
    })
}

/// RFC 7009: a token that is unknown is as good as taken back.
fn revoke(server: &mut AuthorizationServer, request: &VendorRequest) -> Outcome {
    let form = authenticated(server, request)?;
    let Some((_, token)) = form.iter().find(|(name, _)| name == "token") else {
        return Err(bad("invalid_request", "Missing parameter: `token`"));
    };
    server.revoke(token);
    Ok(VendorAnswer::json(200, &json!({ "success": true })))
}

/// The form of a request whose client is known.
fn authenticated(server: &AuthorizationServer, request: &VendorRequest) -> Result<Vec<(String, String)>, Refusal> {
    let pair =
        request.header(&AUTHORIZATION).split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let pair = pair.and_then(|(_, encoded)| String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok());
    let Some((id, secret)) = pair.as_ref().and_then(|pair| pair.split_once(':')) else {
        return Err(bad("invalid_client", "Invalid client: cannot retrieve client credentials"));
    };
    // The RFC has both form-encoded first; the vendor's own page joins them as they are.
    let decoded = |text: &str| {
        let form = format!("={text}");
        form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let is_secret = server.knows_secret(secret) || server.knows_secret(&decoded(secret));
    if !server.knows_client(id) || !is_secret {
        return Err(bad("invalid_client", "Invalid client: client is invalid"));
    }
    match request.content() {
        Content::Form(form) => Ok(form),
        Content::Empty => Ok(Vec::new()),
        _ => Err(bad("invalid_request", "Invalid request: content must be application/x-www-form-urlencoded")),
    }
}

fn shown(given: &GivenTokens, request: &VendorRequest) -> Value {
    let mut shown = json!({
        "access_token": given.access_token,
        "token_type": "Bearer",
        "expires_in": given.expires_in,
        "scope": given.scope,
        "api_domain": format!("http://{}/{SERVICE_ID}/{}", request.header(&HOST), given.account),
    });
    if let Some(refresh_token) = &given.refresh_token {
        shown["refresh_token"] = json!(refresh_token);
    }
    shown
}

fn bad(error: &str, message: &str) -> Refusal {
    Refusal(VendorAnswer::json(400, &json!({ "success": false, "message": message, "error": error })))
}

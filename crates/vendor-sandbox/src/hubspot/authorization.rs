//! The OAuth end-points of v1: the client stands in the form, the refresh token stays, and errors are not those of RFC 6749.

use serde_json::{Value, json};

use super::replies::{self, CORRELATION_ID};
use super::store::Account;
use crate::exchange::{Content, Outcome, Refusal, VendorAnswer, VendorRequest};
use crate::oauth::{AuthorizationServer, ConsentPage, GivenTokens, NoToken, Renewal};

/// The client id of the app that the sandbox account knows.
pub const HUBSPOT_CLIENT_ID: &str = "5eed0301-0000-4000-8000-00000000c11e";
/// Its client secret.
pub const HUBSPOT_CLIENT_SECRET: &str = "5eed0301-sandbox-hubspot-secret";
/// A refresh token of the account that is good from the start.
pub const HUBSPOT_REFRESH_TOKEN: &str = "sandbox-hubspot-refresh-token";
/// An access token of the same grant.
pub const HUBSPOT_ACCESS_TOKEN: &str = "sandbox-hubspot-access-token";

/// Half an hour.
const EXPIRES_IN: u64 = 1800;
/// The account's number.
const HUB_ID: u32 = 5_301_001;
const HUB_DOMAIN: &str = "tidewater.example";
const SCOPE: &str = "oauth crm.objects.contacts.read crm.objects.contacts.write crm.objects.companies.read \
                     crm.objects.companies.write crm.objects.owners.read";

const PAGE: ConsentPage = ConsentPage { vendor: "HubSpot", accounts: &[HUB_DOMAIN], scope: "oauth" };

pub(super) fn server() -> AuthorizationServer {
    let client = (HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET);
    AuthorizationServer::new(client, Renewal::Keeps, EXPIRES_IN, 0x5eed_0303).with_grant(
        HUB_DOMAIN,
        SCOPE,
        HUBSPOT_ACCESS_TOKEN,
        HUBSPOT_REFRESH_TOKEN,
    )
}

impl Account {
    pub(super) fn authorization(&mut self, request: &VendorRequest, path: &[&str]) -> VendorAnswer {
        let outcome = match (request.method.as_str(), path) {
            ("GET" | "POST", ["authorize"]) => Ok(self.server.consent(request, &PAGE)),
            ("POST", ["v1", "token"]) => self.token(request),
            ("GET", ["v1", kind @ ("access-tokens" | "refresh-tokens"), token]) => self.describe(kind, token),
            // Access tokens that came of it live on to their end.
            ("DELETE", ["v1", "refresh-tokens", token]) if self.server.forget_refresh_token(token) => {
                Ok(VendorAnswer::empty(204))
            }
            ("DELETE", ["v1", "refresh-tokens", _]) => Err(replies::not_found()),
            _ => Err(replies::no_such_page()),
        };
        outcome.unwrap_or_else(|Refusal(answer)| answer)
    }

    fn token(&mut self, request: &VendorRequest) -> Outcome {
        let Content::Form(form) = request.content() else {
            return Err(bad("BAD_CONTENT_TYPE", "the body must be application/x-www-form-urlencoded"));
        };
        let sent = |name: &str| form.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        if !self.server.knows_client(sent("client_id").unwrap_or_default()) {
            return Err(bad("BAD_CLIENT_ID", "missing or unknown client id"));
        }
        if !self.server.knows_secret(sent("client_secret").unwrap_or_default()) {
            return Err(bad("BAD_CLIENT_SECRET", "missing or invalid client secret"));
        }
        let given = match sent("grant_type") {
            Some("authorization_code") => {
                let redirect_uri = sent("redirect_uri").unwrap_or_default();
                self.server.exchange(sent("code").unwrap_or_default(), redirect_uri, sent("code_verifier"))
            }
            Some("refresh_token") => self.server.renew(sent("refresh_token").unwrap_or_default()),
            Some(_) | None => return Err(bad("BAD_GRANT_TYPE", "missing or unknown grant type")),
        };
        given.map(|given| VendorAnswer::json(200, &shown(&given))).map_err(|why| match why {
            NoToken::Code => bad("BAD_AUTH_CODE", "missing or unknown auth code"),
            NoToken::RedirectUri => bad("BAD_REDIRECT_URI", "missing or invalid redirect uri"),
            NoToken::Verifier => bad("BAD_CODE_VERIFIER", "missing or invalid code verifier"),
            NoToken::RefreshToken => bad("BAD_REFRESH_TOKEN", "missing or invalid refresh token"),
        })
    }

    fn describe(&self, kind: &str, token: &str) -> Outcome {
        let (domain, scope) = self.server.grant_of(token).ok_or_else(replies::not_found)?;
        let scopes: Vec<&str> = scope.split(' ').collect();
        Ok(VendorAnswer::json(
            200,
            &json!({
                "token": token,
                "token_type": kind.trim_end_matches("-tokens"),
                "hub_id": HUB_ID,
                "hub_domain": domain,
                "scopes": scopes,
                "user": "ines@tidewater.example",
                "client_id": HUBSPOT_CLIENT_ID,
            }),
        ))
    }
}

fn shown(given: &GivenTokens) -> Value {
    let mut shown = json!({
        "token_type": "bearer",
        "access_token": given.access_token,
        "expires_in": given.expires_in,
    });
    if let Some(refresh_token) = &given.refresh_token {
        shown["refresh_token"] = json!(refresh_token);
    }
    shown
}

fn bad(status: &str, message: &str) -> Refusal {
    let body = json!({ "status": status, "message": message, "correlationId": CORRELATION_ID });
    Refusal(VendorAnswer::json(400, &body))
}

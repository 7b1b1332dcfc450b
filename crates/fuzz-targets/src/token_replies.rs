//! What the token end-point of an OAuth vendor answers.
//!
//! The first line is `<connector> <grant> <status> <Retry-After>`, the rest is the answer.

use std::sync::{Arc, LazyLock};

use connector_catalog::{Catalog, ConnectorDefinition};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use vendor_client::{OAuthClient, TokenError, TokenReply, TokenRequest};

use crate::input::{Input, chosen};
use crate::vendor::{Answer, Vendor, credentials};

const STATUSES: [&str; 8] = ["200", "201", "204", "400", "401", "403", "429", "503"];
const SECRET: &str = "client-secret/1+2";
const REFRESH_TOKEN: &str = "refresh-token~3";
const CODE: &str = "code.4=";
const VERIFIER: &str = "verifier-5-0123456789-0123456789-0123456789";
/// The code and the description of a refusal, and our own words.
const LONGEST_ERROR: usize = 4 * (300 + 300) + 200;
/// Shorter texts stand somewhere by chance.
const SHORTEST_TOKEN: usize = 16;

/// A reply with a token gives that token, and nothing that is not declared; an error is short, and holds no secret.
pub fn token_replies(data: &[u8]) {
    let mut input = Input::new(data);
    let mut words = input.line().split(' ');
    let mut word = || words.next().unwrap_or_default();
    let TokenVendor { vendor, connectors } = &*VENDOR;
    let connector = chosen(connectors, word(), |connector| connector.service_id.as_str());
    let grant = *chosen(&["code", "refresh", "client_credentials"], word(), |grant| grant);
    let status = chosen(&STATUSES, word(), |status| status).parse().expect("a status");
    let is_header = |value: &&str| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    let retry_after = Some(word()).filter(is_header).map(str::to_owned);
    vendor.answers(Answer { status, retry_after, body: input.bytes().to_vec() });
    let reply = ask(vendor, connector, grant);
    match &reply {
        Ok(reply) => check_token(connector, reply, status, input.bytes()),
        Err(error) => check_error(error, status, sent(grant)),
    }
    assert!(vendor.requests().len() == 1, "a token is asked for once");
}

struct TokenVendor {
    vendor: Vendor,
    connectors: Vec<Arc<ConnectorDefinition>>,
}

static VENDOR: LazyLock<TokenVendor> = LazyLock::new(|| {
    let catalog = Catalog::built_in().expect("the definitions compile; a test holds it");
    let connectors = catalog.connectors().filter(|connector| connector.auth.oauth2().is_some()).cloned().collect();
    TokenVendor { vendor: Vendor::of(&catalog, &[]), connectors }
});

fn ask(vendor: &Vendor, connector: &Arc<ConnectorDefinition>, grant: &str) -> Result<TokenReply, TokenError> {
    let [secret, refresh_token, code, verifier] = [SECRET, REFRESH_TOKEN, CODE, VERIFIER].map(SecretString::from);
    let client = OAuthClient { id: "client".to_owned(), secret };
    let request = match grant {
        "code" => {
            TokenRequest::Code { code: &code, redirect_uri: "https://gateway.example/back", verifier: Some(&verifier) }
        }
        "refresh" => TokenRequest::Refresh(&refresh_token),
        _ => TokenRequest::ClientCredentials { scopes: &[] },
    };
    let none: [(&str, &str); 0] = [];
    vendor.run(vendor.client().token(connector, &credentials(&none), &client, request))
}

fn check_token(connector: &ConnectorDefinition, reply: &TokenReply, status: u16, body: &[u8]) {
    assert!((200..300).contains(&status), "{status}");
    let token = reply.access_token.expose_secret();
    assert!(!token.is_empty());
    // Other forms are read as well (`docs/vault.md`); what this one says can be told without their rules.
    if let Ok(members) = serde_json::from_slice::<Map<String, Value>>(body) {
        check_members(connector, reply, &members);
    }
    let shown = format!("{reply:?}");
    let elsewhere = String::from_utf8_lossy(body).matches(token).count() > 1;
    assert!(token.len() < SHORTEST_TOKEN || elsewhere || !shown.contains(token), "{shown}");
}

fn check_members(connector: &ConnectorDefinition, reply: &TokenReply, members: &Map<String, Value>) {
    assert_eq!(members["access_token"], reply.access_token.expose_secret());
    let renewing = reply.refresh_token.as_ref().map(ExposeSecret::expose_secret);
    assert_eq!(members.get("refresh_token").and_then(Value::as_str).filter(|token| !token.is_empty()), renewing);
    let keep = &connector.auth.oauth2().expect("it was chosen for that").keep;
    for (setting, value) in &reply.kept {
        let member = keep.iter().find(|(kept, _)| kept == setting).map(|(_, member)| &members[member]);
        assert!(member.is_some_and(|member| is_text(member, value)), "{setting}: {value}");
    }
}

/// Whether a member is this text, or a number that is written so.
fn is_text(member: &Value, text: &str) -> bool {
    match member {
        Value::Number(number) => number.to_string() == text,
        other => other == text,
    }
}

/// The secrets that a request with this grant carries.
fn sent(grant: &str) -> &'static [&'static str] {
    match grant {
        "code" => &[SECRET, CODE, VERIFIER],
        "refresh" => &[SECRET, REFRESH_TOKEN],
        _ => &[SECRET],
    }
}

fn check_error(error: &TokenError, status: u16, secrets: &[&str]) {
    let shown = format!("{error} {error:?}");
    assert!(error.to_string().len() <= LONGEST_ERROR, "{error}");
    for secret in secrets {
        assert!(!shown.contains(*secret), "{shown}");
    }
    if let TokenError::Vendor(error) = error {
        panic!("the vendor did answer: {error}");
    }
    assert_eq!(matches!(error, TokenError::RateLimited { .. }), status == 429, "{error}");
}

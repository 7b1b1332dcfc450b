//! `Pipedrive`'s OAuth: a company chosen at consent, its address in every reply, refresh tokens that are exchanged.

use serde_json::{Value, json};
use vendor_sandbox::{
    Fault, FaultKind, OAuthCalls, OAuthOrder, PIPEDRIVE_ACCESS_TOKEN, PIPEDRIVE_CLIENT_ID, PIPEDRIVE_CLIENT_SECRET,
    PIPEDRIVE_OTHER_COMPANY, PIPEDRIVE_REFRESH_TOKEN,
};

use crate::client::{Reply, read};
use crate::consent::{REDIRECT_URI, decide, form, found};
use crate::vendor::Vendor;

const AUTHORIZE: &str = "pipedrive/oauth/authorize";
const ASKED: [(&str, &str); 3] =
    [("client_id", PIPEDRIVE_CLIENT_ID), ("redirect_uri", REDIRECT_URI), ("state", "148aHxbdd92")];

async fn oauth(vendor: &Vendor, end: &str, pairs: &[(&str, &str)]) -> Reply {
    let url = format!("http://{}/pipedrive/oauth/{end}", vendor.running.address);
    form(vendor.http.post(url).basic_auth(PIPEDRIVE_CLIENT_ID, Some(PIPEDRIVE_CLIENT_SECRET)), pairs).await
}

async fn refresh(vendor: &Vendor, refresh_token: &str) -> Reply {
    oauth(vendor, "token", &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
}

fn refused(reply: &Reply) -> (u16, Value) {
    (reply.status, reply.value()["error"].clone())
}

#[tokio::test]
async fn a_consent_is_for_one_company_whose_address_comes_with_the_tokens() {
    let vendor = Vendor::pipedrive().await;
    for (chosen, company, persons) in [(None, "tidewater", 120), (Some(PIPEDRIVE_OTHER_COMPANY), "saltby", 5)] {
        let mut asked = ASKED.to_vec();
        asked.extend(chosen.map(|company| ("account", company)));
        let back = decide(&vendor, AUTHORIZE, &asked, "approve").await.unwrap();
        assert_eq!(found(&back, "state"), "148aHxbdd92");
        let exchange =
            [("grant_type", "authorization_code"), ("code", found(&back, "code")), ("redirect_uri", REDIRECT_URI)];
        let given = oauth(&vendor, "token", &exchange).await.value();
        let address = format!("http://{}/pipedrive/{company}", vendor.running.address);
        assert_eq!(given["api_domain"], address);
        let facts = (&given["token_type"], &given["expires_in"], &given["scope"]);
        assert_eq!(facts, (&json!("Bearer"), &json!(3599), &json!("base,contacts:full,users:read")));
        let token = given["access_token"].as_str().unwrap();
        let own = read(vendor.http.get(format!("{address}/api/v2/persons?limit=500")).bearer_auth(token)).await;
        assert_eq!(own.value()["data"].as_array().unwrap().len(), persons);
        let elsewhere = if chosen.is_none() { "saltby" } else { "tidewater" };
        let other = format!("http://{}/pipedrive/{elsewhere}/api/v2/persons", vendor.running.address);
        assert_eq!(read(vendor.http.get(other).bearer_auth(token)).await.status, 401, "a token opens one company");
        assert_eq!(refused(&oauth(&vendor, "token", &exchange).await), (400, json!("invalid_grant")));
    }
    let back = decide(&vendor, AUTHORIZE, &ASKED, "deny").await.unwrap();
    assert_eq!(found(&back, "error"), "access_denied");
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_and_void_from_then_on() {
    let vendor = Vendor::pipedrive().await;
    let given = refresh(&vendor, PIPEDRIVE_REFRESH_TOKEN).await.value();
    let next = given["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(next, PIPEDRIVE_REFRESH_TOKEN);
    let again = refresh(&vendor, PIPEDRIVE_REFRESH_TOKEN).await;
    assert_eq!(refused(&again), (400, json!("invalid_grant")));
    assert_eq!(again.value()["message"], "Invalid grant: refresh_token is invalid");
    assert_eq!(refresh(&vendor, &next).await.status, 200);
    let counted = OAuthCalls { refreshes: 3, refused: 1, ..OAuthCalls::default() };
    assert_eq!(vendor.sandbox.oauth_calls("pipedrive"), counted);
}

#[tokio::test]
async fn a_reply_may_be_ordered_to_lack_its_refresh_token() {
    let vendor = Vendor::pipedrive().await;
    assert!(vendor.sandbox.order("pipedrive", &OAuthOrder::OmitRefreshToken(true)));
    for _ in 0..2 {
        let given = refresh(&vendor, PIPEDRIVE_REFRESH_TOKEN).await.value();
        assert_eq!(given.get("refresh_token"), None, "so the one before stays good");
    }
}

#[tokio::test]
async fn a_grant_is_revoked_by_either_of_its_tokens() {
    for token in [PIPEDRIVE_REFRESH_TOKEN, PIPEDRIVE_ACCESS_TOKEN, "nobody's"] {
        let vendor = Vendor::pipedrive().await;
        let revoked = oauth(&vendor, "revoke", &[("token", token)]).await;
        assert_eq!(revoked.status, 200, "an unknown token is as good as revoked");
        let is_unknown = token == "nobody's";
        let status = if is_unknown { 200 } else { 401 };
        assert_eq!(vendor.call("GET", "persons").await.status, status, "{token}");
        let status = if is_unknown { 200 } else { 400 };
        assert_eq!(refresh(&vendor, PIPEDRIVE_REFRESH_TOKEN).await.status, status, "{token}");
    }
    let vendor = Vendor::pipedrive().await;
    assert_eq!(refused(&oauth(&vendor, "revoke", &[]).await), (400, json!("invalid_request")));
    assert_eq!(vendor.sandbox.oauth_calls("pipedrive").revocations, 1);
}

#[tokio::test]
async fn the_client_stands_in_the_header_joined_plainly_or_as_the_rfc_has_it() {
    let vendor = Vendor::pipedrive().await;
    let url = format!("http://{}/pipedrive/oauth/token", vendor.running.address);
    let pairs = [("grant_type", "nothing")];
    let encoded: String = form_urlencoded::byte_serialize(PIPEDRIVE_CLIENT_SECRET.as_bytes()).collect();
    for (id, secret, error) in [
        (PIPEDRIVE_CLIENT_ID, PIPEDRIVE_CLIENT_SECRET, "unsupported_grant_type"),
        (PIPEDRIVE_CLIENT_ID, encoded.as_str(), "unsupported_grant_type"),
        (PIPEDRIVE_CLIENT_ID, "guess", "invalid_client"),
        ("guess", PIPEDRIVE_CLIENT_SECRET, "invalid_client"),
    ] {
        let reply = form(vendor.http.post(&url).basic_auth(id, Some(secret)), &pairs).await;
        assert_eq!(refused(&reply), (400, json!(error)), "{id}:{secret}");
    }
    let in_form = [("client_id", PIPEDRIVE_CLIENT_ID), ("client_secret", PIPEDRIVE_CLIENT_SECRET)];
    assert_eq!(refused(&form(vendor.http.post(&url), &in_form).await), (400, json!("invalid_client")));
}

#[tokio::test]
async fn expiry_and_limits_come_when_they_are_ordered() {
    let vendor = Vendor::pipedrive().await;
    assert!(vendor.sandbox.order("pipedrive", &OAuthOrder::ExpireAccessTokens));
    let expired = vendor.call("GET", "persons").await;
    assert_eq!((expired.status, &expired.value()["success"]), (401, &json!(false)));
    let kind = FaultKind::Status { status: 429, retry_after: Some(3) };
    let path_prefix = "/oauth/token".to_owned();
    vendor.sandbox.inject(Fault { path_prefix, ..Fault::of("pipedrive", kind) });
    assert_eq!(refresh(&vendor, PIPEDRIVE_REFRESH_TOKEN).await.status, 429);
    let given = refresh(&vendor, PIPEDRIVE_REFRESH_TOKEN).await.value();
    let vendor = vendor.with_token(given["access_token"].as_str().unwrap());
    assert_eq!(vendor.call("GET", "persons").await.status, 200);
}

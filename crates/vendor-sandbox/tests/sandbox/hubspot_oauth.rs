//! `HubSpot`'s OAuth: consent, tokens that are renewed with one refresh token, errors of its own, and days on order.

use serde_json::{Value, json};
use vendor_sandbox::{
    Fault, FaultKind, HUBSPOT_ACCESS_TOKEN, HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET, HUBSPOT_REFRESH_TOKEN,
    OAuthCalls, OAuthOrder,
};

use crate::client::{Reply, read};
use crate::consent::{REDIRECT_URI, decide, encoded, form, found};
use crate::vendor::Vendor;

const AUTHORIZE: &str = "hubspot/oauth/authorize";
const CONTACTS: &str = "crm/v3/objects/contacts";
const SCOPE: &str = "crm.objects.contacts.read oauth";
const ASKED: [(&str, &str); 4] =
    [("client_id", HUBSPOT_CLIENT_ID), ("redirect_uri", REDIRECT_URI), ("scope", SCOPE), ("state", "s&1")];

async fn token(vendor: &Vendor, pairs: &[(&str, &str)]) -> Reply {
    let client = [("client_id", HUBSPOT_CLIENT_ID), ("client_secret", HUBSPOT_CLIENT_SECRET)];
    form(vendor.bare("POST", "oauth/v1/token"), &[&client, pairs].concat()).await
}

async fn refresh(vendor: &Vendor, refresh_token: &str) -> Reply {
    token(vendor, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
}

fn refused(reply: &Reply) -> (u16, Value) {
    (reply.status, reply.value()["status"].clone())
}

#[tokio::test]
async fn a_consent_becomes_tokens_that_open_what_was_asked_for() {
    let vendor = Vendor::hubspot().await;
    let page = read(vendor.bare("GET", &format!("oauth/authorize?{}", encoded(&ASKED)))).await;
    assert_eq!((page.status, page.content_type.as_str()), (200, "text/html;charset=UTF-8"));
    assert!(page.text.contains(SCOPE) && page.text.contains("value=\"s&amp;1\""), "{}", page.text);
    let back = decide(&vendor, AUTHORIZE, &ASKED, "approve").await.unwrap();
    assert_eq!(found(&back, "state"), "s&1");
    let code = found(&back, "code").to_owned();
    let exchange = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", REDIRECT_URI)];
    let reply = token(&vendor, &exchange).await;
    let given = reply.value();
    assert_eq!((reply.status, &given["token_type"], &given["expires_in"]), (200, &json!("bearer"), &json!(1800)));
    assert_eq!(given.as_object().unwrap().len(), 4);
    assert_eq!(refused(&token(&vendor, &exchange).await), (400, json!("BAD_AUTH_CODE")), "a code is good once");
    let facts = vendor.get(&format!("oauth/v1/refresh-tokens/{}", given["refresh_token"].as_str().unwrap())).await;
    assert_eq!(facts["scopes"], json!(["crm.objects.contacts.read", "oauth"]));

    let own = vendor.with_token(given["access_token"].as_str().unwrap());
    assert_eq!(own.call("GET", CONTACTS).await.status, 200);
    let written = own.send("POST", CONTACTS, &json!({"properties": {"firstname": "A"}})).await;
    assert_eq!((written.status, &written.value()["category"]), (403, &json!("MISSING_SCOPES")));
    assert_eq!(own.call("GET", "crm/v3/objects/companies").await.status, 403);
}

#[tokio::test]
async fn a_denial_comes_back_and_what_is_wrong_stays() {
    let vendor = Vendor::hubspot().await;
    let back = decide(&vendor, AUTHORIZE, &ASKED, "deny").await.unwrap();
    assert_eq!((found(&back, "error"), found(&back, "state"), found(&back, "code")), ("access_denied", "s&1", ""));
    let unknown_method = [ASKED.as_slice(), &[("code_challenge", "x"), ("code_challenge_method", "S512")]].concat();
    let back = decide(&vendor, AUTHORIZE, &unknown_method, "approve").await.unwrap();
    assert_eq!(found(&back, "error"), "invalid_request");
    for asked in [
        [("client_id", "somebody"), ("redirect_uri", REDIRECT_URI)],
        [("client_id", HUBSPOT_CLIENT_ID), ("redirect_uri", "back")],
        [("client_id", HUBSPOT_CLIENT_ID), ("redirect_uri", "javascript:alert(1)")],
    ] {
        assert_eq!(decide(&vendor, AUTHORIZE, &asked, "approve").await.unwrap_err().0, 400, "{asked:?}");
    }
    assert_eq!(decide(&vendor, AUTHORIZE, &ASKED, "perhaps").await.unwrap_err().0, 400);
}

#[tokio::test]
async fn a_challenge_wants_its_verifier_and_a_code_its_address() {
    let vendor = Vendor::hubspot().await;
    // RFC 7636, appendix B.
    let challenge =
        [("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), ("code_challenge_method", "S256")];
    let asked = [ASKED.as_slice(), &challenge].concat();
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let cases = [
        (verifier, REDIRECT_URI, (200, Value::Null)),
        ("guess", REDIRECT_URI, (400, json!("BAD_CODE_VERIFIER"))),
        ("", REDIRECT_URI, (400, json!("BAD_CODE_VERIFIER"))),
        (verifier, "http://127.0.0.1:1/elsewhere", (400, json!("BAD_REDIRECT_URI"))),
    ];
    for (verifier, redirect_uri, owed) in cases {
        let back = decide(&vendor, AUTHORIZE, &asked, "approve").await.unwrap();
        let mut exchange =
            vec![("grant_type", "authorization_code"), ("code", found(&back, "code")), ("redirect_uri", redirect_uri)];
        exchange.extend((!verifier.is_empty()).then_some(("code_verifier", verifier)));
        assert_eq!(refused(&token(&vendor, &exchange).await), owed, "{verifier} {redirect_uri}");
    }
}

#[tokio::test]
async fn the_refresh_token_stays_through_renewals_until_it_is_deleted() {
    let vendor = Vendor::hubspot().await;
    let mut tokens = vec![HUBSPOT_ACCESS_TOKEN.to_owned()];
    for _ in 0..2 {
        let given = refresh(&vendor, HUBSPOT_REFRESH_TOKEN).await.value();
        assert_eq!(given["refresh_token"], HUBSPOT_REFRESH_TOKEN);
        tokens.push(given["access_token"].as_str().unwrap().to_owned());
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 3, "each access token is a new one");
    let deletion = format!("oauth/v1/refresh-tokens/{HUBSPOT_REFRESH_TOKEN}");
    assert_eq!(read(vendor.bare("DELETE", &deletion)).await.status, 204);
    assert_eq!(refused(&refresh(&vendor, HUBSPOT_REFRESH_TOKEN).await), (400, json!("BAD_REFRESH_TOKEN")));
    assert_eq!(vendor.call("GET", &deletion).await.status, 404);
    assert_eq!(read(vendor.bare("DELETE", &deletion)).await.status, 404);
    let counted = OAuthCalls { codes: 0, refreshes: 3, refused: 1, revocations: 2 };
    assert_eq!(vendor.sandbox.oauth_calls("hubspot"), counted);
}

#[tokio::test]
async fn a_token_request_says_what_is_wrong_with_it() {
    let vendor = Vendor::hubspot().await;
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", HUBSPOT_REFRESH_TOKEN)];
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[("client_id", "somebody")], "BAD_CLIENT_ID"),
        (&[("client_id", HUBSPOT_CLIENT_ID), ("client_secret", "guess")], "BAD_CLIENT_SECRET"),
        (&[("client_id", HUBSPOT_CLIENT_ID)], "BAD_CLIENT_SECRET"),
        (&[], "BAD_CLIENT_ID"),
    ];
    for (client, status) in cases {
        let reply = form(vendor.bare("POST", "oauth/v1/token"), &[client, &refresh].concat()).await;
        assert_eq!(refused(&reply), (400, json!(status)));
        assert!(reply.value()["correlationId"].is_string());
    }
    // Not as RFC 6749 prefers it: the client does not stand in `Authorization`.
    let basic = vendor.bare("POST", "oauth/v1/token").basic_auth(HUBSPOT_CLIENT_ID, Some(HUBSPOT_CLIENT_SECRET));
    assert_eq!(refused(&form(basic, &refresh).await), (400, json!("BAD_CLIENT_ID")));
    assert_eq!(refused(&token(&vendor, &[("grant_type", "password")]).await), (400, json!("BAD_GRANT_TYPE")));
}

#[tokio::test]
async fn what_is_ordered_of_the_authorization_server_holds_until_the_reset() {
    let vendor = Vendor::hubspot().await;
    let order = async |order: Value| {
        let url = format!("http://{}/_sandbox/oauth/hubspot", vendor.running.address);
        read(vendor.http.post(url).body(order.to_string())).await.status
    };
    assert_eq!(order(json!("expire_access_tokens")).await, 204);
    let expired = vendor.call("GET", CONTACTS).await;
    assert_eq!((expired.status, &expired.value()["category"]), (401, &json!("EXPIRED_AUTHENTICATION")));
    assert_eq!(order(json!({"omit_refresh_token": true})).await, 204);
    assert_eq!(order(json!({"expires_in": 60})).await, 204);
    let given = refresh(&vendor, HUBSPOT_REFRESH_TOKEN).await.value();
    assert_eq!((given.get("refresh_token"), &given["expires_in"]), (None, &json!(60)));
    let vendor_with_new = given["access_token"].as_str().unwrap();
    let request = vendor.bare("GET", CONTACTS).bearer_auth(vendor_with_new);
    assert_eq!(read(request).await.status, 200, "only what was given before is expired");
    assert!(vendor.sandbox.order("hubspot", &OAuthOrder::EndGrants));
    let ended = read(vendor.bare("GET", CONTACTS).bearer_auth(vendor_with_new)).await;
    assert_eq!((ended.status, &ended.value()["category"]), (401, &json!("INVALID_AUTHENTICATION")));
    assert_eq!(refused(&refresh(&vendor, HUBSPOT_REFRESH_TOKEN).await), (400, json!("BAD_REFRESH_TOKEN")));
    for wrong in [json!("expire"), json!({"expires_in": "soon"}), json!({})] {
        assert_eq!(order(wrong.clone()).await, 400, "{wrong}");
    }
    assert!(!vendor.sandbox.order("agile-crm", &OAuthOrder::EndGrants));
    vendor.sandbox.reset();
    assert_eq!(vendor.call("GET", CONTACTS).await.status, 200);
    assert_eq!(refresh(&vendor, HUBSPOT_REFRESH_TOKEN).await.value()["expires_in"], 1800);
}

#[tokio::test]
async fn token_calls_are_counted_limited_and_held() {
    let vendor = Vendor::hubspot().await;
    let limited = FaultKind::Status { status: 429, retry_after: Some(7) };
    let on_tokens = |kind| Fault { path_prefix: "/oauth/v1/token".to_owned(), ..Fault::of("hubspot", kind) };
    vendor.sandbox.inject(on_tokens(limited));
    assert_eq!(refresh(&vendor, HUBSPOT_REFRESH_TOKEN).await.status, 429);
    vendor.sandbox.inject(on_tokens(FaultKind::Held));
    let held = refresh(&vendor, HUBSPOT_REFRESH_TOKEN);
    let released = async {
        while vendor.sandbox.oauth_calls("hubspot").refreshes < 2 {
            tokio::task::yield_now().await;
        }
        let url = format!("http://{}/_sandbox/release", vendor.running.address);
        assert_eq!(read(vendor.http.post(url)).await.status, 204);
    };
    let (held, ()) = tokio::join!(held, released);
    assert_eq!(held.status, 200);
    let url = format!("http://{}/_sandbox/oauth/hubspot", vendor.running.address);
    let counted = read(vendor.http.get(url)).await.value();
    assert_eq!(counted, json!({"codes": 0, "refreshes": 2, "refused": 1, "revocations": 0}));
    let seen = vendor.sandbox.requests();
    let secret = seen[0].form.iter().flatten().find(|(name, _)| name == "client_secret");
    assert_eq!(secret.map(|(_, value)| value.as_str()), Some("***"), "secrets are not written down");
}

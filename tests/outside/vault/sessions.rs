//! Sessions: what a consumer's browser may do, for how long, and whose it is.

use connection_vault::ImportedConnection;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::clock;
use super::house::{ACME, AGILE, DONE, House, PUBLIC_URL, QUAY, ZENITH, with_json};
use crate::oauth::{quay_crm, tokens};
use crate::support::{Reply, send};

pub fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

async fn ask(house: &House, token: &str, method: &str, path: &str, body: Option<Value>) -> Reply {
    let request = house.in_session(token, method, path);
    send(match body {
        Some(body) => with_json(request, &body),
        None => request,
    })
    .await
}

#[tokio::test]
async fn a_session_says_whose_it_is_and_what_its_page_is_to_show() {
    for house in House::of_every_engine().await {
        let body = json!({
            "consumer_metadata": { "account_name": "SpaceX", "user_name": "Ada" },
            "redirect_uri": DONE,
            "settings": { "unified_apis": ["crm"], "session_length": "30m", "allow_actions": ["delete"], "show_logs": false },
            "theme": { "vault_name": "Acme", "primary_color": "#286efa" },
            "custom_consumer_settings": { "feature": true },
        });
        let created = house.call("ada", "POST", "/vault/sessions", &body).await.succeeded();
        let token = created["session_token"].as_str().unwrap();
        assert_eq!(created["session_uri"], format!("{PUBLIC_URL}/vault/session/{token}"));
        let claims = claims(token);
        assert_eq!((&claims["application_id"], &claims["consumer_id"]), (&json!("acme"), &json!("ada")));
        for member in ["consumer_metadata", "redirect_uri", "settings", "theme", "custom_consumer_settings"] {
            assert_eq!(claims[member], body[member], "{member}");
        }
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 1800);
        assert_eq!(house.data("", "/vault/consumers/ada").await["metadata"], body["consumer_metadata"]);
    }
}

#[tokio::test]
async fn a_session_lasts_an_hour_unless_it_is_said_otherwise() {
    let house = House::start().await;
    for (length, seconds) in
        [(None, 3600), (Some("1m"), 60), (Some("2h"), 7200), (Some("7d"), 604_800), (Some("1w"), 604_800)]
    {
        let mut settings = json!({});
        if let Some(length) = length {
            settings["session_length"] = json!(length);
        }
        let claims = claims(&house.session("ada", &settings).await);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), seconds, "{length:?}");
    }
}

/// What the SDKs send where nothing was set.
#[tokio::test]
async fn a_session_can_be_asked_for_with_an_empty_body() {
    let house = House::start().await;
    house.call("ada", "POST", "/vault/sessions", &json!({})).await.succeeded();
    send(house.request(ACME, "ada", "POST", "/vault/sessions")).await.succeeded();
}

#[tokio::test]
async fn a_browser_serves_itself_with_its_session_alone() {
    let house = House::start().await;
    let token = house.session("ada", &json!({})).await;
    let settings = json!({ "settings": super::house::agile_settings() });
    let added = ask(&house, &token, "PATCH", AGILE, Some(settings)).await.succeeded();
    assert_eq!(added["state"], "callable");
    for (method, path, body) in [
        ("GET", "/vault/connections", None),
        ("GET", AGILE, None),
        ("GET", "/vault/custom-mappings/crm/agile-crm", None),
        ("POST", "/vault/custom-mappings/crm/agile-crm/crm+companies+tier", Some(json!({ "value": "$.tier" }))),
        ("GET", "/vault/custom-mappings/crm/agile-crm/crm+companies+tier", None),
        ("GET", "/vault/connections/crm/agile-crm/companies/custom-mappings", None),
        ("GET", "/vault/connections/crm/agile-crm/companies/config", None),
        ("PATCH", "/vault/connections/crm/agile-crm/companies/config", Some(json!({ "configuration": [] }))),
        ("POST", "/vault/connections/crm/agile-crm/validate", Some(json!({}))),
    ] {
        ask(&house, &token, method, path, body).await.succeeded();
    }
    // The header's case does not matter, and what names the session's own application and consumer is welcome.
    let polite = house.anonymous("GET", AGILE).bearer_auth(&token).header("x-apideck-auth-type", "jwt");
    let polite = polite.header("x-apideck-app-id", "acme").header("x-apideck-consumer-id", "ada");
    assert_eq!(send(polite).await.succeeded()["state"], "callable");
    assert_eq!(ask(&house, &token, "DELETE", AGILE, None).await.status, 204);
}

#[tokio::test]
async fn a_session_opens_nothing_but_its_consumers_part_of_the_vault() {
    let house = House::start().await;
    house.connect("ada").await;
    let token = house.session("ada", &json!({})).await;
    for (method, path) in [
        ("GET", "/vault/consumers"),
        ("POST", "/vault/consumers"),
        ("GET", "/vault/consumers/ada"),
        ("PATCH", "/vault/consumers/ada"),
        ("DELETE", "/vault/consumers/ada"),
        ("POST", "/vault/sessions"),
        ("POST", "/vault/connections/crm/quay-crm/import"),
    ] {
        let body = matches!(method, "POST" | "PATCH").then(|| json!({ "consumer_id": "ada" }));
        let detail = ask(&house, &token, method, path, body).await.refused(403, "UnauthorizedError").to_string();
        assert!(detail.contains("API key"), "{method} {path}: {detail}");
    }
    for path in ["/crm/companies", "/connector/connectors"] {
        let request = house.in_session(&token, "GET", path).header("x-apideck-app-id", "acme");
        send(request.header("x-apideck-consumer-id", "ada")).await.refused(401, "UnauthorizedError");
    }
    // Without the header that says what it is, it is an API key that nobody has.
    let plain = house.anonymous("GET", AGILE).bearer_auth(&token).header("x-apideck-app-id", "acme");
    send(plain.header("x-apideck-consumer-id", "ada")).await.refused(401, "UnauthorizedError");
    for (name, value) in [("x-apideck-consumer-id", "bob"), ("x-apideck-app-id", "zenith")] {
        let detail = send(house.in_session(&token, "GET", AGILE).header(name, value)).await;
        let detail = detail.refused(401, "UnauthorizedError").to_string();
        assert!(detail.contains(name), "{detail}");
    }
    let key = house.anonymous("GET", AGILE).bearer_auth(ACME.key).header("x-apideck-auth-type", "JWT");
    send(key.header("x-apideck-app-id", "acme")).await.refused(401, "UnauthorizedError");
}

#[tokio::test]
async fn a_session_does_only_what_it_was_allowed() {
    let house = House::start().await;
    house.connect("ada").await;
    let caller = house.vault.api_keys().caller(ACME.key, &ACME.id.parse().unwrap()).await.unwrap();
    let given = Some(tokens(house.quay.give(), 0));
    house
        .vault
        .authorisations()
        .import(
            &caller,
            &"ada".parse().unwrap(),
            &quay_crm(),
            ImportedConnection { tokens: given, ..ImportedConnection::default() },
        )
        .await
        .unwrap();
    let off = || Some(json!({ "enabled": false }));
    for (allowed, can_disable, can_delete) in [
        (json!([]), false, false),
        (json!(["disable"]), true, false),
        (json!(["delete", "disconnect", "reauthorize"]), false, true),
    ] {
        let token = house.session("ada", &json!({ "allow_actions": allowed })).await;
        let disabled = ask(&house, &token, "PATCH", AGILE, off()).await;
        let deleted = ask(&house, &token, "DELETE", AGILE, None).await;
        for (reply, can, action) in [(&disabled, can_disable, "disable"), (&deleted, can_delete, "delete")] {
            if can {
                assert!(reply.status < 300, "{allowed}: {}", reply.text);
            } else {
                let detail = reply.refused(403, "UnauthorizedError").to_string();
                assert!(detail.contains("allow_actions") && detail.contains(action), "{allowed}: {detail}");
            }
        }
        house.connect("ada").await;
    }
    // A connection that is on may be changed in every other way.
    let token = house.session("ada", &json!({ "allow_actions": [] })).await;
    ask(&house, &token, "PATCH", AGILE, Some(json!({ "enabled": true }))).await.succeeded();
}

#[tokio::test]
async fn a_link_serves_only_for_what_a_session_may_do() {
    let house = House::start().await;
    let caller = house.vault.api_keys().caller(ACME.key, &ACME.id.parse().unwrap()).await.unwrap();
    let given = Some(tokens(house.quay.give(), 0));
    house
        .vault
        .authorisations()
        .import(
            &caller,
            &"ada".parse().unwrap(),
            &quay_crm(),
            ImportedConnection { tokens: given, ..ImportedConnection::default() },
        )
        .await
        .unwrap();
    let local = |address: &Value, verb: &str| {
        let address = address.as_str().unwrap().strip_prefix(PUBLIC_URL).unwrap().to_owned();
        let path = address.replace("/vault/authorize/", &format!("/vault/{verb}/"));
        let path = path.replace("/vault/revoke/", &format!("/vault/{verb}/"));
        format!("{path}&redirect_uri={DONE}")
    };
    for (allowed, may_authorize, may_revoke) in
        [(json!([]), false, false), (json!(["reauthorize"]), true, false), (json!(["disconnect"]), false, true)]
    {
        let token = house.session("ada", &json!({ "allow_actions": allowed })).await;
        let shown = ask(&house, &token, "GET", QUAY, None).await.succeeded();
        let has = |name: &str| shown.get(name).is_some_and(|address| !address.is_null());
        assert_eq!((has("authorize_url"), has("revoke_url")), (may_authorize, may_revoke), "{allowed}");
        // The one's state is no good for the other.
        if may_authorize {
            let crossed = send(house.anonymous("GET", &local(&shown["authorize_url"], "revoke"))).await;
            crossed.refused(400, "OAuthInvalidStateError");
        }
        if may_revoke {
            let crossed = send(house.anonymous("GET", &local(&shown["revoke_url"], "authorize"))).await;
            crossed.refused(400, "OAuthInvalidStateError");
        }
    }
    assert_eq!(house.quay.revoked(), [""; 0]);
    let token = house.session("ada", &json!({})).await;
    let shown = ask(&house, &token, "GET", QUAY, None).await.succeeded();
    let revoked = send(house.anonymous("GET", &local(&shown["revoke_url"], "revoke"))).await;
    assert_eq!(revoked.status, 301, "{}", revoked.text);
    assert_eq!(house.quay.revoked().len(), 1);
    let shown = ask(&house, &token, "GET", QUAY, None).await.succeeded();
    assert_eq!((&shown["health"], shown.get("revoke_url").is_none_or(Value::is_null)), (&json!("revoked"), true));
}

#[tokio::test]
async fn a_session_for_other_apis_sees_no_crm() {
    let house = House::start().await;
    house.connect("ada").await;
    let token = house.session("ada", &json!({ "unified_apis": ["hris"] })).await;
    assert_eq!(ask(&house, &token, "GET", "/vault/connections", None).await.succeeded(), json!([]));
    let detail = ask(&house, &token, "GET", AGILE, None).await.refused(403, "UnauthorizedError").to_string();
    assert!(detail.contains("unified_apis"), "{detail}");
    for apis in [json!(["crm", "hris"]), json!([])] {
        let token = house.session("ada", &json!({ "unified_apis": apis })).await;
        ask(&house, &token, "GET", AGILE, None).await.succeeded();
    }
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over_or_its_consumer_is_deleted() {
    let house = House::start_at(clock::now).await;
    let token = house.session("ada", &json!({ "session_length": "10m" })).await;
    clock::advance(599);
    ask(&house, &token, "GET", AGILE, None).await.succeeded();
    clock::advance(1);
    let detail = ask(&house, &token, "GET", AGILE, None).await.refused(401, "UnauthorizedError").to_string();
    assert!(detail.contains("expired") && detail.contains("/vault/sessions"), "{detail}");
    let token = house.session("ada", &json!({})).await;
    ask(&house, &token, "GET", AGILE, None).await.succeeded();
    house.delete("", "/vault/consumers/ada").await.succeeded();
    clock::advance(1);
    ask(&house, &token, "PATCH", AGILE, Some(json!({}))).await.refused(401, "UnauthorizedError");
    house.get("", "/vault/consumers/ada").await.refused(404, "EntityNotFoundError");
    // Not even where another consumer has taken the name.
    house.call("", "POST", "/vault/consumers", &json!({ "consumer_id": "ada" })).await.succeeded();
    ask(&house, &token, "GET", AGILE, None).await.refused(401, "UnauthorizedError");
}

#[tokio::test]
async fn a_token_that_was_not_signed_here_for_a_session_is_none() {
    let house = House::start().await;
    house.connect("ada").await;
    let token = house.session("ada", &json!({})).await;
    let (head, rest) = token.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let mut other = claims(&token);
    other["consumer_id"] = json!("bob");
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = encoded(&json!({ "alg": "none", "typ": "JWT" }));
    let other_house = House::start().await;
    let link =
        house.data("ada", QUAY).await["authorize_url"].as_str().unwrap().split_once("state=").unwrap().1.to_owned();
    for forged in [
        format!("{head}.{}.{signature}", encoded(&other)),
        format!("{unsigned}.{}.", encoded(&other)),
        format!("{unsigned}.{}.{signature}", encoded(&claims(&token))),
        token[..token.len() - 2].to_owned(),
        format!("{token}.{token}"),
        "x".repeat(10_000),
        link,
        other_house.session("ada", &json!({})).await,
    ] {
        let reply = ask(&house, &forged, "GET", AGILE, None).await;
        let detail = reply.refused(401, "UnauthorizedError").to_string();
        assert!(detail.contains("session"), "{detail}");
    }
    // And a session of another application is its own.
    let created =
        send(with_json(house.request(ZENITH, "ada", "POST", "/vault/sessions"), &json!({}))).await.succeeded();
    let theirs = created["session_token"].as_str().unwrap();
    assert_eq!(ask(&house, theirs, "GET", AGILE, None).await.succeeded()["state"], "available");
}

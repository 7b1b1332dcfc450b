//! A stored secret never goes to an address that was set afterwards, whoever sets it and by whichever way.

use std::sync::Arc;

use connection_vault::{IntegrationPatch, StoreLocation, VaultOptions};
use reqwest::Method;
use serde_json::{Value, json};
use server::sandbox::APPLICATION;
use vendor_client::SystemResolver;
use vendor_sandbox::{AGILE_DOMAIN, AGILE_EMAIL};

use super::house::{ACME, AGILE, House, QUAY, with_json};
use crate::named_faults::site::Site;
use crate::process::{Installation, finished};
use crate::support::{Reply, send};
use crate::vendor::{RawVendor, answer};

const SECRET: &str = "hush-hush-hush";

/// Vendors whose address a setting says: the service, its other settings, and the setting that is secret.
const VENDORS: [(&str, &str, &str); 2] =
    [("avid-crm", r#"{ "username": "ann" }"#, "password"), ("teamswork-crm", "{}", "subscription_key")];

async fn vendor() -> RawVendor {
    RawVendor::start(&[&answer(503, "text/plain", "closed")]).await
}

fn address(vendor: &RawVendor) -> Value {
    json!(format!("http://{}", vendor.address))
}

fn path(service: &str) -> String {
    format!("/vault/connections/crm/{service}")
}

/// Settings with a connection's secret at a vendor.
fn connected(more: &str, secret: &str, vendor: &RawVendor) -> Value {
    let mut settings: Value = serde_json::from_str(more).unwrap();
    settings["base_url"] = address(vendor);
    settings[secret] = json!(SECRET);
    json!({ "settings": settings })
}

async fn in_session(house: &House, actions: &Value, path: &str, body: &Value) -> Reply {
    let token = house.session("ada", &json!({ "allow_actions": actions })).await;
    send(with_json(house.in_session(&token, "PATCH", path), body)).await
}

async fn contacts(house: &House, service: &str) {
    let request = house.request(ACME, "ada", "GET", "/crm/contacts").header("x-apideck-service-id", service);
    send(request).await;
}

async fn details(house: &House) -> Vec<String> {
    let events =
        house.vault.events().list(&ACME.id.parse().unwrap(), Some(&"ada".parse().unwrap()), 100).await.unwrap();
    events.into_iter().map(|event| event.detail).collect()
}

#[tokio::test]
async fn a_new_address_needs_the_secrets_again_whoever_sets_it() {
    for house in House::of_every_engine().await {
        for (service, more, secret) in VENDORS {
            let (own, foreign) = (vendor().await, vendor().await);
            let path = path(service);
            house.call("ada", "PATCH", &path, &connected(more, secret, &own)).await.succeeded();
            let alone = json!({ "settings": { "base_url": address(&foreign) } });
            let refused = in_session(&house, &json!([]), &path, &alone).await;
            let detail = refused.refused(403, "UnauthorizedError").to_string();
            assert!(detail.contains("reauthorize"), "{detail}");
            let with_it = in_session(&house, &json!(["reauthorize"]), &path, &alone).await;
            let taken_away = house.call("ada", "PATCH", &path, &json!({ "settings": { "base_url": null } })).await;
            for refused in [with_it, house.call("ada", "PATCH", &path, &alone).await, taken_away] {
                let detail = refused.refused(400, "RequestValidationError");
                assert_eq!(detail["enter_again"], json!([secret]), "{detail}");
                assert!(detail["message"].as_str().unwrap().contains("base_url"), "{detail}");
            }
            contacts(&house, service).await;
            assert_eq!(foreign.requests(), [""; 0]);
            assert!(!own.requests().is_empty(), "the address is what it was");

            let mut anew = connected("{}", secret, &foreign);
            anew["settings"][secret] = json!("another-secret");
            in_session(&house, &json!(["reauthorize"]), &path, &anew).await.succeeded();
            contacts(&house, service).await;
            assert!(!foreign.requests().is_empty());
            assert!(!foreign.requests().iter().any(|request| request.contains(SECRET)));
            let told = format!("base_url (where secrets are sent), {secret} changed by session ");
            let detail = details(&house).await.remove(0);
            assert!(detail.starts_with(&told) && detail.ends_with(" of the consumer"), "{detail}");
        }
    }
}

#[tokio::test]
async fn what_stays_where_it_is_needs_no_secret() {
    let house = House::start().await;
    for (service, more, secret) in VENDORS {
        let (own, path) = (vendor().await, path(service));
        house.call("ada", "PATCH", &path, &connected(more, secret, &own)).await.succeeded();
        let same = json!({ "settings": { "base_url": address(&own) }, "metadata": { "plan": "gold" } });
        in_session(&house, &json!([]), &path, &same).await.succeeded();
        // Without the secret nothing can be sent to the new address.
        let without = json!({ "settings": { "base_url": "https://crm.elsewhere.example", (secret): null } });
        let emptied = house.call("ada", "PATCH", &path, &without).await.succeeded();
        assert_eq!(emptied["health"], "missing_settings");
        house.delete("ada", &path).await;
    }
}

#[tokio::test]
async fn a_session_fills_in_for_the_first_time_and_replaces_only_where_it_may() {
    let house = House::start().await;
    for (service, more, secret) in VENDORS {
        let (own, path) = (vendor().await, path(service));
        let filled = in_session(&house, &json!([]), &path, &connected(more, secret, &own)).await.succeeded();
        assert_eq!(filled["state"], "callable");
        for value in [json!("another"), json!(SECRET), Value::Null, json!("")] {
            let body = json!({ "settings": { (secret): value } });
            in_session(&house, &json!([]), &path, &body).await.refused(403, "UnauthorizedError");
            in_session(&house, &json!(["delete", "disable"]), &path, &body).await.refused(403, "UnauthorizedError");
        }
        in_session(&house, &json!(["reauthorize"]), &path, &json!({ "settings": { (secret): "b" } })).await.succeeded();
        let detail = details(&house).await.remove(0);
        assert!(detail.starts_with(&format!("{secret} changed by session ")), "{detail}");
    }
}

#[tokio::test]
async fn tokens_are_asked_for_anew_where_their_address_changes() {
    let house = House::start().await;
    let foreign = vendor().await;
    let (access, refresh) = house.quay.give();
    let (import, home) = (format!("{QUAY}/import"), format!("http://{}", house.quay.address));
    let credentials = json!({ "access_token": access, "refresh_token": refresh });
    let body = json!({ "credentials": credentials, "settings": { "home": home } });
    let imported = house.call("ada", "POST", &import, &body).await.succeeded();
    assert_eq!(imported["state"], "callable");
    let body = json!({ "settings": { "home": address(&foreign) } });
    let moved = house.call("ada", "POST", &import, &body).await.succeeded();
    assert_eq!((&moved["state"], &moved["health"]), (&json!("added"), &json!("needs_auth")));
    let detail = house.get("ada", "/crm/contacts").await.refused(401, "ConnectorCredentialsError").to_string();
    assert!(detail.contains("address"), "{detail}");
    assert_eq!(foreign.requests(), [""; 0]);
    let detail = details(&house).await.remove(0);
    let told = "imported; home (where secrets are sent) changed by the application with API key ";
    assert!(detail.starts_with(told), "{detail}");
}

#[tokio::test]
async fn a_consent_that_is_under_way_ends_with_its_address() {
    let quayside = crate::oauth::Quayside::start().await;
    quayside.allow(crate::oauth::flow::HOME).await;
    let import = "/vault/connections/crm/quay-crm/import";
    let (access, refresh) = quayside.quay.give();
    let home = format!("http://{}", quayside.quay.address);
    let credentials = json!({ "access_token": access, "refresh_token": refresh });
    let body = json!({ "credentials": credentials, "settings": { "home": home } });
    assert_eq!(quayside.api(Method::POST, import, Some(body)).await.status, 200);
    let state = quayside.begin("").await;
    let elsewhere = json!({ "settings": { "home": "https://elsewhere.example" } });
    assert_eq!(quayside.api(Method::POST, import, Some(elsewhere)).await.status, 200);
    let asked = quayside.quay.token_requests().len();
    let back = quayside.come_back(&format!("state={state}&code=any")).await;
    back.refused(400, "OAuthInvalidStateError");
    assert_eq!(quayside.quay.token_requests().len(), asked, "the code goes nowhere");
}

#[tokio::test]
async fn the_command_line_and_imports_keep_to_the_same_rule() {
    let house = House::start().await;
    house.connect("ada").await;
    let import = format!("{AGILE}/import");
    let refused = house.call("ada", "POST", &import, &json!({ "settings": { "domain": "elsewhere" } })).await;
    assert_eq!(refused.refused(400, "RequestValidationError")["enter_again"], json!(["api_key"]));

    let installation = Installation::new("http://127.0.0.1:9", "");
    installation.add_application("acme");
    installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, SECRET);
    let update = ["connections", "update", "--app", "acme", "--consumer", "c-1", "--service", "agile-crm"];
    let with = |settings: &[&str], input: &str| {
        let arguments = update.into_iter().chain(settings.iter().flat_map(|setting| ["--set", *setting]));
        finished(&mut installation.command(&arguments.collect::<Vec<_>>()), input)
    };
    let refused = with(&["domain=elsewhere"], "").failed();
    assert!(refused.contains("domain") && refused.contains("enter api_key again"), "{refused}");
    with(&["domain=elsewhere", "api_key=-"], "another-secret\n").done();
    let events = installation.json(&["events", "list", "--app", "acme"]);
    let told = "domain (where secrets are sent), api_key changed by an operator";
    assert_eq!(events[0]["detail"], told, "{events}");
}

/// An application's secret goes along with a new address only once the application has set it, or the consumer has consented anew.
#[tokio::test]
async fn an_applications_secret_goes_to_no_address_that_a_session_sets() {
    let site = Site::start(VaultOptions::new(StoreLocation::Memory), Arc::new(SystemResolver)).await;
    let (service, place) = ("shelf-crm", "/vault/connections/crm/shelf-crm");
    let client = IntegrationPatch {
        client_id: Some("client-7".to_owned()),
        client_secret: Some("client-secret-of-shelf".into()),
        ..IntegrationPatch::default()
    };
    site.vault.integrations().keep(&APPLICATION.parse().unwrap(), &service.parse().unwrap(), client).await.unwrap();
    for is_called_before in [true, false] {
        let consumer = if is_called_before { "ada" } else { "bob" };
        let (own, foreign) = (vendor().await, vendor().await);
        let settings = |vendor: &RawVendor| json!({ "settings": { "home": address(vendor) } });
        site.call(service, consumer, Method::PATCH, place, &settings(&own)).await.succeeded();
        if is_called_before {
            site.call(service, consumer, Method::GET, "/crm/contacts", &Value::Null).await;
            assert_eq!(own.calls(), ["POST /token"]);
        }
        let asked = json!({ "settings": { "allow_actions": ["reauthorize"] } });
        let session = site.call(service, consumer, Method::POST, "/vault/sessions", &asked).await.succeeded();
        let token = session["session_token"].as_str().unwrap();
        let moved = send(site.in_session(token, Method::PATCH, place).body(settings(&foreign).to_string())).await;
        assert_eq!(moved.succeeded()["health"], "needs_auth");
        let called = site.call(service, consumer, Method::GET, "/crm/contacts", &Value::Null).await;
        let detail = called.refused(401, "ConnectorCredentialsError").to_string();
        assert!(detail.contains("address"), "{detail}");
        assert_eq!(foreign.requests(), [""; 0]);
        // The application's own word.
        site.call(service, consumer, Method::PATCH, place, &settings(&foreign)).await.succeeded();
        site.call(service, consumer, Method::GET, "/crm/contacts", &Value::Null).await;
        assert_eq!(foreign.calls(), ["POST /token"]);
    }
}

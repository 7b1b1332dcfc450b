//! API keys: what each may be used for and for how long, the sessions that rest on them, and applications that are deleted.

use std::collections::BTreeSet;
use std::time::Duration;

use connection_vault::{NewApiKey, Scope};
use reqwest::RequestBuilder;
use secrecy::ExposeSecret as _;
use serde_json::json;
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, Sandbox};

use super::clock;
use super::house::{ACME, AGILE, House, with_json};
use crate::process::{Caller, Installation};
use crate::support::{Reply, send};

async fn key(house: &House, new: NewApiKey) -> String {
    let (_, key) = house.vault.api_keys().add_with(&ACME.id.parse().unwrap(), new).await.unwrap();
    key.expose_secret().to_owned()
}

fn with_key(house: &House, key: &str, method: &str, path: &str) -> RequestBuilder {
    let request = house.anonymous(method, path).bearer_auth(key).header("x-apideck-app-id", ACME.id);
    request.header("x-apideck-consumer-id", "ada")
}

/// A call for each part of the gateway, with the scope that it needs.
fn calls(house: &House, key: &str) -> [(Scope, RequestBuilder); 6] {
    let contact = json!({ "first_name": "Ann", "last_name": "Berg" });
    [
        (Scope::CrmRead, with_key(house, key, "GET", "/crm/contacts?limit=1")),
        (Scope::CrmWrite, with_json(with_key(house, key, "POST", "/crm/contacts"), &contact)),
        (Scope::Vault, with_key(house, key, "GET", "/vault/connections")),
        (Scope::Vault, with_json(with_key(house, key, "POST", "/vault/sessions"), &json!({}))),
        (Scope::Vault, with_key(house, key, "GET", "/vault/consumers")),
        (Scope::Proxy, with_key(house, key, "GET", "/proxy").header("x-apideck-downstream-url", "/contacts")),
    ]
}

async fn in_session(house: &House, token: &str) -> Reply {
    send(house.in_session(token, "GET", AGILE)).await
}

async fn session_of(house: &House, key: &str) -> String {
    let created = send(with_json(with_key(house, key, "POST", "/vault/sessions"), &json!({}))).await.succeeded();
    created["session_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_opens_what_its_scopes_name_and_nothing_else() {
    for house in House::of_every_engine().await {
        house.connect("ada").await;
        for allowed in Scope::EVERY {
            let key = key(&house, NewApiKey { scopes: Some(BTreeSet::from([allowed])), expires_in: None }).await;
            for (needed, request) in calls(&house, &key) {
                let reply = send(request).await;
                if needed == allowed {
                    assert!(reply.status < 300, "{allowed}, {needed}: {}", reply.text);
                } else {
                    let detail = reply.refused(403, "ForbiddenError").to_string();
                    assert!(detail.contains(&format!("`{needed}`")), "{allowed}: {detail}");
                }
            }
        }
        // A key from before there were scopes opens everything.
        for (needed, request) in calls(&house, ACME.key) {
            let reply = send(request).await;
            assert!(reply.status < 300, "{needed}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn a_key_ends_when_its_time_is_over_also_where_it_is_in_memory() {
    let house = House::start_at(clock::now).await;
    house.connect("ada").await;
    let key = key(&house, NewApiKey { scopes: None, expires_in: Some(Duration::from_mins(10)) }).await;
    let token = session_of(&house, &key).await;
    clock::advance(599);
    assert_eq!(send(with_key(&house, &key, "GET", "/crm/contacts?limit=1")).await.status, 200);
    in_session(&house, &token).await.succeeded();
    clock::advance(1);
    send(with_key(&house, &key, "GET", "/crm/contacts?limit=1")).await.refused(401, "UnauthorizedError");
    in_session(&house, &token).await.refused(401, "UnauthorizedError");
}

#[tokio::test]
async fn a_session_ends_with_the_key_that_it_was_created_with() {
    for house in House::of_every_engine().await {
        let (id, key) = house.vault.api_keys().add(&ACME.id.parse().unwrap()).await.unwrap();
        let token = session_of(&house, key.expose_secret()).await;
        let of_another = session_of(&house, ACME.key).await;
        in_session(&house, &token).await.succeeded();
        house.vault.api_keys().revoke(&id).await.unwrap();
        let detail = in_session(&house, &token).await.refused(401, "UnauthorizedError").to_string();
        assert!(detail.contains("revoked") && detail.contains("/vault/sessions"), "{detail}");
        in_session(&house, &of_another).await.succeeded();
    }
}

#[tokio::test]
async fn an_operator_lists_sessions_and_ends_one() {
    for house in House::of_every_engine().await {
        let tokens = [session_of(&house, ACME.key).await, session_of(&house, ACME.key).await];
        let listed =
            house.vault.sessions().list(&ACME.id.parse().unwrap(), Some(&"ada".parse().unwrap())).await.unwrap();
        assert_eq!(listed.len(), 2);
        assert!(listed.iter().all(|session| session.api_key_id.is_some() && session.revoked_at.is_none()));
        assert_eq!(
            house.vault.sessions().list(&ACME.id.parse().unwrap(), Some(&"bob".parse().unwrap())).await.unwrap(),
            []
        );
        let claims = super::sessions::claims(&tokens[0]);
        house.vault.sessions().revoke(claims["jti"].as_str().unwrap()).await.unwrap();
        in_session(&house, &tokens[0]).await.refused(401, "UnauthorizedError");
        in_session(&house, &tokens[1]).await.succeeded();
        let unknown = house.vault.sessions().revoke("nobodys").await.unwrap_err().to_string();
        assert_eq!(unknown, "there is no session with the id `nobodys`");
        // Its consumer takes a session along.
        house.delete("", "/vault/consumers/ada").await.succeeded();
        assert_eq!(house.vault.sessions().list(&ACME.id.parse().unwrap(), None).await.unwrap(), []);
    }
}

#[tokio::test]
async fn the_command_line_makes_keys_ends_sessions_and_deletes_applications() {
    let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let base_url = format!("http://{}/agile-crm/dev/api", vendors.address);
    let installation = Installation::new(&base_url, "");
    let api_key = installation.add_application("acme");
    let other_key = installation.add_application("other");
    installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
    installation.add_connection("other", "c-1", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
    let reading = installation.run(&["api-keys", "add", "--app", "acme", "--scope", "crm:read", "--expires-in", "90d"]);
    let reading = reading.done();
    let listed = installation.json(&["api-keys", "list", "--app", "acme"]);
    assert_eq!(listed[0]["scopes"], json!(null));
    assert_eq!(listed[1]["scopes"], json!(["crm:read"]));
    assert!(listed[1]["expires_at"].is_string());
    for (arguments, owed) in [
        (["--scope", "crm:admin"], "crm:read, crm:write, vault, proxy, webhooks, mcp"),
        (["--expires-in", "soon"], "90d"),
        (["--expires-in", "1s"], "a minute"),
    ] {
        let command: Vec<&str> = ["api-keys", "add", "--app", "acme"].into_iter().chain(arguments).collect();
        let refused = installation.run(&command).failed();
        assert!(refused.contains(owed), "{refused}");
    }

    let server = installation.serve();
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };
    let reader = Caller { api_key: reading.trim(), ..caller };
    let other = Caller { api_key: &other_key, application: "other", consumer: "c-1" };
    assert_eq!(server.get(reader, "/crm/contacts?limit=1").await.status, 200);
    server.get(reader, "/vault/connections").await.refused(403, "ForbiddenError");
    let created = send(with_json(server.request(caller, reqwest::Method::POST, "/vault/sessions"), &json!({}))).await;
    let sessions = installation.json(&["sessions", "list", "--app", "acme"]);
    installation.run(&["sessions", "revoke", sessions[0]["id"].as_str().unwrap()]).done();
    let token = created.body["data"]["session_token"].as_str().unwrap().to_owned();
    let as_browser = server.request(Caller { api_key: &token, ..caller }, reqwest::Method::GET, AGILE);
    send(as_browser.header("x-apideck-auth-type", "JWT")).await.refused(401, "UnauthorizedError");

    let asked = installation.run(&["apps", "delete", "acme"]).failed();
    assert!(asked.contains("--yes") && asked.contains("1 connections"), "{asked}");
    installation.run(&["apps", "delete", "acme", "--yes"]).done();
    server.soon(caller, "/crm/contacts?limit=1", 401).await;
    assert_eq!(server.get(other, "/crm/contacts?limit=1").await.status, 200);
    assert_eq!(installation.json(&["apps", "list"]).as_array().unwrap().len(), 1);
    let gone = installation.run(&["apps", "delete", "acme", "--yes"]).failed();
    assert!(gone.contains("there is no application `acme`"), "{gone}");
    installation.run(&["apps", "add", "acme"]).done();
    assert_eq!(installation.json(&["connections", "list", "--app", "acme"]), json!([]));
    assert_eq!(installation.json(&["events", "list", "--app", "acme"]), json!([]));
}

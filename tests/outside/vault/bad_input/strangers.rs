//! What is wrong at every end-point: callers whom nobody knows, headers, paths and bodies that cannot be read.

use reqwest::RequestBuilder;
use unified_model::VaultSchema;

use super::super::document;
use super::endpoints::{ENDPOINTS, Endpoint, LINKED};
use super::*;

/// A good request of an application, for Ada where a consumer is named.
fn good(setting: &Setting, endpoint: &Endpoint) -> RequestBuilder {
    with_body(
        setting.house.request(ACME, if endpoint.of_a_consumer { "ada" } else { "" }, endpoint.method, endpoint.path),
        endpoint,
    )
}

/// A request without any header but the body's.
fn bare(setting: &Setting, endpoint: &Endpoint) -> RequestBuilder {
    with_body(setting.house.anonymous(endpoint.method, endpoint.path), endpoint)
}

fn with_body(request: RequestBuilder, endpoint: &Endpoint) -> RequestBuilder {
    if endpoint.body.is_empty() {
        return request;
    }
    request.header("content-type", "application/json").body(endpoint.body)
}

#[test]
fn every_documented_operation_is_an_endpoint_of_this_suite() {
    let here: Vec<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.id).collect();
    for documented in VaultSchema::built_in().operations() {
        let id = documented.id.as_str();
        assert!(here.contains(&id) || LINKED.contains(&id), "{id} has no bad input");
        assert!(super::rows::ROWS.iter().any(|row| row.0 == id) || LINKED.contains(&id), "{id} has no row of its own");
    }
}

#[tokio::test]
async fn callers_nobody_knows_are_told_how_to_call() {
    let (setting, mut surprises) = (Setting::new().await, Surprises::default());
    let bearer = |token: &str| format!("Bearer {token}");
    for endpoint in ENDPOINTS {
        for (authorization, application, consumer, owed, says) in [
            (None, "acme", "ada", UNAUTHORIZED, "Authorization: Bearer"),
            (Some(String::new()), "acme", "ada", UNAUTHORIZED, "Authorization: Bearer"),
            (Some("Basic a2V5Og==".to_owned()), "acme", "ada", UNAUTHORIZED, "Authorization: Bearer"),
            (Some(bearer("no-such-key")), "acme", "ada", UNAUTHORIZED, "API key"),
            (Some(bearer(ZENITH.key)), "acme", "ada", UNAUTHORIZED, "API key x-apideck-app-id"),
            (Some(bearer(ACME.key)), "zenith", "ada", UNAUTHORIZED, "API key x-apideck-app-id"),
            (Some(bearer(ACME.key)), "nobody", "ada", UNAUTHORIZED, "API key x-apideck-app-id"),
            (Some(bearer(ACME.key)), "", "ada", HEADERS, "Missing x-apideck-app-id"),
        ] {
            let what = format!("{} as {authorization:?} of {application:?}", endpoint.id);
            let request = bare(&setting, endpoint).header("x-apideck-app-id", application);
            let request = request.header("x-apideck-consumer-id", consumer);
            let request = match authorization {
                Some(authorization) => request.header("authorization", authorization),
                None => request,
            };
            surprises.check(&what, &send(request).await, owed, says);
        }
        if endpoint.of_a_consumer {
            for consumer in ["", "  "] {
                let request = with_body(setting.house.request(ACME, "", endpoint.method, endpoint.path), endpoint);
                let reply = send(request.header("x-apideck-consumer-id", consumer)).await;
                surprises.check(
                    &format!("{} of nobody", endpoint.id),
                    &reply,
                    HEADERS,
                    "Missing x-apideck-consumer-id",
                );
            }
            let request = with_body(setting.house.request(ACME, "", endpoint.method, endpoint.path), endpoint);
            let umlaut = reqwest::header::HeaderValue::from_bytes("\u{e4}da".as_bytes()).unwrap();
            let reply = send(request.header("x-apideck-consumer-id", umlaut)).await;
            surprises.check(&format!("{} of äda", endpoint.id), &reply, HEADERS, "x-apideck-consumer-id ASCII");
        }
    }
    surprises.none();
    setting.is_unchanged().await;
}

#[tokio::test]
async fn sessions_that_are_over_or_of_others_open_nothing() {
    let (setting, mut surprises) = (Setting::new().await, Surprises::default());
    for endpoint in ENDPOINTS {
        let mut cases = vec![
            ("expired_session", "", "", UNAUTHORIZED, "expired /vault/sessions"),
            ("altered_session", "", "", UNAUTHORIZED, "altered /vault/sessions"),
            ("authorize", "", "", UNAUTHORIZED, "altered /vault/sessions"),
            ("their_session", "acme", "", UNAUTHORIZED, "x-apideck-app-id"),
            ("session", "zenith", "", UNAUTHORIZED, "x-apideck-app-id"),
            ("session", "", "bob", UNAUTHORIZED, "x-apideck-consumer-id"),
        ];
        if !endpoint.for_sessions {
            cases.push(("session", "acme", "ada", FORBIDDEN, "API key"));
        } else if endpoint.names_a_connector() {
            cases.push(("hris_session", "", "", FORBIDDEN, "unified_apis crm"));
        }
        for (session, application, consumer, owed, says) in cases {
            let request = setting.in_session(session, endpoint.method, endpoint.path);
            let request = request.header("x-apideck-app-id", application).header("x-apideck-consumer-id", consumer);
            let reply = send(with_body(request, endpoint)).await;
            surprises.check(&format!("{} in {session}", endpoint.id), &reply, owed, says);
        }
        for authorization in ["", "Bearer", "Bearer ", "Basic x"] {
            let request = bare(&setting, endpoint).header("x-apideck-auth-type", "JWT");
            let reply = send(request.header("authorization", authorization)).await;
            surprises.check(&format!("{} with `{authorization}`", endpoint.id), &reply, UNAUTHORIZED, "session token");
        }
    }
    surprises.none();
    setting.is_unchanged().await;
}

#[tokio::test]
async fn paths_that_lead_nowhere_say_where_others_lead() {
    let (setting, mut surprises) = (Setting::new().await, Surprises::default());
    let replaced = |endpoint: &Endpoint, from: &str, to: &str| {
        let path = endpoint.path.replacen(from, to, 1);
        with_body(setting.house.request(ACME, "ada", endpoint.method, &path), endpoint)
    };
    for endpoint in ENDPOINTS {
        let id = endpoint.id;
        for method in ["PUT", "TRACE", "BREW"] {
            let reply = send(with_body(setting.house.request(ACME, "ada", method, endpoint.path), endpoint)).await;
            surprises.check(
                &format!("{id} by {method}"),
                &reply,
                NOT_FOUND,
                &format!("{method} takes {}", endpoint.method),
            );
        }
        let reply = send(replaced(endpoint, "/vault/", "/vault/x/")).await;
        surprises.check(&format!("{id} elsewhere"), &reply, NOT_FOUND, "/docs");
        let reply = send(setting.house.request(ACME, "ada", endpoint.method, &format!("{}/%ff", endpoint.path))).await;
        surprises.check(&format!("{id} in Latin-1"), &reply, PARAMS, "path UTF-8");
        if endpoint.names_a_connector() {
            let reply = send(replaced(endpoint, "/crm/", "/hris/")).await;
            surprises.check(&format!("{id} of another API"), &reply, NO_CONNECTOR, "`hris` `crm`");
            for connector in ["acme-crm", "Agile%20CRM!", "agile--crm", &"x".repeat(300)] {
                let at = if endpoint.path.contains("/agile-crm") { "/agile-crm" } else { "/quay-crm" };
                let at = if endpoint.path.contains("/avid-crm") { "/avid-crm" } else { at };
                let reply = send(replaced(endpoint, at, &format!("/{connector}"))).await;
                // What is left of a connector that is gone can be deleted.
                if (id, connector) == ("connectionsDelete", "acme-crm") {
                    surprises.check(id, &reply, NO_CONNECTION, "ada acme-crm");
                    continue;
                }
                surprises.check(
                    &format!("{id} of {connector}"),
                    &reply,
                    NO_CONNECTOR,
                    "connector /connector/connectors",
                );
            }
        }
        if endpoint.names_a_resource() {
            let not_served = if id == "customFieldsAll" { UNSUPPORTED } else { NOT_FOUND };
            for (resource, owed, says) in [("widgets", NOT_FOUND, "`widgets`"), ("lists", not_served, "lists")] {
                let reply = send(replaced(endpoint, "/companies/", &format!("/{resource}/"))).await;
                surprises.check(&format!("{id} of {resource}"), &reply, owed, says);
            }
        }
    }
    surprises.none();
    setting.is_unchanged().await;
}

#[tokio::test]
async fn queries_and_bodies_that_cannot_be_read_say_why() {
    let (setting, mut surprises) = (Setting::new().await, Surprises::default());
    let many = vec!["a=1"; 201].join("&");
    for endpoint in ENDPOINTS {
        let id = endpoint.id;
        for (query, says) in [("x=%ff", "query UTF-8"), (many.as_str(), "query 200")] {
            let path = format!("{}?{query}", endpoint.path);
            let reply = send(with_body(setting.house.request(ACME, "ada", endpoint.method, &path), endpoint)).await;
            surprises.check(&format!("{id} with a bad query"), &reply, PARAMS, says);
        }
        if endpoint.body.is_empty() {
            continue;
        }
        let deep = "[".repeat(100_000);
        let large = format!("{{\"x\":\"{}\"}}", "x".repeat(1024 * 1024));
        for (body, says) in [
            (b"{".as_slice(), "body JSON"),
            (b"{\"a\":1,}", "body JSON"),
            (b"{} {}", "body JSON"),
            (b"consumer_id=ada", "body JSON"),
            (b"{\"a\":\"\xff\"}", "body JSON"),
            (b"[]", "body object list"),
            (b"null", "body object null"),
            (b"\"ada\"", "body object text"),
            (deep.as_bytes(), "body JSON"),
        ] {
            let request = setting.house.request(ACME, "ada", endpoint.method, endpoint.path);
            let reply = send(request.header("content-type", "application/json").body(body.to_vec())).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            surprises.check(&format!("{id} with {shown}"), &reply, PARAMS, says);
        }
        let request = setting.house.request(ACME, "ada", endpoint.method, endpoint.path);
        let reply = send(request.header("content-type", "application/json").body(large)).await;
        surprises.check(&format!("{id} with a large body"), &reply, TOO_LARGE, "body 1048576");
        if !endpoint.may_be_empty {
            let empty = send(setting.house.request(ACME, "ada", endpoint.method, endpoint.path)).await;
            surprises.check(&format!("{id} with nothing"), &empty, PARAMS, "body empty");
        }
        for (name, value, says) in [
            ("content-type", "text/plain", "Content-Type application/json"),
            ("content-type", "application/json; charset=latin1", "Content-Type application/json"),
            ("content-encoding", "gzip", "Content-Encoding uncompressed"),
        ] {
            let request = setting.house.request(ACME, "ada", endpoint.method, endpoint.path).body(endpoint.body);
            let reply = send(request.header(name, value)).await;
            surprises.check(&format!("{id} as {value}"), &reply, HEADERS, says);
        }
        if !matches!(id, "connectionsToken" | "validateConnectionState") {
            let request = setting.house.request(ACME, "ada", endpoint.method, endpoint.path);
            let reply = send(with_json(request, &a_value())).await;
            surprises.check(&format!("{id} with an unknown member"), &reply, PARAMS, "nope");
        }
    }
    surprises.none();
    setting.is_unchanged().await;
}

/// So that every refusal above is the misuse's.
#[tokio::test]
async fn what_is_good_is_served_as_documented() {
    for endpoint in ENDPOINTS {
        let setting = Setting::new().await;
        let place = json!({ "custom_mappings": [{ "id": "crm+companies+tier", "value": "$.tier" }] });
        setting.house.call("ada", "PATCH", AGILE, &place).await.succeeded();
        // What these two need is the rows' to show.
        if matches!(endpoint.id, "connectionsConfirm" | "connectionsToken") {
            continue;
        }
        let reply = send(good(&setting, endpoint)).await;
        assert!(reply.status < 300, "{}: {}", endpoint.id, reply.text);
        document::hold(endpoint.method, endpoint.path, &reply);
        if endpoint.for_sessions && endpoint.method != "DELETE" {
            let request = with_body(setting.in_session("session", endpoint.method, endpoint.path), endpoint);
            let reply = send(request).await;
            // What was added above is there already.
            let expected = if endpoint.id == "connectionsAdd" { 409 } else { 200 };
            assert_eq!(reply.status, expected, "{} in a session: {}", endpoint.id, reply.text);
        }
    }
}

//! Which address is answered by what. `answers.txt` holds one line for each request; `UPDATE_ROUTES=1` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use server::sandbox::{API_KEY, APPLICATION, CONSUMER};

use crate::support::{Gateway, Reply, send_as_written};

const ANSWERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/outside/routes/answers.txt");

/// Headers of an answer that depend on its route.
const HEADERS: [&str; 9] = [
    "allow",
    "cache-control",
    "vary",
    "location",
    "retry-after",
    "content-length",
    "access-control-allow-origin",
    "access-control-allow-methods",
    "x-apideck-downstream-error",
];

/// Who sends a request.
#[derive(Clone, Copy)]
enum Sender {
    /// An application with its API key, for a consumer.
    Application,
    /// An application with its API key, without a consumer.
    NoConsumer,
    /// Somebody without any header of ours.
    Nobody,
    /// A web page of another origin, without an API key.
    Page,
    /// A browser that asks whether a web page may call.
    Browser,
}

impl Sender {
    fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::NoConsumer => "no consumer",
            Self::Nobody => "nobody",
            Self::Page => "page",
            Self::Browser => "browser",
        }
    }

    fn headers(self) -> String {
        let key = format!("authorization: Bearer {API_KEY}\r\nx-apideck-app-id: {APPLICATION}\r\n");
        match self {
            Self::Application => format!("{key}x-apideck-consumer-id: {CONSUMER}\r\n"),
            Self::NoConsumer => key,
            Self::Nobody => String::new(),
            Self::Page => "origin: https://page.example\r\n".to_owned(),
            Self::Browser => "origin: https://page.example\r\naccess-control-request-method: PATCH\r\n".to_owned(),
        }
    }
}

#[tokio::test]
async fn every_address_is_answered_as_it_is_written_down() {
    let gateway = Gateway::start().await;
    let mut answers = String::new();
    for (sender, methods, paths) in requests() {
        for path in paths {
            for method in methods.split(' ') {
                let reply = sent(&gateway, sender, method, path).await;
                let base = format!("http://{}", gateway.address);
                let line = format!("{} {method} {path} -> {}", sender.name(), described(&reply));
                writeln!(answers, "{}", line.replace(&base, "")).unwrap();
            }
        }
    }
    if std::env::var_os("UPDATE_ROUTES").is_some() {
        std::fs::write(ANSWERS, &answers).unwrap();
    }
    let owed = std::fs::read_to_string(Path::new(ANSWERS)).unwrap();
    for (owed, found) in owed.lines().zip(answers.lines()) {
        assert_eq!(owed, found);
    }
    assert_eq!(owed.lines().count(), answers.lines().count());
}

#[tokio::test]
async fn the_log_of_calls_names_the_operation_of_each_route() {
    let gateway = Gateway::start().await;
    for (method, path) in LOGGED.iter().map(|(method, path, ..)| (method, path)) {
        sent(&gateway, Sender::Application, method, path).await;
    }
    gateway.vault.call_log().flush().await;
    let logged = gateway.get(&format!("/vault/logs?limit={}", LOGGED.len())).await;
    let logged = logged.body["data"].as_array().unwrap_or_else(|| panic!("{}", logged.text));
    for (call, (method, path, api, service, operation)) in logged.iter().rev().zip(LOGGED) {
        let found = ["http_method", "path", "unified_api"].map(|name| call[name].as_str().unwrap());
        assert_eq!(found, [*method, path.split('?').next().unwrap(), *api]);
        assert_eq!(
            (&call["service"]["id"], &call["operation"]["id"]),
            (&(*service).into(), &(*operation).into()),
            "{path}"
        );
    }
    assert_eq!(logged.len(), LOGGED.len());
}

/// Method, path, API, connector and operation of calls that are logged.
const LOGGED: &[(&str, &str, &str, &str, &str)] = &[
    ("GET", "/crm/contacts", "crm", "agile-crm", "contactsAll"),
    ("GET", "/crm/contacts/", "crm", "agile-crm", "contactsAll"),
    ("GET", "/crm/contacts//", "crm", "", "contactsOne"),
    ("HEAD", "/crm/contacts", "crm", "agile-crm", "contactsAll"),
    ("GET", "/crm/contacts/a%2Fb", "crm", "agile-crm", "contactsOne"),
    ("POST", "/crm/contacts", "crm", "", "contactsAdd"),
    ("POST", "/crm/contacts?_method=GET", "crm", "agile-crm", "contactsAll"),
    ("PATCH", "/crm/contacts/1", "crm", "", "contactsUpdate"),
    ("DELETE", "/crm/contacts/1", "crm", "agile-crm", "contactsDelete"),
    ("GET", "/crm/lists/1/members", "crm", "agile-crm", "listMembersAll"),
    ("GET", "/crm/custom-objects/1/2", "crm", "agile-crm", "customObjectsOne"),
    ("GET", "/crm/custom-object-schemas/1", "crm", "agile-crm", "customObjectSchemasOne"),
    ("GET", "/vault/consumers", "vault", "trunkline-vault", "consumersAll"),
    ("POST", "/vault/consumers", "vault", "trunkline-vault", "consumersAdd"),
    ("GET", "/vault/consumers/nobody", "vault", "trunkline-vault", "consumersOne"),
    ("PATCH", "/vault/consumers/nobody", "vault", "trunkline-vault", "consumersUpdate"),
    ("DELETE", "/vault/consumers/nobody", "vault", "trunkline-vault", "consumersDelete"),
    ("GET", "/vault/connections", "vault", "trunkline-vault", "connectionsAll"),
    ("GET", "/vault/connections/crm/agile-crm", "vault", "agile-crm", "connectionsOne"),
    ("GET", "/vault/connections/crm/none", "vault", "none", "connectionsOne"),
    ("GET", "/vault/connections/hris/agile-crm", "vault", "trunkline-vault", "connectionsOne"),
    ("GET", "/vault/connections/crm/Agile", "vault", "trunkline-vault", "connectionsOne"),
    ("POST", "/vault/connections/crm/agile-crm", "vault", "agile-crm", "connectionsAdd"),
    ("PATCH", "/vault/connections/crm/agile-crm", "vault", "agile-crm", "connectionsUpdate"),
    ("DELETE", "/vault/connections/crm/none", "vault", "none", "connectionsDelete"),
    ("POST", "/vault/connections/crm/agile-crm/import", "vault", "agile-crm", "connectionsImport"),
    ("POST", "/vault/connections/crm/agile-crm/token", "vault", "agile-crm", "connectionsToken"),
    ("POST", "/vault/connections/crm/agile-crm/validate", "vault", "agile-crm", "validateConnectionState"),
    ("POST", "/vault/connections/crm/agile-crm/confirm", "vault", "agile-crm", "connectionsConfirm"),
    ("POST", "/vault/connections/crm/agile-crm/callback-state", "vault", "agile-crm", "createCallbackState"),
    ("GET", "/vault/connections/crm/agile-crm/contacts/config", "vault", "agile-crm", "connectionSettingsAll"),
    ("PATCH", "/vault/connections/crm/agile-crm/contacts/config", "vault", "agile-crm", "connectionSettingsUpdate"),
    ("GET", "/vault/connections/crm/agile-crm/contacts/custom-fields", "vault", "agile-crm", "customFieldsAll"),
    (
        "GET",
        "/vault/connections/crm/agile-crm/contacts/custom-mappings",
        "vault",
        "agile-crm",
        "connectionCustomMappingsAll",
    ),
    ("GET", "/vault/custom-mappings/crm/agile-crm", "vault", "agile-crm", "customMappingsAll"),
    ("GET", "/vault/custom-mappings/crm/agile-crm/x", "vault", "agile-crm", "customMappingsOne"),
    ("POST", "/vault/custom-mappings/crm/agile-crm/x", "vault", "agile-crm", "customMappingsAdd"),
    ("PATCH", "/vault/custom-mappings/crm/agile-crm/x", "vault", "agile-crm", "customMappingsUpdate"),
    ("DELETE", "/vault/custom-mappings/crm/agile-crm/x", "vault", "agile-crm", "customMappingsDelete"),
    ("POST", "/vault/sessions", "vault", "trunkline-vault", "sessionsCreate"),
    ("GET", "/vault/logs", "vault", "trunkline-vault", "logsAll"),
];

/// Who sends which methods to which addresses.
fn requests() -> Vec<(Sender, &'static str, Vec<&'static str>)> {
    use Sender::{Application, Browser, NoConsumer, Nobody, Page};
    let crm_lists = vec![
        "/crm/contacts",
        "/crm/contacts/",
        "/crm/contacts?limit=1",
        "/crm/contacts/?limit=1",
        "/crm/lists/1/members",
        "/crm/lists/1/members/",
        "/crm/custom-objects/1",
        "/crm/custom-object-schemas",
        "/crm/%63ontacts",
        "/crm/lists/1/%6Dembers",
        "/crm/custom%2Dobjects/1",
        "/crm/custom%2dobject-schemas",
    ];
    let crm_records = vec![
        "/crm/contacts/1",
        "/crm/contacts/1/",
        "/crm/contacts//",
        "/crm/contacts/a%2Fb",
        "/crm/contacts/a%2fb/",
        "/crm/contacts/%2E%2E",
        "/crm/contacts/..",
        "/crm/contacts/.",
        "/crm/contacts/a%20b",
        "/crm/contacts/%20",
        "/crm/contacts/a+b",
        "/crm/contacts/a%2Bb",
        "/crm/contacts/%C3%BC",
        "/crm/contacts/\u{fc}",
        "/crm/contacts/%zz",
        "/crm/contacts/100%",
        "/crm/contacts/%4",
        "/crm/contacts/%25",
        "/crm/contacts/%252F",
        "/crm/contacts/%FF",
        "/crm/contacts/%00",
        "/crm/contacts/a%2F",
        "/crm/contacts/{id}",
        "/crm/contacts/*",
        "/crm/contacts/members",
        "/crm/lists/members",
        "/crm/custom-objects/1/2",
        "/crm/custom-objects/1//",
        "/crm/custom-objects//2",
        "/crm/custom-objects/a%2Fb/c%2Fd",
        "/crm/lists//members",
        "/crm/custom-objects//",
        "/crm/contacts/a;b=c",
        "/crm/contacts/%7E%41",
        "/crm/contacts/a%26b%3Fc",
        "/crm/custom-object-schemas/%2e",
    ];
    let crm_unknown = vec![
        "/crm",
        "/crm/",
        "/crm//",
        "/crm//contacts",
        "//crm/contacts",
        "/%63rm/contacts",
        "/CRM/contacts",
        "/crm/Contacts",
        "/crm/nonsense",
        "/crm/nonsense/%FF",
        "/crm/%FF",
        "/crm/list-members",
        "/crm/list-members/1",
        "/crm/custom-objects",
        "/crm/custom-objects/",
        "/crm/contacts/1/2",
        "/crm/contacts/1//",
        "/crm/contacts///",
        "/crm/lists/1/members/2",
        "/crm/lists/1/Members",
        "/crm/custom-objects/1/2/3",
        "/crm/contacts/%FF/x",
        "/",
        "/docs/",
        "/nothing",
        "/nothing/%FF",
        "/connector",
        "/vault",
        "/vault/",
        "/healthz/",
    ];
    let overridden = vec![
        "/crm/contacts?_method=GET",
        "/crm/contacts?_method=DELETE",
        "/crm/contacts?_method=PUT",
        "/crm/contacts?_method=",
        "/crm/contacts?_method=null",
        "/crm/contacts?a=b&_method=post",
        "/crm/contacts/1?_method=delete",
        "/crm/contacts/1?_method=PATCH",
        "/crm/contacts/1?_method=TRACE",
        "/crm/nonsense?_method=TRACE",
        "/crm/contacts/%FF?_method=TRACE",
        "/crm/contacts/1?_method=GET&_method=DELETE",
        "/crm/contacts/1?%5Fmethod=DELETE",
        "/vault/consumers?_method=GET",
        "/vault/consumers?_method=TRACE",
        "/vault/nonsense?_method=TRACE",
        "/vault/consumers/nobody?_method=DELETE",
        "/vault/logs?_method=GET",
        "/vault/sessions?_method=GET",
        "/connector/connectors?_method=GET",
        "/connector/connectors?_method=DELETE",
        "/connector/connectors?_method=TRACE",
        "/connector/nonsense?_method=TRACE",
        "/vault/callback?_method=GET",
        "/vault/authorize/a/b?_method=GET",
        "/docs?_method=GET",
        "/nothing?_method=TRACE",
        "/proxy?_method=GET",
    ];
    let vault = vec![
        "/vault/consumers",
        "/vault/consumers/",
        "/vault/consumers//",
        "/vault/consumers/nobody",
        "/vault/consumers/a%2Fb",
        "/vault/consumers/%20",
        "/vault/consumers/%C3%BC",
        "/vault/consumers/%FF",
        "/vault/consumers/a/b",
        "/vault/logs",
        "/vault/sessions",
        "/vault/connections",
        "/vault/connections/",
        "/vault/connections/crm",
        "/vault/connections/crm//",
        "/vault/connections//agile-crm",
        "/vault/connections///",
        "/vault/connections/crm/agile-crm/",
        "/vault/connections/crm/agile%2Dcrm",
        "/vault/connections/crm/Agile",
        "/vault/connections/crm/none",
        "/vault/connections/hris/agile-crm",
        "/vault/connections/crm/agile-crm/token",
        "/vault/connections/crm/agile-crm/%74oken",
        "/vault/connections/crm/agile-crm/callback%2Dstate",
        "/vault/connections/crm//token",
        "/vault/connections/crm/agile-crm/nonsense",
        "/vault/connections/crm/agile-crm/contacts/config",
        "/vault/connections/crm/agile-crm//config",
        "/vault/connections/crm/agile-crm/deals/custom-mappings",
        "/vault/connections/crm/agile-crm/contacts/nonsense",
        "/vault/connections/crm/agile-crm/contacts/custom-mappings",
        "/vault/custom-mappings/crm/agile-crm",
        "/vault/custom-mappings/crm/agile-crm/",
        "/vault/custom-mappings/crm/agile-crm//",
        "/vault/custom-mappings/crm/agile-crm/crm%2Bcontacts+x",
        "/vault/custom-mappings",
        "/vault/nonsense",
        "/vault/nonsense/%FF",
        "/vault//consumers",
        "/vault/callb%61ck",
        "/vault/connections/%63rm/none",
        "/vault/Consumers",
        "/%76ault/consumers",
    ];
    let browser_pages = vec![
        "/vault/callback",
        "/vault/callback/",
        "/vault/callback?code=1",
        "/vault/callback?error=denied&state=x",
        "/vault/callback/x",
        "/vault/authorize",
        "/vault/authorize/",
        "/vault/authorize/agile-crm",
        "/vault/revoke/a/b/c",
        "/vault/authorize/agile-crm/sandbox",
        "/vault/authorize/agile-crm/sandbox/?state=x",
        "/vault/authorize/Agile/sandbox",
        "/vault/authorize/a/%FF",
        "/vault/authorize/a/b/c",
        "/vault/authorize//b?state=x",
        "/vault/authorize/agile-crm//?state=x",
        "/vault/revoke/agile-crm/sandbox?state=x",
        "/vault/revoke/%61gile-crm/sand%2Fbox?state=x",
        "/vault/authorize/authorize/a/b",
        "/vault/authorize/x/authorize/a/b",
        "/vault/authorize/revoke/a/b",
    ];
    let connector = vec![
        "/connector/connectors/",
        "/connector/connectors/agile-crm/docs/nonsense",
        "/connector/connectors/none",
        "/connector/connectors/a%2Fb",
        "/connector/connectors//",
        "/connector/connectors/%FF",
        "/connector/nonsense/%FF",
        "/connector/connectors/agile-crm/resources/nonsense",
        "/connector/connectors/agile-crm/resources//",
        "/connector/connectors/agile-crm/resources",
        "/connector/connectors//docs/x",
        "/connector/apis/none",
        "/connector/apis/crm/resources/none",
        "/connector/apis/crm/resources/none/coverage",
        "/connector/apis//",
        "/connector/apis/crm/resources//coverage",
        "/connector/apis/crm/resources/contacts/nonsense",
        "/connector/nonsense",
        "/connector//",
        "/connector/%61pis/none",
        "/connector/connectors?cursor=x",
        "/connector/connectors?limit=x",
        "/connector/connectors/agile-crm/docs/consumer+connection",
        "/connector/connectors/agile-crm/docs/consumer%2Bconnection",
    ];
    let pages = vec![
        "/",
        "/docs",
        "/docs/",
        "/docs/errors",
        "/docs/nonsense",
        "/docs/docs.js",
        "/healthz",
        "/openapi.json",
        "/openapi/vault.json",
        "/openapi/nonsense.json",
        "/docs/%65rrors",
    ];
    let proxied = vec!["/proxy", "/proxy/", "/proxy/a%2Fb", "/proxy//", "/proxyx", "/proxy/%FF"];
    let every = "GET HEAD POST PUT PATCH DELETE OPTIONS TRACE PURGE";
    vec![
        (Application, "GET HEAD POST PUT OPTIONS", crm_lists),
        (Application, "GET", crm_records.clone()),
        (Application, "PATCH DELETE POST OPTIONS", crm_records[..8].to_vec()),
        (Nobody, "GET", crm_records[..8].to_vec()),
        (Application, "GET POST OPTIONS", crm_unknown.clone()),
        (
            Nobody,
            every,
            vec!["/crm/contacts", "/crm/contacts/1", "/crm/nonsense", "/vault/consumers", "/vault/sessions"],
        ),
        (
            Nobody,
            every,
            vec!["/vault/nonsense", "/connector/connectors", "/connector/nonsense", "/vault/callback", "/docs"],
        ),
        (Application, "GET POST PATCH", overridden),
        (Application, "GET POST PUT", vault.clone()),
        (NoConsumer, "GET", vault.clone()),
        (Nobody, "GET HEAD", vault.clone()),
        (
            Page,
            "GET OPTIONS",
            vec!["/vault/consumers", "/vault/nonsense", "/vault/callback", "/crm/contacts", "/vault/"],
        ),
        (
            Browser,
            "OPTIONS GET",
            vec!["/vault/consumers", "/vault/nonsense", "/vault/callback", "/crm/contacts", "/vault/"],
        ),
        (Nobody, "GET HEAD POST", browser_pages),
        (NoConsumer, "GET POST", connector.clone()),
        (Nobody, "GET", connector),
        (Nobody, "GET HEAD POST OPTIONS", pages),
        (Nobody, every, proxied),
    ]
}

async fn sent(gateway: &Gateway, sender: Sender, method: &str, path: &str) -> Reply {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n{}\r\n", sender.headers());
    send_as_written(gateway.address, head.as_bytes(), b"").await
}

/// What is to stay: the status, the error or what was answered, and the headers.
fn described(reply: &Reply) -> String {
    let body = &reply.body;
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let mut line = format!("{} ", reply.status);
    if let Some(type_name) = body["type_name"].as_str() {
        write!(line, "{type_name} {}", body["detail"]).unwrap();
    } else if body["operation"].is_string() {
        let links = &body["links"]["current"];
        write!(line, "{} {} {} {links}", text("service"), text("resource"), text("operation")).unwrap();
    } else if body["data"].is_object() || body["data"].is_array() {
        let ids: Vec<String> = body["data"].as_object().map(|data| data.keys().cloned().collect()).unwrap_or_default();
        write!(line, "data {}", ids.join(" ")).unwrap();
    } else {
        write!(line, "{}", reply.headers.get("content-type").map_or("-", |value| value.to_str().unwrap())).unwrap();
    }
    for name in HEADERS {
        // The length of what has ids and times in it tells nothing.
        if name == "content-length" && reply.status < 300 {
            continue;
        }
        if let Some(value) = reply.headers.get(name) {
            write!(line, " {name}={}", value.to_str().unwrap()).unwrap();
        }
    }
    let has_id = reply.headers.contains_key("request-id");
    if !has_id {
        line.push_str(" (without a Request-Id)");
    }
    line
}

//! What belongs to one application, consumer or list is of no use to another, and an administrator's word counts at once.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use server::sandbox::{API_KEY, APPLICATION, CONSUMER};
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, Sandbox};

use crate::process::{Caller, Installation};
use crate::support::{Gateway, Reply, agile_crm, catalog, connection, send};

const SECOND_KEY: &str = "second-key";

/// The sandbox with a second consumer, and a second application that has consumers of the same names.
async fn two_of_each() -> Gateway {
    let gateway = Gateway::over(catalog(&[("agile-crm", |text| text), ("other-crm", |text| text)]), |_| {}).await;
    let vault = &gateway.vault;
    vault.add_application("second", "Second").await.unwrap();
    vault.add_api_key_with_value("second", &SecretString::from(SECOND_KEY)).await.unwrap();
    vault.add_connection(connection("other-consumer", &agile_crm())).await.unwrap();
    for consumer in [CONSUMER, "other-consumer"] {
        let mut new = connection(consumer, &agile_crm());
        "second".clone_into(&mut new.application_id);
        vault.add_connection(new).await.unwrap();
    }
    gateway
}

async fn ask(gateway: &Gateway, key: &str, application: &str, consumer: &str, service: &str, path: &str) -> Reply {
    let request = gateway.anonymous(Method::GET, path).bearer_auth(key).header("x-apideck-app-id", application);
    send(request.header("x-apideck-consumer-id", consumer).header("x-apideck-service-id", service)).await
}

async fn first_cursor(gateway: &Gateway, path: &str) -> String {
    let reply = ask(gateway, API_KEY, APPLICATION, CONSUMER, "agile-crm", path).await;
    reply.body["meta"]["cursors"]["next"].as_str().unwrap_or_else(|| panic!("{path}: {}", reply.text)).to_owned()
}

#[tokio::test]
async fn an_api_key_opens_its_own_application_only() {
    let gateway = two_of_each().await;
    for (key, application, status) in [
        (API_KEY, APPLICATION, 200),
        (SECOND_KEY, "second", 200),
        (API_KEY, "second", 401),
        (SECOND_KEY, APPLICATION, 401),
        (API_KEY, "third", 401),
        ("sandbox-keys", APPLICATION, 401),
        ("SANDBOX-KEY", APPLICATION, 401),
    ] {
        let reply = ask(&gateway, key, application, CONSUMER, "agile-crm", "/crm/contacts?limit=1").await;
        assert_eq!(reply.status, status, "{key} {application}: {}", reply.text);
        if status == 401 {
            reply.refused(401, "UnauthorizedError");
        }
    }
}

#[tokio::test]
async fn a_consumer_of_another_application_does_not_exist() {
    let gateway = two_of_each().await;
    gateway.vault.add_connection(connection("only-first", &agile_crm())).await.unwrap();
    let reply = ask(&gateway, SECOND_KEY, "second", "only-first", "", "/crm/contacts").await;
    let unknown = ask(&gateway, SECOND_KEY, "second", "nobody", "", "/crm/contacts").await;
    reply.refused(404, "ConnectionNotFoundError");
    assert_eq!(reply.text.replace("only-first", "nobody"), unknown.text, "the two cannot be told apart");
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let gateway = two_of_each().await;
    let path = "/crm/contacts?limit=2";
    let cursor = first_cursor(&gateway, path).await;
    let own = |path: &str| format!("{path}&cursor={cursor}");
    // What may differ from page to page.
    for path in
        ["/crm/contacts?limit=3", "/crm/contacts?fields=id", "/crm/contacts?raw=true", "/crm/contacts?unknown=1"]
    {
        let reply = ask(&gateway, API_KEY, APPLICATION, CONSUMER, "agile-crm", &own(path)).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    }
    for (key, application, consumer, service, path) in [
        (SECOND_KEY, "second", CONSUMER, "agile-crm", path),
        (SECOND_KEY, "second", "other-consumer", "agile-crm", path),
        (API_KEY, APPLICATION, "other-consumer", "agile-crm", path),
        (API_KEY, APPLICATION, CONSUMER, "other-crm", path),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/companies?limit=2"),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/contacts?sort[by]=created_at"),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/contacts?filter[first_name]=A"),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/contacts?filter[email]=a@x.example"),
        (API_KEY, APPLICATION, CONSUMER, "agile-crm", "/crm/contacts?pass_through[x]=1"),
    ] {
        let reply = ask(&gateway, key, application, consumer, service, &own(path)).await;
        assert_eq!(reply.status, 400, "{application} {consumer} {service} {path}: {}", reply.text);
        reply.refused(400, "InvalidCursorError");
    }
}

#[tokio::test]
async fn a_cursor_is_bound_to_filters_order_and_pass_through() {
    let gateway = two_of_each().await;
    let made = "/crm/contacts?limit=1&filter[created_since]=2001-01-01T00:00:00Z&sort[by]=created_at&pass_through[x][y]=1&pass_through[z]=2";
    let cursor = first_cursor(&gateway, made).await;
    let since = "filter[created_since]=2001-01-01T00:00:00Z";
    for (query, status) in [
        (format!("{since}&sort[by]=created_at&pass_through[x][y]=1&pass_through[z]=2"), 200),
        // The same instant, and another order of parameters.
        ("pass_through[x][y]=1&pass_through[z]=2&sort[by]=created_at&sort[direction]=asc&filter[created_since]=2001-01-01T02:00:00%2B02:00".to_owned(), 200),
        ("filter[created_since]=2001-01-01T00:00:01Z&sort[by]=created_at&pass_through[x][y]=1&pass_through[z]=2".to_owned(), 400),
        (format!("{since}&sort[by]=updated_at&pass_through[x][y]=1&pass_through[z]=2"), 400),
        (format!("{since}&sort[by]=created_at&sort[direction]=desc&pass_through[x][y]=1&pass_through[z]=2"), 400),
        (format!("{since}&pass_through[x][y]=1&pass_through[z]=2"), 400),
        (format!("{since}&sort[by]=created_at&pass_through[x][y]=2&pass_through[z]=2"), 400),
        (format!("{since}&sort[by]=created_at&pass_through[x]=1&pass_through[z]=2"), 400),
        (format!("{since}&sort[by]=created_at&pass_through[x][y]=1"), 400),
        ("sort[by]=created_at&pass_through[x][y]=1&pass_through[z]=2".to_owned(), 400),
    ] {
        let path = format!("/crm/contacts?{query}&cursor={cursor}");
        let reply = ask(&gateway, API_KEY, APPLICATION, CONSUMER, "agile-crm", &path).await;
        assert_eq!(reply.status, status, "{query}: {}", reply.text);
    }
}

#[tokio::test]
async fn an_altered_cursor_is_refused_whichever_byte_it_is() {
    let gateway = Gateway::start().await;
    let reply = gateway.get("/crm/contacts?limit=1").await;
    let cursor = reply.body["meta"]["cursors"]["next"].as_str().unwrap();
    let asked = gateway.sandbox.requests().len();
    let refused = async |altered: &str| {
        gateway.get(&format!("/crm/contacts?limit=1&cursor={altered}")).await.refused(400, "InvalidCursorError");
    };
    for at in 0..cursor.len() {
        let old = cursor.as_bytes()[at];
        // The neighbour differs in the lowest bit where it can: in the last character that bit may be spare.
        for new in [if old == b'A' { 'B' } else { 'A' }, char::from(old ^ 1)] {
            if new.is_ascii_alphanumeric() {
                refused(&format!("{}{new}{}", &cursor[..at], &cursor[at + 1..])).await;
            }
        }
        if at > 0 {
            refused(&cursor[..at]).await;
        }
    }
    for altered in [
        format!("{cursor}A"),
        format!("{cursor}="),
        format!("A{cursor}"),
        format!("{cursor}{cursor}"),
        cursor.to_lowercase(),
    ] {
        refused(&altered).await;
    }
    assert_eq!(gateway.sandbox.requests().len(), asked, "the vendor was not asked");
    let another = Gateway::start().await;
    let reply = another.get(&format!("/crm/contacts?limit=1&cursor={cursor}")).await;
    reply.refused(400, "InvalidCursorError");
}

#[tokio::test]
async fn disabled_deleted_and_revoked_count_at_once() {
    let gateway = Gateway::start().await;
    let vault = &gateway.vault;
    let path = "/crm/contacts?limit=1";
    let list = async || ask(&gateway, API_KEY, APPLICATION, CONSUMER, "agile-crm", path).await;
    assert_eq!(list().await.status, 200);
    vault.disable_connection(APPLICATION, CONSUMER, &agile_crm()).await.unwrap();
    list().await.refused(403, "ConnectorDisabledError");
    vault.enable_connection(APPLICATION, CONSUMER, &agile_crm()).await.unwrap();
    let cursor = list().await.body["meta"]["cursors"]["next"].as_str().unwrap().to_owned();
    vault.delete_connection(APPLICATION, CONSUMER, &agile_crm()).await.unwrap();
    list().await.refused(404, "ConnectionNotFoundError");
    vault.add_connection(connection(CONSUMER, &agile_crm())).await.unwrap();
    assert_eq!(list().await.status, 200);
    let reply = gateway.get(&format!("/crm/contacts?limit=1&cursor={cursor}")).await;
    reply.refused(400, "InvalidCursorError");
    let (id, key) = vault.add_api_key(APPLICATION).await.unwrap();
    let with_new =
        async || ask(&gateway, key.expose_secret(), APPLICATION, CONSUMER, "", "/crm/contacts?limit=1").await;
    assert_eq!(with_new().await.status, 200);
    vault.revoke_api_key(&id).await.unwrap();
    with_new().await.refused(401, "UnauthorizedError");
    assert_eq!(list().await.status, 200, "the other key still works");
}

#[tokio::test]
async fn a_running_server_sees_what_the_command_line_changes_within_a_second() {
    let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let base_url = format!("http://{}/agile-crm/dev/api", vendors.address);
    let installation =
        Installation::new(&base_url, "limits = { requests = 10000, per_seconds = 1, concurrency = 100 }");
    let server = installation.serve();
    let place = ["--app", "acme", "--consumer", "c-1", "--service", "agile-crm"];
    let change = |action: &str| {
        let arguments: Vec<&str> = ["connections", action].into_iter().chain(place).collect();
        installation.run(&arguments).done();
    };
    let path = "/crm/contacts?limit=1";
    let unknown = Caller { api_key: "unknown-key", application: "acme", consumer: "c-1" };
    server.get(unknown, path).await.refused(401, "UnauthorizedError");
    let api_key = installation.add_application("acme");
    let caller = Caller { api_key: &api_key, ..unknown };
    server.soon(caller, path, 404).await.refused(404, "ConnectionNotFoundError");
    installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
    server.soon(caller, path, 200).await;
    change("disable");
    server.soon(caller, path, 403).await.refused(403, "ConnectorDisabledError");
    change("enable");
    server.soon(caller, path, 200).await;
    change("delete");
    server.soon(caller, path, 404).await.refused(404, "ConnectionNotFoundError");
    installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, "wrong-key");
    server.soon(caller, path, 401).await.refused(401, "ConnectorCredentialsError");
    change("delete");
    installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
    server.soon(caller, path, 200).await;
    let keys = installation.json(&["api-keys", "list", "--app", "acme"]);
    installation.run(&["api-keys", "revoke", keys[0]["id"].as_str().unwrap()]).done();
    server.soon(caller, path, 401).await.refused(401, "UnauthorizedError");
}

#[tokio::test]
async fn connections_outlive_a_restart() {
    let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let installation = Installation::new(&format!("http://{}/agile-crm/dev/api", vendors.address), "");
    let api_key = installation.add_application("acme");
    installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };
    let first = installation.serve().get(caller, "/crm/contacts?limit=1").await;
    let cursor = first.body["meta"]["cursors"]["next"].as_str().unwrap();
    let second = installation.serve().get(caller, &format!("/crm/contacts?limit=1&cursor={cursor}")).await;
    assert_eq!(second.status, 200, "a cursor too: {}", second.text);
}

#[tokio::test]
async fn the_environment_overrides_the_file() {
    let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let installation = Installation::new("http://127.0.0.1:9/closed", "");
    let api_key = installation.add_application("acme");
    installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };
    let base_url = format!("http://{}/agile-crm/dev/api", vendors.address);
    let server = installation.serve_with(&[
        ("TRUNKLINE__CONNECTORS__AGILE_CRM__BASE_URL", &base_url),
        ("TRUNKLINE__SERVER__PUBLIC_URL", "https://crm.example.com"),
        ("TRUNKLINE__LOG__FORMAT", "json"),
        ("TRUNKLINE__LOG__FILTER", "debug"),
        ("TRUNKLINE__SERVER__MAX_BODY_BYTES", "10"),
    ]);
    let reply = server.get(caller, "/crm/contacts?limit=1").await;
    assert_eq!(reply.body["links"]["current"], "https://crm.example.com/crm/contacts?limit=1", "{}", reply.text);
    let large = send(server.request(caller, Method::POST, "/crm/contacts").body(r#"{"first_name":"Ada"}"#)).await;
    assert_eq!(large.refused(400, "RequestValidationError"), "body: larger than 10 bytes; send less");
    let log = installation.log();
    assert!(
        !log.is_empty() && log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
        "{log}"
    );
}

#[test]
fn a_configuration_that_cannot_be_meant_is_refused_in_words() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    let good = std::fs::read_to_string(installation.path().join("trunkline.toml")).unwrap();
    for (text, owed) in [
        (format!("{good}[servers]\n"), "unknown field `servers`"),
        (good.replace("listen", "listen_on"), "unknown field `listen_on`"),
        (good.replace("base_url", "base"), "unknown field `base`"),
        (good.replace("agile-crm", "Agile CRM"), "Agile CRM"),
        (good.replace("127.0.0.1:0", "everywhere"), "invalid socket address"),
        (good.replace("\"master.key\"", "7"), "master_key_file"),
        (good.replace("http://127.0.0.1:9", "ftp://127.0.0.1:9"), "agile-crm"),
        (good.replace("master.key", "missing.key"), "missing.key"),
        (format!("{good}[log]\nfilter = \"a=b=c\"\n"), "[log] filter"),
        (format!("{good}[definitions]\ndirectory = \"nowhere\"\n"), "nowhere"),
        ("[server".to_owned(), "trunkline.toml"),
    ] {
        installation.write("trunkline.toml", &text);
        let complaint = installation.run(&["serve"]).failed();
        assert!(complaint.contains(owed), "owed {owed}, got {complaint}");
    }
    installation.write("trunkline.toml", &good);
    for (variable, value, owed) in [
        ("TRUNKLINE__SERVER__PROT", "1", "unknown field `prot`"),
        ("TRUNKLINE__LISTEN", "x", "TRUNKLINE__SECTION__KEY"),
        ("TRUNKLINE__STORE__CACHE_ENTRIES", "many", "cache_entries"),
        ("TRUNKLINE_MASTER_KEY", "short", "master key"),
    ] {
        let output = installation.command(&["serve"]).env(variable, value).output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && complaint.contains(owed), "owed {owed}, got {complaint}");
    }
    let named = installation.run(&["serve", "--config", "other.toml"]).failed();
    assert!(named.contains("other.toml"), "{named}");
}

#[test]
fn a_database_opens_only_with_its_own_master_key() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    installation.add_application("acme");
    let other = installation.run(&["master-key", "generate"]).done();
    let output = installation.command(&["apps", "list"]).env("TRUNKLINE_MASTER_KEY", other.trim()).output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && complaint.contains("master key"), "{complaint}");
    assert!(!complaint.contains(other.trim()));
    let twice = installation.run(&["master-key", "generate", "--out", "master.key"]).failed();
    assert!(twice.contains("master.key"), "an old key is never overwritten: {twice}");
}

#[test]
fn commands_print_json_and_complain_in_words() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    assert_eq!(installation.json(&["apps", "add", "acme", "--name", "Acme"])["id"], "acme");
    assert_eq!(installation.json(&["apps", "list"])[0]["name"], "Acme");
    let key = installation.json(&["api-keys", "add", "--app", "acme"]);
    assert!(key["api_key"].as_str().unwrap().starts_with("tlk_"), "{key}");
    let listed = installation.json(&["api-keys", "list", "--app", "acme"]);
    assert_eq!((&listed[0]["id"], &listed[0]["revoked_at"]), (&key["id"], &serde_json::Value::Null));
    let place = ["--app", "acme", "--consumer", "c-1", "--service", "agile-crm"];
    let add: Vec<&str> = ["connections", "add"].into_iter().chain(place).chain(["--set", "domain=acme"]).collect();
    let added = installation.json(&add);
    assert_eq!(
        (&added["state"], &added["missing_settings"]),
        (&"added".into(), &serde_json::json!(["email", "api_key"]))
    );
    assert_eq!(installation.json(&["connections", "list", "--app", "acme"])[0]["settings"]["domain"], "acme");
    for (arguments, owed) in [
        (vec!["apps", "add", "acme"], "acme"),
        (vec!["apps", "add", " "], "application id"),
        (vec!["api-keys", "add", "--app", "nobody"], "nobody"),
        (vec!["api-keys", "revoke", "nothing"], "nothing"),
        (vec!["connections", "list", "--app", "nobody"], "nobody"),
        (add.clone(), "c-1"),
        (vec!["connections", "add", "--app", "acme", "--consumer", "c-2", "--service", "acme-crm"], "acme-crm"),
        (
            vec![
                "connections",
                "add",
                "--app",
                "acme",
                "--consumer",
                "c-2",
                "--service",
                "agile-crm",
                "--set",
                "domian=x",
            ],
            "domian",
        ),
        (
            vec![
                "connections",
                "add",
                "--app",
                "acme",
                "--consumer",
                "c-2",
                "--service",
                "agile-crm",
                "--set",
                "domain=a b",
            ],
            "domain",
        ),
        (
            vec![
                "connections",
                "add",
                "--app",
                "acme",
                "--consumer",
                "c-2",
                "--service",
                "agile-crm",
                "--set",
                "domain",
            ],
            "NAME=VALUE",
        ),
        (vec!["connections", "disable", "--app", "acme", "--consumer", "c-9", "--service", "agile-crm"], "c-9"),
        (vec!["connections", "delete", "--app", "acme", "--consumer", "c-9", "--service", "agile-crm"], "c-9"),
    ] {
        let complaint = installation.run(&arguments).failed();
        assert!(complaint.contains(owed), "{arguments:?}: owed {owed}, got {complaint}");
    }
}

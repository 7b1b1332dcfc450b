//! The command line beside a running server, and the configuration of both.

use reqwest::Method;
use vendor_sandbox::{AGILE_API_KEY, AGILE_DOMAIN, AGILE_EMAIL, Sandbox};

use crate::process::{Caller, Installation};
use crate::support::send;

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
    assert_eq!(large.refused(413, "RequestValidationError"), "body: larger than 10 bytes; send less");
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

#[tokio::test]
async fn a_secret_that_no_longer_opens_is_our_fault_and_no_vendor_is_asked() {
    let sandbox = Sandbox::new();
    let vendors = sandbox.clone().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let installation = Installation::new(&format!("http://{}/agile-crm/dev/api", vendors.address), "");
    let api_key = installation.add_application("acme");
    installation.add_connection("acme", "c-1", AGILE_DOMAIN, AGILE_EMAIL, AGILE_API_KEY);
    let database = installation.path().join("trunkline.sqlite");
    // The last to close the database writes its log back into the file; a process that ends at once may leave that to the next.
    let log = installation.path().join("trunkline.sqlite-wal");
    for _ in 0..50 {
        if log.exists() {
            installation.run(&["apps", "list"]).done();
        }
    }
    assert!(!log.exists());
    let mut bytes = std::fs::read(&database).unwrap();
    let sealed = b"{\"api_key\":\"";
    let places: Vec<usize> = (0..bytes.len() - 40).filter(|at| bytes[*at..].starts_with(sealed)).collect();
    assert!(!places.is_empty());
    for place in places {
        let letter = &mut bytes[place + sealed.len() + 20];
        *letter = if *letter == b'A' { b'B' } else { b'A' };
    }
    std::fs::write(&database, bytes).unwrap();
    let server = installation.serve();
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };
    server.get(caller, "/crm/contacts").await.refused(500, "InternalError");
    let write = server.request(caller, Method::POST, "/crm/contacts").body(r#"{"first_name":"Ada"}"#);
    send(write).await.refused(500, "InternalError");
    assert_eq!(sandbox.requests(), [], "a repeat is safe: nothing ran");
}

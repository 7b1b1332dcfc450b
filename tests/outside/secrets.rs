//! Secrets stay where they belong: whatever a vendor echoes, no reply, log line or database page holds one.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use reqwest::Method;
use serde_json::json;

use crate::process::{Caller, Installation, Server};
use crate::support::{Reply, send};
use crate::vendor::{RawVendor, answer, json as json_answer};

const EMAIL: &str = "owner@acme.example";
/// With characters that JSON, addresses and Basic authorisation each write in their own way.
const PASSWORD: &str = "vendor/pa55\"w\\rd+ü&x=y z";

/// A secret in every form in which somebody could write it.
fn forms(secret: &str) -> Vec<String> {
    let in_json = json!(secret).to_string();
    let in_json = in_json.trim_matches('"');
    let in_address: String = url_encoded(secret);
    let forms = [
        secret.to_owned(),
        in_json.to_owned(),
        in_json.replace('/', "\\/"),
        json!(in_json).to_string().trim_matches('"').to_owned(),
        in_json.replace('ü', "\\u00fc"),
        in_address.replace("%20", "+"),
        in_address,
        STANDARD.encode(secret),
        URL_SAFE.encode(secret),
    ];
    forms.into_iter().filter(|form| form.len() > 5).collect()
}

fn url_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn basic() -> String {
    STANDARD.encode(format!("{EMAIL}:{PASSWORD}"))
}

/// What a talkative vendor says, with the secret in each form.
fn echoes() -> Vec<Vec<u8>> {
    let mut said = Vec::new();
    let mut told = forms(PASSWORD);
    told.push(basic());
    told.push(basic().replace('/', "\\/"));
    told.push(URL_SAFE.encode(format!("{EMAIL}:{PASSWORD}")));
    for form in told {
        // What is written as JSON already stands as it is; the rest is put into JSON first.
        let quoted = match serde_json::from_str::<serde_json::Value>(&format!("\"{form}\"")) {
            Ok(_) => format!("\"{form}\""),
            Err(_) => json!(form).to_string(),
        };
        said.push(json_answer(&format!(r#"{{"id": 1, "type": "PERSON", "debug": {quoted}, {quoted}: 1}}"#)));
        said.push(answer(400, "application/json", &format!(r#"{{"error": {quoted}, "sent": [{quoted}]}}"#)));
        for status in [400, 401, 403, 404, 409, 429, 500, 503] {
            said.push(answer(status, "text/plain", &format!("Authorization: Basic {form} is wrong")));
        }
        said.push(answer(200, "text/html", &format!("<html>{form}</html>")));
        said.push(answer(502, "text/html", &format!("<html>{form}</html>")));
        said.push(answer(200, "application/json", &format!("{{\"cut\": \"{form}")));
        // Excerpts are cut at a kilobyte: in the middle of the secret, or of an escape in it.
        for cut in [4, form.len() / 2, form.len() - 1] {
            said.push(answer(400, "text/plain", &format!("{}{form} and more", "x".repeat(1024 - cut))));
            said.push(answer(200, "text/html", &format!("<{}{form} and more", "x".repeat(1023 - cut))));
        }
        if form.is_ascii() {
            let head =
                format!("HTTP/1.1 302 {form}\r\nlocation: http://{form}/\r\nx-echo: {form}\r\nretry-after: {form}");
            said.push(format!("{head}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").into_bytes());
        }
    }
    said
}

/// Everything that was written or answered, by where it was found.
struct Found(Vec<(String, Vec<u8>)>);

impl Found {
    fn reply(&mut self, what: &str, reply: &Reply) {
        self.0.push((what.to_owned(), format!("{:?}\n{}", reply.headers, reply.text).into_bytes()));
    }

    fn files(&mut self, installation: &Installation) {
        for entry in installation.path().read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && path.file_name().unwrap() != "master.key" {
                self.0.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }

    fn none_of(&self, secrets: &[String]) {
        let mut leaks = Vec::new();
        for (place, bytes) in &self.0 {
            for secret in secrets {
                if let Some(at) = bytes.windows(secret.len()).position(|window| window == secret.as_bytes()) {
                    let around = &bytes[at.saturating_sub(80)..(at + secret.len() + 20).min(bytes.len())];
                    leaks.push(format!("{place} holds {secret}: ...{}", String::from_utf8_lossy(around)));
                }
            }
        }
        assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks[..leaks.len().min(20)].join("\n"));
    }
}

/// Reads, writes and mistakes, each over a vendor that echoes.
async fn every_kind_of_call(server: &Server, caller: Caller<'_>) -> Vec<(String, Reply)> {
    let mut replies = Vec::new();
    for (method, path, body) in [
        ("GET", "/crm/contacts?limit=2&raw=true", ""),
        ("GET", "/crm/contacts/1?raw=true", ""),
        ("POST", "/crm/contacts?raw=true", r#"{"first_name": "Ada"}"#),
        ("PATCH", "/crm/contacts/1?raw=true", r#"{"last_name": "Byron", "tags": ["fresh"]}"#),
        ("DELETE", "/crm/contacts/1?raw=true", ""),
    ] {
        let method: Method = method.parse().unwrap();
        let reply = send(server.request(caller, method.clone(), path).body(body)).await;
        replies.push((format!("{method} {path}"), reply));
    }
    replies
}

#[tokio::test]
async fn no_secret_is_answered_logged_or_stored_readably() {
    let mut said = echoes();
    // Reads are repeated on some of these: each kind of call meets each echo anyway, for the answers go round.
    said.extend(echoes());
    let answers: Vec<&[u8]> = said.iter().map(Vec::as_slice).collect();
    let vendor = RawVendor::start(&answers).await;
    let more = "limits = { requests = 100000, per_seconds = 1, concurrency = 100 }\n[log]\nfilter = \"trace\"\n\
                [definitions]\ndirectory = \"definitions\"";
    let installation = Installation::new(&format!("http://{}", vendor.address), more);
    // Repeated reads are not to keep the test waiting.
    let agile = include_str!("../../connectors/agile-crm.yaml").replace("base: 300ms", "base: 1ms");
    std::fs::create_dir_all(installation.path().join("definitions/connectors")).unwrap();
    installation.write("definitions/connectors/agile-crm.yaml", &agile);
    let api_key = installation.add_application("acme");
    installation.add_connection("acme", "c-1", "acme", EMAIL, PASSWORD);
    let master_key = std::fs::read_to_string(installation.path().join("master.key")).unwrap().trim().to_owned();
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };

    let mut found = Found(Vec::new());
    let server = installation.serve();
    while vendor.calls().len() < said.len() {
        for (what, reply) in every_kind_of_call(&server, caller).await {
            found.reply(&what, &reply);
        }
    }
    for (caller, path) in [
        (Caller { application: "other", ..caller }, "/crm/contacts"),
        (Caller { consumer: "nobody", ..caller }, "/crm/contacts"),
        (caller, "/crm/widgets"),
        (caller, "/crm/contacts?limit=0"),
        (caller, "/crm/contacts?cursor=x"),
    ] {
        found.reply(path, &server.get(caller, path).await);
    }
    let listed = installation.run(&["connections", "list", "--app", "acme", "--json"]).done();
    found.0.push(("connections list".to_owned(), listed.into_bytes()));
    let listed = installation.run(&["api-keys", "list", "--app", "acme", "--json"]).done();
    found.0.push(("api-keys list".to_owned(), listed.into_bytes()));
    found.files(&installation);
    drop(server);
    found.files(&installation);

    let names: Vec<&str> = found.0.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        names.iter().any(|name| name.ends_with(".sqlite")) && names.iter().any(|name| name.ends_with("log")),
        "{names:?}"
    );
    let redacted = found.0.iter().filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("[redacted]")).count();
    assert!(redacted > 50, "only {redacted} replies say that something was taken out");
    assert!(installation.log().contains("TRACE"), "the log holds all there is");
    let mut secrets = forms(PASSWORD);
    secrets.extend([
        basic(),
        basic().replace('/', "\\/"),
        URL_SAFE.encode(format!("{EMAIL}:{PASSWORD}")),
        api_key.clone(),
        master_key,
    ]);
    secrets.push(api_key.strip_prefix("tlk_").unwrap().to_owned());
    // Half a secret is a secret, too.
    secrets.push(PASSWORD[..PASSWORD.len() / 2].to_owned());
    found.none_of(&secrets);
}

#[tokio::test]
async fn a_warning_holds_no_secret_either() {
    let users = json_answer(r#"[{"id": 9, "email": "new@acme.example"}]"#);
    let added = json_answer(r#"{"id": 1, "type": "PERSON"}"#);
    let refused = answer(400, "text/plain", &format!("key {PASSWORD} may not do that"));
    let vendor = RawVendor::start(&[&users, &added, &refused]).await;
    let installation = Installation::new(&format!("http://{}", vendor.address), "");
    let api_key = installation.add_application("acme");
    installation.add_connection("acme", "c-1", "acme", EMAIL, PASSWORD);
    let server = installation.serve();
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };
    let add =
        server.request(caller, Method::POST, "/crm/contacts?raw=true").body(r#"{"first_name":"Ada","owner_id":"9"}"#);
    let reply = send(add).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let warning = &reply.body["meta"]["warnings"][0];
    assert_eq!(warning["message"], "key [redacted] may not do that", "{}", reply.text);
    assert_eq!(vendor.calls(), ["GET /users", "POST /contacts", "POST /contacts/change-owner"]);
}

#[test]
fn files_with_secrets_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let installation = Installation::new("http://127.0.0.1:9", "");
    installation.add_application("acme");
    for entry in installation.path().read_dir().unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name != "trunkline.toml" {
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
    }
    std::fs::set_permissions(installation.path().join("master.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let complaint = installation.run(&["apps", "list"]).failed();
    assert!(complaint.contains("master.key"), "{complaint}");
}

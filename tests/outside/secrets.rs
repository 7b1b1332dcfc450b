//! Secrets stay where they belong: whatever a vendor echoes, no reply, log line or database page holds one.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use reqwest::Method;
use serde_json::json;

use crate::process::{Caller, Installation, Server};
use crate::support::{Reply, send};
use crate::vendor::{RawVendor, answer, json as json_answer};

const EMAIL: &str = "owner@acme.example";
/// With characters that JSON, HTML, addresses and Basic authorisation each write in their own way.
const PASSWORD: &str = "vendor/pa55\"w\\rd+ü&x=y z";
const ANOTHER: &str = "ß%41Ünder\\\"q'😀+schlüssel";

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
        ascii(in_json, |unit| format!("\\u{unit:04x}")),
        ascii(in_json, |unit| format!("\\u{unit:04X}")),
        json!(ascii(in_json, |unit| format!("\\u{unit:04x}"))).to_string().trim_matches('"').to_owned(),
        secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat(),
        secret.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;"),
        secret.chars().map(|letter| format!("&#{};", u32::from(letter))).collect::<Vec<_>>().concat(),
        in_address.replace("%20", "+"),
        in_address,
        STANDARD.encode(secret),
        URL_SAFE.encode(secret),
    ];
    forms.into_iter().filter(|form| form.len() > 5).collect()
}

/// As writers of JSON have it that send ASCII alone.
fn ascii(in_json: &str, escape: impl Fn(u16) -> String) -> String {
    let own = |letter: char| {
        if letter.is_ascii() {
            letter.to_string()
        } else {
            letter.encode_utf16(&mut [0; 2]).iter().map(|unit| escape(*unit)).collect()
        }
    };
    in_json.chars().map(own).collect()
}

/// A text as it was before it was escaped, once for JSON, HTML and addresses each.
fn unescaped(text: &str) -> String {
    let mut plain: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let code = |digits: Option<&str>| u16::from_str_radix(digits?, 16).ok();
        let short = rest.get(1..2).filter(|short| "\"\\/'".contains(*short));
        let numbered = || rest.strip_prefix("&#")?.split_once(';')?.0.parse::<u32>().ok().and_then(char::from_u32);
        if let Some(unit) = rest.strip_prefix("\\u").and_then(|rest| code(rest.get(..4))) {
            plain.push(unit);
            rest = &rest[6..];
        } else if let Some(short) = short.filter(|_| letter == '\\') {
            plain.extend(short.encode_utf16());
            rest = &rest[2..];
        } else if let Some(letter) = numbered() {
            plain.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
            rest = rest.split_once(';').unwrap().1;
        } else {
            plain.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
            rest = &rest[letter.len_utf8()..];
        }
    }
    String::from_utf16_lossy(&plain).replace("&quot;", "\"").replace("&amp;", "&")
}

fn url_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn basic(password: &str) -> String {
    STANDARD.encode(format!("{EMAIL}:{password}"))
}

/// What a talkative vendor says, with the secret in each form.
fn echoes(password: &str) -> Vec<Vec<u8>> {
    let mut said = Vec::new();
    let mut told = forms(password);
    told.push(basic(password));
    told.push(basic(password).replace('/', "\\/"));
    told.push(URL_SAFE.encode(format!("{EMAIL}:{password}")));
    for form in told {
        // What is the secret in JSON already stands as it is; the rest is put into JSON first.
        let quoted = match serde_json::from_str::<String>(&format!("\"{form}\"")) {
            Ok(text) if text == password => format!("\"{form}\""),
            Ok(_) | Err(_) => json!(form).to_string(),
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
            let before = |room: usize| "x".repeat(room.saturating_sub(cut));
            said.push(answer(400, "text/plain", &format!("{}{form} and more", before(1024))));
            said.push(answer(200, "text/html", &format!("<{}{form} and more", before(1023))));
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
            // As it was written, and after each time that it may have been escaped.
            let mut text = String::from_utf8_lossy(bytes).into_owned();
            for times in 0..4 {
                for secret in secrets {
                    if let Some(at) = text.find(secret) {
                        let around = &text.as_bytes()[at.saturating_sub(80)..(at + secret.len() + 20).min(text.len())];
                        let around = String::from_utf8_lossy(around);
                        leaks.push(format!("{place}, unescaped {times} times, holds {secret}: ...{around}"));
                    }
                }
                text = unescaped(&text);
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
    nothing_holds(PASSWORD).await;
}

#[tokio::test]
async fn no_secret_of_letters_beyond_ascii_is_either() {
    nothing_holds(ANOTHER).await;
}

async fn nothing_holds(password: &str) {
    let mut said = echoes(password);
    // Reads are repeated on some of these: each kind of call meets each echo anyway, for the answers go round.
    said.extend(echoes(password));
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
    installation.add_connection("acme", "c-1", "acme", EMAIL, password);
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
    let mut secrets = forms(password);
    secrets.extend([
        basic(password),
        basic(password).replace('/', "\\/"),
        URL_SAFE.encode(format!("{EMAIL}:{password}")),
        api_key.clone(),
        master_key,
    ]);
    secrets.push(api_key.strip_prefix("tlk_").unwrap().to_owned());
    // Half a secret is a secret, too.
    secrets.push(password.chars().take(password.chars().count() / 2).collect());
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

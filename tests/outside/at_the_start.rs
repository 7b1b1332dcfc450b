//! Mistakes that would only show later are refused at the start, and secrets are asked for where nobody reads along.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::process::{Installation, binary, finished};

const SECRET: &str = "hush-hush-hush-hush";

#[test]
fn a_configuration_that_cannot_be_meant_serves_nobody() {
    for (variable, value, owed) in [
        ("TRUNKLINE__SERVER__PUBLIC_URL", "crm.example.com", "[server] public_url: `crm.example.com`"),
        ("TRUNKLINE__CONNECTORS__AGILE__TIMEOUT_SECONDS", "5", "[connectors.agile]: there is no such connector"),
        ("TRUNKLINE__LOG__FILTER", "info,gatway=debug", "[log] filter: nothing is logged under `gatway=debug`"),
        (
            "TRUNKLINE__CONNECTORS__AGILE_CRM__LIMITS",
            "{ requests = 0, per_seconds = 1, concurrency = 4 }",
            "[connectors.agile-crm] limits: requests = 0",
        ),
        ("TRUNKLINE__STORE__SERVE_WITHOUT_SECONDS", "301", "at most 300"),
    ] {
        let installation = Installation::new("http://127.0.0.1:9", "");
        let refused = finished(installation.command(&["serve"]).env(variable, value), "").failed();
        assert!(refused.contains(owed), "{refused}");
    }
}

#[test]
fn an_application_is_called_what_can_stand_in_an_address() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    for id in ["acme inc", "acme/eu", "acme\\eu", "acme\u{a0}inc"] {
        let refused = installation.run(&["apps", "add", id]).failed();
        assert!(refused.contains("cannot be the id of an application"), "{id}: {refused}");
    }
    for id in ["acme", "acme-eu.2", "Ünternehmen", "app_1:x"] {
        installation.run(&["apps", "add", id]).done();
    }
}

fn add(more: &[&str]) -> Vec<String> {
    let command = ["connections", "add", "--app", "acme", "--consumer", "c-1", "--service", "agile-crm"];
    let settings = ["--set", "domain=acme", "--set", "email=ann@acme.example"];
    command.into_iter().chain(settings).chain(more.iter().copied()).map(str::to_owned).collect()
}

#[test]
fn a_secret_as_an_argument_gives_a_warning_and_another_setting_none() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    installation.add_application("acme");
    let arguments = add(&["--set", &format!("api_key={SECRET}")]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let added = installation.run(&arguments);
    assert!(added.succeeded && added.errors.contains("warning: api_key is a secret"), "{added:?}");
    assert!(!added.errors.contains(SECRET) && !added.errors.contains("domain"), "{added:?}");
    let update = ["connections", "update", "--app", "acme", "--consumer", "c-1", "--service", "agile-crm", "--set"];
    let with = |setting| installation.run(&update.into_iter().chain([setting]).collect::<Vec<_>>());
    assert!(with("api_key=another-one").errors.contains("--set api_key=-"));
    assert_eq!(with("leads_mode=type").errors, "");
}

/// `script` gives the command a terminal.
#[test]
fn on_a_terminal_a_secret_is_asked_for_and_not_shown() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    installation.add_application("acme");
    let arguments: Vec<String> = add(&["--set", "api_key=-"]).iter().map(|argument| format!("'{argument}'")).collect();
    let line = format!("'{}' {}", binary(), arguments.join(" "));
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(installation.path()).env_remove("TRUNKLINE_MASTER_KEY");
    let Ok(mut child) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else { return };
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut shown, mut buffer) = (Vec::new(), [0; 256]);
    let mut is_answered = false;
    loop {
        let read = output.read(&mut buffer).unwrap();
        if read == 0 {
            break;
        }
        shown.extend_from_slice(&buffer[..read]);
        if !is_answered && String::from_utf8_lossy(&shown).contains("--set api_key=- (not shown): ") {
            input.write_all(format!("{SECRET}\n").as_bytes()).unwrap();
            input.flush().unwrap();
            is_answered = true;
        }
    }
    assert!(child.wait().unwrap().success(), "{}", String::from_utf8_lossy(&shown));
    assert!(is_answered && !String::from_utf8_lossy(&shown).contains(SECRET), "{}", String::from_utf8_lossy(&shown));
    let exported = ["connections", "export", "--app", "acme", "--consumer", "c-1", "--yes"];
    let exported: serde_json::Value = serde_json::from_str(&installation.run(&exported).done()).unwrap();
    assert_eq!(exported[0]["settings"]["api_key"], json!(SECRET));
}

/// What follows a command that asks for a secret would be taken for it where standard input is the pasted text itself.
#[test]
fn no_command_of_the_readme_takes_the_next_line_for_a_secret() {
    let readme = include_str!("../../README.md");
    let mut blocks = readme.split("```");
    let mut found = 0;
    while let (Some(_), Some(block)) = (blocks.next(), blocks.next()) {
        if let Some(at) = block.find("=-") {
            let after: Vec<&str> = block[at..].lines().skip(1).filter(|line| !line.trim().is_empty()).collect();
            assert_eq!(after, [""; 0], "{block}");
            found += 1;
        }
    }
    assert_eq!(found, 1);
}

//! What an operator does on the command line beside adding connections.

use reqwest::Method;
use serde_json::{Value, json};

use crate::oauth::{definitions, quay_crm};
use crate::process::{Caller, Finished, Installation, Server, finished};
use crate::support::send;

/// An installation that knows Quay, a connector with OAuth, with the application `acme`.
pub fn quayside() -> Installation {
    let more = format!("[definitions]\ndirectory = \"{}\"", definitions().display());
    let installation = Installation::new("http://127.0.0.1:9", &more);
    installation.run(&["apps", "add", "acme"]).done();
    installation
}

fn add_connection(installation: &Installation, consumer: &str) {
    installation.add_connection("acme", consumer, "acme", "ann@acme.example", "hush-hush");
}

#[test]
fn an_application_says_where_its_users_go_back_to_and_which_pages_call() {
    let installation = Installation::new("http://127.0.0.1:9", "");
    let added = installation.json(&[
        "apps",
        "add",
        "acme",
        "--name",
        "Acme",
        "--redirect-uri",
        "https://acme.example/done",
        "--redirect-uri",
        "http://localhost:3000/done",
        "--origin",
        "https://acme.example",
    ]);
    assert_eq!(added["redirect_uris"], json!(["https://acme.example/done", "http://localhost:3000/done"]));
    assert_eq!(added["origins"], json!(["https://acme.example"]));
    let renamed = installation.json(&["apps", "update", "acme", "--name", "Acme Ltd"]);
    assert_eq!((&renamed["name"], &renamed["origins"]), (&json!("Acme Ltd"), &added["origins"]), "the rest stays");
    let emptied = installation.json(&["apps", "update", "acme", "--redirect-uri", "", "--origin", ""]);
    assert_eq!((&emptied["redirect_uris"], &emptied["origins"]), (&json!([]), &json!([])));
    assert_eq!(installation.json(&["apps", "list"]), json!([emptied]));

    for (arguments, owed) in [
        (vec!["apps", "add", "other", "--redirect-uri", "http://acme.example/"], "redirect address"),
        (vec!["apps", "update", "acme", "--redirect-uri", "https://acme.example/", "--redirect-uri", ""], "redirect"),
        (vec!["apps", "update", "acme", "--origin", "https://acme.example/"], "origin"),
        (vec!["apps", "update", "nobody", "--name", "x"], "nobody"),
    ] {
        let complaint = installation.run(&arguments).failed();
        assert!(complaint.contains(owed), "{arguments:?}: owed {owed}, got {complaint}");
    }
    assert_eq!(installation.json(&["apps", "list"]), json!([emptied]), "a refused change changes nothing");
}

#[test]
fn a_client_secret_comes_from_anywhere_but_an_argument() {
    let installation = quayside();
    let quay = quay_crm();
    let place = ["--app", "acme", "--service", quay.as_str()];
    let set = |more: &[&str]| {
        let arguments: Vec<&str> =
            ["integrations", "set"].into_iter().chain(place).chain(more.iter().copied()).collect();
        arguments.iter().map(|&word| word.to_owned()).collect::<Vec<_>>()
    };
    let run = |arguments: &[String], input: &str, variable: Option<&str>| -> Finished {
        let words: Vec<&str> = arguments.iter().map(String::as_str).chain(["--json"]).collect();
        let mut command = installation.command(&words);
        command.envs(variable.map(|value| ("ACME_SECRET", value)));
        finished(&mut command, input)
    };
    let shown = |finished: Finished| -> Value { serde_json::from_str(&finished.done()).unwrap() };

    let begun = shown(run(&set(&["--client-id", "acme-client", "--scope", "read", "--scope", "write"]), "", None));
    assert_eq!(
        (&begun["state"], &begun["has_client_secret"], &begun["scopes"]),
        (&json!("needs_configuration"), &json!(false), &json!(["read", "write"]))
    );
    installation.write("secret", "hush-from-a-file\n");
    for (more, input, variable) in [
        (vec!["--client-secret-stdin"], "hush-from-stdin\n", None),
        (vec!["--client-secret-file", "secret"], "", None),
        (vec!["--client-secret-env", "ACME_SECRET"], "", Some("hush-from-the-environment")),
    ] {
        let finished = run(&set(&more), input, variable);
        assert!(!finished.output.contains("hush") && !finished.errors.contains("hush"), "{finished:?}");
        let kept = shown(finished);
        assert_eq!((&kept["state"], &kept["client_id"]), (&json!("configured"), &json!("acme-client")), "{more:?}");
        assert_eq!(kept["scopes"], begun["scopes"], "what is not named stays");
    }
    for (more, input, owed) in [
        (vec!["--client-secret-stdin"], "", "no more lines"),
        (vec!["--client-secret-stdin"], "\n", "not empty"),
        (vec!["--client-secret-file", "nowhere"], "", "nowhere"),
        (vec!["--client-secret-env", "ACME_SECRET"], "", "ACME_SECRET"),
        (vec!["--client-secret-stdin", "--client-secret-file", "secret"], "x", "cannot be used with"),
        (vec!["--client-secret", "hush"], "", "unexpected argument"),
    ] {
        let complaint = run(&set(&more), input, None).failed();
        assert!(complaint.contains(owed), "{more:?}: owed {owed}, got {complaint}");
    }
    installation.write("secret", "two\nlines\n");
    let complaint = run(&set(&["--client-secret-file", "secret"]), "", None).failed();
    assert!(complaint.contains("one line"), "{complaint}");

    let place: Vec<&str> = place.into();
    let of = |action: &str| installation.json(&[&["integrations", action][..], &place].concat());
    assert_eq!(of("disable")["state"], "disabled");
    assert_eq!(of("enable")["state"], "configured");
    let listed = installation.json(&["integrations", "list", "--app", "acme"]);
    assert_eq!((&listed[0]["service_id"], &listed[0]["client_id"]), (&json!("quay-crm"), &json!("acme-client")));
    assert_eq!(of("delete")["service_id"], "quay-crm");
    assert_eq!(installation.json(&["integrations", "list", "--app", "acme"]), json!([]));
    let again = installation.run(&[&["integrations", "delete"][..], &place].concat()).failed();
    assert!(again.contains("quay-crm"), "{again}");
}

#[test]
fn consumers_are_listed_by_the_page_shown_and_deleted() {
    let installation = quayside();
    for consumer in ["ann", "bea", "bob"] {
        add_connection(&installation, consumer);
    }
    let list = |more: &[&str]| {
        let arguments: Vec<&str> = ["consumers", "list", "--app", "acme"].iter().chain(more).copied().collect();
        let listed = installation.json(&arguments);
        let ids =
            listed.as_array().unwrap().iter().map(|consumer| consumer["consumer_id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(list(&[]), ["ann", "bea", "bob"]);
    assert_eq!(list(&["--limit", "2"]), ["ann", "bea"]);
    assert_eq!(list(&["--limit", "2", "--after", "bea"]), ["bob"]);
    assert_eq!(list(&["--prefix", "b"]), ["bea", "bob"]);
    let page = installation.run(&["consumers", "list", "--app", "acme", "--limit", "2"]);
    assert!(page.errors.contains("--after bea"), "{page:?}");

    let shown = installation.json(&["consumers", "show", "--app", "acme", "--consumer", "bea"]);
    assert_eq!(shown["consumer"]["consumer_id"], "bea");
    assert_eq!(shown["connections"][0]["service_id"], "agile-crm");
    assert!(!shown.to_string().contains("hush"), "{shown}");

    installation.json(&["consumers", "delete", "--app", "acme", "--consumer", "bea"]);
    assert_eq!(list(&[]), ["ann", "bob"]);
    let connections = installation.json(&["connections", "list", "--app", "acme"]);
    assert_eq!(connections.as_array().unwrap().len(), 2);
    for arguments in [
        ["consumers", "show", "--app", "acme", "--consumer", "bea"],
        ["consumers", "delete", "--app", "acme", "--consumer", "bea"],
    ] {
        let complaint = installation.run(&arguments).failed();
        assert!(complaint.contains("bea"), "{complaint}");
    }
    let complaint = installation.run(&["consumers", "list", "--app", "nobody"]).failed();
    assert!(complaint.contains("nobody"), "{complaint}");
}

#[test]
fn an_applications_own_fields_are_defined_described_anew_and_taken_away() {
    let installation = quayside();
    let field = ["--app", "acme", "--resource", "contacts", "--key", "loyalty_tier"];
    let add = |more: &[&str]| installation.json(&[&["custom-mappings", "add"][..], &field, more].concat());
    let added = add(&[]);
    assert_eq!((&added["id"], &added["label"]), (&json!("crm+contacts+loyalty_tier"), &json!("loyalty_tier")));
    let anew = add(&["--label", "Tier", "--description", "How loyal", "--required"]);
    let listed = installation.json(&["custom-mappings", "list", "--app", "acme"]);
    assert_eq!(listed, json!([anew]));
    assert_eq!((&anew["label"], &anew["required"]), (&json!("Tier"), &json!(true)));
    for (arguments, owed) in [
        (vec!["custom-mappings", "add", "--app", "acme", "--resource", "contacts", "--key", "Tier!"], "Tier!"),
        (vec!["custom-mappings", "add", "--app", "acme", "--resource", "widgets", "--key", "tier"], "widgets"),
        (vec!["custom-mappings", "delete", "--app", "acme", "crm+contacts+nothing"], "nothing"),
        (vec!["custom-mappings", "list", "--app", "nobody"], "nobody"),
    ] {
        let complaint = installation.run(&arguments).failed();
        assert!(complaint.contains(owed), "{arguments:?}: owed {owed}, got {complaint}");
    }
    installation.json(&["custom-mappings", "delete", "--app", "acme", "crm+contacts+loyalty_tier"]);
    assert_eq!(installation.json(&["custom-mappings", "list", "--app", "acme"]), json!([]));
}

#[test]
fn what_happened_to_connections_is_listed_the_newest_first() {
    let installation = quayside();
    let place = ["--app", "acme", "--consumer", "ann", "--service", "agile-crm"];
    let run = |action: &str, more: &[&str]| {
        installation.run(&[&["connections", action][..], &place, more].concat()).done();
    };
    add_connection(&installation, "bob");
    add_connection(&installation, "ann");
    run("update", &["--set", "domain=other", "--set", "api_key=another-key"]);
    run("disable", &[]);
    run("delete", &[]);
    let types = |more: &[&str]| {
        let listed = installation.json(&[&["events", "list", "--app", "acme"][..], more].concat());
        let types = listed.as_array().unwrap().iter().map(|event| event["event_type"].as_str().unwrap().to_owned());
        types.collect::<Vec<_>>()
    };
    let anns = ["deleted", "disabled", "updated", "callable", "created"].map(|what| format!("vault.connection.{what}"));
    assert_eq!(types(&["--consumer", "ann"]), anns);
    assert_eq!(types(&["--limit", "2"]), anns[..2]);
    assert_eq!(types(&[]).len(), 7);
    let text = installation.run(&["events", "list", "--app", "acme", "--consumer", "ann"]).done();
    assert!(text.lines().next().unwrap().ends_with("\tann\tagile-crm\tvault.connection.deleted"), "{text}");
    let complaint = installation.run(&["events", "list", "--app", "nobody"]).failed();
    assert!(complaint.contains("nobody"), "{complaint}");
}

/// The JSON of an export, and what was said beside it.
fn export(installation: &Installation, consumer: &str) -> (Value, String) {
    let exported = installation.run(&["connections", "export", "--app", "acme", "--consumer", consumer, "--yes"]);
    assert!(exported.succeeded, "{exported:?}");
    (serde_json::from_str(&exported.output).unwrap(), exported.errors)
}

/// Takes an export over, as another system would: by the import of the Vault API.
async fn import(server: &Server, caller: Caller<'_>, exported: &Value) {
    let time = |name: &str| exported[name].as_str().map(|text| text.parse::<jiff::Timestamp>().unwrap());
    let lifetime = time("expires_at").zip(time("issued_at")).map(|(end, start)| end.duration_since(start).as_secs());
    let mut body = json!({ "settings": exported["settings"], "metadata": exported["metadata"] });
    if exported["access_token"].is_string() {
        body["credentials"] = json!({
            "access_token": exported["access_token"], "refresh_token": exported["refresh_token"],
            "issued_at": exported["issued_at"], "expires_in": lifetime,
        });
    }
    let service = exported["service_id"].as_str().unwrap();
    let path = format!("/vault/connections/crm/{service}/import");
    let request = server.request_to(service, caller, Method::POST, &path).header("content-type", "application/json");
    let reply = send(request.body(body.to_string())).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn what_is_exported_here_can_be_imported_there() {
    let (here, there) = (quayside(), quayside());
    let tokens = json!({
        "service_id": "quay-crm", "access_token": "access-hush", "refresh_token": "refresh-hush",
        "issued_at": "2026-02-12T11:55:00Z", "expires_at": "2026-02-12T12:55:00Z",
        "settings": { "home": "https://acme.quay.example" }, "metadata": { "account": "acme" },
    });
    let key = here.run(&["api-keys", "add", "--app", "acme"]).done();
    let ann = Caller { api_key: key.trim(), application: "acme", consumer: "ann" };
    import(&here.serve(), ann, &tokens).await;
    add_connection(&here, "ann");
    let (exported, _) = export(&here, "ann");
    let [by_key, by_token] = exported.as_array().unwrap().as_slice() else { panic!("{exported}") };
    assert_eq!(by_key["settings"], json!({ "api_key": "hush-hush", "domain": "acme", "email": "ann@acme.example" }));
    for member in ["service_id", "access_token", "refresh_token", "issued_at", "expires_at", "settings", "metadata"] {
        assert_eq!(by_token[member], tokens[member], "{member}");
    }

    let key = there.run(&["api-keys", "add", "--app", "acme"]).done();
    let server = there.serve();
    for connection in [by_key, by_token] {
        import(&server, Caller { api_key: key.trim(), ..ann }, connection).await;
    }
    assert_eq!(export(&there, "ann").0, exported);
}

#[test]
fn an_export_is_asked_for_in_so_many_words_and_on_record_before_it_is_printed() {
    let installation = quayside();
    add_connection(&installation, "ann");
    let exports = || {
        let events = installation.json(&["events", "list", "--app", "acme"]);
        let exports =
            events.as_array().unwrap().iter().filter(|event| event["event_type"] == "vault.connection.exported");
        exports.cloned().collect::<Vec<_>>()
    };
    let words = ["connections", "export", "--app", "acme", "--consumer", "ann", "--service", "agile-crm"];
    let refused = installation.run(&words);
    assert!(!refused.succeeded && refused.output.is_empty() && refused.errors.contains("--yes"), "{refused:?}");
    assert_eq!(exports(), [] as [Value; 0], "nothing was taken out");

    let (exported, said) = export(&installation, "ann");
    assert_eq!(exported[0]["settings"]["api_key"], "hush-hush");
    assert!(said.contains("these are secrets"), "{said}");
    assert!(said.contains("vault.connection.exported") && said.contains("ann"), "a line in the log: {said}");
    let recorded = exports();
    assert_eq!((recorded.len(), &recorded[0]["detail"]), (1, &json!("api_key")));
    for told in [said, json!(recorded).to_string()] {
        assert!(!told.contains("hush-hush"), "{told}");
    }

    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let words: Vec<&str> = words.into_iter().chain(["--yes", "--json"]).collect();
    let output = installation.command(&words).stdout(full).output().unwrap();
    assert!(!output.status.success(), "nothing could be printed");
    assert_eq!(exports().len(), 2, "it is on record all the same");
    for (consumer, service, owed) in [("bob", "agile-crm", "bob"), ("ann", "quay-crm", "quay-crm")] {
        let place = ["--app", "acme", "--consumer", consumer, "--service", service, "--yes"];
        let complaint = installation.run(&[&["connections", "export"][..], &place].concat()).failed();
        assert!(complaint.contains(owed), "{complaint}");
    }
}

//! `docs/add-a-vendor.md`: its files, laid out as printed, make a vendor that the binary serves.

mod harbour;

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::process::{Caller, Installation, Server};
use crate::support::{Reply, send};
use harbour::Harbour;

const PAGE: &str = include_str!("../../docs/add-a-vendor.md");
const SERVICE: &str = "harbour-crm";

/// The code blocks of a language: what stands behind the language, and the text.
fn blocks(language: &str) -> Vec<(&'static str, String)> {
    let mut blocks = Vec::new();
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        let Some(opening) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let (found, name) = opening.split_once(' ').unwrap_or((opening, ""));
        if found == language {
            blocks.push((name, text.join("\n") + "\n"));
        }
    }
    blocks
}

/// An installation with the page's files, whose Harbour is this one.
fn install(harbour: &Harbour) -> Installation {
    let configuration = blocks("toml").remove(0).1;
    let more = format!(
        "{configuration}[connectors.harbour-crm]
base_url = \"http://{}/v2\"
\
         limits = {{ requests = 10000, per_seconds = 1, concurrency = 100 }}",
        harbour.address
    );
    let installation = Installation::new("http://127.0.0.1:9/closed", &more);
    for (name, text) in blocks("yaml") {
        std::fs::create_dir_all(installation.path().join(name).parent().unwrap()).unwrap();
        installation.write(name, &text);
    }
    installation
}

/// Runs the page's commands, all but `serve`, and returns what they print.
fn run_commands(installation: &Installation) -> String {
    let commands = blocks("sh").into_iter().flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let commands = commands.filter(|command| command != "trunkline serve");
    let outputs = commands.map(|command| {
        let arguments: Vec<&str> = command.strip_prefix("trunkline ").unwrap().split(' ').collect();
        installation.run(&arguments).done()
    });
    outputs.collect()
}

struct Serving<'s> {
    server: &'s Server,
    api_key: String,
}

impl Serving<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let caller = Caller { api_key: &self.api_key, application: "acme", consumer: "customer-1" };
        let request = self.server.request_to(SERVICE, caller, method, path);
        send(match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        })
        .await
    }

    async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, None).await
    }

    /// The ids of a whole list.
    async fn ids(&self, query: &str) -> Vec<u64> {
        let mut ids = Vec::new();
        let mut path = format!("/crm/contacts?{query}");
        loop {
            let reply = self.get(&path).await;
            assert_eq!(
                (reply.status, &reply.body["meta"]["total_count"]),
                (200, &json!(harbour::PEOPLE)),
                "{}",
                reply.text
            );
            ids.extend(
                reply.body["data"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|person| person["id"].as_str().unwrap().parse::<u64>().unwrap()),
            );
            match reply.body["meta"]["cursors"]["next"].as_str() {
                Some(cursor) => path = format!("/crm/contacts?{query}&cursor={cursor}"),
                None => return ids,
            }
        }
    }
}

#[tokio::test]
async fn the_pages_files_make_a_vendor() {
    let harbour = Harbour::start().await;
    let installation = install(&harbour);
    let printed = run_commands(&installation);
    assert!(printed.contains("`emails` has 1 places") && printed.contains("1 passed, 0 failed"), "{printed}");
    let api_key = installation.run(&["api-keys", "add", "--app", "acme"]).done().trim().to_owned();
    let server = installation.serve();
    let serving = Serving { server: &server, api_key };

    // All, in pages of ours: smaller than the vendor's, and larger.
    let every: Vec<u64> = (1..=harbour::PEOPLE).collect();
    for limit in [7, 50, 200] {
        assert_eq!(serving.ids(&format!("limit={limit}")).await, every, "{limit}");
    }
    let newest_first = serving.ids("limit=33&sort[by]=updated_at&sort[direction]=desc").await;
    assert_eq!(newest_first, every.iter().rev().copied().collect::<Vec<_>>());
    let found = serving.get("/crm/contacts?filter[email]=person9@harbour.example").await;
    assert_eq!(found.body["data"][0]["id"], "9", "{}", found.text);
    let refused = serving.get("/crm/contacts?filter[name]=Ada").await;
    assert_eq!(refused.refused(400, "UnsupportedFiltersError")["supported_filters"], json!(["email"]));

    // Add, one, update, delete.
    let ada = json!({
        "name": "Ada Byron",
        "emails": [{ "email": "ada@harbour.example", "type": "primary" }],
        "phone_numbers": [{ "number": "+1 555 010 0117", "type": "mobile" }],
        "tags": ["buyer", "spring-fair"],
        "department": "Engines",
    });
    let added = serving.ask(Method::POST, "/crm/contacts", Some(ada)).await;
    assert_eq!(
        (added.status, &added.body["meta"]["warnings"][0]["field"]),
        (201, &json!("department")),
        "{}",
        added.text
    );
    let path = format!("/crm/contacts/{}", added.body["data"]["id"].as_str().unwrap());
    let one = serving.get(&path).await.body["data"].clone();
    assert_eq!((&one["first_name"], &one["last_name"]), (&json!("Ada"), &json!("Byron")), "{one}");
    assert_eq!(one["phone_numbers"], json!([{ "number": "+1 555 010 0117", "type": "mobile" }]));
    assert_eq!(one["tags"], json!(["buyer", "spring-fair"]));
    let changed = serving.ask(Method::PATCH, &path, Some(json!({ "last_name": null, "tags": ["buyer"] }))).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let two = serving.get(&path).await.body["data"].clone();
    assert_eq!(
        (&two["name"], &two["tags"], &two["emails"]),
        (&json!("Ada"), &json!(["buyer"]), &one["emails"]),
        "{two}"
    );
    let taken = json!({ "first_name": "Eve", "emails": [{ "email": "ada@harbour.example" }] });
    let taken = serving.ask(Method::POST, "/crm/contacts", Some(taken)).await;
    assert_eq!(taken.refused(400, "ConnectorExecutionError")["message"], "mail is taken");
    assert_eq!(serving.ask(Method::DELETE, &path, None).await.status, 200);
    serving.get(&path).await.refused(404, "EntityNotFoundError");
    serving.get("/crm/companies").await.refused(501, "ConnectorOperationUnsupportedError");

    // What there is of it is told as of any other vendor.
    let described = serving.get("/connector/connectors/harbour-crm/resources/contacts").await;
    assert_eq!(described.body["data"]["supported_filters"], json!(["email"]), "{}", described.text);
    assert!(serving.get("/docs/coverage").await.text.contains("Harbour CRM"));
}

#[test]
fn the_page_shows_a_person_as_its_harbour_does() {
    let shown: Value = serde_json::from_str(&blocks("json").remove(0).1).unwrap();
    let ours = harbour::person(17);
    let names = |person: &Value| person.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&shown), names(&ours));
    let files: Vec<&str> = blocks("yaml").iter().map(|(name, _)| *name).collect();
    assert!(files.iter().all(|name| Path::new(name).starts_with("vendors")), "{files:?}");
}

//! Vendors whose customers shape their own records: an operator's directory adapts a mapping for everybody, and a connection's
//! own field map for one customer, without a rebuild.

use connection_vault::{FieldMap, NewConnection};
use connector_catalog::Catalog;
use reqwest::Method;
use serde_json::{Value, json};
use server::sandbox::{API_KEY, APPLICATION, CONSUMER, demo_connection};
use unified_model::Resource;
use vendor_sandbox::{AVID_PASSWORD, AVID_USERNAME, Sandbox, TEAMSWORK_KEY};

use crate::process::{Caller, Installation, soon};
use crate::support::{Gateway, Reply, send};

const SERVICE: &str = "teamswork-crm";

/// Every instance of this operator keeps the number of sites as its form's field `cf_1`, and has no use for addresses.
const OPERATORS_MAPPING: &str = r#"
evidence: seen
fields:
  number_of_employees: "customFields[id=cf_1].value"
  addresses: ~
"#;

async fn gateway() -> Gateway {
    let directory = tempfile::tempdir().unwrap();
    let mappings = directory.path().join("mappings").join(SERVICE);
    std::fs::create_dir_all(&mappings).unwrap();
    std::fs::write(mappings.join("companies.yaml"), OPERATORS_MAPPING).unwrap();
    Gateway::over(Catalog::built_in().unwrap().with_directory(directory.path()).unwrap(), |_| {}).await
}

async fn ask(gateway: &Gateway, consumer: &str, method: Method, path: &str, body: Option<Value>) -> Reply {
    let request = gateway.anonymous(method, path).bearer_auth(API_KEY).header("x-apideck-app-id", APPLICATION);
    let request = request.header("x-apideck-consumer-id", consumer).header("x-apideck-service-id", SERVICE);
    let reply = send(match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    });
    reply.await
}

/// A second customer, whose instance keeps something else in the same place.
async fn connect_with(gateway: &Gateway, consumer: &str, lines: &[(&str, &str)]) -> Result<(), String> {
    let service = SERVICE.parse().unwrap();
    let demo = demo_connection(gateway.vault.catalog().connector(&service).unwrap()).unwrap();
    let lines = lines.iter().map(|(field, path)| ((*field).to_owned(), (*path).to_owned())).collect();
    let field_map = FieldMap::from([(Resource::Companies, lines)]);
    let new = NewConnection { consumer_id: consumer.parse().unwrap(), field_map, ..demo };
    gateway.vault.connections().add(new).await.map(|_| ()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn an_operators_mapping_counts_for_every_connection() {
    let gateway = gateway().await;
    let reply = ask(&gateway, CONSUMER, Method::GET, "/crm/companies?limit=40", None).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    for company in reply.body["data"].as_array().unwrap() {
        assert_eq!(company["number_of_employees"], company["custom_fields"][0]["value"], "{company}");
        assert_eq!(company.get("addresses"), None, "{company}");
    }
    let body = json!({ "name": "Zinc Harbour", "number_of_employees": "12", "addresses": [{ "line1": "1 Quay" }] });
    let added = ask(&gateway, CONSUMER, Method::POST, "/crm/companies", Some(body)).await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.body["meta"]["warnings"][0]["field"], "addresses", "{}", added.text);
    let path = format!("/crm/companies/{}", added.body["data"]["id"].as_str().unwrap());
    let read = ask(&gateway, CONSUMER, Method::GET, &path, None).await;
    assert_eq!(read.body["data"]["number_of_employees"], "12", "{}", read.text);
}

#[tokio::test]
async fn a_connections_own_field_map_counts_for_it_alone() {
    let gateway = gateway().await;
    connect_with(&gateway, "mapped", &[("industry", "customFields[id=cf_2].value"), ("vat_number", "phone")])
        .await
        .unwrap();
    let body = json!({ "name": "Zinc Harbour", "industry": "Freight", "number_of_employees": "7" });
    let added = ask(&gateway, "mapped", Method::POST, "/crm/companies", Some(body)).await;
    assert_eq!((added.status, &added.body["meta"]), (201, &Value::Null), "{}", added.text);
    let path = format!("/crm/companies/{}", added.body["data"]["id"].as_str().unwrap());
    let mine = ask(&gateway, "mapped", Method::GET, &path, None).await;
    assert_eq!(
        (&mine.body["data"]["industry"], &mine.body["data"]["number_of_employees"]),
        (&json!("Freight"), &json!("7")),
        "{}",
        mine.text
    );
    // The other elements of the vendor's list stay.
    let change = json!({ "name": "Zinc Harbour", "industry": "Rail" });
    let changed = ask(&gateway, "mapped", Method::PATCH, &path, Some(change)).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let mine = ask(&gateway, "mapped", Method::GET, &path, None).await;
    assert_eq!(
        (&mine.body["data"]["industry"], &mine.body["data"]["number_of_employees"]),
        (&json!("Rail"), &json!("7")),
        "{}",
        mine.text
    );
    let theirs = ask(&gateway, CONSUMER, Method::GET, &path, None).await;
    assert_eq!(theirs.body["data"].get("industry"), None, "{}", theirs.text);
    assert_eq!(theirs.body["data"]["number_of_employees"], "7", "the operator's line still counts");
}

#[tokio::test]
async fn a_field_map_is_type_checked_when_it_is_saved() {
    let gateway = gateway().await;
    for (field, path, owed) in [
        ("no_such_field", "x", "`companies.no_such_field=x`: `companies` have no field `no_such_field`"),
        ("websites", "site", "`companies.websites=site`: `websites` is a list of objects"),
        ("industry", "customFields[", "`companies.industry=customFields[`: path"),
    ] {
        let complaint = connect_with(&gateway, "refused", &[("vat_number", "phone"), (field, path)]).await.unwrap_err();
        assert!(complaint.contains(owed), "owed {owed}, got {complaint}");
    }
    let reply = ask(&gateway, "refused", Method::GET, "/crm/companies", None).await;
    reply.refused(404, "ConnectionNotFoundError");
}

#[tokio::test]
async fn the_command_line_sets_a_field_map_and_a_running_server_takes_it_up() {
    let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let more = format!("[connectors.teamswork-crm]\nbase_url = \"http://{}/teamswork-crm\"", vendors.address);
    let installation = Installation::new("http://127.0.0.1:9/closed", &more);
    let api_key = installation.add_application("acme");
    let key = format!("subscription_key={TEAMSWORK_KEY}");
    let connections = |action: &str, more: &[&str]| {
        let place = ["--app", "acme", "--consumer", "c-1", "--service", SERVICE];
        let arguments: Vec<&str> =
            ["connections", action].into_iter().chain(place).chain(more.iter().copied()).collect();
        installation.run(&arguments)
    };
    let settings = ["--set", "base_url=https://teamswork.example", "--set", &key];
    let complaint = connections("add", &["--field-map", "companies.industri=customFields[id=cf_1].value"]).failed();
    assert!(complaint.contains("`companies.industri=customFields[id=cf_1].value`"), "{complaint}");
    assert!(complaint.contains("did you mean `industry`?"), "{complaint}");
    for (line, owed) in [("industry=x", "RESOURCE.FIELD=PATH"), ("ships.industry=x", "no resource `ships`")] {
        let complaint = connections("add", &["--field-map", line]).failed();
        assert!(complaint.contains(owed), "{complaint}");
    }
    let mapped = ["--field-map", "companies.industry=customFields[id=cf_1].value"];
    connections("add", &[&settings[..], &mapped[..]].concat()).done();

    let server = installation.serve();
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };
    let request = || server.request_to(SERVICE, caller, Method::GET, "/crm/companies?limit=1");
    let first = send(request()).await.body["data"][0].clone();
    assert_eq!(first["industry"], first["custom_fields"][0]["value"], "{first}");

    // Lines that are not named stay; one without a path goes.
    connections("update", &["--field-map", "companies.image=website"]).done();
    let second = soon(request, |reply| reply.body["data"][0]["image"] == "https://company0.example").await;
    assert_eq!(second.body["data"][0]["industry"], first["industry"]);
    connections("update", &["--field-map", "companies.industry="]).done();
    soon(request, |reply| reply.body["data"][0].get("industry").is_none() && reply.status == 200).await;
    connections("update", &["--set", "subscription_key=another"]).done();
    soon(request, |reply| reply.status == 401).await;
}

// The command runs while the vendor answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_field_map_is_held_to_what_the_vendor_says_of_itself() {
    let vendors = Sandbox::new().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let root = "prophet/prophetwebservices/AvtProphetApi/odata";
    let more = format!("[connectors.avid-crm]\nbase_url = \"http://{}/avid-crm/{root}\"", vendors.address);
    let installation = Installation::new("http://127.0.0.1:9/closed", &more);
    let api_key = installation.add_application("acme");
    let (name, password) = (format!("username={AVID_USERNAME}"), format!("password={AVID_PASSWORD}"));
    let add = |lines: &[&str]| {
        let place = ["connections", "add", "--app", "acme", "--consumer", "c-1", "--service", "avid-crm"];
        let settings = ["--set", &name, "--set", &password];
        let lines = lines.iter().flat_map(|line| ["--field-map", line]);
        installation.run(&place.into_iter().chain(settings).chain(lines).collect::<Vec<_>>())
    };
    let complaint =
        add(&["opportunities.pipeline_stage_id=UserDefined02", "opportunities.monetary_amount=UserDefined3"]);
    let complaint = complaint.failed();
    let owed = "opportunities.monetary_amount: the account's Opportunities have no `UserDefined3`; near it are";
    assert!(complaint.contains(owed) && complaint.contains("UserDefined03"), "{complaint}");
    assert!(!complaint.contains("pipeline_stage_id"), "{complaint}");

    add(&["opportunities.pipeline_stage_id=UserDefined02", "opportunities.monetary_amount=UserDefined03"]).done();
    // A change is held to the same, with the secrets that are kept.
    let change =
        ["connections", "update", "--app", "acme", "--consumer", "c-1", "--service", "avid-crm", "--field-map"];
    let complaint = installation.run(&[&change[..], &["opportunities.monetary_amount=UserDefined3"]].concat()).failed();
    assert!(complaint.contains(owed), "{complaint}");
    let server = installation.serve();
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };
    let reply = send(server.request_to("avid-crm", caller, Method::GET, "/crm/opportunities?limit=60")).await;
    let stages: Vec<&Value> =
        reply.body["data"].as_array().unwrap().iter().map(|deal| &deal["pipeline_stage_id"]).collect();
    assert!(stages.contains(&&json!("50% agreed")), "{}", reply.text);
    assert!(
        reply.body["data"].as_array().unwrap().iter().any(|deal| deal["monetary_amount"].is_number()),
        "{}",
        reply.text
    );
}

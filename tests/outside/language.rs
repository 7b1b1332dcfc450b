//! What the language of definitions promises, through HTTP: envelopes, kinds, deleted records, and whose limit a refusal is.

use std::net::SocketAddr;

use connector_catalog::Catalog;
use reqwest::Method;
use serde_json::{Value, json};
use server::config::Config;
use unified_model::{CanonicalSchema, Operation, Resource, ServiceId};

use crate::support::{Gateway, Reply, send};
use crate::vendor::{RawVendor, answer, json as json_answer};

/// A vendor that puts everything into envelopes. The settings are those that every test's connection has.
const QUAY: &str = "service_id: quay-crm
name: Quay
protocol: rest
settings:
  domain: { label: Domain }
  email: { label: E-mail }
  api_key: { label: Key, type: password }
base_url: https://quay.example
auth: { bearer: { token: \"{settings.api_key}\" } }
errors:
  - { status: 409, as: refused, message: Quay holds sandbox records and no others }
error_messages: [error]
resources:
";
const CONTACTS: &str = "  contacts:
    kind: { is_person: true, level: 2 }
    envelope: { item: data, record: data, body: data.attributes }
    deleted: { mark: gone.at }
    all: { request: GET /contacts, records: items, paging: sliced }
    one: { request: \"GET /contacts/{id}\" }
    add: { request: POST /contacts }
    update: { request: \"PATCH /contacts/{id}\" }
    delete: { request: \"DELETE /contacts/{id}\" }
";
const MAPPING: &str = "nulls: send
fields:
  id: { at: id, as: text, mode: read }
  first_name: first
  last_name: last
  title: title
";

fn quay(resources: &str, mapping: &str) -> Catalog {
    let connector = format!("{QUAY}{resources}");
    let files = [("connectors/quay-crm.yaml", connector.as_str()), ("mappings/quay-crm/contacts.yaml", mapping)];
    Catalog::from_sources(&files).unwrap()
}

fn at(address: SocketAddr) -> impl FnOnce(&mut Config) {
    move |config| {
        let service: ServiceId = "quay-crm".parse().unwrap();
        config.connectors.get_mut(&service).unwrap().base_url = Some(format!("http://{address}"));
    }
}

async fn over(resources: &str, answers: &[&Value]) -> (Gateway, RawVendor) {
    let answers: Vec<Vec<u8>> = answers.iter().map(|answer| json_answer(&answer.to_string())).collect();
    let answers: Vec<&[u8]> = answers.iter().map(Vec::as_slice).collect();
    let vendor = RawVendor::start(&answers).await;
    (Gateway::over(quay(resources, MAPPING), at(vendor.address)).await, vendor)
}

fn person(id: u8, last: &str) -> Value {
    json!({ "id": id, "is_person": true, "level": 2, "first": "Ada", "last": last, "title": "Countess" })
}

fn bodies(vendor: &RawVendor) -> Vec<Value> {
    let bodies = vendor.bodies();
    bodies.iter().filter(|body| !body.is_empty()).map(|body| serde_json::from_str(body).unwrap()).collect()
}

#[tokio::test]
async fn what_is_in_envelopes_is_listed_fetched_added_and_changed_without_a_prefix() {
    let listed = json!({ "items": [{ "data": person(1, "Byron") }, { "data": { "id": 2, "is_person": false } }] });
    let (gateway, _vendor) = over(CONTACTS, &[&listed]).await;
    let list = gateway.get("/crm/contacts?fields=id,last_name").await;
    assert_eq!(list.body["data"], json!([{ "id": "1", "last_name": "Byron" }]), "{}", list.text);

    let single = json!({ "data": person(1, "Byron") });
    let (gateway, vendor) = over(CONTACTS, &[&single]).await;
    assert_eq!(gateway.get("/crm/contacts/1").await.body["data"]["last_name"], "Byron");
    let changed = gateway.patch("/crm/contacts/1", &json!({ "last_name": "King", "first_name": "Ada" })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(bodies(&vendor), [json!({ "data": { "attributes": { "last": "King" } } })], "only what changed");

    let (gateway, vendor) = over(CONTACTS, &[&single]).await;
    let extended = json!({ "last_name": "King", "pass_through": [{ "service_id": "quay-crm", "extend_object": { "data": { "type": "person" } } }] });
    let added = gateway.post("/crm/contacts", &extended).await;
    assert_eq!(added.body["data"]["id"], "1", "{}", added.text);
    let owed = json!({ "data": { "type": "person", "attributes": { "is_person": true, "level": 2, "last": "King" } } });
    assert_eq!(bodies(&vendor), [owed], "a kind is written as it is: true, and 2");
}

#[tokio::test]
async fn a_step_says_itself_what_its_body_goes_into() {
    let contacts = CONTACTS.replace(
        "request: \"PATCH /contacts/{id}\" }",
        "steps: [{ id: fields, request: \"PATCH /contacts/{id}\", wrap: $, send: { changed: { drop: [title] } } }, \
         { id: title, request: \"PUT /contacts/{id}/title\", wrap: value, send: { text: title } }] }",
    );
    let (gateway, vendor) = over(&contacts, &[&json!({ "data": person(1, "Byron") })]).await;
    let changed = gateway.patch("/crm/contacts/1", &json!({ "last_name": "King", "title": "Dr" })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(bodies(&vendor), [json!({ "last": "King" }), json!({ "value": { "text": "Dr" } })]);
}

#[tokio::test]
async fn a_deleted_record_is_left_out_not_found_and_not_changed() {
    let mut gone = person(1, "Byron");
    gone["gone"] = json!({ "at": "2026-01-01" });
    let listed = json!({ "items": [{ "data": gone }, { "data": person(2, "King") }] });
    let (gateway, _vendor) = over(CONTACTS, &[&listed]).await;
    assert_eq!(gateway.get("/crm/contacts?fields=id").await.body["data"], json!([{ "id": "2" }]));
    let (gateway, vendor) = over(CONTACTS, &[&json!({ "data": gone })]).await;
    gateway.get("/crm/contacts/1").await.refused(404, "EntityNotFoundError");
    gateway.patch("/crm/contacts/1", &json!({ "last_name": "King" })).await.refused(404, "EntityNotFoundError");
    gateway.delete("/crm/contacts/1").await.refused(404, "EntityNotFoundError");
    assert!(vendor.calls().iter().all(|call| call.starts_with("GET ")), "{:?}", vendor.calls());
}

#[tokio::test]
async fn a_deleted_record_that_is_shown_is_not_changed_either_and_needs_no_kind() {
    let contacts = "  contacts:
    deleted: { mark: { state: bin }, then: shown }
    all: { request: GET /contacts, paging: sliced }
    one: { request: \"GET /contacts/{id}\" }
    update: { request: \"PATCH /contacts/{id}\" }
";
    let mapping = format!(
        "{MAPPING}  active: {{ cases: [{{ value: false, when: {{ state: bin }}, mode: read }}], otherwise: true, mode: read }}\n"
    );
    let gone = json!({ "id": 1, "state": "bin", "last": "Byron" });
    let (single, listed) = (json_answer(&gone.to_string()), json_answer(&json!([gone]).to_string()));
    let vendor = RawVendor::start(&[&single, &listed, &single]).await;
    let gateway = Gateway::over(quay(contacts, &mapping), at(vendor.address)).await;
    assert_eq!(gateway.get("/crm/contacts/1").await.body["data"]["active"], false);
    assert_eq!(gateway.get("/crm/contacts?fields=active").await.body["data"], json!([{ "active": false }]));
    gateway.patch("/crm/contacts/1", &json!({ "last_name": "King" })).await.refused(404, "EntityNotFoundError");
    assert!(vendor.calls().iter().all(|call| call.starts_with("GET ")), "{:?}", vendor.calls());
}

#[tokio::test]
async fn what_the_definition_says_is_answered_as_it_stands_and_what_the_vendor_echoes_is_not() {
    // The key of the test's connection has the word "sandbox" in it; here it is that word.
    let echoed = answer(
        409,
        "application/json",
        &json!({ "error": "no key sandbox-rest-key", "key": "sandbox-rest-key" }).to_string(),
    );
    let vendor = RawVendor::start(&[&echoed]).await;
    let message = "Quay refuses sandbox-rest-key records";
    let told = CONTACTS.replace("    kind:", "    evidence: seen\n    kind:");
    let connector = format!("{QUAY}{told}").replace("Quay holds sandbox records and no others", message);
    let files = [("connectors/quay-crm.yaml", connector.as_str()), ("mappings/quay-crm/contacts.yaml", MAPPING)];
    let gateway = Gateway::over(Catalog::from_sources(&files).unwrap(), at(vendor.address)).await;
    let reply = gateway.get("/crm/contacts").await;
    let detail = reply.refused(409, "ConnectorExecutionError");
    assert_eq!(detail["message"], message, "the definition's own words, whatever a secret looks like");
    assert_eq!(detail["response"], json!({ "error": "no key [redacted]", "key": "[redacted]" }));
    let quiet = connector.replace(&format!(", message: {message}"), "");
    let files = [("connectors/quay-crm.yaml", quiet.as_str()), ("mappings/quay-crm/contacts.yaml", MAPPING)];
    let gateway = Gateway::over(Catalog::from_sources(&files).unwrap(), at(vendor.address)).await;
    let reply = gateway.get("/crm/contacts").await;
    assert_eq!(reply.body["detail"]["message"], "no key [redacted]", "the vendor's words: {}", reply.text);
}

fn reason(reply: &Reply) -> &str {
    let detail = &reply.body["detail"];
    let because = detail["because"].as_str().unwrap_or_default();
    let known = detail["evidence"].is_string() && detail["why"].is_string();
    assert!(because == "definition" || (because == "vendor" && known), "{}", reply.text);
    because
}

#[tokio::test]
async fn every_refusal_of_what_is_not_supported_says_whose_limit_it_is() {
    let gateway = Gateway::demo().await;
    let services: Vec<String> =
        gateway.vault.catalog().connectors().map(|connector| connector.service_id.to_string()).collect();
    let (mut vendors, mut definitions) = (0, 0);
    let mut count = |reply: &Reply| *(if reason(reply) == "vendor" { &mut vendors } else { &mut definitions }) += 1;
    for service in &services {
        for resource in [
            Resource::Activities,
            Resource::Companies,
            Resource::Contacts,
            Resource::Leads,
            Resource::Notes,
            Resource::Opportunities,
            Resource::Pipelines,
            Resource::Users,
        ] {
            let ask = async |method: Method, path: String, body: Option<Value>| {
                let request = gateway.request(method, &path).header("x-apideck-service-id", service);
                send(match body {
                    Some(body) => request.header("content-type", "application/json").body(body.to_string()),
                    None => request,
                })
                .await
            };
            for operation in &CanonicalSchema::built_in().resource(resource).operations {
                let (method, path) = match operation {
                    Operation::All => (Method::GET, format!("/crm/{resource}?limit=1")),
                    Operation::One => (Method::GET, format!("/crm/{resource}/1")),
                    Operation::Add | Operation::Update => continue,
                    Operation::Delete => (Method::DELETE, format!("/crm/{resource}/1")),
                };
                let reply = ask(method, path, None).await;
                if reply.status == 501 {
                    count(&reply);
                }
            }
            for (parameter, kind) in
                [("sort[by]=created_at", "UnsupportedSortFieldError"), ("filter[name]=a", "UnsupportedFiltersError")]
            {
                let reply = ask(Method::GET, format!("/crm/{resource}?{parameter}"), None).await;
                if reply.body["type_name"] == kind {
                    count(&reply);
                }
            }
        }
    }
    assert!(vendors > 20 && definitions > 20, "{vendors} {definitions}");
    let ask = async |service: &str, path: &str| {
        send(gateway.request(Method::GET, path).header("x-apideck-service-id", service)).await
    };
    assert_eq!(reason(&ask("avid-crm", "/crm/leads").await), "vendor");
    assert_eq!(reason(&ask("hubspot", "/crm/leads").await), "definition");
    assert_eq!(reason(&ask("teamswork-crm", "/crm/contacts?filter[email]=a@b.example").await), "vendor");
    assert_eq!(reason(&ask("hubspot", "/crm/contacts?filter[name]=a").await), "definition");
    assert_eq!(reason(&ask("teamswork-crm", "/crm/contacts?sort[by]=name").await), "vendor");
    assert_eq!(reason(&ask("pipedrive", "/crm/contacts?sort[by]=name").await), "definition");
}

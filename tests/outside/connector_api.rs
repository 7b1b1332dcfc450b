//! The Connector API: what it says of a connector is what the gateway does with it, in the shape that its document describes.

use reqwest::Method;
use serde_json::{Value, json};
use server::sandbox::{API_KEY, APPLICATION, CONSUMER};

use crate::support::{Gateway, Reply, send};

/// An answer whose body is as `spec/connector.yaml` describes.
#[track_caller]
fn checked<'r>(reply: &'r Reply, schema: &str) -> &'r Value {
    let document: Value = serde_saphyr::from_str(include_str!("../../spec/connector.yaml")).unwrap();
    let wanted = json!({ "$ref": format!("#/components/schemas/{schema}"), "components": document["components"] });
    let validator = jsonschema::validator_for(&wanted).unwrap();
    let complaints: Vec<String> =
        validator.iter_errors(&reply.body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(complaints.is_empty(), "{}\n{}", complaints.join("\n"), reply.text);
    assert_eq!((reply.status, reply.headers["content-type"].to_str().unwrap()), (200, "application/json"));
    &reply.body["data"]
}

/// A request as the SDKs send it: no consumer is named.
async fn get(gateway: &Gateway, path: &str) -> Reply {
    let request = gateway.anonymous(Method::GET, path).bearer_auth(API_KEY);
    send(request.header("x-apideck-app-id", APPLICATION)).await
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_connector_is_described() {
    let gateway = Gateway::demo().await;
    let reply = get(&gateway, "/connector/connectors").await;
    let listed = checked(&reply, "ConnectorList");
    let services: Vec<&str> =
        gateway.vault.catalog().connectors().map(|connector| connector.service_id.as_str()).collect();
    assert_eq!(ids(listed), services);
    for connector in listed.as_array().unwrap() {
        let id = connector["id"].as_str().unwrap();
        let one = get(&gateway, &format!("/connector/connectors/{id}")).await;
        assert_eq!(checked(&one, "ConnectorItem"), connector);
        for doc in connector["docs"].as_array().unwrap() {
            let (_, path) = doc["url"].as_str().unwrap().split_once(&gateway.address.to_string()).unwrap();
            let text = get(&gateway, path).await;
            assert_eq!(text.headers["content-type"], "text/markdown; charset=utf-8");
            assert!(text.text.contains(connector["name"].as_str().unwrap()), "{}", text.text);
        }
        for setting in connector["settings"].as_array().unwrap() {
            let path = format!("/connector/connectors/{id}/docs/consumer%2Bconnection");
            let guide = get(&gateway, &path).await.text;
            assert!(guide.contains(setting["label"].as_str().unwrap()), "{guide}");
        }
    }
}

#[tokio::test]
async fn what_is_described_is_what_is_done() {
    let gateway = Gateway::demo().await;
    let services: Vec<String> =
        gateway.vault.catalog().connectors().map(|connector| connector.service_id.to_string()).collect();
    let ask = async |service: &str, path: String| {
        send(gateway.request(Method::GET, &path).header("x-apideck-service-id", service)).await
    };
    for service in &services {
        for resource in ["activities", "companies", "contacts", "leads", "notes", "opportunities", "pipelines", "users"]
        {
            let reply = get(&gateway, &format!("/connector/connectors/{service}/resources/{resource}")).await;
            let list = ask(service, format!("/crm/{resource}?limit=5")).await;
            if reply.status == 404 {
                reply.refused(404, "EntityNotFoundError");
                list.refused(501, "ConnectorOperationUnsupportedError");
                continue;
            }
            let described = checked(&reply, "ConnectorResourceItem");
            let lists = texts(&described["supported_operations"]).contains(&"all");
            // What it serves with other settings than this connection's is told as well, under which settings.
            let depends = described.get("variants").is_some() && list.text.contains("only with other settings");
            assert_eq!(list.status, if lists && !depends { 200 } else { 501 }, "{service} {resource}: {}", list.text);
            if list.status != 200 {
                continue;
            }
            let fields = described["supported_list_fields"].as_array().unwrap();
            let fields: Vec<&str> = fields.iter().map(|field| field["unified_property"].as_str().unwrap()).collect();
            // A page of records behind other records may be empty.
            for member in
                list.body["data"].as_array().unwrap().iter().flat_map(|record| record.as_object().unwrap().keys())
            {
                assert!(
                    fields.contains(&member.as_str()),
                    "{service} {resource} answers {member}, which is not listed"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_a_list_refuses_is_what_is_not_described() {
    let gateway = Gateway::demo().await;
    for (service, filter, sort) in [
        // Agile has every filter of the contract.
        ("agile-crm", "", "sort[by]=email"),
        ("teamswork-crm", "filter[email]=a@b.example", "sort[by]=name"),
    ] {
        let described = get(&gateway, &format!("/connector/connectors/{service}/resources/contacts")).await;
        for (query, type_name, supported) in [
            (filter, "UnsupportedFiltersError", "supported_filters"),
            (sort, "UnsupportedSortFieldError", "supported_sort_by"),
        ]
        .into_iter()
        .filter(|(query, ..)| !query.is_empty())
        {
            let request = gateway.request(Method::GET, &format!("/crm/contacts?{query}"));
            let refused = send(request.header("x-apideck-service-id", service)).await;
            let mut said = texts(&refused.refused(400, type_name)[supported]);
            let mut described = texts(&described.body["data"][supported]);
            said.sort_unstable();
            described.sort_unstable();
            assert_eq!(said, described, "{service} {supported}");
        }
    }
}

#[tokio::test]
async fn apis_have_resources_schemas_and_coverage() {
    let gateway = Gateway::demo().await;
    let reply = get(&gateway, "/connector/apis").await;
    assert_eq!(ids(checked(&reply, "ApiList")), ["connector", "crm", "vault"]);
    let crm = get(&gateway, "/connector/apis/crm").await;
    for resource in ids(&checked(&crm, "ApiItem")["resources"]) {
        let one = get(&gateway, &format!("/connector/apis/crm/resources/{resource}")).await;
        let schema = &checked(&one, "ApiResourceItem")["schema"];
        assert!(!schema.to_string().contains("$ref"), "{resource}: every reference is resolved");
        jsonschema::validator_for(schema).unwrap();
        let reply = get(&gateway, &format!("/connector/apis/crm/resources/{resource}/coverage")).await;
        for covered in checked(&reply, "ApiResourceCoverageItem")["coverage"].as_array().unwrap() {
            let service = covered["service_id"].as_str().unwrap();
            let path = format!("/connector/connectors/{service}/resources/{resource}?unified_api=crm");
            let described = get(&gateway, &path).await;
            for (name, value) in covered.as_object().unwrap().iter().filter(|(name, _)| *name != "service_id") {
                assert_eq!(&described.body["data"][name], value, "{service} {resource} {name}");
            }
        }
    }
    let leads = get(&gateway, "/connector/apis/crm/resources/leads").await;
    let linked = leads.body["data"]["linked_resources"].as_array().unwrap();
    assert!(linked.contains(&json!({ "id": "users", "unified_property": "owner_id" })), "{}", leads.text);
    for api in
        ["/openapi.json", "/openapi/connector.json", "/openapi/vault.json", "/docs", "/docs/connector", "/docs/vault"]
    {
        assert_eq!(send(gateway.anonymous(Method::GET, api)).await.status, 200, "{api}");
    }
}

#[tokio::test]
async fn lists_are_paged_and_filtered() {
    let gateway = Gateway::demo().await;
    let every = get(&gateway, "/connector/connectors").await;
    let every = ids(&every.body["data"]);
    let mut seen = Vec::new();
    let mut path = "/connector/connectors?limit=1&filter[unified_api]=crm".to_owned();
    while seen.len() <= every.len() {
        let reply = get(&gateway, &path).await;
        seen.extend(ids(checked(&reply, "ConnectorList")).iter().map(|id| (*id).to_owned()));
        assert_eq!(reply.body["meta"]["items_on_page"], 1);
        assert_eq!(reply.body["links"]["current"], format!("http://{}{path}", gateway.address));
        let Some(next) = reply.body["links"]["next"].as_str() else { break };
        path = next.split_once(&gateway.address.to_string()).unwrap().1.to_owned();
    }
    assert_eq!(seen, every);
    for (status, api) in [("live", "crm"), ("beta", "crm"), ("considering", "crm"), ("live", "accounting")] {
        let query = format!("filter[status]={status}&filter[unified_api]={api}");
        let reply = get(&gateway, &format!("/connector/connectors?{query}")).await;
        let listed = checked(&reply, "ConnectorList").as_array().unwrap();
        assert!(listed.iter().all(|connector| connector["status"] == status && api == "crm"), "{}", reply.text);
    }
    assert_eq!(get(&gateway, "/connector/apis?filter[status]=beta").await.body["data"], json!([]));
    for (query, type_name) in [
        ("limit=0", "RequestValidationError"),
        ("limit=201", "RequestValidationError"),
        ("filter[name]=x", "RequestValidationError"),
        ("cursor=%20", "InvalidCursorError"),
        ("cursor=AAAA", "InvalidCursorError"),
    ] {
        for list in ["connectors", "apis"] {
            get(&gateway, &format!("/connector/{list}?{query}")).await.refused(400, type_name);
        }
    }
}

#[tokio::test]
async fn only_an_application_is_told_and_only_of_what_there_is() {
    let gateway = Gateway::demo().await;
    let path = "/connector/connectors";
    send(gateway.anonymous(Method::GET, path)).await.refused(401, "UnauthorizedError");
    let stranger = gateway.anonymous(Method::GET, path).bearer_auth("wrong-key-here");
    send(stranger.header("x-apideck-app-id", APPLICATION)).await.refused(401, "UnauthorizedError");
    let nameless = gateway.anonymous(Method::GET, path).bearer_auth(API_KEY);
    send(nameless).await.refused(400, "RequestHeadersValidationError");
    let named = gateway.request(Method::GET, path).header("x-apideck-consumer-id", CONSUMER);
    assert_eq!(send(named).await.status, 200, "a consumer may be named");
    for (path, type_name) in [
        ("/connector/connectors/acme-crm", "ConnectorNotFoundError"),
        ("/connector/connectors/Agile%20CRM", "ConnectorNotFoundError"),
        ("/connector/connectors/acme-crm/resources/contacts", "ConnectorNotFoundError"),
        ("/connector/connectors/acme-crm/docs/consumer+connection", "ConnectorNotFoundError"),
        ("/connector/connectors/agile-crm/resources/ships", "EntityNotFoundError"),
        ("/connector/connectors/agile-crm/resources/contacts?unified_api=hris", "EntityNotFoundError"),
        ("/connector/connectors/agile-crm/docs/other", "EntityNotFoundError"),
        ("/connector/apis/hris", "EntityNotFoundError"),
        ("/connector/apis/crm/resources/ships", "EntityNotFoundError"),
        ("/connector/apis/crm/resources/ships/coverage", "EntityNotFoundError"),
        ("/connector/apis/connector/resources/contacts", "EntityNotFoundError"),
        ("/connector", "EntityNotFoundError"),
        ("/connector/vendors", "EntityNotFoundError"),
        ("/connector/connectors/agile-crm/resources", "EntityNotFoundError"),
    ] {
        get(&gateway, path).await.refused(404, type_name);
    }
    let posted = gateway.request(Method::POST, path).body("{}");
    send(posted).await.refused(404, "EntityNotFoundError");
}

#[tokio::test]
async fn the_coverage_page_shows_the_definitions_in_use() {
    let gateway = Gateway::demo().await;
    let page = send(gateway.anonymous(Method::GET, "/docs/coverage")).await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    for connector in gateway.vault.catalog().connectors() {
        assert!(page.text.contains(&connector.name), "{}", connector.name);
    }
}

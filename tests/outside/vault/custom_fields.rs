//! The fields that a vendor's account has of its own: which there are, and that the path to each answers its value.

use reqwest::Method;
use serde_json::{Value, json};
use server::sandbox::APPLICATION;
use unified_model::Resource;

use super::house::{AGILE, House, ZENITH};
use crate::support::{Gateway, Reply, send};

async fn ask(gateway: &Gateway, service: &str, method: Method, path: &str, body: Option<&Value>) -> Reply {
    let request = gateway.request(method, path).header("x-apideck-service-id", service);
    send(match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    })
    .await
}

async fn fields(gateway: &Gateway, service: &str, resource: Resource, query: &str) -> Vec<Value> {
    let path = format!("/vault/connections/crm/{service}/{resource}/custom-fields{query}");
    let reply = ask(gateway, service, Method::GET, &path, None).await;
    reply.succeeded().as_array().unwrap().clone()
}

/// The first record whose own fields hold something, if any does, as a caller reads it.
async fn record(gateway: &Gateway, service: &str, resource: Resource) -> Value {
    let reply = ask(gateway, service, Method::GET, &format!("/crm/{resource}?limit=100"), None).await;
    let records = reply.body["data"].as_array().unwrap_or_else(|| panic!("{}", reply.text)).clone();
    let holds = |field: &Value| !field["value"].is_null() && field["id"] != "lead_score" && field["id"] != "star_value";
    let has_own = |record: &Value| record["custom_fields"].as_array().is_some_and(|own| own.iter().any(holds));
    let found = records.iter().find(|record| has_own(record)).or_else(|| records.first());
    found.cloned().expect("a record")
}

#[tokio::test]
async fn each_field_is_found_by_its_path_in_every_resource_of_every_vendor() {
    let gateway = Gateway::demo().await;
    let services: Vec<_> = gateway.vault.catalog().connectors().cloned().collect();
    let mut told = 0;
    for connector in services {
        let service = connector.service_id.as_str();
        let sources = connector.entities().filter(|entity| !entity.custom_fields.is_empty());
        let mut resources: Vec<Resource> = sources.map(|entity| entity.resource).collect();
        resources.dedup();
        for resource in resources {
            let record = record(&gateway, service, resource).await;
            let id = record["id"].as_str().unwrap();
            let fields = fields(&gateway, service, resource, &format!("?resource_id={id}")).await;
            let mut mappings = Vec::new();
            for (place, field) in fields.iter().enumerate() {
                let key = format!("{}_{place}", service.replace('-', "_"));
                gateway
                    .vault
                    .mapping_targets()
                    .keep(
                        &APPLICATION.parse().unwrap(),
                        connection_vault::NewMappingTarget {
                            resource,
                            key: &key,
                            label: "Any",
                            description: None,
                            required: false,
                        },
                    )
                    .await
                    .unwrap();
                mappings.push(json!({ "id": format!("crm+{resource}+{key}"), "value": field["finder"] }));
            }
            let connection = format!("/vault/connections/crm/{service}");
            let change = json!({ "custom_mappings": mappings });
            ask(&gateway, service, Method::PATCH, &connection, Some(&change)).await.succeeded();
            let path = format!("/crm/{resource}/{id}");
            let mapped = ask(&gateway, service, Method::GET, &path, None).await.body["data"]["custom_mappings"].clone();
            let values: Vec<&Value> = fields.iter().map(|field| &field["value"]).collect();
            let answered: Vec<&Value> =
                (0..fields.len()).map(|place| &mapped[&format!("{}_{place}", service.replace('-', "_"))]).collect();
            assert_eq!(answered, values, "{service} {resource}");
            // What the record's own custom fields are is what their finders find.
            for own in record["custom_fields"].as_array().unwrap() {
                let known = fields.iter().find(|field| field["id"] == own["id"]);
                match known {
                    Some(field) => assert_eq!(field["value"], own["value"], "{service} {resource} {own}"),
                    // Columns of Agile's own that are shown among them.
                    None => assert_eq!(service, "agile-crm", "{resource} {own}"),
                }
            }
            told += fields.iter().filter(|field| !field["value"].is_null()).count();
        }
    }
    assert!(told > 10, "{told}");
}

#[tokio::test]
async fn agile_tells_of_the_fields_that_are_defined_and_of_those_that_records_have_besides() {
    let gateway = Gateway::demo().await;
    let fields = fields(&gateway, "agile-crm", Resource::Contacts, "").await;
    let badge = fields.iter().find(|field| field["name"] == "Badge No.").expect("a field");
    assert_eq!(
        (&badge["id"], &badge["description"], &badge["finder"]),
        (
            &json!("Badge No."),
            &json!("TEXT"),
            &json!("$.properties[?@.type == 'CUSTOM' && @.name == 'Badge No.'].value")
        )
    );
    let names: Vec<&Value> = fields.iter().map(|field| &field["name"]).collect();
    for name in ["Renewal Date", "Newsletter", "Favourite Fruit", "title"] {
        assert_eq!(names.iter().filter(|known| **known == name).count(), 1, "{names:?}");
    }
}

#[tokio::test]
async fn avid_tells_of_columns_whose_meaning_a_tenant_decides() {
    let gateway = Gateway::demo().await;
    let fields = fields(&gateway, "avid-crm", Resource::Opportunities, "").await;
    let order = fields.iter().find(|field| field["name"] == "Order number").expect("a field");
    let finder = format!("$.CustomFields[?@.CustomFieldDefinitionId == '{}'].value", order["id"].as_str().unwrap());
    assert_eq!((order["description"].as_str(), order["finder"].as_str()), (Some("Text"), Some(finder.as_str())));
    let stage = fields.iter().find(|field| field["id"] == "UserDefined02").expect("a column");
    assert_eq!(stage["finder"], "$['UserDefined02']");
    assert!(stage["value"].is_string(), "{stage}");
    assert!(fields.iter().all(|field| field["name"] != "Fleet size"), "that is a company's");
}

#[tokio::test]
async fn teamswork_tells_of_what_its_forms_have_whether_a_record_has_it_or_not() {
    let gateway = Gateway::demo().await;
    for resource in [Resource::Companies, Resource::Contacts, Resource::Leads, Resource::Opportunities] {
        let fields = fields(&gateway, "teamswork-crm", resource, "").await;
        let named: Vec<(&str, &str)> =
            fields.iter().map(|field| (field["id"].as_str().unwrap(), field["name"].as_str().unwrap())).collect();
        assert_eq!(named, [("cf_1", "Sites"), ("cf_2", "Région d'achat"), ("cf_3", "Renewal")], "{resource}");
        assert!(fields.iter().any(|field| field["value"].is_null()), "{resource}: {fields:?}");
    }
}

#[tokio::test]
async fn fields_are_told_of_records_that_there_are_and_by_connectors_that_can() {
    let gateway = Gateway::demo().await;
    let refused = async |service: &str, path: &str| {
        ask(&gateway, service, Method::GET, &format!("/vault/connections/crm/{service}/{path}"), None).await
    };
    for path in ["contacts/custom-fields?resource_id=12", "contacts/custom-fields?resource_id=x"] {
        refused("agile-crm", path).await.refused(404, "EntityNotFoundError");
    }
    let detail = refused("agile-crm", "pipelines/custom-fields").await;
    let detail = detail.refused(501, "ConnectorOperationUnsupportedError").to_string();
    assert!(detail.contains("has no way to say which fields of their own its pipelines have"), "{detail}");
    refused("axiomatic-crm", "users/custom-fields").await.refused(501, "ConnectorOperationUnsupportedError");
    refused("agile-crm", "widgets/custom-fields").await.refused(404, "EntityNotFoundError");
    refused("nobody-crm", "contacts/custom-fields").await.refused(404, "ConnectorNotFoundError");
}

#[tokio::test]
async fn an_application_is_told_of_its_own_consumers_alone() {
    let house = House::start().await;
    house.connect("ada").await;
    let path = format!("{AGILE}/companies/custom-fields");
    assert!(!house.data("ada", &path).await.as_array().unwrap().is_empty());
    house.get("bob", &path).await.refused(404, "ConnectionNotFoundError");
    send(house.request(ZENITH, "ada", "GET", &path)).await.refused(404, "ConnectionNotFoundError");
    let token = house.session("ada", &json!({})).await;
    send(house.in_session(&token, "GET", &path)).await.succeeded();
}

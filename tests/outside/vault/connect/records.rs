//! The vendor's record, from which a consumer chooses where a field stands.

use connector_catalog::{Catalog, JsonPath};
use serde_json::{Value, json};

use crate::support::send;
use crate::vault::house::{AGILE, House};

const COMPANIES: &str = "/vault/connections/crm/agile-crm/companies";

/// Each value's path and its example.
fn values<'s>(schema: &'s Value, found: &mut Vec<(&'s str, &'s Value)>) {
    match schema {
        Value::Object(members) => {
            if let (Some(Value::String(path)), Some(example)) = (members.get("description"), members.get("example")) {
                found.push((path, example));
            }
            members.values().for_each(|member| values(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| values(item, found)),
        _ => {}
    }
}

#[test]
fn every_path_of_every_schema_finds_its_value_in_the_example() {
    let catalog = Catalog::built_in().unwrap();
    for entity in catalog.connectors().flat_map(|connector| connector.entities()) {
        let record = entity.mapping.vendor_record();
        let (schema, example) = (record.schema(), record.example());
        let mut found = Vec::new();
        values(&schema, &mut found);
        assert!(!found.is_empty(), "{}", entity.mapping_name);
        for (path, value) in found {
            let there = JsonPath::parse(path).unwrap().value(&example);
            let first = there.as_array().filter(|_| !value.is_array()).and_then(|list| list.first()).unwrap_or(&there);
            assert_eq!(first, value, "{}: {path} in {example}", entity.mapping_name);
            assert!(record.has(path), "{path}");
        }
    }
}

#[tokio::test]
async fn a_consumers_browser_reads_the_record_and_maps_a_field_of_it() {
    let house = House::start().await;
    house.connect("ada").await;
    let token = house.session("ada", &json!({})).await;
    let read =
        async |what: &str| send(house.in_session(&token, "GET", &format!("{COMPANIES}/{what}"))).await.succeeded();
    let schema = read("schema").await;
    assert_eq!(schema["type"], "object");
    let mut found = Vec::new();
    values(&schema, &mut found);
    let place = "$['properties'][?@['name'] == 'name']['value']";
    assert!(found.iter().any(|(path, _)| *path == place), "{found:?}");
    let example = read("example").await;
    assert_eq!((&example["unified_api"], &example["resource_name"]), (&json!("crm"), &json!("companies")));
    assert!(JsonPath::parse(place).unwrap().value(&example["example_response"]).is_string());

    let path = "/vault/custom-mappings/crm/agile-crm/crm+companies+tier";
    let mapped = house.call("ada", "POST", path, &json!({ "value": place })).await.succeeded();
    assert_eq!((&mapped["value"], &mapped["custom_field"]), (&json!(place), &json!(false)));
}

#[tokio::test]
async fn the_settings_choose_the_record() {
    let house = House::start().await;
    house.connect("ada").await;
    let path = "/vault/connections/crm/agile-crm/leads/schema";
    let by_tag = house.data("ada", path).await;
    house.call("ada", "PATCH", AGILE, &json!({ "settings": { "leads_mode": "type" } })).await.succeeded();
    assert_ne!(house.data("ada", path).await, by_tag);
    house.get("ada", "/vault/connections/crm/agile-crm/nope/schema").await.refused(404, "EntityNotFoundError");
}

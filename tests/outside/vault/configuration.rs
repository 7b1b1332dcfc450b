//! What new records of a resource begin with: set per connection, checked when it is set, and in force at once.

use serde_json::{Value, json};

use super::house::{AGILE, House, ZENITH, with_json};
use crate::support::send;

const CONFIG: &str = "/vault/connections/crm/agile-crm/companies/config";

/// What is shown of the configuration of companies, without what only a form needs.
fn stated(connection: &Value) -> Value {
    let entries = connection["configuration"].as_array().unwrap().iter();
    let defaults = entries.flat_map(|entry| entry["defaults"].as_array().unwrap().clone()).map(|mut default| {
        default.as_object_mut().unwrap().retain(|name, _| ["target", "id", "value"].contains(&name.as_str()));
        default
    });
    json!([{ "resource": "companies", "defaults": defaults.collect::<Vec<_>>() }])
}

fn configuration(defaults: &Value) -> Value {
    json!({ "configuration": [{ "resource": "companies", "defaults": defaults }] })
}

async fn created(house: &House, record: &Value) -> Value {
    let reply = house.call("ada", "POST", "/crm/companies", record).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let id = reply.body["data"]["id"].as_str().unwrap();
    let reply = house.get("ada", &format!("/crm/companies/{id}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.body["data"].clone()
}

#[tokio::test]
async fn a_new_record_begins_with_the_defaults_that_its_caller_leaves_open() {
    for house in House::of_every_engine().await {
        house.connect("ada").await;
        let defaults = json!([
            { "id": "name", "value": "Unnamed" },
            { "target": "resource", "id": "websites", "value": [] },
            { "target": "custom_fields", "id": "Tier", "value": "gold" },
            { "id": "Region", "value": "north" },
        ]);
        let set = house.call("ada", "PATCH", CONFIG, &configuration(&defaults)).await.succeeded();
        let expected = json!([{ "resource": "companies", "defaults": [
            { "target": "resource", "id": "name", "value": "Unnamed" },
            { "target": "resource", "id": "websites", "value": [] },
            { "target": "custom_fields", "id": "Tier", "value": "gold" },
            { "target": "custom_fields", "id": "Region", "value": "north" },
        ] }]);
        assert_eq!(stated(&set), expected);
        let shown = house.data("ada", CONFIG).await;
        assert_eq!(stated(&shown), expected);
        let again = json!({ "configuration": shown["configuration"] });
        let kept = house.call("ada", "PATCH", CONFIG, &again).await.succeeded();
        assert_eq!(stated(&kept), expected, "what was read can be sent back");
        for entry in shown["configuration"].as_array().unwrap() {
            assert_eq!((&entry["id"], &entry["value"]), (&entry["defaults"][0]["id"], &entry["defaults"][0]["value"]));
        }

        let record = created(&house, &json!({})).await;
        assert_eq!(record["name"], "Unnamed", "a required member may come from the defaults: {record}");
        let fields = |record: &Value| {
            let mut fields: Vec<(String, String)> = record["custom_fields"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|field| Some((field["id"].as_str()?.to_owned(), field["value"].as_str()?.to_owned())))
                .collect();
            fields.sort();
            fields
        };
        let both = |tier: &str| vec![("Region".to_owned(), "north".to_owned()), ("Tier".to_owned(), tier.to_owned())];
        assert_eq!(fields(&record), both("gold"));
        let own = json!({ "name": "Acme", "custom_fields": [{ "id": "Tier", "value": "silver" }] });
        let record = created(&house, &own).await;
        assert_eq!((&record["name"], fields(&record)), (&json!("Acme"), both("silver")));

        // No change of a record takes them up, and other consumers' connections have their own.
        let id = record["id"].as_str().unwrap();
        let path = format!("/crm/companies/{id}");
        let changed = house.call("ada", "PATCH", &path, &json!({ "name": "Acme & Co" })).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(fields(&house.data("ada", &path).await), both("silver"));
        house.connect("bob").await;
        house.call("bob", "POST", "/crm/companies", &json!({})).await.refused(400, "RequestValidationError");

        let cleared = house.call("ada", "PATCH", CONFIG, &configuration(&json!([]))).await.succeeded();
        assert_eq!(cleared["configuration"], json!([]));
        house.call("ada", "POST", "/crm/companies", &json!({})).await.refused(400, "RequestValidationError");
    }
}

#[tokio::test]
async fn the_connection_shows_the_configuration_of_every_resource_and_a_resource_its_own() {
    let house = House::start().await;
    house.connect("ada").await;
    let body = json!({ "configuration": [
        { "resource": "companies", "defaults": [{ "id": "name", "value": "Unnamed" }] },
        { "resource": "contacts", "defaults": [{ "id": "last_name", "value": "Unknown" }] },
    ] });
    let set = house.call("ada", "PATCH", AGILE, &body).await.succeeded();
    assert_eq!(set["configuration"].as_array().unwrap().len(), 2);
    let own = house.data("ada", CONFIG).await;
    assert_eq!(own["configuration"].as_array().unwrap().len(), 1);
    assert_eq!(own["id"], "crm+agile-crm");
    let writable = set["resource_settings_support"].as_array().unwrap();
    assert!(writable.contains(&json!("companies")) && !writable.contains(&json!("users")), "{writable:?}");
    let of = |connection: &Value| connection["configurable_resources"].clone();
    assert_eq!(of(&set).as_array().unwrap().len(), 2, "a form without a field is none");
    let field = &own["configuration"][0];
    assert!(field["type"].is_string() && field["label"].is_string(), "{field}");
    let none = json!({ "configuration": [{ "resource": "companies", "defaults": [] }, { "resource": "contacts", "defaults": [] }] });
    assert_eq!(of(&house.call("ada", "PATCH", AGILE, &none).await.succeeded()), json!([]));
}

#[tokio::test]
async fn defaults_that_no_record_could_take_are_refused_when_they_are_set() {
    let house = House::start().await;
    house.connect("ada").await;
    let before = house.data("ada", AGILE).await;
    for (defaults, says) in [
        (json!([{ "id": "name", "value": 7 }]), "name"),
        (json!([{ "id": "name", "value": null }]), "defaults[0]"),
        (json!([{ "id": "name" }]), "defaults[0]"),
        (json!([{ "value": "x" }]), "defaults[0]"),
        (json!([{ "id": "name", "value": "a" }, { "id": "currency", "value": "DOGE" }]), "currency"),
        (json!([{ "id": "created_at", "value": "2026-01-01T00:00:00Z" }]), "created_at"),
        (json!([{ "id": "id", "value": "7" }]), "`id`"),
        (json!([{ "id": "pass_through", "value": [{ "service_id": "agile-crm" }] }]), "pass_through"),
        (json!([{ "id": "custom_fields", "value": [] }]), "custom_fields"),
        (json!([{ "target": "resource", "id": "Tier", "value": "gold" }]), "Tier"),
        (json!([{ "target": "widgets", "id": "Tier", "value": "gold" }]), "target"),
        (json!([{ "id": "description", "value": "x" }]), "description"),
        (json!([{ "id": "name", "value": "a" }, { "id": "name", "value": "b" }]), "name"),
        (json!({ "name": "a" }), "defaults"),
    ] {
        let reply = house.call("ada", "PATCH", CONFIG, &configuration(&defaults)).await;
        let detail = reply.refused(400, "RequestValidationError").to_string();
        assert!(detail.contains(says), "{defaults}: {detail}");
        assert_eq!(house.data("ada", AGILE).await, before, "{defaults}");
    }
    // What has no custom fields takes none.
    let notes = "/vault/connections/crm/agile-crm/notes/config";
    let body = json!({ "configuration": [{ "resource": "notes", "defaults": [{ "id": "Tier", "value": "x" }] }] });
    let detail = house.call("ada", "PATCH", notes, &body).await.refused(400, "RequestValidationError").to_string();
    assert!(detail.contains("Tier") && detail.contains("custom fields"), "{detail}");
}

#[tokio::test]
async fn a_configuration_belongs_to_a_connection_and_a_resource_that_are_there() {
    let house = House::start().await;
    let body = configuration(&json!([{ "id": "name", "value": "Unnamed" }]));
    house.call("ada", "PATCH", CONFIG, &body).await.refused(404, "ConnectionNotFoundError");
    assert_eq!(house.data("ada", CONFIG).await["configuration"], json!([]), "nothing is set, and that can be read");
    house.connect("ada").await;
    let other = house.call("ada", "PATCH", "/vault/connections/crm/agile-crm/contacts/config", &body).await;
    other.refused(400, "RequestValidationError");
    for resource in ["widgets", "lists"] {
        let path = format!("/vault/connections/crm/agile-crm/{resource}/config");
        house.get("ada", &path).await.refused(404, "EntityNotFoundError");
        let body = json!({ "configuration": [{ "resource": resource, "defaults": [] }] });
        house.call("ada", "PATCH", &path, &body).await.refused(404, "EntityNotFoundError");
    }
    let foreign = with_json(house.request(ZENITH, "ada", "PATCH", CONFIG), &body);
    send(foreign).await.refused(404, "ConnectionNotFoundError");
}

//! Fields of the account's own: which there are, what a record has in them, and that the path to each finds it.

use std::sync::atomic::{AtomicUsize, Ordering};

use connector_catalog::PlanError;
use connectors::{ConnectorError, CustomField};
use serde_json::{Value, json};
use unified_model::Resource;

use crate::gateway::Gateway;
use crate::vendor::{Asked, Vendor};

const COMPANIES: &str = "  companies:
    kind: { kind: wanted }
    ids: \"[0-9]+\"
    load: { beside: { request: \"GET /companies/{id}/beside\" } }
    custom_fields:
      - from: { lookup: fields }
        of: { for: company, on.active: true }
        not: { own: false, kind: secret }
        id: id
        name: label
        description: more.about
        finder: \"$.values[?@.field == {id} && @.label == {label}].value\"
      - { from: { record: \"values[kind=extra][]\" }, id: field, name: label, finder: \"$.values[?@.field == {field} && @.label == {label}].value\" }
      - { from: { record: beside }, id: id, finder: \"$.beside[?@.id == {id}].is\" }
      - { from: { members: \"own_.+\" }, id: name, name: name, finder: \"$[{name}]\" }
    all: { request: GET /companies, records: items, paging: sliced }
    one: { request: \"GET /companies/{id}\", record: item }
";

fn definition(id: usize, label: &str) -> Value {
    json!({ "id": id, "label": label, "for": "company", "on": { "active": true }, "more": { "about": "TEXT" } })
}

fn company(id: usize) -> Value {
    json!({
        "id": id,
        "kind": if id == 3 { "wanted" } else { "other" },
        "values": [
            { "field": 1, "label": "Badge's \"No.\"", "value": format!("B-{id}") },
            { "field": 3, "label": "Sites", "value": [id, 0] },
            { "field": 9, "label": "Extra", "kind": "extra", "value": 9 },
            { "field": 1, "label": "Badge's \"No.\"", "kind": "extra" },
        ],
        "own_é": { "any": id },
        "own_": 1,
        "owner": 1,
    })
}

fn answer(asked: &Asked) -> Value {
    match asked.path.split('/').skip(1).collect::<Vec<_>>().as_slice() {
        ["fields"] => {
            let but = |member: &str, value: Value| {
                let mut definition = definition(8, "Left out");
                definition[member] = value;
                definition
            };
            json!({ "all": [
                definition(1, "Badge's \"No.\""), definition(2, "Region"), definition(3, "Sites"),
                but("for", json!("contact")), but("on", json!({ "active": false })), but("own", json!(false)),
                but("kind", json!("secret")), but("label", json!(null)), but("label", json!({ "en": "Left out" })),
            ] })
        }
        ["companies"] => json!({ "items": (1..5).map(company).collect::<Vec<_>>() }),
        ["companies", id @ ("2" | "3")] => json!({ "item": company(id.parse().unwrap()) }),
        ["companies", _, "beside"] => json!([{ "id": "loaded", "is": "beside" }, { "is": "without an id" }]),
        _ => Value::Null,
    }
}

fn shown(fields: &[CustomField]) -> Value {
    serde_json::to_value(fields).unwrap()
}

#[tokio::test]
async fn fields_are_those_of_every_source_with_the_values_of_the_first_record_listed() {
    let vendor = Vendor::answering(answer).await;
    let fields = Gateway::to(&vendor, COMPANIES).custom_fields(Resource::Companies, None).await.unwrap();
    let badge = "$.values[?@.field == 1 && @.label == 'Badge\\'s \"No.\"'].value";
    let expected = json!([
        { "id": "1", "name": "Badge's \"No.\"", "description": "TEXT", "value": "B-3", "finder": badge },
        { "id": "2", "name": "Region", "description": "TEXT", "value": null,
          "finder": "$.values[?@.field == 2 && @.label == 'Region'].value" },
        { "id": "3", "name": "Sites", "description": "TEXT", "value": [3, 0],
          "finder": "$.values[?@.field == 3 && @.label == 'Sites'].value" },
        { "id": "9", "name": "Extra", "description": null, "value": 9,
          "finder": "$.values[?@.field == 9 && @.label == 'Extra'].value" },
        { "id": "loaded", "name": null, "description": null, "value": "beside", "finder": "$.beside[?@.id == 'loaded'].is" },
        { "id": "own_é", "name": "own_é", "description": null, "value": { "any": 3 }, "finder": "$['own_é']" },
    ]);
    assert_eq!(shown(&fields), expected, "of several ways to one value the first counts");
    let seen = vendor.seen();
    assert_eq!(seen, ["/companies", "/companies/3", "/companies/3/beside", "/fields"], "{seen:?}");
}

#[tokio::test]
async fn a_finder_as_a_custom_mapping_answers_the_value() {
    let vendor = Vendor::answering(answer).await;
    let fields = Gateway::to(&vendor, COMPANIES).custom_fields(Resource::Companies, Some("3")).await.unwrap();
    let places: Vec<(&str, &str)> = fields.iter().map(|field| (field.id.as_str(), field.finder.as_str())).collect();
    let gateway = Gateway::to(&vendor, COMPANIES).with_custom(Resource::Companies, &places);
    let (record, _) = gateway.record(Resource::Companies, "3").await;
    assert_eq!(fields.len(), 6);
    for field in fields {
        assert_eq!(record["custom_mappings"][&field.id], field.value, "{}", field.finder);
    }
}

#[tokio::test]
async fn a_record_that_is_named_must_be_one_of_the_resource() {
    let vendor = Vendor::answering(answer).await;
    let gateway = Gateway::to(&vendor, COMPANIES);
    // Of another kind; not there; no id of the vendor's.
    for id in ["2", "7", "x"] {
        let missing = gateway.custom_fields(Resource::Companies, Some(id)).await.unwrap_err();
        assert!(matches!(&missing, ConnectorError::NotFound(found) if found.as_str() == id), "{id}: {missing:?}");
    }
}

#[tokio::test]
async fn definitions_are_told_without_a_record_too_and_records_without_definitions() {
    let empty = Vendor::answering(|asked| match asked.path.as_str() {
        "/companies" => json!({ "items": [] }),
        _ => answer(asked),
    })
    .await;
    let fields = Gateway::to(&empty, COMPANIES).custom_fields(Resource::Companies, None).await.unwrap();
    let told: Vec<(&str, &Value)> = fields.iter().map(|field| (field.id.as_str(), &field.value)).collect();
    assert_eq!(told, [("1", &Value::Null), ("2", &Value::Null), ("3", &Value::Null)]);

    let undefined = Vendor::answering(|asked| if asked.path == "/fields" { Value::Null } else { answer(asked) }).await;
    let fields = Gateway::to(&undefined, COMPANIES).custom_fields(Resource::Companies, Some("3")).await.unwrap();
    let ids: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
    assert_eq!(ids, ["9", "1", "loaded", "own_é"]);
}

#[tokio::test]
async fn a_field_that_was_just_added_is_told() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let vendor = Vendor::answering(|asked| match asked.path.as_str() {
        "/fields" => {
            let fields = (0..=ASKED.fetch_add(1, Ordering::SeqCst)).map(|id| definition(id, "New"));
            json!({ "all": fields.collect::<Vec<_>>() })
        }
        "/companies" => json!({ "items": [] }),
        _ => Value::Null,
    })
    .await;
    let gateway = Gateway::to(&vendor, COMPANIES);
    for count in 1..=2 {
        assert_eq!(gateway.custom_fields(Resource::Companies, None).await.unwrap().len(), count);
    }
}

#[tokio::test]
async fn each_entity_of_a_sequence_tells_of_its_own() {
    const ACTIVITIES: &str = "  activities:
    sequence:
      - id_prefix: task-
        mapping: tasks
        custom_fields: [ { from: { members: \"x_.*\" }, id: name, finder: \"$[{name}]\" } ]
        all: { request: GET /tasks, paging: sliced }
        one: { request: GET /tasks, pick: id }
      - id_prefix: event-
        mapping: events
        custom_fields: [ { from: { members: \"y_.*\" }, id: name, finder: \"$[{name}]\" } ]
        all: { request: GET /events, paging: sliced }
        one: { request: GET /events, pick: id }
";
    let vendor = Vendor::answering(|asked| match asked.path.as_str() {
        "/tasks" => json!([{ "id": 1, "x_a": 1 }]),
        "/events" => json!([{ "id": 1, "y_a": 2 }, { "id": 2, "y_b": 3 }]),
        _ => Value::Null,
    })
    .await;
    let gateway = Gateway::to(&vendor, ACTIVITIES);
    let ids = async |id| -> Vec<String> {
        let fields = gateway.custom_fields(Resource::Activities, id).await.unwrap();
        fields.into_iter().map(|field| field.id).collect()
    };
    assert_eq!(ids(None).await, ["x_a", "y_a"]);
    assert_eq!(ids(Some("task-1")).await, ["x_a"]);
    assert_eq!(ids(Some("event-2")).await, ["y_b"]);
    let missing = gateway.custom_fields(Resource::Activities, Some("1")).await.unwrap_err();
    assert!(matches!(missing, ConnectorError::NotFound(_)), "{missing:?}");
}

#[tokio::test]
async fn a_connector_that_cannot_tell_says_so() {
    let vendor = Vendor::answering(answer).await;
    let companies = "  companies: { one: { request: \"GET /companies/{id}\" } }\n";
    let refused = Gateway::to(&vendor, companies).custom_fields(Resource::Companies, None).await.unwrap_err();
    assert!(matches!(refused, ConnectorError::NotOffered(PlanError::NoCustomFields { .. })), "{refused:?}");
    let refused = Gateway::to(&vendor, companies).custom_fields(Resource::Contacts, None).await.unwrap_err();
    assert!(matches!(refused, ConnectorError::NotOffered(PlanError::Unsupported { .. })), "{refused:?}");
}

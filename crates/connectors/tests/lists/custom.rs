//! Fields of an application's own on every record that is read, however it comes.

use serde_json::{Value, json};
use unified_model::Resource;

use crate::gateway::Gateway;
use crate::vendor::{Asked, Vendor};

const COMPANIES: &str = "  companies:
    load: { label: { request: \"GET /companies/{id}/label\", records: text } }
    all: { request: GET /companies, records: items, paging: { page: { size: size, max: 2, send: page } } }
    one: { request: \"GET /companies/{id}\", record: item }
";

fn company(id: usize) -> Value {
    json!({ "id": id, "rank": { "tier": format!("T{id}") }, "more": [{ "k": "a", "v": id }, { "k": "b", "v": 0 }] })
}

fn answer(asked: &Asked) -> Value {
    match asked.path.split('/').skip(1).collect::<Vec<_>>().as_slice() {
        ["companies"] => {
            let first = (asked.number("page").unwrap() - 1) * 2;
            json!({ "items": (first..5.min(first + 2)).map(company).collect::<Vec<_>>() })
        }
        ["companies", id] => json!({ "item": company(id.parse().unwrap()) }),
        ["companies", id, "label"] => json!({ "text": { "size": format!("Label {id}") } }),
        _ => Value::Null,
    }
}

const PLACES: [(&str, &str); 4] =
    [("tier", "$.rank.tier"), ("a", "$.more[?@.k == 'a'].v"), ("all", "$.more[*].v"), ("label", "$.label.size")];

fn custom(records: &[Value]) -> Vec<Value> {
    records.iter().map(|record| record["custom_mappings"].clone()).collect()
}

#[tokio::test]
async fn every_record_of_a_list_of_several_vendor_pages_has_them() {
    let vendor = Vendor::answering(answer).await;
    let gateway = Gateway::to(&vendor, COMPANIES).with_custom(Resource::Companies, &PLACES[..3]);
    let records = gateway.records(Resource::Companies, "limit=5").await;
    let expected: Vec<Value> = (0..5).map(|id| json!({ "tier": format!("T{id}"), "a": id, "all": [id, 0] })).collect();
    assert_eq!(custom(&records), expected);
    let chosen = gateway.records(Resource::Companies, "limit=1&fields=custom_mappings.a").await;
    assert_eq!(chosen, [json!({ "name": null, "custom_mappings": { "a": 0 } })]);
}

#[tokio::test]
async fn one_record_has_them_from_what_is_loaded_beside_it_too() {
    let vendor = Vendor::answering(answer).await;
    let gateway = Gateway::to(&vendor, COMPANIES).with_custom(Resource::Companies, &PLACES);
    let (record, warnings) = gateway.record(Resource::Companies, "3").await;
    assert_eq!(record["custom_mappings"], json!({ "tier": "T3", "a": 3, "all": [3, 0], "label": "Label 3" }));
    assert!(warnings.is_empty());
}

#[tokio::test]
async fn a_list_leaves_out_what_it_does_not_load_and_loads_what_is_asked_for() {
    let vendor = Vendor::answering(answer).await;
    let gateway = Gateway::to(&vendor, COMPANIES).with_custom(Resource::Companies, &PLACES);
    for query in ["limit=2", "limit=2&fields=id,custom_mappings.tier,custom_mappings.a,custom_mappings.all"] {
        let records = gateway.records(Resource::Companies, query).await;
        assert_eq!(records[1]["custom_mappings"], json!({ "tier": "T1", "a": 1, "all": [1, 0] }), "{query}");
    }
    assert_eq!(vendor.seen().len(), 2, "nothing was loaded");
    for query in ["fields=custom_mappings&limit=2", "fields=custom_mappings.label&limit=2"] {
        let records = gateway.records(Resource::Companies, query).await;
        assert_eq!(records[1]["custom_mappings"]["label"], "Label 1", "{query}");
    }
    assert_eq!(vendor.seen().len(), 2 + 2 * 3);
    // Where nothing else is mapped there is nothing left to say.
    let alone = Gateway::to(&vendor, COMPANIES).with_custom(Resource::Companies, &PLACES[3..]);
    let records = alone.records(Resource::Companies, "limit=1").await;
    assert_eq!(records[0].get("custom_mappings"), None);
}

#[tokio::test]
async fn records_of_each_entity_of_a_sequence_and_of_parents_have_them() {
    const RESOURCES: &str = "  activities:
    sequence:
      - { id_prefix: task-, mapping: tasks, all: { request: GET /tasks, paging: sliced }, one: { request: \"GET /tasks/{id}\" } }
      - { id_prefix: event-, mapping: events, all: { request: GET /events, paging: sliced }, one: { request: GET /events, pick: id } }
  notes:
    all: { parents: [ { request: GET /parents, paging: sliced, id: id, children: \"GET /parents/{parent}/notes\" } ] }
";
    let vendor = Vendor::answering(|asked| match asked.path.as_str() {
        "/tasks" | "/parents" => json!([{ "id": 1, "own": "of a task" }]),
        "/tasks/1" => json!({ "id": 1, "own": "of one task" }),
        "/events" | "/parents/1/notes" => json!([{ "id": 2, "own": "of another" }]),
        _ => Value::Null,
    })
    .await;
    let places = [("own", "$.own"), ("id", "$.id")];
    let gateway = Gateway::to(&vendor, RESOURCES)
        .with_custom(Resource::Activities, &places)
        .with_custom(Resource::Notes, &places);
    let (task, another) = (json!({ "own": "of a task", "id": 1 }), json!({ "own": "of another", "id": 2 }));
    assert_eq!(custom(&gateway.records(Resource::Activities, "").await), [task, another.clone()]);
    assert_eq!(custom(&gateway.records(Resource::Notes, "").await), std::slice::from_ref(&another));
    let one = async |id| gateway.record(Resource::Activities, id).await.0["custom_mappings"].clone();
    assert_eq!(one("task-1").await["own"], "of one task");
    assert_eq!(one("event-2").await, another);
}

#[tokio::test]
async fn what_is_too_large_is_warned_about() {
    let vendor = Vendor::answering(|asked| {
        let company = |id: usize| json!({ "id": id, "text": "x".repeat(40_000 * (id + 1)) });
        let items: Vec<Value> = (0..2).map(company).collect();
        if asked.path == "/companies" { json!({ "items": items }) } else { json!({ "item": company(1) }) }
    })
    .await;
    let companies =
        COMPANIES.replace("    load: { label: { request: \"GET /companies/{id}/label\", records: text } }\n", "");
    let gateway = Gateway::to(&vendor, &companies).with_custom(Resource::Companies, &[("text", "$.text")]);
    let page = gateway.page(Resource::Companies, "limit=2", None).await;
    let (record, warnings) = gateway.record(Resource::Companies, "1").await;
    assert_eq!(record["custom_mappings"], json!({ "text": null }));
    for warning in [&page.warnings[0], &warnings[0]] {
        let shown = serde_json::to_value(warning).unwrap();
        assert_eq!((&shown["type"], &shown["field"]), (&json!("value_too_large"), &json!("custom_mappings.text")));
    }
}

//! Records that stand in wrappers, each of them and in lists of lists: listed, picked, loaded, reached through others.

use connectors::OutcomeData;
use serde_json::{Value, json};
use unified_model::{Operation, Resource};

use crate::gateway::{Gateway, ids};
use crate::vendor::{Asked, Vendor};

const EVERY: &str = "0 1 2 3 4 5 6 7 8 9 10 11 12";

/// Thirteen wrapped companies in pages; of each kind of answer there is one.
fn answer(asked: &Asked) -> Value {
    let wrapped = |id: usize| json!({ "data": { "id": id }, "meta": { "version": 1 } });
    let slice = |from: usize, size: usize| (from..(from + size).min(13)).map(wrapped).collect::<Vec<_>>();
    match asked.path.split('/').skip(1).collect::<Vec<_>>().as_slice() {
        ["offset"] => {
            json!({ "items": slice(asked.number("skip").unwrap_or(0), asked.number("top").unwrap_or(13)), "total": 13 })
        }
        ["cursor"] => {
            let (from, size) = (asked.number("after").unwrap_or(0), asked.number("top").unwrap_or(13));
            json!({ "items": slice(from, size), "next": if from + size < 13 { json!(from + size) } else { Value::Null } })
        }
        ["groups"] => json!({ "groups": [{ "rows": slice(0, 6) }, { "rows": [] }, { "rows": slice(6, 7) }] }),
        ["parents"] => json!({ "items": [wrapped(0), wrapped(1)] }),
        ["parents", id, "notes"] => {
            json!([{ "data": { "id": format!("{id}-a") } }, { "data": { "id": format!("{id}-b") } }])
        }
        ["one", "7"] => json!({ "data": { "id": 7, "name": "Seven" } }),
        ["label", id] => json!({ "texts": [{ "data": { "text": format!("Label {id}") } }] }),
        _ => Value::Null,
    }
}

const RESOURCES: [(&str, &str); 5] = [
    (
        "offset",
        "records: \"items[].data\", paging: { offset: { size: top, max: 4, send: skip, total: { document: total } } }",
    ),
    ("offset", "records: items, paging: { offset: { size: top, max: 4, send: skip, total: { document: total } } }"),
    ("cursor", "records: items, paging: { cursor: { size: top, max: 5, send: after, next: { document: next } } }"),
    ("offset", "records: items, paging: sliced"),
    ("groups", "records: \"groups[].rows[]\", paging: sliced"),
];

fn resource(path: &str, list: &str) -> String {
    let envelope = if list.contains("].data") { "record: data" } else { "item: data, record: data" };
    format!(
        "  companies:\n    envelope: {{ {envelope} }}\n    all: {{ request: GET /{path}, {list} }}\n    one: {{ request: \"GET /one/{{id}}\" }}\n"
    )
}

#[tokio::test]
async fn every_wrapped_record_is_listed_once_however_the_vendor_pages() {
    for (path, list) in RESOURCES {
        for limits in [&[1][..], &[2, 3], &[5], &[20]] {
            let vendor = Vendor::answering(answer).await;
            let pages = Gateway::to(&vendor, &resource(path, list)).pages(Resource::Companies, limits).await;
            assert_eq!(ids(&pages).join(" "), EVERY, "{path} {list} {limits:?}");
        }
    }
}

#[tokio::test]
async fn a_single_record_stands_in_its_envelope_or_is_picked_from_one() {
    let vendor = Vendor::answering(answer).await;
    let gateway = Gateway::to(&vendor, &resource("offset", "records: items, paging: sliced"));
    assert_eq!(gateway.record(Resource::Companies, "7").await.0["name"], "Seven");
    let picked = "  companies:
    envelope: { item: data }
    one: { request: GET /groups, records: \"groups[].rows[]\", pick: id }\n";
    let gateway = Gateway::to(&vendor, picked);
    let outcome = gateway.execute(Resource::Companies, Operation::One, Some("12"), "", None).await.unwrap();
    let OutcomeData::Record(record) = outcome.data else { panic!("no record") };
    assert_eq!(serde_json::from_slice::<Value>(&record).unwrap()["id"], "12");
}

#[tokio::test]
async fn what_is_loaded_goes_into_the_wrapped_records_that_are_answered() {
    let vendor = Vendor::answering(answer).await;
    let loading = "  companies:
    load: { label: { request: \"GET /label/{id}\", records: \"texts[].data\", all: always } }
    envelope: { item: data }
    all: { request: GET /offset, records: items, paging: sliced }\n";
    let gateway = Gateway::to(&vendor, loading).with_custom(Resource::Companies, &[("label", "$.label[0].text")]);
    let first = gateway.page(Resource::Companies, "limit=2", None).await;
    let outcome = gateway.execute(Resource::Companies, Operation::All, None, "limit=2", first.next).await.unwrap();
    let OutcomeData::Page { records, .. } = outcome.data else { panic!("no page") };
    let records: Vec<Value> = serde_json::from_slice(&records).unwrap();
    let labels: Vec<&Value> = records.iter().map(|record| &record["custom_mappings"]["label"]).collect();
    assert_eq!(labels, ["Label 2", "Label 3"]);
}

#[tokio::test]
async fn wrapped_records_are_reached_through_wrapped_parents() {
    let vendor = Vendor::answering(answer).await;
    let notes = "  notes:
    envelope: { item: data }
    all:
      parents:
        - { request: GET /parents, records: \"items[].data\", paging: sliced, id: id, children: \"GET /parents/{parent}/notes\" }\n";
    let pages = Gateway::to(&vendor, notes).pages(Resource::Notes, &[3]).await;
    assert_eq!(ids(&pages), ["0-a", "0-b", "1-a", "1-b"]);
}

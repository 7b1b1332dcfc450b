//! Several vendor entities as one resource, and a record that is picked from a list.

use connectors::{ConnectorError, OutcomeData};
use serde_json::{Value, json};
use unified_model::{Operation, Resource};

use crate::gateway::{Gateway, ids};
use crate::vendor::{Asked, Vendor};

const ACTIVITIES: &str = "  activities:
    sequence:
      - id_prefix: task-
        mapping: tasks
        ids: \"[0-9]+\"
        all: { request: GET /tasks, paging: { offset: { size: top, max: 3, send: skip, total: { document: total } } }, records: items }
        one: { request: \"GET /tasks/{id}\" }
      - id_prefix: event-
        mapping: events
        all: { request: GET /events, paging: sliced }
        one: { request: GET /events, pick: id }
";

fn answer(asked: &Asked) -> Value {
    match asked.path.as_str() {
        "/tasks" => {
            let (from, size) = (asked.number("skip").unwrap(), asked.number("top").unwrap());
            let items: Vec<Value> = (from..(from + size).min(7)).map(|id| json!({ "id": id })).collect();
            json!({ "items": items, "total": 7 })
        }
        "/tasks/3" => json!({ "id": 3, "subject": "Call" }),
        "/events" => json!([{ "id": 1 }, { "id": "x" }, { "id": 3 }]),
        _ => Value::Null,
    }
}

async fn gateway() -> Gateway {
    Gateway::to(&Vendor::answering(answer).await, ACTIVITIES)
}

#[tokio::test]
async fn one_list_follows_the_other_whatever_the_limits() {
    let every = "task-0 task-1 task-2 task-3 task-4 task-5 task-6 event-1 event-x event-3";
    for limits in [&[1][..], &[2], &[4, 1], &[7], &[20]] {
        let pages = gateway().await.pages(Resource::Activities, limits).await;
        assert_eq!(ids(&pages).join(" "), every, "{limits:?}");
    }
}

#[tokio::test]
async fn a_page_that_holds_all_lists_knows_how_many_records_there_are() {
    let page = gateway().await.page(Resource::Activities, "limit=20&raw=true", None).await;
    assert_eq!((page.total, page.next), (Some(10), None));
    assert_eq!(page.raw.last().map(String::as_str), Some("all-4"), "{:?}", page.raw);
}

#[tokio::test]
async fn an_id_leads_to_its_entity() {
    let gateway = gateway().await;
    let one = async |id| gateway.execute(Resource::Activities, Operation::One, Some(id), "", None).await;
    for (id, title) in [("task-3", Some("Call")), ("event-x", None), ("event-3", None)] {
        let OutcomeData::Record(record) = one(id).await.unwrap().data else { panic!("no record") };
        let record: Value = serde_json::from_slice(&record).unwrap();
        assert_eq!((record["id"].as_str(), record["title"].as_str()), (Some(id), title));
    }
    // Of no entity; no id of the entity's; one that the list does not hold; one that the vendor does not know.
    for id in ["3", "task-", "task-x", "event-9", "task-9", "event-"] {
        let missing = one(id).await.unwrap_err();
        assert!(matches!(&missing, ConnectorError::NotFound(found) if found.as_str() == id), "{id}: {missing:?}");
    }
}

#[tokio::test]
async fn lists_in_a_row_are_in_no_common_order() {
    let gateway = gateway().await;
    let sorted = gateway.execute(Resource::Activities, Operation::All, None, "sort[by]=created_at", None).await;
    assert!(matches!(sorted.unwrap_err(), ConnectorError::ListRefused(_)));
}

const FILTERED: &str = "  activities:
    sequence:
      - id_prefix: task-
        mapping: tasks
        all:
          request: GET /tasks
          paging: sliced
          records: items
          post_filters: { type: eq }
          alternatives:
            - { when: { filter: { owner_id: eq } }, request: GET /tasks, query: { owner: \"{filter.owner_id}\" }, records: items, paging: sliced }
      - id_prefix: event-
        mapping: events
        all: { request: GET /events, paging: sliced }
";

fn filtered(asked: &Asked) -> Value {
    match asked.path.as_str() {
        "/tasks" => {
            json!({ "items": [{ "id": 1, "type": "call" }, { "id": 2, "type": "email" }, { "id": 3, "type": "call" }] })
        }
        "/events" => json!([{ "id": 1 }]),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn a_list_that_carries_no_such_filter_is_left_out_and_the_caller_told() {
    let vendor = Vendor::answering(filtered).await;
    let gateway = Gateway::to(&vendor, FILTERED);
    let page = gateway
        .execute(Resource::Activities, Operation::All, None, "filter[owner_id]=7&fields=id", None)
        .await
        .unwrap();
    let OutcomeData::Page { records, count, .. } = page.data else { panic!("no page") };
    assert_eq!((count, vendor.seen().len()), (3, 1), "{:?}", vendor.seen());
    assert!(vendor.seen()[0].starts_with("/tasks?owner=7"), "{:?}", vendor.seen());
    assert!(String::from_utf8(records).unwrap().contains("task-3"));
    assert_eq!(serde_json::to_value(page.warnings[0].kind).unwrap(), "part_left_out");
    let refused = gateway.execute(Resource::Activities, Operation::All, None, "filter[company_id]=7", None).await;
    assert!(matches!(refused.unwrap_err(), ConnectorError::ListRefused(_)));
}

#[tokio::test]
async fn what_a_list_checks_is_left_out_and_what_is_passed_through_may_name_one_list() {
    let vendor = Vendor::answering(filtered).await;
    let gateway = Gateway::to(&vendor, FILTERED);
    let query = "filter[type]=CALL&limit=1&pass_through[tasks][page]=x&pass_through[y]=z";
    let page = gateway.execute(Resource::Activities, Operation::All, None, query, None).await.unwrap();
    let OutcomeData::Page { records, count, next, .. } = page.data else { panic!("no page") };
    assert_eq!((count, next.is_some()), (1, true), "{}", String::from_utf8_lossy(&records));
    assert_eq!(vendor.seen(), ["/tasks?page=x&y=z"]);
    let both = gateway.execute(Resource::Activities, Operation::All, None, "pass_through[tasks][page]=x", None).await;
    both.unwrap();
    assert_eq!(vendor.seen()[1..], ["/tasks?page=x", "/events"]);
}

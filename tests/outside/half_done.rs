//! Writes of several steps that break off: what is taken back, in which order, and what their callers are told of it.

use std::net::SocketAddr;

use connector_catalog::Catalog;
use serde_json::{Value, json};
use server::config::Config;
use unified_model::ServiceId;

use crate::support::Gateway;
use crate::vendor::{RawVendor, answer, json as json_answer};

/// A vendor that takes a contact in four requests.
const CONNECTOR: &str = "service_id: stack-crm
name: Stack
protocol: rest
settings:
  domain: { label: Domain }
  email: { label: E-mail }
  api_key: { label: Key, type: password }
base_url: https://stack.example
auth: { bearer: { token: \"{settings.api_key}\" } }
lookups:
  owners: { request: GET /owners, records: owners, key: id, cache: 1ms, optional: true }
resources:
  contacts:
    all:
      request: GET /contacts
      records: items
      paging: { offset: { size: limit, max: 3, send: skip, total: { document: total } } }
    one: { request: \"GET /contacts/{id}\" }
    add:
      steps:
        - { id: contact, request: POST /contacts, send: { record: { drop: [title, dept] } }, undo: \"DELETE /contacts/{id}\" }
        - { id: title, when: { has: [title] }, request: \"PUT /contacts/{id}/title\", send: [title], undo: \"DELETE /contacts/{id}/title\" }
        - { id: department, when: { has: [dept] }, request: \"PUT /contacts/{id}/department\", send: [dept] }
    update:
      steps:
        - { id: contact, request: \"PATCH /contacts/{id}\", send: { changed: { drop: [title, dept] } } }
        - { id: title, when: { has: [title] }, request: \"PUT /contacts/{id}/title\", send: [title] }
        - { id: department, when: { has: [dept] }, request: \"PUT /contacts/{id}/department\", send: [dept] }
";
const MAPPING: &str = "nulls: send
fields:
  id: { at: id, as: text, mode: read }
  first_name: first
  title: title
  department: dept
";
/// The same with an owner, which is looked up.
const WITH_OWNER: &str = "  owner_id: { at: owner, lookup: { table: owners, take: name } }\n";

fn at(address: SocketAddr) -> impl FnOnce(&mut Config) {
    move |config| {
        let service: ServiceId = "stack-crm".parse().unwrap();
        config.connectors.get_mut(&service).unwrap().base_url = Some(format!("http://{address}"));
    }
}

async fn over(mapping: &str, vendor: &RawVendor) -> Gateway {
    let files = [("connectors/stack-crm.yaml", CONNECTOR), ("mappings/stack-crm/contacts.yaml", mapping)];
    let catalog = Catalog::from_sources(&files).unwrap_or_else(|error| panic!("{error}"));
    Gateway::over(catalog, at(vendor.address)).await
}

fn refused(status: u16) -> Vec<u8> {
    answer(status, "application/json", r#"{"error":"no"}"#)
}

fn whole() -> Value {
    json!({ "first_name": "Ada", "title": "Countess", "department": "Engines" })
}

#[tokio::test]
async fn what_was_done_is_taken_back_in_reverse_and_an_undone_record_is_named_nowhere() {
    let (made, no) = (json_answer(r#"{"id":7}"#), refused(409));
    let vendor = RawVendor::start(&[&made, &made, &no, &made]).await;
    let reply = over(MAPPING, &vendor).await.post("/crm/contacts", &whole()).await;
    let detail = reply.refused(409, "ConnectorExecutionError");
    assert_eq!(detail["outcome"], "undone", "{detail}");
    assert_eq!(detail["undone_steps"], json!(["title", "contact"]), "{detail}");
    assert_eq!(detail.get("created_id"), None, "{detail}");
    let calls = [
        "POST /contacts",
        "PUT /contacts/7/title",
        "PUT /contacts/7/department",
        "DELETE /contacts/7/title",
        "DELETE /contacts/7",
    ];
    assert_eq!(vendor.calls(), calls);
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_named() {
    let (made, no) = (json_answer(r#"{"id":7}"#), refused(409));
    // The record stays when its title can be taken back and it itself cannot.
    let vendor = RawVendor::start(&[&made, &made, &no, &made, &no]).await;
    let reply = over(MAPPING, &vendor).await.post("/crm/contacts", &whole()).await;
    let detail = reply.refused(409, "ConnectorExecutionError");
    assert_eq!((&detail["outcome"], &detail["undone_steps"]), (&json!("partial"), &json!(["title"])), "{detail}");
    assert_eq!(detail["created_id"], "7", "{detail}");
}

#[tokio::test]
async fn a_404_at_the_second_step_of_an_update_says_that_the_first_was_done() {
    let (made, no) = (json_answer(r#"{"id":7,"first":"Eve","title":"Ms"}"#), refused(404));
    let vendor = RawVendor::start(&[&made, &no]).await;
    let body = json!({ "first_name": "Ada", "title": "Countess" });
    let reply = over(MAPPING, &vendor).await.patch("/crm/contacts/7", &body).await;
    assert_eq!(vendor.calls(), ["PATCH /contacts/7", "PUT /contacts/7/title"], "{}", reply.text);
    let detail = reply.refused(404, "ConnectorExecutionError");
    assert_eq!((&detail["outcome"], &detail["completed_steps"]), (&json!("partial"), &json!(["contact"])), "{detail}");
}

#[tokio::test]
async fn a_vendor_that_is_gone_after_half_a_write_is_no_reason_to_repeat_it() {
    let made = json_answer(r#"{"id":7}"#);
    let vendor = RawVendor::leaving_after(&[&made]).await;
    let reply = over(MAPPING, &vendor).await.post("/crm/contacts", &whole()).await;
    let detail = reply.refused(400, "ConnectorExecutionError");
    assert_eq!((&detail["outcome"], &detail["completed_steps"]), (&json!("partial"), &json!(["contact"])), "{detail}");
    assert_eq!(detail["created_id"], "7", "{detail}");
    // Nothing was done where it was gone before.
    let vendor = RawVendor::leaving_after(&[]).await;
    let reply = over(MAPPING, &vendor).await.post("/crm/contacts", &whole()).await;
    assert_eq!(reply.refused(503, "ConnectorExecutionError").get("outcome"), None);
}

#[tokio::test]
async fn a_vendor_that_is_out_of_order_says_when_to_come_back() {
    let busy = b"HTTP/1.1 503 X\r\nretry-after: 7\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}".as_slice();
    let vendor = RawVendor::start(&[busy]).await;
    let gateway = over(MAPPING, &vendor).await;
    let (read, write) = (gateway.get("/crm/contacts/7").await, gateway.post("/crm/contacts", &whole()).await);
    assert_eq!((read.status, write.status), (503, 400), "{} {}", read.text, write.text);
    for reply in [read, write] {
        assert_eq!(reply.headers["retry-after"], "7", "{}", reply.text);
    }
}

#[tokio::test]
async fn a_table_whose_time_is_over_is_fetched_anew() {
    let owners = |name: &str| json_answer(&format!(r#"{{"owners":[{{"id":1,"name":"{name}"}}]}}"#));
    let record = json_answer(r#"{"id":7,"first":"Ada","owner":1}"#);
    let (before, after) = (owners("Eve"), owners("Bob"));
    let vendor = RawVendor::start(&[&before, &record, &after, &record]).await;
    let gateway = over(&format!("{MAPPING}{WITH_OWNER}"), &vendor).await;
    for owner in ["Eve", "Bob"] {
        let reply = gateway.get("/crm/contacts/7").await;
        assert_eq!(reply.body["data"]["owner_id"], owner, "{}", reply.text);
        // More than the millisecond that the table is kept for.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_optional_table_may_be_missing_and_nothing_else() {
    let record = json_answer(r#"{"id":7,"first":"Ada","owner":1}"#);
    for (status, owed) in [(404, 200), (403, 200), (401, 401), (500, 500), (429, 429)] {
        let no = refused(status);
        let vendor = RawVendor::start(&[&no, &record]).await;
        let reply = over(&format!("{MAPPING}{WITH_OWNER}"), &vendor).await.get("/crm/contacts/7").await;
        assert_eq!(reply.status, owed, "{status}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_page_that_is_one_short_of_the_total_goes_on() {
    let page = |ids: &[u32]| {
        let items: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "first": "Ada" })).collect();
        json_answer(&json!({ "total": 4, "items": items }).to_string())
    };
    for limit in [3, 10] {
        // Three of four: the last one is on a page of its own.
        let (first, last) = (page(&[1, 2, 3]), page(&[4]));
        let vendor = RawVendor::start(&[&first, &last]).await;
        let gateway = over(MAPPING, &vendor).await;
        let records = gateway.list("contacts", &format!("limit={limit}")).await;
        let ids: Vec<Value> = records.iter().map(|record| record["id"].clone()).collect();
        assert_eq!(ids, ["1", "2", "3", "4"], "{limit}");
    }
}

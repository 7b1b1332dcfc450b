//! The sandbox's own end-points.

use serde_json::{Value, json};
use vendor_sandbox::{Clock, Sandbox};

use crate::client::{Agile, read};

#[tokio::test]
async fn what_was_asked_can_be_read_and_holds_no_credentials() {
    let agile = Agile::start().await;
    agile.get("contacts?page_size=2").await;
    agile.form("contacts/companies/list", &[("page_size", "1")]).await;
    agile.json("PUT", "contacts/edit/tags", &json!({"id": 1, "tags": []})).await;
    let url = format!("http://{}/_sandbox/requests", agile.running.address);
    let seen = read(agile.http.get(url)).await;
    let expected = json!([
        {"service": "agile-crm", "method": "GET", "path": "/dev/api/contacts", "query": [["page_size", "2"]],
         "status": 200},
        {"service": "agile-crm", "method": "POST", "path": "/dev/api/contacts/companies/list", "query": [],
         "form": [["page_size", "1"]], "status": 200},
        {"service": "agile-crm", "method": "PUT", "path": "/dev/api/contacts/edit/tags", "query": [],
         "json": {"id": 1, "tags": []}, "status": 400},
    ]);
    assert_eq!(seen.value(), expected);
    assert_eq!(serde_json::to_value(agile.sandbox.requests()).unwrap(), expected);
}

#[tokio::test]
async fn a_reset_brings_the_seed_back() {
    let agile = Agile::start().await;
    let before = agile.get("contacts?page_size=200").await.value();
    let create = json!({"properties": [{"name": "first_name", "value": "A"}]});
    let first = agile.person(&create).await;
    agile.delete("contacts/9007199254740993").await;
    let url = format!("http://{}/_sandbox/reset", agile.running.address);
    assert_eq!(read(agile.http.post(url)).await.status, 204);
    assert_eq!(agile.sandbox.requests(), []);
    assert_eq!(agile.get("contacts?page_size=200").await.value(), before);
    assert_eq!(agile.person(&create).await, first, "ids and times begin again");
}

#[tokio::test]
async fn another_clock_may_be_given() {
    let sandbox = Sandbox::with_clock(Clock::starting_at(2_000_000_000));
    let running = sandbox.clone().start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let agile = Agile { sandbox, running, http: reqwest::Client::new() };
    let person = agile.person(&json!({"properties": [{"name": "first_name", "value": "A"}]})).await;
    assert_eq!(person["created_time"], 2_000_000_001);
}

#[tokio::test]
async fn a_stopped_sandbox_leaves_its_port() {
    let agile = Agile::start().await;
    let address = agile.running.address;
    assert_eq!(agile.get("users").await.status, 200);
    agile.running.stop().await;
    Sandbox::new().start(address).await.unwrap().stop().await;
}

#[tokio::test]
async fn strange_paths_are_answered() {
    let agile = Agile::start().await;
    for path in ["", "/", "//", "/no-crm/x", "/agile-crm", "/agile-crm/%ff/%00", "/agile-crm/dev/api/contacts/%F0%9F"] {
        let url = format!("http://{}{path}", agile.running.address);
        let status = read(agile.http.get(url).basic_auth(vendor_sandbox::AGILE_EMAIL, Some("?"))).await.status;
        assert!([401, 404].contains(&status), "{path}: {status}");
    }
    let last: Value = json!(agile.sandbox.requests().last().unwrap().path);
    assert_eq!(last, "/dev/api/contacts/%F0%9F");
}

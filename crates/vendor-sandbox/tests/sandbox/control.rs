//! The sandbox's own end-points.

use serde_json::{Value, json};
use vendor_sandbox::{Clock, Sandbox};

use crate::client::{Agile, http, read};

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
    let agile = Agile { sandbox, running, http: http() };
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

#[tokio::test]
async fn no_input_brings_a_vendor_down() {
    let agile = Agile::start().await;
    let calls = [
        "POST contacts",
        "PUT contacts",
        "POST contacts/list",
        "POST contacts/companies/list",
        "PUT contacts/edit-properties",
        "PUT contacts/edit/lead-score",
        "PUT contacts/edit/add-star",
        "PUT contacts/edit/tags",
        "PUT contacts/delete/tags",
        "POST contacts/change-owner",
        "POST contacts/search/email",
        "POST filters/filter/dynamic-filter",
        "GET contacts",
        "PATCH contacts",
        "DELETE contacts/-9223372036854775808",
    ];
    let deep = "[".repeat(100_000);
    let bodies = [
        "",
        "null",
        "{}",
        "{",
        "\u{feff}{}",
        deep.as_str(),
        r#"{"id":-9223372036854775808,"properties":[{}],"tags":[[]],"star_value":1e99,"lead_score":18446744073709551615}"#,
        r#"{"id":9007199254740993,"properties":[{"name":"company","value":"\u0000"},{"name":"","value":""}],"tags":[""]}"#,
        r#"{"id":"9007199254740993","tags":["Ok"],"star_value":true,"lead_score":-9223372036854775808}"#,
        "page_size=18446744073709551616&cursor=%ff&global_sort_key=-",
        "filterJson=%7B%22rules%22%3A%5B%7B%22LHS%22%3A%22created_time%22%2C%22CONDITION%22%3A%22ON%22%2C%22RHS%22%3A\
         -9223372036854775808%7D%5D%7D&page_size=0",
        "contact_id=&owner_email=&email_ids=%5B%5D&=&&",
    ];
    for call in calls {
        for content_type in ["application/json", "application/x-www-form-urlencoded", ""] {
            for body in bodies {
                let (method, path) = call.split_once(' ').unwrap();
                let request = agile.request(method, path).header("content-type", content_type).body(body.to_owned());
                let reply = read(request).await;
                assert!((200..=500).contains(&reply.status), "{call} {body}");
            }
        }
    }
    assert_eq!(agile.get("contacts?page_size=200").await.list().len(), 200);
}

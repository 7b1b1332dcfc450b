//! Faults on order.

use std::time::Duration;

use serde_json::{Value, json};
use vendor_sandbox::{Fault, FaultKind};

use crate::client::{Agile, ids, read};

async fn order(agile: &Agile, fault: Value) -> u16 {
    let url = format!("http://{}/_sandbox/faults", agile.running.address);
    read(agile.http.post(url).body(fault.to_string())).await.status
}

fn any_call(kind: FaultKind) -> Fault {
    Fault::of("agile-crm", kind)
}

#[tokio::test]
async fn a_fault_hits_matching_calls_as_often_as_ordered() {
    let agile = Agile::start().await;
    let fault = json!({"service": "agile-crm", "method": "GET", "path_prefix": "/dev/api/contacts", "times": 2,
        "fault": {"status": 429, "retry_after": 1}});
    assert_eq!(order(&agile, fault).await, 204);
    assert_eq!(agile.get("users").await.status, 200);
    assert_eq!(agile.form("contacts/list", &[("page_size", "1")]).await.status, 200);
    let limited = agile.request("GET", "contacts").send().await.unwrap();
    assert_eq!((limited.status().as_u16(), limited.headers()["retry-after"].to_str().unwrap()), (429, "1"));
    assert_eq!(agile.get("contacts/1").await.status, 429);
    assert_eq!(agile.get("contacts").await.status, 200);
}

#[tokio::test]
async fn a_fault_may_wait_for_one_of_the_writes() {
    let agile = Agile::start().await;
    let fault = json!({"service": "agile-crm", "method": "write", "after": 1, "fault": {"status": 500}});
    assert_eq!(order(&agile, fault).await, 204);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(agile.get("users").await.status);
        statuses.push(agile.request("DELETE", "contacts/1").send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 204, 200, 500, 200, 204]);
}

#[tokio::test]
async fn html_and_half_answers_come_with_status_200() {
    let agile = Agile::start().await;
    agile.sandbox.inject(any_call(FaultKind::Html { status: 200 }));
    let page = agile.get("contacts").await;
    assert_eq!((page.status, page.content_type.as_str()), (200, "text/html;charset=UTF-8"));
    agile.sandbox.inject(any_call(FaultKind::Truncated));
    let half = agile.get("users").await;
    assert_eq!((half.status, half.content_type.as_str()), (200, "application/json"));
    assert!(serde_json::from_str::<Value>(&half.text).is_err());
}

#[tokio::test]
async fn an_error_inside_a_success_has_the_vendor_s_own_words_and_no_effect() {
    let agile = Agile::start().await;
    agile.sandbox.inject(any_call(FaultKind::ErrorInsideSuccess));
    let answer = agile.request("DELETE", "contacts/9007199254740993").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let error: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(error, json!({"status": "500", "exception message": "The sandbox was told to fail."}));
    assert_eq!(agile.get("contacts/9007199254740993").await.status, 200, "nothing has run");
    agile.sandbox.inject(any_call(FaultKind::Html { status: 422 }));
    let page = agile.get("contacts").await;
    assert_eq!((page.status, page.content_type.as_str()), (422, "text/html;charset=UTF-8"));
}

#[tokio::test]
async fn a_repeated_cursor_never_ends_the_list() {
    let agile = Agile::start().await;
    agile.sandbox.inject(Fault { times: 9, ..any_call(FaultKind::RepeatCursor) });
    let first = agile.get("contacts?page_size=249").await.list();
    let cursor = first[248]["cursor"].as_str().unwrap();
    for _ in 0..2 {
        let page = agile.get(&format!("contacts?page_size=249&cursor={cursor}")).await.list();
        assert_eq!((page.len(), page[0]["cursor"].as_str()), (1, Some(cursor)));
    }
}

#[tokio::test]
async fn a_hang_up_answers_nothing_though_the_call_has_run() {
    let agile = Agile::start().await;
    agile.sandbox.inject(any_call(FaultKind::HangUp));
    let body = json!({"properties": [{"name": "first_name", "value": "Unheard"}]}).to_string();
    let post = agile.request("POST", "contacts").header("content-type", "application/json").body(body);
    let error = post.send().await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert_eq!(agile.sandbox.requests()[0].status, None);
    assert_eq!(agile.get("contacts/list/count").await.text, "251");
}

#[tokio::test]
async fn a_slow_answer_can_be_given_up_on() {
    let agile = Agile::start().await;
    agile.sandbox.inject(any_call(FaultKind::Slow(Duration::from_hours(1))));
    let call = tokio::spawn(agile.request("DELETE", "contacts/9007199254740993").send());
    while agile.sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled(), "the answer is an hour away");
    assert_eq!(agile.get("contacts/9007199254740993").await.status, 204, "the call has run");
    agile.running.stop().await;
}

#[tokio::test]
async fn faults_that_make_no_sense_are_refused() {
    let agile = Agile::start().await;
    for fault in [
        json!({"service": "no-crm", "fault": "html"}),
        json!({"service": "agile-crm", "fault": "fire"}),
        json!({"service": "agile-crm", "fault": {"status": 99}}),
        json!({"service": "agile-crm", "fault": {"slow": 5, "status": 500}}),
        json!({"service": "agile-crm", "fault": {"quick": 5}}),
        json!({"service": "agile-crm", "fault": {"html": 99}}),
        json!({"service": "agile-crm", "fault": {"html": 422, "status": 422}}),
        json!({"service": "agile-crm", "fault": "html", "often": true}),
        json!([]),
    ] {
        assert_eq!(order(&agile, fault.clone()).await, 400, "{fault}");
    }
    for fault in [
        json!("html"),
        json!({"html": 422}),
        json!("error_inside_success"),
        json!("own_id"),
        json!("hang_up"),
        json!({"slow": 0}),
        json!({"status": 500}),
    ] {
        assert_eq!(order(&agile, json!({"service": "agile-crm", "times": 0, "fault": fault})).await, 204);
    }
    assert_eq!(ids(&agile.get("contacts?page_size=1").await.list()).len(), 1);
}

#[tokio::test]
async fn pages_of_another_size_come_on_order() {
    let agile = Agile::start().await;
    let fault = json!({"service": "agile-crm", "times": 2, "fault": {"largest_page": 3}});
    assert_eq!(order(&agile, fault).await, 204);
    assert_eq!(ids(&agile.get("contacts?page_size=5").await.list()).len(), 3);
    assert_eq!(ids(&agile.form("contacts/list", &[("page_size", "2")]).await.list()).len(), 2);
    agile.sandbox.inject(any_call(FaultKind::EveryPage(4)));
    assert_eq!(ids(&agile.get("contacts?page_size=2").await.list()).len(), 4);
    for wrong in [json!({"largest_page": 0}), json!({"every_page": 1, "slow": 1}), json!("short")] {
        assert_eq!(order(&agile, json!({"service": "agile-crm", "fault": wrong})).await, 400, "{wrong}");
    }
}

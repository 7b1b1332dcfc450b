//! What a vendor's bad day means for a read and for a write, and that a write is never repeated.

use std::sync::Arc;
use std::time::{Duration, Instant};

use connector_catalog::Catalog;
use reqwest::Method;
use serde_json::json;
use server::config::Config;
use server::sandbox::APPLICATION;
use tokio::task::JoinSet;
use vendor_sandbox::{Fault, FaultKind};

use crate::support::{Gateway, Reply, agile, agile_crm, catalog, connection, seeded, send};
use crate::vendor::{RawVendor, answer, json as json_answer};

/// Agile as it is, but that a repeat does not keep a test waiting.
fn impatient() -> Catalog {
    catalog(&[("agile-crm", |definition| definition.replace("base: 300ms", "base: 1ms"))])
}

async fn gateway(change: impl FnOnce(&mut Config)) -> Gateway {
    Gateway::over(impatient(), change).await
}

async fn over_raw(answers: &[&[u8]]) -> (Gateway, RawVendor) {
    let vendor = RawVendor::start(answers).await;
    let address = vendor.address;
    (gateway(move |config| agile(config).base_url = Some(format!("http://{address}"))).await, vendor)
}

fn fault(method: &str, path_prefix: &str, times: u32, kind: FaultKind) -> Fault {
    let (method, path_prefix) = (Some(method.to_owned()), path_prefix.to_owned());
    Fault { method, path_prefix, times, ..Fault::of("agile-crm", kind) }
}

fn calls(gateway: &Gateway, method: &str) -> usize {
    gateway.sandbox.requests().iter().filter(|request| request.method == method).count()
}

async fn add(gateway: &Gateway) -> Reply {
    gateway.post("/crm/contacts", &json!({ "first_name": "Ada", "last_name": "Byron" })).await
}

fn retry_after(reply: &Reply) -> Option<&str> {
    reply.headers.get("retry-after").map(|value| value.to_str().unwrap())
}

/// What a read or a write owes its caller.
struct Owed {
    status: u16,
    type_name: &'static str,
    outcome: Option<&'static str>,
    vendor_status: Option<u16>,
    /// How often the vendor is asked.
    calls: usize,
}

const fn execution(status: u16, outcome: Option<&'static str>, vendor_status: Option<u16>, calls: usize) -> Owed {
    Owed { status, type_name: "ConnectorExecutionError", outcome, vendor_status, calls }
}

impl Owed {
    #[track_caller]
    fn check(&self, what: &str, reply: &Reply, calls: usize) {
        assert_eq!(reply.status, self.status, "{what}: {}", reply.text);
        let detail = reply.refused(self.status, self.type_name);
        assert_eq!(detail["outcome"].as_str(), self.outcome, "{what}: {}", reply.text);
        assert_eq!(detail["vendor_status"].as_u64(), self.vendor_status.map(u64::from), "{what}: {}", reply.text);
        assert_eq!(calls, self.calls, "{what}: calls");
        if self.type_name == "ConnectorExecutionError" {
            for member in ["message", "detail", "code"] {
                assert!(reply.body["downstream_errors"][0][member].is_string(), "{what}: {}", reply.text);
            }
        } else {
            assert_eq!(reply.body.get("downstream_errors"), None, "{what}");
        }
    }
}

/// A bad day, what a read owes, what a write owes.
fn bad_days() -> Vec<(FaultKind, Owed, Owed)> {
    let status = |status| FaultKind::Status { status, retry_after: Some(0) };
    let refused = |code| (status(code), execution(code, None, Some(code), 1), execution(code, None, Some(code), 1));
    let broke =
        |code| (status(code), execution(code, None, Some(code), 3), execution(400, Some("unknown"), Some(code), 1));
    let typed = |code, type_name, read_calls| {
        let owed = |calls| Owed { status: code, type_name, outcome: None, vendor_status: None, calls };
        (status(code), owed(read_calls), owed(1))
    };
    vec![
        refused(400),
        refused(402),
        refused(403),
        refused(405),
        refused(409),
        refused(418),
        refused(422),
        refused(451),
        typed(401, "ConnectorCredentialsError", 1),
        typed(429, "ConnectorRateLimitError", 3),
        broke(408),
        broke(500),
        broke(502),
        broke(503),
        broke(504),
        // Nothing says that this one passes.
        (status(507), execution(507, None, Some(507), 1), execution(400, Some("unknown"), Some(507), 1)),
        (status(302), execution(502, None, Some(302), 1), execution(400, Some("unknown"), Some(302), 1)),
        (
            FaultKind::Html { status: 200 },
            execution(502, None, Some(200), 1),
            execution(400, Some("unknown"), Some(200), 1),
        ),
        (FaultKind::Html { status: 422 }, execution(422, None, Some(422), 1), execution(422, None, Some(422), 1)),
        (
            FaultKind::ErrorInsideSuccess,
            execution(502, None, Some(200), 1),
            execution(400, Some("unknown"), Some(200), 1),
        ),
        (FaultKind::Truncated, execution(502, None, Some(200), 1), execution(400, Some("unknown"), Some(200), 1)),
        (FaultKind::HangUp, execution(502, None, None, 3), execution(400, Some("unknown"), None, 1)),
    ]
}

#[tokio::test]
async fn a_read_is_repeated_where_that_may_help_and_a_write_never() {
    let contact = &seeded("contacts").await;
    let gateway = gateway(|_| {}).await;
    for (kind, read, write) in bad_days() {
        for (what, path) in [("list", "/crm/contacts"), ("record", contact.as_str())] {
            gateway.sandbox.reset();
            gateway.sandbox.inject(fault("GET", "", 9, kind.clone()));
            read.check(&format!("{kind:?}, {what}"), &gateway.get(path).await, calls(&gateway, "GET"));
        }
        gateway.sandbox.reset();
        gateway.sandbox.inject(fault("POST", "", 9, kind.clone()));
        write.check(&format!("{kind:?}, add"), &add(&gateway).await, calls(&gateway, "POST"));

        gateway.sandbox.reset();
        gateway.sandbox.inject(fault("PUT", "", 9, kind.clone()));
        let reply = gateway.patch(contact, &json!({ "last_name": "Byron" })).await;
        write.check(&format!("{kind:?}, update"), &reply, calls(&gateway, "PUT"));
    }
}

#[tokio::test]
async fn a_delete_answered_by_a_page_for_people_may_or_may_not_have_run() {
    let contact = &seeded("contacts").await;
    let gateway = gateway(|_| {}).await;
    gateway.sandbox.inject(fault("DELETE", "", 9, FaultKind::Html { status: 200 }));
    let owed = execution(400, Some("unknown"), Some(200), 1);
    owed.check("delete", &gateway.delete(contact).await, calls(&gateway, "DELETE"));
}

#[tokio::test]
async fn a_read_succeeds_once_the_vendor_has_recovered() {
    let contact = &seeded("contacts").await;
    let gateway = gateway(|_| {}).await;
    for status in [408, 429, 500, 502, 503, 504] {
        gateway.sandbox.inject(fault("GET", "", 2, FaultKind::Status { status, retry_after: Some(0) }));
        assert_eq!(gateway.get(contact).await.status, 200, "{status}");
    }
    gateway.sandbox.inject(fault("GET", "", 2, FaultKind::HangUp));
    assert_eq!(gateway.get("/crm/contacts").await.status, 200);
}

#[tokio::test]
async fn a_write_whose_preparatory_read_fails_did_not_run() {
    let contact = &seeded("contacts").await;
    let gateway = gateway(|_| {}).await;
    let faults = [
        (FaultKind::Status { status: 500, retry_after: Some(0) }, Some(500), 3),
        (FaultKind::Status { status: 408, retry_after: Some(0) }, Some(408), 3),
        (FaultKind::Html { status: 200 }, Some(200), 1),
        (FaultKind::ErrorInsideSuccess, Some(200), 1),
        (FaultKind::Truncated, Some(200), 1),
        (FaultKind::HangUp, None, 3),
    ];
    for (kind, vendor_status, calls_owed) in faults {
        for method in [Method::PATCH, Method::DELETE] {
            gateway.sandbox.reset();
            gateway.sandbox.inject(fault("GET", "", 9, kind.clone()));
            let request = gateway.request(method.clone(), contact).header("content-type", "application/json");
            let reply = send(request.body("{\"last_name\":\"Byron\"}")).await;
            let owed = execution(400, Some("not_run"), vendor_status, calls_owed);
            owed.check(&format!("{kind:?}, {method}"), &reply, gateway.sandbox.requests().len());
        }
    }
}

#[tokio::test]
async fn a_write_that_fails_halfway_says_what_was_done() {
    let contact = &seeded("contacts").await;
    let gateway = gateway(|_| {}).await;
    let change = json!({ "last_name": "Byron", "tags": ["fresh"] });
    let kinds = [
        (FaultKind::Status { status: 500, retry_after: None }, 400),
        (FaultKind::Status { status: 403, retry_after: None }, 403),
        (FaultKind::Html { status: 200 }, 400),
        (FaultKind::Html { status: 409 }, 409),
        (FaultKind::ErrorInsideSuccess, 400),
        (FaultKind::HangUp, 400),
    ];
    for (kind, status) in kinds {
        gateway.sandbox.reset();
        gateway.sandbox.inject(fault("PUT", "/dev/api/contacts/edit/tags", 9, kind.clone()));
        let reply = gateway.patch(contact, &change).await;
        let detail = reply.refused(status, "ConnectorExecutionError");
        assert_eq!(detail["outcome"], "partial", "{kind:?}");
        assert_eq!((&detail["completed_steps"], &detail["failed_step"]), (&json!(["properties"]), &json!("add-tags")));
        assert_eq!(calls(&gateway, "PUT"), 2, "{kind:?}");
        assert_eq!(gateway.get(contact).await.body["data"]["last_name"], "Byron");
    }
}

#[tokio::test]
async fn a_refusal_keeps_its_status_whatever_its_body() {
    let long = "x".repeat(4096);
    for status in [400, 403, 405, 409, 413, 415, 418, 422, 451] {
        for (content_type, body) in [
            ("text/html", "<!doctype html><html><body>Denied</body></html>"),
            ("application/xml", "<?xml version=\"1.0\"?><error><message>Denied</message></error>"),
            ("text/plain", "Denied"),
            ("application/octet-stream", "\u{0}\u{1}Denied"),
            ("application/json", "{\"broken"),
            ("application/json", "[1, 2"),
            ("application/json", ""),
            ("text/html", long.as_str()),
        ] {
            let (gateway, vendor) = over_raw(&[&answer(status, content_type, body)]).await;
            for (place, reply) in [gateway.get("/crm/contacts").await, add(&gateway).await].iter().enumerate() {
                execution(status, None, Some(status), place + 1).check(body, reply, place + 1);
                let response = reply.body["detail"]["response"].as_str().unwrap();
                assert!(response.len() <= 1024 && body.contains(response), "{body}: {response}");
            }
            assert_eq!(vendor.calls().len(), 2);
        }
    }
}

#[tokio::test]
async fn a_refusal_whose_body_is_cut_off_is_one() {
    let cut_off =
        b"HTTP/1.1 422 X\r\ncontent-type: text/html\r\ncontent-length: 999\r\nconnection: close\r\n\r\n<html>";
    let (gateway, vendor) = over_raw(&[cut_off]).await;
    execution(422, None, Some(422), 1).check("read", &gateway.get("/crm/contacts").await, vendor.calls().len());
    execution(422, None, Some(422), 2).check("write", &add(&gateway).await, vendor.calls().len());
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_unusable_where_it_is_no_refusal() {
    for (status, body) in [
        (200, "<contacts/>"),
        (200, "<!doctype html><p>Back soon"),
        (200, "{\"id\": 1,"),
        (200, "[{\"id\": 1}"),
        (200, "{\"id\": 1} trailing"),
        (500, "<html>down</html>"),
        (503, "{\"broken"),
    ] {
        let (gateway, vendor) = over_raw(&[&answer(status, "application/json", body)]).await;
        let reply = gateway.get("/crm/contacts").await;
        let repeats = if status >= 500 { 3 } else { 1 };
        execution(502, None, Some(status), repeats).check(body, &reply, vendor.calls().len());
        let reply = add(&gateway).await;
        execution(400, Some("unknown"), Some(status), repeats + 1).check(body, &reply, vendor.calls().len());
    }
}

#[tokio::test]
async fn an_answer_too_large_is_unusable() {
    let contact = &seeded("contacts").await;
    let gateway = gateway(|config| config.egress.max_answer_bytes = 100).await;
    execution(502, None, None, 1).check("read", &gateway.get(contact).await, calls(&gateway, "GET"));
    execution(400, Some("unknown"), None, 1).check("write", &add(&gateway).await, calls(&gateway, "POST"));
}

#[tokio::test]
async fn a_vendor_that_cannot_be_reached_is_unavailable_for_reads_and_writes() {
    let contact = &seeded("contacts").await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = RawVendor::start(&[b"no TLS here"]).await;
    for base_url in [format!("http://{closed}"), format!("https://{}", plain.address)] {
        let gateway = gateway(|config| agile(config).base_url = Some(base_url)).await;
        for reply in [gateway.get(contact).await, add(&gateway).await, gateway.delete(contact).await] {
            execution(503, None, None, 0).check("unreachable", &reply, 0);
        }
    }
}

#[tokio::test]
async fn an_address_that_the_guard_denies_is_a_matter_of_settings() {
    let contact = &seeded("contacts").await;
    let tenants_own = |definition: String| {
        let definition =
            definition.replace("https://{settings.domain}.agilecrm.com/dev/api", "https://{settings.domain}/dev/api");
        definition.replace("^[a-z0-9-]+$", "^[a-z0-9.-]+$")
    };
    let gateway = Gateway::over(catalog(&[("agile-crm", tenants_own)]), |config| agile(config).base_url = None).await;
    for (index, host) in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.0.1", "0.0.0.0"].iter().enumerate() {
        let consumer = format!("consumer-{index}");
        let inward = connection(&consumer, &agile_crm()).with_setting("domain", *host);
        gateway.vault.connections().add(inward).await.unwrap();
        for (method, path, body) in
            [(Method::GET, contact.as_str(), ""), (Method::POST, "/crm/contacts", "{\"first_name\":\"Ada\"}")]
        {
            let request = gateway.anonymous(method, path).bearer_auth(server::sandbox::API_KEY);
            let request = request.header("x-apideck-app-id", APPLICATION).header("x-apideck-consumer-id", &consumer);
            let reply = send(request.body(body)).await;
            reply.refused(422, "ConnectionSettingsError");
        }
    }
}

#[tokio::test]
async fn the_deadline_ends_a_call() {
    let contact = &seeded("contacts").await;
    let gateway = gateway(|config| agile(config).timeout_seconds = Some(1)).await;
    let slow = FaultKind::Slow(Duration::from_secs(30));
    gateway.sandbox.inject(fault("GET", "", 1, slow.clone()));
    let read = gateway.get(contact);
    gateway.sandbox.inject(fault("POST", "", 1, slow.clone()));
    let write = add(&gateway);
    let (read, write) = tokio::join!(read, write);
    execution(504, None, None, 1).check("read", &read, calls(&gateway, "GET"));
    execution(400, Some("unknown"), None, 1).check("write", &write, calls(&gateway, "POST"));
    gateway.sandbox.inject(fault("GET", "", 1, slow));
    let reply = gateway.patch(contact, &json!({ "last_name": "Byron" })).await;
    execution(400, Some("not_run"), None, 0).check("preparatory read", &reply, calls(&gateway, "PUT"));
}

#[tokio::test]
async fn a_deadline_that_passes_before_anything_was_sent_makes_a_repeat_safe() {
    let contact = &seeded("contacts").await;
    let gateway = gateway(|config| agile(config).timeout_seconds = Some(0)).await;
    for reply in [gateway.get(contact).await, add(&gateway).await] {
        execution(504, None, None, 0).check("no time", &reply, gateway.sandbox.requests().len());
    }
}

#[tokio::test]
async fn a_vendors_rate_limit_is_passed_on_with_its_wait() {
    let contact = &seeded("contacts").await;
    // The wait that the vendor asks for is longer than the call may take.
    let gateway = gateway(|config| agile(config).timeout_seconds = Some(2)).await;
    for (asked, told) in [(Some(7), "7"), (Some(3600), "3600")] {
        for method in ["GET", "POST"] {
            gateway.sandbox.inject(fault(method, "", 1, FaultKind::Status { status: 429, retry_after: asked }));
        }
        for reply in [gateway.get(contact).await, add(&gateway).await] {
            let detail = reply.refused(429, "ConnectorRateLimitError");
            assert!(detail["context"].is_string() && detail["error"].is_object(), "{detail}");
            assert_eq!(retry_after(&reply), Some(told));
        }
    }
    assert_eq!((calls(&gateway, "GET"), calls(&gateway, "POST")), (2, 2));
    gateway.sandbox.inject(fault("POST", "", 1, FaultKind::Status { status: 429, retry_after: None }));
    assert_eq!(retry_after(&add(&gateway).await), Some("1"), "a vendor that names no wait");
}

#[tokio::test]
async fn the_connections_own_limit_is_told_with_its_wait() {
    let contact = &seeded("contacts").await;
    let gateway = gateway(|config| {
        agile(config).limits = Some(server::config::ConnectorLimits { requests: 1, per_seconds: 3600, concurrency: 1 });
    })
    .await;
    assert_eq!(gateway.get(contact).await.status, 200);
    for reply in [gateway.get(contact).await, add(&gateway).await] {
        reply.refused(429, "ConnectorRateLimitError");
        let seconds: u64 = retry_after(&reply).unwrap().parse().unwrap();
        assert!((3500..=3600).contains(&seconds), "{seconds}");
    }
    assert_eq!(gateway.sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_turn_beyond_the_deadline_is_refused_at_once_with_its_true_wait() {
    let gateway = gateway(|config| {
        agile(config).limits = Some(server::config::ConnectorLimits { requests: 1, per_seconds: 2, concurrency: 1 });
        agile(config).timeout_seconds = Some(3);
    });
    let gateway = Arc::new(gateway.await);
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let gateway = Arc::clone(&gateway);
        calls.spawn(async move {
            let started = Instant::now();
            (gateway.get("/crm/contacts?limit=1").await, started.elapsed())
        });
    }
    let (served, refused): (Vec<_>, Vec<_>) =
        calls.join_all().await.into_iter().partition(|(reply, _)| reply.status == 200);
    assert_eq!((served.len(), refused.len()), (2, 8));
    for (reply, took) in refused {
        reply.refused(429, "ConnectorRateLimitError");
        // After the one that is served now, and the one that waits for two seconds.
        assert_eq!(retry_after(&reply), Some("4"));
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
}

#[tokio::test]
async fn a_cursor_that_the_vendor_has_forgotten_is_invalid() {
    let page = json_answer(r#"[{"id": 1, "type": "PERSON", "cursor": "vendor-cursor", "count": 9}]"#);
    let gone = answer(500, "text/plain", "java.lang.IllegalArgumentException: Failed to parse cursor");
    let (gateway, _vendor) = over_raw(&[&page, &gone]).await;
    let first = gateway.get("/crm/contacts?limit=1").await;
    let cursor = first.body["meta"]["cursors"]["next"].as_str().unwrap().to_owned();
    gateway.get(&format!("/crm/contacts?limit=1&cursor={cursor}")).await.refused(400, "InvalidCursorError");
}

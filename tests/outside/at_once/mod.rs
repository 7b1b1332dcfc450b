//! Writes to one record at the same time: each that is answered 200 is kept, and each that could not run says so.

mod consumers;
mod one_server;
mod servers;
mod tags;
mod vendors;

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use vendor_sandbox::{Fault, FaultKind, Sandbox};

use crate::support::{Gateway, Reply, send};

/// The contact that every write of most tests is for.
const CONTACTS: &str = "/avid-crm/prophet/prophetwebservices/AvtProphetApi/odata/Contacts";

/// Members of an Avid contact that are one vendor member each.
const MEMBERS: [(&str, &str); 6] = [
    ("title", "JobTitle"),
    ("department", "Department"),
    ("middle_name", "MiddleName"),
    ("suffix", "Suffix"),
    ("prefix", "Title"),
    ("fax", "Fax"),
];

/// Sends all of them and then waits for the replies, in the order of the requests.
async fn at_once(requests: impl IntoIterator<Item = RequestBuilder>) -> Vec<Reply> {
    let calls: Vec<_> = requests.into_iter().map(|request| tokio::spawn(send(request))).collect();
    let mut replies = Vec::new();
    for call in calls {
        replies.push(call.await.unwrap());
    }
    replies
}

fn with_body(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header("content-type", "application/json").body(body.to_string())
}

/// A call to one vendor's connection of the demo consumer.
fn call(gateway: &Gateway, service: &str, method: Method, path: &str, body: Option<&Value>) -> RequestBuilder {
    let request = gateway.request(method, path).header("x-apideck-service-id", service);
    match body {
        Some(body) => with_body(request, body),
        None => request,
    }
}

async fn record(gateway: &Gateway, service: &str, path: &str) -> Value {
    let reply = send(call(gateway, service, Method::GET, path, None)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.body["data"].clone()
}

/// The path of the first record of a list.
async fn first(gateway: &Gateway, service: &str, resource: &str) -> String {
    let listed = send(call(gateway, service, Method::GET, &format!("/crm/{resource}?limit=1"), None)).await;
    format!("/crm/{resource}/{}", listed.body["data"][0]["id"].as_str().unwrap_or_else(|| panic!("{}", listed.text)))
}

/// Every answer of a vendor takes that long.
fn slow(sandbox: &Sandbox, service: &str) {
    let kind = FaultKind::Slow(Duration::from_millis(20));
    sandbox.inject(Fault { times: u32::MAX, ..Fault::of(service, kind) });
}

/// The change that a write makes: a value of its own for one of the members.
fn change(number: usize) -> (&'static str, &'static str, String) {
    let (member, vendor_member) = MEMBERS[number % MEMBERS.len()];
    (member, vendor_member, format!("v{number}"))
}

/// Holds the vendor's record to the replies: what was answered 200 was written, each time over everything that was written
/// before; what was answered otherwise was refused with 409 and never sent. Returns how many were answered 200.
fn hold_to_replies(sandbox: &Sandbox, changes: &[(&str, &str, String)], replies: &[Reply]) -> usize {
    let bodies: Vec<Value> =
        sandbox.requests().into_iter().filter(|seen| seen.method == "PUT").filter_map(|seen| seen.json).collect();
    let mut kept = BTreeMap::<&str, Value>::new();
    let mut written = Vec::new();
    for body in &bodies {
        let differing = changes
            .iter()
            .filter(|(_, member, value)| body[*member] == json!(value) && kept.get(member) != Some(&json!(value)));
        let differing: Vec<_> = differing.collect();
        assert_eq!(differing.len(), 1, "each write changes one member: {body}");
        kept.insert(differing[0].1, json!(differing[0].2));
        written.push(differing[0].2.as_str());
        for (member, value) in &kept {
            assert_eq!(body[*member], *value, "a write took {member} back: {body}");
        }
    }
    let mut answered = 0;
    for ((_, _, value), reply) in changes.iter().zip(replies) {
        if reply.status == 200 {
            answered += 1;
            assert!(written.contains(&value.as_str()), "{value} was answered 200 and not written");
        } else {
            let detail = reply.refused(409, "ConflictError");
            assert_eq!(detail["outcome"], "not_run", "{}", reply.text);
            assert!(!written.contains(&value.as_str()), "{value} was answered 409 and written");
        }
    }
    assert_eq!(written.len(), answered);
    answered
}

//! Vendors' faults by name, said byte for byte over a socket: what a read and a write owe their callers, and how often the vendor is asked.

use std::fmt::Write as _;

use connector_catalog::Catalog;
use serde_json::json;

use crate::support::{Gateway, Reply, agile, catalog};
use crate::vendor::{RawVendor, answer};

/// What a caller is owed: status, type, outcome of a write, and how often the vendor was asked.
type Owed = (u16, &'static str, Option<&'static str>, usize);

/// A fault: its name, what the vendor says to every request, and what a read and a write owe.
struct Fault {
    name: &'static str,
    says: Vec<u8>,
    read: Owed,
    write: Owed,
}

const EXECUTION: &str = "ConnectorExecutionError";

/// A connection that breaks: a read is asked for again, a write may have run.
fn broken(name: &'static str, says: impl Into<Vec<u8>>) -> Fault {
    Fault { name, says: says.into(), read: (502, EXECUTION, None, 3), write: (400, EXECUTION, Some("unknown"), 1) }
}

/// A whole answer that cannot be used.
fn unusable(name: &'static str, says: impl Into<Vec<u8>>) -> Fault {
    Fault { name, says: says.into(), read: (502, EXECUTION, None, 1), write: (400, EXECUTION, Some("unknown"), 1) }
}

fn refused(name: &'static str, says: impl Into<Vec<u8>>, status: u16, type_name: &'static str) -> Fault {
    let owed = (status, type_name, None, 1);
    Fault { name, says: says.into(), read: owed, write: owed }
}

fn head(more: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n{more}\r\n")
}

fn faults() -> Vec<Fault> {
    let endless_headers: String = (0..20_000).fold(String::new(), |mut text, number| {
        let _ = write!(text, "x-{number}: {}\r\n", "y".repeat(50));
        text
    });
    let ok = |body: &str| answer(200, "application/json", body);
    vec![
        broken("hangs up without a word", ""),
        broken("half a status line", "HTTP/1.1 2"),
        broken("half of the headers", "HTTP/1.1 200 OK\r\ncontent-le"),
        broken("another protocol", "SSH-2.0-OpenSSH_9.6\r\n"),
        broken("a status that is no number", "HTTP/1.1 abc OK\r\n\r\n"),
        broken("two lengths that differ", head("content-length: 2\r\ncontent-length: 3\r\n") + "[]"),
        broken("a length that is no number", head("content-length: two\r\n") + "[]"),
        broken("less than it announced", head("content-length: 100\r\n") + "[]"),
        broken("a chunk whose size is no number", head("transfer-encoding: chunked\r\n") + "zz\r\n[]\r\n0\r\n\r\n"),
        broken("chunks without an end", head("transfer-encoding: chunked\r\n") + "2\r\n[]\r\n"),
        broken("gzip that is none", head("content-encoding: gzip\r\ncontent-length: 2\r\n") + "[]"),
        broken("headers without end", format!("HTTP/1.1 200 OK\r\n{endless_headers}")),
        broken("a header with a line feed in its name", "HTTP/1.1 200 OK\r\nx y: 1\r\n\r\n[]"),
        broken(
            "another protocol from now on",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        ),
        unusable("a page for people", answer(200, "text/html", "<!doctype html><p>Back soon</p>")),
        unusable("XML", answer(200, "application/xml", "<contacts/>")),
        unusable("half a document", ok("[{\"id\": 1,")),
        unusable("a document and more", ok("[] []")),
        unusable("a hundred thousand brackets", ok(&"[".repeat(100_000))),
        unusable(
            "a redirect to an inner address",
            "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ),
        unusable(
            "a redirect to another port",
            "HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ),
        unusable("a redirect to nowhere", "HTTP/1.1 302 Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        refused("a refusal", answer(403, "application/json", "{\"message\":\"no\"}"), 403, EXECUTION),
        refused("a conflict", answer(409, "application/json", "{\"message\":\"no\"}"), 409, EXECUTION),
        refused(
            "credentials that are never good",
            answer(401, "application/json", "{}"),
            401,
            "ConnectorCredentialsError",
        ),
        Fault {
            name: "too many requests, for ever",
            says: answer(429, "application/json", "{}"),
            read: (429, "ConnectorRateLimitError", None, 3),
            write: (429, "ConnectorRateLimitError", None, 1),
        },
        Fault {
            name: "broken for ever",
            says: answer(503, "application/json", "{}"),
            read: (503, EXECUTION, None, 3),
            write: (400, EXECUTION, Some("unknown"), 1),
        },
        Fault {
            name: "a page for people with a 500",
            says: answer(500, "text/html", "<p>oops</p>"),
            read: (502, EXECUTION, None, 3),
            write: (400, EXECUTION, Some("unknown"), 1),
        },
    ]
}

/// Agile as it is, but that a repeat does not keep a test waiting.
fn impatient() -> Catalog {
    catalog(&[("agile-crm", |definition| definition.replace("base: 300ms", "base: 1ms"))])
}

/// How a reply differs from what is owed.
fn surprise(name: &str, reply: &Reply, calls: usize, owed: Owed) -> Option<String> {
    let type_name = reply.body["type_name"].as_str().unwrap_or(&reply.text);
    let came = (reply.status, type_name, reply.body["detail"]["outcome"].as_str(), calls);
    (came != owed).then(|| format!("{name}: {came:?}, and not {owed:?}"))
}

#[tokio::test]
async fn every_fault_owes_what_its_name_says() {
    let mut surprises = Vec::new();
    for Fault { name, says, read, write } in faults() {
        let vendor = RawVendor::start(&[&says]).await;
        let address = vendor.address;
        let gateway = Gateway::over(impatient(), |config| {
            agile(config).base_url = Some(format!("http://{address}"));
        })
        .await;
        let reply = gateway.get("/crm/contacts").await;
        let reads = vendor.calls().len();
        surprises.extend(surprise(name, &reply, reads, read));
        let reply = gateway.post("/crm/contacts", &json!({ "first_name": "Ada", "last_name": "Byron" })).await;
        surprises.extend(surprise(name, &reply, vendor.calls().len() - reads, write));
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

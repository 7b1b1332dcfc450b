//! Vendors that answer without end, or enormously: a server with little memory survives them, and serves its other consumers meanwhile.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::process::{Caller, Installation, Server, finished};
use crate::support::{Reply, send};

/// All memory that the server may have, threads and program included.
const KILOBYTES: usize = 512 * 1024;
const PAGE_BYTES: usize = 8 * 1024 * 1024;
const LARGE_BYTES: usize = 30 * 1024 * 1024;

/// An `OData` service below `/KIND`: what is bad about its answers.
async fn vendor() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, address));
        }
    });
    address
}

async fn serve(mut stream: TcpStream, address: SocketAddr) {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut buffer).await {
                Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
                _ => return,
            }
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        request.clear();
        let target = text.split(' ').nth(1).unwrap();
        let (kind, rest) = target.trim_start_matches('/').split_once('/').unwrap();
        let set = rest.split(['?', '(']).next().unwrap();
        let body = body(kind, set, address);
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(body.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn body(kind: &str, set: &str, address: SocketAddr) -> String {
    let id = "0f9c1a52-3d1c-4a7e-9d0e-000000000001";
    let next = format!("http://{address}/{kind}/{set}?$skiptoken=more");
    match (kind, set) {
        // Small objects, of which a tree takes a hundred times their bytes.
        ("table", "CustomFieldDefinitions") => {
            format!("{{\"value\":[{}],\"odata.nextLink\":\"{next}\"}}", filled("{\"\":0}", PAGE_BYTES))
        }
        ("rows", "CustomFieldDefinitions") => {
            let row = format!("{{\"Id\":\"{id}\",\"DisplayName\":\"{}\"}}", "x".repeat(2000));
            format!("{{\"value\":[{}],\"odata.nextLink\":\"{next}\"}}", filled(&row, PAGE_BYTES))
        }
        ("large", "Contacts") => format!("{{\"value\":[{}]}}", filled("{}", LARGE_BYTES)),
        ("expand", "Contacts") => {
            let address = format!("{{\"Id\":\"{id}\",\"Street\":\"{}\"}}", "x".repeat(500));
            let contact = format!("{{\"Id\":\"{id}\",\"Addresses\":[{}]}}", filled(&address, PAGE_BYTES));
            format!("{{\"value\":[{contact}],\"odata.nextLink\":\"{next}\"}}")
        }
        (_, "Contacts") => format!("{{\"value\":[{{\"Id\":\"{id}\",\"FirstName\":\"Ada\",\"LastName\":\"Byron\"}}]}}"),
        _ => "{\"value\":[]}".to_owned(),
    }
}

/// So many bytes of the same element.
fn filled(element: &str, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + element.len());
    while text.len() < bytes {
        let _ = write!(text, "{element},");
    }
    text.pop();
    text
}

/// A server with so much memory, and a consumer for each kind of vendor.
fn limited(kinds: &[&str], vendor: SocketAddr) -> (Installation, Server, String) {
    let installation = Installation::new("http://127.0.0.1:9/closed", "[egress]\nallow = [\"127.0.0.0/8\"]");
    let key = installation.add_application("acme");
    for kind in kinds {
        let base = format!("base_url=http://{vendor}/{kind}");
        let arguments = ["connections", "add", "--app", "acme", "--consumer", kind, "--service", "avid-crm"];
        let settings = ["--set", &base, "--set", "username=ada", "--set", "password=-"];
        let arguments: Vec<&str> = arguments.into_iter().chain(settings).collect();
        finished(&mut installation.command(&arguments), "hush-hush").done();
    }
    let mut shell = Command::new("sh");
    let script = format!("ulimit -v {KILOBYTES} && exec {} serve", env!("CARGO_BIN_EXE_trunkline"));
    shell.args(["-c", &script]).current_dir(installation.path()).env_remove("TRUNKLINE_MASTER_KEY");
    // Otherwise the allocator sets 64 MiB apart for every thread.
    let server = installation.started(shell.env("MALLOC_ARENA_MAX", "2"));
    (installation, server, key)
}

async fn ask(server: &Server, key: &str, consumer: &str, path: &str) -> Reply {
    let caller = Caller { api_key: key, application: "acme", consumer };
    send(server.request_to("avid-crm", caller, Method::GET, path)).await
}

/// What becomes of so many calls at once while another consumer calls on and on, whose slowest call is told as well.
async fn at_once(
    server: &Server,
    key: &str,
    calls: Vec<(&'static str, &'static str)>,
) -> (Vec<(&'static str, Reply)>, Duration) {
    let (mut replies, mut slowest) = (Vec::new(), Duration::ZERO);
    let mut under_way = JoinSet::new();
    for (consumer, path) in calls {
        let caller = Caller { api_key: key, application: "acme", consumer };
        let request = server.request_to("avid-crm", caller, Method::GET, path);
        under_way.spawn(async move { (consumer, send(request).await) });
    }
    while !under_way.is_empty() {
        let started = Instant::now();
        tokio::select! {
            Some(reply) = under_way.join_next() => replies.push(reply.expect("the server is there")),
            reply = ask(server, key, "good", "/crm/contacts?limit=1") => {
                assert_eq!(reply.status, 200, "{}", reply.text);
                slowest = slowest.max(started.elapsed());
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        }
    }
    (replies, slowest)
}

#[expect(clippy::print_stdout, reason = "the figures are what the test is read for")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_half_a_gigabyte_survives_vendors_without_end() {
    let kinds = ["good", "table", "rows", "large", "expand"];
    let (installation, mut server, key) = limited(&kinds, vendor().await);
    assert_eq!(ask(&server, &key, "good", "/crm/contacts").await.status, 200);
    let fields = "/vault/connections/crm/avid-crm/contacts/custom-fields";
    let storms: [(&str, Vec<(&str, &str)>); 4] = [
        (
            "endless tables",
            vec![("table", "/crm/contacts"), ("table", fields), ("rows", "/crm/contacts"), ("rows", fields)],
        ),
        ("tables of many rows", vec![("rows", "/crm/contacts"); 8]),
        ("sixteen answers of 30 MB", vec![("large", "/crm/contacts"); 16]),
        ("endless expanded pages", vec![("expand", "/crm/contacts?raw=true"); 4]),
    ];
    for (storm, calls) in storms {
        let (replies, slowest) = at_once(&server, &key, calls).await;
        assert!(server.is_running(), "{storm}: {}", installation.log());
        let statuses: Vec<u16> = replies.iter().map(|(_, reply)| reply.status).collect();
        println!("{storm}: {statuses:?}; the slowest call of another consumer took {slowest:?}; {}", peak(&server));
        for (consumer, reply) in &replies {
            assert!([200, 429, 502, 503, 504].contains(&reply.status), "{storm}, {consumer}: {}", reply.text);
        }
        assert_eq!(ask(&server, &key, "good", "/crm/contacts").await.status, 200, "{storm}");
    }
}

/// How much memory the server has had, and has now.
fn peak(server: &Server) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let lines = status.lines().filter(|line| ["VmPeak", "VmHWM", "VmRSS"].iter().any(|name| line.starts_with(name)));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

//! Vendors that answer without end, or enormously: a server with little memory survives them, and serves its other consumers meanwhile.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::process::{Caller, Installation, Server, binary, finished};
use crate::support::{Reply, send};

/// All memory that the server may have, threads and program included.
const KILOBYTES: usize = 512 * 1024;
const PAGE_BYTES: usize = 8 * 1024 * 1024;
/// Two such pages are more than a table may take.
const WIDE_BYTES: usize = 20 * 1024 * 1024;
const LARGE_BYTES: usize = 30 * 1024 * 1024;
/// A call that takes longer beside a storm is starved, however busy the machine is.
const STARVED: Duration = Duration::from_secs(10);
const ROUNDS: usize = 5;

const CONTACT: &str = "0f9c1a52-3d1c-4a7e-9d0e-000000000001";

/// What is bad about a vendor below `/KIND`: an `OData` service, or for `parents` an Agile CRM. Pages are made once.
struct Pages {
    address: SocketAddr,
    tables: String,
    rows: String,
    wide: String,
    large: String,
    expanded: String,
    parents: String,
    asked: AtomicUsize,
}

impl Pages {
    fn new(address: SocketAddr) -> Self {
        let row = format!("{{\"Id\":\"{CONTACT}\",\"DisplayName\":\"{}\"}}", "x".repeat(2000));
        let place = format!("{{\"Id\":\"{CONTACT}\",\"Street\":\"{}\"}}", "x".repeat(500));
        let parent = format!("{{\"id\":7,\"type\":\"PERSON\",\"name\":\"{}\"}}", "x".repeat(2000));
        Self {
            address,
            // Small objects, of which a tree takes a hundred times their bytes.
            tables: filled("{\"\":0}", PAGE_BYTES),
            rows: filled(&row, PAGE_BYTES),
            wide: filled(&row.replace("DisplayName", "Remarks"), WIDE_BYTES),
            large: filled("{}", LARGE_BYTES),
            expanded: filled(&place, PAGE_BYTES),
            parents: filled(&parent, PAGE_BYTES),
            asked: AtomicUsize::new(0),
        }
    }

    fn answer(&self, kind: &str, set: &str) -> String {
        let next = format!("http://{}/{kind}/{set}?$skiptoken=more", self.address);
        let page = |rows: &str| format!("{{\"value\":[{rows}],\"odata.nextLink\":\"{next}\"}}");
        match (kind, set) {
            ("table", "CustomFieldDefinitions") => page(&self.tables),
            ("rows", "CustomFieldDefinitions") => page(&self.rows),
            ("wide", "CustomFieldDefinitions") => page(&self.wide),
            ("large", "Contacts") => format!("{{\"value\":[{}]}}", self.large),
            ("expand", "Contacts") => page(&format!("{{\"Id\":\"{CONTACT}\",\"Addresses\":[{}]}}", self.expanded)),
            ("parents", "contacts") => {
                let number = self.asked.fetch_add(1, Ordering::Relaxed);
                format!("[{},{{\"id\":8,\"type\":\"PERSON\",\"cursor\":\"{number}\"}}]", self.parents)
            }
            ("parents", _) => "[]".to_owned(),
            (_, "Contacts") => {
                format!("{{\"value\":[{{\"Id\":\"{CONTACT}\",\"FirstName\":\"Ada\",\"LastName\":\"Byron\"}}]}}")
            }
            _ => "{\"value\":[]}".to_owned(),
        }
    }
}

async fn vendor() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let pages = Arc::new(Pages::new(address));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Without this, an answer's body can wait up to 200 ms for the acknowledgement of its head.
            stream.set_nodelay(true).unwrap();
            tokio::spawn(serve(stream, Arc::clone(&pages)));
        }
    });
    address
}

async fn serve(mut stream: TcpStream, pages: Arc<Pages>) {
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
        let body = pages.answer(kind, rest.split(['?', '(']).next().unwrap());
        if let Some((begins, again)) = endless(kind) {
            let _ = stream.write_all(begins.as_bytes()).await;
            while stream.write_all(again.as_bytes()).await.is_ok() {}
            return;
        }
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(body.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// What never becomes an answer: how it begins, and what is sent again and again.
fn endless(kind: &str) -> Option<(&'static str, String)> {
    match kind {
        "interim" => Some(("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(2048))),
        "digits" => Some(("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "0".repeat(64 * 1024))),
        _ => None,
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

/// Which connector a consumer of this kind uses.
fn service(kind: &str) -> &'static str {
    match kind {
        "parents" => "agile-crm",
        "interim" | "digits" => "teamswork-crm",
        _ => "avid-crm",
    }
}

/// A server with so much memory, and a consumer for each kind of vendor.
fn limited(vendor: SocketAddr) -> (Installation, Server, String) {
    let more = "limits = { requests = 10000, per_seconds = 1, concurrency = 100 }\n\
                [connectors.teamswork-crm]\ntimeout_seconds = 5\n[egress]\nallow = [\"127.0.0.0/8\"]";
    let installation = Installation::new(&format!("http://{vendor}/parents"), more);
    let key = installation.add_application("acme");
    for kind in ["good", "table", "rows", "wide", "large", "expand", "parents", "interim", "digits"] {
        let base = format!("base_url=http://{vendor}/{kind}");
        let settings: &[&str] = match service(kind) {
            "agile-crm" => &["domain=acme", "email=ada@acme.example", "notes_fan_out=true", "api_key=-"],
            "teamswork-crm" => &[&base, "subscription_key=-"],
            _ => &[&base, "username=ada", "password=-"],
        };
        let place = ["connections", "add", "--app", "acme", "--consumer", kind, "--service", service(kind)];
        let arguments: Vec<&str> = place.into_iter().chain(settings.iter().flat_map(|set| ["--set", *set])).collect();
        finished(&mut installation.command(&arguments), "hush-hush").done();
    }
    let mut shell = Command::new("sh");
    let script = format!("ulimit -v {KILOBYTES} && exec {} serve", binary());
    shell.args(["-c", &script]).current_dir(installation.path()).env_remove("TRUNKLINE_MASTER_KEY");
    // Otherwise the allocator sets 64 MiB apart for every thread.
    let server = installation.started(shell.env("MALLOC_ARENA_MAX", "2"));
    (installation, server, key)
}

fn request(server: &Server, key: &str, consumer: &str, path: &str) -> reqwest::RequestBuilder {
    let caller = Caller { api_key: key, application: "acme", consumer };
    server.request_to(service(consumer), caller, Method::GET, path)
}

/// A call of a consumer whose vendor is good, and how long it took.
async fn good(server: &Server, key: &str) -> Duration {
    let started = Instant::now();
    let reply = send(request(server, key, "good", "/crm/contacts?limit=1")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    started.elapsed()
}

/// What becomes of so many calls at once while another consumer calls on and on with such pauses, and how long its calls took.
async fn at_once(server: &Server, key: &str, calls: &[Asked], pause: Duration) -> (Vec<Reply>, Vec<Duration>) {
    let (mut replies, mut took) = (Vec::new(), Vec::new());
    let mut under_way = JoinSet::new();
    for (consumer, path) in calls {
        under_way.spawn(send(request(server, key, consumer, path)));
    }
    while !under_way.is_empty() {
        took.push(good(server, key).await);
        tokio::time::sleep(pause).await;
        while let Some(reply) = under_way.try_join_next() {
            replies.push(reply.expect("the server is there"));
        }
    }
    (replies, took)
}

/// Who calls, and for what.
type Asked = (&'static str, &'static str);

fn storms() -> [(&'static str, Vec<Asked>); 7] {
    let fields = "/vault/connections/crm/avid-crm/contacts/custom-fields";
    [
        (
            "endless tables",
            vec![("table", "/crm/contacts"), ("table", fields), ("rows", "/crm/contacts"), ("rows", fields)],
        ),
        ("tables of many rows", vec![("rows", "/crm/contacts"); 8]),
        ("sixteen answers of 30 MB", vec![("large", "/crm/contacts"); 16]),
        ("endless expanded pages", vec![("expand", "/crm/contacts?raw=true"); 4]),
        ("endless pages of parents", vec![("parents", "/crm/notes"); 8]),
        ("interim answers without end", vec![("interim", "/crm/contacts"); 4]),
        ("a chunk's size without end", vec![("digits", "/crm/contacts"); 4]),
    ]
}

/// In a short form: nobody waits for long beside a storm, and the server survives it.
#[expect(clippy::print_stdout, reason = "the figures are what the test is read for")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_half_a_gigabyte_survives_vendors_without_end() {
    let (installation, mut server, key) = limited(vendor().await);
    good(&server, &key).await;
    for (storm, calls) in storms() {
        let (replies, took) = at_once(&server, &key, &calls, Duration::from_millis(250)).await;
        assert!(server.is_running(), "{storm}: {}", installation.log());
        let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        let slowest = took.iter().max().copied().unwrap_or_default();
        println!("{storm}: {statuses:?}; the slowest call of another consumer took {slowest:?}; {}", peak(&server));
        for reply in &replies {
            assert!([200, 429, 502, 503, 504].contains(&reply.status), "{storm}: {}", reply.text);
        }
        assert!(slowest < STARVED, "{storm}: a call of another consumer took {slowest:?}");
        good(&server, &key).await;
    }
    assert!(!installation.log().contains("panicked"), "{}", installation.log());
}

/// Forty megabytes of rows, of which the definition uses the ids.
#[tokio::test]
async fn a_table_takes_what_is_used_of_its_rows() {
    let (_installation, server, key) = limited(vendor().await);
    let reply = send(request(&server, &key, "wide", "/crm/contacts")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

/// What is measured with the release build on a machine that does nothing else.
#[expect(clippy::print_stdout, reason = "the figures are what the test is read for")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes and a machine that does nothing else: `just storms`"]
async fn others_wait_hardly_longer_beside_storms() {
    let (_installation, server, key) = limited(vendor().await);
    for _ in 0..200 {
        good(&server, &key).await;
    }
    let pause = Duration::from_millis(5);
    for (storm, calls) in storms() {
        let (mut quiet, mut beside) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let mut took = Vec::new();
            for _ in 0..200 {
                took.push(good(&server, &key).await);
                tokio::time::sleep(pause).await;
            }
            quiet.push(p99(took));
            beside.push(p99(at_once(&server, &key, &calls, pause).await.1));
        }
        let (quiet, beside) = (median(quiet), median(beside));
        println!("{storm}: p99 {quiet:?} when it is quiet, {beside:?} beside it; {}", peak(&server));
        let most = (quiet * 2).max(quiet + Duration::from_millis(15));
        assert!(beside <= most, "{storm}: p99 {beside:?} beside it, {quiet:?} when it is quiet");
    }
}

fn p99(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[(took.len() * 99).div_ceil(100) - 1]
}

fn median(mut rounds: Vec<Duration>) -> Duration {
    rounds.sort_unstable();
    rounds[rounds.len() / 2]
}

/// How much memory the server has had, and has now.
fn peak(server: &Server) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let lines = status.lines().filter(|line| ["VmPeak", "VmHWM", "VmRSS"].iter().any(|name| line.starts_with(name)));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

//! A server that is asked to stop finishes its calls, and waits for nothing else.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use server::sandbox::DemoGateway;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vendor_sandbox::{Fault, FaultKind};

use super::crowd::{Habit, client, crowd};
use crate::process::{Caller, Installation, Server};
use crate::support::Gateway;

/// A demo gateway that serves until it is told to stop.
struct Stoppable {
    gateway: Gateway,
    stop: tokio::sync::oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
}

async fn stoppable() -> Stoppable {
    let DemoGateway { mut service, vendors, sandbox, vault } = DemoGateway::start(0).await.unwrap();
    service.stop_within = Duration::from_secs(5);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let gateway = Gateway::at(service.address, sandbox, vault, vendors);
    let stopped = async move {
        let _ = stopped.await;
    };
    let serving = tokio::spawn(service.run(stopped));
    Stoppable { gateway, stop, serving }
}

fn slow(method: &str) -> Fault {
    let kind = FaultKind::Slow(Duration::from_secs(2));
    Fault { method: Some(method.to_owned()), times: 1000, ..Fault::of("agile-crm", kind) }
}

#[tokio::test]
async fn no_call_under_way_is_lost_and_nothing_else_is_waited_for() {
    let Stoppable { gateway, stop, serving } = stoppable().await;
    let gateway = std::sync::Arc::new(gateway);
    let clients = crowd(gateway.address, 20);
    gateway.sandbox.inject(slow("GET"));
    gateway.sandbox.inject(slow("POST"));
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..20 {
        let gateway = std::sync::Arc::clone(&gateway);
        calls.spawn(async move {
            let request = if number % 2 == 0 {
                gateway.request(reqwest::Method::GET, "/crm/contacts?limit=1")
            } else {
                let body = json!({ "first_name": "Ada", "last_name": "Byron" }).to_string();
                let request = gateway.request(reqwest::Method::POST, "/crm/contacts");
                request.header("content-type", "application/json").body(body)
            };
            crate::support::send(request.header("x-apideck-service-id", "agile-crm")).await
        });
    }
    while gateway.sandbox.requests().len() < 20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let asked = Instant::now();
    stop.send(()).unwrap();
    serving.await.unwrap();
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
    while let Some(reply) = calls.join_next().await {
        let reply = reply.unwrap();
        assert!(matches!(reply.status, 200 | 201), "{}", reply.text);
        assert_eq!(reply.headers["connection"], "close");
    }
    drop(clients);
}

#[tokio::test]
async fn a_write_whose_caller_hung_up_is_finished_before_the_end() {
    let Stoppable { gateway, stop, serving } = stoppable().await;
    gateway.sandbox.inject(slow("POST"));
    let body = json!({ "first_name": "Ada", "last_name": "Byron" }).to_string();
    let request = gateway.request(reqwest::Method::POST, "/crm/contacts").header("x-apideck-service-id", "agile-crm");
    let call = tokio::spawn(request.header("content-type", "application/json").body(body).send());
    while gateway.sandbox.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let asked = Instant::now();
    call.abort();
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send(()).unwrap();
    serving.await.unwrap();
    assert!(asked.elapsed() >= Duration::from_millis(1900), "the vendor's answer is waited for: {:?}", asked.elapsed());
}

#[cfg(unix)]
fn signal(server: &Server) {
    let sent = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A server with a client that has sent `GE`, and one whose call takes half a minute.
#[cfg(unix)]
async fn held_up(installation: &Installation, more: &[(&str, &str)]) -> (Server, TcpStream, TcpStream) {
    let server = installation.serve_with(more);
    let mut stuck = TcpStream::connect(server.address).await.unwrap();
    stuck.write_all(b"GE").await.unwrap();
    let mut calling = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /crm/contacts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer KEY\r\nx-apideck-app-id: acme\r\n\
                x-apideck-consumer-id: c\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    let key = installation.add_application("acme");
    calling.write_all(head.replace("KEY", &key).as_bytes()).await.unwrap();
    // Once it is told to go on, its call is under way.
    tokio::time::sleep(Duration::from_millis(300)).await;
    (server, stuck, calling)
}

#[cfg(unix)]
#[tokio::test]
async fn a_client_that_has_begun_a_request_does_not_hold_up_the_end() {
    let installation = Installation::new("http://127.0.0.1:9/closed", "");
    let mut server = installation.serve();
    let mut stuck = TcpStream::connect(server.address).await.unwrap();
    stuck.write_all(b"GE").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let asked = Instant::now();
    signal(&server);
    assert!(server.ended().success());
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    let mut rest = Vec::new();
    assert_eq!(stuck.read_to_end(&mut rest).await.unwrap(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn the_time_for_stopping_is_bounded() {
    let installation = Installation::new("http://127.0.0.1:9/closed", "");
    let (mut server, _stuck, _calling) =
        held_up(&installation, &[("TRUNKLINE__SERVER__STOP_WITHIN_SECONDS", "2")]).await;
    let asked = Instant::now();
    signal(&server);
    assert!(server.ended().success());
    let took = asked.elapsed();
    assert!((1500..3000).contains(&took.as_millis()), "{took:?}");
    assert!(installation.log().contains("their time to finish is over"), "{}", installation.log());
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let installation = Installation::new("http://127.0.0.1:9/closed", "");
    let (mut server, _stuck, _calling) = held_up(&installation, &[]).await;
    let asked = Instant::now();
    signal(&server);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(server.is_running(), "a call is under way");
    signal(&server);
    assert!(!server.ended().success());
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}

/// A vendor whose answers take two seconds.
#[cfg(target_os = "linux")]
async fn slow_vendor() -> std::net::SocketAddr {
    let answer = || async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        "[]"
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// The long form, with the limits as they are by default: `just slow-clients`.
#[cfg(target_os = "linux")]
#[expect(clippy::print_stdout, reason = "the figures are what the test is read for")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute, and 3,000 file descriptors in each of two processes"]
async fn a_server_with_thousands_of_slow_clients_ends_in_time_and_loses_no_call() {
    let limits = "limits = { requests = 10000, per_seconds = 1, concurrency = 100 }";
    let installation = Installation::new(&format!("http://{}", slow_vendor().await), limits);
    let key = installation.add_application("acme");
    installation.add_connection("acme", "ada", "acme", "ada@acme.example", "hush");
    // Long enough for all of them to be there at once, however slowly a busy machine connects them.
    let mut server = installation.serve_with(&[("TRUNKLINE__SERVER__HEADER_TIMEOUT_SECONDS", "120")]);
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..450 {
        for habit in [Habit::Silent, Habit::Stuck, Habit::SlowHeader, Habit::Idle, Habit::Deaf] {
            clients.spawn(client(server.address, habit));
        }
    }
    let descriptors = format!("/proc/{}/fd", server.id());
    let connecting = Instant::now();
    while std::fs::read_dir(&descriptors).unwrap().count() < 2250 {
        assert!(connecting.elapsed() < Duration::from_mins(1), "the clients cannot connect");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let caller = Caller { api_key: &key, application: "acme", consumer: "ada" };
        calls.spawn(crate::support::send(server.request(caller, reqwest::Method::GET, "/crm/contacts")));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let connected = std::fs::read_dir(&descriptors).unwrap().count();
    let asked = Instant::now();
    signal(&server);
    for reply in calls.join_all().await {
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    assert!(server.ended().success());
    let took = asked.elapsed();
    println!("with {connected} descriptors open it ended {took:?} after SIGTERM");
    assert!(took < Duration::from_secs(31), "{took:?}");
    assert_eq!(clients.join_all().await.len(), 2250);
}

#[cfg(target_os = "linux")]
#[test]
fn core_dumps_are_switched_off() {
    let installation = Installation::new("http://127.0.0.1:9/closed", "");
    let server = installation.serve();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
}

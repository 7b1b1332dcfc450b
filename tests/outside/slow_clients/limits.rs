//! How much one request, one client and all clients together may take, and what is answered beyond it.

use std::num::NonZeroUsize;
use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use server::sandbox::{API_KEY, APPLICATION, CONSUMER};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vendor_sandbox::{Fault, FaultKind};

use crate::process::{Installation, binary};
use crate::support::{Gateway, Reply, catalog, send, send_as_written};

fn head(request: &str, more: &str) -> String {
    format!(
        "{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {API_KEY}\r\n\
         x-apideck-app-id: {APPLICATION}\r\nx-apideck-consumer-id: {CONSUMER}\r\n{more}\r\n"
    )
}

async fn ask(gateway: &Gateway, request: &str, more: &str) -> Reply {
    send_as_written(gateway.address, head(request, more).as_bytes(), b"").await
}

/// Sends all of it before it reads anything, and fails where the server does not take it.
async fn patient(gateway: &Gateway, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.expect("the server takes the whole body");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the whole answer");
    answer
}

#[tokio::test]
async fn a_body_too_large_is_answered_with_a_complete_413() {
    let gateway = Gateway::start().await;
    let body = vec![b' '; 20 * 1024 * 1024];
    let announced = format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    let chunked = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";
    let chunks = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    for round in 0..10 {
        for (more, body) in [(announced.as_str(), &body), (chunked, &chunks)] {
            for request in ["POST /crm/contacts", "PATCH /crm/companies/1", "POST /vault/consumers"] {
                let answer = patient(&gateway, &head(request, more), body).await;
                assert!(answer.starts_with("HTTP/1.1 413 "), "{round}, {request}: {answer}");
                let (head, body) = answer.split_once("\r\n\r\n").unwrap();
                assert!(head.to_ascii_lowercase().contains(&format!("content-length: {}", body.len())), "{answer}");
                let body: serde_json::Value = serde_json::from_str(body).unwrap();
                assert_eq!(body["type_name"], "RequestValidationError");
                assert_eq!(body["detail"], "body: larger than 1048576 bytes; send less");
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_is_complete_however_much_the_client_still_sends() {
    let gateway = Gateway::start().await;
    let body = vec![b' '; 20 * 1024 * 1024];
    let length = body.len();
    let stranger = format!("POST /crm/contacts HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
    let answer = patient(&gateway, &stranger, &body).await;
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.ends_with('}'), "{answer}");
}

#[tokio::test]
async fn addresses_and_headers_that_are_too_long_are_answered_in_words() {
    let gateway = Gateway::start().await;
    let long = |length: usize| "a".repeat(length);
    for path in ["/crm/contacts?cursor=", "/nowhere?x=", "/vault/consumers?cursor=", "/docs?x="] {
        let reply = ask(&gateway, &format!("GET {path}{}", long(16 * 1024)), "").await;
        reply.refused(414, "RequestValidationError");
        let reply = ask(&gateway, &format!("GET {path}{}", long(60 * 1024)), "").await;
        reply.refused(414, "RequestValidationError");
    }
    for length in [33 * 1024, 60 * 1024] {
        let reply = ask(&gateway, "GET /crm/contacts", &format!("x-filler: {}\r\n", long(length))).await;
        reply.refused(431, "RequestHeadersValidationError");
    }
    let many: String = (0..80).flat_map(|number| [format!("x-{number}: "), long(500), "\r\n".to_owned()]).collect();
    ask(&gateway, "GET /crm/contacts", &many).await.refused(431, "RequestHeadersValidationError");
    // Just below, it is served.
    let filler = format!("x-filler: {}\r\n", long(31 * 1024));
    assert_eq!(ask(&gateway, "GET /crm/contacts?limit=1", &filler).await.status, 200);
    // What cannot even be parsed has a status, but no body.
    let head = head(&format!("GET /{}", long(70_000)), "");
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 414 ") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_header_that_says_who_calls_is_given_once() {
    let gateway = Gateway::start().await;
    let again = [
        ("authorization", "Bearer another"),
        ("x-apideck-app-id", "another"),
        ("x-apideck-app-id", APPLICATION),
        ("x-apideck-consumer-id", "another"),
        ("X-Apideck-Consumer-Id", CONSUMER),
    ];
    for path in ["/crm/contacts", "/proxy/contacts", "/vault/connections/crm/agile-crm"] {
        for (name, value) in again {
            let reply = ask(&gateway, &format!("GET {path}"), &format!("{name}: {value}\r\n")).await;
            let detail = reply.refused(400, "RequestHeadersValidationError").to_string();
            assert!(detail.contains(&name.to_ascii_lowercase()), "{path}, {name}: {detail}");
        }
    }
    for path in ["/crm/contacts", "/proxy/contacts"] {
        let twice = "x-apideck-service-id: agile-crm\r\nx-apideck-service-id: avid-crm\r\n";
        let reply = ask(&gateway, &format!("GET {path}"), twice).await;
        reply.refused(400, "RequestHeadersValidationError");
    }
    assert!(gateway.sandbox.requests().is_empty());
}

#[tokio::test]
async fn what_came_to_a_trusted_proxy_by_plain_http_is_refused() {
    let gateway = Gateway::over(catalog(&[("agile-crm", |text| text)]), |config| {
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.server.public_url = Some("https://crm.example.com".to_owned());
    })
    .await;
    for path in ["/crm/contacts", "/proxy/contacts", "/vault/consumers", "/connector/connectors", "/nowhere"] {
        for header in ["x-forwarded-proto: http\r\n", "forwarded: for=192.0.2.1;proto=http\r\n"] {
            let reply = ask(&gateway, &format!("GET {path}"), header).await;
            let detail = reply.refused(403, "ForbiddenError").to_string();
            assert!(detail.contains("https://"), "{path}, {header}: {detail}");
            assert!(reply.headers.contains_key("request-id"), "{path}");
        }
    }
    assert!(gateway.sandbox.requests().is_empty());
    for header in ["x-forwarded-proto: https\r\n", ""] {
        assert_eq!(ask(&gateway, "GET /crm/contacts?limit=1", header).await.status, 200, "{header}");
    }
}

#[tokio::test]
async fn a_client_that_a_proxy_names_has_its_share_of_calls() {
    let gateway = Gateway::over(catalog(&[("agile-crm", |text| text)]), |config| {
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.server.max_connections_per_client = NonZeroUsize::new(2).unwrap();
    })
    .await;
    let slow = Fault { times: 2, ..Fault::of("agile-crm", FaultKind::Slow(Duration::from_secs(2))) };
    gateway.sandbox.inject(slow);
    let ask = async |client: Option<&str>| {
        let mut request = gateway.request(Method::GET, "/crm/contacts?limit=1");
        if let Some(client) = client {
            request = request.header("x-forwarded-for", client);
        }
        send(request).await
    };
    let others = async {
        while gateway.sandbox.requests().len() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let third = ask(Some("203.0.113.77, 192.0.2.1")).await;
        third.refused(429, "TooManyRequestsError");
        assert_eq!(third.headers["retry-after"], "1");
        assert_eq!(ask(Some("192.0.2.2")).await.status, 200, "another client");
        assert_eq!(ask(None).await.status, 200, "the proxy itself");
    };
    let (first, second, ()) = tokio::join!(ask(Some("192.0.2.1")), ask(Some("192.0.2.1")), others);
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(ask(Some("192.0.2.1")).await.status, 200, "its calls are over");
}

#[tokio::test]
async fn nobody_else_can_name_a_client() {
    let gateway = Gateway::over(catalog(&[("agile-crm", |text| text)]), |config| {
        config.server.max_connections_per_client = NonZeroUsize::new(1).unwrap();
    })
    .await;
    let slow = Fault { times: 1, ..Fault::of("agile-crm", FaultKind::Slow(Duration::from_secs(1))) };
    gateway.sandbox.inject(slow);
    let ask = || send(gateway.request(Method::GET, "/crm/contacts?limit=1").header("x-forwarded-for", "192.0.2.1"));
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    assert_eq!([first.status, second.status, third.status], [200; 3]);
}

#[cfg(unix)]
#[tokio::test]
async fn idle_clients_make_room_where_there_are_few_file_descriptors() {
    let installation = Installation::new("http://127.0.0.1:9/closed", "");
    let mut shell = Command::new("sh");
    let script = format!("ulimit -n 256 && exec {} serve", binary());
    shell.args(["-c", &script]).current_dir(installation.path()).env_remove("TRUNKLINE_MASTER_KEY");
    let server = installation.started(&mut shell);
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(TcpStream::connect(server.address).await.unwrap());
    }
    for _ in 0..5 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await;
        read.expect("an answer within five seconds").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    assert!(installation.log().contains("fewer connections than max_connections"), "{}", installation.log());
}

#[test]
fn a_public_listener_without_tls_is_warned_of() {
    let installation = Installation::new("http://127.0.0.1:9/closed", "");
    drop(installation.serve());
    assert!(!installation.log().contains("without TLS"), "{}", installation.log());
    let public = ("TRUNKLINE__SERVER__LISTEN", "0.0.0.0:0");
    drop(installation.serve_with(&[public, ("TRUNKLINE__SERVER__TRUSTED_PROXIES", "[\"10.0.3.0/24\"]")]));
    assert!(!installation.log().contains("without TLS"), "{}", installation.log());
    drop(installation.serve_with(&[public]));
    assert!(installation.log().contains("without TLS"), "{}", installation.log());
}

#[test]
fn limits_that_mean_nothing_are_refused_at_the_start() {
    for key in [
        "header_timeout_seconds",
        "body_timeout_seconds",
        "idle_timeout_seconds",
        "write_timeout_seconds",
        "max_connections",
        "max_connections_per_client",
        "stop_within_seconds",
    ] {
        let installation = Installation::new("http://127.0.0.1:9/closed", "");
        let variable = format!("TRUNKLINE__SERVER__{}", key.to_uppercase());
        let mut command = installation.command(&["serve"]);
        let errors = crate::process::finished(command.env(&variable, "0"), "").failed();
        assert!(errors.contains(key) || errors.contains("nonzero"), "{key}: {errors}");
    }
    let installation = Installation::new("http://127.0.0.1:9/closed", "");
    let mut command = installation.command(&["serve"]);
    let proxies = command.env("TRUNKLINE__SERVER__TRUSTED_PROXIES", "[\"10.0.0.0/99\"]");
    crate::process::finished(proxies, "").failed();
}

//! A crowd of bad clients of every kind.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use server::sandbox::{API_KEY, APPLICATION, CONSUMER};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::process::Installation;
use crate::support::{Gateway, catalog};

/// What a client does badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// Never sends anything.
    Silent,
    /// Has begun a request and sends no more of it.
    Stuck,
    /// Sends its headers a byte at a time.
    SlowHeader,
    /// Sends its body a byte at a time.
    SlowBody,
    /// The same to the Proxy API.
    SlowProxied,
    /// The same without being known to the gateway.
    SlowStranger,
    /// Has been answered and asks for nothing more.
    Idle,
    /// Asks for much and reads nothing of it.
    Deaf,
}

pub(super) const HABITS: [Habit; 8] = [
    Habit::Silent,
    Habit::Stuck,
    Habit::SlowHeader,
    Habit::SlowBody,
    Habit::SlowProxied,
    Habit::SlowStranger,
    Habit::Idle,
    Habit::Deaf,
];

/// How it went: what was answered, and after how long the connection was closed.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) habit: Habit,
    pub(super) answer: String,
    pub(super) after: Duration,
}

/// One client with a bad habit, until the server closes the connection.
pub(super) async fn client(address: SocketAddr, habit: Habit) -> Outcome {
    let mut stream = connect(address).await;
    let start = Instant::now();
    let answer = match habit {
        Habit::Silent => read(&mut stream).await,
        Habit::Stuck => {
            stream.write_all(b"GE").await.unwrap();
            read(&mut stream).await
        }
        Habit::SlowHeader => {
            trickle(stream, format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-filler: {}", "a".repeat(9000))).await
        }
        Habit::SlowBody | Habit::SlowProxied => {
            let path = if habit == Habit::SlowBody { "/crm/contacts" } else { "/proxy/contacts" };
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {API_KEY}\r\nx-apideck-app-id: {APPLICATION}\r\n\
                 x-apideck-consumer-id: {CONSUMER}\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            trickle(stream, " ".repeat(9000)).await
        }
        Habit::SlowStranger => {
            let head = "POST /crm/contacts HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n";
            stream.write_all(head.as_bytes()).await.unwrap();
            trickle(stream, " ".repeat(9000)).await
        }
        Habit::Idle => {
            stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            read(&mut stream).await
        }
        Habit::Deaf => deaf(stream).await,
    };
    Outcome { habit, answer, after: start.elapsed() }
}

/// All clients of a crowd at once.
pub(super) fn crowd(address: SocketAddr, of_each: usize) -> JoinSet<Outcome> {
    let mut clients = JoinSet::new();
    for _ in 0..of_each {
        for habit in HABITS {
            clients.spawn(client(address, habit));
        }
    }
    clients
}

/// Connects, however many want to at once.
async fn connect(address: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    // A deaf client is to be noticed before everything has found room in the system's memory.
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    socket.connect(address).await.unwrap()
}

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends a byte every tenth of a second until the server has enough of it, and reads what it says.
async fn trickle(stream: TcpStream, text: String) -> String {
    let (mut reader, mut writer) = stream.into_split();
    let writing = tokio::spawn(async move {
        for byte in text.bytes() {
            if writer.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let mut bytes = Vec::new();
    let _ = reader.read_to_end(&mut bytes).await;
    writing.abort();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Asks again and again for a long page, and reads none of it until the connection is broken.
async fn deaf(mut stream: TcpStream) -> String {
    let request = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n";
    while stream.write_all(request).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    String::new()
}

/// Holds every outcome to what its habit deserves: closed within the limit and a second, and answered where that is possible.
pub(super) fn check(outcomes: &[Outcome], limit: Duration) {
    for Outcome { habit, answer, after } in outcomes {
        // A stranger is answered at once; what it still sends is taken for a while.
        let owed = match habit {
            Habit::Silent | Habit::Deaf => "",
            Habit::Stuck | Habit::SlowHeader | Habit::SlowBody | Habit::SlowProxied => "HTTP/1.1 408 ",
            Habit::SlowStranger => "HTTP/1.1 401 ",
            Habit::Idle => "HTTP/1.1 200 ",
        };
        assert!(answer.starts_with(owed), "{habit:?}: {answer}");
        assert!(!owed.is_empty() || answer.is_empty(), "{habit:?}: {answer}");
        if owed.contains("408") {
            let body: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
            assert_eq!((&body["status_code"], &body["type_name"]), (&408.into(), &"RequestValidationError".into()));
            for key in ["error", "message", "detail", "ref"] {
                assert!(body[key].is_string(), "{key}: {body}");
            }
        }
        assert!(*after < 3 * limit + Duration::from_secs(2), "{habit:?} was closed after {after:?}");
    }
}

#[tokio::test]
async fn slow_clients_are_closed_in_time_and_others_are_served_meanwhile() {
    let limit = Duration::from_secs(1);
    let gateway = Gateway::over(catalog(&[("agile-crm", |text| text)]), |config| {
        let second = std::num::NonZeroU64::new(1).unwrap();
        config.server.header_timeout_seconds = second;
        config.server.body_timeout_seconds = second;
        config.server.idle_timeout_seconds = second;
        config.server.write_timeout_seconds = second;
    })
    .await;
    let mut clients = crowd(gateway.address, 40);
    let mut outcomes = Vec::new();
    while !clients.is_empty() {
        tokio::select! {
            Some(outcome) = clients.join_next() => outcomes.push(outcome.unwrap()),
            reply = gateway.get("/crm/contacts?limit=1") => assert_eq!(reply.status, 200, "{}", reply.text),
        }
    }
    assert_eq!(outcomes.len(), HABITS.len() * 40);
    check(&outcomes, limit);
}

/// The long form, with the limits as they are by default: `just slow-clients`.
#[expect(clippy::print_stdout, reason = "the figures are what the test is read for")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes two minutes, and 3,000 file descriptors in each of two processes"]
async fn thousands_of_slow_clients_are_closed_within_the_default_limits() {
    let installation = Installation::new("http://127.0.0.1:9/closed", "");
    let server = installation.serve();
    let mut clients = JoinSet::new();
    for _ in 0..450 {
        for habit in [Habit::Silent, Habit::SlowHeader, Habit::SlowStranger, Habit::Idle, Habit::Deaf] {
            clients.spawn(client(server.address, habit));
        }
    }
    let mut slowest = BTreeMap::new();
    while let Some(outcome) = clients.join_next().await {
        let Outcome { habit, after, .. } = outcome.unwrap();
        let (count, longest) = slowest.entry(format!("{habit:?}")).or_insert((0, Duration::ZERO));
        (*count, *longest) = (*count + 1, after.max(*longest));
    }
    println!("how many were closed, and after how long at most: {slowest:#?}");
    assert_eq!(slowest.values().map(|(count, _)| count).sum::<usize>(), 2250);
    assert!(slowest.values().all(|(_, longest)| *longest < Duration::from_secs(90)), "{slowest:?}");
}

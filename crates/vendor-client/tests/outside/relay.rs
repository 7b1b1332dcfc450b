//! What is passed on: as it comes, no further than anybody reads, and never for ever.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use connector_catalog::Limits;
use http::{HeaderMap, Method};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use vendor_client::{Clock, RelayError, RelayRequest, VendorError};

use crate::support::{Names, Play, Setup, Vault, Vendor, answer, credentials};

const MINUTE: Duration = Duration::from_mins(1);
/// More than what the system keeps for both ends of a connection.
const MUCH: usize = 64 << 20;

fn relayed<B>(method: Method, body: B) -> RelayRequest<B> {
    let (address, headers) = ("/files".to_owned(), HeaderMap::new());
    RelayRequest { method, address, headers, with_secrets: true, follows_redirects: true, body }
}

fn read() -> RelayRequest<Empty<Bytes>> {
    relayed(Method::GET, Empty::new())
}

#[tokio::test]
async fn a_vendor_that_pauses_for_too_long_breaks_off() {
    let vendor = Vendor::playing([Play::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec())]).await;
    let setup = Setup::to(&vendor);
    let clock = setup.clock.clone();
    let reply = setup.session().lasting(MINUTE).relay(read()).await.expect("headers");
    let mut body = reply.body;
    let half = body.frame().await.expect("a chunk").expect("a chunk").into_data().expect("data");
    assert_eq!(&half[..], b"half");
    let waiting = tokio::spawn(async move { (body.frame().await, body.frame().await.is_none()) });
    clock.advance(Duration::from_millis(59_999));
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    clock.advance(Duration::from_millis(1));
    let (last, is_over) = waiting.await.expect("task");
    assert_eq!(last.expect("an end").expect_err("broken off"), VendorError::Timeout { sent: true });
    assert!(is_over);
}

#[tokio::test]
async fn whoever_does_not_read_gives_up_its_place() {
    let much = "x".repeat(MUCH);
    let vendor = Vendor::playing([Play::Last(answer(200, "", &much)), Play::Answer(answer(200, "", "ok"))]).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.limits = Limits { requests: 1000, per: Duration::from_secs(1), concurrency: 1 };
    let clock = setup.clock.clone();
    let session = setup.session();
    let reply = session.relay(read()).await.expect("headers");
    let second = tokio::spawn(async move { session.lasting(10 * MINUTE).relay(read()).await });
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(vendor.seen().len(), 1, "the first answer is still under way");
    clock.advance(MINUTE);
    let second = second.await.expect("task").expect("reply");
    assert_eq!(second.body.collect().await.expect("body").to_bytes(), "ok");
    reply.body.collect().await.expect_err("what was not read in time is not to be had, and not taken for the whole");
}

#[tokio::test]
async fn a_vendor_that_does_not_begin_is_not_waited_for() {
    let vendor = Vendor::playing([Play::Stall(Vec::new())]).await;
    let setup = Setup::to(&vendor);
    let clock = setup.clock.clone();
    let session = setup.session().lasting(MINUTE);
    let waiting = tokio::spawn(async move { session.relay(read()).await.map(|_| ()) });
    vendor.has_seen(1).await;
    clock.advance(MINUTE);
    let error = waiting.await.expect("task").expect_err("no answer");
    assert_eq!(error, RelayError::Vendor(VendorError::Timeout { sent: true }));
}

#[tokio::test]
async fn the_rate_counts_what_is_passed_on() {
    let vendor = Vendor::playing((0..4).map(|_| Play::Answer(answer(200, "", "")))).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.limits = Limits { requests: 2, per: Duration::from_secs(1), concurrency: 4 };
    let (clock, start) = (setup.clock.clone(), setup.clock.now());
    let session = setup.session();
    for _ in 0..4 {
        session.relay(read()).await.expect("reply").body.collect().await.expect("body");
    }
    assert_eq!(clock.now() - start, Duration::from_secs(1));
}

#[tokio::test]
async fn a_redirect_and_a_repeat_take_the_place_of_the_request_before_them() {
    let redirect = answer(307, "location: /api/moved\r\n", "");
    let plays = [redirect.clone(), answer(401, "", ""), redirect, answer(200, "", "done"), answer(200, "", "next")];
    let vendor = Vendor::playing(plays.map(Play::Answer)).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.limits = Limits { requests: 1000, per: Duration::from_secs(1), concurrency: 1 };
    let old = credentials(&[("email", "jane@acme.com"), ("api_key", "old")]);
    let newer = credentials(&[("email", "jane@acme.com"), ("api_key", "newer")]);
    let session = setup.session_with(Arc::new(Vault::new(old, Some(newer)))).lasting(MINUTE);
    // A place of its own for any of them would be waited for until the deadline.
    for expected in ["done", "next"] {
        let reply = session.relay(read()).await.expect("reply");
        assert_eq!(reply.body.collect().await.expect("body").to_bytes(), expected);
    }
    let lines: Vec<String> =
        vendor.seen().iter().map(|seen| seen.lines().next().unwrap_or_default().to_owned()).collect();
    let (files, moved) = ("GET /api/files HTTP/1.1", "GET /api/moved HTTP/1.1");
    assert_eq!(lines, [files, moved, files, moved, files]);
}

#[tokio::test]
async fn a_tenants_name_for_a_private_address_is_forbidden() {
    let mut setup = Setup::new();
    setup.options.resolver = Names::new("acme.vendor.test", &[&["10.0.0.1"]]);
    let session = setup.session();
    for address in ["/files", "https://acme.vendor.test/files"] {
        let request = RelayRequest { address: address.to_owned(), ..read() };
        let error = session.relay(request).await.map(|_| ()).expect_err("forbidden");
        assert!(matches!(error, RelayError::Vendor(VendorError::Forbidden { .. })), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_switches_protocols_is_not_passed_on() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n";
    let vendor = Vendor::playing([Play::Last(switch.into())]).await;
    let error = Setup::to(&vendor).session().relay(read()).await.map(|_| ()).expect_err("101");
    assert!(matches!(error, RelayError::Vendor(VendorError::Broken { .. })), "{error:?}");
}

#[tokio::test]
async fn an_address_elsewhere_is_refused_before_anything_is_read() {
    let session = Setup::new().session();
    let taken = Arc::new(AtomicUsize::new(0));
    let request = relayed(Method::POST, Endless { taken: Arc::clone(&taken) });
    let request = RelayRequest { address: "https://other.vendor.test/".to_owned(), ..request };
    let error = session.relay(request).await.map(|_| ()).expect_err("foreign");
    assert_eq!(error, RelayError::Foreign { allowed: "https://acme.vendor.test".to_owned() });
    assert_eq!(taken.load(Ordering::SeqCst), 0);
}

/// A vendor that is spoken to by hand; time passes only while nobody has anything to do.
async fn by_hand() -> (TcpListener, Setup) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let mut setup = Setup::new();
    setup.options.clock = Clock::system();
    setup.overrides.base_url = Some(format!("http://{}", listener.local_addr().expect("address")));
    (listener, setup)
}

async fn request_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("a request"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_does_not_read_holds_the_caller_back() {
    let (listener, setup) = by_hand().await;
    let taken = Arc::new(AtomicUsize::new(0));
    let request = relayed(Method::POST, Endless { taken: Arc::clone(&taken) });
    let session = setup.session().lasting(MINUTE);
    tokio::spawn(async move { session.relay(request).await.map(|_| ()) });
    let (mut stream, _) = listener.accept().await.expect("a connection");
    request_head(&mut stream).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let taken = taken.load(Ordering::SeqCst);
    assert!((1..MUCH).contains(&taken), "{taken} bytes of a body that nobody reads were taken");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_does_not_read_holds_the_vendor_back() {
    let (listener, setup) = by_hand().await;
    let session = setup.session().lasting(MINUTE);
    let asking = tokio::spawn(async move { session.relay(read()).await.expect("headers") });
    let (mut stream, _) = listener.accept().await.expect("a connection");
    request_head(&mut stream).await;
    let given = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let given = Arc::clone(&given);
        async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("headers");
            while stream.write_all(&[b'x'; 16 * 1024]).await.is_ok() {
                given.fetch_add(16 * 1024, Ordering::SeqCst);
                assert!(given.load(Ordering::SeqCst) < 2 * MUCH, "nobody reads it");
            }
        }
    });
    let reply = asking.await.expect("task");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = given.load(Ordering::SeqCst);
    assert!((1..MUCH).contains(&before), "{before} bytes of an answer that nobody reads were taken");
    let (mut body, mut read) = (reply.body, 0);
    while read <= before {
        read += body.frame().await.expect("more").expect("more").into_data().expect("data").len();
    }
}

/// A body without an end that counts what was taken of it.
struct Endless {
    taken: Arc<AtomicUsize>,
}

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let chunk = Bytes::from_static(&[b'x'; 16 * 1024]);
        assert!(self.taken.fetch_add(chunk.len(), Ordering::SeqCst) < 2 * MUCH, "nobody reads it");
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
}

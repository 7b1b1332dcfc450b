//! Vendors that cannot be reached, break off, stall or never stop.

use std::time::Duration;

use connector_catalog::Auth;
use tokio::net::TcpListener;
use vendor_client::{OAuthClient, TokenError, TokenRequest, VendorError};

use crate::support::{Names, Play, Setup, Vendor, answer, client_credentials, credentials, get, gzip_answer, post};

fn truncated() -> Play {
    Play::Last(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":".to_vec())
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("address");
    drop(listener);
    let mut setup = Setup::new();
    setup.overrides.base_url = Some(format!("http://{address}/api"));
    let refused = setup.session().send(post("/x?", "{}")).await;
    assert!(matches!(refused, Err(VendorError::Settings(_))), "a query is no path: {refused:?}");
    let mut setup = Setup::new();
    setup.overrides.base_url = Some(format!("http://{address}/api"));
    let error = setup.session().send(post("/x", "{}")).await.expect_err("refused");
    assert!(matches!(&error, VendorError::Unreachable { host, .. } if host == "127.0.0.1"), "{error:?}");
}

#[tokio::test]
async fn a_host_without_an_address() {
    let mut setup = Setup::new();
    setup.options.resolver = Names::new("other.test", &[&["8.8.8.8"]]);
    let error = setup.session().send(post("/x", "{}")).await.expect_err("unknown");
    let reason = "no such host".to_owned();
    assert_eq!(error, VendorError::Unreachable { host: "acme.vendor.test".to_owned(), reason });
}

#[tokio::test]
async fn an_answer_that_switches_protocols_is_none() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n";
    for request in [get("/x"), post("/x", "{}")] {
        let vendor = Vendor::playing((0..3).map(|_| Play::Last(switch.into()))).await;
        let error = Setup::to(&vendor).session().send(request).await.expect_err("101");
        assert!(matches!(&error, VendorError::Broken { reason, .. } if reason.contains("101")), "{error:?}");
    }
}

#[tokio::test]
async fn a_token_end_point_that_switches_protocols_gives_none() {
    let switch = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n";
    let vendor = Vendor::playing([Play::Last(switch.into())]).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.auth = Auth::Oauth2(Box::new(client_credentials()));
    setup.overrides.token_url = Some(format!("http://{}/token", vendor.address));
    let client = OAuthClient { id: "client".to_owned(), secret: "hush".into() };
    let credentials = credentials(&[("domain", "acme")]);
    let request = TokenRequest::ClientCredentials { scopes: &[] };
    let error = setup.client().token(&setup.definition, &credentials, &client, request).await.expect_err("101");
    let TokenError::Vendor(VendorError::Broken { reason, .. }) = &error else { panic!("{error:?}") };
    assert!(reason.contains("101"), "{reason}");
}

#[tokio::test]
async fn a_vendor_that_does_not_speak_tls() {
    let vendor = Vendor::playing([Play::Last(answer(200, "", ""))]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move { drop(listener.accept().await) });
    let mut setup = Setup::to(&vendor);
    setup.overrides.base_url = Some(format!("https://{address}/api"));
    let error = setup.session().send(post("/x", "{}")).await.expect_err("no TLS");
    assert!(matches!(error, VendorError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_ends_early_breaks_a_write() {
    let vendor = Vendor::playing([truncated(), Play::Answer(answer(200, "", "{}"))]).await;
    let error = Setup::to(&vendor).session().send(post("/x", "{}")).await.expect_err("truncated");
    assert!(matches!(error, VendorError::Broken { .. }), "{error:?}");
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_ends_early_is_asked_for_again() {
    let vendor = Vendor::playing([truncated(), Play::Last(Vec::new()), Play::Answer(answer(200, "", "{}"))]).await;
    let setup = Setup::to(&vendor);
    let (clock, start) = (setup.clock.clone(), setup.clock.now());
    let reply = setup.session().send(get("/x")).await.expect("reply");
    assert_eq!((reply.status, vendor.seen().len()), (200, 3));
    assert_eq!(clock.now() - start, Duration::from_millis(300 + 600));
}

#[tokio::test]
async fn what_is_not_http_breaks() {
    for bytes in [&b""[..], b"nonsense\r\n\r\n", b"HTTP/1.1 999999 No\r\n\r\n", b"HTTP/1.1 200 OK\r\nx"] {
        let vendor = Vendor::playing([Play::Last(bytes.to_vec())]).await;
        let error = Setup::to(&vendor).session().send(post("/x", "{}")).await.expect_err("not HTTP");
        assert!(matches!(error, VendorError::Broken { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_kept_connection_that_closes_on_a_write_is_broken_and_not_repeated() {
    let vendor = Vendor::playing([
        Play::Answer(answer(200, "", "{}")),
        Play::Last(Vec::new()),
        Play::Answer(answer(200, "", "{}")),
    ])
    .await;
    let session = Setup::to(&vendor).session();
    session.send(get("/x")).await.expect("warm");
    let error = session.send(post("/x", "{}")).await.expect_err("closed");
    assert!(matches!(error, VendorError::Broken { .. }), "{error:?}");
    assert_eq!(vendor.seen().len(), 2);
}

#[tokio::test]
async fn an_answer_over_the_cap_is_not_read() {
    let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
    let endless = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(8));
    for play in [
        Play::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec()),
        Play::Stall(endless.into_bytes()),
        Play::Stall(gzip_answer(&vec![0; 8 * 1024 * 1024])),
    ] {
        let vendor = Vendor::playing([play]).await;
        let mut setup = Setup::to(&vendor);
        setup.options.max_answer_bytes = 4 * 1024;
        let error = setup.session().send(get("/x")).await.expect_err("too large");
        assert_eq!(error, VendorError::TooLarge { limit_bytes: 4 * 1024 });
        assert_eq!(vendor.seen().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_of_exactly_the_cap_is_read() {
    let vendor = Vendor::playing([Play::Answer(gzip_answer(&[0; 4096]))]).await;
    let mut setup = Setup::to(&vendor);
    setup.options.max_answer_bytes = 4096;
    assert_eq!(setup.session().send(get("/x")).await.expect("reply").body.len(), 4096);
}

#[tokio::test]
async fn a_broken_compression_breaks() {
    let mut bytes = gzip_answer(b"{\"id\":1}");
    let middle = bytes.len() - 12;
    bytes[middle] ^= 0xff;
    let vendor = Vendor::playing([Play::Last(bytes)]).await;
    let error = Setup::to(&vendor).session().send(post("/x", "{}")).await.expect_err("garbage");
    assert!(matches!(error, VendorError::Broken { .. }), "{error:?}");
}

#[tokio::test]
async fn silence_lasts_until_the_deadline() {
    let part = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec();
    for play in [Play::Stall(Vec::new()), Play::Stall(part)] {
        let vendor = Vendor::playing([play]).await;
        let setup = Setup::to(&vendor);
        let clock = setup.clock.clone();
        let session = setup.session();
        let (outcome, ()) = tokio::join!(session.send(post("/x", "{}")), async {
            vendor.has_seen(1).await;
            clock.advance(Duration::from_secs(20));
        });
        assert_eq!(outcome.expect_err("silence"), VendorError::Timeout { sent: true });
    }
}

#[tokio::test]
async fn a_session_whose_deadline_has_passed_sends_nothing() {
    let vendor = Vendor::playing([]).await;
    let mut setup = Setup::to(&vendor);
    setup.overrides.timeout = Some(Duration::from_secs(2));
    let clock = setup.clock.clone();
    let session = setup.session();
    clock.advance(Duration::from_secs(2));
    let error = session.send(get("/x")).await.expect_err("too late");
    assert_eq!((error, vendor.connections()), (VendorError::Timeout { sent: false }, 0));
}

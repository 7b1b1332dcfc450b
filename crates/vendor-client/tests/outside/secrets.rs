//! What is never shown: credentials, queries, bodies and people's addresses, in events, errors and `Debug`.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use vendor_client::{RelayRequest, VendorRequest};

use crate::support::{Play, Setup, Vendor, answer, credentials, get, post, template};

/// Everything in a request or an answer that must stay there.
const HIDDEN: [&str; 7] = ["s3cret", "czNjcmV0", "am9lQGFjbWU", "joe@acme", "joe%40acme", "q-value", "body-value"];

thread_local! {
    /// What this thread, and so this test, has logged.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Lines;

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn call() -> VendorRequest {
    VendorRequest {
        query: vec![("q".to_owned(), "q-value".to_owned())],
        ..post("/search/joe%40acme.com", "\"body-value\"")
    }
}

fn is_clean(text: &str) -> bool {
    HIDDEN.iter().all(|hidden| !text.contains(hidden))
}

#[tokio::test]
async fn one_line_per_call_tells_what_happened_and_nothing_about_anyone() {
    // For the whole process: another test's thread may be the first to come past an event, and what it finds is remembered.
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(|| Lines).with_ansi(false).init();
    let vendor = Vendor::playing([
        Play::Answer(answer(503, "", "\"body-value\"")),
        Play::Answer(answer(200, "set-cookie: s3cret\r\n", "\"body-value\"")),
        Play::Last(Vec::new()),
        Play::Last(b"HTTP/1.1 200 OK\r\nset-cookie: s3cret\r\ncontent-length: 100\r\n\r\nbody-value".to_vec()),
    ])
    .await;
    let mut setup = Setup::to(&vendor);
    setup.definition.query = vec![("key".to_owned(), template("{settings.api_key}"))];
    let source =
        Arc::new(crate::support::Vault::new(credentials(&[("email", "joe@acme.com"), ("api_key", "s3cret")]), None));
    let session = setup.session_with(source);
    session.send(VendorRequest { safe: true, ..call() }).await.expect("reply");
    let error = session.send(call()).await.expect_err("broken");
    assert!(is_clean(&format!("{error} {error:?} {session:?}")), "{error:?}");

    let relayed = RelayRequest {
        method: http::Method::POST,
        address: "/search/joe%40acme.com?q=q-value".to_owned(),
        headers: [(http::header::COOKIE, http::HeaderValue::from_static("s3cret"))].into_iter().collect(),
        with_secrets: true,
        follows_redirects: true,
        body: Full::new(Bytes::from("body-value")),
    };
    let body = session.relay(relayed).await.expect("headers").body;
    let error = body.collect().await.expect_err("cut off");
    assert!(is_clean(&format!("{error} {error:?}")), "{error:?}");

    let text = String::from_utf8(LINES.take()).expect("text");
    assert!(is_clean(&text), "{text}");
    let calls: Vec<_> = text.lines().filter(|line| line.contains("vendor call")).collect();
    assert_eq!(calls.len(), 4, "{text}");
    for part in [
        "DEBUG",
        "service=\"vendor\"",
        "step=\"all\"",
        "method=\"POST\"",
        "path=/api/search/*",
        "status=503",
        "attempt=1",
    ] {
        assert!(calls[0].contains(part), "{part}: {}", calls[0]);
    }
    assert!(calls[1].contains("attempt=2") && calls[1].contains("status=200") && calls[1].contains("duration_ms="));
    assert!(
        calls[2].contains("error=the connection to 127.0.0.1 broke") && !calls[2].contains("status="),
        "{}",
        calls[2]
    );
}

#[tokio::test]
async fn debug_and_errors_show_no_secret() {
    let mut setup = Setup::new();
    setup.overrides.base_url = Some("http://127.0.0.1:1/api".to_owned());
    setup.definition.query = vec![("key".to_owned(), template("{settings.api_key}"))];
    let client = setup.client();
    let error = setup.session().send(call()).await.expect_err("nobody listens");
    let settings = credentials(&[("email", "joe@acme.com"), ("api_key", "s3cret")]);
    let shown = format!("{error} {error:?} {client:?} {settings:?} {:?} {:?}", call(), get("/x"));
    assert!(is_clean(&shown), "{shown}");
}

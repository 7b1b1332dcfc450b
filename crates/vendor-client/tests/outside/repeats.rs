//! What is sent again, when, and what never is.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use vendor_client::VendorRequest;

use crate::support::{Play, Setup, Vault, Vendor, answer, credentials, get, post};

fn status(status: u16, headers: &str) -> Play {
    Play::Answer(answer(status, headers, ""))
}

#[tokio::test]
async fn a_read_is_repeated_after_growing_waits() {
    let vendor = Vendor::playing([status(503, ""), status(429, ""), status(200, "")]).await;
    let setup = Setup::to(&vendor);
    let (clock, start) = (setup.clock.clone(), setup.clock.now());
    let reply = setup.session().send(get("/x")).await.expect("reply");
    assert_eq!((reply.status, vendor.seen().len()), (200, 3));
    assert_eq!(clock.now() - start, Duration::from_millis(300 + 600));
}

#[tokio::test]
async fn the_last_answer_stands_when_the_attempts_are_used_up() {
    let vendor = Vendor::playing((0..4).map(|_| status(503, ""))).await;
    let reply = Setup::to(&vendor).session().send(get("/x")).await.expect("reply");
    assert_eq!((reply.status, vendor.seen().len()), (503, 3));
}

#[tokio::test]
async fn a_status_that_is_not_named_is_not_repeated() {
    let vendor = Vendor::playing([status(500, "")]).await;
    let reply = Setup::to(&vendor).session().send(get("/x")).await.expect("reply");
    assert_eq!((reply.status, vendor.seen().len()), (500, 1));
}

#[tokio::test]
async fn the_vendors_own_wait_is_kept() {
    for (header, wait) in [("retry-after: 7\r\n", 7), ("retry-after: Thu, 01 Jan 2026 00:00:09 GMT\r\n", 9)] {
        let vendor = Vendor::playing([status(429, header), status(200, "")]).await;
        let setup = Setup::to(&vendor);
        let (clock, start) = (setup.clock.clone(), setup.clock.now());
        let reply = setup.session().send(get("/x")).await.expect("reply");
        assert_eq!((reply.status, vendor.seen().len()), (200, 2));
        assert_eq!(clock.now() - start, Duration::from_secs(wait));
    }
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_answers_at_once() {
    let vendor = Vendor::playing([status(429, "retry-after: 20\r\n"), status(200, "")]).await;
    let setup = Setup::to(&vendor);
    let (clock, start) = (setup.clock.clone(), setup.clock.now());
    let reply = setup.session().send(get("/x")).await.expect("reply");
    assert_eq!((reply.status, reply.retry_after()), (429, Some(Duration::from_secs(20))));
    assert_eq!((vendor.seen().len(), clock.now()), (1, start));
}

#[tokio::test]
async fn the_requests_of_a_session_share_one_deadline() {
    let wait = || status(429, "retry-after: 15\r\n");
    let vendor = Vendor::playing([wait(), status(200, ""), wait()]).await;
    let session = Setup::to(&vendor).session();
    assert_eq!(session.send(get("/first")).await.expect("reply").status, 200);
    assert_eq!(session.send(get("/second")).await.expect("reply").status, 429);
    assert_eq!(vendor.seen().len(), 3);
}

#[tokio::test]
async fn a_write_is_never_repeated() {
    for code in [429, 500, 502, 503, 504] {
        let vendor = Vendor::playing([status(code, "retry-after: 1\r\n"), status(200, "")]).await;
        let reply = Setup::to(&vendor).session().send(post("/x", "{}")).await.expect("reply");
        assert_eq!((reply.status, vendor.seen().len()), (code, 1));
    }
}

#[tokio::test]
async fn a_post_that_only_searches_is_repeated_with_its_body() {
    let vendor = Vendor::playing([status(503, ""), status(200, "")]).await;
    let search = VendorRequest { safe: true, ..post("/search", "{\"q\":1}") };
    Setup::to(&vendor).session().send(search).await.expect("reply");
    assert_eq!(vendor.seen().iter().filter(|seen| seen.ends_with("\r\n\r\n{\"q\":1}")).count(), 2);
}

fn bearer(setup: &mut Setup) {
    setup.definition.auth = connector_catalog::Auth::Bearer { token: crate::support::template("{settings.token}") };
}

#[tokio::test]
async fn a_401_is_answered_with_newer_credentials_once_even_for_a_write() {
    let vendor = Vendor::playing([status(401, ""), status(201, "")]).await;
    let mut setup = Setup::to(&vendor);
    bearer(&mut setup);
    let vault = Arc::new(Vault::new(credentials(&[("token", "old")]), Some(credentials(&[("token", "new")]))));
    let reply = setup.session_with(vault.clone()).send(post("/x", "{}")).await.expect("reply");
    assert_eq!((reply.status, vault.refreshes.load(Ordering::SeqCst)), (201, 1));
    let seen = vendor.seen();
    assert!(
        seen[0].contains("authorization: Bearer old\r\n") && seen[1].contains("authorization: Bearer new\r\n"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_second_401_stands() {
    let vendor = Vendor::playing((0..3).map(|_| status(401, ""))).await;
    let mut setup = Setup::to(&vendor);
    bearer(&mut setup);
    let vault = Arc::new(Vault::new(credentials(&[("token", "old")]), Some(credentials(&[("token", "new")]))));
    let reply = setup.session_with(vault.clone()).send(get("/x")).await.expect("reply");
    assert_eq!((reply.status, vendor.seen().len(), vault.refreshes.load(Ordering::SeqCst)), (401, 2, 1));
}

#[tokio::test]
async fn a_401_stands_when_there_is_nothing_newer() {
    let vendor = Vendor::playing((0..2).map(|_| status(401, ""))).await;
    let reply = Setup::to(&vendor).session().send(get("/x")).await.expect("reply");
    assert_eq!((reply.status, vendor.seen().len()), (401, 1));
}

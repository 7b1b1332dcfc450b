//! The limits of a connection, across its sessions.

use std::sync::Arc;
use std::time::Duration;

use connector_catalog::Limits;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use vendor_client::{ConnectionKey, VendorError};

use crate::support::{Play, Setup, Vendor, answer, get, vault};

#[tokio::test]
async fn no_more_than_the_allowed_number_at_once_over_all_sessions() {
    let gate = Arc::new(Semaphore::new(0));
    let vendor = Vendor::playing((0..6).map(|_| Play::Gated(Arc::clone(&gate), answer(200, "", "{}")))).await;
    let mut setup = Setup::to(&vendor);
    setup.overrides.limits = Some(Limits { requests: 1000, per: Duration::from_secs(1), concurrency: 2 });
    let client = setup.client();
    let connector = Arc::new(setup.definition);
    let mut calls = JoinSet::new();
    for _ in 0..6 {
        let source = vault(&[("email", "jane@acme.com"), ("api_key", "s3cret")]);
        let session = client.session(Arc::clone(&connector), ConnectionKey("one".into()), source);
        calls.spawn(async move { session.send(get("/x")).await });
    }
    for answered in 0..6 {
        let expected = (answered + 2).min(6);
        vendor.has_seen(expected).await;
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert_eq!(vendor.seen().len(), expected, "two are waiting for their answer, no more");
        gate.add_permits(1);
        calls.join_next().await.expect("a call").expect("task").expect("reply");
    }
    assert_eq!(vendor.connections(), 2);
}

#[tokio::test]
async fn requests_beyond_the_rate_wait_for_their_share() {
    let vendor = Vendor::playing((0..4).map(|_| Play::Answer(answer(200, "", "{}")))).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.limits = Limits { requests: 2, per: Duration::from_secs(1), concurrency: 4 };
    let (clock, start) = (setup.clock.clone(), setup.clock.now());
    let session = setup.session();
    for _ in 0..4 {
        session.send(get("/x")).await.expect("reply");
    }
    assert_eq!(clock.now() - start, Duration::from_secs(1));
}

#[tokio::test]
async fn a_limit_that_frees_up_after_the_deadline_says_when() {
    let vendor = Vendor::playing([Play::Answer(answer(200, "", "{}"))]).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.limits = Limits { requests: 1, per: Duration::from_mins(1), concurrency: 4 };
    let session = setup.session();
    session.send(get("/x")).await.expect("reply");
    let full = session.send(get("/x")).await.expect_err("full");
    assert_eq!(full, VendorError::LimiterFull { retry_after: Duration::from_mins(1) });
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn connections_do_not_share_their_limits() {
    let vendor = Vendor::playing((0..2).map(|_| Play::Answer(answer(200, "", "{}")))).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.limits = Limits { requests: 1, per: Duration::from_mins(1), concurrency: 1 };
    let client = setup.client();
    let connector = Arc::new(setup.definition);
    for key in ["one", "two"] {
        let source = vault(&[("email", "jane@acme.com"), ("api_key", "s3cret")]);
        let session = client.session(Arc::clone(&connector), ConnectionKey(key.into()), source);
        session.send(get("/x")).await.expect("reply");
    }
}

//! Redirects: followed for reads while they stay where they are, otherwise answered.

use vendor_client::VendorError;

use crate::support::{Names, Play, Setup, Vendor, answer, get, post, template};

fn redirect(status: u16, location: &str) -> Play {
    Play::Answer(answer(status, &format!("location: {location}\r\n"), ""))
}

#[tokio::test]
async fn a_read_follows_within_its_host() {
    for status in [301, 302, 303, 307, 308] {
        let vendor = Vendor::playing([redirect(status, "/api/y?z=1"), Play::Answer(answer(200, "", "{}"))]).await;
        let reply = Setup::to(&vendor).session().send(get("/x")).await.expect("reply");
        assert_eq!(reply.status, 200);
        assert!(vendor.seen()[1].starts_with("GET /api/y?z=1 HTTP/1.1\r\n"), "{:?}", vendor.seen());
        assert!(vendor.seen()[1].contains("authorization: Basic "));
    }
}

#[tokio::test]
async fn three_redirects_and_no_more() {
    let vendor = Vendor::playing((0..5).map(|_| redirect(302, "/api/x"))).await;
    let reply = Setup::to(&vendor).session().send(get("/x")).await.expect("reply");
    assert_eq!((reply.status, vendor.seen().len()), (302, 4));
}

#[tokio::test]
async fn a_redirect_elsewhere_is_the_answer() {
    let other = Vendor::playing([Play::Answer(answer(200, "", "{}"))]).await;
    let port = other.address.port();
    for location in [
        format!("http://127.0.0.1:{port}/x"),
        "http://127.0.0.1/x".to_owned(),
        format!("//127.0.0.1:{port}/x"),
        "https://evil.test/x".to_owned(),
        "file:///etc/passwd".to_owned(),
        "http://".to_owned(),
    ] {
        let vendor = Vendor::playing([redirect(302, &location)]).await;
        let reply = Setup::to(&vendor).session().send(get("/x")).await.expect("reply");
        assert_eq!((reply.status, vendor.seen().len()), (302, 1), "{location}");
    }
    let vendor = Vendor::playing([Play::Stall(Vec::new())]).await;
    assert_eq!((other.connections(), vendor.connections()), (0, 0));
}

#[tokio::test]
async fn a_write_is_never_sent_on() {
    let vendor = Vendor::playing([redirect(307, "/api/y")]).await;
    let reply = Setup::to(&vendor).session().send(post("/x", "{}")).await.expect("reply");
    assert_eq!((reply.status, vendor.seen().len()), (307, 1));
}

#[tokio::test]
async fn every_hop_is_checked_again() {
    let moved = answer(302, "location: /y\r\nconnection: close\r\n", "");
    let vendor = Vendor::playing([Play::Last(moved), Play::Answer(answer(200, "", "{}"))]).await;
    let mut setup = Setup::new();
    setup.definition.base_url = template(&format!("http://{{settings.domain}}.vendor.test:{}", vendor.address.port()));
    setup.options.resolver = Names::new("acme.vendor.test", &[&["127.0.0.1"], &["10.0.0.1"]]);
    setup.options.allowed_networks = vec!["127.0.0.1/32".parse().expect("network")];
    let error = setup.session().send(get("/x")).await.expect_err("moved");
    assert!(matches!(error, VendorError::Forbidden { .. }), "{error:?}");
    assert_eq!(vendor.connections(), 1);
}

//! Where a tenant's own host may lead: the guard with real connections and names that change.

use vendor_client::VendorError;

use crate::support::{Names, Play, Setup, Vendor, answer, get, post, template};

/// A connector whose host the tenant chooses, over plain http to a network that the operator allows.
fn tenant_host(vendor: &Vendor, answers: &[&[&str]]) -> Setup {
    let mut setup = Setup::new();
    setup.definition.base_url = template(&format!("http://{{settings.domain}}.vendor.test:{}", vendor.address.port()));
    setup.options.resolver = Names::new("acme.vendor.test", answers);
    setup.options.allowed_networks = vec!["127.0.0.1/32".parse().expect("network")];
    setup
}

/// Forbidden, and without a word on where the name leads: a caller could map an inner network with it.
fn is_forbidden(error: &VendorError) -> bool {
    let VendorError::Forbidden { host, reason } = error else { return false };
    host == "acme.vendor.test" && reason.starts_with("its address is none") && !reason.contains(char::is_numeric)
}

#[tokio::test]
async fn a_tenants_name_for_a_private_address_is_forbidden() {
    for addresses in [
        &["10.0.0.1"][..],
        &["169.254.169.254"],
        &["::1"],
        &["fd00:ec2::254"],
        &["8.8.8.8", "127.0.0.1"],
        &["2606:4700::1111", "::ffff:192.168.1.1"],
    ] {
        let mut setup = Setup::new();
        setup.options.resolver = Names::new("acme.vendor.test", &[addresses]);
        let error = setup.session().send(get("/x")).await.expect_err("forbidden");
        assert!(is_forbidden(&error), "{addresses:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_network_that_the_operator_allows_may_be_called() {
    let vendor = Vendor::playing([Play::Answer(answer(200, "", "{}"))]).await;
    let reply = tenant_host(&vendor, &[&["127.0.0.1"]]).session().send(get("/x")).await.expect("reply");
    assert_eq!(reply.status, 200);
    assert!(vendor.seen()[0].contains(&format!("host: acme.vendor.test:{}\r\n", vendor.address.port())));
}

#[tokio::test]
async fn a_name_that_moves_to_a_private_address_is_never_followed() {
    let vendor = Vendor::playing((0..2).map(|_| Play::Last(answer(200, "connection: close\r\n", "{}")))).await;
    let session = tenant_host(&vendor, &[&["127.0.0.1"], &["127.0.0.2"]]).session();
    session.send(get("/x")).await.expect("reply");
    let error = session.send(get("/x")).await.expect_err("moved");
    assert!(is_forbidden(&error), "{error:?}");
    assert_eq!(vendor.connections(), 1);
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_called() {
    let vendor = Vendor::playing([Play::Answer(answer(200, "", "{}"))]).await;
    let names: &[&[&str]] = &[&["127.0.0.1"], &["10.0.0.1"]];
    tenant_host(&vendor, names).session().send(post("/x", "{}")).await.expect("one question, one answer");
}

#[tokio::test]
async fn plain_http_on_a_tenants_word_needs_the_operators() {
    let vendor = Vendor::playing([]).await;
    let mut setup = tenant_host(&vendor, &[&["127.0.0.1"]]);
    setup.options.allowed_networks.clear();
    let error = setup.session().send(get("/x")).await.expect_err("plain");
    assert_eq!(error, VendorError::Settings("the base address must start with https://".to_owned()));
    let error = tenant_host(&vendor, &[&["8.8.8.8"]]).session().send(get("/x")).await.expect_err("public");
    assert!(is_forbidden(&error), "{error:?}");
    assert_eq!(vendor.connections(), 0);
}

#[tokio::test]
async fn the_operators_own_address_may_be_anywhere() {
    let vendor = Vendor::playing([Play::Answer(answer(200, "", "{}"))]).await;
    assert_eq!(Setup::to(&vendor).session().send(get("/x")).await.expect("reply").status, 200);
}

#[tokio::test]
async fn names_are_looked_up_as_the_system_does() {
    let vendor = Vendor::playing([Play::Answer(answer(200, "", "{}"))]).await;
    let mut setup = Setup::to(&vendor);
    setup.overrides.base_url = Some(format!("http://localhost:{}", vendor.address.port()));
    assert_eq!(setup.session().send(get("/x")).await.expect("reply").status, 200);
}

#[tokio::test]
async fn a_path_that_would_leave_its_end_point_is_not_sent() {
    let vendor = Vendor::playing([]).await;
    let error = Setup::to(&vendor).session().send(get("/contacts/..")).await.expect_err("path");
    assert!(matches!(error, VendorError::Settings(_)), "{error:?}");
    assert_eq!(vendor.connections(), 0);
}

//! What goes over the wire, and what comes back.

use connector_catalog::Auth;
use vendor_client::{VendorBody, VendorClient, VendorClientError, VendorError, VendorRequest};
use wiremock::matchers::{basic_auth, body_string, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{Play, Setup, Vendor, answer, get, gzip_answer, post, setting, template, vault};

#[tokio::test]
async fn a_call_carries_address_query_headers_authorisation_and_body() {
    let vendor = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/contacts"))
        .and(query_param("entityId", "a&b"))
        .and(query_param("dry run", "é"))
        .and(basic_auth("jane@acme.com", "s3cret"))
        .and(header("accept", "application/json"))
        .and(header("content-type", "application/json"))
        .and(header("user-agent", concat!("trunkline/", env!("CARGO_PKG_VERSION"))))
        .and(body_string("{\"name\":\"Jane\"}"))
        .respond_with(ResponseTemplate::new(201).set_body_string("{\"id\":1}").insert_header("x-id", "1"))
        .expect(1)
        .mount(&vendor)
        .await;
    let mut setup = Setup::new();
    setup.overrides.base_url = Some(format!("{}/api/", vendor.uri()));
    setup.definition.query = vec![("entityId".to_owned(), template("{settings.email}"))];
    setup.definition.settings.push(setting("entity", false));
    setup.definition.query = vec![("entityId".to_owned(), template("{settings.entity}"))];
    let source = vault(&[("email", "jane@acme.com"), ("api_key", "s3cret"), ("entity", "a&b")]);
    let request = VendorRequest {
        query: vec![("dry run".to_owned(), "é".to_owned())],
        ..post("/contacts", "{\"name\":\"Jane\"}")
    };
    let reply = setup.session_with(source).send(request).await.expect("reply");
    assert_eq!((reply.status, &reply.body[..]), (201, &b"{\"id\":1}"[..]));
    assert_eq!(reply.headers["x-id"], "1");
}

#[tokio::test]
async fn the_connectors_query_comes_before_the_requests() {
    let vendor = Vendor::playing([Play::Answer(answer(200, "", ""))]).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.query = vec![("entity".to_owned(), template("{settings.domain}"))];
    let query = vec![("$top".to_owned(), "5".to_owned()), ("q".to_owned(), "a b+c".to_owned())];
    setup.session().send(VendorRequest { query, ..get("/x") }).await.expect("reply");
    assert!(
        vendor.seen()[0].starts_with("GET /api/x?entity=acme&$top=5&q=a%20b%2Bc HTTP/1.1\r\n"),
        "{:?}",
        vendor.seen()
    );
}

#[tokio::test]
async fn a_form_is_encoded_as_browsers_do() {
    let vendor = Vendor::playing([Play::Answer(answer(200, "", ""))]).await;
    let form =
        VendorBody::Form(vec![("filter json".to_owned(), "{\"a\":1}".to_owned()), ("b".to_owned(), "é&=".to_owned())]);
    Setup::to(&vendor).session().send(VendorRequest { body: form, ..post("/filter", "") }).await.expect("reply");
    let seen = vendor.seen().remove(0);
    assert!(seen.contains("content-type: application/x-www-form-urlencoded\r\n"), "{seen}");
    assert!(seen.ends_with("\r\n\r\nfilter+json=%7B%22a%22%3A1%7D&b=%C3%A9%26%3D"), "{seen}");
}

#[tokio::test]
async fn every_kind_of_authorisation() {
    let header = Auth::Header { name: "X-Api-Key".to_owned(), value: template("key={settings.api_key}") };
    for (auth, line) in [
        (Auth::Bearer { token: template("{settings.api_key}") }, "authorization: Bearer s3cret\r\n"),
        (header, "x-api-key: key=s3cret\r\n"),
    ] {
        let vendor = Vendor::playing([Play::Answer(answer(200, "", ""))]).await;
        let mut setup = Setup::to(&vendor);
        setup.definition.auth = auth;
        setup.session().send(get("/x")).await.expect("reply");
        assert!(vendor.seen()[0].contains(line), "{:?}", vendor.seen());
    }
}

#[tokio::test]
async fn a_definition_may_name_its_own_json_type() {
    let vendor = Vendor::playing([Play::Answer(answer(200, "", ""))]).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.headers.push(("Content-Type".to_owned(), template("application/vnd.api+json")));
    setup.session().send(post("/x", "{}")).await.expect("reply");
    assert!(vendor.seen()[0].contains("content-type: application/vnd.api+json\r\n"));
}

#[tokio::test]
async fn an_optional_setting_without_a_value_leaves_its_header_and_parameter_out() {
    let vendor = Vendor::playing([Play::Answer(answer(200, "", ""))]).await;
    let mut setup = Setup::to(&vendor);
    let mut optional = setting("region", false);
    optional.required = false;
    setup.definition.settings.push(optional);
    setup.definition.headers.push(("X-Region".to_owned(), template("{settings.region}")));
    setup.definition.query = vec![("region".to_owned(), template("{settings.region}"))];
    setup.session().send(get("/x")).await.expect("reply");
    assert!(!vendor.seen()[0].to_lowercase().contains("region"), "{:?}", vendor.seen());
}

#[tokio::test]
async fn any_status_is_an_answer() {
    for status in [204, 302, 400, 404, 418, 429, 500, 503] {
        let vendor = Vendor::playing([Play::Answer(answer(status, "", ""))]).await;
        let reply = Setup::to(&vendor).session().send(post("/x", "{}")).await.expect("reply");
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn a_compressed_answer_comes_back_plain() {
    let vendor = Vendor::playing([Play::Answer(gzip_answer(b"{\"id\":1}"))]).await;
    let reply = Setup::to(&vendor).session().send(get("/x")).await.expect("reply");
    assert_eq!(&reply.body[..], b"{\"id\":1}");
}

#[tokio::test]
async fn warm_calls_share_one_connection() {
    let vendor = Vendor::playing((0..3).map(|_| Play::Answer(answer(200, "", "{}")))).await;
    let session = Setup::to(&vendor).session();
    for _ in 0..3 {
        session.send(get("/x")).await.expect("reply");
    }
    assert_eq!((vendor.seen().len(), vendor.connections()), (3, 1));
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named_and_nothing_is_sent() {
    for (settings, expected) in [
        (vec![("email", "jane@acme.com")], "`{settings.api_key}` has no value"),
        (vec![("email", "a:b"), ("api_key", "s3cret")], "the user name of Basic authorisation cannot contain `:`"),
    ] {
        let vendor = Vendor::playing([]).await;
        let refused = Setup::to(&vendor).session_with(vault(&settings)).send(get("/x")).await.expect_err("settings");
        assert_eq!(refused, VendorError::Settings(expected.to_owned()));
        assert_eq!(vendor.connections(), 0);
    }
}

#[tokio::test]
async fn a_line_break_in_a_secret_never_reaches_a_header() {
    let vendor = Vendor::playing([]).await;
    let mut setup = Setup::to(&vendor);
    setup.definition.auth = Auth::Bearer { token: template("{settings.api_key}") };
    let refused =
        setup.session_with(vault(&[("api_key", "s3cret\r\nX-Evil: 1")])).send(get("/x")).await.expect_err("header");
    assert!(matches!(&refused, VendorError::Settings(reason) if !reason.contains("s3cret")), "{refused:?}");
    assert_eq!(vendor.connections(), 0);
}

#[tokio::test]
async fn only_settings_that_are_not_secret_are_shown() {
    let mut setup = Setup::new();
    let mut defaulted = setting("region", false);
    defaulted.default = Some("eu".to_owned());
    setup.definition.settings.push(defaulted);
    let session = setup.session_with(vault(&[("domain", "acme"), ("api_key", "s3cret"), ("access_token", "t0ken")]));
    assert_eq!(session.setting("domain").await.as_deref(), Some("acme"));
    assert_eq!(session.setting("region").await.as_deref(), Some("eu"));
    for hidden in ["api_key", "access_token", "email", "unknown"] {
        assert_eq!(session.setting(hidden).await, None, "{hidden}");
    }
}

#[test]
fn a_configured_address_that_cannot_be_used_is_refused_at_start() {
    for address in
        ["vendor.test", "ftp://vendor.test", "https://u:p@vendor.test", "https://vendor.test?x=1", "https://x:0"]
    {
        let mut setup = Setup::new();
        setup.overrides.base_url = Some(address.to_owned());
        let overrides = [(setup.definition.service_id.clone(), setup.overrides)].into();
        let refused = VendorClient::new(setup.options, overrides).expect_err(address);
        assert!(matches!(refused, VendorClientError::BaseUrl { .. }), "{address}: {refused:?}");
    }
}

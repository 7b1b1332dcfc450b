//! Which headers go along, there and back, and what the connection adds.

use reqwest::Method;
use reqwest::header::HeaderMap;

use super::vendor::{Vendor, answer};
use super::{AUTHORISATION, before, call, get, with_definition};
use crate::support::send;

/// `{"a":1}`
const ZIPPED: &[u8] =
    &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 74, 84, 178, 50, 172, 5, 0, 175, 172, 27, 86, 7, 0, 0, 0];

fn names(headers: &HeaderMap) -> Vec<&str> {
    let mut names: Vec<&str> = headers.keys().map(reqwest::header::HeaderName::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_vendor_gets_the_callers_headers_and_the_connections_secrets() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let request = call(&gateway, Method::POST, "/contacts")
        .header("x-apideck-unified-api", "crm")
        .header("x-apideck-timeout", "28000")
        .header("x-apideck-follow-redirects", "true")
        .header("cookie", "session=of-the-gateway")
        .header("connection", "keep-alive, x-of-this-hop")
        .header("x-of-this-hop", "1")
        .header("te", "trailers")
        .header("x-forwarded-for", "10.0.0.7")
        .header("forwarded", "for=10.0.0.7")
        .header("via", "1.1 edge")
        .header("user-agent", "speakeasy-sdk/typescript")
        .header("accept", "text/csv")
        .header("content-type", "text/csv")
        .header("x-vendor-version", "7")
        .body("a,b\n1,2\n");
    assert_eq!(send(request).await.status, 200);
    let seen = vendor.only();
    assert_eq!((seen.method.as_str(), &seen.body[..]), ("POST", &b"a,b\n1,2\n"[..]));
    let expected = [
        "accept",
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-vendor-version",
    ];
    assert_eq!(names(&seen.headers), expected);
    assert_eq!(seen.headers["authorization"], AUTHORISATION);
    assert_eq!(seen.headers["host"], vendor.address.to_string());
    assert_eq!(seen.headers["user-agent"], "speakeasy-sdk/typescript");
    assert_eq!(seen.headers["accept"], "text/csv", "the caller's word counts, not the definition's");
}

#[tokio::test]
async fn what_a_connection_always_sends_stands_where_the_caller_says_nothing() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    get(&gateway, "/contacts").await;
    assert_eq!(vendor.only().headers["accept"], "application/json", "reqwest's `*/*` wants nothing in particular");
    assert!(vendor.only().headers["user-agent"].to_str().unwrap().starts_with("trunkline/"));
}

#[tokio::test]
async fn a_secret_stands_instead_of_what_the_caller_gives() {
    let vendor = Vendor::start().await;
    let keyed = |text: String| {
        let auth = "auth: { header: { name: X-Key, value: \"{settings.api_key}\" } }\n\
                    query: { token: \"{settings.api_key}\", account: \"{settings.domain}\" }";
        text.replace("auth: { basic: { username: \"{settings.email}\", password: \"{settings.api_key}\" } }", auth)
    };
    let gateway = with_definition(&vendor, keyed, |_| {}).await;
    for (url, target) in [
        ("/contacts", "/dev/api/contacts?token=sandbox-rest-key&account=saltmarsh"),
        ("/contacts?a=1", "/dev/api/contacts?a=1&token=sandbox-rest-key&account=saltmarsh"),
        ("/contacts?token=mine&a=1", "/dev/api/contacts?a=1&token=sandbox-rest-key&account=saltmarsh"),
        ("/contacts?t%6fken=mine", "/dev/api/contacts?token=sandbox-rest-key&account=saltmarsh"),
        ("/contacts?account=other", "/dev/api/contacts?account=other&token=sandbox-rest-key"),
    ] {
        send(call(&gateway, Method::GET, url).header("x-key", "mine")).await;
        let seen = vendor.seen().pop().unwrap();
        assert_eq!((seen.target.as_str(), &seen.headers["x-key"]), (target, &"sandbox-rest-key".parse().unwrap()));
        assert!(!seen.headers.contains_key("authorization"), "the gateway's API key is for the gateway");
    }
    // With the caller's own authorisation no secret goes along, wherever the definition has one.
    let own = call(&gateway, Method::GET, "/contacts").header("x-apideck-downstream-authorization", "Bearer own");
    send(own).await;
    let seen = vendor.seen().pop().unwrap();
    assert_eq!(
        (seen.target.as_str(), &seen.headers["authorization"]),
        ("/dev/api/contacts?account=saltmarsh", &"Bearer own".parse().unwrap())
    );
    assert!(!seen.headers.contains_key("x-key"));
}

#[tokio::test]
async fn the_callers_own_authorisation_stands_instead_of_the_connections() {
    let vendor = Vendor::answering([answer(401, &[], "no")]).await;
    let gateway = before(&vendor).await;
    let own = call(&gateway, Method::GET, "/contacts").header("x-apideck-downstream-authorization", "Bearer own-token");
    let reply = send(own).await;
    assert_eq!((reply.status, reply.text.as_str()), (401, "no"));
    let seen = vendor.only();
    assert_eq!(seen.headers["authorization"], "Bearer own-token");
    let elsewhere =
        call(&gateway, Method::GET, "http://127.0.0.1:1/").header("x-apideck-downstream-authorization", "x");
    send(elsewhere).await.refused(400, "RequestHeadersValidationError");
}

#[tokio::test]
async fn an_answer_comes_back_as_it_is_but_for_what_speaks_of_another_origin() {
    let headers = [
        ("content-type", "application/pdf"),
        ("etag", "\"7\""),
        ("x-ratelimit-remaining", "3"),
        ("set-cookie", "session=of-the-vendor"),
        ("strict-transport-security", "max-age=1"),
        ("alt-svc", "h3=\":443\""),
        ("clear-site-data", "\"*\""),
        ("x-apideck-request-id", "of-the-vendor"),
        ("request-id", "of-the-vendor"),
        ("connection", "x-of-that-hop"),
        ("x-of-that-hop", "1"),
    ];
    for status in [200, 201, 202, 302, 400, 404, 409, 422, 429, 500, 503] {
        let vendor = Vendor::answering([answer(status, &headers, "%PDF")]).await;
        let gateway = before(&vendor).await;
        let reply = get(&gateway, "/report").await;
        assert_eq!((reply.status, reply.text.as_str()), (status, "%PDF"));
        let mut expected = vec![
            "content-length",
            "content-type",
            "date",
            "etag",
            "request-id",
            "x-apideck-request-id",
            "x-ratelimit-remaining",
        ];
        if status >= 400 {
            expected.push("x-apideck-downstream-error");
            expected.sort_unstable();
            assert_eq!(reply.headers["x-apideck-downstream-error"], "true");
        }
        assert_eq!(names(&reply.headers), expected);
        assert_eq!(reply.headers["content-type"], "application/pdf");
        assert_eq!(reply.headers["request-id"], reply.headers["x-apideck-request-id"]);
        assert_ne!(reply.headers["request-id"], "of-the-vendor");
    }
}

#[tokio::test]
async fn a_compressed_answer_stays_compressed_and_says_so() {
    let zip = || answer(200, &[("content-encoding", "gzip"), ("content-type", "application/json")], ZIPPED);
    let vendor = Vendor::answering([zip(), zip()]).await;
    let gateway = before(&vendor).await;
    let plain = reqwest::Client::builder().no_proxy().gzip(false).build().unwrap();
    for wanted in [None, Some("gzip, br")] {
        let mut request = plain.get(format!("http://{}/proxy/x", gateway.address));
        if let Some(wanted) = wanted {
            request = request.header("accept-encoding", wanted);
        }
        let request = request
            .bearer_auth(server::sandbox::API_KEY)
            .header("x-apideck-app-id", server::sandbox::APPLICATION)
            .header("x-apideck-consumer-id", server::sandbox::CONSUMER);
        let reply = request.send().await.unwrap();
        assert_eq!(reply.headers()["content-encoding"], "gzip");
        assert_eq!(reply.headers()["content-length"], ZIPPED.len().to_string().as_str());
        assert_eq!(&reply.bytes().await.unwrap()[..], ZIPPED);
        let asked = vendor.seen().pop().unwrap().headers;
        assert_eq!(
            asked.get("accept-encoding").map(|value| value.to_str().unwrap()),
            wanted,
            "nobody else asks for it"
        );
    }
}

#[tokio::test]
async fn a_client_that_decompresses_reads_what_the_vendor_wrote() {
    let vendor = Vendor::answering([answer(200, &[("content-encoding", "gzip")], ZIPPED)]).await;
    let gateway = before(&vendor).await;
    let reply = get(&gateway, "/x").await;
    assert_eq!(reply.body, serde_json::json!({ "a": 1 }), "{}", reply.text);
}

#[tokio::test]
async fn what_is_passed_on_leaves_no_trace_in_an_error() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    drop(vendor);
    let reply = get(&gateway, "/contacts/jane%40acme.example?secret=7").await;
    reply.refused(503, "ConnectorExecutionError");
    assert_eq!(reply.headers["x-apideck-downstream-error"], "true");
    for hidden in ["jane", "secret", "sandbox-rest-key", AUTHORISATION] {
        assert!(!reply.text.contains(hidden), "{}", reply.text);
    }
}

//! Where a call goes: to the connection's own vendor, and nowhere else.

use reqwest::Method;
use serde_json::json;

use super::vendor::Vendor;
use super::{before, call, get, with_definition};
use crate::support::{send, send_as_written};

#[tokio::test]
async fn an_address_is_whole_or_below_the_base_address() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let own = format!("http://{}", vendor.address);
    for (url, path, target) in [
        ("contacts", "/proxy", "/dev/api/contacts"),
        ("/contacts?page=2", "/proxy", "/dev/api/contacts?page=2"),
        ("/contacts", "/proxy?q=a%20b&q=%7Bc%7D", "/dev/api/contacts?q=a%20b&q=%7Bc%7D"),
        ("contacts?x=1", "/proxy/7/notes?y=2", "/dev/api/contacts/7/notes?x=1&y=2"),
        ("", "/proxy/contacts/c%201%2F%C3%A9", "/dev/api/contacts/c%201%2F%C3%A9"),
        ("/", "/proxy/contacts/", "/dev/api/contacts/"),
        ("", "/proxy/https://evil.example/x", "/dev/api/https://evil.example/x"),
        ("?x=1", "/proxy", "/dev/api?x=1"),
        (&own, "/proxy", "/"),
        (&format!("{own}/core/v2?x=1"), "/proxy?y=2", "/core/v2?x=1&y=2"),
        (&format!("{own}/dev/api/contacts"), "/proxy/contacts", "/dev/api/contacts"),
        ("search/{domain}/{email}", "/proxy", "/dev/api/search/saltmarsh/maren.tolle%40saltmarsh.example"),
        ("search?filter={\"a\":{}}", "/proxy", "/dev/api/search?filter={%22a%22:{}}"),
    ] {
        let request = gateway.request(Method::GET, path).header("x-apideck-downstream-url", url);
        let reply = send(request).await;
        assert_eq!(reply.status, 200, "{url} {path}: {}", reply.text);
        assert_eq!(vendor.seen().last().unwrap().target, target, "{url} {path}");
    }
}

#[tokio::test]
async fn an_address_elsewhere_is_refused_in_words_that_say_what_is_allowed() {
    let (vendor, other) = (Vendor::start().await, Vendor::start().await);
    let gateway = before(&vendor).await;
    let (own, port) = (vendor.address.to_string(), vendor.address.port());
    for url in [
        format!("http://{}/dev/api/contacts", other.address),
        format!("//{}/dev/api/contacts", other.address),
        format!("//{own}/contacts"),
        format!("https://{own}/contacts"),
        "http://127.0.0.1/contacts".to_owned(),
        format!("http://localhost:{port}/contacts"),
        format!("http://127.0.0.2:{port}/contacts"),
        format!("http://[::1]:{port}/contacts"),
        format!("http://{own}@{}/contacts", other.address),
        format!("http://{own}%40{}/contacts", other.address),
        format!("http://user:pass@{own}/contacts"),
        format!("http://@{own}/contacts"),
        format!("http://{own}.evil.example/contacts"),
        format!("http:{}/contacts", other.address),
        format!("http:/{}/contacts", other.address),
        format!("http:///{}/contacts", other.address),
        "https://{domain}.agilecrm.com/dev/api/contacts".to_owned(),
        format!("http://{{domain}}@{}/", other.address),
        "file:///etc/passwd".to_owned(),
        "http://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        let reply = get(&gateway, &url).await;
        let detail = reply.refused(400, "RequestHeadersValidationError").as_str().unwrap();
        assert!(detail.starts_with("x-apideck-downstream-url: "), "{url}: {detail}");
        assert!(detail.contains(&format!("only http://{own} may be called")), "{url}: {detail}");
        assert_eq!(reply.headers["x-apideck-downstream-error"], "false");
        assert!(!detail.contains("evil") && !detail.contains("pass@"), "what was sent is not repeated: {detail}");
    }
    assert_eq!((vendor.seen().len(), other.seen().len()), (0, 0));
}

#[tokio::test]
async fn what_would_be_sent_otherwise_than_written_is_refused() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let other = "127.0.0.1:1";
    for url in [
        "../../admin".to_owned(),
        "/contacts/%2e%2e/admin".to_owned(),
        "/contacts/.%2E/admin".to_owned(),
        format!("http://{}/a/../b", vendor.address),
        format!("\\\\{other}\\x"),
        format!("/\\{other}/x"),
        format!("http:\\\\{other}/x"),
        format!("http://{}\\@{other}/x", vendor.address),
        format!("http://{}#@{other}/x", vendor.address),
        "/contacts with spaces".to_owned(),
        "/contacts#7".to_owned(),
    ] {
        let reply = get(&gateway, &url).await;
        let detail = reply.refused(400, "RequestHeadersValidationError").as_str().unwrap();
        assert!(detail.starts_with("x-apideck-downstream-url: "), "{url}: {detail}");
    }
    // A client library would take the dots out of the path itself.
    for path in ["/proxy/../vault/consumers", "/proxy/%2e%2e/admin", "/proxy//127.0.0.1:1/x"] {
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
             x-apideck-app-id: {}\r\nx-apideck-consumer-id: {}\r\n\r\n",
            server::sandbox::API_KEY,
            server::sandbox::APPLICATION,
            server::sandbox::CONSUMER,
        );
        send_as_written(gateway.address, head.as_bytes(), b"").await.refused(400, "RequestHeadersValidationError");
    }
    assert_eq!(vendor.seen().len(), 0);
}

#[tokio::test]
async fn a_hole_is_filled_with_a_setting_that_may_be_shown() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    for hole in ["api_key", "password", "DOMAIN"] {
        let reply = get(&gateway, &format!("/contacts/{{{hole}}}")).await;
        let detail = reply.refused(400, "RequestHeadersValidationError").as_str().unwrap();
        assert!(
            detail.contains(hole) && detail.contains("those are: ") && detail.contains("domain, email"),
            "{detail}"
        );
        assert!(!detail.contains(vendor_sandbox::AGILE_API_KEY), "{detail}");
    }
    assert_eq!(vendor.seen().len(), 0);
}

#[tokio::test]
async fn a_setting_that_is_an_address_begins_one() {
    let vendor = Vendor::start().await;
    let as_address = |text: String| text.replacen("  email:", "  home: { label: Home, type: url }\n  email:", 1);
    let gateway = with_definition(&vendor, as_address, |_| {}).await;
    let home = format!("http://{}/dev/api/", vendor.address);
    let connection =
        crate::support::connection("homely", &crate::support::agile_crm()).with_setting("home", home.as_str());
    gateway.vault.connections().add(connection).await.unwrap();
    let connection =
        crate::support::connection("lost", &crate::support::agile_crm()).with_setting("home", "http://127.0.0.1:1");
    gateway.vault.connections().add(connection).await.unwrap();
    let of = async |consumer: &str, url: &str| {
        let request = gateway.anonymous(Method::GET, "/proxy").bearer_auth(server::sandbox::API_KEY);
        let request = request.header("x-apideck-app-id", server::sandbox::APPLICATION);
        send(request.header("x-apideck-consumer-id", consumer).header("x-apideck-downstream-url", url)).await
    };
    assert_eq!(of("homely", "{home}/contacts").await.status, 200);
    assert_eq!(vendor.only().target, "/dev/api/contacts");
    of("lost", "{home}/contacts").await.refused(400, "RequestHeadersValidationError");
    of("homely", "x{home}").await;
    assert_eq!(
        vendor.seen()[1].target,
        format!("/dev/api/xhttp%3A%2F%2F127.0.0.1%3A{}%2Fdev%2Fapi%2F", vendor.address.port())
    );
}

#[tokio::test]
async fn headers_that_say_nothing_of_use_are_told() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let whole = format!("http://{}/dev/api/contacts", vendor.address);
    let elsewhere = gateway.request(Method::DELETE, "/proxy/contacts/7").header("x-apideck-downstream-url", whole);
    for (request, detail) in [
        (gateway.request(Method::GET, "/proxy"), "Missing header: x-apideck-downstream-url."),
        (gateway.request(Method::GET, "/proxy").header("x-apideck-downstream-url", " "), "Missing header: "),
        (elsewhere, "x-apideck-downstream-url: names a whole address"),
        (call(&gateway, Method::GET, "/x").header("x-apideck-timeout", "0"), "x-apideck-timeout: "),
        (call(&gateway, Method::GET, "/x").header("x-apideck-timeout", "600001"), "x-apideck-timeout: "),
        (call(&gateway, Method::GET, "/x").header("x-apideck-timeout", "soon"), "x-apideck-timeout: "),
        (call(&gateway, Method::GET, "/x").header("x-apideck-follow-redirects", "2"), "x-apideck-follow-redirects: "),
        (call(&gateway, Method::GET, "/x").header("x-apideck-unified-api", "hris"), "x-apideck-unified-api: "),
        (
            call(&gateway, Method::GET, "/x").header("x-apideck-downstream-method", "TRACE"),
            "x-apideck-downstream-method: ",
        ),
        (
            call(&gateway, Method::GET, "/x").header("x-apideck-downstream-method", "HEAD"),
            "x-apideck-downstream-method: ",
        ),
    ] {
        let reply = send(request).await;
        let found = reply.refused(400, "RequestHeadersValidationError").as_str().unwrap();
        assert!(found.starts_with(detail), "{detail}: {found}");
    }
    assert_eq!(vendor.seen().len(), 0);
    let reply =
        send(call(&gateway, Method::GET, "/x").header("x-apideck-unified-api", "crm").header("x-apideck-timeout", ""))
            .await;
    assert_eq!((reply.status, &reply.body), (200, &json!(null)));
}

//! Redirects: followed within the vendor's own address, otherwise the answer.

use reqwest::Method;

use super::vendor::{Vendor, answer};
use super::{AUTHORISATION, before, call, unfollowed, with_definition};

/// A vendor whose first answer leads to `location`, in which `{own}` and `{port}` stand for its own.
async fn leading(status: u16, location: &str) -> (Vendor, String) {
    let vendor = Vendor::start().await;
    let location = location.replace("{own}", &vendor.address.to_string());
    let location = location.replace("{port}", &vendor.address.port().to_string());
    vendor.will(answer(status, &[("location", &location)], "moved"));
    (vendor, location)
}

#[tokio::test]
async fn a_read_is_followed_within_the_vendors_own_address() {
    for status in [301, 302, 303, 307, 308] {
        for location in ["/other?x=1", "//{own}/other?x=1", "http://{own}/other?x=1#there"] {
            let (vendor, _) = leading(status, location).await;
            let reply = unfollowed(call(&before(&vendor).await, Method::GET, "/contacts")).await;
            assert_eq!((reply.status, reply.text.as_str()), (200, ""), "{status} {location}");
            let seen = vendor.seen();
            assert_eq!((seen[1].method.as_str(), seen[1].target.as_str()), ("GET", "/other?x=1"));
            assert_eq!(seen[1].headers["authorization"], AUTHORISATION);
        }
    }
}

#[tokio::test]
async fn a_redirect_elsewhere_is_the_answer_and_no_secret_goes_there() {
    let other = Vendor::start().await;
    for location in [
        &format!("http://{}/x", other.address),
        &format!("//{}/x", other.address),
        "http://user@{own}/x",
        "https://{own}/x",
        "http://localhost:{port}/x",
        "http://{own}.evil.example/x",
        "http://{own}@evil.example/x",
        "file:///etc/passwd",
        "http://",
    ] {
        let (vendor, location) = leading(302, location).await;
        let reply = unfollowed(call(&before(&vendor).await, Method::GET, "/contacts")).await;
        assert_eq!((reply.status, reply.text.as_str()), (302, "moved"));
        assert_eq!(reply.headers["location"], location);
        assert_eq!(vendor.seen().len(), 1, "{location}");
    }
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test]
async fn a_caller_may_want_redirects_for_itself() {
    let (vendor, location) = leading(302, "/other").await;
    let gateway = before(&vendor).await;
    let request = call(&gateway, Method::GET, "/contacts").header("x-apideck-follow-redirects", "false");
    let reply = unfollowed(request).await;
    assert_eq!((reply.status, reply.headers["location"].to_str().unwrap()), (302, location.as_str()));
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn three_redirects_are_followed_and_no_more() {
    let vendor = Vendor::start().await;
    for _ in 0..5 {
        vendor.will(answer(302, &[("location", "/again")], ""));
    }
    let reply = unfollowed(call(&before(&vendor).await, Method::GET, "/contacts")).await;
    assert_eq!((reply.status, vendor.seen().len()), (302, 4));
}

#[tokio::test]
async fn a_write_goes_on_only_where_it_stays_the_same_write() {
    for (status, second) in [
        (301, None),
        (302, None),
        (303, Some(("GET", ""))),
        (307, Some(("POST", "body"))),
        (308, Some(("POST", "body"))),
        (304, None),
    ] {
        let (vendor, _) = leading(status, "/other").await;
        let gateway = before(&vendor).await;
        let request = call(&gateway, Method::POST, "/contacts").header("content-type", "text/plain");
        let reply = unfollowed(request.body("body")).await;
        let seen = vendor.seen();
        let found = seen.get(1).map(|seen| (seen.method.as_str(), std::str::from_utf8(&seen.body).unwrap()));
        assert_eq!(found, second, "{status}");
        assert_eq!(reply.status, if second.is_some() { 200 } else { status });
        let typed = second.map(|(method, _)| method == "POST");
        assert_eq!(seen.get(1).map(|seen| seen.headers.contains_key("content-type")), typed, "{status}");
    }
    // What is too large to be kept cannot be sent on.
    let (vendor, _) = leading(307, "/other").await;
    let gateway = before(&vendor).await;
    let request = call(&gateway, Method::POST, "/contacts").body(vec![b'x'; 64 * 1024 + 1]);
    assert_eq!(unfollowed(request).await.status, 307);
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn what_a_connection_sends_in_every_query_is_sent_on_once() {
    let keyed = |text: String| {
        text.replace("headers:\n  Accept", "query: { token: \"{settings.api_key}\" }\nheaders:\n  Accept")
    };
    for (location, target) in [
        ("/other", "/other?token=sandbox-rest-key"),
        ("/other?a=1&token=sandbox-rest-key", "/other?a=1&token=sandbox-rest-key"),
    ] {
        let (vendor, _) = leading(302, location).await;
        let gateway = with_definition(&vendor, keyed, |_| {}).await;
        assert_eq!(unfollowed(call(&gateway, Method::GET, "/contacts")).await.status, 200);
        assert_eq!(vendor.seen()[1].target, target);
    }
}

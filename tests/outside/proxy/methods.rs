//! Methods and bodies.

use reqwest::Method;

use super::vendor::Vendor;
use super::{before, call};
use crate::support::send;

#[tokio::test]
async fn each_method_is_passed_on_with_its_body() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        for body in ["", "{\"a\":1}"] {
            let request = call(&gateway, method.parse().unwrap(), "/contacts");
            let request = if body.is_empty() { request } else { request.body(body) };
            assert_eq!(send(request).await.status, 200);
            let seen = vendor.seen().pop().unwrap();
            assert_eq!((seen.method.as_str(), &seen.body[..]), (method, body.as_bytes()));
            let length = seen.headers.get("content-length").map(|length| length.to_str().unwrap());
            assert!(length.is_none_or(|length| length == body.len().to_string()), "{method}: {length:?}");
            assert!(!seen.headers.contains_key("transfer-encoding"), "{method}: {:?}", seen.headers);
        }
    }
}

#[tokio::test]
async fn a_header_names_the_method_that_the_vendor_sees() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    for (sent, named, seen) in [
        (Method::POST, "PATCH", "PATCH"),
        (Method::POST, "delete", "DELETE"),
        (Method::POST, "GET", "GET"),
        (Method::GET, "PUT", "PUT"),
        (Method::POST, "", "POST"),
    ] {
        let request = call(&gateway, sent, "/contacts").header("x-apideck-downstream-method", named);
        assert_eq!(send(request).await.status, 200);
        assert_eq!(vendor.seen().pop().unwrap().method, seen);
    }
    let request = call(&gateway, Method::POST, "/contacts?_method=DELETE");
    send(request).await;
    let seen = vendor.seen().pop().unwrap();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/dev/api/contacts?_method=DELETE"));
}

#[tokio::test]
async fn other_methods_are_not_offered() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let head = send(call(&gateway, Method::HEAD, "/contacts")).await;
    assert_eq!((head.status, head.text.as_str()), (404, ""));
    for method in ["TRACE", "PROPFIND"] {
        send(call(&gateway, method.parse().unwrap(), "/contacts")).await.refused(404, "EntityNotFoundError");
    }
    assert_eq!(vendor.seen().len(), 0);
}

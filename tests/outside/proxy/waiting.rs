//! A vendor that does not answer in time.

use reqwest::Method;

use super::call;
use super::wire::Quiet;
use crate::support::{Gateway, send};

#[tokio::test]
async fn a_vendor_that_does_not_answer_is_waited_for_as_long_as_the_caller_says() {
    let quiet = Quiet::start().await;
    let gateway = Gateway::over_vendor(quiet.address).await;
    for (method, status) in
        [("GET", 504), ("OPTIONS", 504), ("POST", 400), ("PUT", 400), ("PATCH", 400), ("DELETE", 400)]
    {
        let request = call(&gateway, method.parse().unwrap(), "/slow").header("x-apideck-timeout", "40").body("{}");
        let reply = send(request).await;
        // The official SDKs repeat 504 for a quarter of an hour, writes included.
        let detail = reply.refused(status, "ProxyTimedOutError");
        assert!(detail["message"].as_str().unwrap().contains("x-apideck-timeout"), "{detail}");
        assert_eq!(detail.get("outcome").is_some_and(|outcome| outcome == "unknown"), status == 400, "{detail}");
        assert_eq!(reply.headers["x-apideck-downstream-error"], "true");
    }
}

#[tokio::test]
async fn a_caller_whose_body_does_not_come_is_not_waited_for_either() {
    let quiet = Quiet::start().await;
    let gateway = Gateway::over_vendor(quiet.address).await;
    let lines = "content-length: 7\r\nx-apideck-timeout: 40\r\n";
    let mut caller = super::wire::Wire::call(gateway.address, "POST", "/slow", lines).await;
    let head = caller.until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 504 ") && head.contains("x-apideck-downstream-error: false"), "{head}");
    // Nothing has reached the vendor: the first that does is the next call.
    let next = tokio::spawn(send(call(&gateway, Method::GET, "/next")));
    let mut vendor = quiet.accept().await;
    assert!(vendor.until("\r\n\r\n").await.starts_with("GET /next "));
    vendor.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(next.await.unwrap().status, 200);
}

//! Bodies go both ways as they come, none is read whole, and half an answer is never taken for a whole one.

use reqwest::Method;

use super::vendor::{Vendor, answer};
use super::wire::{Quiet, Wire};
use super::{before, call};
use crate::support::{Gateway, send};

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

async fn before_quiet(vendor: &Quiet) -> Gateway {
    Gateway::over_vendor(vendor.address).await
}

#[tokio::test]
async fn the_first_chunk_is_there_before_the_last_is_sent_both_ways() {
    let quiet = Quiet::start().await;
    let gateway = before_quiet(&quiet).await;
    let mut caller = Wire::call(gateway.address, "POST", "/echo", CHUNKED).await;
    caller.send("5\r\nfirst\r\n").await;
    let mut vendor = quiet.accept().await;
    let head = vendor.until("\r\n\r\n").await;
    assert!(head.starts_with("POST /echo HTTP/1.1\r\n") && head.contains("transfer-encoding: chunked\r\n"), "{head}");
    vendor.until("first").await;
    // Neither side has said all that it has to say.
    vendor.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nheard\r\n").await;
    caller.until("heard").await;
    caller.send("6\r\nsecond\r\n").await;
    vendor.until("second").await;
    vendor.send("6\r\nheard2\r\n").await;
    caller.until("heard2").await;
    caller.send("0\r\n\r\n").await;
    vendor.until("0\r\n\r\n").await;
    vendor.send("0\r\n\r\n").await;
    caller.until("0\r\n\r\n").await;
}

#[tokio::test]
async fn bodies_of_many_megabytes_pass_though_requests_of_other_apis_may_not_be_as_large() {
    let body: Vec<u8> = (0..24_u32 << 20).map(|number| (number % 251) as u8).collect();
    let vendor = Vendor::answering([answer(200, &[], body.clone())]).await;
    let gateway = before(&vendor).await;
    let response = call(&gateway, Method::POST, "/files").body(body.clone()).send().await.unwrap();
    assert_eq!(response.headers()["content-length"], body.len().to_string().as_str());
    assert!(response.bytes().await.unwrap() == body, "the answer is intact");
    let seen = vendor.only();
    assert!(seen.body == body, "the request is intact");
    assert_eq!(seen.headers["content-length"], body.len().to_string().as_str());
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_off_for_the_caller() {
    for (head, more) in [("content-length: 100\r\n", "half"), ("transfer-encoding: chunked\r\n", "4\r\nhalf\r\n")] {
        let quiet = Quiet::start().await;
        let gateway = before_quiet(&quiet).await;
        let mut caller = Wire::call(gateway.address, "GET", "/files", "").await;
        let mut vendor = quiet.accept().await;
        vendor.until("\r\n\r\n").await;
        vendor.send(&format!("HTTP/1.1 200 OK\r\n{head}\r\n{more}")).await;
        caller.until("half").await;
        drop(vendor);
        let rest = caller.rest().await;
        assert!(!rest.contains("0\r\n\r\n"), "the end of a whole answer: {rest:?}");
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_gives_its_place_to_the_next() {
    let quiet = Quiet::start().await;
    let gateway = Gateway::over(crate::support::catalog(&[("agile-crm", |text| text)]), |config| {
        let agile = crate::support::agile(config);
        agile.base_url = Some(format!("http://{}", quiet.address));
        agile.limits = Some(server::config::ConnectorLimits { requests: 1000, per_seconds: 1, concurrency: 1 });
    })
    .await;
    let mut first = Wire::call(gateway.address, "GET", "/first", "").await;
    let mut vendor = quiet.accept().await;
    vendor.until("\r\n\r\n").await;
    vendor.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n").await;
    first.until("first").await;
    // The place is taken as long as the answer is under way.
    let waiting = send(call(&gateway, Method::GET, "/waiting").header("x-apideck-timeout", "50")).await;
    waiting.refused(429, "ConnectorRateLimitError");
    assert_eq!(waiting.headers["x-apideck-downstream-error"], "false");
    drop(first);
    let second = tokio::spawn(send(call(&gateway, Method::GET, "/second")));
    let mut vendor = quiet.accept().await;
    assert!(vendor.until("\r\n\r\n").await.starts_with("GET /second "));
    vendor.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    assert_eq!(second.await.unwrap().text, "ok");
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_no_whole_body_for_the_vendor() {
    let quiet = Quiet::start().await;
    let gateway = before_quiet(&quiet).await;
    let mut caller = Wire::call(gateway.address, "POST", "/files", CHUNKED).await;
    caller.send("4\r\nhalf\r\n").await;
    let mut vendor = quiet.accept().await;
    vendor.until("half").await;
    drop(caller);
    let rest = vendor.rest().await;
    assert!(!rest.contains("0\r\n\r\n"), "{rest:?}");
}

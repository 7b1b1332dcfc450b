//! What is passed on is nobody else's business: the log holds nothing of it, at whatever level.

use reqwest::Method;

use crate::process::{Caller, Installation};
use crate::support::send;
use crate::vendor::{RawVendor, answer};

const PASSWORD: &str = "secret-of-the-connection";
const OWN: &str = "secret-of-the-caller";

#[tokio::test]
async fn the_log_holds_nothing_of_what_is_passed_on() {
    let moved = b"HTTP/1.1 302 X\r\nlocation: /moved?who=jane\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let cut = b"HTTP/1.1 200 X\r\nset-cookie: jane\r\ncontent-length: 100\r\n\r\njane";
    let refused = answer(401, "text/plain", "jane may not");
    let vendor = RawVendor::start(&[moved, &refused, cut, b""]).await;
    let more = "[log]\nfilter = \"trace\"";
    let installation = Installation::new(&format!("http://{}", vendor.address), more);
    let api_key = installation.add_application("acme");
    installation.add_connection("acme", "c-1", "acme", "owner@acme.example", PASSWORD);
    let caller = Caller { api_key: &api_key, application: "acme", consumer: "c-1" };
    let server = installation.serve();
    let call = |url: &str| {
        let path = "/proxy/jane%40acme.example?who=jane";
        let request = server.request(caller, Method::POST, path).header("x-apideck-downstream-url", url);
        request.header("x-apideck-downstream-method", "GET").header("x-person", "jane")
    };
    let statuses = [
        call("/people").send().await.unwrap().status().as_u16(),
        call("/people").header("x-apideck-downstream-authorization", OWN).send().await.unwrap().status().as_u16(),
        send(call("/people").body("jane").header("x-apideck-timeout", "20000")).await.status,
        send(call(&format!("https://jane:{OWN}@elsewhere.example/jane%40acme.example"))).await.status,
        send(call("/people/{api_key}/jane")).await.status,
    ];
    assert_eq!(statuses, [401, 200, 502, 400, 400]);
    drop(server);
    let log = installation.log();
    assert!(
        log.contains("TRACE") && log.contains("vendor call") && log.contains("/proxy/*"),
        "the log holds all there is"
    );
    for hidden in [PASSWORD, OWN, &api_key, "jane"] {
        let line = log.lines().find(|line| line.contains(hidden));
        assert_eq!(line, None, "{hidden}");
    }
}

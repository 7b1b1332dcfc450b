//! What vendors say of their own limits reaches callers, in one unit, whether the call succeeds or not.

use connector_catalog::Catalog;
use jiff::Timestamp;
use reqwest::Method;

use crate::support::{Gateway, Reply, send};
use crate::vendor::RawVendor;

const PERSON: &str =
    r#"{"success":true,"data":{"id":1,"name":"Ada","first_name":"Ada","emails":[],"phones":[],"is_deleted":false}}"#;
const CONTACT: &str = r#"{"id":"1","properties":{"firstname":"Ada"},"archived":false}"#;
/// What each vendor's own headers are, or, where it documents none, the usual ones: limit, remaining and reset.
const VENDORS: [(&str, [&str; 3]); 6] = [
    ("hubspot", ["x-hubspot-ratelimit-max", "x-hubspot-ratelimit-remaining", ""]),
    ("pipedrive", ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]),
    ("agile-crm", ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]),
    ("axiomatic-crm", ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"]),
    ("teamswork-crm", ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"]),
    ("avid-crm", ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]),
];

async fn read(service: &str, id: &str, answer: &[u8]) -> Reply {
    let vendor = RawVendor::start(&[answer]).await;
    let address = vendor.address;
    let gateway = Gateway::over(Catalog::built_in().unwrap(), |config| {
        let connector = config.connectors.iter_mut().find(|(own, _)| own.as_str() == service).unwrap().1;
        connector.base_url = Some(format!("http://{address}"));
    })
    .await;
    let request = gateway.request(Method::GET, &format!("/crm/contacts{id}"));
    send(request.header("x-apideck-service-id", service)).await
}

fn answer(status: u16, limits: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{limits}content-length: {length}");
    format!("{head}\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

fn told(reply: &Reply) -> [Option<u64>; 3] {
    ["limit", "remaining", "reset"].map(|name| {
        let value = reply.headers.get(format!("x-downstream-ratelimit-{name}"))?;
        Some(value.to_str().unwrap().parse().unwrap())
    })
}

#[tokio::test]
async fn every_vendors_limits_come_with_its_refusal() {
    for (service, names) in VENDORS {
        let limits: String = names
            .iter()
            .zip(["110", "97", "2"])
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect::<Vec<_>>()
            .concat();
        let before = u64::try_from(Timestamp::now().as_second()).unwrap();
        let reply = read(service, "", &answer(429, &limits, "{}")).await;
        reply.refused(429, "ConnectorRateLimitError");
        let [limit, remaining, reset] = told(&reply);
        assert_eq!((limit, remaining), (Some(110), Some(97)), "{service}");
        assert_eq!(reset.is_some(), !names[2].is_empty(), "{service}");
        assert!(reset.is_none_or(|reset| (before + 2..before + 60).contains(&reset)), "{service}: {reset:?}");
    }
}

#[tokio::test]
async fn a_success_and_other_errors_have_them_too() {
    let hubspot = "X-HubSpot-RateLimit-Max: 110\r\nX-HubSpot-RateLimit-Remaining: 97\r\nX-HubSpot-RateLimit-Interval-Milliseconds: 10000\r\n";
    let reply = read("hubspot", "/1", &answer(200, hubspot, CONTACT)).await;
    assert_eq!((reply.status, told(&reply)), (200, [Some(110), Some(97), None]), "{}", reply.text);
    let pipedrive = "x-ratelimit-limit: 80\r\nx-ratelimit-remaining: 79\r\nx-ratelimit-reset: 1900000000\r\n";
    let all = [Some(80), Some(79), Some(1_900_000_000)];
    let reply = read("pipedrive", "/1", &answer(200, pipedrive, PERSON)).await;
    assert_eq!((reply.status, told(&reply)), (200, all), "{}", reply.text);
    let reply = read("pipedrive", "/1", &answer(404, pipedrive, "{}")).await;
    assert_eq!((reply.status, told(&reply)), (404, all), "{}", reply.text);
    let reply = read("pipedrive", "/1", &answer(200, "", PERSON)).await;
    assert_eq!((reply.status, told(&reply)), (200, [None; 3]), "{}", reply.text);
}

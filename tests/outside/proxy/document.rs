//! `spec/proxy.yaml` says what the gateway does.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::vendor::Vendor;
use super::{before, call};
use crate::support::{Gateway, send};

async fn document(gateway: &Gateway) -> Value {
    let reply = send(gateway.anonymous(Method::GET, "/openapi/proxy.json")).await;
    let written: Value = serde_saphyr::from_str(include_str!("../../../spec/proxy.yaml")).unwrap();
    assert_eq!((reply.status, &reply.body), (200, &written));
    written
}

#[tokio::test]
async fn every_method_that_is_described_is_offered_and_no_other() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let document = document(&gateway).await;
    for path in ["/proxy", "/proxy/{rest}"] {
        let members = document["paths"][path].as_object().unwrap().keys();
        let described: BTreeSet<String> = members.filter(|name| *name != "parameters").cloned().collect();
        for method in ["get", "post", "put", "patch", "delete", "options", "trace", "head"] {
            let request = gateway.request(method.to_uppercase().parse().unwrap(), &path.replace("{rest}", "contacts"));
            let status = send(request.header("x-apideck-downstream-url", "/")).await.status;
            assert_eq!(status, if described.contains(method) { 200 } else { 404 }, "{method} {path}");
        }
    }
    let viewer = send(gateway.anonymous(Method::GET, "/docs/proxy")).await;
    assert_eq!(viewer.status, 200);
}

#[tokio::test]
async fn every_header_that_is_described_is_read() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let document = document(&gateway).await;
    let parameters = document["components"]["parameters"].as_object().unwrap().values();
    let described: BTreeSet<&str> = parameters.map(|parameter| parameter["name"].as_str().unwrap()).collect();
    let senseless = BTreeMap::from([
        ("x-apideck-app-id", "another"),
        ("x-apideck-consumer-id", "nobody"),
        ("x-apideck-downstream-authorization", "\u{e9}"),
        ("x-apideck-downstream-method", "HEAD"),
        ("x-apideck-downstream-url", "//elsewhere.example"),
        ("x-apideck-follow-redirects", "perhaps"),
        ("x-apideck-service-id", "unknown"),
        ("x-apideck-timeout", "soon"),
        ("x-apideck-unified-api", "hris"),
    ]);
    let read: BTreeSet<&str> = senseless.keys().copied().chain(["rest"]).collect();
    assert_eq!(described, read);
    for (name, value) in senseless {
        let mut request = call(&gateway, Method::GET, "/contacts").build().unwrap();
        request.headers_mut().insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        let reply = send(reqwest::RequestBuilder::from_parts(reqwest::Client::new(), request)).await;
        assert!((400..500).contains(&reply.status), "{name}: {}", reply.text);
    }
    assert_eq!(vendor.seen().len(), 0);
}

#[tokio::test]
async fn errors_are_as_they_are_described() {
    let vendor = Vendor::start().await;
    let gateway = before(&vendor).await;
    let document = document(&gateway).await;
    let wanted = json!({ "$ref": "#/components/schemas/Error", "components": document["components"] });
    let validator = jsonschema::validator_for(&wanted).unwrap();
    drop(vendor);
    let anonymous = gateway.anonymous(Method::GET, "/proxy");
    for request in [call(&gateway, Method::GET, "//x"), call(&gateway, Method::GET, "/contacts"), anonymous] {
        let reply = send(request).await;
        let complaints: Vec<String> = validator.iter_errors(&reply.body).map(|error| error.to_string()).collect();
        assert!(complaints.is_empty(), "{complaints:?}\n{}", reply.text);
        let said = reply.headers["x-apideck-downstream-error"].to_str().unwrap();
        let described = &document["components"]["headers"]["DownstreamError"]["schema"]["enum"];
        assert!(described.as_array().unwrap().iter().any(|value| value == said), "{said}");
    }
}

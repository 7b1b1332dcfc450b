//! Whether a call is the one expected, and if not, in words a person can act on.

use std::fmt;

use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use serde_json::Value;

use super::ExpectedRequest;
use crate::exchange::pairs;

/// Stands for the vendor's own address in the text of an expected body.
const OWN_ADDRESS: &str = "{vendor}";

/// A call that has come.
#[derive(Debug)]
pub(super) struct SeenCall {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
}

impl SeenCall {
    /// The path without `base_path`, where it begins with that.
    pub(super) fn read(parts: &Parts, body: Bytes, base_path: &str) -> Self {
        let path = parts.uri.path();
        let below = path.strip_prefix(base_path).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        Self {
            method: parts.method.clone(),
            path: below.unwrap_or(path).to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            headers: parts.headers.clone(),
            body,
        }
    }

    /// Everything that is not as expected; nothing when the call is the one.
    pub(super) fn differences(&self, expected: &ExpectedRequest) -> Vec<String> {
        let mut found = Vec::new();
        if self.method.as_str() != expected.method {
            found.push(differs("method", &expected.method, self.method.as_str()));
        }
        if self.path != expected.path {
            found.push(differs("path", &expected.path, &self.path));
        }
        compare_pairs("query", &expected.query, &self.query, &mut found);
        for (name, value) in &expected.headers {
            let sent = self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
            match sent {
                Some(sent) if sent == value.as_str() => {}
                Some(sent) => found.push(differs(&format!("header {name}"), value, &sent)),
                None => found.push(format!("header {name}: expected `{value}`, not sent")),
            }
        }
        self.compare_body(expected, &mut found);
        found
    }

    /// The address that the vendor was called by, which differs from run to run.
    fn own_address(&self) -> String {
        let host = self.headers.get(HOST).map(|host| String::from_utf8_lossy(host.as_bytes()));
        format!("http://{}", host.unwrap_or_default())
    }

    fn compare_body(&self, expected: &ExpectedRequest, found: &mut Vec<String>) {
        let sent = String::from_utf8_lossy(&self.body);
        if let Some(expected) = &expected.json {
            match serde_json::from_slice::<Value>(&self.body) {
                Ok(sent) => compare_json("json", expected, &sent, found),
                Err(error) => found.push(format!("json: the body is no JSON ({error}): `{sent}`")),
            }
        } else if let Some(expected) = &expected.form {
            compare_pairs("form", expected, &pairs(&self.body), found);
        } else {
            let expected = expected.text.as_deref().unwrap_or_default().replace(OWN_ADDRESS, &self.own_address());
            if sent != expected {
                found.push(differs("body", &expected, &sent));
            }
        }
    }
}

impl fmt::Display for SeenCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

fn differs(what: &str, expected: &str, found: &str) -> String {
    format!("{what}: expected `{expected}`, found `{found}`")
}

/// Pairs in any order, each as often as written.
fn compare_pairs(what: &str, expected: &[(String, String)], sent: &[(String, String)], found: &mut Vec<String>) {
    let mut unexpected = sent.to_vec();
    for pair in expected {
        match unexpected.iter().position(|sent| sent == pair) {
            Some(index) => drop(unexpected.remove(index)),
            None => found.push(format!("{what}: `{}={}` was not sent", pair.0, pair.1)),
        }
    }
    found.extend(unexpected.iter().map(|(name, value)| format!("{what}: `{name}={value}` was not expected")));
}

/// One line for each place where the values part, with the way to it.
fn compare_json(place: &str, expected: &Value, sent: &Value, found: &mut Vec<String>) {
    match (expected, sent) {
        (Value::Object(expected), Value::Object(sent)) => {
            for (name, value) in expected {
                match sent.get(name) {
                    Some(sent) => compare_json(&format!("{place}.{name}"), value, sent, found),
                    None => found.push(format!("{place}.{name}: expected `{value}`, not sent")),
                }
            }
            let unexpected = sent.iter().filter(|(name, _)| !expected.contains_key(*name));
            found.extend(unexpected.map(|(name, value)| format!("{place}.{name}: `{value}` was not expected")));
        }
        (Value::Array(expected), Value::Array(sent)) if expected.len() == sent.len() => {
            for (index, (expected, sent)) in expected.iter().zip(sent).enumerate() {
                compare_json(&format!("{place}[{index}]"), expected, sent, found);
            }
        }
        _ if expected == sent => {}
        _ => found.push(differs(place, &expected.to_string(), &sent.to_string())),
    }
}

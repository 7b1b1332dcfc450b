//! Every call of Agile's document that no unified operation makes, once through `/proxy`; `agile.yaml` lists them.

use std::collections::BTreeMap;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::support::{Gateway, Reply, send};

/// One call of the document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    /// The line of the document that it stands in.
    line: u32,
    /// Method and address.
    request: String,
    json: Option<Value>,
    #[serde(default)]
    form: BTreeMap<String, String>,
    /// The status owed, 200 where none is named.
    status: Option<u16>,
    /// What later calls name, each with its place in the answer.
    #[serde(default)]
    keep: BTreeMap<String, String>,
    /// Places in the answer with what must stand there.
    #[serde(default)]
    shows: BTreeMap<String, Value>,
}

/// What earlier answers had, by its name.
type Kept = BTreeMap<String, Value>;

fn calls() -> Vec<Call> {
    serde_saphyr::from_str(include_str!("agile.yaml")).unwrap()
}

fn filled(text: &str, kept: &Kept) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
}

/// A value with every text that is a hole as a whole replaced by what was kept.
fn filled_value(value: &Value, kept: &Kept) -> Value {
    match value {
        Value::String(text) => {
            let hole = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
            hole.and_then(|name| kept.get(name)).cloned().unwrap_or_else(|| value.clone())
        }
        Value::Array(items) => items.iter().map(|item| filled_value(item, kept)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, own)| (name.clone(), filled_value(own, kept)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

async fn answer(gateway: &Gateway, call: &Call, kept: &Kept) -> Reply {
    let (method, address) = call.request.split_once(' ').unwrap();
    let request = gateway.request(Method::from_bytes(method.as_bytes()).unwrap(), "/proxy");
    let request = request.header("x-apideck-service-id", "agile-crm");
    let request = request.header("x-apideck-downstream-url", filled(address, kept));
    send(match &call.json {
        Some(body) => {
            let body = filled_value(body, kept).to_string();
            request.header("content-type", "application/json").body(body)
        }
        None if call.form.is_empty() => request,
        None => {
            let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let pair = |(name, text): (&String, &String)| format!("{name}={}", encoded(&filled(text, kept)));
            let pairs: Vec<String> = call.form.iter().map(pair).collect();
            request.header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"))
        }
    })
    .await
}

#[tokio::test]
async fn every_call_of_the_document_reaches_the_vendor_through_the_proxy() {
    let gateway = Gateway::demo().await;
    let mut kept = Kept::new();
    for call in calls() {
        let reply = answer(&gateway, &call, &kept).await;
        assert_eq!(reply.status, call.status.unwrap_or(200), "{}: {}", call.request, reply.text);
        for (name, place) in &call.keep {
            let found = reply.body.pointer(place).unwrap_or_else(|| panic!("{}: {}", call.request, reply.text));
            kept.insert(name.clone(), found.clone());
        }
        for (place, owed) in &call.shows {
            let owed = filled_value(owed, &kept);
            assert_eq!(reply.body.pointer(place), Some(&owed), "{}: {place}: {}", call.request, reply.text);
        }
    }
}

#[test]
fn every_statement_that_only_the_proxy_serves_has_its_call() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/seeds/agile-crm.md");
    let page = std::fs::read_to_string(page).unwrap();
    let calls = calls();
    let is_called = |lines: &str| {
        let (first, last) = lines.split_once('-').unwrap();
        let (first, last): (u32, u32) = (first.parse().unwrap(), last.parse().unwrap());
        calls.iter().any(|call| (first..=last).contains(&call.line))
    };
    let rows = page.lines().map(|row| row.split(" | ").collect::<Vec<_>>());
    let missing: Vec<String> = rows
        .filter(|cells| cells.get(3) == Some(&"proxy") && !is_called(cells[1]))
        .map(|cells| cells.join(" | "))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

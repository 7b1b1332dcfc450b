//! The Vault API's document: served as it stands in the repository, linked from every page about the APIs, and kept to by answers.

use std::sync::LazyLock;

use serde_json::{Value, json};
use unified_model::{VaultOperation, VaultSchema, vault_document_json};

use super::house::House;
use crate::support::{Reply, send};

static DOCUMENT: LazyLock<Value> = LazyLock::new(vault_document_json);

/// Holds an answer to what the document says of it.
#[track_caller]
pub fn hold(method: &str, path: &str, reply: &Reply) {
    let Some(operation) = operation(method, path) else {
        assert_eq!(reply.status, 404, "{method} {path} is not documented: {}", reply.text);
        return;
    };
    let described = &DOCUMENT["paths"][&operation.path][method.to_lowercase()]["responses"];
    let by_status = described.get(reply.status.to_string());
    assert!(by_status.is_some() || reply.status >= 400, "{method} {path}: {} is not documented", reply.status);
    let response = resolved(by_status.unwrap_or(&described["default"]));
    for header in response["headers"].as_object().unwrap().keys() {
        // How long to wait is said where the vendor says it.
        assert!(header == "Retry-After" || reply.headers.contains_key(header), "{method} {path}: {header} is missing");
    }
    let Some(content) = response.get("content") else {
        assert_eq!(reply.text, "", "{method} {path} has no body");
        return;
    };
    assert_eq!(reply.headers["content-type"], "application/json");
    let wanted = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": content["application/json"]["schema"]["$ref"],
        "components": DOCUMENT["components"],
    });
    let validator = jsonschema::options().should_validate_formats(true).build(&wanted).unwrap();
    let complaints: Vec<String> =
        validator.iter_errors(&reply.body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(complaints.is_empty(), "{method} {path}\n{}\n{}", complaints.join("\n"), reply.text);
}

/// The operation whose path has as many parts, of which those without braces are the same.
fn operation(method: &str, path: &str) -> Option<&'static VaultOperation> {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |described: &str| {
        described.split('/').count() == path.split('/').count()
            && described.split('/').zip(path.split('/')).all(|(part, sent)| part.starts_with('{') || part == sent)
    };
    VaultSchema::built_in().operations().iter().find(|known| known.method == method && fits(&known.path))
}

fn resolved(reference: &Value) -> &Value {
    DOCUMENT.pointer(reference["$ref"].as_str().unwrap().trim_start_matches('#')).unwrap()
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let house = House::start().await;
    let reply = send(house.anonymous("GET", "/openapi/vault.json")).await;
    assert_eq!((reply.status, &reply.headers["content-type"]), (200, &"application/json".parse().unwrap()));
    assert_eq!(reply.body, *DOCUMENT);
    assert_eq!(reply.body["paths"]["/vault/logs"]["get"]["operationId"], "logsAll");
    let page = send(house.anonymous("GET", "/docs/vault")).await;
    assert_eq!((page.status, &page.headers["content-type"]), (200, &"text/html; charset=utf-8".parse().unwrap()));
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert!(page.text.contains("/docs/docs.js"), "{}", page.text);
    for api in ["/openapi/nothing.json", "/docs/nothing"] {
        send(house.anonymous("GET", api)).await.refused(404, "EntityNotFoundError");
    }
}

#[tokio::test]
async fn pages_about_the_apis_link_to_it() {
    let house = House::start().await;
    for (page, link) in [("/docs", "href=\"/openapi/vault.json\""), ("/docs/errors", "/docs/vault\">Vault</a>")] {
        let text = send(house.anonymous("GET", page)).await.text;
        assert!(text.contains(link), "{page}: {text}");
    }
    let script = send(house.anonymous("GET", "/docs/docs.js")).await.text;
    assert!(script.contains("/openapi/${location.pathname.split(\"/\")[2]}.json"), "{script}");
    let described = house.get("", "/connector/apis/vault").await;
    let (document, page) = (&described.body["data"]["spec_url"], &described.body["data"]["api_reference_url"]);
    for (address, path) in [(document, "/openapi/vault.json"), (page, "/docs/vault")] {
        assert_eq!(address, &json!(format!("{}{path}", super::house::PUBLIC_URL)));
    }
}

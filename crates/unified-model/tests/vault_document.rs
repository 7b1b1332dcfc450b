//! The document of the Vault API: complete, sound, and refused where it says what nobody would check.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use serde_json::Value;
use unified_model::vault::VAULT_DOCUMENT;
use unified_model::{VaultSchema, vault_document_json};

/// What the contract calls essential: method, path, operation and the status of success.
const ESSENTIAL: &str = "
    POST   /vault/consumers                                                     consumersAdd                200
    GET    /vault/consumers                                                     consumersAll                200
    GET    /vault/consumers/{consumer_id}                                       consumersOne                200
    PATCH  /vault/consumers/{consumer_id}                                       consumersUpdate             200
    DELETE /vault/consumers/{consumer_id}                                       consumersDelete             200
    GET    /vault/connections                                                   connectionsAll              200
    GET    /vault/connections/{unified_api}/{service_id}                        connectionsOne              200
    POST   /vault/connections/{unified_api}/{service_id}                        connectionsAdd              200
    PATCH  /vault/connections/{unified_api}/{service_id}                        connectionsUpdate           200
    DELETE /vault/connections/{unified_api}/{service_id}                        connectionsDelete           204
    POST   /vault/connections/{unified_api}/{service_id}/import                 connectionsImport           200
    POST   /vault/connections/{unified_api}/{service_id}/token                  connectionsToken            200
    POST   /vault/connections/{unified_api}/{service_id}/validate               validateConnectionState     200
    POST   /vault/connections/{unified_api}/{service_id}/confirm                connectionsConfirm          200
    POST   /vault/connections/{unified_api}/{service_id}/callback-state         createCallbackState         200
    GET    /vault/connections/{unified_api}/{service_id}/{resource}/config      connectionSettingsAll       200
    PATCH  /vault/connections/{unified_api}/{service_id}/{resource}/config      connectionSettingsUpdate    200
    GET    /vault/connections/{unified_api}/{service_id}/{resource}/custom-fields   customFieldsAll         200
    GET    /vault/connections/{unified_api}/{service_id}/{resource}/schema          connectionsSchema       200
    GET    /vault/connections/{unified_api}/{service_id}/{resource}/example         connectionsExample      200
    GET    /vault/connections/{unified_api}/{service_id}/{resource}/custom-mappings connectionCustomMappingsAll 200
    GET    /vault/custom-mappings/{unified_api}/{service_id}                    customMappingsAll           200
    GET    /vault/custom-mappings/{unified_api}/{service_id}/{target_field_id}  customMappingsOne           200
    POST   /vault/custom-mappings/{unified_api}/{service_id}/{target_field_id}  customMappingsAdd           200
    PATCH  /vault/custom-mappings/{unified_api}/{service_id}/{target_field_id}  customMappingsUpdate        200
    DELETE /vault/custom-mappings/{unified_api}/{service_id}/{target_field_id}  customMappingsDelete        204
    GET    /vault/authorize/{service_id}/{application_id}                       connectionsAuthorize        301
    GET    /vault/callback                                                      connectionsCallback         301
    GET    /vault/revoke/{service_id}/{application_id}                          connectionsRevoke           301
    POST   /vault/sessions                                                      sessionsCreate              200
    GET    /vault/logs                                                          logsAll                     200
";

/// Every operation: method, path, what it says, and its parameters with references resolved.
fn operations(document: &Value) -> Vec<(String, &str, &Value, Vec<&Value>)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters");
        for (method, operation) in methods {
            let lists = [&item["parameters"], &operation["parameters"]];
            let references = lists.into_iter().filter_map(Value::as_array).flatten();
            let resolved =
                |reference: &Value| document.pointer(reference["$ref"].as_str().unwrap().trim_start_matches('#'));
            let parameters = references.map(|reference| resolved(reference).unwrap()).collect();
            operations.push((method.to_ascii_uppercase(), path.as_str(), operation, parameters));
        }
    }
    operations
}

#[test]
fn every_essential_endpoint_is_documented_and_no_other() {
    let document = vault_document_json();
    let mut wanted: BTreeSet<Vec<String>> =
        ESSENTIAL.trim().lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    for (method, path, operation, _) in operations(&document) {
        let success = operation["responses"].as_object().unwrap().keys().next().unwrap();
        let found =
            vec![method, path.to_owned(), operation["operationId"].as_str().unwrap().to_owned(), success.clone()];
        assert!(wanted.remove(&found), "{found:?} is not asked for");
    }
    assert!(wanted.is_empty(), "{wanted:?}");
    assert_eq!((&document["openapi"], &document["info"]["title"]), (&"3.1.0".into(), &"Trunkline Vault API".into()));
}

#[test]
fn what_is_compiled_is_what_is_documented() {
    let document = vault_document_json();
    let documented = operations(&document);
    assert_eq!(VaultSchema::built_in().operations().len(), documented.len());
    for (method, path, operation, _) in documented {
        let compiled = VaultSchema::built_in().operation(operation["operationId"].as_str().unwrap()).unwrap();
        assert_eq!((compiled.method.as_str(), compiled.path.as_str()), (method.as_str(), path));
        assert_eq!(compiled.takes_body(), operation.get("requestBody").is_some(), "{}", compiled.id);
    }
    assert!(VaultSchema::built_in().operation("consumersNone").is_none());
}

#[test]
fn every_operation_says_who_may_call_it_what_its_path_names_and_how_it_fails() {
    let document = vault_document_json();
    for (_, path, operation, parameters) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        let placed = |place: &str| -> BTreeSet<&str> {
            let here = parameters.iter().filter(|parameter| parameter["in"] == place);
            here.map(|parameter| parameter["name"].as_str().unwrap()).collect()
        };
        let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        assert_eq!(placed("path"), named.collect(), "{id}");
        let is_public = operation.get("security").is_some();
        let headers = placed("header");
        assert_eq!(!headers.contains("x-apideck-app-id"), is_public, "{id}");
        let has_consumer = !is_public && !path.starts_with("/vault/consumers");
        assert_eq!(headers.contains("x-apideck-consumer-id"), has_consumer, "{id}");
        assert!(!operation["summary"].as_str().unwrap().is_empty() && operation["tags"][0].is_string(), "{id}");
        let fails = |status: &str| operation["responses"].get(status).is_some();
        assert!(fails("400") && fails("default") && (is_public || (fails("401") && fails("403"))), "{id}");
    }
}

#[test]
fn every_component_is_used_and_every_schema_is_one() {
    let document = vault_document_json();
    let text = document.to_string();
    for (section, components) in document["components"].as_object().unwrap() {
        for (name, component) in components.as_object().unwrap() {
            let used = section == "securitySchemes" || text.contains(&format!("\"#/components/{section}/{name}\""));
            assert!(used, "nothing refers to {section}.{name}");
            if section == "schemas" {
                assert!(jsonschema::draft202012::meta::is_valid(component), "{name}");
            }
        }
    }
}

#[test]
fn a_document_that_says_what_nobody_would_check_is_refused() {
    let limit = "schema: { type: integer, minimum: 1, maximum: 200, default: 20 }";
    let search = "        consumer_id: { type: string, description: What consumer ids begin with }\n";
    let session = "$ref: \"#/components/schemas/NewSession\"";
    let cases = [
        ("openapi: \"3.1.0\"", "openapi: 3.0.3", "expected version 3.1, found 3.0.3"),
        ("      operationId: logsAll\n", "", "/vault/logs: get needs an operationId"),
        ("operationId: logsAll", "operationId: consumersAll", "operationId consumersAll stands twice"),
        ("  /vault/logs:\n", "  /vault/logs:\n    put: {}\n", "/vault/logs: `put` is not understood"),
        (limit, "schema: { type: object, additionalProperties: true }", "consumersAll.limit: a query cannot hold this"),
        (limit, "schema: { type: array, items: { type: string } }", "consumersAll.limit: a query cannot hold this"),
        (limit, "schema: {}", "consumersAll.limit: a query cannot hold this"),
        (limit, "schema: { type: integer, multipleOf: 5 }", "`multipleOf` is not understood"),
        (limit, "content: {}", "consumersAll: a parameter needs a name and a schema"),
        (search, "        consumer_id: { type: object, additionalProperties: true }\n", "a query cannot hold this"),
        ("#/components/parameters/Limit", "#/components/parameters/Limits", "leads nowhere"),
        ("- { $ref: \"#/components/parameters/Limit\" }", "- { name: limit }", "a parameter must be a $ref"),
        (session, "type: object", "sessionsCreate: a body must be application/json with a $ref to an object"),
        (session, "$ref: \"#/components/schemas/Meta\"", "additionalProperties must be said"),
    ];
    for (from, to, message) in cases {
        assert!(VAULT_DOCUMENT.contains(from), "{from}");
        let error = VaultSchema::compile(&VAULT_DOCUMENT.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(message), "{to}: {error}");
    }
}

//! Requests of the Vault API against `spec/vault.yaml`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::json;
use unified_model::{RequestError, VaultSchema, vault_document_json};

/// The operations that the contract calls essential.
const ESSENTIAL: [&str; 29] = [
    "consumersAdd",
    "consumersAll",
    "consumersOne",
    "consumersUpdate",
    "consumersDelete",
    "connectionsAll",
    "connectionsOne",
    "connectionsAdd",
    "connectionsUpdate",
    "connectionsDelete",
    "connectionsImport",
    "connectionsToken",
    "validateConnectionState",
    "connectionsConfirm",
    "createCallbackState",
    "connectionSettingsAll",
    "connectionSettingsUpdate",
    "customFieldsAll",
    "connectionCustomMappingsAll",
    "customMappingsAll",
    "customMappingsOne",
    "customMappingsAdd",
    "customMappingsUpdate",
    "customMappingsDelete",
    "connectionsAuthorize",
    "connectionsCallback",
    "connectionsRevoke",
    "sessionsCreate",
    "logsAll",
];

fn said(error: RequestError) -> String {
    match error {
        RequestError::Invalid(found) => {
            found.iter().map(|one| format!("{}: {}", one.at, one.message)).collect::<Vec<_>>().join("\n")
        }
        RequestError::ImpossibleId(id) => id,
    }
}

#[test]
fn every_essential_operation_is_documented_and_no_other() {
    let documented: Vec<&str> = VaultSchema::built_in().operations().iter().map(|found| found.id.as_str()).collect();
    let mut missing = ESSENTIAL.to_vec();
    missing.retain(|id| !documented.contains(id));
    assert_eq!((missing, documented.len()), (vec![], ESSENTIAL.len()));
    assert_eq!(vault_document_json()["openapi"], "3.1.0");
}

#[test]
fn a_body_is_held_against_its_schema_and_what_is_read_only_is_left_out() {
    for (operation, body, expected) in [
        ("consumersAdd", json!({}), "consumer_id: is required"),
        ("consumersAdd", json!({ "consumer_id": "" }), "consumer_id: must have at least 1 character"),
        ("consumersAdd", json!({ "consumer_id": 7 }), "consumer_id: must be text"),
        ("consumersAdd", json!({ "consumer_id": "a", "metdata": {} }), "did you mean"),
        ("connectionsUpdate", json!({ "enabled": "yes" }), "enabled: must be true or false"),
        ("connectionsUpdate", json!({ "settings": [] }), "settings: must be an object"),
        ("connectionsUpdate", json!({ "custom_mappings": [{ "value": 7 }] }), "custom_mappings[0].value: must be text"),
        ("connectionsImport", json!({ "credentials": {} }), "credentials: needs access_token or refresh_token"),
        ("connectionsImport", json!({ "credentials": { "access_token": "x", "expires_in": -1 } }), "at least 0"),
        ("connectionsImport", json!({ "credentials": { "access_token": "x", "issued_at": "today" } }), "date and time"),
        ("connectionsConfirm", json!({}), "confirm_token: is required"),
        ("customMappingsAdd", json!({ "value": null }), "value: must"),
        ("sessionsCreate", json!({ "settings": { "allow_actions": ["fly"] } }), "must be one of"),
    ] {
        let bytes = body.to_string();
        let found = VaultSchema::built_in().operation(operation).unwrap().check_body(bytes.as_bytes());
        let found = said(found.unwrap_err());
        assert!(found.contains(expected), "{operation} {body}: {found}");
    }
    let update = VaultSchema::built_in().operation("connectionsUpdate").unwrap();
    let sent = json!({ "id": "crm+x", "state": "callable", "enabled": true, "custom_mappings": [{ "id": "a", "key": "a", "value": "$.a" }] });
    let checked = update.check_body(sent.to_string().as_bytes()).unwrap();
    assert_eq!(json!(checked), json!({ "enabled": true, "custom_mappings": [{ "id": "a", "value": "$.a" }] }));
    for bytes in ["", "[]", "{", "\"x\""] {
        assert!(said(update.check_body(bytes.as_bytes()).unwrap_err()).starts_with("body"), "{bytes}");
    }
    assert!(VaultSchema::built_in().operation("sessionsCreate").unwrap().check_body(b"").unwrap().is_empty());
}

#[test]
fn a_query_is_held_against_its_parameters() {
    for (operation, query, expected) in [
        ("consumersAll", "limit=0", "limit: must be a whole number from 1 to 200"),
        ("consumersAll", "limit=x", "limit: must be a whole number from 1 to 200"),
        ("consumersAll", "filter[consumer]=a", "filter[consumer]: is not known; there are consumer_id"),
        ("connectionsAll", "configured=maybe", "configured: must be true or false"),
        ("connectionsAuthorize", "", "state: is required"),
        ("logsAll", "filter[start_date]=yesterday", "date and time"),
        ("logsAll", "filter[path_match_mode]=LIKE", "must be one of"),
        ("connectionsCallback", "state=a&state=b", "more than once"),
    ] {
        let found = VaultSchema::built_in().operation(operation).unwrap().check_query(query);
        let found = said(found.unwrap_err());
        assert!(found.contains(expected), "{operation} {query}: {found}");
    }
    let list = VaultSchema::built_in().operation("consumersAll").unwrap();
    let values = list.check_query("limit=7&filter%5Bconsumer_id%5D=a+b&cursor=&search=null&other=1").unwrap();
    assert_eq!(
        (values.get("limit"), values.get("filter[consumer_id]"), values.get("cursor")),
        (Some("7"), Some("a b"), None)
    );
    assert_eq!((values.get("search"), values.get("other")), (None, None));
}

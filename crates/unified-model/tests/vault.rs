//! Requests of the Vault API against `spec/vault.yaml`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::json;
use unified_model::{RequestError, VaultOperation, VaultSchema};

fn said(error: RequestError) -> String {
    match error {
        RequestError::Invalid(found) => {
            found.iter().map(|one| format!("{}: {}", one.at, one.message)).collect::<Vec<_>>().join("\n")
        }
        RequestError::ImpossibleId(id) => id,
    }
}

fn operation(id: &str) -> &'static VaultOperation {
    VaultSchema::built_in().operation(id).unwrap()
}

#[test]
fn a_body_that_does_not_fit_is_refused_in_words_that_say_what_to_change() {
    for (id, body, expected) in [
        ("consumersAdd", json!({}), "consumer_id: is required; add text"),
        ("consumersAdd", json!({ "consumer_id": "" }), "consumer_id: must have at least 1 character; found 0"),
        ("consumersAdd", json!({ "consumer_id": 7 }), "consumer_id: must be text; found the number 7"),
        ("consumersAdd", json!({ "consumer_id": null }), "consumer_id: must not be null; leave it out, or send text"),
        ("consumersAdd", json!({ "consumer_id": "a".repeat(256) }), "at most 255 characters; found 256"),
        (
            "consumersAdd",
            json!({ "consumer_id": "a", "metdata": {} }),
            "metdata: is not a member of Consumer, did you mean metadata?",
        ),
        (
            "consumersAdd",
            json!({ "consumer_id": "a", "metadata": { "email": 7 } }),
            "metadata.email: must be text; found the number 7",
        ),
        ("consumersUpdate", json!({ "metadata": [] }), "metadata: must be an object; found a list"),
        ("connectionsAdd", json!({ "enable": true }), "enable: is not a member of Connection, did you mean enabled?"),
        ("connectionsUpdate", json!({ "enabled": "yes" }), "enabled: must be true or false; found the text \"yes\""),
        ("connectionsUpdate", json!({ "settings": [] }), "settings: must be an object; found a list"),
        (
            "connectionsUpdate",
            json!({ "custom_mappings": [{ "value": 7 }] }),
            "custom_mappings[0].value: must be text; found the number 7",
        ),
        (
            "connectionsUpdate",
            json!({ "configuration": [{ "defaults": [{ "value": 1 }] }] }),
            "configuration[0].defaults[0].id: is required; add text",
        ),
        (
            "connectionSettingsUpdate",
            json!({ "configuration": [{ "resource": 1 }] }),
            "configuration[0].resource: must be text; found the number 1",
        ),
        (
            "connectionsImport",
            json!({ "credentials": {} }),
            "credentials: needs access_token or refresh_token that is not null",
        ),
        (
            "connectionsImport",
            json!({ "credentials": { "access_token": "x", "expires_in": -1 } }),
            "credentials.expires_in: must be at least 0; found -1",
        ),
        (
            "connectionsImport",
            json!({ "credentials": { "access_token": "x", "issued_at": "today" } }),
            "credentials.issued_at: must be a date and time with zone",
        ),
        ("connectionsToken", json!([]), "body: must be a JSON object; found a list"),
        ("connectionsConfirm", json!({}), "confirm_token: is required; add text"),
        (
            "createCallbackState",
            json!({ "redirect_url": "x" }),
            "redirect_url: is not a member of NewCallbackState, did you mean redirect_uri?",
        ),
        ("customMappingsAdd", json!({ "value": null }), "value: must not be null; leave it out, or send text"),
        ("customMappingsUpdate", json!({}), "value: is required; add text"),
        (
            "sessionsCreate",
            json!({ "settings": { "allow_actions": ["fly"] } }),
            "settings.allow_actions[0]: must be one of delete, disconnect, reauthorize, disable; found \"fly\"",
        ),
        (
            "sessionsCreate",
            json!({ "settings": { "session_lenght": "1h" } }),
            "settings.session_lenght: is not a member of SessionSettings, did you mean session_length?",
        ),
        ("sessionsCreate", json!({ "theme": "dark" }), "theme: must be an object; found the text \"dark\""),
    ] {
        let found = said(operation(id).check_body(body.to_string().as_bytes()).unwrap_err());
        assert!(found.contains(expected) && found.lines().count() == 1, "{id} {body}: {found}");
    }
    let two = json!({ "consumer_id": 7, "metdata": {} }).to_string();
    assert_eq!(said(operation("consumersAdd").check_body(two.as_bytes()).unwrap_err()).lines().count(), 2);
}

#[test]
fn a_body_is_json_and_empty_only_where_nothing_has_to_be_said() {
    for (bytes, expected) in [
        ("", "body: is empty; send a JSON object"),
        ("[]", "body: must be a JSON object; found a list"),
        ("\"x\"", "body: must be a JSON object; found the text \"x\""),
        ("{", "body: is not valid JSON: EOF while parsing an object at line 1 column 1"),
    ] {
        assert_eq!(said(operation("connectionsUpdate").check_body(bytes.as_bytes()).unwrap_err()), expected);
    }
    for id in ["sessionsCreate", "connectionsToken", "validateConnectionState", "createCallbackState"] {
        for bytes in ["", " \n", "{}"] {
            assert!(operation(id).check_body(bytes.as_bytes()).unwrap().is_empty(), "{id}");
        }
    }
    // What takes no body does not look at one.
    assert!(!operation("consumersDelete").takes_body());
    assert!(operation("consumersDelete").check_body(b"{").unwrap().is_empty());
}

#[test]
fn what_was_read_can_be_sent_back_and_only_what_can_change_is_left() {
    for (id, sent, left) in [
        (
            "consumersAdd",
            json!({ "consumer_id": "a", "application_id": "x", "metadata": { "tier": 1 }, "connections": [{}], "created": 7 }),
            json!({ "consumer_id": "a", "metadata": { "tier": 1 } }),
        ),
        (
            "consumersUpdate",
            json!({ "consumer_id": "a", "application_id": "x", "services": [], "modified": null, "metadata": {} }),
            json!({ "metadata": {} }),
        ),
        (
            "connectionsUpdate",
            json!({
                "id": "crm+x", "state": "callable", "enabled": true, "form_fields": [{ "id": "domain" }], "updated_at": null,
                "configuration": [{ "resource": "leads", "defaults": [{ "id": "a", "options": [], "value": ["x"] }] }],
                "custom_mappings": [{ "id": "a", "key": "a", "label": "A", "required": true, "value": "$.a" }],
            }),
            json!({
                "enabled": true,
                "configuration": [{ "resource": "leads", "defaults": [{ "id": "a", "value": ["x"] }] }],
                "custom_mappings": [{ "id": "a", "value": "$.a" }],
            }),
        ),
        (
            "customMappingsUpdate",
            json!({ "id": "crm+leads+a", "key": "a", "label": "A", "consumer_id": "x", "required": false, "value": "$.a" }),
            json!({ "value": "$.a" }),
        ),
        // As the official SDKs fill it in.
        (
            "sessionsCreate",
            json!({ "settings": { "hide_resource_settings": false, "session_length": "1h", "show_logs": true } }),
            json!({ "settings": { "hide_resource_settings": false, "session_length": "1h", "show_logs": true } }),
        ),
    ] {
        assert_eq!(json!(operation(id).check_body(sent.to_string().as_bytes()).unwrap()), left, "{id}");
    }
}

#[test]
fn a_query_that_does_not_fit_is_refused_in_words_that_say_what_to_change() {
    for (id, query, expected) in [
        ("consumersAll", "limit=0", "limit: must be a whole number from 1 to 200; found `0`"),
        ("consumersAll", "limit=x", "limit: must be a whole number from 1 to 200; found `x`"),
        ("consumersAll", "limit=1&limit=2", "limit: is given more than once with different values; send it once"),
        ("consumersAll", "filter[consumer]=a", "filter[consumer]: is not known; there are consumer_id, search"),
        ("consumersAll", "filter=a", "filter: must be written with brackets: filter[member]=value"),
        (
            "consumersAll",
            "filter[search]=a&filter[search]=b",
            "filter[search]: is given more than once with different values; send it once",
        ),
        ("consumersAll", "filter[search][like]=a", "filter[search]: takes one value and no further brackets"),
        ("consumersAll", "filter[search]=%zz", "query: has a % without two hexadecimal digits"),
        ("connectionsAll", "configured=maybe", "configured: must be true or false; found `maybe`"),
        ("connectionsAuthorize", "", "state: is required; send it in the query"),
        ("connectionsAuthorize", "state=null", "state: is required; send it in the query"),
        (
            "connectionsCallback",
            "state=a&state=b",
            "state: is given more than once with different values; send it once",
        ),
        ("logsAll", "filter[start_date]=yesterday", "filter[start_date]: must be a date and time with zone"),
        (
            "logsAll",
            "filter[path_match_mode]=LIKE",
            "filter[path_match_mode]: must be one of CONTAINS, STARTS_WITH, ENDS_WITH, EXACT; found \"LIKE\"",
        ),
        (
            "logsAll",
            "filter[status_codes]=404&filter[status_codes]=x",
            "filter[status_codes]: must be a number; found `x`",
        ),
    ] {
        let found = said(operation(id).check_query(query).unwrap_err());
        assert!(found.contains(expected) && found.lines().count() == 1, "{id} {query}: {found}");
    }
}

#[test]
fn a_query_arrives_as_its_types_spell_it() {
    for (id, query, values) in [
        ("consumersAll", "", &[][..]),
        ("consumersAll", "limit=7&limit=7", &[("limit", "7")]),
        (
            "consumersAll",
            "filter%5Bconsumer_id%5D=a+b&filter[search]=%C3%A9",
            &[("filter[consumer_id]", "a b"), ("filter[search]", "é")],
        ),
        // What SDKs send for what is not set, and what nobody knows.
        ("consumersAll", "cursor=&limit=null&filter[search]=null&filter[consumer_id]=&raw=false&other=1", &[]),
        ("connectionsAll", "configured=true&api=crm", &[("configured", "true"), ("api", "crm")]),
        (
            "connectionsAuthorize",
            "state=s&nonce=n&redirect_uri=https%3A%2F%2Fa.example%2F",
            &[("state", "s"), ("nonce", "n"), ("redirect_uri", "https://a.example/")],
        ),
        // Lists as keys that repeat, numbers as the Python SDK writes them, and instants of every zone.
        ("logsAll", "filter[http_methods]=GET&filter[http_methods]=POST", &[("filter[http_methods]", "GET POST")]),
        (
            "logsAll",
            "filter[status_code]=404.0&filter[status_codes]=200&filter[status_codes]=404.0",
            &[("filter[status_code]", "404"), ("filter[status_codes]", "200 404")],
        ),
        (
            "logsAll",
            "filter[start_date]=2020-09-30T07:43:32.5%2B02:00",
            &[("filter[start_date]", "2020-09-30T05:43:32.5Z")],
        ),
        (
            "logsAll",
            "filter[end_date]=2020-09-30T07:43:32+02:00&filter[path_match_mode]=CONTAINS",
            &[("filter[end_date]", "2020-09-30T05:43:32Z"), ("filter[path_match_mode]", "CONTAINS")],
        ),
    ] {
        let found = operation(id).check_query(query).unwrap();
        for (name, value) in values {
            assert_eq!(found.every(name).join(" "), *value, "{id} {query}");
            assert_eq!(found.get(name), found.every(name).first().map(String::as_str), "{id} {query}");
        }
        let names = ["limit", "cursor", "raw", "other", "filter[search]", "filter[consumer_id]"];
        let strays = names.iter().filter(|name| !values.iter().any(|(wanted, _)| wanted == *name));
        for name in strays {
            assert_eq!(found.get(name), None, "{id} {query}");
        }
    }
}

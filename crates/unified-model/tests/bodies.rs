//! What a body may say, what is left out of it, and what a caller is told about a wrong one.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::{Value, json};
use unified_model::answer::WarningKind;
use unified_model::{Operation, PassThroughBody, RequestError, RequestParts, Resource, UnifiedRequest};

fn send(resource: Resource, operation: Operation, body: &[u8]) -> Result<UnifiedRequest, RequestError> {
    let id = (operation == Operation::Update).then_some("1");
    UnifiedRequest::new(
        unified_model::CanonicalSchema::built_in(),
        RequestParts { resource, operation, parent: None, id, query: "", body: Some(body) },
    )
}

fn add(resource: Resource, body: &Value) -> UnifiedRequest {
    send(resource, Operation::Add, body.to_string().as_bytes()).unwrap()
}

fn update(resource: Resource, body: &Value) -> UnifiedRequest {
    send(resource, Operation::Update, body.to_string().as_bytes()).unwrap()
}

/// The violations as `at: message`.
fn told(result: Result<UnifiedRequest, RequestError>) -> Vec<String> {
    match result {
        Err(RequestError::Invalid(violations)) => {
            violations.into_iter().map(|violation| format!("{}: {}", violation.at, violation.message)).collect()
        }
        other => panic!("expected violations, found {other:?}"),
    }
}

fn refusal(resource: Resource, body: &Value) -> Vec<String> {
    told(send(resource, Operation::Add, body.to_string().as_bytes()))
}

#[test]
fn a_body_that_is_valid_arrives_as_it_was_sent() {
    let body = json!({
        "name": "Elon Musk", "type": "customer", "current_balance": 10.5, "active": true, "company_id": null,
        "emails": [{"email": "a@b.example", "type": "work"}, {"email": null}], "phone_numbers": [], "tags": ["a"],
        "custom_fields": [{"id": "1", "value": [1, "a", {"b": null}, true]}, {"name": "x", "value": {"y": [null]}}],
    });
    for request in [add(Resource::Contacts, &body), update(Resource::Contacts, &body)] {
        assert_eq!(Value::Object(request.body), body);
        assert!(request.warnings.is_empty() && request.pass_through.is_empty());
    }
}

#[test]
fn a_body_must_be_a_json_object() {
    for (body, message) in [
        (&b""[..], "body: is empty; send a JSON object"),
        (b" \r\n", "body: is empty; send a JSON object"),
        (b"[]", "body: must be a JSON object; found a list"),
        (b"null", "body: must be a JSON object; found null"),
        (b"\"x\"", "body: must be a JSON object; found the text \"x\""),
        (b"{\"name\":\n x}", "body: is not valid JSON: expected value at line 2 column 2"),
        (b"{\"name\": 1e999}", "body: is not valid JSON: number out of range at line 1 column 14"),
    ] {
        assert_eq!(told(send(Resource::Contacts, Operation::Add, body)), [message]);
    }
    assert!(
        told(send(Resource::Contacts, Operation::Add, b"{\"name\": \"\xff\"}"))[0].starts_with("body: is not valid")
    );
    let deep = format!("{{\"name\": {}", "[".repeat(100_000));
    assert!(told(send(Resource::Contacts, Operation::Add, deep.as_bytes()))[0].contains("recursion limit exceeded"));
    let missing = RequestParts {
        resource: Resource::Contacts,
        operation: Operation::Add,
        parent: None,
        id: None,
        query: "",
        body: None,
    };
    assert_eq!(
        told(UnifiedRequest::new(unified_model::CanonicalSchema::built_in(), missing)),
        ["body: is empty; send a JSON object"]
    );
}

#[test]
fn of_a_key_that_repeats_the_last_wins() {
    let request = send(Resource::Contacts, Operation::Add, br#"{"name": 5, "name": "Ann"}"#).unwrap();
    assert_eq!(request.body["name"], "Ann");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row a rule")]
fn every_rule_has_a_message_that_says_what_to_change() {
    let cases: Vec<(Resource, Value, &[&str])> = vec![
        (
            Resource::Contacts,
            json!({"fist_name": "x"}),
            &["fist_name: is not a member of Contact, did you mean first_name?"],
        ),
        (Resource::Contacts, json!({"colour": "x"}), &["colour: is not a member of Contact"]),
        (
            Resource::Contacts,
            json!({"emails": [{"email": "a@b.c", "type": "wrok"}]}),
            &[
                "emails[0].type: must be one of primary, secondary, work, personal, billing, other; found \"wrok\", did you mean \"work\"?",
            ],
        ),
        (
            Resource::Contacts,
            json!({"websites": [{"uri": "x"}]}),
            &[
                "websites[0].uri: is not a member of Website, did you mean url?",
                "websites[0].url: is required; add text",
            ],
        ),
        (
            Resource::Contacts,
            json!({"emails": [{"address": "x", "email": ""}]}),
            &[
                "emails[0].address: is not a member of Email; its members are id, email, type",
                "emails[0].email: must have at least 1 character; found 0",
            ],
        ),
        (Resource::Contacts, json!({"name": 5}), &["name: must be text; found the number 5"]),
        (Resource::Contacts, json!({"active": "true"}), &["active: must be true or false; found the text \"true\""]),
        (Resource::Contacts, json!({"emails": {}}), &["emails: must be a list; found an object"]),
        (Resource::Contacts, json!({"emails": null}), &["emails: must not be null; leave it out, or send a list"]),
        (Resource::Contacts, json!({"emails": ["a@b.c"]}), &["emails[0]: must be an object; found the text \"a@b.c\""]),
        (Resource::Contacts, json!({"tags": ["a", null]}), &["tags[1]: must not be null; leave it out, or send text"]),
        (
            Resource::Contacts,
            json!({"custom_fields": [{"value": 1}]}),
            &["custom_fields[0]: needs id or name that is not null"],
        ),
        (
            Resource::Contacts,
            json!({"custom_fields": [{"id": null, "value": 1}]}),
            &["custom_fields[0]: needs id or name that is not null"],
        ),
        (
            Resource::Contacts,
            json!({"custom_fields": [{"id": "1", "value": null}, {"id": "1", "value": [null]}]}),
            &["custom_fields[1].value[0]: must be text, a number, true, false or an object; found null"],
        ),
        (
            Resource::Companies,
            json!({"name": "x", "bank_accounts": [{"country": "USA"}, {"country": "U"}]}),
            &[
                "bank_accounts[0].country: must have at most 2 characters; found 3",
                "bank_accounts[1].country: must have at least 2 characters; found 1",
            ],
        ),
        (
            Resource::Companies,
            json!({"name": "x", "birthday": "12.8.2000"}),
            &["birthday: must be a date as YYYY-MM-DD; found \"12.8.2000\""],
        ),
        (Resource::Companies, json!({}), &["name: is required; add text, or null"]),
        (Resource::Leads, json!({}), &["name: is required; add text"]),
        (Resource::Leads, json!({"name": null}), &["name: must not be null; leave it out, or send text"]),
        (Resource::Users, json!({}), &["emails: is required; add a list"]),
        (
            Resource::Opportunities,
            json!({"title": "x", "stage_last_changed_at": "2020-09-30"}),
            &[
                "stage_last_changed_at: must be a date and time with zone, such as 2020-09-30T07:43:32Z; found \"2020-09-30\"",
            ],
        ),
        (
            Resource::Activities,
            json!({"type": "call", "duration_seconds": -1}),
            &["duration_seconds: must be at least 0; found -1"],
        ),
        (
            Resource::Activities,
            json!({"type": "call", "duration_seconds": 1.5}),
            &["duration_seconds: must be a whole number; found 1.5"],
        ),
        (
            Resource::Activities,
            json!({"type": "call", "duration_seconds": 1e20}),
            &["duration_seconds: must be a whole number; found 1e+20"],
        ),
        (
            Resource::Contacts,
            json!({"pass_through": [{"extend_paths": [{"path": "$.a"}]}]}),
            &[
                "pass_through[0].extend_paths[0].value: is required; add text, a number, true, false, an object or a list, or null",
                "pass_through[0].service_id: is required; add text",
            ],
        ),
    ];
    for (resource, body, messages) in cases {
        assert_eq!(refusal(resource, &body), messages, "{body}");
    }
}

#[test]
fn a_currency_is_not_answered_with_the_whole_list() {
    let told = refusal(Resource::Companies, &json!({"name": "x", "currency": "usd"}));
    assert!(told[0].ends_with("and 163 more; found \"usd\", did you mean \"USD\"?"), "{told:?}");
}

#[test]
fn a_number_without_fraction_is_an_integer() {
    let request = add(Resource::Activities, &json!({"type": "call", "duration_seconds": 1800.0}));
    assert_eq!(request.body["duration_seconds"].to_string(), "1800");
    let request = add(Resource::Pipelines, &json!({"name": "x", "display_order": 18_446_744_073_709_551_615_u64}));
    assert_eq!(request.body["display_order"].to_string(), "18446744073709551615");
}

#[test]
fn read_only_members_are_left_out_with_one_warning_a_field() {
    let body = json!({
        "id": "9", "type": "call", "created_at": 5, "custom_mappings": null,
        "attendees": [{"id": "1", "name": "a", "user_id": "7"}, {"name": "b", "user_id": "8"}],
    });
    let request = add(Resource::Activities, &body);
    assert_eq!(Value::Object(request.body), json!({"type": "call", "attendees": [{"name": "a"}, {"name": "b"}]}));
    let mut fields: Vec<_> = request.warnings.iter().map(|warning| warning.field.clone().unwrap()).collect();
    fields.sort();
    assert_eq!(fields, ["attendees.id", "attendees.user_id", "created_at", "custom_mappings", "id"]);
    assert!(request.warnings.iter().all(|warning| warning.kind == WarningKind::ReadOnlyField));
}

#[test]
fn the_id_of_an_item_stays_on_update() {
    let request = update(
        Resource::Pipelines,
        &json!({"stages": [{"id": "s1", "name": "Won", "created_at": "x"}, {"name": "New"}], "created_at": "x"}),
    );
    assert_eq!(Value::Object(request.body), json!({"stages": [{"id": "s1", "name": "Won"}, {"name": "New"}]}));
    let fields: Vec<_> = request.warnings.iter().filter_map(|warning| warning.field.as_deref()).collect();
    assert_eq!(fields.len(), 2, "{fields:?}");
    assert!(fields.contains(&"created_at") && fields.contains(&"stages.created_at"));
    let wrong = send(Resource::Pipelines, Operation::Update, br#"{"stages": [{"id": 7}]}"#);
    assert_eq!(told(wrong), ["stages[0].id: must be text; found the number 7"]);
}

#[test]
fn on_update_nothing_is_required_and_null_in_a_required_member_means_not_sent() {
    assert!(update(Resource::Companies, &json!({})).body.is_empty());
    let request = update(Resource::Companies, &json!({"name": null, "description": null}));
    assert_eq!(Value::Object(request.body), json!({"description": null}));
    assert!(request.warnings.is_empty());
    assert!(update(Resource::Opportunities, &json!({"title": null})).body.is_empty());
    assert!(update(Resource::Users, &json!({"emails": null})).body.is_empty());
    let nested = send(Resource::Contacts, Operation::Update, br#"{"websites": [{"url": null}]}"#);
    assert_eq!(told(nested), ["websites[0].url: must not be null; leave it out, or send text"]);
    assert_eq!(add(Resource::Companies, &json!({"name": null})).body["name"], Value::Null);
}

#[test]
fn a_user_may_carry_members_that_nobody_knows() {
    let request = add(Resource::Users, &json!({"emails": [], "password": "x", "shoe_size": 43}));
    assert_eq!(request.body["shoe_size"], 43);
    let told = refusal(Resource::Users, &json!({"emails": [{"email": "a@b.c", "shoe_size": 43}]}));
    assert_eq!(told, ["emails[0].shoe_size: is not a member of Email; its members are id, email, type"]);
}

#[test]
fn pass_through_is_taken_out_and_parsed() {
    let request = update(
        Resource::Contacts,
        &json!({"name": "x", "pass_through": [
            {"service_id": "agile-crm", "operation_id": "properties", "extend_object": {"a": {"b": null}}, "other": 1,
             "extend_paths": [{"path": "$.b", "value": [null, [1]]}, {"path": "$.c", "value": null}]},
            {"service_id": "zoho-crm"},
        ]}),
    );
    assert_eq!(Value::Object(request.body), json!({"name": "x"}));
    let bare = |service_id: &str| PassThroughBody {
        service_id: service_id.to_owned(),
        operation_id: None,
        extend_object: None,
        extend_paths: Vec::new(),
    };
    let first = PassThroughBody {
        operation_id: Some("properties".to_owned()),
        extend_object: json!({"a": {"b": null}}).as_object().cloned(),
        extend_paths: vec![("$.b".to_owned(), json!([null, [1]])), ("$.c".to_owned(), Value::Null)],
        ..bare("agile-crm")
    };
    assert_eq!(request.pass_through, [first, bare("zoho-crm")]);
}

#[test]
fn at_most_twenty_violations_are_told_and_long_texts_are_cut() {
    let many: Vec<Value> = (0..10_000).map(|_| json!({"url": null, "x": 1})).collect();
    assert_eq!(refusal(Resource::Contacts, &json!({"websites": many})).len(), 20);
    let long = "ü".repeat(10_000);
    let told = refusal(Resource::Contacts, &json!({&long: 1, "type": &long}));
    assert!(told.iter().all(|message| message.len() < 400), "{told:?}");
}

#[test]
fn a_body_is_ignored_where_an_operation_takes_none() {
    for operation in [Operation::All, Operation::One, Operation::Delete] {
        let parts = RequestParts {
            resource: Resource::Notes,
            operation,
            parent: None,
            id: Some("1"),
            query: "",
            body: Some(b"{"),
        };
        assert!(UnifiedRequest::new(unified_model::CanonicalSchema::built_in(), parts).unwrap().body.is_empty());
    }
}

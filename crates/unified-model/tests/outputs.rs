//! What the gateway may answer: `check_output` is the rule that other crates' property tests lean on.

use serde_json::{Value, json};
use unified_model::{CanonicalSchema, Resource, check_output};

fn told(resource: Resource, record: &Value) -> Vec<String> {
    let violations = check_output(record, &CanonicalSchema::built_in().resource(resource).record);
    violations.into_iter().map(|violation| format!("{}: {}", violation.at, violation.message)).collect()
}

#[test]
fn a_record_may_hold_read_only_members_and_leave_out_what_is_not_required() {
    let contact = json!({
        "id": "1", "name": null, "emails": [{"id": null, "email": null, "type": "work"}], "custom_mappings": {"a": [null]},
        "custom_fields": [{"id": "1", "name": null, "value": "x"}], "updated_at": "2020-09-30T07:43:32.000Z",
    });
    assert_eq!(told(Resource::Contacts, &contact), Vec::<String>::new());
    assert_eq!(told(Resource::Activities, &json!({"type": null, "duration_minutes": 30})), Vec::<String>::new());
}

#[test]
fn a_record_that_would_break_a_client_library_is_refused() {
    for (resource, record, message) in [
        (Resource::Contacts, json!([]), "body: must be an object; found a list"),
        (Resource::Contacts, json!({"id": null}), "id: must not be null; leave it out, or send text"),
        (Resource::Contacts, json!({"id": 5}), "id: must be text; found the number 5"),
        (Resource::Contacts, json!({"emails": null}), "emails: must not be null; leave it out, or send a list"),
        (Resource::Contacts, json!({"emails": [{}]}), "emails[0].email: is required; add text, or null"),
        (Resource::Contacts, json!({"pass_through": []}), "pass_through: is write-only and must not be answered"),
        (
            Resource::Contacts,
            json!({"updated_at": "2020-09-30T07:43:32+02:00"}),
            "updated_at: must be answered in UTC, with Z; found \"2020-09-30T07:43:32+02:00\"",
        ),
        (
            Resource::Contacts,
            json!({"updated_at": ""}),
            "updated_at: must be a date and time with zone, such as 2020-09-30T07:43:32Z; found \"\"",
        ),
        (Resource::Contacts, json!({"gender": "x"}), "gender: must be one of male, female, unisex; found \"x\""),
        (
            Resource::Contacts,
            json!({"custom_fields": [{"value": 1}]}),
            "custom_fields[0]: needs id or name that is not null",
        ),
        (Resource::Contacts, json!({"x": 1}), "x: is not a member of Contact"),
        (Resource::Lists, json!({"name": "x"}), "id: is required; add text"),
        (
            Resource::Activities,
            json!({"type": null, "duration_minutes": 30.0}),
            "duration_minutes: must be answered without a fraction; found 30.0",
        ),
        (Resource::Users, json!({"emails": [], "password": "x"}), "password: is write-only and must not be answered"),
        (
            Resource::Leads,
            json!({"name": "x", "created_at": "yesterday"}),
            "created_at: must be a date and time with zone, such as 2020-09-30T07:43:32Z; found \"yesterday\"",
        ),
    ] {
        assert_eq!(told(resource, &record), [message], "{record}");
    }
}

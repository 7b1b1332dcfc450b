//! Holds our validator against the `jsonschema` crate: bodies are generated from the document itself, without our
//! compiler, and both must agree on every one of them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;

use jsonschema::{Draft, Validator};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use unified_model::{
    CanonicalSchema, Operation, Resource, UnifiedApi, VaultSchema, check_body, document_json, vault_document_json,
};

const CASES: u32 = 500;

/// A schema of the document as a JSON Schema of its own.
fn json_schema(schema: &str, components: &Value) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{schema}"),
        "components": components,
    })
}

/// The document with a read-only member being whatever it likes: it is left out before anything else is looked at.
fn indifferent_to_read_only(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let Some(Value::Object(properties)) = members.get_mut("properties") else {
                members.values_mut().for_each(indifferent_to_read_only);
                return;
            };
            let is_read_only = |property: &Value| property["readOnly"] == true;
            let read_only: Vec<String> = properties
                .iter()
                .filter(|(_, property)| is_read_only(property))
                .map(|(name, _)| name.clone())
                .collect();
            properties
                .values_mut()
                .filter(|property| is_read_only(property))
                .for_each(|property| *property = json!(true));
            if let Some(Value::Array(required)) = members.get_mut("required") {
                required.retain(|name| read_only.iter().all(|known| name != known));
            }
            members.values_mut().for_each(indifferent_to_read_only);
        }
        Value::Array(items) => items.iter_mut().for_each(indifferent_to_read_only),
        _ => {}
    }
}

/// The second opinion. Formats are checked, but not `email`, which informs and is not checked by us.
fn second_opinion(schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_format("email", |_: &str| true)
        .build(schema)
        .unwrap()
}

/// Any value at all, of the shapes that mistakes have. Numbers stay where 64 bits hold them.
fn anything() -> BoxedStrategy<Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        select(&["", "x", "work", "12345", "2020-02-30", "null"]).prop_map(Value::from),
    ];
    scalar
        .prop_recursive(2, 6, 3, |inner| {
            let member = (select(&["name", "email", "x", "type"]), inner.clone());
            prop_oneof![
                prop::collection::vec(inner, 0..3).prop_map(Value::from),
                prop::collection::vec(member, 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
            ]
        })
        .boxed()
}

fn number() -> BoxedStrategy<Value> {
    let fraction = select(&["1.0", "-3.0", "0.5", "1e3", "2.5e-3", "-0.0", "9007199254740992.0"]);
    prop_oneof![
        (-5_i64..2000).prop_map(Value::from),
        Just(json!(u64::MAX)),
        Just(json!(i64::MIN)),
        fraction.prop_map(|text| serde_json::from_str(text).unwrap()),
    ]
    .boxed()
}

fn select(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(texts)
}

fn text(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(known) = schema["enum"].as_array() {
        let known = prop::sample::select(known.clone());
        return prop_oneof![20 => known, 1 => select(&["Work", "wrok", ""]).prop_map(Value::from)].boxed();
    }
    match schema["format"].as_str() {
        Some("date") => prop_oneof![
            8 => (1990_u16..2030, 1_u8..13, 1_u8..29).prop_map(|(y, m, d)| Value::from(format!("{y}-{m:02}-{d:02}"))),
            2 => select(&["2024-02-29", "2023-02-29", "2020-13-01", "2020-1-1", "20200101", " 2020-01-01", "2020-01-01Z"])
                .prop_map(Value::from),
        ]
        .boxed(),
        Some("date-time") => {
            let fraction = select(&["", ".1", ".123", ".123456", ".123456789", "."]);
            let zone = select(&["Z", "z", "+02:00", "-11:30", "+23:59", "+24:00", "+02:60", "", "+0200", " Z"]);
            let start = select(&["2020-09-30T07:43:32", "2020-09-30t07:43:32", "2020-02-30T00:00:00", "2020-09-30T24:00:00"]);
            (start, fraction, zone).prop_map(|(start, fraction, zone)| Value::from(format!("{start}{fraction}{zone}"))).boxed()
        }
        _ => prop_oneof![8 => "\\PC{1,4}", 1 => Just(String::new()), 1 => "[A-Z]{2}"].prop_map(Value::from).boxed(),
    }
}

/// Values that a schema of the document mostly accepts.
fn values(schema: &Value, components: &Value) -> BoxedStrategy<Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = components.pointer(reference.trim_start_matches("#/components")).unwrap();
        return values(target, components);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let nullable = types.contains(&"null");
    let good = match types.as_slice() {
        ["string"] | ["string", "null"] => text(schema),
        ["integer", ..] => prop_oneof![9 => (0_i64..5000).prop_map(Value::from), 1 => number()].boxed(),
        ["number", ..] => number(),
        ["boolean", ..] => any::<bool>().prop_map(Value::from).boxed(),
        ["array", ..] => {
            prop::collection::vec(values(&schema["items"], components), 0..3).prop_map(Value::from).boxed()
        }
        ["object", ..] => object(schema, components),
        _ => anything(),
    };
    if nullable {
        prop_oneof![60 => good, 20 => Just(Value::Null), 1 => anything()].boxed()
    } else {
        prop_oneof![80 => good, 1 => anything()].boxed()
    }
}

/// An object with a few of its members, the required ones nearly always, and now and then one that it does not know.
fn object(schema: &Value, components: &Value) -> BoxedStrategy<Value> {
    let none = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    let listed = |list: &Value, name: &str| list.as_array().is_some_and(|list| list.iter().any(|item| item == name));
    let share = 3.0 / f64::from(u16::try_from(properties.len()).unwrap().max(6));
    let members: Vec<BoxedStrategy<Option<(String, Value)>>> = properties
        .iter()
        .map(|(name, property)| {
            let wanted = listed(&schema["required"], name);
            let offered =
                schema["anyOf"].as_array().is_some_and(|any| any.iter().any(|one| listed(&one["required"], name)));
            let share = if wanted {
                0.97
            } else if offered {
                0.8
            } else {
                share
            };
            let name = name.clone();
            let member = values(property, components).prop_map(move |value| (name.clone(), value));
            prop::option::weighted(share, member).boxed()
        })
        .collect();
    let stranger = prop::option::weighted(0.03, (select(&["fist_name", "Id", "_raw", ""]), anything()));
    (members, stranger)
        .prop_map(|(members, stranger)| {
            let stranger = stranger.map(|(name, value)| (name.to_owned(), value));
            Value::Object(members.into_iter().flatten().chain(stranger).collect())
        })
        .boxed()
}

/// The document has no words for it, but a blank text is the id of no record: it is read as null.
fn with_blank_ids_as_null(value: &Value) -> Value {
    let is_blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    let id = |value: &Value| if is_blank(value) { Value::Null } else { with_blank_ids_as_null(value) };
    match value {
        Value::Array(items) => items.iter().map(with_blank_ids_as_null).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let value = match value {
                    Value::Array(items) if name.ends_with("_ids") => items.iter().map(id).collect(),
                    value if name == "id" || name.ends_with("_id") => id(value),
                    value => with_blank_ids_as_null(value),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        other => other.clone(),
    }
}

/// Generates bodies of a schema until it is plain that both say the same of them. `ours` answers with what would be written.
fn agree(name: &str, schema: &str, components: &Value, ours: impl Fn(&Map<String, Value>) -> Result<Value, String>) {
    let second_opinion = second_opinion(&json_schema(schema, components));
    let (accepted, refused) = (Cell::new(0), Cell::new(0));
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_200_930),
        ..ProptestConfig::default()
    };
    let bodies = values(&components["schemas"][schema], components);
    let outcome = TestRunner::new(config).run(&bodies, |body| {
        let Value::Object(members) = &body else { return Ok(()) };
        let theirs = second_opinion.is_valid(&body);
        match ours(members) {
            Ok(written) => {
                accepted.set(accepted.get() + 1);
                prop_assert!(theirs, "{name}: we accept what breaks the document: {body}");
                prop_assert!(second_opinion.is_valid(&written), "{name}: we wrote {written} for {body}");
            }
            Err(message) => {
                refused.set(refused.get() + 1);
                let theirs = theirs && second_opinion.is_valid(&with_blank_ids_as_null(&body));
                prop_assert!(!theirs, "{name}: we refuse what keeps to the document: {body}: {message}");
            }
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let (accepted, refused) = (accepted.get(), refused.get());
    assert!(accepted > 50 && refused > 10, "{name}: {accepted} accepted and {refused} refused say little");
}

#[test]
fn both_validators_agree_on_every_record() {
    let mut components = document_json(UnifiedApi::Crm)["components"].take();
    indifferent_to_read_only(&mut components);
    for resource in Resource::EVERY {
        let record = &CanonicalSchema::built_in().resource(*resource).record;
        agree(resource.as_str(), resource.schema_name(), &components, |members| {
            check_body(members.clone(), record, Operation::Add)
                .map(|checked| Value::Object(checked.body))
                .map_err(|violations| format!("{violations:?}"))
        });
    }
}

#[test]
fn both_validators_agree_on_every_body_of_the_vault_api() {
    let document = vault_document_json();
    let mut components = document["components"].clone();
    indifferent_to_read_only(&mut components);
    let mut bodies = 0;
    for operation in VaultSchema::built_in().operations().iter().filter(|operation| operation.takes_body()) {
        let described = &document["paths"][&operation.path][operation.method.to_ascii_lowercase()]["requestBody"];
        let reference = described["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
        let schema = reference.strip_prefix("#/components/schemas/").unwrap();
        // Anything will do there, so there is nothing to refuse.
        if schema != "Nothing" {
            bodies += 1;
            agree(&operation.id, schema, &components, |members| {
                let bytes = serde_json::to_vec(members).unwrap();
                operation.check_body(&bytes).map(Value::Object).map_err(|error| error.to_string())
            });
        }
    }
    assert_eq!(bodies, 11);
}

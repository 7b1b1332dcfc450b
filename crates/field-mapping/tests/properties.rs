//! What holds for every input: nothing panics, nothing breaks the schema, and reading and writing agree.

mod common;

use common::{compiled, mapping, read_list_in, read_one, read_one_in, surroundings};
use field_mapping::{Context, LookupTables, Mapping, Zone};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use serde_json::{Map, Value, json};
use unified_model::CanonicalSchema;
use unified_model::schema::ObjectType;
use unified_model::validate::check_output;
use unified_model::vocabulary::Resource;

const EVERYTHING: &str = include_str!("fixtures/everything.yaml");
const DEALS: &str = include_str!("fixtures/deals.yaml");
const TRACKS: &str = include_str!("fixtures/tracks.yaml");
const TASKS: &str = include_str!("fixtures/tasks.yaml");

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_241_122),
        ..ProptestConfig::default()
    }
}

/// Names and texts that mappings look for, so that arbitrary records come near to real ones.
const WORDS: [&str; 70] = [
    "milestone",
    "milestones",
    "Won",
    "Signed,Won, Lost",
    "Signed",
    "won_milestone",
    "pipeline_id",
    "7",
    "contacts",
    "PERSON",
    "COMPANY",
    "archived",
    "is_complete",
    "people",
    "yes",
    "no",
    "start",
    "end",
    "expected_value",
    "probability",
    "deal_source_id",
    "12",
    "changed",
    "close_date",
    "note",
    "#12",
    "id",
    "type",
    "properties",
    "name",
    "value",
    "subtype",
    "owner",
    "tags",
    "created_time",
    "updated_time",
    "last_contacted",
    "contact_company_id",
    "lead_score",
    "star_value",
    "trashed_time",
    "email",
    "phone",
    "address",
    "website",
    "URL",
    "CUSTOM",
    "SYSTEM",
    "first_name",
    "last_name",
    "title",
    "image",
    "url",
    "work",
    "personal",
    "work fax",
    "home",
    "LINKEDIN",
    "",
    "0",
    "2024-05-06",
    "2024-05-06T10:00:00+02:00",
    "/Date(1714989600000)/",
    "{\"city\":\"Malm\u{f6}\",\"zip\":5}",
    "{\"city\":{}}",
    "a@b.example",
    "1e400",
    "true",
    "Name",
    "a, b,,c",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => proptest::sample::select(WORDS.as_slice()).prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0..200_000_000_000_i64).prop_map(Value::from),
        // Neither parser is exact to the last bit of every float; amounts in hundredths they both keep.
        (-1_000_000_000_000_i64..1_000_000_000_000).prop_map(|cents| serde_json::from_str(&format!(
            "{}.{:02}",
            cents / 100,
            (cents % 100).abs()
        ))
        .expect("a number")),
        (0..3_i64).prop_map(Value::from),
        word().prop_map(Value::from),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((word(), inner), 0..10).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// An element as Agile's `properties` holds them, more or less.
fn property() -> impl Strategy<Value = Value> {
    (word(), word(), word(), tree()).prop_map(
        |(kind, name, subtype, value)| json!({ "type": kind, "name": name, "subtype": subtype, "value": value }),
    )
}

/// A record as the mappings expect them, more or less.
fn record() -> impl Strategy<Value = Value> {
    (vec((word(), tree()), 0..12), vec(prop_oneof![property(), tree()], 0..10)).prop_map(|(members, properties)| {
        let mut record: Map<String, Value> = members.into_iter().collect();
        record.insert("properties".to_owned(), Value::from(properties));
        Value::Object(record)
    })
}

fn mappings() -> Vec<(Mapping, &'static ObjectType)> {
    let schema = |resource| &CanonicalSchema::built_in().resource(resource).record;
    vec![
        (mapping(Resource::Contacts), schema(Resource::Contacts)),
        (mapping(Resource::Companies), schema(Resource::Companies)),
        (compiled(Resource::Companies, "everything.yaml", EVERYTHING), schema(Resource::Companies)),
        (compiled(Resource::Opportunities, "deals.yaml", DEALS), schema(Resource::Opportunities)),
        (compiled(Resource::Pipelines, "tracks.yaml", TRACKS), schema(Resource::Pipelines)),
        (compiled(Resource::Activities, "tasks.yaml", TASKS), schema(Resource::Activities)),
    ]
}

fn context((tables, zone): &(LookupTables, Zone)) -> Context<'_> {
    Context { tables, zone, id_prefix: "part-" }
}

fn holds(mapping: &Mapping, schema: &ObjectType, vendor: &Value, context: Context<'_>) -> Result<(), TestCaseError> {
    let read = read_list_in(mapping, json!([vendor]).to_string().as_bytes(), context);
    for record in read.as_array().into_iter().flatten() {
        let violations = check_output(record, schema);
        prop_assert!(violations.is_empty(), "{vendor} reads as {record}: {violations:?}");
    }
    Ok(())
}

#[test]
fn nothing_that_is_read_breaks_the_schema() {
    let (mappings, around) = (mappings(), surroundings());
    let mut runner = proptest::test_runner::TestRunner::new(settings(300));
    let run = runner.run(&prop_oneof![record(), tree()], |vendor| {
        if let Value::Object(members) = &vendor {
            // A record without any name is named by its id; one without both has an empty name and a warning.
            let mut vendor = members.clone();
            vendor.insert("id".to_owned(), json!(7));
            let vendor = Value::Object(vendor);
            mappings.iter().try_for_each(|(mapping, schema)| holds(mapping, schema, &vendor, context(&around)))?;
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn both_parsers_read_the_same() {
    let (mappings, around) = (mappings(), surroundings());
    let mut runner = proptest::test_runner::TestRunner::new(settings(300));
    let run = runner.run(&record(), |vendor| {
        for (mapping, _) in &mappings {
            let text = json!([vendor]).to_string();
            // An integer beyond 64 bits sends the page to the second parser.
            let big = format!("[{{\"no such member\":123456789012345678901234567890,{}", &text[2..]);
            let big = big.replace("890,}", "890}");
            let context = context(&around);
            let read = read_list_in(mapping, text.as_bytes(), context);
            prop_assert_eq!(read, read_list_in(mapping, big.as_bytes(), context));
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

/// Canonical members that only reading fills.
const READ_ONLY: [&str; 10] = [
    "expected_revenue",
    "duration_minutes",
    "end_date",
    "id",
    "created_at",
    "updated_at",
    "last_activity_at",
    "email_domain",
    "deleted",
    "interaction_count",
];

fn writable(record: &Value) -> Map<String, Value> {
    let mut members = record.as_object().cloned().unwrap_or_default();
    for read_only in READ_ONLY {
        members.remove(read_only);
    }
    members
}

#[test]
fn a_second_pass_changes_nothing() {
    let (mappings, around) = (mappings(), surroundings());
    let mut runner = proptest::test_runner::TestRunner::new(settings(200));
    let run = runner.run(&record(), |vendor| {
        for (mapping, _) in &mappings {
            let context = context(&around);
            let first = writable(&read_one_in(mapping, &vendor, context));
            let once = mapping.write_new(&first, None, context).record;
            let read = writable(&read_one_in(mapping, &Value::Object(once), context));
            let twice = mapping.write_new(&read, None, context).record;
            prop_assert_eq!(writable(&read_one_in(mapping, &Value::Object(twice), context)), read, "{}", vendor);
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn writing_over_what_was_read_changes_nothing() {
    let (mappings, around) = (mappings(), surroundings());
    let mut runner = proptest::test_runner::TestRunner::new(settings(200));
    let run = runner.run(&record(), |vendor| {
        for (mapping, _) in &mappings {
            let context = context(&around);
            let read = writable(&read_one_in(mapping, &vendor, context));
            let current = vendor.as_object().cloned().unwrap_or_default();
            let over = mapping.write_over(&current, &read, context);
            let again = mapping.write_over(&over.record, &read, context);
            prop_assert_eq!(&again.record, &over.record, "{}", vendor);
            prop_assert!(again.part.is_empty(), "{} {:?}", vendor, again.part);
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

fn text() -> impl Strategy<Value = String> {
    "[A-Za-z\u{e9}\u{fc}\"\\\\][A-Za-z0-9 \u{e9}\u{4e2d}\"\\\\./-]{0,12}[A-Za-z0-9]"
}

/// A contact of values that the tables hold, each kind of address and number at most once.
fn canonical_contact() -> impl Strategy<Value = Value> {
    let emails = proptest::sample::subsequence(vec!["work", "personal"], 0..=2);
    let phones = proptest::sample::subsequence(vec!["work", "home", "mobile", "primary", "fax", "other"], 0..=4);
    let places = proptest::sample::subsequence(vec!["home", "office", "shipping", "work"], 0..=3);
    let parts = (proptest::option::of(text()), proptest::option::of(text()), text(), 0..6_i64, 0..100_i64);
    (emails, phones, places, parts, vec(text(), 0..3)).prop_map(|(emails, phones, places, (title, company, any, stars, score), tags)| {
        let (first, last) = ("Orla", "Quill feather");
        let email = |kind: &str| json!({ "email": format!("{kind}@x.example"), "type": kind });
        let phone = |kind: &str| json!({ "number": format!("+1 {kind}"), "type": kind });
        let place = |kind: &str| json!({ "type": kind, "string": null, "line1": any, "city": any, "state": null, "postal_code": null, "country": "US" });
        let fax = phones.contains(&"fax").then_some("+1 fax");
        let number = |id: &str, value: i64| json!({ "id": id, "name": id, "value": value });
        json!({
            "first_name": first, "last_name": last, "name": format!("{first} {last}"), "title": title, "company_name": company,
            "company_id": "51", "owner_id": "52", "image": any, "photo_url": any, "fax": fax, "tags": tags,
            "emails": emails.into_iter().map(email).collect::<Vec<_>>(),
            "phone_numbers": phones.into_iter().map(phone).collect::<Vec<_>>(),
            "addresses": places.into_iter().map(place).collect::<Vec<_>>(),
            "websites": [{ "url": any }],
            "social_links": [{ "url": any, "type": "linkedin" }],
            "custom_fields": [number("lead_score", score), number("star_value", stars), { "id": any, "name": any, "value": any }]
        })
    })
}

#[test]
fn what_the_tables_hold_survives_writing_and_reading() {
    let mapping = mapping(Resource::Contacts);
    let mut runner = proptest::test_runner::TestRunner::new(settings(300));
    let run = runner.run(&canonical_contact(), |contact| {
        let sent = contact.as_object().cloned().unwrap_or_default();
        let written = mapping.write_new(&sent, None, Context::default());
        prop_assert!(written.warnings.is_empty(), "{:?}", written.warnings);
        prop_assert_eq!(Value::Object(writable(&read_one(&mapping, &Value::Object(written.record)))), contact);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn any_text_is_a_path_or_an_error() {
    let mut runner = proptest::test_runner::TestRunner::new(settings(2000));
    let run = runner.run(&"[a-c.\\[\\]=!'\"$ ]{0,14}", |text| {
        if let Ok(path) = field_mapping::VendorPath::parse(&text) {
            let _ = path.find(&json!({ "a": [{ "b": "c" }] }));
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

//! What follows from something else: an end from a beginning and a duration, a name in words from its code, a vendor's word from a
//! canonical one; and lists that are JSON inside a text.

mod common;

use common::{compiled, read_one};
use field_mapping::{Context, Mapping, VendorValues};
use serde_json::{Map, Value, json};
use unified_model::vocabulary::Resource;

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

fn events() -> Mapping {
    let text = "fields:
  id: { at: id, as: text, mode: read }
  type: { const: meeting }
  title: title
  start_datetime: { at: start, as: epoch_seconds }
  end_datetime: { at: end, as: epoch_seconds }
  duration_seconds: { difference: [end_datetime, start_datetime] }
";
    compiled(Resource::Activities, "events.yaml", text)
}

#[test]
fn an_end_follows_from_a_beginning_and_a_duration() {
    let sent = json!({ "start_datetime": "2024-06-02T11:00:00+02:00", "duration_seconds": 5400 });
    let written = events().write_new(&object(sent.clone()), None, Context::default());
    assert_eq!(Value::Object(written.record), json!({ "start": 1_717_318_800, "end": 1_717_324_200 }));
    assert!(written.warnings.is_empty(), "{:?}", written.warnings);
    assert_eq!(events().completed(&object(sent))["end_datetime"], "2024-06-02T10:30:00Z");
}

#[test]
fn an_end_that_is_sent_counts_and_a_duration_without_a_beginning_is_told() {
    let sent = json!({ "start_datetime": "2024-06-02T09:00:00Z", "end_datetime": "2024-06-02T10:00:00Z", "duration_seconds": 60 });
    let written = events().write_new(&object(sent), None, Context::default());
    assert_eq!(written.record["end"], 1_717_322_400);
    assert_eq!(written.warnings[0].field.as_deref(), Some("duration_seconds"));
    let written = events().write_new(&object(json!({ "duration_seconds": 60 })), None, Context::default());
    assert!(!written.record.contains_key("end"));
    assert_eq!(written.warnings[0].field.as_deref(), Some("duration_seconds"));
}

#[test]
fn an_event_that_moves_keeps_the_duration_that_is_sent_with_it() {
    let current = object(json!({ "id": 1, "start": 1_717_318_800, "end": 1_717_322_400 }));
    let moved = json!({ "start_datetime": "2024-06-02T10:00:00Z", "duration_seconds": 3600 });
    let written = events().write_over(&current, &object(moved), Context::default());
    assert_eq!(Value::Object(written.part), json!({ "start": 1_717_322_400, "end": 1_717_326_000 }));
    // Sent back as it was read, it changes nothing; and the end that was read stays where the beginning alone moves.
    let same = json!({ "start_datetime": "2024-06-02T09:00:00Z", "end_datetime": "2024-06-02T10:00:00Z", "duration_seconds": 3600 });
    assert!(events().write_over(&current, &object(same), Context::default()).part.is_empty());
    let alone = json!({ "start_datetime": "2024-06-02T08:00:00Z" });
    let written = events().write_over(&current, &object(alone), Context::default());
    assert_eq!(Value::Object(written.part), json!({ "start": 1_717_315_200 }));
    // A longer one that began when it did.
    let longer = events().write_over(&current, &object(json!({ "duration_seconds": 7200 })), Context::default());
    assert_eq!(Value::Object(longer.part), json!({ "end": 1_717_326_000 }));
}

fn companies() -> Mapping {
    let text = "fields:
  id: { at: id, as: text, mode: read }
  name: name
  addresses:
    each: places
    decode: { value: json }
    item:
      type: { at: kind, as: text }
      line1: { at: value.street, as: text }
      country: { at: value.code, as: text, spelled_out: value.name }
  custom_fields:
    each: own
    item: { id: { at: key, as: text }, value: { at: value, as: json_list } }
lists:
  places: { key: [kind] }
";
    compiled(Resource::Companies, "companies.yaml", text)
}

#[test]
fn what_is_spelled_out_stays_with_its_value_and_what_is_unknown_stays_anyway() {
    let place = json!({ "street": "A", "code": "US", "name": "United States", "floor": 2 });
    let current = object(json!({ "id": 1, "places": [{ "kind": "office", "value": place.to_string() }] }));
    for (line1, country, after) in [
        ("B", "US", json!({ "street": "B", "code": "US", "name": "United States", "floor": 2 })),
        ("A", "AT", json!({ "street": "A", "code": "AT", "floor": 2 })),
    ] {
        let sent = json!({ "addresses": [{ "type": "office", "line1": line1, "country": country }] });
        let written = companies().write_over(&current, &object(sent), Context::default());
        let text = written.record["places"][0]["value"].as_str().unwrap_or_default();
        assert_eq!(serde_json::from_str::<Value>(text).ok(), Some(after));
    }
}

#[test]
fn a_list_inside_a_text_is_a_list_and_everything_else_is_as_it_is() {
    let own = json!([
        { "key": "a", "value": "[\"17\",\"18\"]" }, { "key": "b", "value": 1_279_132_200 }, { "key": "c", "value": "[1,{}]" },
        { "key": "d", "value": "[" }, { "key": "e", "value": true }, { "key": "f", "value": "{\"x\":1}" }, { "key": "g", "value": "null" },
    ]);
    let read = read_one(&companies(), &json!({ "id": 1, "name": "x", "own": own }));
    let values: Vec<&Value> =
        read["custom_fields"].as_array().into_iter().flatten().map(|item| &item["value"]).collect();
    let (list, date) = (json!(["17", "18"]), json!(1_279_132_200));
    let texts = [json!("[1,{}]"), json!("["), json!(true), json!("{\"x\":1}"), json!("null")];
    assert_eq!(values, [&list, &date, &texts[0], &texts[1], &texts[2], &texts[3], &texts[4]]);
    let sent = json!({ "custom_fields": [{ "id": "a", "value": ["19"] }, { "id": "b", "value": 5 }, { "id": "c", "value": "x" }] });
    let written = companies().write_new(&object(sent), None, Context::default());
    let owed = json!([{ "key": "a", "value": "[\"19\"]" }, { "key": "b", "value": 5 }, { "key": "c", "value": "x" }]);
    assert_eq!(written.record["own"], owed);
}

#[test]
fn a_filters_value_is_the_vendors_word_where_there_is_one_alone() {
    let text = "fields:
  id: { at: id, as: text, mode: read }
  type: { at: kind, as: kinds }
converters:
  kinds: { table: { CALL: call, MAIL: email, POST: email }, read_other: other, write_other: REST }
filters:
  type: { at: kind, values_of: type }
  owner_id: { check: \"owners[].id\" }
";
    let mapping = compiled(Resource::Activities, "tasks.yaml", text);
    let values = |value: &str| mapping.vendor_values("type", value);
    assert_eq!(values("Call"), Some(VendorValues::One("CALL".to_owned())));
    assert_eq!(values("email"), Some(VendorValues::Several));
    assert_eq!(values("other"), Some(VendorValues::Several));
    assert_eq!(values("meeting"), Some(VendorValues::None));
    assert_eq!(mapping.vendor_values("owner_id", "7"), None);
    assert_eq!(events().constant("type"), Some(&json!("meeting")));
}

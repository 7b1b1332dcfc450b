//! Every converter with the values that client libraries send: floats for whole numbers, instants with milliseconds and with
//! `Z` or an offset, enums, booleans, empty texts and nulls; written, and read back.

mod common;

use common::{compiled, read_one};
use field_mapping::{Context, Mapping};
use serde_json::{Map, Value, json};
use unified_model::vocabulary::Resource;

/// A field with a converter, what a client sends, and what the vendor gets; then what is read from that.
type Row = (Resource, &'static str, &'static str, Value, Value, Value);

const CONVERTERS: &str = "converters:
  yes_no: { table: { Y: true, N: false } }
  chance: { table: { High: 90, Low: 10 }, read_other: 10, write_other: Low }
  kind: { table: { CALL: call, MAIL: email }, read_other: other, write_other: CALL }
";

fn mapping(resource: Resource, field: &str, converter: &str) -> Mapping {
    let required = match resource {
        Resource::Opportunities if field != "title" => "  title: { at: id, as: text, mode: read }\n",
        Resource::Activities if field != "type" => "  type: { const: call }\n",
        _ => "",
    };
    let used = |name: &str| converter == name;
    let tables: String = CONVERTERS
        .lines()
        .skip(1)
        .filter(|line| used(line.trim().split(':').next().unwrap_or_default()))
        .flat_map(|line| [line, "\n"])
        .collect();
    let tables = if tables.is_empty() { String::new() } else { format!("converters:\n{tables}") };
    let line = if field == "custom_fields" {
        format!(
            "  custom_fields: {{ sources: [ {{ set: {{ id: own, name: own }}, item: {{ value: {{ at: v, as: {converter} }} }} }} ] }}\n"
        )
    } else {
        format!("  {field}: {{ at: v, as: {converter} }}\n")
    };
    let text = format!("nulls: send\nfields:\n  id: {{ at: id, as: text, mode: read }}\n{required}{line}{tables}");
    compiled(resource, "clients.yaml", &text)
}

fn rows() -> Vec<Row> {
    use Resource::{Activities, Companies, Opportunities};
    let instants = |converter: &'static str, whole: Value, fraction: Value| {
        let millis = if converter == "epoch_seconds" { "2024-05-06T10:00:00Z" } else { "2024-05-06T10:00:00.123Z" };
        vec![
            (
                Activities,
                "activity_datetime",
                converter,
                json!("2024-05-06T10:00:00Z"),
                whole.clone(),
                json!("2024-05-06T10:00:00Z"),
            ),
            (
                Activities,
                "activity_datetime",
                converter,
                json!("2024-05-06T10:00:00+00:00"),
                whole.clone(),
                json!("2024-05-06T10:00:00Z"),
            ),
            (
                Activities,
                "activity_datetime",
                converter,
                json!("2024-05-06T12:00:00+02:00"),
                whole,
                json!("2024-05-06T10:00:00Z"),
            ),
            (Activities, "activity_datetime", converter, json!("2024-05-06T10:00:00.123Z"), fraction, json!(millis)),
        ]
    };
    let mut rows = vec![
        (Opportunities, "win_probability", "integer", json!(40.0), json!(40), json!(40)),
        (Opportunities, "win_probability", "integer", json!(40), json!(40), json!(40)),
        (Opportunities, "win_probability", "integer", json!(-0.0), json!(0), json!(0)),
        (Opportunities, "win_probability", "chance", json!(90.0), json!("High"), json!(90)),
        (Opportunities, "monetary_amount", "number", json!(1200.0), json!(1200), json!(1200)),
        (Opportunities, "monetary_amount", "number", json!(1200.55), json!(1200.55), json!(1200.55)),
        (Opportunities, "monetary_amount", "number_text", json!(1200.0), json!("1200"), json!(1200)),
        (Opportunities, "monetary_amount", "number_text", json!(1200.55), json!("1200.55"), json!(1200.55)),
        (Opportunities, "owner_id", "[integer, text]", json!("7"), json!(7), json!("7")),
        (Opportunities, "title", "text", json!("Dock"), json!("Dock"), json!("Dock")),
        (Opportunities, "description", "text", json!(""), json!(""), json!("")),
        (Opportunities, "description", "trim", json!(" a "), json!(" a "), json!("a")),
        (Opportunities, "description", "lower", json!("Ab"), json!("Ab"), json!("ab")),
        (Opportunities, "description", "upper", json!("Ab"), json!("Ab"), json!("AB")),
        (Opportunities, "close_date", "date", json!("2024-05-06"), json!("2024-05-06"), json!("2024-05-06")),
        (Opportunities, "close_date", "epoch_seconds", json!("2024-05-06"), json!(1_714_953_600), json!("2024-05-06")),
        (
            Opportunities,
            "close_date",
            "epoch_millis",
            json!("2024-05-06"),
            json!(1_714_953_600_000_i64),
            json!("2024-05-06"),
        ),
        (Opportunities, "close_date", "iso", json!("2024-05-06"), json!("2024-05-06T00:00:00Z"), json!("2024-05-06")),
        (Opportunities, "tags", "comma_separated", json!(["a", "b"]), json!("a,b"), json!(["a", "b"])),
        (Opportunities, "tags", "comma_separated", json!([]), json!(""), json!([])),
        (
            Opportunities,
            "custom_fields",
            "json_text",
            json!([{ "id": "own", "value": 5.0 }]),
            json!("5"),
            json!([{ "id": "own", "name": "own", "value": 5 }]),
        ),
        (
            Opportunities,
            "custom_fields",
            "number",
            json!([{ "id": "own", "value": 5.0 }]),
            json!(5),
            json!([{ "id": "own", "name": "own", "value": 5 }]),
        ),
        (
            Opportunities,
            "custom_fields",
            "text",
            json!([{ "id": "own", "value": 5.0 }]),
            json!("5"),
            json!([{ "id": "own", "name": "own", "value": "5" }]),
        ),
        (Companies, "read_only", "boolean", json!(true), json!(true), json!(true)),
        (Companies, "read_only", "boolean", json!(false), json!(false), json!(false)),
        (Companies, "read_only", "yes_no", json!(true), json!("Y"), json!(true)),
        (Activities, "type", "kind", json!("email"), json!("MAIL"), json!("email")),
        (Activities, "type", "kind", json!("send-quote"), json!("CALL"), json!("call")),
    ];
    rows.extend(instants("epoch_seconds", json!(1_714_989_600), json!(1_714_989_600)));
    rows.extend(instants("epoch_millis", json!(1_714_989_600_000_i64), json!(1_714_989_600_123_i64)));
    rows.extend(instants("iso", json!("2024-05-06T10:00:00Z"), json!("2024-05-06T10:00:00.123Z")));
    rows.extend(instants("iso_local", json!("2024-05-06T10:00:00"), json!("2024-05-06T10:00:00.123")));
    rows.extend(instants("odata_date", json!("/Date(1714989600000)/"), json!("/Date(1714989600123)/")));
    rows
}

#[test]
fn every_converter_takes_what_clients_send() {
    for (resource, field, converter, sent, vendor, read) in rows() {
        let mapping = mapping(resource, field, converter);
        let body: Map<String, Value> = [(field.to_owned(), sent.clone())].into_iter().collect();
        for written in [
            mapping.write_new(&body, None, Context::default()).record,
            mapping.write_patch(&body, Context::default()).record,
            mapping.write_over(&Map::new(), &body, Context::default()).record,
        ] {
            // A new record gets no empty list, and an empty list over nothing is no change.
            if written.is_empty() && sent == json!([]) {
                continue;
            }
            assert_eq!(written.get("v"), Some(&vendor), "{field} as {converter}: {sent}");
            let back = read_one(&mapping, &json!({ "id": "1", "v": written["v"] }));
            assert_eq!(back[field], read, "{field} as {converter}: {sent}");
        }
        let over = mapping.write_over(
            json!({ "id": "1", "v": vendor }).as_object().expect("an object"),
            &body,
            Context::default(),
        );
        assert!(over.part.is_empty(), "{field} as {converter}: {sent} changes {:?}", over.part);
    }
}

#[test]
fn a_number_between_two_whole_ones_is_refused_by_its_field() {
    let mapping = mapping(Resource::Opportunities, "win_probability", "integer");
    let body: Map<String, Value> = [("win_probability".to_owned(), json!(40.5))].into_iter().collect();
    let written = mapping.write_patch(&body, Context::default());
    assert_eq!((written.record.len(), written.refused.len()), (0, 1));
    assert_eq!(written.refused[0].field, "win_probability");
    assert_eq!(written.refused[0].message, "must be a whole number, such as 40; found 40.5");
}

#[test]
fn a_null_is_sent_as_the_vendor_takes_it() {
    for (resource, field, converter, ..) in
        rows().into_iter().filter(|row| !matches!(row.1, "custom_fields" | "type" | "title"))
    {
        let mapping = mapping(resource, field, converter);
        let body: Map<String, Value> = [(field.to_owned(), Value::Null)].into_iter().collect();
        assert_eq!(mapping.write_new(&body, None, Context::default()).record, Map::new(), "{field} as {converter}");
        assert_eq!(mapping.write_patch(&body, Context::default()).record["v"], Value::Null, "{field} as {converter}");
    }
}

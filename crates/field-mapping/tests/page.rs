//! What reading says beside the records: counts, probes, kinds, slices, and what is no answer at all.

mod common;

use field_mapping::{KindGuard, Mapping, Nothing, PageFacts, Probe, ReadError, Reading, Scratch, Shape, VendorPath};
use unified_model::vocabulary::Resource;

const MAPPING: &str = "fields:\n  title: { at: name, fallback: [description] }\n  description: text\n";

fn path(text: &str) -> VendorPath {
    VendorPath::parse(text).expect("a path")
}

fn deals() -> Mapping {
    common::compiled(Resource::Opportunities, "deals.yaml", MAPPING)
}

fn read(vendor: &[u8], reading: &Reading<'_>) -> Result<(String, PageFacts), ReadError> {
    let mut out = b"before ".to_vec();
    let facts = deals().read(vendor, reading, &mut Scratch::default(), &mut out)?;
    Ok((String::from_utf8(out).expect("UTF-8"), facts))
}

#[test]
fn probes_find_cursor_and_count() {
    let root = path("$");
    let probes = [
        Probe::LastRecord(path("cursor")),
        Probe::FirstRecord(path("count")),
        Probe::FirstRecord(path("cursor")),
        Probe::Document(path("total")),
    ];
    let reading = Reading { probes: &probes, ..common::reading(&root, Shape::List) };
    let (_, facts) = read(br#"[{"count":3,"cursor":""},{"name":"b"},{"cursor":"abc"}]"#, &reading).expect("readable");
    assert_eq!(facts.probes, [Some("abc".to_owned()), Some("3".to_owned()), None, None]);
}

#[test]
fn records_of_another_kind_are_left_out_before_slicing() {
    let records = path("['d.d'].results");
    let kind = KindGuard { members: vec![(path("type"), "DEAL".to_owned())], absent: Vec::new() };
    let reading = Reading { kind: Some(&kind), skip: 1, take: 1, ..common::reading(&records, Shape::List) };
    let vendor = br#"{"d.d":{"results":[{"type":"DEAL","name":"a"},{"type":"OTHER"},{},{"type":"DEAL","name":"b"},{"type":"DEAL","name":"c"}]}}"#;
    let (out, facts) = read(vendor, &reading).expect("readable");
    assert_eq!(out, r#"before [{"title":"b","description":null}]"#);
    assert_eq!((facts.records, facts.of_kind, facts.vendor_records), (1, 3, 5));
    assert_eq!(facts.left_at, Some(4), "counted in the vendor's records, of whatever kind");
    let whole = Reading { take: 2, ..reading };
    assert_eq!(read(vendor, &whole).expect("readable").1.left_at, None);
}

#[test]
fn a_guard_may_ask_that_something_is_not_there() {
    let root = path("$");
    let kind = KindGuard { members: Vec::new(), absent: vec![path("contacts[].id")] };
    let reading = Reading { kind: Some(&kind), ..common::reading(&root, Shape::List) };
    let vendor =
        br#"[{"name":"a"},{"name":"b","contacts":[]},{"name":"c","contacts":[{"id":1}]},{"name":"d","contacts":null}]"#;
    let (_, facts) = read(vendor, &reading).expect("readable");
    assert_eq!((facts.records, facts.vendor_records), (3, 4));
}

#[test]
fn a_required_title_falls_back_and_then_is_empty() {
    let root = path("$");
    let vendor = br#"[{"name":"a"},{"text":"b"},{},{"name":null}]"#;
    let (out, facts) = read(vendor, &common::reading(&root, Shape::List)).expect("readable");
    let expected = concat!(
        r#"before [{"title":"a","description":null},{"title":"b","description":"b"},"#,
        r#"{"title":"","description":null},{"title":"","description":null}]"#
    );
    assert_eq!(out, expected);
    assert_eq!(facts.filled_in.into_iter().collect::<Vec<_>>(), [("title".to_owned(), 2)]);
}

#[test]
fn one_record_may_stand_in_a_list_and_a_list_may_be_one_record() {
    let root = path("$");
    let one = r#"before {"title":"a","description":null}"#;
    let list = r#"before [{"title":"a","description":null}]"#;
    let out = |vendor: &[u8], shape| read(vendor, &common::reading(&root, shape)).map(|(out, _)| out);
    assert_eq!(out(br#"{"name":"a"}"#, Shape::One).as_deref(), Ok(one));
    assert_eq!(out(br#"[{"name":"a"},{"name":"b"}]"#, Shape::One).as_deref(), Ok(one));
    assert_eq!(out(br#"{"name":"a"}"#, Shape::OneOrNone).as_deref(), Ok(list));
    assert_eq!(out(br#"[{"name":"a"}]"#, Shape::OneOrNone).as_deref(), Ok(list));
    for shape in [Shape::List, Shape::OneOrNone] {
        assert_eq!(out(b"[]", shape).as_deref(), Ok("before []"));
    }
    assert_eq!(out(b"[]", Shape::One), Err(ReadError::NoRecords("$".to_owned())));
}

#[test]
fn what_is_no_list_of_records_is_none() {
    let root = path("$");
    let out = |vendor: &[u8], shape| read(vendor, &common::reading(&root, shape)).map(|(out, _)| out);
    let not_records = Err(ReadError::NotRecords("$".to_owned()));
    for vendor in [&b"7"[..], b"\"a\"", b"{}", br#"{"name":"a"}"#, b"[7]", br#"[{"name":"a"},null]"#] {
        assert_eq!(out(vendor, Shape::List), not_records, "{}", String::from_utf8_lossy(vendor));
    }
    for shape in [Shape::List, Shape::OneOrNone, Shape::One] {
        assert_eq!(out(b"null", shape), Err(ReadError::NullRecords("$".to_owned())));
    }
    assert_eq!(out(b"7", Shape::One), not_records);
    let items = path("items");
    let none = read(br#"{"more":1}"#, &common::reading(&items, Shape::List)).map(|(out, _)| out);
    assert_eq!(none, Err(ReadError::NoRecords("items".to_owned())));
}

#[test]
fn nothing_is_an_empty_list_only_where_the_reading_says_so() {
    let items = path("items");
    let out = |vendor: &[u8], null, missing| {
        let probe = [Probe::Document(path("next"))];
        let reading =
            Reading { nothing: Nothing { null, missing }, probes: &probe, ..common::reading(&items, Shape::List) };
        read(vendor, &reading).map(|(out, facts)| (out, facts.probes))
    };
    let empty = Ok(("before []".to_owned(), vec![Some("n".to_owned())]));
    assert_eq!(out(br#"{"items":null,"next":"n"}"#, true, false), empty);
    assert_eq!(out(br#"{"next":"n"}"#, false, true), empty);
    assert!(out(br#"{"items":null,"next":"n"}"#, false, true).is_err());
    assert!(out(br#"{"next":"n"}"#, true, false).is_err());
    assert!(out(b"[]", true, true).is_err());
}

#[test]
fn a_record_without_an_id_is_none() {
    let (root, id) = (path("$"), path("id"));
    let kind = KindGuard { members: vec![(path("type"), "DEAL".to_owned())], absent: Vec::new() };
    let reading = Reading { id: Some(&id), kind: Some(&kind), ..common::reading(&root, Shape::List) };
    let (_, facts) =
        read(br#"[{"type":"DEAL","id":1},{"type":"DEAL","id":"b"},{"type":"OTHER"}]"#, &reading).expect("readable");
    assert_eq!((facts.records, facts.vendor_records), (2, 3), "what is of another kind may be without");
    for without in ["{\"type\":\"DEAL\"}", "{\"type\":\"DEAL\",\"id\":null}", "{\"type\":\"DEAL\",\"id\":\" \"}"] {
        let vendor = format!("[{{\"type\":\"DEAL\",\"id\":1}},{without}]");
        assert_eq!(read(vendor.as_bytes(), &reading).map(|_| ()), Err(ReadError::NoId("id".to_owned())), "{without}");
    }
}

#[test]
fn a_record_of_another_kind_answers_nothing() {
    let root = path("$");
    let kind = KindGuard { members: vec![(path("type"), "DEAL".to_owned())], absent: Vec::new() };
    let reading = Reading { kind: Some(&kind), ..common::reading(&root, Shape::One) };
    let (out, facts) = read(br#"{"type":"OTHER"}"#, &reading).expect("readable");
    assert_eq!((out.as_str(), facts.records, facts.vendor_records), ("before ", 0, 1));
}

#[test]
fn a_mapping_knows_what_a_vendor_member_goes_into() {
    let text = "fields:
  id: { at: key, as: text, mode: read }
  owner_id: { at: \"memberships[main=true].owner\", as: text }
  title: { at: label, fallback: [description] }
  description: \"memberships[main=true].nick\"
  custom_fields: { each: memberships, item: { id: { at: key, as: text }, value: kind } }
  lead_source: phone
";
    let mapping = common::compiled(Resource::Opportunities, "deals.yaml", text);
    let mut fields = mapping.fields_of("memberships");
    fields.sort_unstable();
    assert_eq!(fields, ["custom_fields", "description", "owner_id", "title"]);
    assert_eq!(mapping.fields_of("phone"), ["lead_source"]);
    assert_eq!(mapping.id_at().map(ToString::to_string).as_deref(), Some("key"));
}

#[test]
fn an_answer_with_more_values_than_are_read_is_an_error_before_it_takes_memory() {
    let root = path("$");
    let reading = common::reading(&root, Shape::List);
    let vendor = format!("[{}{{}}]", "{},".repeat(2_000_001));
    assert!(matches!(read(vendor.as_bytes(), &reading), Err(ReadError::TooManyValues(4_000_000))));
    let large = format!("[{{\"name\":\"{}\"}}]", "x".repeat(6_000_000));
    assert!(read(large.as_bytes(), &reading).is_ok(), "bytes are no values");
}

#[test]
fn hostile_answers_are_errors_or_survive() {
    let root = path("$");
    let reading = common::reading(&root, Shape::List);
    for vendor in ["", "<html>", "[{", "{\"a\":", "[1,2"] {
        assert!(matches!(read(vendor.as_bytes(), &reading), Err(ReadError::NotJson(_))), "{vendor}");
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(read(deep.as_bytes(), &reading), Err(ReadError::NotJson(_))));
    let (out, _) = read(b"[{\"name\":\"caf\xe9\"}]", &reading).expect("broken UTF-8 is mended");
    assert!(out.contains("caf\u{FFFD}"));
    let (out, _) =
        read(b"\xEF\xBB\xBF[{\"name\":\"a\",\"n\":123456789012345678901234567890}]", &reading).expect("readable");
    assert_eq!(out, r#"before [{"title":"a","description":null}]"#);
}

//! What reading says beside the records: counts, probes, kinds, slices, and what is no answer at all.

mod common;

use field_mapping::{KindGuard, Mapping, PageFacts, Probe, ReadError, Reading, Scratch, Shape, VendorPath};
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
    let kind = KindGuard { members: vec![(path("type"), "DEAL".into())], ..KindGuard::default() };
    let reading = Reading { kind: Some(&kind), skip: 1, take: 1, ..common::reading(&records, Shape::List) };
    let vendor = br#"{"d.d":{"results":[{"type":"DEAL","name":"a"},{"type":"OTHER"},7,{},{"type":"DEAL","name":"b"},{"type":"DEAL","name":"c"}]}}"#;
    let (out, facts) = read(vendor, &reading).expect("readable");
    assert_eq!(out, r#"before [{"title":"b","description":null}]"#);
    assert_eq!((facts.records, facts.of_kind, facts.vendor_records), (1, 3, 5));
    assert_eq!(facts.left_at, Some(4), "counted in the vendor's records, of whatever kind");
    let whole = Reading { take: 2, ..reading };
    assert_eq!(read(vendor, &whole).expect("readable").1.left_at, None);
}

#[test]
fn records_may_stand_in_wrappers_and_in_lists_of_lists() {
    let wrapped = br#"{"items":[{"data":{"name":"a","n":1}},{"error":"gone"},{"data":{"name":"b"}},{"data":{"name":"c","n":9}}]}"#;
    let records = path("items[].data");
    let probes = [Probe::FirstRecord(path("n")), Probe::LastRecord(path("n"))];
    let reading = Reading { skip: 1, take: 1, probes: &probes, ..common::reading(&records, Shape::List) };
    let (out, facts) = read(wrapped, &reading).expect("readable");
    assert_eq!(out, r#"before [{"title":"b","description":null}]"#);
    assert_eq!((facts.vendor_records, facts.of_kind, facts.left_at), (4, 3, Some(3)), "{facts:?}");
    assert_eq!(facts.probes, [Some("1".to_owned()), Some("9".to_owned())]);
    let one = Reading { ..common::reading(&records, Shape::One) };
    assert_eq!(read(wrapped, &one).expect("readable").0, r#"before {"title":"a","description":null}"#);

    let grouped = br#"{"groups":[{"rows":[{"name":"a"},{"name":"b"}]},{},{"rows":[{"name":"c"}]}]}"#;
    let records = path("groups[].rows[]");
    let reading = Reading { skip: 1, ..common::reading(&records, Shape::List) };
    let (out, facts) = read(grouped, &reading).expect("readable");
    assert_eq!(out, r#"before [{"title":"b","description":null},{"title":"c","description":null}]"#);
    assert_eq!(facts.vendor_records, 3);
    for (vendor, is_list) in
        [("{}", false), (r#"{"groups":7}"#, false), (r#"{"groups":[]}"#, true), (r#"{"groups":null}"#, true)]
    {
        assert_eq!(read(vendor.as_bytes(), &reading).is_ok(), is_list, "{vendor}");
    }
}

#[test]
fn a_guard_may_ask_that_something_is_not_there() {
    let root = path("$");
    let kind = KindGuard { absent: vec![path("contacts[].id")], ..KindGuard::default() };
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
    assert_eq!(out(br#"{"name":"a"}"#, Shape::List).as_deref(), Ok(list));
    assert_eq!(out(b"[]", Shape::List).as_deref(), Ok("before []"));
    assert_eq!(out(b"[]", Shape::One), Err(ReadError::NoRecords("$".to_owned())));
    assert_eq!(out(b"7", Shape::List), Err(ReadError::NoRecords("$".to_owned())));
}

#[test]
fn a_record_of_another_kind_answers_nothing() {
    let root = path("$");
    let kind = KindGuard { members: vec![(path("type"), "DEAL".into())], ..KindGuard::default() };
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

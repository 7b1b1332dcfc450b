//! Fields of an application's own, found by `JSONPath` in the vendor's records: what is answered, and what is refused.

mod common;

use common::{compiled, reading};
use field_mapping::{CustomMapping, JsonPath, Mapping, PageFacts, Reading, Scratch, Shape, VendorPath};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use serde_json::{Value, json};
use unified_model::FieldSelection;
use unified_model::vocabulary::Resource;

fn companies(custom: &[(&str, &str)]) -> Mapping {
    let mapping = compiled(Resource::Companies, "companies.yaml", "fields:\n  name: { at: name }\n");
    let custom = custom.iter().map(|(key, place)| CustomMapping {
        key: (*key).to_owned(),
        place: JsonPath::parse(place).unwrap_or_else(|reason| panic!("{place}: {reason}")),
    });
    mapping.with_custom(custom.collect())
}

fn read(mapping: &Mapping, vendor: &str, fields: Option<&str>) -> (String, PageFacts) {
    let root = VendorPath::parse("$").expect("a path");
    let paths = |fields: &str| FieldSelection { paths: fields.split(',').map(str::to_owned).collect() };
    let select = fields.map(paths);
    let reading = Reading { select: select.as_ref(), ..reading(&root, Shape::List) };
    let mut out = Vec::new();
    let facts = mapping.read(vendor.as_bytes(), &reading, &mut Scratch::default(), &mut out).expect("readable");
    (String::from_utf8(out).expect("UTF-8"), facts)
}

#[test]
fn a_record_is_answered_with_what_its_places_hold() {
    let mapping =
        companies(&[("tier", "$.rank.tier"), ("sites", "$['sites'][*]"), ("gone", "$.gone"), ("name", "$.name")]);
    let vendor = r#"[{"name":"a","rank":{"tier":9007199254740993},"sites":["x","y\"z"]},{"rank":7},{"name":"\u00e9"}]"#;
    let (out, facts) = read(&mapping, vendor, None);
    let expected = [
        r#"{"name":"a","custom_mappings":{"tier":9007199254740993,"sites":["x","y\"z"],"gone":null,"name":"a"}}"#,
        r#"{"name":null,"custom_mappings":{"tier":null,"sites":null,"gone":null,"name":null}}"#,
        r#"{"name":"é","custom_mappings":{"tier":null,"sites":null,"gone":null,"name":"é"}}"#,
    ];
    assert_eq!(out, format!("[{}]", expected.join(",")));
    assert!(facts.too_large.is_empty());
}

#[test]
fn what_the_fast_parser_refuses_is_read_all_the_same() {
    let vendor = r#"[{"n":123456789012345678901234567890,"a":{"b":1},"a":{"b":2}}]"#;
    let (out, _) = read(&companies(&[("n", "$.n"), ("last", "$.a.b")]), vendor, None);
    assert_eq!(out, r#"[{"name":null,"custom_mappings":{"n":1.2345678901234568e+29,"last":2}}]"#);
}

#[test]
fn fields_chooses_all_of_them_some_or_none() {
    let mapping = companies(&[("tier", "$.t"), ("rank", "$.r")]);
    let answered = |fields| read(&mapping, r#"[{"name":"a","t":1,"r":2}]"#, Some(fields)).0;
    assert_eq!(answered("custom_mappings"), r#"[{"name":"a","custom_mappings":{"tier":1,"rank":2}}]"#);
    assert_eq!(answered("custom_mappings.rank"), r#"[{"name":"a","custom_mappings":{"rank":2}}]"#);
    assert_eq!(answered("custom_mappings.rank.of"), r#"[{"name":"a","custom_mappings":{"rank":2}}]"#);
    for fields in ["name", "custom_mappings.ran", "custom_mappings.ranks", "custom_mappings_of"] {
        assert_eq!(answered(fields), r#"[{"name":"a"}]"#, "{fields}");
    }
}

#[test]
fn a_record_of_which_nothing_else_is_mapped_is_an_object_too() {
    let mapping = compiled(Resource::Notes, "notes.yaml", "fields: {}\n");
    let place = JsonPath::parse("$.a").expect("a path");
    let (out, _) =
        read(&mapping.with_custom(vec![CustomMapping { key: "a".to_owned(), place }]), r#"[{"a":1},{}]"#, None);
    assert_eq!(out, r#"[{"custom_mappings":{"a":1}},{"custom_mappings":{"a":null}}]"#);
}

#[test]
fn what_is_too_large_is_null_and_told() {
    let text = "x".repeat(65_535);
    let wide = vec![1; 100_000];
    let vendor = json!([
        { "text": &text[1..], "some": 1 },
        { "text": format!("{text}x"), "some": 2 },
        { "wide": wide, "some": 3 },
        { "text": text, "some": 4 },
    ])
    .to_string();
    let places = [("text", "$.text"), ("some", "$.some"), ("any", "$[?@ == 3]")];
    let (out, facts) = read(&companies(&places), &vendor, None);
    let records: Vec<Value> = serde_json::from_str(&out).expect("JSON");
    let shown: Vec<Value> = records.iter().map(|record| record["custom_mappings"].clone()).collect();
    assert_eq!(shown[0], json!({ "text": text[1..], "some": 1, "any": null }));
    assert_eq!(shown[1], json!({ "text": null, "some": 2, "any": null }));
    assert_eq!(shown[2], json!({ "text": null, "some": null, "any": null }), "it has too many values to look through");
    assert_eq!(shown[3]["text"], json!(null), "with its quotes it is longer");
    assert_eq!(
        facts.too_large.into_iter().collect::<Vec<_>>(),
        [("any".to_owned(), 1), ("some".to_owned(), 1), ("text".to_owned(), 3),]
    );
    // Members that no place looks at do not count.
    let (out, facts) = read(&companies(&[("some", "$.some")]), &vendor, None);
    assert!(out.contains(r#""custom_mappings":{"some":3}"#) && facts.too_large.is_empty(), "{facts:?}");
}

#[test]
fn what_is_nested_too_deep_is_null_to_a_path() {
    let nested = |depth: usize| format!(r#"[{{"a":{}1{}}}]"#, r#"{"a":"#.repeat(depth), "}".repeat(depth));
    let deepest = |depth: usize| read(&companies(&[("deep", "$..a")]), &nested(depth), None);
    let (out, _) = deepest(99);
    assert!(out.contains(r#"{"a":1}"#), "{out}");
    for depth in [100, 1000] {
        let (out, _) = deepest(depth);
        assert!(out.contains(r#"{"a":null}"#) && !out.contains(r#""a":1"#), "{depth}");
    }
}

/// Paths that the library would take, and would never be done with.
#[test]
fn what_would_take_forever_is_refused() {
    let path = |begin: &str, repeated: &str, times: usize, end: &str| {
        format!("${begin}{}{}", repeated.repeat(times), end.repeat(times))
    };
    for (path, says) in [
        (path("", "..*", 333, ""), "at character 5, before `..*..*..*..*..*..*..…`: there may be one `..`"),
        ("$..[?@..a]".to_owned(), "at character 7, before `..a]`: there may be one `..`"),
        (path("", "[?@", 249, "]"), "filters may stand 3 deep"),
        (path("[?", "(", 400, ")"), "at character 11, before `((((((((((((((((((((…`: brackets may stand 8 deep"),
        (path("[?", "length(", 100, ")"), "brackets may stand 8 deep"),
        (path("", "['a','a']", 100, ""), "its selectors make more than 32 combinations"),
        (path("[*", ",*", 40, "") + "]", "its selectors make more than 32 combinations"),
        ("$[?$[?$[?$[?@.a]]]]".to_owned(), "in a filter, `$` and what follows"),
        ("$[?count($.*) > 1]".to_owned(), "at character 10, before `$.*) > 1]`: in a filter, `$` and what follows"),
        ("$[?$['a'] [*]]".to_owned(), "in a filter, `$` and what follows"),
        ("$[?match(@.a, '(a*)*')]".to_owned(), "is not defined"),
        (path(".", "a", 1000, ""), "it has more than 1000 characters"),
    ] {
        let reason = JsonPath::parse(&path).expect_err(&path);
        assert!(reason.contains(says), "{path}\n  {reason}");
    }
}

/// The library panics where an escape is cut off.
#[test]
fn texts_that_never_end_are_refused() {
    for text in ["$['\\u", "$[\"\\uD", "$['\\ud83d\\u", "$[?@.a == '\\uDb", "$['a", "$.a'", "$['a\\']"] {
        let reason = JsonPath::parse(text).expect_err(text);
        assert!(reason.contains("is never closed"), "{text}: {reason}");
    }
    for text in ["$['\\u']", "$[\"\\uD\"]", "$['\\ud83d\\u']", "$['\\ud83d']", "$['\\q']"] {
        JsonPath::parse(text).expect_err(text);
    }
    assert!(JsonPath::parse("$['\\uD83D\\uDE00', \"it's\", 'say \\'\"\\'']").is_ok());
}

/// The worst of what is taken, each on a record as large as any that is looked through.
#[test]
fn whatever_is_taken_comes_to_an_end() {
    let chain = (0..90).fold(json!(1), |inner, _| json!({ "a": inner, "b": [0, 0] }));
    let record = json!({ "wide": vec![json!({ "a": 1, "b": "x" }); 20_000], "chains": vec![chain; 100] });
    let vendor = json!([record]).to_string();
    for place in [
        "$..*".to_owned(),
        "$..[?@.a && @.b && @.c || !(@.a == @.b) || @ == $.chains[0]]".to_owned(),
        "$..[?count(@.*.*.*) > 1 && length(@.b) == 1]".to_owned(),
        "$..[?@[?@[?@ == 0]]]".to_owned(),
        format!("${}", "[0,-1]".repeat(5)),
        format!("$..a{}", ".a".repeat(498)),
        format!("$..[?{}@.a]", "@.b || ".repeat(140)),
        format!("$..[{}'a']", "'a',".repeat(31)),
    ] {
        let (out, _) = read(&companies(&[("it", &place)]), &vendor, None);
        assert!(out.len() < 70_000, "{place}");
    }
}

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_129),
        ..ProptestConfig::default()
    }
}

/// Pieces that paths are made of, and pieces that break them.
const PIECES: [&str; 47] = [
    "$",
    "@",
    ".a",
    ".b",
    ".é",
    "..",
    "..a",
    ".*",
    "[",
    "]",
    "[0]",
    "[-1]",
    "[1:]",
    "[::2]",
    "['a']",
    "[\"b\"]",
    "['a','b']",
    "[*]",
    "[?",
    "[?@.a]",
    "[?@.a == 1]",
    "[?@ == 'x']",
    "[?!@.b]",
    "(",
    ")",
    "&&",
    "||",
    "!",
    "==",
    "<=",
    "1",
    "-",
    "'x'",
    "'",
    "\"",
    "\\",
    "count(",
    "length(",
    "value(",
    "match(",
    ",",
    " ",
    "$.a",
    "\u{0}",
    "\\u",
    "D8",
    "\\ud83d",
];

fn json_value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(json!(null)), Just(json!(1)), Just(json!("x")), Just(json!(true)), Just(json!(u64::MAX))];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let name = prop_oneof![Just("a".to_owned()), Just("b".to_owned()), Just("é".to_owned())];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((name, inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(settings(4000))]

    #[test]
    fn no_text_makes_the_parser_panic_or_stay(pieces in vec(proptest::sample::select(&PIECES[..]), 0..120)) {
        if let Err(reason) = JsonPath::parse(&format!("${}", pieces.concat())) {
            prop_assert!(reason.contains("at character") || reason.contains("characters"), "{reason}");
        }
    }

    #[test]
    fn looking_at_some_members_finds_what_looking_at_all_does(
        pieces in vec(proptest::sample::select(&PIECES[2..23]), 0..5),
        members in vec((proptest::sample::select(vec!["a", "b", "é", "c"]), json_value()), 0..4),
    ) {
        let path = format!("${}", pieces.concat());
        let Ok(place) = JsonPath::parse(&path) else { return Ok(()) };
        let record = Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        let (out, _) = read(&companies(&[("it", &path)]), &json!([record]).to_string(), None);
        let answered: Value = serde_json::from_str(&out).expect("JSON");
        prop_assert_eq!(&answered[0]["custom_mappings"]["it"], &place.value(&record), "{}", path);
    }
}

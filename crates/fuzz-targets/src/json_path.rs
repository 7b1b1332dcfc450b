//! `JSONPath`s that consumers write, and the paths of field maps, over a vendor's record.
//!
//! The first line is the path, the rest is the record.

use std::sync::{Arc, LazyLock};

use connector_catalog::{Catalog, CustomMapping, JsonPath};
use field_mapping::{Context, Mapping, Nothing, Reading, Scratch, Shape, VendorPath};
use serde_json::{Value, json};

use crate::input::Input;

/// What a message may add to what it quotes.
const LONGEST_MESSAGE: usize = 1024;
/// How many selectors may overlap, and with them the values that a path finds.
const MOST_SELECTORS: usize = 32;
/// What is nested deeper in an answer is null to a path.
const DEEPEST: usize = 100;
/// The key of the field that is read by the path.
const KEY: &str = "fuzzed";

/// A path finds no more than it may, looks only where it says, and finds the same in a record as it came and in a tree.
pub fn json_path(data: &[u8]) {
    let mut input = Input::new(data);
    let path = input.line();
    let record = serde_json::from_slice::<Value>(input.bytes()).unwrap_or_default();
    vendor_path(path, &record);
    match JsonPath::parse(path) {
        Ok(parsed) => evaluated(&parsed, &record),
        Err(reason) => assert!(reason.len() < LONGEST_MESSAGE, "{reason}"),
    }
}

fn evaluated(path: &JsonPath, record: &Value) {
    let found = path.value(record);
    // Each selector finds a value once; behind `..` it does so for each value around it.
    let most = MOST_SELECTORS * size(record) * (depth(record) + 1) + MOST_SELECTORS;
    assert!(size(&found) <= most, "{} values of {}", size(&found), size(record));
    if let (Some(root), Value::Object(members)) = (path.root(), record) {
        let only = members.get(root).map_or_else(|| json!({}), |member| json!({ root: member }));
        assert_eq!(path.value(&only), found, "it looks beside `{root}`");
    }
    if record.is_object() && depth(record) < DEEPEST {
        read_as_custom_field(path, record, &found);
    }
}

/// What an answer shows under the key of an application's own field is what the path finds.
fn read_as_custom_field(path: &JsonPath, record: &Value, found: &Value) {
    let custom = CustomMapping { key: KEY.to_owned(), place: path.clone() };
    let mapping = contacts().with_custom(vec![custom]);
    let whole = VendorPath::parse("$").expect("a path");
    let reading = Reading {
        left_out: &[],
        records: &whole,
        shape: Shape::One,
        kind: None,
        id: None,
        nothing: Nothing::default(),
        probes: &[],
        select: None,
        skip: 0,
        take: 1,
        context: Context::default(),
    };
    let mut out = Vec::new();
    let facts = mapping.read(record.to_string().as_bytes(), &reading, &mut Scratch::default(), &mut out);
    let facts = facts.expect("a record is read");
    let read: Value = serde_json::from_slice(&out).expect("JSON");
    let expected = if facts.too_large.is_empty() { found } else { &Value::Null };
    assert_eq!(&read["custom_mappings"][KEY], expected);
}

/// A mapping that reads nothing of what a path may find.
fn contacts() -> &'static Mapping {
    static CONTACTS: LazyLock<Arc<Mapping>> = LazyLock::new(|| {
        let catalog = Catalog::from_sources(&[
            ("connectors/acme.yaml", include_str!("../acme/connector.yaml")),
            ("mappings/acme/contacts.yaml", include_str!("../acme/contacts.yaml")),
        ]);
        let catalog = catalog.unwrap_or_else(|error| panic!("{error}"));
        let entity = catalog.connectors().next().and_then(|acme| acme.entities().next());
        Arc::clone(&entity.expect("it has contacts").mapping)
    });
    &CONTACTS
}

fn vendor_path(text: &str, record: &Value) {
    let path = match VendorPath::parse(text) {
        Ok(path) => path,
        Err(reason) => return assert!(reason.len() < 2 * text.len() + LONGEST_MESSAGE, "{reason}"),
    };
    assert_eq!(VendorPath::parse(&path.to_string()).as_ref(), Ok(&path));
    let found = path.find(record);
    if !path.goes_through_lists() {
        assert_eq!(path.take(record), found.cloned());
    }
    let mut changed = record.clone();
    let _ = path.elements_mut(&mut changed);
    assert_eq!(&changed, record, "looking changes nothing");
    for nothing in [Nothing::default(), Nothing { null: true, missing: true }] {
        let elements = path.elements(record, nothing).unwrap_or_default();
        assert!(elements.len() <= size(record));
    }
    let _ = path.first().find(record);
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

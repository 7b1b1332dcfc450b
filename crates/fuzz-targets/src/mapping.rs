//! The mappings that this build carries: any answer of a vendor through their reading, any canonical body through their writing.
//!
//! The first line is `<connector>/<mapping>`, the second is `list`, `one`, `one_or_none` or `write`. Then comes the vendor's
//! answer; for `write` a line with the canonical body, and the vendor's record as it is before.

use std::sync::LazyLock;

use connector_catalog::{Catalog, ResourceDefinition};
use field_mapping::{Context, PageFacts, ReadError, Reading, Scratch, Shape, VendorPath};
use serde_json::{Map, Value};
use unified_model::answer::WarningKind;
use unified_model::{CanonicalSchema, Operation, RequestParts, UnifiedRequest, check_output};

use crate::input::{Input, chosen};

/// More records than any input has.
const MOST_RECORDS: usize = 100_000;
/// What each record may have beside what the vendor's has: members that are null, converted names, prefixes.
const BYTES_OF_A_RECORD: usize = 16 * 1024;
/// How often one byte of the vendor's may come back: a name in its parts and as a whole, each escaped.
const COPIES_OF_A_BYTE: usize = 64;
/// Deeper documents are read by one of the two parsers alone.
const DEPTH_OF_BOTH: usize = 100;

/// A canonical answer is JSON of its schema, whichever parser read it; a write leaves alone what it was not told to change.
pub fn mapping(data: &[u8]) {
    let mut input = Input::new(data);
    let (_, entity) = chosen(entities(), input.line(), |(name, _)| name.as_str());
    match *chosen(&["list", "one", "one_or_none", "write"], input.line(), |way| way) {
        "list" => read(entity, Shape::List, input.bytes()),
        "one" => read(entity, Shape::One, input.bytes()),
        "one_or_none" => read(entity, Shape::OneOrNone, input.bytes()),
        _ => {
            let body = input.line();
            let current = serde_json::from_slice(input.bytes()).unwrap_or_default();
            write(entity, body, &current);
        }
    }
}

/// Every mapping with what its connector knows of its records.
fn entities() -> &'static [(String, ResourceDefinition)] {
    static ENTITIES: LazyLock<Vec<(String, ResourceDefinition)>> = LazyLock::new(|| {
        let catalog = Catalog::built_in().expect("the definitions compile; a test holds it");
        let named = catalog.connectors().flat_map(|connector| {
            let name = |entity: &ResourceDefinition| format!("{}/{}", connector.service_id, entity.mapping_name);
            connector.entities().map(move |entity| (name(entity), entity.clone()))
        });
        let mut entities: Vec<(String, ResourceDefinition)> = named.collect();
        entities.dedup_by(|one, other| one.0 == other.0);
        entities
    });
    &ENTITIES
}

fn read(entity: &ResourceDefinition, shape: Shape, vendor: &[u8]) {
    let whole = VendorPath::parse("$").expect("a path");
    let records = match shape {
        Shape::One => entity.one.as_ref().map(|one| &one.record),
        Shape::List | Shape::OneOrNone => entity.all.as_ref().and_then(|all| all.ways.first()).map(|way| &way.records),
    };
    let records = records.unwrap_or(&whole);
    let read = read_at(entity, shape, records, vendor);
    // Broken UTF-8 is mended.
    let text = String::from_utf8_lossy(vendor.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(vendor));
    match &read {
        Ok((facts, out)) => check_read(entity, shape, vendor, facts, out),
        Err(ReadError::NotJson(reason)) => assert!(serde_json::from_str::<Value>(&text).is_err(), "{reason}"),
        Err(error) => {
            let is_json = nesting(vendor) >= DEPTH_OF_BOTH || serde_json::from_str::<Value>(&text).is_ok();
            assert!(is_json, "it is no JSON either: {error}");
        }
    }
    if nesting(vendor) < DEPTH_OF_BOTH && serde_json::from_str::<Value>(&text).is_ok() {
        // An integer that the first parser does not take sends the whole document to the second.
        let document = format!("{{\"beside\":123456789012345678901234567890,\"document\":{text}}}");
        let below = match records.to_string().as_str() {
            "$" => "document".to_owned(),
            path if path.starts_with('[') => format!("document{path}"),
            path => format!("document.{path}"),
        };
        let below = VendorPath::parse(&below).expect("a path");
        let again = read_at(entity, shape, &below, document.as_bytes());
        assert_eq!(again.is_ok(), read.is_ok(), "{again:?} {read:?}");
        if let (Ok((facts, out)), Ok((other_facts, other))) = (read, again) {
            assert_eq!(String::from_utf8_lossy(&other), String::from_utf8_lossy(&out), "the two parsers differ");
            assert_eq!(other_facts, facts);
        }
    }
}

fn read_at(
    entity: &ResourceDefinition,
    shape: Shape,
    records: &VendorPath,
    vendor: &[u8],
) -> Result<(PageFacts, Vec<u8>), ReadError> {
    let reading = Reading {
        left_out: &[],
        records,
        shape,
        kind: entity.kind.as_ref(),
        id: entity.mapping.id_at(),
        nothing: entity.one.as_ref().map(|one| one.empty).map(nothing).unwrap_or_default(),
        probes: &[],
        select: None,
        skip: 0,
        take: MOST_RECORDS,
        context: Context { id_prefix: &entity.id_prefix, ..Context::default() },
    };
    let mut out = Vec::new();
    let facts = entity.mapping.read(vendor, &reading, &mut Scratch::default(), &mut out)?;
    Ok((facts, out))
}

fn nothing(empty: connector_catalog::Emptiness) -> field_mapping::Nothing {
    field_mapping::Nothing { null: empty.is_null, missing: empty.missing }
}

fn check_read(entity: &ResourceDefinition, shape: Shape, vendor: &[u8], facts: &PageFacts, out: &[u8]) {
    assert!(out.len() <= COPIES_OF_A_BYTE * vendor.len() + BYTES_OF_A_RECORD * (facts.records + 1));
    assert!(facts.records <= facts.of_kind && facts.of_kind <= facts.vendor_records);
    if shape == Shape::One && facts.records == 0 {
        return assert!(out.is_empty(), "no record is written");
    }
    let read: Value = serde_json::from_slice(out).expect("canonical JSON");
    let records = if shape == Shape::One { vec![read] } else { read.as_array().expect("a list").clone() };
    assert_eq!(records.len(), facts.records);
    let schema = &CanonicalSchema::built_in().resource(entity.resource).record;
    for record in &records {
        assert_eq!(check_output(record, schema), [], "{record}");
    }
}

/// How deep brackets may stand at the most.
fn nesting(document: &[u8]) -> usize {
    document.iter().filter(|byte| matches!(byte, b'[' | b'{')).count()
}

fn write(entity: &ResourceDefinition, body: &str, current: &Map<String, Value>) {
    if let Some(body) = accepted(entity, Operation::Add, body) {
        write_new(entity, &body);
    }
    if let Some(changes) = accepted(entity, Operation::Update, body) {
        write_over(entity, current, &changes);
    }
}

/// The body as a request has it once it is checked.
fn accepted(entity: &ResourceDefinition, operation: Operation, body: &str) -> Option<Map<String, Value>> {
    let (resource, body) = (entity.resource, Some(body.as_bytes()));
    let parts = RequestParts { resource, operation, parent: Some("1"), id: Some("1"), query: "", body };
    UnifiedRequest::new(CanonicalSchema::built_in(), parts).ok().map(|request| request.body)
}

/// A new record is of its kind.
fn write_new(entity: &ResourceDefinition, body: &Map<String, Value>) {
    let written = entity.mapping.write_new(body, entity.kind.as_ref(), Context::default());
    assert_eq!(written, entity.mapping.write_new(body, entity.kind.as_ref(), Context::default()));
    if let Some(kind) = &entity.kind
        && written.refused.is_empty()
    {
        let record = Value::Object(written.record);
        assert!(kind.admits(&record), "{record} is not of the kind {kind:?}");
    }
}

/// No change changes nothing, and a change that was made once is no change any more.
fn write_over(entity: &ResourceDefinition, current: &Map<String, Value>, changes: &Map<String, Value>) {
    let (mapping, context) = (&entity.mapping, Context::default());
    let _ = mapping.write_patch(changes, context);
    let _ = mapping.write_patch_over(current, changes, context);
    let _ = (mapping.needs_current(changes), mapping.outdated(changes, context));
    let none = mapping.write_over(current, &Map::new(), context);
    assert_eq!((&none.record, none.part.len(), none.removes.len()), (current, 0, 0));
    let over = mapping.write_over(current, changes, context);
    assert!(over.part.keys().all(|member| over.record.contains_key(member)), "{over:?}");
    // Two fields that stand in one place: of these, what differs from the record counts, so that the same changes mean something
    // else once they were made.
    let is_chosen = over.warnings.iter().any(|warning| warning.kind == WarningKind::ValueChanged);
    if over.refused.is_empty() && !is_chosen {
        let again = mapping.write_over(&over.record, changes, context);
        assert_eq!(again.record, over.record, "{over:?}");
        assert!(again.part.is_empty(), "{again:?} after {over:?}");
    }
}

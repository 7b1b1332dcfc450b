//! What the tests of this crate share: the mappings that are shipped, and reading with one line.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::sync::Arc;

use field_mapping::{
    Context, LookupTable, LookupTables, Mapping, MappingSource, Reading, Scratch, Shape, VendorPath, Zone,
};
use serde_json::{Value, json};
use unified_model::CanonicalSchema;
use unified_model::vocabulary::Resource;

pub(crate) const CONTACTS: &str = include_str!("../../../../mappings/agile-crm/contacts.yaml");
pub(crate) const COMPANIES: &str = include_str!("../../../../mappings/agile-crm/companies.yaml");

/// What the invented vendor's mappings look things up in, in Zurich.
pub(crate) fn surroundings() -> (LookupTables, Zone) {
    let table = |rows: Value| {
        let rows = rows.as_array().expect("rows").clone();
        Arc::new(LookupTable::new(rows, &VendorPath::parse("id").expect("a path")))
    };
    let mut tables = LookupTables::default();
    tables
        .insert("tracks", table(json!([{ "id": 7, "won_milestone": "Signed", "lost_milestone": null }, { "id": 8 }])));
    tables.insert(
        "sources",
        table(json!([{ "id": 9_007_199_254_740_993_u64, "label": "Fair" }, { "id": 12, "label": "Web" }])),
    );
    (tables, Zone::named("Europe/Zurich").expect("a zone"))
}

/// The Agile mapping that is shipped.
pub(crate) fn mapping(resource: Resource) -> Mapping {
    let (file, text) = match resource {
        Resource::Companies => ("mappings/agile-crm/companies.yaml", COMPANIES),
        _ => ("mappings/agile-crm/contacts.yaml", CONTACTS),
    };
    compiled(resource, file, text)
}

/// A mapping that must compile.
pub(crate) fn compiled(resource: Resource, file: &str, text: &str) -> Mapping {
    let schema = CanonicalSchema::built_in().resource(resource);
    Mapping::compile(&[MappingSource { file, text }], &BTreeMap::new(), schema).unwrap_or_else(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

pub(crate) fn reading(records: &VendorPath, shape: Shape) -> Reading<'_> {
    Reading {
        records,
        shape,
        kind: None,
        left_out: &[],
        id: None,
        nothing: field_mapping::Nothing::default(),
        probes: &[],
        select: None,
        skip: 0,
        take: usize::MAX,
        context: Context::default(),
    }
}

/// A vendor's list as canonical JSON.
pub(crate) fn read_list(mapping: &Mapping, vendor: &[u8]) -> Value {
    read_list_in(mapping, vendor, Context::default())
}

pub(crate) fn read_list_at(mapping: &Mapping, records: &str, vendor: &[u8]) -> Value {
    read_records(mapping, records, vendor, Context::default())
}

pub(crate) fn read_list_in(mapping: &Mapping, vendor: &[u8], context: Context<'_>) -> Value {
    read_records(mapping, "$", vendor, context)
}

fn read_records(mapping: &Mapping, records: &str, vendor: &[u8], context: Context<'_>) -> Value {
    let path = VendorPath::parse(records).expect("a path");
    let mut out = Vec::new();
    let reading = Reading { context, ..reading(&path, Shape::List) };
    mapping.read(vendor, &reading, &mut Scratch::default(), &mut out).expect("readable");
    serde_json::from_slice(&out).expect("canonical JSON")
}

/// One vendor record as canonical JSON.
pub(crate) fn read_one(mapping: &Mapping, vendor: &Value) -> Value {
    read_one_in(mapping, vendor, Context::default())
}

pub(crate) fn read_one_in(mapping: &Mapping, vendor: &Value, context: Context<'_>) -> Value {
    let path = VendorPath::parse("$").expect("a path");
    let mut out = Vec::new();
    let bytes = vendor.to_string();
    let reading = Reading { context, ..reading(&path, Shape::One) };
    mapping.read(bytes.as_bytes(), &reading, &mut Scratch::default(), &mut out).expect("readable");
    serde_json::from_slice(&out).expect("canonical JSON")
}

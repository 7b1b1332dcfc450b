//! What the tests of this crate share: the mappings that are shipped, and reading with one line.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;

use field_mapping::{Context, Mapping, MappingSource, Reading, Scratch, Shape, VendorPath};
use serde_json::Value;
use unified_model::CanonicalSchema;
use unified_model::vocabulary::Resource;

pub(crate) const CONTACTS: &str = include_str!("../../../../mappings/agile-crm/contacts.yaml");
pub(crate) const COMPANIES: &str = include_str!("../../../../mappings/agile-crm/companies.yaml");

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
        probes: &[],
        select: None,
        skip: 0,
        take: usize::MAX,
        context: Context::default(),
    }
}

/// A vendor's list as canonical JSON.
pub(crate) fn read_list(mapping: &Mapping, vendor: &[u8]) -> Value {
    let path = VendorPath::parse("$").expect("a path");
    let mut out = Vec::new();
    mapping.read(vendor, &reading(&path, Shape::List), &mut Scratch::default(), &mut out).expect("readable");
    serde_json::from_slice(&out).expect("canonical JSON")
}

/// One vendor record as canonical JSON.
pub(crate) fn read_one(mapping: &Mapping, vendor: &Value) -> Value {
    let path = VendorPath::parse("$").expect("a path");
    let mut out = Vec::new();
    let bytes = vendor.to_string();
    mapping.read(bytes.as_bytes(), &reading(&path, Shape::One), &mut Scratch::default(), &mut out).expect("readable");
    serde_json::from_slice(&out).expect("canonical JSON")
}

//! Connector and mapping files, as an operator writes them: through loading, lint, coverage and plans.
//!
//! An input is a sequence of files, each behind a line `=== connectors/acme.yaml` with its name.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_catalog::{
    Catalog, CatalogError, ConnectorDefinition, Diagnostic, connector_page, coverage, coverage_page, overall, unserved,
};
use field_mapping::{Context, Nothing, Reading, Scratch, Shape, VendorPath};
use serde_json::{Map, Value, json};
use unified_model::{Operation, Resource};

/// What a message may have beside what it quotes.
const LONGEST_MESSAGE: usize = 8 * 1024;

/// What stands before a file's name.
const FILE: &str = "=== ";

/// Whatever files say, they are taken or refused with a place in one of them; what is taken can be used.
pub fn definitions(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let files = files(text);
    match Catalog::from_sources(&files) {
        Ok(catalog) => {
            catalog.lint().iter().chain(catalog.warnings()).for_each(|remark| check_place(remark, &files));
            let _ = coverage_page(&catalog);
            catalog.connectors().for_each(|connector| use_connector(&catalog, connector));
        }
        Err(CatalogError::Definitions(mistakes)) => {
            assert!(!mistakes.is_empty());
            for mistake in &mistakes {
                check_place(mistake, &files);
            }
        }
        Err(error @ CatalogError::Unreadable { .. }) => panic!("nothing was read from a disk: {error}"),
    }
}

/// The files of an input.
fn files(text: &str) -> Vec<(&str, &str)> {
    let mut files = Vec::new();
    let text = text.strip_prefix(FILE).unwrap_or(text);
    for part in text.split("\n=== ") {
        files.push(part.split_once('\n').unwrap_or((part, "")));
    }
    files
}

fn check_place(remark: &Diagnostic, files: &[(&str, &str)]) {
    // Two files of one name are two layers of a mapping.
    let named = files.iter().filter(|(name, _)| *name == remark.file);
    let texts: Vec<&str> = named.map(|(_, text)| *text).collect();
    assert!(!texts.is_empty(), "{remark}: there is no such file");
    let lines = texts.iter().map(|text| lines(text)).max().unwrap_or_default();
    assert!(remark.line >= 1 && remark.line <= lines && remark.column >= 1, "{remark}");
    let longest = texts.iter().map(|text| text.len()).max().unwrap_or_default();
    assert!(!remark.message.is_empty() && remark.message.len() <= LONGEST_MESSAGE + 2 * longest, "{remark}");
}

/// How many lines a file may have, with line breaks of any kind, and one behind its end, where something may be missing.
fn lines(text: &str) -> u64 {
    let breaks = text.chars().filter(|character| matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}'));
    u64::try_from(breaks.count() + 2).unwrap_or(u64::MAX)
}

fn use_connector(catalog: &Catalog, connector: &Arc<ConnectorDefinition>) {
    let _ = connector_page(connector);
    let _ = overall(&coverage(connector));
    let settings = Arc::new(connector.setting_values(|_| None));
    for resource in Resource::EVERY {
        let _ = unserved(connector, *resource);
        let _ = connector.custom_fields_plan(*resource, &settings);
        for operation in Operation::EVERY {
            if let Ok(plan) = connector.plan(*resource, *operation, &settings) {
                assert_eq!((plan.resource().resource, plan.operation()), (*resource, *operation));
            }
        }
    }
    let field_map = BTreeMap::from([("id".to_owned(), "id".to_owned()), ("name".to_owned(), "a[b=c].d".to_owned())]);
    for resource in connector.resources.keys() {
        let _ = catalog.with_field_map(&connector.service_id, &BTreeMap::from([(*resource, field_map.clone())]));
    }
    connector.entities().for_each(use_mapping);
}

/// A mapping that was taken reads and writes, whatever it says.
fn use_mapping(entity: &connector_catalog::ResourceDefinition) {
    let whole = VendorPath::parse("$").expect("a path");
    let reading = Reading {
        left_out: &[],
        records: &whole,
        shape: Shape::List,
        kind: entity.kind.as_ref(),
        id: None,
        nothing: Nothing::default(),
        probes: &[],
        select: None,
        skip: 0,
        take: 10,
        context: Context::default(),
    };
    let record =
        json!({ "id": 1, "name": "Ada Lovelace", "tags": ["a"], "owner": { "id": "2" }, "list": [{ "id": 1 }] });
    let mut out = Vec::new();
    let facts =
        entity.mapping.read(json!([record]).to_string().as_bytes(), &reading, &mut Scratch::default(), &mut out);
    let read: Vec<Map<String, Value>> = serde_json::from_slice(&out).expect("canonical JSON");
    assert_eq!(read.len(), facts.expect("a list is read").records);
    let canonical =
        json!({ "name": "Ada Lovelace", "first_name": "Ada", "tags": ["b"], "emails": [{ "email": "a@b.c" }] });
    let (Value::Object(canonical), Value::Object(record)) = (canonical, record) else { return };
    let _ = entity.mapping.write_new(&canonical, entity.kind.as_ref(), Context::default());
    let _ = entity.mapping.write_over(&record, &canonical, Context::default());
}

//! The editor schemas and lint take the same values: each value of real definitions is replaced by every other kind of value.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use connector_catalog::{Catalog, CatalogError, Diagnostic, connector_json_schema};
use field_mapping::{Mapping, MappingSource, mapping_json_schema};
use serde_json::{Value, json};
use support::{ACME, ACME_COMPANIES};
use unified_model::{CanonicalSchema, Resource};

fn repository(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What is put in the place of each value in turn.
fn others() -> Vec<Value> {
    vec![
        json!(true),
        json!(7),
        json!(1.5),
        json!("word"),
        json!("7"),
        json!(null),
        json!([]),
        json!({}),
        json!(["word"]),
        json!([7]),
        json!({ "word": 7 }),
    ]
}

/// The document with each of its values replaced by each other one, and where that is.
fn altered(document: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    walk(document, String::new(), &mut places);
    let every = places.into_iter().flat_map(|place| others().into_iter().map(move |other| (place.clone(), other)));
    every
        .map(|(place, other)| {
            let mut changed = document.clone();
            *changed.pointer_mut(&place).unwrap() = other.clone();
            (format!("{place} = {other}"), changed)
        })
        .collect()
}

fn walk(value: &Value, place: String, places: &mut Vec<String>) {
    let escaped = |name: &String| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, inner)| walk(inner, format!("{place}/{}", escaped(name)), places));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| walk(inner, format!("{place}/{index}"), places));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    if !place.is_empty() {
        places.push(place);
    }
}

/// Whether a mistake is one of shape, which a schema can see, rather than of sense.
fn is_of_shape(mistake: &Diagnostic) -> bool {
    let message = &mistake.message;
    message.contains("unknown variant")
        || ["unknown field", "missing field", "invalid type", "expected"].iter().any(|start| message.starts_with(start))
}

/// Where schema and lint are of two minds.
fn disagreements(schema: &Value, document: &Value, lint: impl Fn(&str) -> Vec<Diagnostic>) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    assert!(
        validator.is_valid(document),
        "{:?}",
        validator.iter_errors(document).map(|error| error.to_string()).collect::<Vec<_>>()
    );
    let mut found = Vec::new();
    for (change, changed) in altered(document) {
        let mistakes = lint(&changed.to_string());
        match (validator.is_valid(&changed), mistakes.as_slice()) {
            (false, []) => found.push(format!("{change}: the schema refuses what lint takes")),
            (true, mistakes) if mistakes.iter().any(is_of_shape) => {
                found.push(format!("{change}: the schema takes what lint refuses: {}", mistakes[0].message));
            }
            _ => {}
        }
    }
    found
}

fn mistakes(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    match Catalog::from_sources(files) {
        Ok(_) => Vec::new(),
        Err(CatalogError::Definitions(mistakes)) => mistakes,
        Err(CatalogError::Unreadable { path, message }) => panic!("{path}: {message}"),
    }
}

#[test]
fn lint_and_the_schema_of_connectors_take_the_same_values() {
    let schema = connector_json_schema();
    let more = "    deleted: { mark: { gone: true }, then: left_out }\n    envelope: { item: data, body: data }\n    kind: { type: org }\n";
    let acme = ACME.replace("    kind: { type: org }\n", more).replace(
        "resources:\n",
        "not_offered:\n  leads: [{ operations: [all], evidence: documented, why: None }]\nresources:\n",
    );
    let mut found = Vec::new();
    let document: Value = serde_saphyr::from_str(&acme).unwrap();
    found.extend(disagreements(&schema, &document, |text| {
        mistakes(&[("connectors/acme.yaml", text), ("mappings/acme/companies.yaml", ACME_COMPANIES)])
    }));
    for (service, resources) in
        [("pipedrive", vec!["companies", "contacts"]), ("hubspot", vec!["companies", "contacts"])]
    {
        let name = format!("connectors/{service}.yaml");
        let mappings: Vec<(String, String)> = resources
            .iter()
            .map(|resource| format!("mappings/{service}/{resource}.yaml"))
            .map(|name| (name.clone(), repository(&name)))
            .collect();
        let document: Value = serde_saphyr::from_str(&repository(&name)).unwrap();
        found.extend(disagreements(&schema, &document, |text| {
            let own = mappings.iter().map(|(name, text)| (name.as_str(), text.as_str()));
            mistakes(&own.chain([(name.as_str(), text)]).collect::<Vec<_>>())
        }));
    }
    assert!(found.is_empty(), "{} disagreements:\n{}", found.len(), found.join("\n"));
}

#[test]
fn lint_and_the_schema_of_mappings_take_the_same_values() {
    let schema = mapping_json_schema();
    let mut found = Vec::new();
    for (name, resource) in [
        ("mappings/agile-crm/contacts.yaml", Resource::Contacts),
        ("mappings/pipedrive/contacts.yaml", Resource::Contacts),
        ("mappings/teamswork-crm/leads.yaml", Resource::Leads),
        ("mappings/agile-crm/opportunities.yaml", Resource::Opportunities),
    ] {
        let document: Value = serde_saphyr::from_str(&repository(name)).unwrap();
        let canonical = CanonicalSchema::built_in().resource(resource);
        found.extend(disagreements(&schema, &document, |text| {
            Mapping::compile(&[MappingSource { file: name, text }], &BTreeMap::new(), canonical)
                .err()
                .unwrap_or_default()
        }));
    }
    assert!(found.is_empty(), "{} disagreements:\n{}", found.len(), found.join("\n"));
}

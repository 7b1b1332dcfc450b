//! Sending back what was read changes nothing: over every mapping that an update is made with, on records of all kinds.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod records;

use std::collections::BTreeSet;
use std::sync::Arc;

use connector_catalog::{Catalog, ResourceDefinition};
use field_mapping::{Context, LookupTable, LookupTables, Nothing, Reading, Scratch, Shape, VendorPath, Zone};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};
use unified_model::schema::{Access, Kind, ObjectType};
use unified_model::{CanonicalSchema, Operation};

type Record = Map<String, Value>;

const CASES: u32 = 80;

fn runner() -> TestRunner {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    TestRunner::new_with_rng(Config { cases: CASES, failure_persistence: None, ..Config::default() }, rng)
}

/// Every entity that can be changed, with its name for messages.
fn updated(catalog: &Catalog) -> Vec<(String, &ResourceDefinition)> {
    let mut found = Vec::new();
    for connector in catalog.connectors() {
        for variant in connector.resources.values().flatten() {
            for part in variant.parts.iter().filter(|part| part.update.is_some()) {
                found.push((format!("{}/{}", connector.service_id, part.mapping_name), part));
            }
        }
    }
    found
}

fn tables(definition: &ResourceDefinition) -> LookupTables {
    let rows = [("12", "Web"), ("7", "Fair"), ("a1b2", "Phone call")].map(|(id, label)| {
        json!({ "id": id, "Id": id, "label": label, "Value": label, "kind": "open", "won_milestone": "Signed",
                "lost_milestone": null, "defaultProbabilityPct": 40 })
    });
    let mut tables = LookupTables::default();
    for name in definition.mapping.tables() {
        let key = VendorPath::parse(if definition.mint.is_some() { "Id" } else { "id" }).unwrap();
        tables.insert(name, Arc::new(LookupTable::new(rows.to_vec(), &key)));
    }
    tables
}

fn read(definition: &ResourceDefinition, vendor: &Record, context: Context<'_>) -> Record {
    let whole = VendorPath::parse("$").unwrap();
    let reading = Reading {
        records: &whole,
        shape: Shape::One,
        kind: None,
        left_out: &[],
        id: None,
        nothing: Nothing::default(),
        probes: &[],
        select: None,
        skip: 0,
        take: 1,
        context,
    };
    let mut out = Vec::new();
    let vendor = Value::Object(vendor.clone()).to_string();
    definition.mapping.read(vendor.as_bytes(), &reading, &mut Scratch::default(), &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn record_of(definition: &ResourceDefinition) -> &'static ObjectType {
    &CanonicalSchema::built_in().resource(definition.resource).record
}

/// What a client sends of a record that it has read: without read-only members, numbers as floats, instants in a second form,
/// and nulls left out where `dense`.
fn sent_back(object: &ObjectType, read: &Record, dense: bool) -> Record {
    let members = read.iter().filter_map(|(name, value)| {
        let property = object.property(name)?;
        let is_sent = property.access == Access::ReadWrite || name == "id";
        (is_sent && !(dense && value.is_null()))
            .then(|| (name.clone(), in_a_clients_form(&property.kind, value, dense)))
    });
    members.collect()
}

fn in_a_clients_form(kind: &Kind, value: &Value, dense: bool) -> Value {
    match (kind, value) {
        (Kind::Object(object), Value::Object(members)) => Value::Object(sent_back(object, members, dense)),
        (Kind::List(inner), Value::Array(items)) => {
            items.iter().map(|item| in_a_clients_form(inner, item, dense)).collect()
        }
        (Kind::Number | Kind::Integer { .. } | Kind::Any, Value::Number(number)) => {
            number.as_f64().filter(|own| own.abs() < 1e15).map_or_else(|| value.clone(), Value::from)
        }
        (Kind::Text { format: Some(unified_model::Format::DateTime), .. }, Value::String(text)) if dense => {
            Value::from(text.replace('Z', "+00:00"))
        }
        _ => value.clone(),
    }
}

/// Holds every mapping to `check` on many records; the record that breaks it is shrunk and shown.
fn on_every_mapping(check: impl Fn(&ResourceDefinition, &Record, Context<'_>) -> Result<(), String>) {
    let catalog = Catalog::built_in().unwrap();
    let zone = Zone::named("Europe/Zurich").unwrap();
    let mut wrong = Vec::new();
    for (name, definition) in updated(&catalog) {
        let tables = tables(definition);
        let context = Context { tables: &tables, zone: &zone, id_prefix: &definition.id_prefix };
        let records = records::of(&name);
        let mut runner = runner();
        for _ in 0..CASES {
            let mut tree = records.new_tree(&mut runner).unwrap();
            let fails = |tree: &dyn Fn() -> Record| check(definition, &tree(), context).err();
            let Some(mut why) = fails(&|| tree.current()) else { continue };
            for _ in 0..500 {
                if !tree.simplify() {
                    break;
                }
                match fails(&|| tree.current()) {
                    Some(simpler) => why = simpler,
                    None if !tree.complicate() => break,
                    None => (),
                }
            }
            wrong.push(format!("{name}: {why}"));
            break;
        }
    }
    assert!(wrong.is_empty(), "{} mappings\n{}", wrong.len(), wrong.join("\n\n"));
}

/// What writing gives: the record as it will be, and the part that is sent.
fn written(definition: &ResourceDefinition, current: &Record, sent: &Record, context: Context<'_>) -> (Record, Record) {
    let over = definition.mapping.write_over(current, sent, context);
    let reads_current = definition.update.as_ref().is_some_and(|update| update.reads_current);
    let part =
        if reads_current { over.part } else { definition.mapping.write_patch_over(current, sent, context).record };
    (over.record, part)
}

#[test]
fn what_was_read_and_is_sent_back_changes_nothing() {
    on_every_mapping(|definition, vendor, context| {
        let read = read(definition, vendor, context);
        for dense in [false, true] {
            let sent = sent_back(record_of(definition), &read, dense);
            let (record, part) = written(definition, vendor, &sent, context);
            if record != *vendor || !part.is_empty() {
                return Err(format!("{}\nread as {}\nsends {}", show(vendor), show(&sent), show(&part)));
            }
        }
        Ok(())
    });
}

#[test]
fn each_field_alone_that_is_sent_back_changes_nothing() {
    on_every_mapping(|definition, vendor, context| {
        let read = read(definition, vendor, context);
        for (name, value) in sent_back(record_of(definition), &read, false) {
            let (record, part) = written(definition, vendor, &Record::from_iter([(name.clone(), value)]), context);
            if record != *vendor || !part.is_empty() {
                return Err(format!("`{name}` of {}\nsends {}", show(vendor), show(&part)));
            }
        }
        Ok(())
    });
}

/// The elements of all lists of a record, wherever they are.
fn elements(value: &Value, all: &mut Vec<Value>) {
    match value {
        Value::Array(items) => {
            all.extend(items.iter().cloned());
            for item in items {
                elements(item, all);
            }
        }
        Value::Object(members) => members.values().for_each(|own| elements(own, all)),
        _ => (),
    }
}

/// What of `before` is missing in `after`, each element counted.
fn lost(before: &Record, after: &Record) -> Vec<Value> {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    elements(&Value::Object(before.clone()), &mut old);
    elements(&Value::Object(after.clone()), &mut new);
    old.into_iter()
        .filter(|element| match new.iter().position(|own| own == element) {
            Some(at) => {
                drop(new.remove(at));
                false
            }
            None => true,
        })
        .collect()
}

#[test]
fn a_list_without_one_of_its_items_loses_that_one_alone() {
    on_every_mapping(|definition, vendor, context| {
        let read = read(definition, vendor, context);
        let sent = sent_back(record_of(definition), &read, false);
        for (name, value) in &sent {
            let Some(items) = value.as_array().filter(|items| items.len() > 1 && items[0].is_object()) else {
                continue;
            };
            if name == "custom_fields" {
                continue;
            }
            let mut less = sent.clone();
            less.insert(name.clone(), Value::from(items[1..].to_vec()));
            let (record, _) = written(definition, vendor, &less, context);
            let lost = lost(vendor, &record);
            if lost.len() > 1 {
                return Err(format!("`{name}` of {}\nloses {lost:?}", show(vendor)));
            }
        }
        Ok(())
    });
}

#[test]
fn one_custom_field_that_changes_leaves_the_others_as_they_are() {
    on_every_mapping(|definition, vendor, context| {
        let read = read(definition, vendor, context);
        let Some(fields) = read.get("custom_fields").and_then(Value::as_array) else { return Ok(()) };
        for field in fields {
            let Some(id) = field.get("id").and_then(Value::as_str) else { continue };
            for value in [json!("another one"), Value::Null] {
                let sent = json!({ "custom_fields": [{ "id": id, "value": value }] });
                let (record, _) = written(definition, vendor, sent.as_object().unwrap(), context);
                let lost = lost(vendor, &record);
                let others = |record: &Record| {
                    let fields = self::read(definition, record, context).remove("custom_fields").unwrap_or_default();
                    let fields = fields.as_array().cloned().unwrap_or_default().into_iter();
                    fields.filter(|own| own["id"] != id).map(|own| own.to_string()).collect::<BTreeSet<_>>()
                };
                if lost.len() > 1 || others(&record) != others(vendor) {
                    return Err(format!("{sent} over {}\nloses {lost:?}", show(vendor)));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn another_link_leaves_those_that_no_field_shows() {
    on_every_mapping(|definition, vendor, context| {
        let read = read(definition, vendor, context);
        for name in ["company_id", "lead_id", "contact_id", "primary_contact_id", "opportunity_id", "owner_id"] {
            if read.get(name).is_none_or(Value::is_null) {
                continue;
            }
            for value in [json!("424242"), Value::Null] {
                let (record, _) = written(definition, vendor, &Record::from_iter([(name.to_owned(), value)]), context);
                let lost = lost(vendor, &record);
                // The link as an id, and as the record that it leads to.
                if lost.len() > 2 {
                    return Err(format!("`{name}` over {}\nloses {lost:?}", show(vendor)));
                }
            }
        }
        Ok(())
    });
}

fn show(record: &Record) -> String {
    Value::Object(record.clone()).to_string()
}

#[test]
fn every_resource_with_an_update_is_tried() {
    let catalog = Catalog::built_in().unwrap();
    let tried: BTreeSet<String> = updated(&catalog).into_iter().map(|(name, _)| name).collect();
    for connector in catalog.connectors() {
        for variant in connector.resources.values().flatten() {
            let offers = variant.parts.iter().any(|part| part.update.is_some());
            let offered = connector_catalog::coverage(connector)
                .into_iter()
                .any(|row| row.resource == variant.parts[0].resource && row.operations.contains(&Operation::Update));
            assert!(!offers || offered, "{}: an update that coverage does not tell", connector.service_id);
        }
    }
    assert!(tried.len() >= 20, "{tried:?}");
}

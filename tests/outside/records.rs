//! Records fit the canonical schema, whatever the vendor sends: the rules that every published SDK needs to read them.

use std::collections::BTreeMap;

use connector_catalog::Catalog;
use field_mapping::{Mapping, MappingSource, Reading, Scratch, Shape, VendorPath};
use serde_json::{Map, Value, json};
use unified_model::schema::{Access, Format, Kind, ObjectType, Property};
use unified_model::{CanonicalSchema, Resource, check_output};

use crate::support::{Gateway, agile_crm};
use crate::vendor::{RawVendor, json as json_answer};

fn record_type(resource: Resource) -> &'static ObjectType {
    &CanonicalSchema::built_in().resource(resource).record
}

#[track_caller]
fn fits(record: &Value, resource: Resource) {
    let violations = check_output(record, record_type(resource));
    assert!(violations.is_empty(), "{violations:?}\n{record}");
}

/// Values that some vendor puts where another value belongs.
fn hostile_values() -> Vec<Value> {
    let long = "x".repeat(5000);
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(7.5),
        json!(9_007_199_254_740_993_u64),
        json!(u64::MAX),
        json!(-1.5e300),
        json!(""),
        json!(" "),
        json!("null"),
        json!("12"),
        json!("1.5"),
        json!("NaN"),
        json!("true"),
        json!("2024-13-45"),
        json!("2024-02-30T25:61:00Z"),
        json!("2024-05-06"),
        json!("2024-05-06 10:00:00"),
        json!("2024-05-06T10:00:00.123456789+02:00"),
        json!("0000-00-00"),
        json!("/Date(99999999999999999)/"),
        json!("work"),
        json!("\u{0}\u{7f}\u{2028}\"\\"),
        json!(long),
        json!([]),
        json!([null]),
        json!([[]]),
        json!([1, "a", null, { "a": 1 }]),
        json!([{}]),
        json!([{ "id": null, "name": null, "email": "", "number": null, "url": null, "value": null }]),
        json!([{ "id": 1, "name": 2, "email": 3, "number": 4, "url": 5, "value": [null, [1]], "type": "alien" }]),
        json!({}),
        json!({ "id": [], "name": {}, "value": {} }),
        json!({ "a": { "b": [1] } }),
    ]
}

/// A mapping that takes every member of a resource from the vendor's member of the same name, unconverted.
fn same_names(object: &ObjectType, at: &str) -> Value {
    let mapped = |property: &&Property| property.access != Access::WriteOnly && property.name != "custom_mappings";
    let answered = object.properties.iter().filter(mapped);
    let fields = answered.map(|property| {
        let path = format!("{at}{}", property.name);
        let mut field = match &property.kind {
            Kind::Object(members) => json!({ "item": same_names(members, &format!("{path}.")) }),
            Kind::List(item) => match &**item {
                Kind::Object(members) => json!({ "each": path, "item": same_names(members, "") }),
                _ => json!({ "at": path }),
            },
            Kind::Text { format: Some(Format::DateTime), .. } => json!({ "at": path, "as": "iso" }),
            Kind::Text { format: Some(Format::Date), .. } => json!({ "at": path, "as": "date" }),
            _ => json!({ "at": path }),
        };
        if property.access == Access::ReadOnly {
            field["mode"] = json!("read");
        }
        (property.name.clone(), field)
    });
    Value::Object(fields.collect())
}

fn read(mapping: &Mapping, vendor: &Value) -> Vec<Value> {
    let records = VendorPath::parse("$").unwrap();
    let reading = Reading {
        records: &records,
        shape: Shape::List,
        kind: None,
        left_out: &[],
        id: None,
        nothing: field_mapping::Nothing::default(),
        probes: &[],
        select: None,
        skip: 0,
        take: usize::MAX,
        context: field_mapping::Context::default(),
    };
    let mut canonical = Vec::new();
    mapping.read(vendor.to_string().as_bytes(), &reading, &mut Scratch::default(), &mut canonical).unwrap();
    serde_json::from_slice(&canonical).unwrap()
}

#[test]
fn every_record_of_every_resource_fits_the_schema_whatever_the_vendor_sends() {
    let resources = [
        Resource::Activities,
        Resource::Companies,
        Resource::Contacts,
        Resource::Leads,
        Resource::Notes,
        Resource::Opportunities,
        Resource::Pipelines,
        Resource::Users,
    ];
    let mut surprises = BTreeMap::new();
    for resource in resources {
        let schema = CanonicalSchema::built_in().resource(resource);
        let text = json!({ "fields": same_names(&schema.record, "") }).to_string();
        let sources = [MappingSource { file: "hostile.yaml", text: &text }];
        let mapping = Mapping::compile(&sources, &BTreeMap::new(), schema).unwrap_or_else(|mistakes| {
            panic!("{}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
        // Each member with each value, alone, and every member with one value.
        let mut records = vec![json!({})];
        for value in hostile_values() {
            let all: Map<String, Value> =
                schema.record.properties.iter().map(|property| (property.name.clone(), value.clone())).collect();
            records.extend(all.iter().map(|(name, value)| json!({ name: value })));
            records.push(Value::Object(all));
        }
        let answered = read(&mapping, &Value::Array(records.clone()));
        assert_eq!(answered.len(), records.len(), "{resource}: no record is dropped");
        for (vendor, record) in records.iter().zip(&answered) {
            let mut violations = check_output(record, &schema.record);
            // A required text that the vendor lacks is answered as "", the last resort: no SDK minds.
            violations.retain(|violation| violation.message != "must have at least 1 character; found 0");
            for violation in violations {
                surprises.insert(format!("{resource}.{}: {}", violation.at, violation.message), vendor.clone());
            }
        }
    }
    let lines: Vec<String> =
        surprises.iter().map(|(surprise, vendor)| format!("{surprise}\n    from {vendor}")).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

/// Agile records as hostile as JSON allows, all of one type.
fn hostile_agile_records(kind: &str) -> Vec<Value> {
    let mut records = vec![json!({ "type": kind, "id": 5_636_406_428_172_288_u64 })];
    for value in hostile_values() {
        for member in
            ["id", "properties", "tags", "owner", "created_time", "updated_time", "lead_score", "contact_company_id"]
        {
            let mut record = json!({ "id": 1, "type": kind });
            record[member] = value.clone();
            records.push(record);
        }
        for name in ["name", "first_name", "email", "phone", "address", "website", "url", "title", "company", "image"] {
            for property_type in ["SYSTEM", "CUSTOM"] {
                let property = json!({ "type": property_type, "name": name, "subtype": value, "value": value });
                records.push(json!({ "id": "2", "type": kind, "properties": [property, value] }));
            }
        }
        records.push(
            json!({ "id": 3, "type": kind, "properties": [{ "type": "CUSTOM", "name": value, "value": value }] }),
        );
    }
    // What has no id is no record, and an answer that holds it cannot be used.
    let has_id = |id: &Value| id.is_number() || id.as_str().is_some_and(|id| !id.trim().is_empty());
    records.retain(|record| has_id(&record["id"]));
    records
}

#[tokio::test]
async fn every_record_served_fits_the_schema_whatever_agile_sends() {
    for (resource, kind) in [(Resource::Contacts, "PERSON"), (Resource::Companies, "COMPANY")] {
        for records in hostile_agile_records(kind).chunks(200) {
            let vendor = RawVendor::start(&[&json_answer(&Value::from(records).to_string())]).await;
            let gateway = Gateway::over_vendor(vendor.address).await;
            let reply = gateway.get(&format!("/crm/{resource}?limit=200")).await;
            assert_eq!(reply.status, 200, "{}", reply.text);
            let answered = reply.body["data"].as_array().unwrap();
            assert_eq!(answered.len(), records.len(), "no record is dropped");
            for record in answered {
                fits(record, resource);
            }
            let some = "fields=created_at,emails.type,phone_numbers.type&limit=200";
            let reply = gateway.get(&format!("/crm/{resource}?{some}")).await;
            for record in reply.body["data"].as_array().unwrap() {
                fits(record, resource);
            }
        }
    }
}

#[tokio::test]
async fn every_seeded_record_fits_the_schema() {
    let gateway = Gateway::start().await;
    for resource in [Resource::Contacts, Resource::Companies] {
        for record in gateway.list(resource.as_str(), "limit=200").await {
            fits(&record, resource);
        }
    }
}

#[tokio::test]
async fn ids_keep_all_their_digits() {
    let page =
        json_answer(r#"[{"id": 9223372036854775807, "type": "PERSON", "contact_company_id": 9007199254740993}]"#);
    let vendor = RawVendor::start(&[&page]).await;
    let reply = Gateway::over_vendor(vendor.address).await.get("/crm/contacts").await;
    let record = &reply.body["data"][0];
    assert_eq!((&record["id"], &record["company_id"]), (&json!("9223372036854775807"), &json!("9007199254740993")));
}

#[tokio::test]
async fn a_mapped_member_that_the_vendor_lacks_is_null_not_absent() {
    let vendor = RawVendor::start(&[&json_answer(r#"[{"id": 1, "type": "PERSON"}]"#)]).await;
    let reply = Gateway::over_vendor(vendor.address).await.get("/crm/contacts").await;
    let record = reply.body["data"][0].as_object().unwrap();
    let mapping = Catalog::built_in().unwrap();
    let agile = mapping.connector(&agile_crm()).unwrap();
    let readable: Vec<String> = agile
        .entity(Resource::Contacts)
        .unwrap()
        .mapping
        .coverage()
        .into_iter()
        .filter(|field| field.readable)
        .map(|field| field.field)
        .collect();
    for property in record_type(Resource::Contacts).properties.iter().filter(|property| property.nullable) {
        if readable.contains(&property.name) && !matches!(property.kind, Kind::List(_)) {
            assert_eq!(record.get(&property.name), Some(&Value::Null), "{}", property.name);
        }
    }
    let never_null = record_type(Resource::Contacts).properties.iter().filter(|property| !property.nullable);
    for property in never_null {
        assert_ne!(record.get(&property.name), Some(&Value::Null), "{}", property.name);
    }
}

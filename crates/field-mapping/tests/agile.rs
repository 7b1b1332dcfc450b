//! The Agile CRM mappings against the vendor's documented records, both ways.

mod common;

use common::{mapping, read_list, read_one};
use field_mapping::{Context, KindGuard, Mapping, VendorPath, WrittenOver};
use serde_json::{Map, Value, json};
use unified_model::vocabulary::Resource;
use unified_model::{CanonicalSchema, FieldSelection};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("a JSON fixture")
}

fn contact() -> Value {
    parsed(include_str!("fixtures/contacts.vendor.json"))[0].take()
}

fn over(mapping: &Mapping, current: Value, sent: Value) -> WrittenOver {
    mapping.write_over(&object(current), &object(sent), Context::default())
}

fn fields(warnings: &[unified_model::Warning]) -> Vec<(&str, &str)> {
    warnings.iter().map(|warning| (warning.field.as_deref().unwrap_or_default(), warning.message.as_str())).collect()
}

#[test]
fn documented_contacts_read_as_owed() {
    let read = read_list(&mapping(Resource::Contacts), include_bytes!("fixtures/contacts.vendor.json"));
    assert_eq!(read, parsed(include_str!("fixtures/contacts.canonical.json")));
}

#[test]
fn documented_companies_read_as_owed() {
    let read = read_list(&mapping(Resource::Companies), include_bytes!("fixtures/companies.vendor.json"));
    assert_eq!(read, parsed(include_str!("fixtures/companies.canonical.json")));
}

#[test]
fn canonical_members_stand_in_schema_order() {
    let mapping = mapping(Resource::Contacts);
    let path = VendorPath::parse("$").expect("a path");
    let mut out = Vec::new();
    let reading = common::reading(&path, field_mapping::Shape::One);
    mapping
        .read(contact().to_string().as_bytes(), &reading, &mut field_mapping::Scratch::default(), &mut out)
        .expect("readable");
    let text = String::from_utf8(out).expect("UTF-8");
    let schema = &CanonicalSchema::built_in().resource(Resource::Contacts).record;
    let places: Vec<usize> = schema
        .properties
        .iter()
        .filter(|property| !matches!(property.name.as_str(), "id" | "name" | "type" | "title" | "email"))
        .filter_map(|property| text.find(&format!("\"{}\":", property.name)))
        .collect();
    assert!(places.len() > 10 && places.is_sorted(), "{text}");
}

#[test]
fn a_new_contact_is_built_with_all_its_parts() {
    let kind = KindGuard {
        members: vec![(VendorPath::parse("type").expect("a path"), "PERSON".into())],
        ..KindGuard::default()
    };
    let sent = json!({
        "first_name": "Ann", "last_name": null, "owner_id": "52", "company_id": "51",
        "emails": [{ "email": "ann@example.com", "type": "work" }, { "email": "a@example.org", "type": "personal" }],
        "addresses": [{ "type": "work", "line1": "1 Main St", "line2": "Floor 2", "city": "Detroit", "country": "US" }],
        "websites": [{ "url": "https://ann.example" }],
        "social_links": [{ "url": "https://li.example/ann", "type": "linkedin" }],
        "custom_fields": [{ "id": "Shoe size", "value": "42" }, { "id": "lead_score", "value": 7 }],
        "tags": ["VIP"], "created_at": "2016-07-22T06:48:29Z"
    });
    let written = mapping(Resource::Contacts).write_new(&object(sent), Some(&kind), Context::default());
    let expected = json!({
        "type": "PERSON", "owner": { "id": "52" }, "contact_company_id": "51", "lead_score": 7, "tags": ["VIP"],
        "properties": [
            { "type": "SYSTEM", "name": "first_name", "value": "Ann" },
            { "type": "SYSTEM", "name": "email", "subtype": "work", "value": "ann@example.com" },
            { "type": "SYSTEM", "name": "email", "subtype": "personal", "value": "a@example.org" },
            { "type": "SYSTEM", "name": "address", "subtype": "work",
              "value": "{\"address\":\"1 Main St, Floor 2\",\"city\":\"Detroit\",\"country\":\"US\"}" },
            { "type": "SYSTEM", "name": "website", "subtype": "URL", "value": "https://ann.example" },
            { "type": "SYSTEM", "name": "website", "subtype": "LINKEDIN", "value": "https://li.example/ann" },
            { "type": "CUSTOM", "name": "Shoe size", "value": "42" }
        ]
    });
    assert_eq!(Value::Object(written.record), expected);
    let absorbed = "line2, line3, line4, line5 are written behind it, separated by commas";
    assert_eq!(fields(&written.warnings), [("addresses.line1", absorbed)]);
}

#[test]
fn a_new_contact_without_a_first_name_gets_one() {
    let mapping = mapping(Resource::Contacts);
    let first_name = |sent: Value| {
        let written = mapping.write_new(&object(sent), None, Context::default());
        let path = VendorPath::parse("properties[name=first_name].value").expect("a path");
        path.find(&Value::Object(written.record)).cloned()
    };
    assert_eq!(
        first_name(json!({ "name": "Ann van Dyk", "emails": [{ "email": "x@y.example" }] })),
        Some(json!("Ann"))
    );
    assert_eq!(first_name(json!({ "emails": [{ "email": "x.y@z.example" }] })), Some(json!("x.y")));
    assert_eq!(first_name(json!({ "title": "Buyer" })), None);
}

#[test]
fn a_patch_holds_only_what_was_sent_and_clears_by_an_empty_text() {
    let sent = json!({ "title": null, "last_name": "Quill", "tags": [], "description": "none", "owner_id": "7" });
    let written = mapping(Resource::Contacts).write_patch(&object(sent), Context::default());
    let expected = json!({
        "tags": [], "owner": { "id": "7" },
        "properties": [
            { "type": "SYSTEM", "name": "last_name", "value": "Quill" },
            { "type": "SYSTEM", "name": "title", "value": "" }
        ]
    });
    assert_eq!(Value::Object(written.record), expected);
    let message = "`description` has no place in this vendor's record and was not written";
    assert_eq!(fields(&written.warnings), [("description", message)]);
}

#[test]
fn an_image_and_a_photo_share_one_place() {
    let mapping = mapping(Resource::Contacts);
    let image = |sent: Value| {
        let written = mapping.write_patch(&object(sent), Context::default());
        (written.record["properties"][0]["value"].clone(), written.warnings.len())
    };
    assert_eq!(image(json!({ "photo_url": "p" })), (json!("p"), 0));
    assert_eq!(image(json!({ "photo_url": "p", "image": "p" })), (json!("p"), 0));
    assert_eq!(image(json!({ "photo_url": "p", "image": "i" })), (json!("i"), 1));
}

#[test]
fn a_fax_is_one_of_the_phone_numbers() {
    let mapping = mapping(Resource::Contacts);
    let phones = |sent: Value| {
        let written = mapping.write_patch(&object(sent), Context::default());
        let values = written.record["properties"].as_array().expect("properties").iter();
        (values.map(|own| own["value"].clone()).collect::<Vec<_>>(), written.warnings.len())
    };
    assert_eq!(phones(json!({ "fax": "9" })), (vec![json!("9")], 0));
    let list = json!([{ "number": "1", "type": "work" }, { "number": "9", "type": "fax" }]);
    assert_eq!(phones(json!({ "fax": "9", "phone_numbers": list })), (vec![json!("1"), json!("9")], 0));
    assert_eq!(phones(json!({ "fax": "8", "phone_numbers": list })), (vec![json!("1"), json!("9")], 1));
    let no_fax = json!([{ "number": "1", "type": "work" }]);
    assert_eq!(phones(json!({ "fax": "8", "phone_numbers": no_fax })), (vec![json!("1"), json!("8")], 0));
}

#[test]
fn writing_over_changes_nothing_that_reads_the_same() {
    let mapping = mapping(Resource::Contacts);
    let mut canonical = object(read_one(&mapping, &contact()));
    for read_only in ["id", "created_at", "updated_at", "last_activity_at", "email_domain"] {
        canonical.remove(read_only);
    }
    let written = mapping.write_over(&object(contact()), &canonical, Context::default());
    assert_eq!(Value::Object(written.record), contact());
    assert_eq!((written.part, written.removes), (Map::new(), Vec::new()));
}

#[test]
fn writing_over_tells_the_part_from_what_goes_away() {
    let mapping = mapping(Resource::Contacts);
    let written = over(
        &mapping,
        contact(),
        json!({ "title": "Buyer", "emails": [{ "email": "new@larkspur.example", "type": "work" }], "last_name": null }),
    );
    let expected = json!({ "properties": [
        { "type": "SYSTEM", "name": "title", "value": "Buyer" },
        { "type": "SYSTEM", "name": "email", "subtype": "work", "value": "new@larkspur.example" }
    ] });
    assert_eq!(Value::Object(written.part), expected);
    assert_eq!(written.removes, ["properties[name=email][subtype=personal]", "properties[name=last_name]"]);
    assert_eq!(written.record["properties"].as_array().map(Vec::len), Some(12));
    assert_eq!(written.record["source"], "manual");
}

#[test]
fn writing_over_keeps_what_the_mapping_does_not_know() {
    let mapping = mapping(Resource::Contacts);
    let address = json!({ "type": "office", "line1": "14 Tiller Row", "city": "Port Vell", "state": "OR", "postal_code": "97999", "country": "US" });
    let second = json!({ "type": "home", "city": "Malmö" });
    let written = over(&mapping, contact(), json!({ "addresses": [address, second] }));
    let expected = json!({ "properties": [{ "type": "SYSTEM", "name": "address", "subtype": "home", "value": "{\"city\":\"Malmö\"}" }] });
    assert_eq!(Value::Object(written.part), expected, "the first address, with its countryname, stays as it is");
    assert!(written.removes.is_empty());
}

#[test]
fn two_entries_of_one_key_need_a_full_replace() {
    let sent =
        json!({ "emails": [{ "email": "a@x.example", "type": "work" }, { "email": "b@x.example", "type": "work" }] });
    let written = over(&mapping(Resource::Contacts), contact(), sent);
    assert_eq!(written.removes, ["properties[name=email][subtype=personal]", "properties[name=email][subtype=work]"]);
    assert_eq!(fields(&written.warnings)[0].0, "emails");
}

#[test]
fn a_companys_first_website_is_its_url() {
    let mapping = mapping(Resource::Companies);
    let sent = json!({ "name": "Novaquill", "websites": [{ "url": "https://b.example" }, { "url": "https://a.example", "type": "primary" }] });
    let written = mapping.write_new(&object(sent), None, Context::default());
    let expected = json!({ "properties": [
        { "type": "SYSTEM", "name": "name", "value": "Novaquill" },
        { "type": "SYSTEM", "name": "url", "value": "https://a.example" },
        { "type": "SYSTEM", "name": "website", "subtype": "URL", "value": "https://b.example" }
    ] });
    assert_eq!(Value::Object(written.record.clone()), expected);
    let websites = read_one(&mapping, &Value::Object(written.record))["websites"].clone();
    assert_eq!(websites, json!([{ "url": "https://a.example", "type": "primary" }, { "url": "https://b.example" }]));
}

#[test]
fn an_address_that_is_plain_text_reads_and_writes_as_text() {
    let mapping = mapping(Resource::Contacts);
    let vendor =
        json!({ "properties": [{ "type": "SYSTEM", "name": "address", "subtype": "home", "value": "by the {sea" }] });
    let read = read_one(&mapping, &vendor);
    assert_eq!(read["addresses"][0]["string"], "by the {sea");
    assert_eq!(read["addresses"][0]["city"], Value::Null);
    let written = mapping.write_new(&object(json!({ "addresses": read["addresses"] })), None, Context::default());
    assert_eq!(Value::Object(written.record), vendor);
}

#[test]
fn of_two_members_of_one_name_the_last_counts() {
    let vendor = br#"[{"id":1,"id":2,"owner":{"id":5},"owner":{},"properties":[{"name":"title","value":"old"}],"properties":[{"name":"title","value":"x","value":"new"}]}]"#;
    let big = String::from_utf8_lossy(vendor).replace("{\"id\":1", "{\"big\":123456789012345678901234567890,\"id\":1");
    let mapping = mapping(Resource::Contacts);
    let read = read_list(&mapping, vendor);
    assert_eq!((&read[0]["id"], &read[0]["owner_id"], &read[0]["title"]), (&json!("2"), &Value::Null, &json!("new")));
    assert_eq!(read_list(&mapping, big.as_bytes()), read, "the second parser agrees");
}

#[test]
fn sixty_four_bit_ids_survive() {
    let read =
        read_one(&mapping(Resource::Contacts), &json!({ "id": u64::MAX, "owner": { "id": "9007199254740993" } }));
    assert_eq!((&read["id"], &read["owner_id"]), (&json!("18446744073709551615"), &json!("9007199254740993")));
}

#[test]
fn a_selection_keeps_what_a_record_must_have() {
    let mapping = mapping(Resource::Contacts);
    let path = VendorPath::parse("$").expect("a path");
    let select =
        FieldSelection { paths: vec!["id".to_owned(), "emails.type".to_owned(), "custom_fields.value".to_owned()] };
    let reading = field_mapping::Reading { select: Some(&select), ..common::reading(&path, field_mapping::Shape::One) };
    let mut out = Vec::new();
    mapping
        .read(contact().to_string().as_bytes(), &reading, &mut field_mapping::Scratch::default(), &mut out)
        .expect("readable");
    let read: Value = serde_json::from_slice(&out).expect("JSON");
    let names: Vec<&String> = read.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["custom_fields", "emails", "id"]);
    assert_eq!(read["emails"][0], json!({ "email": "orla@larkspur.example", "type": "work" }));
}

#[test]
fn every_known_loss_is_listed() {
    let losses = |resource: Resource| {
        let lines: Vec<String> = mapping(resource).losses().iter().map(ToString::to_string).collect();
        lines.join("\n") + "\n"
    };
    let actual = losses(Resource::Contacts) + &losses(Resource::Companies);
    assert_eq!(actual, include_str!("fixtures/losses.txt"));
}

#[test]
fn coverage_tells_readable_writable_and_absent() {
    let rows = mapping(Resource::Contacts).coverage();
    let row =
        |name: &str| rows.iter().find(|row| row.field == name).map(|row| (row.readable, row.writable)).expect("a row");
    assert_eq!(row("first_name"), (true, true));
    assert_eq!(row("email_domain"), (true, false));
    assert_eq!(row("emails.type"), (true, true));
    assert_eq!(row("addresses.line2"), (false, true));
    assert_eq!(row("gender"), (false, false));
}

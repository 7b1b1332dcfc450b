//! The keys of the language that Agile CRM does not need, on an invented vendor.

mod common;

use common::{compiled, read_one};
use field_mapping::{Context, Mapping};
use serde_json::{Map, Value, json};
use unified_model::vocabulary::Resource;

fn everything() -> Mapping {
    compiled(Resource::Companies, "everything.yaml", include_str!("fixtures/everything.yaml"))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

#[test]
fn every_converter_works_both_ways() {
    let vendor = json!({
        "Id": 9_007_199_254_740_993_u64, "Name": "  Globex ", "odata.notes": "n", "Money": { "Currency": "eur" }, "Active": false,
        "Revenue": 12.50, "Keywords": "vip, emea,,", "Locked": "Y", "Founded": "1999-12-31T23:00:00", "Touched": 1_714_989_600_123_i64,
        "Created": "/Date(1714989600000+0200)/", "Updated": "2024-05-06 10:00", "Count": 3.0, "trashed_time": 5,
        "RowId": 4, "Row": { "Name": "Customer" }, "Phone2": "9", "Street": "Main", "ShipCity": "Rome", "Email2": "b@x.example",
        "extras": [{ "key": 7, "content": "[1,null,[2],{\"a\":1}]" }, { "content": "x" }, { "key": "k", "content": "no json" }]
    });
    let read = read_one(&everything(), &vendor);
    let expected = json!({
        "id": "9007199254740993", "name": "Globex", "description": "n", "currency": "EUR", "status": "Closed", "annual_revenue": "12.5",
        "ownership": "Private", "tags": ["vip", "emea"], "read_only": true, "birthday": "1999-12-31", "interaction_count": 3,
        "last_activity_at": "2024-05-06T10:00:00.123Z", "created_at": "2024-05-06T10:00:00Z", "updated_at": "2024-05-06T10:00:00Z",
        "deleted": true, "row_type": { "id": "4", "name": "Customer" },
        "phone_numbers": [{ "number": "9", "type": "other" }], "emails": [{ "email": "b@x.example", "type": "personal" }],
        "addresses": [
            { "type": "work", "line1": "Main", "city": null, "postal_code": null },
            { "type": "shipping", "line1": null, "city": "Rome", "postal_code": null }
        ],
        "custom_fields": [{ "id": "7", "value": [1, { "a": 1 }] }, { "id": "k", "value": "no json" }]
    });
    assert_eq!(read, expected);
}

#[test]
fn slots_take_what_matches_then_what_is_free_and_say_what_is_left() {
    let sent = json!({
        "phone_numbers": [{ "type": "fax", "number": "2" }, { "type": "mobile", "number": "9" }],
        "emails": [{ "email": "a@x" }, { "email": "b@x" }, { "email": "c@x", "type": "other" }]
    });
    let written = everything().write_patch(&object(sent), Context::default());
    let expected = json!({ "Fax": "2", "Phone": "9", "Phone2": null, "Email": "a@x", "Email2": "b@x" });
    assert_eq!(Value::Object(written.record), expected);
    let warned: Vec<&str> = written.warnings.iter().filter_map(|warning| warning.field.as_deref()).collect();
    assert_eq!(warned, ["phone_numbers.type", "emails"]);
}

#[test]
fn nulls_are_sent_and_a_default_and_a_constant_are_kept() {
    let mapping = everything();
    let sent = json!({ "description": null, "tags": null, "ownership": "Public", "row_type": { "id": null } });
    let patch = mapping.write_patch(&object(sent), Context::default());
    assert_eq!(Value::Object(patch.record), json!({ "odata.notes": null, "Keywords": null, "RowId": null }));
    assert_eq!(patch.warnings[0].message, "it is always `Private` at this vendor");
    let new = mapping.write_new(
        &object(json!({ "name": "Globex", "birthday": "1999-12-31", "tags": ["a", "b"], "read_only": false })),
        None,
        Context::default(),
    );
    let expected =
        json!({ "Name": "Globex", "Founded": "1999-12-31", "Keywords": "a,b", "Locked": "N", "Active": "true" });
    assert_eq!(Value::Object(new.record), expected);
}

#[test]
fn a_text_list_is_read_here_and_written_there() {
    let text = concat!(
        "fields:\n  title: name\n",
        "  tags: { at: tags, write: \"tagsWithTime[].tag\" }\n",
        "  contact_ids: { at: \"contacts[].id\", write: contact_ids, union: [primary_contact_id, company_id] }\n",
        "  monetary_amount: { at: value, as: number_text }\n",
        "  close_date: { at: close, as: epoch_seconds }\n"
    );
    let mapping = compiled(Resource::Opportunities, "deals.yaml", text);
    let sent = json!({ "title": "t", "tags": ["a"], "contact_ids": ["1"], "company_id": "2", "monetary_amount": 12000.0, "close_date": "2024-10-31" });
    let written = mapping.write_new(&object(sent), None, Context::default());
    let expected = json!({ "name": "t", "tagsWithTime": [{ "tag": "a" }], "contact_ids": ["1", "2"], "value": "12000", "close": 1_730_332_800 });
    assert_eq!(Value::Object(written.record), expected);
    assert!(written.warnings.is_empty(), "{:?}", written.warnings);
    let vendor = json!({ "name": "t", "tags": ["a", 5], "contacts": [{ "id": 1 }, {}, { "id": "2" }], "value": "12000", "close": 1_730_332_800 });
    let expected = json!({ "title": "t", "tags": ["a", "5"], "contact_ids": ["1", "2"], "monetary_amount": 12000, "close_date": "2024-10-31" });
    assert_eq!(read_one(&mapping, &vendor), expected);
}

#[test]
fn the_first_of_a_list_of_texts_is_one_value() {
    let text = "fields:\n  opportunity_id: { at: \"deal_ids[0]\", as: text }\n  title: subject\n";
    let mapping = compiled(Resource::Notes, "notes.yaml", text);
    let read = read_one(&mapping, &json!({"subject": "s", "deal_ids": ["7", "8"]}));
    assert_eq!(read["opportunity_id"], "7");
    assert_eq!(read_one(&mapping, &json!({"deal_ids": []}))["opportunity_id"], Value::Null);
    let written = mapping.write_new(&object(json!({"opportunity_id": "9"})), None, Context::default());
    assert_eq!(Value::Object(written.record), json!({"deal_ids": ["9"]}));
    let current = object(json!({"deal_ids": ["7", "8"]}));
    let over = mapping.write_over(&current, &object(json!({"opportunity_id": "9"})), Context::default());
    assert_eq!(Value::Object(over.record), json!({"deal_ids": ["9", "8"]}));
}

/// A vendor that keeps a person's whole name beside its parts, and the deals that it takes part in as records.
fn linked() -> Mapping {
    let file = "
fields:
  id: { at: Id, as: text, mode: read }
  first_name: First
  last_name: Last
  name: { join: [first_name, last_name], split: first_space, write: Whole }
  owner_id: { at: 'Users[Id!=].Id', as: text }
  tags: 'Labels[].Text'
  custom_fields: { each: Own, item: { id: { at: Id, as: text }, name: { at: Name, as: text }, value: Value } }
lists: { Own: { key: [Id] }, Users: { key: [Id] } }
nulls: send
";
    compiled(Resource::Contacts, "linked.yaml", file)
}

#[test]
fn a_list_of_records_is_replaced_by_what_was_sent() {
    let current = object(json!({ "Labels": [{ "Text": "a", "Color": 1 }, { "Text": "b" }] }));
    let over = |sent: Value| linked().write_over(&current, &object(sent), Context::default());
    assert_eq!(over(json!({ "tags": ["b", "c"] })).part["Labels"], json!([{ "Text": "b" }, { "Text": "c" }]));
    assert!(over(json!({ "tags": ["a", "b"] })).part.is_empty());
    assert_eq!(over(json!({ "tags": [] })).record["Labels"], json!([]));
}

#[test]
fn a_whole_that_stands_beside_its_parts_follows_them() {
    let current = object(json!({ "First": "Ann", "Last": "Lee", "Whole": "Ann Lee" }));
    let over = |sent: Value| linked().write_over(&current, &object(sent), Context::default()).part;
    assert_eq!(over(json!({ "last_name": "Ray" })), object(json!({ "Last": "Ray", "Whole": "Ann Ray" })));
    let renamed = over(json!({ "name": "Bo de Vries" }));
    assert_eq!(renamed, object(json!({ "First": "Bo", "Last": "de Vries", "Whole": "Bo de Vries" })));
    assert!(!over(json!({ "tags": [] })).contains_key("Whole"));
    let patch = |sent: Value| linked().write_patch(&object(sent), Context::default()).record;
    assert_eq!(patch(json!({ "last_name": "Ray" })), object(json!({ "Last": "Ray" })));
    let both = patch(json!({ "first_name": "Ann", "last_name": "Ray" }));
    assert_eq!(both["Whole"], "Ann Ray");
}

#[test]
fn the_first_of_a_list_is_changed_by_its_own_member() {
    let current = object(json!({ "Users": [{ "Id": "1", "Name": "x" }, { "Id": "2" }] }));
    let over = |sent: Value| linked().write_over(&current, &object(sent), Context::default());
    let changed = over(json!({ "owner_id": "3" }));
    assert_eq!(changed.record["Users"], json!([{ "Id": "3", "Name": "x" }, { "Id": "2" }]));
    assert_eq!(changed.removes, ["Users[Id=1]"]);
    assert_eq!(
        linked().write_new(&object(json!({ "owner_id": "3" })), None, Context::default()).record["Users"],
        json!([{ "Id": "3" }])
    );
}

#[test]
fn items_without_a_key_are_not_one_item() {
    let sent = object(json!({ "custom_fields": [{ "name": "a", "value": 1 }, { "name": "b", "value": 2 }] }));
    assert_eq!(linked().write_new(&sent, None, Context::default()).warnings, []);
    let twice = object(json!({ "custom_fields": [{ "id": "a", "value": 1 }, { "id": "a", "value": 2 }] }));
    assert_eq!(linked().write_new(&twice, None, Context::default()).warnings.len(), 1);
}

#[test]
fn a_list_ends_where_its_max_does() {
    let text = "
fields:
  name: Name
  websites: { each: Sites, max: 2, set: { type: primary }, item: { url: { at: Url, as: text } } }
lists: { Sites: { key: [Url] } }
";
    let mapping = compiled(Resource::Companies, "sites.yaml", text);
    let current = json!({ "Name": "Globex", "Sites": [{ "Url": "a" }, {}, { "Url": "b" }, { "Url": "c" }] });
    let urls =
        |sites: &Value| sites.as_array().into_iter().flatten().map(|site| site["url"].clone()).collect::<Vec<_>>();
    // An element without its required member is none of the two.
    assert_eq!(urls(&read_one(&mapping, &current)["websites"]), ["a", "b"]);
    let over = mapping.write_over(
        &object(current),
        &object(json!({ "websites": [{ "url": "a", "type": "primary" }] })),
        Context::default(),
    );
    let left: Vec<&Value> =
        over.record["Sites"].as_array().into_iter().flatten().filter_map(|site| site.get("Url")).collect();
    assert_eq!(left, ["a", "c"], "what was not shown is not taken away");
}

#[test]
fn a_null_takes_away_what_the_vendor_takes_no_null_for() {
    let current = object(json!({ "Name": "Globex", "Notes": "n" }));
    let sent = object(json!({ "description": null }));
    for (nulls, part, removes) in [
        ("send", json!({ "Notes": null }), vec![]),
        ("omit", json!({}), vec!["Notes".to_owned()]),
        ("empty_text", json!({}), vec!["Notes".to_owned()]),
    ] {
        let text = format!("nulls: {nulls}\nfields:\n  name: Name\n  description: Notes\n");
        let over = compiled(Resource::Companies, "notes.yaml", &text).write_over(&current, &sent, Context::default());
        assert_eq!((Value::Object(over.part), over.removes), (part, removes), "{nulls}");
    }
    let patched = |nulls: &str| {
        let text = format!("nulls: {nulls}\nfields:\n  name: Name\n  description: Notes\n");
        let written = compiled(Resource::Companies, "notes.yaml", &text).write_patch(&sent, Context::default());
        (Value::Object(written.record), written.warnings.len())
    };
    assert_eq!(patched("send"), (json!({ "Notes": null }), 0));
    assert_eq!(patched("empty_text"), (json!({ "Notes": "" }), 0));
    assert_eq!(patched("omit"), (json!({}), 1), "a caller is told that nothing was cleared");
}

#[test]
fn epoch_seconds_and_offsets_are_the_instants_that_they_say() {
    let text = "
fields:
  name: Name
  created_at: { at: Created, as: epoch_seconds, mode: read }
  updated_at: { at: Updated, as: iso, mode: read }
  last_activity_at: { at: Touched, as: odata_date, mode: read }
";
    let mapping = compiled(Resource::Companies, "times.yaml", text);
    for (created, expected) in [
        (json!(1_714_989_600), Some("2024-05-06T10:00:00Z")),
        (json!("1714989600"), Some("2024-05-06T10:00:00Z")),
        (json!(1_714_989_600_123_i64), Some("2024-05-06T10:00:00.123Z")),
        (json!(253_402_300_799_i64), Some("9999-12-31T23:59:59Z")),
        (json!(253_402_300_800_i64), Some("1978-01-11T21:31:40.800Z")),
        (json!(-62_135_596_800_i64), Some("0001-01-01T00:00:00Z")),
        (json!(i64::MAX), None),
        (json!(0), Some("1970-01-01T00:00:00Z")),
    ] {
        assert_eq!(read_one(&mapping, &json!({ "Created": created }))["created_at"], json!(expected), "{created}");
    }
    for (updated, expected) in [
        ("2024-05-06T10:00:00+05:30", Some("2024-05-06T04:30:00Z")),
        ("2024-05-06T10:00:00-03:30", Some("2024-05-06T13:30:00Z")),
        ("2024-05-06T10:00:00+0545", Some("2024-05-06T04:15:00Z")),
        ("2024-05-06T10:00:00-0930", Some("2024-05-06T19:30:00Z")),
        ("2024-05-06T10:00:00+05", Some("2024-05-06T05:00:00Z")),
        ("2024-05-06T10:00:00+24:00", None),
        ("2024-05-06T10:00:00+05:60", None),
        ("2024-02-30T10:00:00Z", None),
        ("9999-12-31T23:59:59-01:00", None),
    ] {
        assert_eq!(read_one(&mapping, &json!({ "Updated": updated }))["updated_at"], json!(expected), "{updated}");
    }
    for (touched, expected) in [
        ("/Date(253402214400000)/", Some("9999-12-31T00:00:00Z")),
        ("/Date(253402300800000)/", None),
        ("/Date(-1)/", Some("1969-12-31T23:59:59.999Z")),
    ] {
        assert_eq!(
            read_one(&mapping, &json!({ "Touched": touched }))["last_activity_at"],
            json!(expected),
            "{touched}"
        );
    }
}

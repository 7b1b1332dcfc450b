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

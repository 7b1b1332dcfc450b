//! The tenant's own fields: definitions, the values to choose from, and what some companies and contacts have in them.

use serde_json::{Value, json};

use crate::avid::store::Account;
use crate::clock::date_and_time;
use crate::table::record;
use crate::values::cast::Cast;
use crate::values::guid;
use crate::values::words;

/// Column, label, entity, type, and the set that values of that type stand in.
const DEFINITIONS: [[&str; 5]; 8] = [
    ["complabel43", "Fleet size", "Company", "Text", "CustomFieldValueTexts"],
    ["complabel44", "Contract end", "Company", "Date", "CustomFieldValueDates"],
    ["complabel45", "Segment", "Company", "Dropdown", "CustomFieldValueDropdowns"],
    ["complabel46", "Seats", "Company", "Numeric", "CustomFieldValueTextNumerics"],
    ["complabel47", "Remarks", "Company", "Memo", "CustomFieldValueTextMemos"],
    ["contlabel12", "Favourite snack", "Contact", "Text", "CustomFieldValueTexts"],
    ["notelabel01", "Activity Type", "Note", "Dropdown", ""],
    ["opplabel07", "Order number", "Opportunity", "Text", "CustomFieldValueTexts"],
];
const SEGMENTS: [&str; 3] = ["SMB", "Enterprise & public", "O'Hara group"];

/// Answers the activity types of notes: label and id.
pub(in crate::avid) fn fill(
    account: &mut Account,
    cast: &mut Cast,
    departments: &[(String, String)],
) -> Vec<(&'static str, String)> {
    let template = departments.first().map(|(_, template)| template.clone()).unwrap_or_default();
    let definitions = DEFINITIONS.map(|_| guid::next(&mut cast.random));
    for (order, ([name, label, entity, kind, _], id)) in DEFINITIONS.iter().zip(&definitions).enumerate() {
        let members = json!({
            "Name": name,
            "DisplayName": label,
            "EntityType": entity,
            "FieldType": kind,
            "TemplateId": template,
            "Visible": true,
            "VisibleMobile": order % 2 == 0,
            "VisibilityOrder": order,
            "FieldGroupId": Value::Null,
            "Id": id,
        });
        account.insert("CustomFieldDefinitions", record(members));
    }
    let mut choices = |definition: &str, labels: &[&'static str]| -> Vec<(&'static str, String)> {
        let ids = labels.iter().map(|label| {
            let id = guid::next(&mut cast.random);
            let members =
                json!({"CustomFieldDefinitionId": definition, "Value": label, "TemplateId": template, "Id": id});
            account.insert("CustomFieldDefinitionDropDownValues", record(members));
            (*label, id)
        });
        ids.collect()
    };
    let segments = choices(&definitions[2], &SEGMENTS);
    let activity_types = choices(&definitions[6], &words::CONVERSATIONS);
    add_values(account, cast, &definitions, &segments);
    activity_types
}

/// Every company has some of the five fields, every eighth contact a snack, every fifth opportunity an order number.
fn add_values(account: &mut Account, cast: &mut Cast, definitions: &[String], segments: &[(&str, String)]) {
    for (number, company) in cast.companies.iter().enumerate() {
        let values = [
            json!({"Text": company.employees.to_string()}),
            json!({"Date": &date_and_time(company.upkeep.created + 400 * 86_400)[..10]}),
            json!({"DropDownValueId": segments[number % segments.len()].1}),
            json!({"Number": company.employees * 3}),
            json!({"Text": "Line one\r\nLine \"two\" & <three>"}),
        ];
        for (field, value) in values.into_iter().enumerate().filter(|(field, _)| (number + field) % 3 != 2) {
            let id = guid::next(&mut cast.random);
            add(account, DEFINITIONS[field][4], &definitions[field], &company.id, &id, value);
        }
    }
    for person in cast.persons.iter().step_by(8) {
        let (id, snack) = (guid::next(&mut cast.random), cast.random.pick(&words::FRUIT));
        add(account, DEFINITIONS[5][4], &definitions[5], &person.id, &id, json!({"Text": snack}));
    }
    for (number, deal) in cast.deals.iter().enumerate().step_by(5) {
        let id = guid::next(&mut cast.random);
        add(account, DEFINITIONS[7][4], &definitions[7], &deal.id, &id, json!({"Text": format!("PO {number}")}));
    }
}

fn add(account: &mut Account, set: &str, definition: &str, entity: &str, id: &str, value: Value) {
    let mut row = record(value);
    if let Some(Value::String(day)) = row.get_mut("Date") {
        day.push_str("T00:00:00");
    }
    row.extend(record(json!({"CustomFieldDefinitionId": definition, "EntityId": entity, "Id": id})));
    account.insert(set, row);
}

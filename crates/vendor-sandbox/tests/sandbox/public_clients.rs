//! What public clients of the vendors read of an answer, and a mark of deleted records on order.

use serde_json::{Value, json};
use vendor_sandbox::{Fault, FaultKind};

use crate::client::{Agile, read};
use crate::vendor::Vendor;

/// The values of an attribute of every element of that name.
fn attributes<'d>(document: &'d str, element: &str, attribute: &str) -> Vec<&'d str> {
    let opening = format!("<{element} ");
    let elements = document.split(opening.as_str()).skip(1).map(|rest| rest.split_once('>').unwrap().0);
    let wanted = format!("{attribute}=\"");
    elements
        .filter_map(|attributes| {
            let rest = attributes.split_once(wanted.as_str())?.1;
            Some(rest.split_once('"').unwrap().0)
        })
        .collect()
}

#[tokio::test]
async fn every_way_of_the_metadata_has_its_association_and_every_association_its_set() {
    let metadata = Vendor::avid().await.call("GET", "$metadata").await.text;
    let ways = attributes(&metadata, "NavigationProperty", "Relationship");
    let named: Vec<String> =
        attributes(&metadata, "Association", "Name").iter().map(|name| format!("Prophet.{name}")).collect();
    assert!(ways.len() > 20);
    assert_eq!(ways, named, "each has its own");
    assert_eq!(attributes(&metadata, "AssociationSet", "Association"), ways);
    let types = attributes(&metadata, "EntityType", "Name");
    let roles = attributes(&metadata, "End", "Role");
    // Two ends of each association, by their types, and two of each of the sets.
    assert_eq!(roles.len(), ways.len() * 4);
    for end in attributes(&metadata, "End", "Type") {
        assert!(types.contains(&end.strip_prefix("Prophet.").unwrap()), "{end}");
    }
    for set in attributes(&metadata, "End", "EntitySet") {
        assert!(attributes(&metadata, "EntitySet", "Name").contains(&set), "{set}");
    }
    for role in ["ToRole", "FromRole"] {
        assert!(attributes(&metadata, "NavigationProperty", role).iter().all(|role| roles.contains(role)));
    }
}

#[tokio::test]
async fn nothing_has_a_type_too() {
    let agile = Agile::start().await;
    let nothing = agile.delete("contacts/1").await;
    assert_eq!((nothing.status, nothing.content_type.as_str(), nothing.text.as_str()), (204, "application/json", ""));
}

#[tokio::test]
async fn instants_of_a_rule_may_have_a_fraction() {
    let agile = Agile::start().await;
    let rule = json!({"LHS": "created_time", "CONDITION": "BETWEEN", "RHS": 0.5, "RHS_NEW": 4_102_444_800_000.779});
    let filter = json!({"rules": [rule], "contact_type": "PERSON"}).to_string();
    let found = agile.form("filters/filter/dynamic-filter", &[("page_size", "3"), ("filterJson", &filter)]).await;
    assert_eq!(found.list().len(), 3);
}

#[tokio::test]
async fn definitions_of_custom_fields_are_served_by_position() {
    let agile = Agile::start().await;
    let fields = agile.get("custom-fields/scope/position?scope=CONTACT").await.list();
    let positions: Vec<i64> = fields.iter().map(|field| field["position"].as_i64().unwrap()).collect();
    assert!(positions.is_sorted() && !positions.is_empty());
    assert_eq!(fields, agile.get("custom-fields/scope?scope=CONTACT").await.list());
}

#[tokio::test]
async fn records_may_be_marked_as_deleted() {
    let agile = Agile::start().await;
    let fault = json!({"service": "agile-crm", "times": 2, "fault": {"marked": {"trashed_time": 1_715_080_333}}});
    let url = format!("http://{}/_sandbox/faults", agile.running.address);
    assert_eq!(read(agile.http.post(url).body(fault.to_string())).await.status, 204);
    let list = agile.get("contacts?page_size=2").await.list();
    assert!(list.len() == 2 && list.iter().all(|record| record["trashed_time"] == 1_715_080_333));
    let id = list[0]["id"].clone();
    assert_eq!(agile.get(&format!("contacts/{id}")).await.value()["trashed_time"], 1_715_080_333);
    assert_eq!(agile.get(&format!("contacts/{id}")).await.value().get("trashed_time"), None);
}

#[tokio::test]
async fn marks_go_to_the_records_of_each_vendors_answers() {
    let avid = Vendor::avid().await;
    avid.sandbox.inject(Fault::of("avid-crm", FaultKind::Marked(json!({"Gone": true}).as_object().unwrap().clone())));
    let page: Value = serde_json::from_str(&avid.call("GET", "Contacts?$top=1").await.text).unwrap();
    assert_eq!(page["value"][0]["Gone"], true, "{page}");
}

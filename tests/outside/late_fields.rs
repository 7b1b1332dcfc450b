//! Custom fields that an account gets while the gateway still knows the table of definitions from before: their names are
//! found, their values written, and a field that nobody knows does not cost a call each time.

use connector_catalog::Catalog;
use serde_json::{Value, json};

use crate::support::{Gateway, Reply, send};
use crate::vendor::{RawVendor, answer, json as json_answer};

const CONTACT: &str = "/crm/contacts/aaaaaaaa-0000-4000-8000-000000000001";
const TIER: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const RANK: &str = "aaaaaaaa-0000-4000-8000-000000000003";
const NOBODYS: &str = "aaaaaaaa-0000-4000-8000-000000000004";

fn definitions(fields: &[(&str, &str)]) -> Vec<u8> {
    let row = |(id, name): &(&str, &str)| json!({ "Id": id, "DisplayName": name, "EntityType": "Contact", "FieldType": "Text" });
    json_answer(&json!({ "value": fields.iter().map(row).collect::<Vec<_>>() }).to_string())
}

fn contact(fields: &[(&str, &str)]) -> Vec<u8> {
    let row = |(at, (id, text)): (usize, &(&str, &str))| json!({ "Id": format!("cccccccc-0000-4000-8000-00000000000{at}"), "CustomFieldDefinitionId": id, "Text": text });
    let record = json!({
        "Id": "aaaaaaaa-0000-4000-8000-000000000001", "FirstName": "Ada", "AssignedUsers": [], "AssignedCompanies": [],
        "AssignedOpportunities": [], "Addresses": [], "CustomFields": fields.iter().enumerate().map(row).collect::<Vec<_>>()
    });
    json_answer(&record.to_string())
}

fn no_choices() -> Vec<u8> {
    json_answer(r#"{"value":[]}"#)
}

async fn over(answers: &[Vec<u8>]) -> (Gateway, RawVendor) {
    let answers: Vec<&[u8]> = answers.iter().map(Vec::as_slice).collect();
    let vendor = RawVendor::start(&answers).await;
    let address = vendor.address;
    let gateway = Gateway::over(Catalog::built_in().unwrap(), |config| {
        let connector = config.connectors.get_mut(&"avid-crm".parse().unwrap()).unwrap();
        connector.base_url = Some(format!("http://{address}"));
    });
    (gateway.await, vendor)
}

async fn get(gateway: &Gateway) -> Reply {
    send(gateway.request(reqwest::Method::GET, CONTACT).header("x-apideck-service-id", "avid-crm")).await
}

async fn patch(gateway: &Gateway, fields: Value) -> Reply {
    let request = gateway.request(reqwest::Method::PATCH, CONTACT).header("x-apideck-service-id", "avid-crm");
    send(request.header("content-type", "application/json").body(json!({ "custom_fields": fields }).to_string())).await
}

/// The calls since `before`, in short: the method and the collection.
fn calls(vendor: &RawVendor, before: &mut usize) -> Vec<String> {
    let all = vendor.calls();
    let short = |call: &String| {
        let (method, path) = call.split_once(' ').unwrap();
        format!("{method} {}", path.trim_start_matches('/').split(['(', '?']).next().unwrap())
    };
    let new = all[*before..].iter().map(short).collect();
    *before = all.len();
    new
}

#[tokio::test]
async fn a_name_that_the_kept_table_lacks_is_found_in_a_fresh_one_and_asked_for_once() {
    let (old, new) = (definitions(&[(TIER, "Tier")]), definitions(&[(TIER, "Tier"), (RANK, "Rank")]));
    let (gateway, vendor) = over(&[
        no_choices(),
        old,
        contact(&[(TIER, "gold")]),
        contact(&[(TIER, "gold"), (RANK, "high")]),
        new.clone(),
        contact(&[(RANK, "high"), (NOBODYS, "?")]),
        new,
        contact(&[(RANK, "high"), (NOBODYS, "?")]),
    ])
    .await;
    let mut before = 0;
    let names = |reply: &Reply| {
        let fields = reply.body["data"]["custom_fields"].as_array().unwrap_or_else(|| panic!("{}", reply.text)).clone();
        fields.into_iter().map(|field| field["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&get(&gateway).await), ["Tier"]);
    drop(calls(&vendor, &mut before));
    assert_eq!(names(&get(&gateway).await), ["Tier", "Rank"]);
    assert_eq!(calls(&vendor, &mut before), ["GET Contacts", "GET CustomFieldDefinitions"]);
    let unknown = json!(["Rank", null]);
    assert_eq!(json!(names(&get(&gateway).await)), unknown);
    assert_eq!(calls(&vendor, &mut before), ["GET Contacts", "GET CustomFieldDefinitions"]);
    assert_eq!(json!(names(&get(&gateway).await)), unknown);
    assert_eq!(calls(&vendor, &mut before), ["GET Contacts"], "what the vendor does not know is remembered");
}

#[tokio::test]
async fn a_field_that_the_kept_table_lacks_is_written_and_no_other_is_touched() {
    let (gateway, vendor) = over(&[
        no_choices(),
        definitions(&[(TIER, "Tier")]),
        contact(&[(TIER, "gold")]),
        definitions(&[(TIER, "Tier"), (RANK, "Rank")]),
        contact(&[(TIER, "gold"), (RANK, "high")]),
        answer(204, "application/json", ""),
        definitions(&[(TIER, "Tier"), (RANK, "Rank")]),
        contact(&[(TIER, "gold"), (RANK, "low")]),
    ])
    .await;
    let mut before = 0;
    assert_eq!(get(&gateway).await.status, 200);
    drop(calls(&vendor, &mut before));
    let reply = patch(&gateway, json!([{ "id": TIER, "value": "gold" }, { "id": RANK, "value": "low" }])).await;
    assert_eq!((reply.status, &reply.body["meta"]), (200, &Value::Null), "{}", reply.text);
    let written = ["GET CustomFieldDefinitions", "GET Contacts", "PUT CustomFieldValueTexts"];
    assert_eq!(calls(&vendor, &mut before), written);
    let reply = patch(&gateway, json!([{ "name": "Teir", "value": "x" }])).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.body["meta"]["warnings"][0]["field"], "custom_fields", "{}", reply.text);
    assert_eq!(calls(&vendor, &mut before), ["GET CustomFieldDefinitions", "GET Contacts"], "looked for once more");
}

//! Avid: links in XML, and the second word that a link to a company needs.

use serde_json::{Value, json};

use crate::client::read;
use crate::vendor::{Vendor, texts};

const CONTACT: &str = "Contacts(guid'7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0102')";
const ID: &str = "7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0102";

/// A new contact, and two companies to work for.
async fn contact(vendor: &Vendor) -> [String; 2] {
    assert_eq!(vendor.send("POST", "Contacts", &json!({"Id": ID, "LastName": "Pellwick"})).await.status, 201);
    let companies = texts(&vendor.get("Companies?$top=2").await["value"], "Id");
    [companies[0].clone(), companies[1].clone()]
}

async fn expanded(vendor: &Vendor, row: &str, navigation: &str) -> Vec<String> {
    texts(&vendor.get(&format!("{row}?$expand={navigation}")).await[navigation], "Id")
}

#[tokio::test]
async fn a_link_is_put_in_xml_and_answers_203() {
    let vendor = Vendor::avid().await;
    contact(&vendor).await;
    let users = texts(&vendor.get("Users").await["value"], "Id");
    let user = format!("Users(guid'{}')", users[0]);
    assert_eq!(vendor.link("PUT", CONTACT, "AssignedUsers", &user).await, 203);
    assert_eq!(vendor.link("POST", CONTACT, "AssignedUsers", &format!("Users(GUID'{}')", users[1])).await, 204);
    assert_eq!(vendor.link("PUT", CONTACT, "AssignedUsers", &user).await, 203, "twice is once");
    assert_eq!(expanded(&vendor, CONTACT, "AssignedUsers").await, users[..2]);
    let links = vendor.get(&format!("{CONTACT}/$links/AssignedUsers")).await;
    assert!(links["value"][0]["url"].as_str().unwrap().ends_with(&format!("/odata/{user}")));
    let seen = vendor.sandbox.requests().into_iter().find_map(|request| request.text).unwrap();
    assert!(seen.starts_with("<uri xmlns="), "{seen}");

    let path = format!("{CONTACT}/$links/AssignedUsers");
    let json_body = vendor.send("PUT", &path, &json!({"url": user})).await;
    assert_eq!((json_body.status, json_body.value()["odata.error"].is_object()), (400, true));
    assert_eq!(vendor.link("PUT", CONTACT, "AssignedUsers", "Companies(guid'7')").await, 400);
    assert_eq!(vendor.link("PUT", CONTACT, "AssignedUsers", CONTACT).await, 400, "a contact is no user");
    assert_eq!(vendor.link("PUT", CONTACT, "AssignedUsers", &format!("Users(guid'{ID}')")).await, 404);
    assert_eq!(vendor.link("PUT", CONTACT, "Employers", &user).await, 404);

    for removed in [format!("{path}(guid'{}')", users[0]), format!("{path}?$id={user}")] {
        let status = vendor.call("DELETE", &removed).await.status;
        assert_eq!(status, if removed.contains('?') { 404 } else { 204 }, "{removed}");
    }
    assert_eq!(vendor.link("DELETE", CONTACT, "AssignedUsers", &format!("Users(guid'{}')", users[1])).await, 204);
    assert_eq!(expanded(&vendor, CONTACT, "AssignedUsers").await, [""; 0]);
}

#[tokio::test]
async fn a_company_needs_both_its_id_in_the_row_and_a_link() {
    let vendor = Vendor::avid().await;
    let [first, second] = contact(&vendor).await;
    let company = format!("Companies(guid'{first}')");
    let before = expanded(&vendor, &company, "AssignedContacts").await.len();

    assert_eq!(vendor.send("PATCH", CONTACT, &json!({"MainCompanyId": first})).await.status, 204);
    assert_eq!(expanded(&vendor, CONTACT, "AssignedCompanies").await, [""; 0], "the id alone links nothing");
    assert_eq!(vendor.link("PUT", CONTACT, "AssignedCompanies", &company).await, 203);
    assert_eq!(expanded(&vendor, CONTACT, "AssignedCompanies").await, [first.as_str()]);
    assert_eq!(expanded(&vendor, &company, "AssignedContacts").await.len(), before + 1);

    let other = format!("Companies(guid'{second}')");
    assert_eq!(vendor.link("PUT", &other, "AssignedContacts", CONTACT).await, 203, "from the other end");
    assert_eq!(expanded(&vendor, CONTACT, "AssignedCompanies").await, [first.as_str()], "the link alone neither");
    assert_eq!(vendor.send("PATCH", CONTACT, &json!({"MainCompanyId": second})).await.status, 204);
    assert_eq!(expanded(&vendor, CONTACT, "AssignedCompanies").await, [second.as_str()], "one company at a time");
    assert_eq!(vendor.call("DELETE", &format!("{CONTACT}/$links/AssignedCompanies(guid'{first}')")).await.status, 204);
}

#[tokio::test]
async fn opportunities_have_contacts_of_several_companies() {
    let vendor = Vendor::avid().await;
    contact(&vendor).await;
    let id = "7b0f3a52-1c1e-4b6a-9c55-0a6d5f1e0301";
    let opportunity = format!("Opportunities(guid'{id}')");
    let body = json!({"Id": id, "RecordDescription": "Crane telemetry rollout"});
    assert_eq!(vendor.send("POST", "Opportunities", &body).await.status, 201);
    let others = texts(&vendor.get("Contacts?$filter=MainCompanyId ne null&$top=2").await["value"], "Id");
    for other in &others {
        assert_eq!(
            vendor.link("PUT", &opportunity, "AssignedContacts", &format!("Contacts(guid'{other}')")).await,
            203
        );
    }
    assert_eq!(vendor.link("PUT", CONTACT, "AssignedOpportunities", &opportunity).await, 203);
    assert_eq!(expanded(&vendor, &opportunity, "AssignedContacts").await, [others[0].as_str(), &others[1], ID]);
    assert_eq!(vendor.call("DELETE", CONTACT).await.status, 204);
    assert_eq!(expanded(&vendor, &opportunity, "AssignedContacts").await, others);
}

#[tokio::test]
async fn notes_addresses_and_custom_values_are_linked_to_their_owner() {
    let vendor = Vendor::avid().await;
    let [company, _] = contact(&vendor).await;
    let (note, value) = (format!("Notes(guid'{ID}')"), format!("CustomFieldValueTexts(guid'{ID}')"));
    assert_eq!(vendor.send("POST", "Notes", &json!({"Id": ID, "Text": "a\r\nb"})).await.status, 201);
    assert_eq!(vendor.link("PUT", &note, "Contacts", CONTACT).await, 203);
    assert_eq!(vendor.get(&note).await["EntityId"], ID);
    assert_eq!(expanded(&vendor, CONTACT, "Notes").await, [ID]);
    assert_eq!(vendor.call("DELETE", &format!("{note}/$links/Contacts(guid'{ID}')")).await.status, 204);
    assert_eq!(vendor.get(&note).await["EntityId"], Value::Null);

    assert_eq!(vendor.send("POST", "CustomFieldValueTexts", &json!({"Id": ID, "Text": "Snacks"})).await.status, 201);
    assert_eq!(vendor.link("PUT", CONTACT, "CustomFields", &value).await, 203);
    assert_eq!(vendor.link("PUT", CONTACT, "CustomFields", &note).await, 400);
    assert_eq!(expanded(&vendor, CONTACT, "CustomFields").await, [ID]);
    assert_eq!(vendor.call("DELETE", &format!("{CONTACT}/$links/CustomFields(guid'{ID}')")).await.status, 204);

    let address = |last: u8| json!({"Id": format!("{}{last}", &ID[..35]), "EntityId": company, "City": "Saltby"});
    let taken = expanded(&vendor, &format!("Companies(guid'{company}')"), "Addresses").await.len();
    for last in 0..3 {
        let status = vendor.send("POST", "Addresses", &address(last)).await.status;
        assert_eq!(status, if taken + usize::from(last) < 2 { 201 } else { 400 }, "two at most");
    }
    assert_eq!(vendor.call("DELETE", CONTACT).await.status, 204);
    let lost = read(vendor.request("GET", &format!("{CONTACT}/$links/Notes"))).await;
    assert_eq!(lost.status, 404);
}

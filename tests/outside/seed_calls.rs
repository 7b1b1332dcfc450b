//! What vendors' documents offer and the unified model has no place for: every such call is reachable by `/proxy`.

mod agile;

use reqwest::Method;
use serde_json::{Value, json};
use server::sandbox::APPLICATION;
use unified_model::Resource;

use crate::support::{Gateway, Reply, send};

async fn proxy(gateway: &Gateway, service: &str, method: Method, address: &str, body: Option<&Value>) -> Reply {
    let request = gateway.request(method, "/proxy").header("x-apideck-service-id", service);
    let request = request.header("x-apideck-downstream-url", address);
    send(match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    })
    .await
}

/// The JSON of an answer of success.
async fn done(gateway: &Gateway, service: &str, method: Method, address: &str, body: Option<&Value>) -> Value {
    let reply = proxy(gateway, service, method, address, body).await;
    assert!((200..300).contains(&reply.status), "{address}: {} {}", reply.status, reply.text);
    reply.body
}

async fn ids(gateway: &Gateway, service: &str, resource: &str) -> Vec<String> {
    let request = gateway.request(Method::GET, &format!("/crm/{resource}?limit=200"));
    let reply = send(request.header("x-apideck-service-id", service)).await;
    let records = reply.body["data"].as_array().unwrap_or_else(|| panic!("{}", reply.text));
    records.iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn teamswork_records_of_each_kind_are_deleted_in_bulk() {
    let gateway = Gateway::demo().await;
    for (area, entity, resource) in [
        ("pipeline", "leads", "leads"),
        ("pipeline", "opportunities", "opportunities"),
        ("directory", "contacts", "contacts"),
        ("directory", "organizations", "companies"),
    ] {
        let before = ids(&gateway, "teamswork-crm", resource).await;
        let bulk = json!({ "action": "delete", "entity": entity, "ids": [&before[0], &before[1]] });
        let address = format!("/{area}/bulk-actions");
        let answer = done(&gateway, "teamswork-crm", Method::POST, &address, Some(&bulk)).await;
        assert_eq!(answer["item"]["deleted"], 2, "{resource}");
        assert_eq!(ids(&gateway, "teamswork-crm", resource).await, before[2..], "{resource}");
    }
}

#[tokio::test]
async fn a_teamswork_form_that_is_put_anew_says_which_fields_there_are() {
    let gateway = Gateway::demo().await;
    let form = json!({ "fields": [{ "id": "cf_1", "label": "Sites" }, { "id": "cf_9", "label": "Quay" }] });
    done(&gateway, "teamswork-crm", Method::PUT, "/directory/forms/contacts", Some(&form)).await;
    let request = gateway.request(Method::GET, "/vault/connections/crm/teamswork-crm/contacts/custom-fields");
    let fields = send(request).await.body["data"].clone();
    let named = fields.as_array().unwrap().iter().map(|field| (field["id"].as_str(), field["name"].as_str()));
    assert!(named.clone().any(|field| field == (Some("cf_9"), Some("Quay"))), "{fields}");
    let body = json!({ "last_name": "Brackwater", "custom_fields": [{ "name": "Quay", "value": "7" }] });
    let request = gateway.request(Method::POST, "/crm/contacts").header("x-apideck-service-id", "teamswork-crm");
    let added = send(request.header("content-type", "application/json").body(body.to_string())).await;
    assert_eq!((added.status, &added.body["meta"]["warnings"]), (201, &Value::Null), "{}", added.text);
    let path = format!("/directory/contacts/{}", added.body["data"]["id"].as_str().unwrap());
    let record = done(&gateway, "teamswork-crm", Method::GET, &path, None).await;
    assert_eq!(record["item"]["customFields"], json!([{ "id": "cf_9", "label": "Quay", "value": "7" }]));
}

#[tokio::test]
async fn axiomatic_answers_for_what_no_unified_call_asks() {
    let gateway = Gateway::demo().await;
    let call = |method, address: String, body: Option<Value>| {
        let gateway = &gateway;
        async move { done(gateway, "axiomatic-crm", method, &address, body.as_ref()).await }
    };
    assert_eq!(call(Method::GET, "/dashboard".to_owned(), None).await["companies"], 40);
    let lead = &ids(&gateway, "axiomatic-crm", "leads").await[0];
    let mailboxes = call(Method::GET, "/outbound-email-connections".to_owned(), None).await;
    let email = json!({
        "leadId": lead, "connectionId": mailboxes["connections"][0]["id"], "channel": "gmail", "subject": "Your quote",
        "htmlBody": "<p>Hello</p>"
    });
    call(Method::POST, "/outbound-email".to_owned(), Some(email)).await;
    let timeline = call(Method::GET, format!("/leads/{lead}/timeline"), None).await;
    assert_eq!(timeline["timeline"][0]["subject"], "Your quote");
    let list = json!({ "listId": "90a1b2c3-0000-4000-8000-000000000701" });
    call(Method::POST, "/prospecting/add-to-marketing-list".to_owned(), Some(list)).await;
}

#[tokio::test]
async fn avid_takes_the_address_of_its_guide_as_it_is_printed() {
    let gateway = Gateway::demo().await;
    let contacts = done(&gateway, "avid-crm", Method::GET, "/Contacts?$top=100", None).await;
    let is_plain = |own: &&Value| {
        let texts = ["Email", "FirstName", "LastName"].map(|name| own[name].as_str().unwrap_or_default());
        texts.iter().all(|text| {
            !text.is_empty() && text.chars().all(|part| part.is_ascii_alphanumeric() || "@.-".contains(part))
        })
    };
    let known = contacts["value"].as_array().unwrap().iter().find(is_plain).unwrap();
    let (email, first, last) = (known["Email"].as_str(), known["FirstName"].as_str(), known["LastName"].as_str());
    let (email, first, last) = (email.unwrap(), first.unwrap(), last.unwrap());
    let address = format!(
        "/Contacts?$filter=(Email%20eq%20'{email}' and FirstName%20eq%20'{first}'%20and%20LastName%20eq%20'{last}')%20or%20\
         (FirstName%20eq%20'{first}'%20and%20LastName%20eq%20'{last}'%20and%20BusinessPhone%20eq%20'000')&$top=1&\
         $orderby=UpdatedDate%20desc"
    );
    let found = done(&gateway, "avid-crm", Method::GET, &address, None).await;
    assert_eq!(found["value"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["value"][0]["Id"], known["Id"]);
}

#[tokio::test]
async fn every_user_of_an_avid_company_is_read_and_another_owner_takes_the_first_place_alone() {
    let gateway = Gateway::demo().await;
    gateway
        .vault
        .mapping_targets()
        .keep(
            &APPLICATION.parse().unwrap(),
            connection_vault::NewMappingTarget {
                resource: Resource::Companies,
                key: "team",
                label: "Team",
                description: None,
                required: false,
            },
        )
        .await
        .unwrap();
    let mapping = json!({ "custom_mappings": [{ "id": "crm+companies+team", "value": "$.AssignedUsers[*].Id" }] });
    let call = async |method: Method, path: &str, body: Option<&Value>| {
        let request = gateway.request(method, path).header("x-apideck-service-id", "avid-crm");
        let reply = send(match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        });
        let reply = reply.await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.body["data"].clone()
    };
    call(Method::PATCH, "/vault/connections/crm/avid-crm", Some(&mapping)).await;
    let company = ids(&gateway, "avid-crm", "companies").await[0].clone();
    let path = format!("/crm/companies/{company}");
    let owner = call(Method::GET, &path, None).await["owner_id"].clone();
    let users = ids(&gateway, "avid-crm", "users").await;
    let others: Vec<&String> = users.iter().filter(|id| owner != json!(id)).collect();

    let link = format!("<uri>Users(guid'{}')</uri>", others[0]);
    let address = format!("/Companies(guid'{company}')/$links/AssignedUsers");
    let request = gateway.request(Method::PUT, "/proxy").header("x-apideck-service-id", "avid-crm");
    let request = request.header("x-apideck-downstream-url", address).header("content-type", "application/xml");
    assert_eq!(send(request.body(link)).await.status, 203);
    let read = call(Method::GET, &path, None).await;
    assert_eq!((&read["owner_id"], &read["custom_mappings"]["team"]), (&owner, &json!([owner, others[0]])));

    call(Method::PATCH, &path, Some(&json!({ "owner_id": others[1] }))).await;
    let team = call(Method::GET, &path, None).await["custom_mappings"]["team"].clone();
    assert_eq!(team, json!([others[0], others[1]]), "the second user stays");
}

#[tokio::test]
async fn what_an_avid_note_is_tracked_by_is_read_by_a_custom_mapping() {
    let gateway = Gateway::demo().await;
    gateway
        .vault
        .mapping_targets()
        .keep(
            &APPLICATION.parse().unwrap(),
            connection_vault::NewMappingTarget {
                resource: Resource::Notes,
                key: "track",
                label: "Track",
                description: None,
                required: false,
            },
        )
        .await
        .unwrap();
    let mapping = json!({ "custom_mappings": [{ "id": "crm+notes+track", "value": "$.TrackId" }] });
    gateway.patch("/vault/connections/crm/avid-crm", &mapping).await;
    let note = &ids(&gateway, "avid-crm", "notes").await[0];
    let own = done(&gateway, "avid-crm", Method::GET, &format!("/Notes(guid'{note}')"), None).await;
    assert!(own["TrackId"].is_string(), "{own}");
    let request = gateway.request(Method::GET, &format!("/crm/notes/{note}"));
    let read = send(request.header("x-apideck-service-id", "avid-crm")).await;
    assert_eq!(read.body["data"]["custom_mappings"]["track"], own["TrackId"], "{}", read.text);
}

#[tokio::test]
async fn an_address_that_is_linked_to_an_avid_opportunity_is_a_custom_field_of_it() {
    let gateway = Gateway::demo().await;
    let deal = &ids(&gateway, "avid-crm", "opportunities").await[0];
    let id = "5f0c7d1a-93de-4d7c-8d36-2f4f0b6a7e11";
    let address = json!({
        "Id": id, "EntityId": deal, "AddressType": "Shipping", "Street": "4 Quay Road", "City": "Fleetwick", "State": null,
        "PostalCode": "FL1 2QR", "Country": "GB"
    });
    done(&gateway, "avid-crm", Method::POST, "/Addresses", Some(&address)).await;
    let request = gateway.request(Method::PUT, "/proxy").header("x-apideck-service-id", "avid-crm");
    let request = request.header("content-type", "application/xml");
    let links = format!("/Opportunities(guid'{deal}')/$links/Addresses");
    let linked =
        send(request.header("x-apideck-downstream-url", links).body(format!("<uri>Addresses(guid'{id}')</uri>")));
    assert_eq!(linked.await.status, 203);
    let request = gateway.request(Method::GET, &format!("/crm/opportunities/{deal}"));
    let read = send(request.header("x-apideck-service-id", "avid-crm")).await;
    let fields = read.body["data"]["custom_fields"].as_array().unwrap();
    let shown = fields.iter().find(|field| field["id"] == id).unwrap_or_else(|| panic!("{}", read.text));
    assert_eq!((&shown["name"], &shown["value"]), (&json!("Shipping"), &address));
}

#[tokio::test]
async fn the_notes_of_an_avid_record_are_the_same_by_a_filter_and_with_the_record() {
    let gateway = Gateway::demo().await;
    let notes = async || {
        let mut lists = Vec::new();
        for (filter, resource) in
            [("contact_id", "contacts"), ("company_id", "companies"), ("opportunity_id", "opportunities")]
        {
            for id in ids(&gateway, "avid-crm", resource).await.iter().take(6) {
                let request = gateway.request(Method::GET, &format!("/crm/notes?filter[{filter}]={id}&limit=200"));
                let reply = send(request.header("x-apideck-service-id", "avid-crm")).await;
                assert_eq!(reply.status, 200, "{}", reply.text);
                let mut list = reply.body["data"].as_array().unwrap().clone();
                list.sort_by_key(|note| note["id"].to_string());
                lists.push(list);
            }
        }
        lists
    };
    let filtered = notes().await;
    assert!(filtered.iter().flatten().count() > 3);
    let settings = json!({ "settings": { "notes_of_a_record": "expand" } });
    assert_eq!(gateway.patch("/vault/connections/crm/avid-crm", &settings).await.status, 200);
    assert_eq!(notes().await, filtered);
}

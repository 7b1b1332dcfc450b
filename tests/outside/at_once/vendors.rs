//! What reads first, vendor by vendor: whole records, lists that go as a whole, parts that others depend on, and records that two
//! resources share.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{at_once, call, first, record, slow};
use crate::support::Gateway;

/// Sends the changes at once; the record as it is afterwards.
async fn changed_at_once(gateway: &Gateway, service: &str, path: &str, changes: &[Value]) -> Value {
    slow(&gateway.sandbox, service);
    let replies = at_once(changes.iter().map(|body| call(gateway, service, Method::PATCH, path, Some(body)))).await;
    for reply in replies {
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    record(gateway, service, path).await
}

#[tokio::test]
async fn a_deals_parts_are_all_kept() {
    let gateway = Gateway::demo().await;
    let path = first(&gateway, "agile-crm", "opportunities").await;
    let changes = [
        json!({"tags": ["urgent"]}),
        json!({"close_date": "2027-03-04"}),
        json!({"custom_fields": [{"name": "Region", "value": "north"}]}),
    ];
    let deal = changed_at_once(&gateway, "agile-crm", &path, &changes).await;
    assert_eq!((&deal["tags"], &deal["close_date"]), (&json!(["urgent"]), &json!("2027-03-04")), "{deal}");
    let fields = deal["custom_fields"].as_array().unwrap();
    assert!(fields.iter().any(|field| field["name"] == "Region" && field["value"] == "north"), "{deal}");
}

#[tokio::test]
async fn both_parts_of_a_name_are_kept() {
    let gateway = Gateway::demo().await;
    let path = first(&gateway, "pipedrive", "contacts").await;
    let person =
        changed_at_once(&gateway, "pipedrive", &path, &[json!({"first_name": "Ada"}), json!({"last_name": "Byron"})])
            .await;
    assert_eq!((&person["first_name"], &person["last_name"]), (&json!("Ada"), &json!("Byron")), "{person}");
}

/// A lead that is a contact with a tag: both resources write the one record.
#[tokio::test]
async fn resources_that_share_a_record_take_turns() {
    let gateway = crate::support::Gateway::demo().await;
    let service = "agile-crm".parse().unwrap();
    let definition = std::sync::Arc::clone(gateway.vault.catalog().connector(&service).unwrap());
    let connection = server::sandbox::demo_connection(&definition).unwrap().with_setting("leads_mode", "tag");
    gateway
        .vault
        .connections()
        .delete(&server::sandbox::APPLICATION.parse().unwrap(), &server::sandbox::CONSUMER.parse().unwrap(), &service)
        .await
        .unwrap();
    server::sandbox::connect(&gateway.vault, connection, gateway.vendors.address).await.unwrap();
    let lead = json!({
        "name": "Ada Byron",
        "first_name": "Ada",
        "last_name": "Byron",
        "title": "CTO",
        "websites": [{"url": "https://a.example"}],
    });
    let added = crate::support::send(call(&gateway, "agile-crm", Method::POST, "/crm/leads", Some(&lead))).await;
    let id = added.body["data"]["id"].as_str().unwrap_or_else(|| panic!("{}", added.text)).to_owned();
    slow(&gateway.sandbox, "agile-crm");
    // Each takes something away, so each sends the whole record.
    let replies = at_once([
        call(&gateway, "agile-crm", Method::PATCH, &format!("/crm/leads/{id}"), Some(&json!({"title": null}))),
        call(&gateway, "agile-crm", Method::PATCH, &format!("/crm/contacts/{id}"), Some(&json!({"websites": []}))),
    ])
    .await;
    for reply in replies {
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let contact = record(&gateway, "agile-crm", &format!("/crm/contacts/{id}")).await;
    assert!(contact["title"].is_null() && contact["websites"].as_array().is_none_or(Vec::is_empty), "{contact}");
}

/// A note on a deal reads the deal's notes to tell its own id from theirs.
#[tokio::test]
async fn notes_on_one_deal_each_know_their_own_id() {
    let gateway = Gateway::demo().await;
    let deal = first(&gateway, "agile-crm", "opportunities").await;
    let deal = deal.rsplit('/').next().unwrap();
    slow(&gateway.sandbox, "agile-crm");
    let note = |number: usize| json!({"title": format!("Note {number}"), "content": "text", "opportunity_id": deal});
    let notes: Vec<Value> = (0..4).map(note).collect();
    let add = |body| call(&gateway, "agile-crm", Method::POST, "/crm/notes", Some(body));
    let replies = at_once(notes.iter().map(add)).await;
    let mut ids = BTreeSet::new();
    for (note, reply) in notes.iter().zip(&replies) {
        assert_eq!(reply.status, 201, "{}", reply.text);
        let id = reply.body["data"]["id"].as_str().unwrap();
        let written = record(&gateway, "agile-crm", &format!("/crm/notes/{id}")).await;
        assert_eq!(written["title"], note["title"], "{written}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 4);
}

//! Deals: whole, in part, and in lists.

use serde_json::{Value, json};

use crate::client::{Agile, Reply, ids};

/// A person of the seed, whose id a double cannot hold.
const PERSON: &str = "9007199254740993";
const COMPANY: &str = "9223372036854775783";

fn dock_sensors() -> Value {
    json!({
        "name": "Dock sensors", "expected_value": "12000", "probability": "40", "close_date": 1_730_419_200,
        "milestone": "Open", "pipeline_id": 0, "owner_id": "5200000000000002", "contact_ids": [PERSON, COMPANY, "7"],
        "custom_data": [{"name": "Sites", "value": "2"}], "tagsWithTime": [{"tag": "Pilot"}], "deal_source_id": "5300000000000031"
    })
}

async fn deal(agile: &Agile) -> Value {
    agile.json("POST", "opportunity", &dock_sensors()).await.value()
}

async fn put(agile: &Agile, path: &str, body: Value) -> Reply {
    agile.json("PUT", path, &body).await
}

#[tokio::test]
async fn a_deal_shows_its_contacts_and_its_owner_and_lands_on_the_default_track() {
    let agile = Agile::start().await;
    let deal = deal(&agile).await;
    assert_eq!(deal["pipeline_id"], 5_600_000_000_000_001_i64);
    assert_eq!(deal["contact_ids"], json!([PERSON, COMPANY]), "a contact that nobody knows is not linked");
    assert_eq!((&deal["contacts"][0]["type"], &deal["contacts"][1]["type"]), (&json!("PERSON"), &json!("COMPANY")));
    assert_eq!((&deal["owner"]["name"], &deal["updated_time"]), (&json!("Ines Quay"), &json!(0)));
    assert_eq!((&deal["tags"], &deal["probability"]), (&json!(["Pilot"]), &json!(40)));
}

#[tokio::test]
async fn what_a_deal_must_have() {
    let agile = Agile::start().await;
    for (member, status) in [("name", 400), ("expected_value", 400), ("milestone", 500)] {
        let mut body = dock_sensors();
        body.as_object_mut().unwrap().remove(member);
        assert_eq!(agile.json("POST", "opportunity", &body).await.status, status, "{member}");
    }
    for (member, value) in [("probability", json!(101)), ("expected_value", json!(2e12)), ("colorName", json!("PINK"))]
    {
        let mut body = dock_sensors();
        body[member] = value;
        assert_eq!(agile.json("POST", "opportunity", &body).await.status, 400, "{member}");
    }
}

#[tokio::test]
async fn the_last_milestones_force_the_probability() {
    let agile = Agile::start().await;
    let id = deal(&agile).await["id"].clone();
    let won = put(&agile, "opportunity/partial-update", json!({"id": id, "milestone": "Won", "probability": 3}))
        .await
        .value();
    assert_eq!((&won["probability"], &won["won_date"]), (&json!(100), &won["milestone_changed_time"]));
    let lost = put(&agile, "opportunity/partial-update", json!({"id": id, "milestone": "Lost"})).await.value();
    assert_eq!((&lost["probability"], &lost["won_date"]), (&json!(0), &Value::Null));
    let signed = json!({"id": id, "milestone": "Signed", "pipeline_id": "5600000000000003"});
    let signed = put(&agile, "opportunity/partial-update", signed).await.value();
    assert_eq!(signed["probability"], 100, "the track names its own");
}

#[tokio::test]
async fn a_partial_update_passes_over_what_it_does_not_know() {
    let agile = Agile::start().await;
    let before = deal(&agile).await;
    let body = json!({"id": before["id"].to_string(), "name": "Renamed", "close_date": 1, "owner_id": "5200000000000003",
        "tags": ["Other"], "deal_source_id": 0, "contact_ids": [PERSON], "custom_data": [{"name": "Yards", "value": 4}]});
    let after = put(&agile, "opportunity/partial-update", body).await.value();
    for member in ["close_date", "owner", "tags", "deal_source_id", "contact_ids"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!((&after["name"], &after["updated_time"]), (&json!("Renamed"), &json!(1_767_225_602)));
    assert_eq!(after["custom_data"], json!([{"name": "Sites", "value": "2"}, {"name": "Yards", "value": "4"}]));
    assert_eq!(put(&agile, "opportunity/partial-update", json!({"id": 5})).await.status, 204);
    let unlinked =
        put(&agile, "opportunity/partial-update/delete-contact", json!({"id": before["id"], "contact_ids": [PERSON]}));
    assert_eq!(unlinked.await.value()["contact_ids"], json!([COMPANY]));
}

#[tokio::test]
async fn a_full_update_forgets_what_is_not_sent() {
    let agile = Agile::start().await;
    let id = deal(&agile).await["id"].clone();
    let body = json!({"id": id, "name": "Bare", "expected_value": 1, "milestone": "New"});
    for method in ["PUT", "POST"] {
        let after = agile.json(method, "opportunity", &body).await.value();
        assert_eq!((&after["id"], &after["contact_ids"], &after["tags"]), (&id, &json!([]), &json!([])));
        assert_eq!((after.get("close_date"), &after["owner"]["name"]), (None, &json!("Maren Tolle")));
    }
    assert_eq!(put(&agile, "opportunity", json!({"id": 5, "name": "x"})).await.status, 204);
}

#[tokio::test]
async fn deals_are_listed_in_pages_by_track_and_by_contact() {
    let agile = Agile::start().await;
    let mut seen = Vec::new();
    let mut path = "opportunity?page_size=7".to_owned();
    loop {
        let page = agile.get(&path).await.list();
        assert_eq!(page[0].get("count").is_some(), seen.is_empty());
        seen.extend(ids(&page));
        let Some(cursor) = page.last().and_then(|last| last["cursor"].as_str()) else { break };
        path = format!("opportunity?page_size=7&cursor={cursor}");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 60);
    assert_eq!(agile.get("opportunity").await.list().len(), 25);
    let of_track =
        async |track: &str| agile.get(&format!("opportunity/based?page_size=100&pipeline_id={track}")).await.list();
    let (default, partners) = (of_track("0").await, of_track("5600000000000003").await);
    assert!(default.iter().all(|deal| deal["pipeline_id"] == 5_600_000_000_000_001_i64));
    assert!(partners.len() > 5 && default.len() > 5 && of_track("1").await.len() == 60);
    let contact = default[0]["contact_ids"][0].as_str().unwrap();
    let of_contact = agile.get(&format!("contacts/{contact}/deals")).await.list();
    assert!(ids(&of_contact).contains(&default[0]["id"].as_i64().unwrap()));
    let board = agile.get("opportunity/byPipeline/based?pipeline_id=5600000000000003").await.value();
    assert_eq!(board.as_object().unwrap().keys().collect::<Vec<_>>(), ["Dropped", "Intro", "Signed", "Trial"]);
}

#[tokio::test]
async fn what_goes_is_unlinked_everywhere() {
    let agile = Agile::start().await;
    let before = deal(&agile).await;
    let id = before["id"].clone();
    let note = json!({"subject": "Call", "description": "Spoke.", "contact_ids": [PERSON]});
    let note = agile.json("POST", "notes", &note).await.value()["id"].clone();
    let task = json!({"subject": "Ring", "type": "CALL", "priority_type": "LOW", "due": 1, "contacts": [PERSON], "deal_ids": [id]});
    let task = agile.json("POST", "tasks", &task).await.value()["id"].clone();
    assert_eq!(agile.delete(&format!("contacts/{PERSON}")).await.status, 204);
    assert_eq!(agile.get(&format!("opportunity/{id}")).await.value()["contact_ids"], json!([COMPANY]));
    assert_eq!(agile.get(&format!("notes/{note}")).await.status, 204, "its only parent is gone");
    assert_eq!(agile.get(&format!("tasks/{task}")).await.value()["contacts"], json!([]));
    assert_eq!(agile.delete(&format!("opportunity/{id}")).await.status, 204);
    assert_eq!(agile.get(&format!("tasks/{task}")).await.value()["deal_ids"], json!([]));
    assert_eq!(agile.get(&format!("opportunity/{id}")).await.status, 204);
}

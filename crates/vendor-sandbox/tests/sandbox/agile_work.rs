//! Notes, tasks, events, tracks and leads.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{Agile, ids};

const PERSON: &str = "9007199254740993";
const COMPANY: &str = "9223372036854775783";

async fn first_deal(agile: &Agile) -> Value {
    agile.get("opportunity?page_size=1").await.list()[0].clone()
}

#[tokio::test]
async fn a_note_on_a_deal_is_answered_with_the_deal() {
    let agile = Agile::start().await;
    let deal = first_deal(&agile).await;
    let body = json!({"subject": "Pricing", "description": "Sent revision B.", "deal_ids": [deal["id"].to_string()]});
    let answer = agile.json("POST", "opportunity/deals/notes", &body).await.value();
    assert_eq!((&answer["id"], &answer["entity_type"]), (&deal["id"], &json!("deal")));
    let known: BTreeSet<&str> = deal["note_ids"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let new = answer["note_ids"].as_array().unwrap().iter().filter_map(Value::as_str).find(|id| !known.contains(id));
    let note = agile.get(&format!("notes/{}", new.unwrap())).await.value();
    assert_eq!((&note["subject"], &note["deal_ids"]), (&json!("Pricing"), &json!([deal["id"].to_string()])));
    let edit =
        json!({"id": note["id"], "subject": "Prices", "description": "B.", "deal_ids": [deal["id"].to_string()]});
    assert_eq!(agile.json("PUT", "opportunity/deals/notes", &edit).await.value()["entity_type"], "deal");
    let notes = agile.get(&format!("opportunity/{}/notes", deal["id"])).await.list();
    assert_eq!(notes.last().unwrap()["subject"], "Prices");
    let nowhere = json!({"subject": "a", "description": "b", "deal_ids": ["5"]});
    assert_eq!(agile.json("POST", "opportunity/deals/notes", &nowhere).await.status, 400);
}

#[tokio::test]
async fn a_contacts_note_lives_by_its_contacts() {
    let agile = Agile::start().await;
    let body = json!({"subject": "Call", "description": "Pilot.", "contact_ids": [PERSON, COMPANY]});
    let note = agile.json("POST", "notes", &body).await.value();
    let listed = agile.get(&format!("contacts/{PERSON}/notes")).await.list();
    assert_eq!((&listed[0]["id"], listed[0]["count"].as_u64()), (&note["id"], Some(listed.len() as u64)));
    assert_eq!(note["contacts"][1]["type"], "COMPANY");
    let edit = json!({"id": note["id"], "subject": "Call", "description": "Later.", "contact_ids": [PERSON, COMPANY]});
    assert_eq!(agile.json("PUT", "notes", &edit).await.value()["description"], "Later.");
    assert_eq!(agile.delete(&format!("contacts/{PERSON}/notes/{}", note["id"])).await.status, 204);
    assert_eq!(agile.get(&format!("notes/{}", note["id"])).await.value()["contact_ids"], json!([COMPANY]));
    let ids = format!("[\"{}\"]", note["id"]);
    assert_eq!(agile.form("contacts/notes/bulk", &[("ids", &ids)]).await.status, 204);
    assert_eq!(agile.get(&format!("notes/{}", note["id"])).await.status, 204);
    assert_eq!(agile.json("POST", "notes", &json!({"subject": "no text"})).await.status, 400);
}

#[tokio::test]
async fn tasks_are_written_with_ids_and_read_with_contacts() {
    let agile = Agile::start().await;
    let body = json!({"subject": "Send", "type": "EMAIL", "priority_type": "HIGH", "status": "YET_TO_START",
        "progress": "0", "is_complete": "false", "due": 1_717_200_000, "taskDescription": "Yard plan", "contacts": [PERSON]});
    let task = agile.json("POST", "tasks", &body).await.value();
    assert_eq!((&task["contacts"][0]["id"], &task["task_start_time"]), (&json!(9_007_199_254_740_993_i64), &json!(0)));
    let edit = json!({"id": task["id"].to_string(), "priority_type": "URGENT", "status": "DONE", "progress": "50",
        "contacts": [COMPANY], "taskDescription": "not taken"});
    let edited = agile.json("PUT", "tasks/partial-update", &edit).await.value();
    assert_eq!((&edited["priority_type"], &edited["status"]), (&json!("HIGH"), &json!("YET_TO_START")));
    assert_eq!((&edited["progress"], &edited["taskDescription"]), (&json!(50), &json!("Yard plan")));
    assert_eq!(edited["contacts"].as_array().unwrap().len(), 2, "contacts are added");
    assert_ne!(edited["task_start_time"], 0);
    let whole = json!({"id": task["id"], "subject": "Sent", "type": "Site Visit", "priority_type": "LOW", "due": 5,
        "is_complete": true});
    let whole = agile.json("PUT", "tasks", &whole).await.value();
    assert_eq!((&whole["contacts"], whole.get("taskDescription")), (&json!([]), None));
    assert_ne!(whole["task_completed_time"], 0);
    assert_eq!(agile.json("PUT", "tasks/partial-update", &json!({"id": 5})).await.status, 204);
    assert_eq!(agile.json("POST", "tasks", &json!({"subject": "x", "type": "CALL", "due": 1})).await.status, 400);
    assert_eq!(agile.delete(&format!("tasks/{}", task["id"])).await.status, 204);
    assert_eq!(agile.get(&format!("tasks/{}", task["id"])).await.status, 204);
}

#[tokio::test]
async fn tasks_are_listed_by_criteria_in_pages() {
    let agile = Agile::start().await;
    let calls = agile.get("tasks/based?criteria=CATEGORY&type=CALL&page_size=4").await.list();
    assert!(calls.iter().all(|task| task["type"] == "CALL"));
    assert_eq!((calls[0]["count"].as_u64(), calls.len()), (Some(6), 4));
    let rest = calls[3]["cursor"].as_str().unwrap();
    let rest = agile.get(&format!("tasks/based?criteria=CATEGORY&type=CALL&page_size=4&cursor={rest}")).await.list();
    assert!(rest.len() == 2 && rest[1].get("cursor").is_none());
    let (pending, all) = (agile.get("tasks").await.list(), agile.get("tasks/all").await.list());
    assert_eq!((pending.len(), all.len()), (45, 60));
    let mine = agile.get("tasks/based?owner=5200000000000001").await.list();
    assert!(!mine.is_empty() && mine.iter().all(|task| task["taskOwner"]["id"] == 5_200_000_000_000_001_i64));
}

#[tokio::test]
async fn events_need_a_window() {
    let agile = Agile::start().await;
    assert_eq!(agile.get("events").await.status, 400);
    assert_eq!(agile.get("events?start=1").await.status, 400);
    assert_eq!(agile.get("events?start=1&end=2").await.status, 204);
    assert_eq!(agile.get("events?start=0&end=4102444800").await.list().len(), 40);
    let body = json!({"title": "Yard walk", "allDay": false, "start": 100, "end": 200, "contacts": [PERSON], "description": "Badges"});
    let event = agile.json("POST", "events", &body).await.value();
    assert_eq!(ids(&agile.get("events?start=150&end=300").await.list()), [event["id"].as_i64().unwrap()]);
    let whole = json!({"id": event["id"], "title": "Walk", "start": 100, "end": 300});
    let whole = agile.json("PUT", "events", &whole).await.value();
    assert_eq!((&whole["contacts"], whole.get("description")), (&json!([]), None));
    let new = agile.json("PUT", "events", &json!({"title": "New", "start": 1, "end": 2})).await.value();
    assert_ne!(new["id"], event["id"], "a PUT without an id creates");
    assert_eq!(agile.delete(&format!("events/{}", event["id"])).await.status, 204);
    assert_eq!(agile.get("events?start=150&end=300").await.status, 204);
}

#[tokio::test]
async fn tracks_have_their_rules() {
    let agile = Agile::start().await;
    let tracks = agile.get("milestone/pipelines").await.list();
    assert_eq!((tracks.len(), &tracks[0]["isDefault"], &tracks[0]["won_milestone"]), (3, &json!(true), &Value::Null));
    let reserved = agile.json("POST", "milestone/pipelines", &json!({"name": "Default", "milestones": "A,B"})).await;
    assert_eq!(reserved.status, 400);
    let new = agile
        .json("POST", "milestone/pipelines", &json!({"name": "Fairs", "milestones": "Met,Won,Lost"}))
        .await
        .value();
    let edit = json!({"id": new["id"], "name": "Fairs", "milestones": "Met,Called,Won,Lost"});
    assert_eq!(agile.json("PUT", "milestone/pipelines", &edit).await.value()["milestones"], "Met,Called,Won,Lost");
    assert_eq!(agile.get(&format!("milestone/{}", new["id"])).await.value()["name"], "Fairs");
    for track in tracks {
        assert_eq!(agile.delete(&format!("milestone/pipelines/{}", track["id"])).await.status, 204);
    }
    assert_eq!(agile.get(&format!("milestone/{}", new["id"])).await.value()["isDefault"], true, "the default moved on");
    let last = agile.delete(&format!("milestone/pipelines/{}", new["id"])).await;
    assert_eq!((last.status, last.text.as_str()), (400, "Sorry, There should be atleast one track."));
}

#[tokio::test]
async fn leads_are_contacts_that_contact_lists_do_not_show() {
    let agile = Agile::start().await;
    let leads = agile.walk("leads/list", &[]).await;
    assert_eq!((leads.len(), leads[0]["count"].as_u64()), (40, Some(40)));
    assert!(leads.iter().all(|lead| lead["type"] == "LEAD"));
    let body = json!({"type": "LEAD", "lead_source_id": "5300000000000011", "lead_status_id": "5300000000000021",
        "tagsWithTime": [{"tag": "Webinar"}], "properties": [{"name": "first_name", "value": "Piers"},
        {"name": "company", "value": "Gannet Optics"}]});
    let lead = agile.person(&body).await;
    assert_eq!((&lead["lead_status_id"], &lead["tags"]), (&json!(5_300_000_000_000_021_i64), &json!(["Webinar"])));
    assert!(lead["contact_company_id"].is_string(), "the name made a company");
    let persons = agile.form("contacts/list", &[]).await.list();
    assert!(persons.iter().all(|person| person["type"] == "PERSON"));
    let filter = json!({"rules": [{"LHS": "tags", "CONDITION": "EQUALS", "RHS": "Webinar"}], "contact_type": "LEAD"});
    let found = agile.form("filters/filter/dynamic-filter", &[("filterJson", &filter.to_string())]).await.list();
    assert_eq!(ids(&found), [lead["id"].as_i64().unwrap()]);
    let mut person = body.clone();
    person["id"] = lead["id"].clone();
    person["type"] = json!("PERSON");
    person["is_lead_converted"] = json!(true);
    let person = agile.json("PUT", "contacts", &person).await.value();
    assert_eq!((&person["type"], &person["id"]), (&json!("PERSON"), &lead["id"]));
    assert_ne!(person["lead_converted_time"], 0);
    let statuses = agile.get("categories?entity_type=LEAD_STATUS").await.list();
    assert_eq!(statuses.iter().filter(|status| status["is_conversion_flag"] == true).count(), 1);
}

#[tokio::test]
async fn the_seed_is_consistent() {
    let agile = Agile::start().await;
    let deals = agile.get("opportunity?page_size=100").await.list();
    let contacts: BTreeSet<i64> = [
        agile.form("contacts/list", &[]).await.list(),
        agile.form("contacts/companies/list", &[]).await.list(),
        agile.walk("leads/list", &[]).await,
    ]
    .iter()
    .flat_map(|records| ids(records))
    .collect();
    let mut notes = BTreeSet::new();
    let mut shared = 0;
    for (parent, path) in
        contacts.iter().map(|id| (id, "contacts")).chain(ids(&deals).iter().map(|id| (id, "opportunity")))
    {
        for note in agile.get(&format!("{path}/{parent}/notes")).await.list() {
            shared += usize::from(!notes.insert(note["id"].as_i64().unwrap()));
        }
    }
    assert_eq!(notes.len(), 80);
    assert!(shared > 20, "several parents: {shared}");
    let linked = deals.iter().flat_map(|deal| deal["contact_ids"].as_array().unwrap());
    assert!(linked.clone().count() > 60);
    assert!(linked.into_iter().all(|id| contacts.contains(&id.as_str().unwrap().parse().unwrap())));
    for deal in &deals {
        let track = agile.get(&format!("milestone/{}", deal["pipeline_id"])).await.value();
        let milestones = track["milestones"].as_str().unwrap();
        assert!(milestones.split(',').any(|name| deal["milestone"] == name.trim()), "{deal}");
    }
}

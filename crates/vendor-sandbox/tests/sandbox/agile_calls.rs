//! Campaigns, documents, tickets, and what is done by an e-mail address: the calls of the documentation that no resource uses.

use serde_json::{Value, json};

use crate::client::Agile;

async fn person(agile: &Agile) -> Value {
    let body = json!({"lead_score": 5, "tags": ["First"], "properties": [
        {"type": "SYSTEM", "name": "first_name", "value": "Odile"},
        {"type": "SYSTEM", "name": "email", "subtype": "work", "value": "odile@quay.example"},
    ]});
    agile.person(&body).await
}

#[tokio::test]
async fn what_is_said_of_an_address_is_said_of_its_person() {
    let agile = Agile::start().await;
    let id = person(&agile).await["id"].clone();
    let email = ("email", "odile@quay.example");
    let tags = ("tags", "[\"Second\",\"Third\"]");
    assert_eq!(agile.form("contacts/email/tags/add", &[email, tags]).await.status, 204);
    assert_eq!(agile.form("contacts/email/tags/delete", &[email, ("tags", "[\"First\"]")]).await.status, 204);
    assert_eq!(agile.form("contacts/add-score", &[email, ("score", "-2")]).await.value()["lead_score"], 3);
    let title = json!({"type": "SYSTEM", "name": "title", "value": "Buyer"});
    let changed = agile.json("POST", "contacts/add/property?email=odile@quay.example", &title).await.value();
    assert_eq!(changed["tags"], json!(["Second", "Third"]));
    assert!(changed["properties"].as_array().unwrap().contains(&title), "{changed}");
    let note = ("note", "{\"subject\":\"test\",\"description\":\"testing\"}");
    assert_eq!(agile.form("contacts/email/note/add", &[email, note]).await.status, 204);
    assert_eq!(agile.get(&format!("contacts/{id}/notes")).await.list()[0]["subject"], "test");
    let task = json!({"subject": "Call", "type": "CALL", "due": 1_456_986_600, "task_ending_time": "12:00", "priority_type": "HIGH"});
    let task = agile.json("POST", "tasks/email/odile@quay.example", &task).await.value();
    assert_eq!((&task["contacts"][0]["id"], &task["task_ending_time"]), (&id, &json!("12:00")));
    let deal =
        json!({"name": "Deal-Tomato", "expected_value": "500", "milestone": "Proposal", "close_date": 1_455_042_600});
    let deal = agile.json("POST", "opportunity/email/odile@quay.example", &deal).await.value();
    assert_eq!(deal["contacts"][0]["id"], id);
    assert_eq!(agile.json("POST", "opportunity/email/nobody@quay.example", &json!({"name": "x"})).await.status, 204);
}

#[tokio::test]
async fn campaigns_take_persons_and_let_them_go() {
    let agile = Agile::start().await;
    let id = person(&agile).await["id"].clone();
    let campaign = agile.get("workflows?page_size=20").await.list()[0]["id"].clone();
    let workflow = campaign.to_string();
    let pairs = [("email", "odile@quay.example"), ("workflow-id", workflow.as_str())];
    assert_eq!(agile.form("campaigns/enroll/email", &pairs).await.status, 200);
    assert_eq!(agile.form("campaigns/enroll/email", &pairs[..1]).await.status, 400);
    let gone = agile.delete(&format!("workflows/remove-active-subscriber/{workflow}/{id}")).await;
    assert_eq!(gone.status, 204);
}

#[tokio::test]
async fn documents_belong_to_contacts() {
    let agile = Agile::start().await;
    let id = person(&agile).await["id"].to_string();
    assert_eq!(agile.get(&format!("documents/contact/{id}/docs")).await.status, 204);
    let body =
        json!({"name": "Proof", "url": "https://files.example/a.png", "doc_type": "ATTACHMENT", "contact_ids": [id]});
    let document = agile.json("POST", "documents", &body).await.value();
    let edit =
        json!({"id": document["id"], "name": "Proof 3", "url": "https://files.example/a.png", "contact_ids": [id]});
    assert_eq!(agile.json("PUT", "documents", &edit).await.value()["name"], "Proof 3");
    assert_eq!(agile.get(&format!("documents/contact/{id}/docs")).await.list().len(), 1);
    assert_eq!(agile.json("POST", "documents", &json!({"name": "no address"})).await.status, 400);
}

#[tokio::test]
async fn tickets_are_opened_noted_and_deleted() {
    let agile = Agile::start().await;
    let filters = agile.get("tickets/filters").await.list();
    let before = agile.get(&format!("tickets/filter?filter_id={}&page_size=25", filters[0]["id"])).await.list().len();
    let ticket = json!({"requester_name": "yeki", "requester_email": "yeki@quay.example", "subject": "Test", "priority": "LOW",
        "status": "OPEN", "groupID": "5756098678095872", "html_text": "Hello", "cc_emails": [], "labels": null});
    let ticket = agile.json("POST", "tickets/new-ticket", &ticket).await.value();
    let note = json!({"ticket_id": ticket["id"].to_string(), "html_text": "Note", "note_type": "PUBLIC"});
    let answer = agile.json("POST", &format!("notes/{}", ticket["id"]), &note).await.value();
    assert_eq!(answer["id"], ticket["id"], "a note on a ticket is answered with the ticket");
    assert_eq!(agile.get(&format!("tickets/notes/{}", ticket["id"])).await.list()[0]["html_text"], "Note");
    assert_eq!(agile.get("tickets/filter").await.list().len(), before + 1);
    assert_eq!(agile.delete(&format!("tickets/{}", ticket["id"])).await.value(), json!({"status": "success"}));
    assert_eq!(agile.get("tickets/filter").await.list().len(), before);
}

#[tokio::test]
async fn deals_are_grouped_and_deleted_in_bulk_and_tasks_are_pending() {
    let agile = Agile::start().await;
    let groups = agile.get("opportunity/byMilestone").await.value();
    let names: Vec<&String> = groups.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 6, "{names:?}");
    let deals = agile.get("opportunity?page_size=2").await.list();
    let ids: Vec<String> = deals.iter().map(|deal| deal["id"].to_string()).collect();
    assert_eq!(agile.form("opportunity/bulk", &[("ids", &json!(ids).to_string())]).await.status, 200);
    for id in &ids {
        assert_eq!(agile.get(&format!("opportunity/{id}")).await.status, 204);
    }
    let pending = agile.get("tasks/pending/3000").await.list();
    assert!(!pending.is_empty() && pending.iter().all(|task| task["is_complete"] == false));
    assert_eq!(agile.get("nothing/of/this").await.status, 404);
}

#[tokio::test]
async fn rules_over_deals_and_numbers_of_the_accounts_own() {
    let agile = Agile::start().await;
    let deal = agile.get("opportunity?page_size=1").await.list()[0].clone();
    assert_eq!(deal["prefs"]["currency"], "USD");
    let owner = deal["owner"]["id"].to_string();
    let filter =
        json!({"rules": [{"LHS": "owner_id", "CONDITION": "EQUALS", "RHS": owner}], "contact_type": "OPPORTUNITY"});
    let found = agile.walk("filters/filter/dynamic-filter", &[("filterJson", &filter.to_string())]).await;
    assert!(!found.is_empty() && found.iter().all(|own| own["owner"]["id"] == deal["owner"]["id"]));
    let body = json!({"properties": [{"type": "SYSTEM", "name": "first_name", "value": "Ada"},
        {"type": "CUSTOM", "name": "Since", "value": 1_279_132_200}, {"type": "CUSTOM", "name": "Badge", "value": "7"}]});
    let shown = agile.person(&body).await;
    let value = |name: &str| {
        let found = shown["properties"].as_array().unwrap().iter().find(|own| own["name"] == name);
        found.unwrap()["value"].clone()
    };
    assert_eq!((value("Since"), value("Badge")), (json!(1_279_132_200), json!("7")));
}

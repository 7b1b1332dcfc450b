//! Axiomatic: leads, the stages of the pipeline, activities and tasks.

use serde_json::{Value, json};

use crate::vendor::{Vendor, texts};

async fn stages(vendor: &Vendor) -> Value {
    vendor.get("pipeline-stages").await["stages"].clone()
}

#[tokio::test]
async fn a_stage_has_the_documented_members() {
    let vendor = Vendor::axiomatic().await;
    let stages = stages(&vendor).await;
    assert_eq!(
        stages[0],
        json!({"id": "90a1b2c3-0000-4000-8000-000000000011", "name": "New", "kind": "open", "sortOrder": 0,
            "defaultProbabilityPct": 10, "colorKey": "slate", "systemKey": "new", "leadCount": 20})
    );
    let counted: u64 = stages.as_array().unwrap().iter().map(|stage| stage["leadCount"].as_u64().unwrap()).sum();
    assert_eq!((texts(&stages, "systemKey").len(), counted), (5, 60));
}

#[tokio::test]
async fn leads_start_in_the_first_stage_and_move_at_an_end_point_of_their_own() {
    let vendor = Vendor::axiomatic().await;
    let stages = stages(&vendor).await;
    let company = vendor.get("companies").await["companies"][0]["id"].clone();
    let created = vendor.send("POST", "leads", &json!({"title": "Crane", "companyId": company, "value": 5})).await;
    assert_eq!(created.status, 201);
    let created = created.value();
    assert_eq!((&created["stage"], &created["stageId"]), (&json!("New"), &stages[0]["id"]));
    let one = format!("leads/{}", created["id"].as_str().unwrap());
    let patched =
        vendor.send("PATCH", &one, &json!({"stage": "Won", "stageId": stages[3]["id"], "value": 6})).await.value();
    assert_eq!((&patched["stage"], &patched["value"]), (&json!("New"), &json!(6)));
    for (body, name) in [
        (json!({"stageId": stages[1]["id"]}), &stages[1]["name"]),
        (json!({"stage": "Lost"}), &stages[4]["name"]),
        (json!({"stage": "proposal"}), &stages[2]["name"]),
    ] {
        assert_eq!(&vendor.send("PATCH", &format!("{one}/stage"), &body).await.value()["stage"], name);
    }
    for body in [json!({}), json!({"stageId": "x"}), json!({"stage": 7}), json!({"stage": null})] {
        let refused = vendor.send("PATCH", &format!("{one}/stage"), &body).await;
        assert_eq!((refused.status, refused.value()["error"].is_string()), (400, true), "{body}");
    }
    let placed = vendor.send("POST", "leads", &json!({"title": "A", "stage": "won"})).await.value();
    assert_eq!(placed["stage"], "Won");
    for body in
        [json!({}), json!({"title": ""}), json!({"title": "A", "value": "5"}), json!({"title": "A", "stage": "?"})]
    {
        assert_eq!(vendor.send("POST", "leads", &body).await.status, 400, "{body}");
    }
    let nobody = json!({"title": "A", "contactId": "90a1b2c3-0000-4000-8000-00000000ffff"});
    assert_eq!(vendor.send("POST", "leads", &nobody).await.value(), json!({"error": "Contact not found"}));
}

#[tokio::test]
async fn leads_are_filtered_by_links_and_stage() {
    let vendor = Vendor::axiomatic().await;
    let all = vendor.get("leads?limit=100").await["leads"].clone();
    for link in ["companyId", "contactId", "ownerUserId"] {
        let id = all[0][link].as_str().unwrap();
        let found = vendor.get(&format!("leads?{link}={id}&limit=100")).await["leads"].clone();
        let count = texts(&all, link).iter().filter(|known| *known == id).count();
        assert_eq!(texts(&found, link), vec![id; count], "{link}");
        assert_eq!(vendor.call("GET", &format!("leads?{link}=x")).await.status, 400);
    }
    let by_name = vendor.get("leads?stage=Proposal%20%26%20%22terms%22").await;
    assert_eq!((&by_name["total"], &by_name), (&json!(10), &vendor.get("leads?stage=proposal").await));
    assert_eq!(vendor.get("leads?stage=nowhere").await["total"], 0);
}

#[tokio::test]
async fn a_deleted_lead_takes_its_activities_and_tasks_along() {
    let vendor = Vendor::axiomatic().await;
    let lead = vendor.get("leads").await["leads"][0]["id"].as_str().unwrap().to_owned();
    let one = format!("leads/{lead}");
    let body = json!({"type": "call", "subject": "First call", "leadId": "ignored-but-no-uuid"});
    assert_eq!(vendor.send("POST", &format!("{one}/activities"), &body).await.status, 400);
    let added =
        vendor.send("POST", &format!("{one}/activities"), &json!({"type": "call", "subject": "First call"})).await;
    assert_eq!((added.status, &added.value()["leadId"]), (201, &json!(lead)));
    let timeline = vendor.get(&format!("{one}/timeline")).await["timeline"].clone();
    assert_eq!(timeline[0], added.value(), "the latest first");
    let listed = vendor.get(&format!("activities?leadId={lead}")).await;
    assert_eq!(listed["total"], timeline.as_array().unwrap().len());
    assert_eq!(vendor.get(&format!("tasks?leadId={lead}")).await["total"], 1);
    assert_eq!(vendor.call("DELETE", &one).await.status, 204);
    for method in ["GET", "DELETE", "PATCH"] {
        assert_eq!(vendor.call(method, &one).await.value(), json!({"error": "Lead not found"}));
    }
    assert_eq!(vendor.call("GET", &format!("{one}/timeline")).await.status, 404);
    for name in ["activities", "tasks"] {
        assert_eq!(vendor.get(&format!("{name}?leadId={lead}")).await["total"], 0);
    }
}

#[tokio::test]
async fn activities_are_listed_and_added_and_nothing_else() {
    let vendor = Vendor::axiomatic().await;
    let added = vendor.send("POST", "activities", &json!({"type": "meeting", "subject": "Réunion"})).await;
    assert_eq!((added.status, &added.value()["leadId"]), (201, &Value::Null));
    let one = format!("activities/{}", added.value()["id"].as_str().unwrap());
    for method in ["GET", "PATCH", "DELETE"] {
        assert_eq!(vendor.call(method, &one).await.status, 405);
    }
    assert_eq!(vendor.send("POST", "tasks", &json!({"title": "A"})).await.status, 405);
    for body in [json!({"type": "call"}), json!({"subject": "A"}), json!({"type": "whale", "subject": "A"})] {
        assert_eq!(vendor.send("POST", "activities", &body).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn stages_are_added_changed_and_reordered() {
    let vendor = Vendor::axiomatic().await;
    let created = vendor.send("POST", "pipeline-stages", &json!({"name": "Paused", "defaultProbabilityPct": 5})).await;
    assert_eq!(created.status, 201);
    let created = created.value();
    assert_eq!(
        (&created["sortOrder"], &created["kind"], &created["systemKey"]),
        (&json!(5), &json!("open"), &Value::Null)
    );
    let one = format!("pipeline-stages/{}", created["id"].as_str().unwrap());
    let changed =
        vendor.send("PATCH", &one, &json!({"kind": "lost", "colorKey": "grey", "name": "Parked"})).await.value();
    assert_eq!(
        (&changed["kind"], &changed["colorKey"], &changed["name"]),
        (&json!("lost"), &json!("grey"), &json!("Parked"))
    );
    let mut ids = texts(&stages(&vendor).await, "id");
    ids.rotate_right(1);
    let reordered = vendor.send("POST", "pipeline-stages/reorder", &json!({"stageIds": ids})).await;
    assert_eq!((reordered.status, texts(&reordered.value()["stages"], "id")), (200, ids.clone()));
    assert_eq!(stages(&vendor).await[0]["name"], "Parked");
    ids[1] = ids[0].clone();
    for body in [json!({}), json!({"stageIds": []}), json!({"stageIds": ids}), json!({"stageIds": "all"})] {
        assert_eq!(vendor.send("POST", "pipeline-stages/reorder", &body).await.status, 400, "{body}");
    }
    for body in [json!({"name": ""}), json!({"kind": "half"}), json!({"defaultProbabilityPct": 101})] {
        assert_eq!(vendor.send("PATCH", &one, &body).await.status, 400, "{body}");
    }
    assert_eq!(
        vendor.send("PATCH", "pipeline-stages/x", &json!({})).await.value(),
        json!({"error": "Stage not found"})
    );
}

#[tokio::test]
async fn a_deleted_stage_hands_its_leads_on() {
    let vendor = Vendor::axiomatic().await;
    let stages = stages(&vendor).await;
    let one = format!("pipeline-stages/{}", stages[0]["id"].as_str().unwrap());
    let refused = vendor.send("DELETE", &one, &json!({})).await;
    assert_eq!((refused.status, refused.value()["error"].is_string()), (409, true));
    for target in [json!("x"), stages[0]["id"].clone(), json!(7)] {
        assert_eq!(vendor.send("DELETE", &one, &json!({"targetStageId": target})).await.status, 400, "{target}");
    }
    assert_eq!(vendor.send("DELETE", &one, &json!({"targetStageId": stages[1]["id"]})).await.status, 204);
    assert_eq!(vendor.send("DELETE", &one, &json!({})).await.status, 404);
    let left = self::stages(&vendor).await;
    assert_eq!((left[0]["name"].as_str(), left[0]["leadCount"].as_u64()), (Some("Qualified"), Some(30)));
    assert_eq!(vendor.get("leads?stage=Qualified").await["total"], 30);
    for stage in left.as_array().unwrap().iter().skip(1) {
        let path = format!("pipeline-stages/{}", stage["id"].as_str().unwrap());
        assert_eq!(vendor.send("DELETE", &path, &json!({"targetStageId": left[0]["id"]})).await.status, 204);
    }
    let last = format!("pipeline-stages/{}", left[0]["id"].as_str().unwrap());
    assert_eq!(vendor.call("DELETE", &last).await.value(), json!({"error": "The last stage cannot be deleted"}));
}

#[tokio::test]
async fn what_goes_out_to_people_needs_a_list_or_a_mailbox_that_is_there() {
    let vendor = Vendor::axiomatic().await;
    let lead = vendor.get("leads").await["leads"][0]["id"].clone();
    let mailbox = vendor.get("outbound-email-connections").await["connections"][0].clone();
    let email = json!({
        "leadId": lead, "connectionId": mailbox["id"], "channel": "gmail", "subject": "Your quote", "htmlBody": "<p>Hello</p>"
    });
    let sent = vendor.send("POST", "outbound-email", &email).await;
    assert_eq!((sent.status, &sent.value()["type"]), (201, &json!("email")));
    let timeline = vendor.get(&format!("leads/{}/timeline", lead.as_str().unwrap())).await;
    assert_eq!(timeline["timeline"][0]["subject"], "Your quote");
    let nowhere = json!("90a1b2c3-0000-4000-8000-00000000ffff");
    for (member, value, status) in [
        ("connectionId", &nowhere, 404),
        ("leadId", &nowhere, 404),
        ("channel", &json!("fax"), 400),
        ("subject", &json!(""), 400),
    ] {
        let mut wrong = email.clone();
        wrong[member] = value.clone();
        assert_eq!(vendor.send("POST", "outbound-email", &wrong).await.status, status, "{member}");
    }
    let list = json!({"listId": "90a1b2c3-0000-4000-8000-000000000701"});
    assert_eq!(vendor.send("POST", "prospecting/add-to-marketing-list", &list).await.status, 200);
    for (body, status) in [(json!({"listId": nowhere}), 404), (json!({}), 400)] {
        assert_eq!(vendor.send("POST", "prospecting/add-to-marketing-list", &body).await.status, status, "{body}");
    }
    assert_eq!(vendor.call("GET", "prospecting/add-to-marketing-list").await.status, 405);
}

//! `TeamsWork`: keys, envelopes, pages, records and the states that have end-points of their own.

use serde_json::{Value, json};
use vendor_sandbox::{Fault, FaultKind, TEAMSWORK_SECONDARY_KEY};

use crate::client::read;
use crate::vendor::{Vendor, texts};

const KINDS: [(&str, &str, usize); 4] = [
    ("directory/organizations", "organization", 40),
    ("directory/contacts", "contact", 120),
    ("pipeline/leads", "lead", 30),
    ("pipeline/opportunities", "opportunity", 30),
];

async fn everything(vendor: &Vendor, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for page in 1.. {
        let items = vendor.get(&format!("{path}?page={page}&size=50")).await["items"].as_array().unwrap().clone();
        if items.is_empty() {
            break;
        }
        all.extend(items);
    }
    all
}

/// The first record whose member is not null.
async fn first_with(vendor: &Vendor, path: &str, member: &str) -> Value {
    let all = everything(vendor, path).await;
    all.into_iter().find(|record| !record[member].is_null() && record[member] != json!([])).unwrap()
}

#[tokio::test]
async fn without_a_key_the_gateway_in_front_answers() {
    let vendor = Vendor::teamswork().await;
    let none = read(vendor.bare("GET", "pipeline/leads")).await;
    assert_eq!(none.status, 401);
    let message = "Access denied due to missing subscription key. Make sure to include subscription key when making \
                   requests to an API.";
    assert_eq!(none.value(), json!({"statusCode": 401, "message": message}));
    let wrong = read(vendor.bare("GET", "pipeline/leads").header("ocp-apim-subscription-key", "guess")).await;
    assert_eq!((wrong.status, wrong.value()["statusCode"].as_u64()), (401, Some(401)));
    let second = vendor.bare("GET", "pipeline/leads").header("ocp-apim-subscription-key", TEAMSWORK_SECONDARY_KEY);
    assert_eq!(read(second).await.status, 200);
    let lost = vendor.call("GET", "pipeline/notes").await;
    assert_eq!(lost.value(), json!({"statusCode": 404, "message": "Resource not found"}));
}

#[tokio::test]
async fn pages_start_at_one_and_do_not_tell_the_total() {
    let vendor = Vendor::teamswork().await;
    for (path, _, count) in KINDS {
        assert_eq!(everything(&vendor, path).await.len(), count, "{path}");
    }
    let first = vendor.get("directory/contacts").await;
    assert_eq!((first["items"].as_array().unwrap().len(), &first["itemCount"]), (20, &json!(20)));
    assert_eq!(vendor.get("directory/contacts?page=1&size=20").await, first);
    assert_ne!(vendor.get("directory/contacts?page=2").await["items"], first["items"]);
    assert_eq!(vendor.get("directory/contacts?size=1000").await["itemCount"], 100);
    assert_eq!(vendor.get("directory/contacts?page=18446744073709551615").await["items"], json!([]));
    for query in ["page=0", "size=0", "page=-1", "size=ten", "page="] {
        let reply = vendor.call("GET", &format!("pipeline/leads?{query}")).await;
        assert_eq!((reply.status, &reply.value()["error"]), (400, &json!(true)), "{query}");
    }
}

#[tokio::test]
async fn the_seed_is_consistent_and_always_the_same() {
    let (one, other) = (Vendor::teamswork().await, Vendor::teamswork().await);
    let organizations = everything(&one, "directory/organizations").await;
    for (path, ..) in KINDS {
        let records = everything(&one, path).await;
        assert_eq!(records, everything(&other, path).await, "{path}");
        for record in records.iter().filter(|record| record["organization"].is_object()) {
            let organization = organizations.iter().find(|known| known["id"] == record["organization"]["id"]).unwrap();
            assert_eq!(record["organization"]["name"], organization["name"]);
        }
    }
    let names = texts(&json!(organizations), "name");
    for name in ["O'Hara & Sons", "100% Wolle GmbH", "翠光 Optics 🧪"] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
    let contacts = everything(&one, "directory/contacts").await;
    assert!(contacts.iter().any(|contact| contact["lastName"].is_null()));
    assert!(contacts.iter().any(|contact| contact["lastName"] == ""));
    assert!(contacts.iter().any(|contact| contact["organization"].is_null() && contact["emails"] == json!([])));
}

#[tokio::test]
async fn records_are_created_read_changed_and_deleted() {
    let vendor = Vendor::teamswork().await;
    for (path, kind, count) in KINDS {
        let required = if kind == "contact" { "lastName" } else { "name" };
        let user = json!({"id": "anybody", "name": "Unverified", "email": "u@tidewater.example"});
        let body = json!({kind: {required: "O'Hara", "owner": user, "tags": ["a"], "unknown": 1}, "user": user});
        let created = vendor.send("POST", path, &body).await;
        assert_eq!(created.status, 201, "{created:?}");
        let created = created.value()["item"].clone();
        assert_eq!((&created["owner"], &created["createdBy"]), (&user, &user));
        assert_eq!((&created[required], created.get("unknown")), (&json!("O'Hara"), None));
        assert_eq!(created["createdOn"], "2026-01-01T00:00:01Z");
        let one = format!("{path}/{}", created["id"].as_str().unwrap());
        assert_eq!(vendor.get(&one).await["item"], created);
        assert_eq!(vendor.get(&one.to_uppercase().replace(&path.to_uppercase(), path)).await["item"], created);

        let changed = vendor.send("PATCH", &one, &json!({"tags": [], "owner": null})).await.value()["item"].clone();
        assert_eq!(
            (&changed["tags"], &changed["owner"], &changed[required]),
            (&json!([]), &Value::Null, &json!("O'Hara"))
        );
        assert!(changed["lastUpdatedOn"].as_str() > created["lastUpdatedOn"].as_str());
        assert_eq!(everything(&vendor, path).await.len(), count + 1);

        let replaced = vendor.send("PUT", &one, &json!({required: "Replaced"})).await.value()["item"].clone();
        assert_eq!((&replaced[required], &replaced["owner"]), (&json!("Replaced"), &Value::Null));
        assert_eq!((&replaced["id"], &replaced["createdBy"]), (&created["id"], &user));
        assert_eq!(vendor.send("PUT", &one, &json!({"tags": []})).await.status, 400, "a name is required");
        assert_eq!(vendor.call("DELETE", &one).await.status, 204);
        for method in ["GET", "DELETE"] {
            let gone = vendor.call(method, &one).await;
            let message = format!("The {kind} could not be found.");
            assert_eq!(
                gone.value(),
                json!({"error": true, "message": message, "statusCode": 404, "errorCode": "notFound"})
            );
        }
        assert_eq!(vendor.send("PATCH", &one, &json!({})).await.status, 404);
        vendor.sandbox.reset();
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let vendor = Vendor::teamswork().await;
    let nobody = json!({"id": "3f1d2c66-8a44-4d7b-9a0e-5b1c0000ffff"});
    for (path, body) in [
        ("pipeline/leads", json!({})),
        ("pipeline/leads", json!({"name": " "})),
        ("pipeline/leads", json!({"lead": {"value": 1}})),
        ("pipeline/leads", json!({"name": 7})),
        ("pipeline/leads", json!({"name": "A", "value": "12"})),
        ("pipeline/leads", json!({"name": "A", "contact": nobody})),
        ("pipeline/leads", json!({"name": "A", "customFields": [{"id": "cf_99", "value": ""}]})),
        ("pipeline/opportunities", json!({"name": "A", "expectedCloseDate": "soon"})),
        ("pipeline/opportunities", json!({"name": "A", "contacts": [nobody]})),
        ("pipeline/opportunities", json!({"name": "A", "stage": nobody})),
        ("directory/contacts", json!({"organization": {}, "lastName": "A"})),
        ("directory/contacts", json!({"jobTitle": "A"})),
        ("directory/organizations", json!([])),
    ] {
        let reply = vendor.send("POST", path, &body).await;
        assert_eq!((reply.status, &reply.value()["statusCode"]), (400, &json!(400)), "{body}");
    }
}

#[tokio::test]
async fn stage_and_status_change_only_at_their_own_end_points() {
    let vendor = Vendor::teamswork().await;
    let created = vendor.send("POST", "pipeline/opportunities", &json!({"name": "New", "status": "Won"})).await.value();
    let one = format!("pipeline/opportunities/{}", created["item"]["id"].as_str().unwrap());
    assert_eq!(
        (&created["item"]["status"], &created["item"]["stage"]["name"]),
        (&json!("Open"), &json!("Qualification"))
    );

    let pipelines = vendor.get("pipeline/pipelines/opportunities").await["items"].clone();
    let stage = pipelines[1]["stages"][0].clone();
    let passed_over = json!({"status": "Lost", "stage": {"id": stage["id"]}, "value": 5});
    let patched = vendor.send("PATCH", &one, &passed_over).await.value()["item"].clone();
    assert_eq!(
        (&patched["status"], &patched["stage"], &patched["value"]),
        (&json!("Open"), &created["item"]["stage"], &json!(5))
    );

    let moved = vendor.send("PATCH", &format!("{one}/updateStage"), &json!({"stageId": stage["id"]})).await.value();
    assert_eq!(
        (&moved["item"]["stage"]["name"], &moved["item"]["pipeline"]["id"]),
        (&stage["name"], &pipelines[1]["id"])
    );
    let won = vendor.send("PATCH", &format!("{one}/updateStatus"), &json!({"status": "Won"})).await.value();
    assert_eq!(won["item"]["status"], "Won");
    for (end, body) in [("updateStage", json!({"stageId": "x"})), ("updateStatus", json!({"status": "won"}))] {
        assert_eq!(vendor.send("PATCH", &format!("{one}/{end}"), &body).await.status, 400);
    }

    let body = json!({"name": "Placed", "pipeline": {"id": pipelines[1]["id"]}, "stage": {"id": stage["id"]}});
    let placed = vendor.send("POST", "pipeline/opportunities", &body).await.value();
    assert_eq!(placed["item"]["stage"]["name"], stage["name"]);
}

#[tokio::test]
async fn leads_are_archived_and_converted() {
    let vendor = Vendor::teamswork().await;
    let lead = first_with(&vendor, "pipeline/leads", "organization").await;
    let one = format!("pipeline/leads/{}", lead["id"].as_str().unwrap());
    for (end, archived) in [("archive", true), ("unarchive", false)] {
        let reply = vendor.call("PATCH", &format!("{one}/{end}")).await.value();
        assert_eq!(reply["item"]["archived"], archived);
    }
    let opportunity = vendor.call("POST", &format!("{one}/convert")).await;
    assert_eq!(opportunity.status, 201);
    let opportunity = opportunity.value()["item"].clone();
    assert_eq!((&opportunity["name"], &opportunity["organization"]), (&lead["name"], &lead["organization"]));
    assert_eq!((&opportunity["contacts"], &opportunity["status"]), (&json!([lead["contact"]]), &json!("Open")));
    assert_eq!(vendor.get(&one).await["item"]["archived"], true);
    assert_eq!(vendor.call("POST", &format!("{one}/convert")).await.status, 400);
    assert_eq!(vendor.call("POST", "pipeline/leads/x/convert").await.status, 404);
}

#[tokio::test]
async fn what_is_deleted_is_linked_from_nowhere() {
    let vendor = Vendor::teamswork().await;
    let lead = first_with(&vendor, "pipeline/leads", "organization").await;
    let organization = lead["organization"]["id"].as_str().unwrap();
    let contact = lead["contact"]["id"].as_str().unwrap();
    assert_eq!(vendor.call("DELETE", &format!("directory/organizations/{organization}")).await.status, 204);
    let bulk = json!({"action": "delete", "entity": "contacts", "ids": [contact, "unknown", 7]});
    let deleted = vendor.send("POST", "directory/bulk-actions", &bulk).await.value();
    assert_eq!(deleted["item"]["deleted"], 1);
    for (path, ..) in KINDS {
        let all = json!(everything(&vendor, path).await).to_string();
        assert!(!all.contains(organization) && !all.contains(contact), "{path}");
    }
    for bulk in [json!({"action": "merge"}), json!({"action": "delete", "entity": "leads", "ids": []})] {
        assert_eq!(vendor.send("POST", "directory/bulk-actions", &bulk).await.status, 400);
    }
}

#[tokio::test]
async fn pipelines_can_only_be_read_and_forms_are_put_anew() {
    let vendor = Vendor::teamswork().await;
    let pipelines = vendor.get("pipeline/pipelines/opportunities").await["items"].clone();
    let id = pipelines[0]["id"].as_str().unwrap();
    assert_eq!(vendor.get(&format!("pipeline/pipelines/opportunities/{id}")).await["item"], pipelines[0]);
    assert_eq!(texts(&pipelines[0]["stages"], "name"), ["Qualification", "Proposal", "Closing"]);
    assert_eq!(vendor.call("GET", "pipeline/pipelines/opportunities/x").await.status, 404);
    assert_eq!(vendor.send("POST", "pipeline/pipelines/opportunities", &json!({"name": "A"})).await.status, 404);
    for form in ["pipeline/forms/opportunities", "directory/forms/contacts", "directory/forms/organizations"] {
        assert_eq!(vendor.get(form).await["item"]["fields"][0], json!({"id": "cf_1", "label": "Sites"}));
    }
    assert_eq!(vendor.call("GET", "pipeline/forms/contacts").await.status, 404);
    let form = json!({"fields": [{"id": "cf_9", "label": "Quay"}]});
    let put = vendor.send("PUT", "directory/forms/contacts", &form).await.value();
    assert_eq!(put["item"]["fields"], form["fields"]);
    assert_eq!(vendor.get("directory/forms/contacts").await["item"]["fields"], form["fields"]);
    assert_eq!(vendor.get("directory/forms/organizations").await["item"]["fields"][0]["id"], "cf_1");
    let on_the_form = |id: &str| json!({"lastName": "A", "customFields": [{"id": id, "value": "x"}]});
    assert_eq!(vendor.send("POST", "directory/contacts", &on_the_form("cf_9")).await.status, 201);
    assert_eq!(vendor.send("POST", "directory/contacts", &on_the_form("cf_1")).await.status, 400);
    for wrong in [json!({}), json!({"fields": [{"id": "cf_9"}]}), json!({"fields": [{"id": " ", "label": "A"}]})] {
        assert_eq!(vendor.send("PUT", "directory/forms/contacts", &wrong).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn faults_journal_and_reset_know_the_vendor() {
    let vendor = Vendor::teamswork().await;
    let kind = FaultKind::Status { status: 429, retry_after: Some(7) };
    let fault = Fault { path_prefix: "/pipeline".to_owned(), ..Fault::of("teamswork-crm", kind) };
    vendor.sandbox.inject(fault);
    assert_eq!(vendor.call("GET", "pipeline/leads").await.status, 429);
    vendor.send("POST", "pipeline/leads", &json!({"name": "A"})).await;
    let seen = vendor.sandbox.requests();
    assert_eq!((seen[1].path.as_str(), seen[1].json.clone()), ("/pipeline/leads", Some(json!({"name": "A"}))));
    vendor.sandbox.reset();
    assert_eq!(everything(&vendor, "pipeline/leads").await.len(), 30);
}

#[tokio::test]
async fn no_input_brings_it_down() {
    let vendor = Vendor::teamswork().await;
    let lead = vendor.get("pipeline/leads").await["items"][0]["id"].as_str().unwrap().to_owned();
    let one = format!("PATCH pipeline/leads/{lead}");
    let archive = format!("PATCH pipeline/leads/{lead}/archive");
    let calls = [
        "POST pipeline/leads",
        "POST directory/contacts",
        "POST pipeline/opportunities",
        "POST pipeline/bulk-actions",
        "POST directory/organizations",
        "PATCH pipeline/opportunities/x/updateStage",
        "BREW pipeline/leads/%00/%ff",
        "GET directory/forms/%F0%9F",
        one.as_str(),
        archive.as_str(),
    ];
    vendor.survives(&calls, &[
        r#"{"lead":{"lead":{"name":"A"}},"name":"A","firstName":"B","user":[],"customFields":[{}],"contacts":[[]]}"#,
        r#"{"name":"A","value":1e308,"organization":{"id":[]},"stage":7,"pipeline":{"id":{}}}"#,
        r#"{"action":"delete","entity":"leads","ids":["",null,"\u0000"]}"#,
    ])
    .await;
}

//! Axiomatic: keys and entities, pages, companies, contacts and their memberships.

use serde_json::{Value, json};
use vendor_sandbox::{AXIOMATIC_API_KEY, AXIOMATIC_ENTITY_ID};

use crate::client::read;
use crate::vendor::{Vendor, texts};

const NOWHERE: &str = "90a1b2c3-0000-4000-8000-00000000ffff";

#[tokio::test]
async fn the_key_and_its_entity_are_both_needed() {
    let vendor = Vendor::axiomatic().await;
    let call = |path: &str, key: &str| read(vendor.bare("GET", path).header("authorization", key));
    let key = format!("Bearer {AXIOMATIC_API_KEY}");
    let no_key = read(vendor.bare("GET", "companies")).await;
    assert_eq!((no_key.status, no_key.value()), (401, json!({"error": "Unauthorized"})));
    for wrong in ["Bearer ak_guess", AXIOMATIC_API_KEY, "Basic YTpi"] {
        assert_eq!(call(&format!("companies?entityId={AXIOMATIC_ENTITY_ID}"), wrong).await.status, 401);
    }
    let silent = call("companies", &key).await;
    assert_eq!((silent.status, silent.value()), (400, json!({"error": "entityId is required"})));
    let other = call(&format!("companies?entityId={NOWHERE}"), &key).await;
    assert_eq!((other.status, other.value()), (403, json!({"error": "Entity does not match API key"})));
    assert_eq!(call("companies?entityId=novaquill", &key).await.status, 400);
    let by_header =
        vendor.bare("GET", "companies").header("authorization", &key).header("x-entity-id", AXIOMATIC_ENTITY_ID);
    assert_eq!(read(by_header).await.status, 200);
    let body = json!({"entityId": AXIOMATIC_ENTITY_ID, "name": "Novaquill Instruments"}).to_string();
    let by_body =
        vendor.bare("POST", "companies").header("authorization", &key).header("content-type", "application/json");
    assert_eq!(read(by_body.body(body)).await.status, 201);
    let foreign = json!({"entityId": NOWHERE, "name": "A"});
    assert_eq!(vendor.send("POST", "companies", &foreign).await.status, 201, "the query counts more than the body");
    assert_eq!(vendor.call("GET", "notes").await.value(), json!({"error": "Route not found"}));
}

#[tokio::test]
async fn pages_have_a_total_and_limit_counts_only_without_a_page() {
    let vendor = Vendor::axiomatic().await;
    let first = vendor.get("contacts").await;
    assert_eq!(
        (first["contacts"].as_array().unwrap().len(), &first["total"], &first["page"]),
        (50, &json!(120), &json!(1))
    );
    let length =
        async |query: &str| vendor.get(&format!("contacts?{query}")).await["contacts"].as_array().unwrap().len();
    assert_eq!(length("limit=7").await, 7);
    assert_eq!(length("page=1&limit=7").await, 50);
    assert_eq!(length("page=2&pageSize=7").await, 7);
    assert_eq!(length("page=3").await, 20);
    assert_eq!(length("page=4").await, 0);
    assert_eq!(length("page=1&pageSize=1000").await, 120);
    assert_eq!(length("page=18446744073709551615&pageSize=200").await, 0);
    for query in ["page=0", "page=-1", "page=1&pageSize=0", "limit=many"] {
        assert_eq!(vendor.call("GET", &format!("contacts?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn companies_are_filtered() {
    let vendor = Vendor::axiomatic().await;
    let all = vendor.get("companies?limit=100").await["companies"].clone();
    assert_eq!(all.as_array().unwrap().len(), 40);
    for (member, value) in
        [("role", "both"), ("status", "inactive"), ("ownerUserId", all[0]["ownerUserId"].as_str().unwrap())]
    {
        let found = vendor.get(&format!("companies?{member}={value}&limit=100")).await["companies"].clone();
        let count = texts(&all, member).iter().filter(|known| *known == value).count();
        assert_eq!(texts(&found, member), vec![value; count], "{member}");
    }
    let unassigned = vendor.get("companies?ownerUserId=unassigned").await;
    assert_eq!(unassigned["total"], 4);
    assert_ne!(vendor.get("companies?ownerUserId=me").await["total"], 0);
    let by_name = vendor.get("companies?q=o%27hara%20%26").await["companies"].clone();
    assert_eq!(texts(&by_name, "name"), ["O'Hara & Sons"]);
    assert_eq!(texts(&vendor.get("companies?q=100%25").await["companies"], "name"), ["100% Wolle GmbH"]);
    for query in ["role=friend", "status=archived", "ownerUserId=you"] {
        assert_eq!(vendor.call("GET", &format!("companies?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn companies_are_made_inactive_and_never_deleted() {
    let vendor = Vendor::axiomatic().await;
    let created = vendor.send("POST", "companies", &json!({"name": "O'Hara"})).await;
    assert_eq!(created.status, 201);
    let created = created.value();
    assert_eq!((&created["role"], &created["status"]), (&json!("prospect"), &json!("active")));
    assert_eq!((&created["createdAt"], &created["phone"]), (&json!("2026-01-01T00:00:01.000Z"), &Value::Null));
    let one = format!("companies/{}", created["id"].as_str().unwrap());
    assert_eq!(vendor.get(&one).await, created);
    let deleted = vendor.call("DELETE", &one).await;
    assert_eq!((deleted.status, deleted.value()), (405, json!({"error": "Method not allowed"})));
    let archived = vendor.send("PATCH", &one, &json!({"status": "inactive"})).await.value();
    assert_eq!((&archived["status"], &archived["name"]), (&json!("inactive"), &json!("O'Hara")));
    for body in [json!({}), json!({"name": " "}), json!({"name": 1}), json!({"name": "A", "role": "friend"})] {
        assert_eq!(vendor.send("POST", "companies", &body).await.status, 400, "{body}");
    }
    assert_eq!(vendor.send("PATCH", &one, &json!({"name": null})).await.status, 400);
    for method in ["GET", "PATCH"] {
        let unknown = vendor.call(method, &format!("companies/{NOWHERE}")).await;
        assert_eq!((unknown.status, unknown.value()), (404, json!({"error": "Company not found"})));
    }
}

#[tokio::test]
async fn contacts_belong_to_companies_by_memberships() {
    let vendor = Vendor::axiomatic().await;
    let companies = vendor.get("companies").await["companies"].clone();
    let contact = vendor.send("POST", "contacts", &json!({})).await;
    assert_eq!(contact.status, 201, "no member is required");
    let contact = contact.value();
    assert_eq!((&contact["firstName"], contact.get("companyId")), (&Value::Null, None));
    let one = format!("contacts/{}", contact["id"].as_str().unwrap());
    let changed = vendor.send("PATCH", &one, &json!({"lastName": "Núñez-Farr"})).await.value();
    assert_eq!(changed["lastName"], "Núñez-Farr");

    let memberships = format!("{one}/company-memberships");
    assert_eq!(vendor.get(&memberships).await, json!({"memberships": []}));
    let body = json!({"companyId": companies[0]["id"].as_str().unwrap().to_uppercase()});
    let membership = vendor.send("POST", &memberships, &body).await;
    assert_eq!(membership.status, 201);
    let membership = membership.value();
    assert_eq!((&membership["companyName"], &membership["companyId"]), (&companies[0]["name"], &companies[0]["id"]));
    assert_eq!(vendor.send("POST", &memberships, &body).await.status, 409);
    assert_eq!(vendor.send("POST", &memberships, &json!({})).await.status, 400);
    assert_eq!(vendor.send("POST", &memberships, &json!({"companyId": NOWHERE})).await.status, 404);

    let this = format!("{memberships}/{}", membership["id"].as_str().unwrap());
    let moved = vendor.send("PATCH", &this, &json!({"companyId": companies[1]["id"], "isPrimary": true})).await.value();
    assert_eq!((&moved["companyName"], &moved["isPrimary"]), (&companies[1]["name"], &json!(true)));
    let company = companies[1]["id"].as_str().unwrap();
    for path in [format!("contacts?companyId={company}"), format!("companies/{company}/contacts")] {
        assert!(
            texts(&vendor.get(&path).await["contacts"], "id").contains(&contact["id"].as_str().unwrap().to_owned())
        );
    }
    assert_eq!(vendor.call("DELETE", &this).await.status, 204);
    assert_eq!(vendor.call("DELETE", &this).await.value(), json!({"error": "Membership not found"}));
    assert_eq!(vendor.call("GET", "contacts?companyId=x").await.status, 400);
}

#[tokio::test]
async fn a_deleted_contact_is_linked_from_nowhere() {
    let vendor = Vendor::axiomatic().await;
    let contact = vendor.get("leads").await["leads"][0]["contactId"].as_str().unwrap().to_owned();
    let memberships = vendor.get(&format!("contacts/{contact}/company-memberships")).await["memberships"].clone();
    let company = memberships[0]["companyId"].as_str().unwrap();
    assert_eq!(vendor.call("DELETE", &format!("contacts/{contact}")).await.status, 204);
    assert_eq!(vendor.call("DELETE", &format!("contacts/{contact}")).await.status, 404);
    assert_eq!(vendor.call("GET", &format!("contacts/{contact}/company-memberships")).await.status, 404);
    for path in ["leads?limit=200", "activities?limit=200", &format!("companies/{company}/contacts")] {
        assert!(!vendor.get(path).await.to_string().contains(&contact), "{path}");
    }
}

#[tokio::test]
async fn the_seed_is_consistent_and_always_the_same() {
    let (one, other) = (Vendor::axiomatic().await, Vendor::axiomatic().await);
    for (name, count) in [("companies", 40), ("contacts", 120), ("leads", 60), ("activities", 80), ("tasks", 30)] {
        let all = one.get(&format!("{name}?limit=200")).await;
        assert_eq!(all["total"], count, "{name}");
        assert_eq!(other.get(&format!("{name}?limit=200")).await, all, "{name}");
    }
    let leads = one.get("leads?limit=200").await["leads"].clone();
    for lead in leads.as_array().unwrap().iter().filter(|lead| lead["companyId"].is_string()) {
        let employer = lead["companyId"].as_str().unwrap();
        let colleagues = one.get(&format!("companies/{employer}/contacts")).await["contacts"].clone();
        assert!(texts(&colleagues, "id").contains(&lead["contactId"].as_str().unwrap().to_owned()), "{lead}");
    }
    assert_eq!(one.get("dashboard").await["leads"], 60);
}

#[tokio::test]
async fn no_input_brings_it_down() {
    let vendor = Vendor::axiomatic().await;
    let stage = vendor.get("pipeline-stages").await["stages"][0]["id"].as_str().unwrap().to_owned();
    let (patch, delete) = (format!("PATCH pipeline-stages/{stage}"), format!("DELETE pipeline-stages/{stage}"));
    let calls = [
        "POST companies",
        "POST contacts",
        "POST leads",
        "POST activities",
        "POST pipeline-stages",
        "POST pipeline-stages/reorder",
        "PATCH leads/%00/stage",
        "PATCH companies/%ff",
        "BREW tasks",
        "GET leads?stage=%F0%9F",
        patch.as_str(),
        delete.as_str(),
    ];
    let bodies = [
        r#"{"name":null,"title":"A","stage":{},"stageId":[],"kind":null,"defaultProbabilityPct":1e300}"#,
        r#"{"title":"A","value":-0.0,"companyId":"","expectedCloseDate":"9999-99-99"}"#,
        r#"{"type":"call","subject":"\u0000","leadId":null,"occurredAt":"日本語日本語日本語"}"#,
        r#"{"stageIds":[null,7,[]],"targetStageId":7,"entityId":[]}"#,
    ];
    vendor.survives(&calls, &bodies).await;
}

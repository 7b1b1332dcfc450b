//! `Pipedrive`'s persons and organizations: pages, orders, filters, writes, search, and what is refused.

use serde_json::{Value, json};
use vendor_sandbox::{Fault, FaultKind};

use crate::client::read;
use crate::vendor::Vendor;

const KINDS: [(&str, usize); 2] = [("persons", 120), ("organizations", 40)];
const TEXT_FIELD: &str = "d4de1c1518b4531717c676029a45911c340390a6";

async fn everything(vendor: &Vendor, path: &str, query: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = vendor.get(&format!("{path}?limit=17{query}{cursor}")).await;
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(next) = page["additional_data"]["next_cursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn without_a_good_token_nothing_is_shown() {
    let vendor = Vendor::pipedrive().await;
    for request in [vendor.bare("GET", "persons"), vendor.bare("GET", "persons").bearer_auth("guess")] {
        let reply = read(request).await;
        let body = reply.value();
        assert_eq!(
            (reply.status, &body["success"], &body["error"]),
            (401, &json!(false), &json!("unauthorized access"))
        );
    }
    for path in ["deals", "persons/1/deals", ""] {
        assert_eq!(vendor.call("GET", path).await.status, 404, "{path}");
    }
    let limits = vendor.request("GET", "persons").send().await.unwrap();
    assert_eq!(limits.headers()["x-ratelimit-limit"], "100");
}

#[tokio::test]
async fn lists_come_in_pages_in_each_order_and_are_always_the_same() {
    let (vendor, other) = (Vendor::pipedrive().await, Vendor::pipedrive().await);
    for (path, count) in KINDS {
        let all = everything(&vendor, path, "").await;
        assert_eq!((all.len(), &all), (count, &everything(&other, path, "").await), "{path}");
        for (by, direction) in [("id", "desc"), ("update_time", "asc"), ("update_time", "desc"), ("add_time", "desc")] {
            let sorted = everything(&vendor, path, &format!("&sort_by={by}&sort_direction={direction}")).await;
            let ordered = sorted.windows(2).all(|pair| {
                let (one, two) = (pair[0][by].to_string(), pair[1][by].to_string());
                if direction == "asc" { one <= two } else { one >= two }
            });
            assert!(ordered && sorted.len() == count, "{path} by {by} {direction}");
        }
        for query in ["limit=0", "limit=501", "cursor=x", "sort_by=name", "updated_since=now", "owner_id=me"] {
            let reply = vendor.call("GET", &format!("{path}?{query}")).await;
            assert_eq!((reply.status, &reply.value()["success"]), (400, &json!(false)), "{query}");
        }
    }
}

#[tokio::test]
async fn lists_can_be_narrowed() {
    let vendor = Vendor::pipedrive().await;
    let all = everything(&vendor, "persons", "").await;
    let owed = |holds: &dyn Fn(&Value) -> bool| all.iter().filter(|person| holds(person)).count();
    let organization = all.iter().find_map(|person| person["org_id"].as_u64()).unwrap();
    let found = everything(&vendor, "persons", &format!("&org_id={organization}")).await;
    assert_eq!(found.len(), owed(&|person| person["org_id"] == organization));
    let owner = all[0]["owner_id"].as_u64().unwrap();
    let found = everything(&vendor, "persons", &format!("&owner_id={owner}")).await;
    assert_eq!(found.len(), owed(&|person| person["owner_id"] == owner));
    let since = all[60]["update_time"].as_str().unwrap();
    let found = everything(&vendor, "persons", &format!("&updated_since={since}")).await;
    let count = owed(&|person| person["update_time"].as_str() >= Some(since));
    assert!(found.len() == count && count > 0 && count < 120);
    let found = everything(&vendor, "persons", &format!("&updated_until={since}")).await;
    assert_eq!(found.len(), 120 - count);
    let ids = format!("&ids={},7", all[3]["id"]);
    assert_eq!(everything(&vendor, "persons", &ids).await, [all[3].clone()]);
    assert_eq!(everything(&vendor, "persons", "&org_id=7").await, Vec::<Value>::new());
}

#[tokio::test]
async fn items_are_created_read_changed_and_deleted() {
    let vendor = Vendor::pipedrive().await;
    for (path, count) in KINDS {
        let created = vendor.send("POST", path, &json!({"name": "Ada O'Hara", "label_ids": [3]})).await;
        assert_eq!(created.status, 201, "{created:?}");
        let created = created.value()["data"].clone();
        assert_eq!((&created["add_time"], &created["is_deleted"]), (&json!("2026-01-01T00:00:01Z"), &json!(false)));
        let one = format!("{path}/{}", created["id"]);
        assert_eq!(vendor.get(&one).await, json!({"success": true, "data": created}));
        let change = json!({"name": "Bea", "custom_fields": {TEXT_FIELD: "x"}});
        let changed = vendor.send("PATCH", &one, &change).await.value()["data"].clone();
        assert_eq!((&changed["name"], &changed["label_ids"]), (&json!("Bea"), &json!([3])));
        assert_eq!(changed["custom_fields"][TEXT_FIELD], "x");
        assert_eq!(changed["custom_fields"].as_object().unwrap().len(), 3, "fields that are not sent stay");
        assert!(changed["update_time"].as_str() > created["update_time"].as_str());
        assert_eq!(vendor.call("PUT", &one).await.status, 404, "updates are PATCH");
        assert_eq!(everything(&vendor, path, "").await.len(), count + 1);
        let deleted = vendor.call("DELETE", &one).await;
        assert_eq!((deleted.status, &deleted.value()["data"]["id"]), (200, &created["id"]));
        for method in ["GET", "DELETE"] {
            let gone = vendor.call(method, &one).await;
            assert_eq!((gone.status, &gone.value()["code"]), (404, &json!("ERR_NOT_FOUND")));
        }
        assert_eq!(vendor.send("PATCH", &one, &json!({})).await.status, 404);
        vendor.sandbox.reset();
    }
}

#[tokio::test]
async fn a_persons_parts_follow_the_name_and_links_follow_the_organization() {
    let vendor = Vendor::pipedrive().await;
    let organization = vendor.get("organizations?limit=1").await["data"][0]["id"].clone();
    let emails = json!([{"value": "a@x.example", "label": "home"}, {"value": "b@x.example", "primary": true}]);
    let body = json!({"name": "Mary Jo Brackwater", "org_id": organization, "emails": emails});
    let created = vendor.send("POST", "persons", &body).await.value()["data"].clone();
    assert_eq!((&created["first_name"], &created["last_name"]), (&json!("Mary"), &json!("Jo Brackwater")));
    let owed = json!([
        {"value": "a@x.example", "primary": false, "label": "home"},
        {"value": "b@x.example", "primary": true, "label": "work"},
    ]);
    assert_eq!((&created["emails"], &created["org_id"]), (&owed, &organization));
    assert_eq!(vendor.call("DELETE", &format!("organizations/{organization}")).await.status, 200);
    let left = vendor.get(&format!("persons/{}", created["id"])).await["data"].clone();
    assert_eq!(left["org_id"], Value::Null);
    let address = json!({"value": "14 Tiller Row, Saltby", "locality": "Saltby"});
    let created = vendor.send("POST", "organizations", &json!({"name": "A", "address": address})).await.value();
    assert_eq!(created["data"]["address"]["locality"], "Saltby");
    let one = format!("organizations/{}", created["data"]["id"]);
    let changed = vendor.send("PATCH", &one, &json!({"address": {"value": "Saltby"}})).await.value();
    assert_eq!(changed["data"]["address"]["locality"], Value::Null, "parts that are not sent are gone");
    let cleared = vendor.send("PATCH", &one, &json!({"address": null})).await.value();
    assert_eq!(cleared["data"]["address"], Value::Null);
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let vendor = Vendor::pipedrive().await;
    for (path, body) in [
        ("persons", json!({})),
        ("persons", json!({"name": ""})),
        ("persons", json!({"name": null})),
        ("persons", json!({"name": "A", "first_name": "A"})),
        ("persons", json!({"name": "A", "org_id": 7})),
        ("persons", json!({"name": "A", "org_id": "5001"})),
        ("persons", json!({"name": "A", "owner_id": 7})),
        ("persons", json!({"name": "A", "emails": ["a@x.example"]})),
        ("persons", json!({"name": "A", "emails": [{"value": ""}]})),
        ("persons", json!({"name": "A", "phones": null})),
        ("persons", json!({"name": "A", "label_ids": ["hot"]})),
        ("persons", json!({"name": "A", "custom_fields": {"shoe": 1}})),
        ("organizations", json!({"name": "A", "address": "Saltby"})),
        ("organizations", json!({"name": "A", "address": {"locality": "Saltby"}})),
        ("organizations", json!({"name": "A", "website": "https://a.example"})),
        ("organizations", json!([])),
    ] {
        let reply = vendor.send("POST", path, &body).await;
        assert_eq!((reply.status, &reply.value()["success"]), (400, &json!(false)), "{body}");
    }
}

#[tokio::test]
async fn searches_find_by_term() {
    let vendor = Vendor::pipedrive().await;
    let found = vendor.get("persons/search?term=PERSON6@work.example&fields=email&exact_match=true").await;
    let items = found["data"]["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["item"]["emails"]), (1, &json!(["person6@work.example"])));
    let first = vendor.get("persons/search?term=work.example&limit=50").await;
    let next = first["additional_data"]["next_cursor"].as_str().unwrap();
    let second = vendor.get(&format!("persons/search?term=work.example&limit=50&cursor={next}")).await;
    assert_eq!(second["additional_data"]["next_cursor"], Value::Null);
    let count = |page: &Value| page["data"]["items"].as_array().unwrap().len();
    assert_eq!(count(&first) + count(&second), 90);
    assert_eq!(count(&vendor.get("organizations/search?term=O%27Hara").await), 1);
    for query in ["term=a", "", "term=ab&limit=0", "term=ab&cursor=x"] {
        assert_eq!(vendor.call("GET", &format!("persons/search?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_repeated_cursor_never_ends_the_list() {
    let vendor = Vendor::pipedrive().await;
    let first = vendor.get("persons").await;
    let cursor = first["additional_data"]["next_cursor"].as_str().unwrap();
    vendor.sandbox.inject(Fault::of("pipedrive", FaultKind::RepeatCursor));
    let last = vendor.get(&format!("persons?cursor={cursor}")).await;
    let found = (last["data"].as_array().unwrap().len(), &last["additional_data"]["next_cursor"]);
    assert_eq!(found, (20, &json!(cursor)));
}

#[tokio::test]
async fn no_input_brings_it_down() {
    let vendor = Vendor::pipedrive().await;
    let id = vendor.get("persons").await["data"][0]["id"].clone();
    let one = format!("PATCH persons/{id}");
    let calls = [
        "POST persons",
        "POST organizations",
        "GET persons?limit=18446744073709551616&cursor=bnVsbA",
        "GET persons/search?term=%00%ff&cursor=-1",
        "BREW persons/%00/%ff",
        one.as_str(),
    ];
    vendor
        .survives(
            &calls,
            &[
                r#"{"name":[],"emails":[{"value":{}}],"org_id":-1,"custom_fields":[]}"#,
                r#"{"name":"A","owner_id":1e99,"label_ids":{},"address":{"value":[]}}"#,
            ],
        )
        .await;
}

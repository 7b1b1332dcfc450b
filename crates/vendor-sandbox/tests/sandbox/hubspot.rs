//! `HubSpot`'s objects: pages, properties, associations, search, and what is refused.

use serde_json::{Value, json};
use vendor_sandbox::{Fault, FaultKind};

use crate::client::read;
use crate::vendor::Vendor;

const KINDS: [(&str, &str, usize); 2] =
    [("crm/v3/objects/contacts", "firstname", 120), ("crm/v3/objects/companies", "name", 40)];
const CONTACTS: &str = "crm/v3/objects/contacts";
const COMPANIES: &str = "crm/v3/objects/companies";

async fn everything(vendor: &Vendor, path: &str, query: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = vendor.get(&format!("{path}?limit=50{query}{after}")).await;
        all.extend(page["results"].as_array().unwrap().iter().cloned());
        let Some(next) = page["paging"]["next"]["after"].as_str() else { return all };
        after = format!("&after={next}");
    }
}

#[tokio::test]
async fn without_a_good_token_nothing_is_shown() {
    let vendor = Vendor::hubspot().await;
    for request in [vendor.bare("GET", CONTACTS), vendor.bare("GET", CONTACTS).bearer_auth("guess")] {
        let reply = read(request).await;
        assert_eq!((reply.status, &reply.value()["category"]), (401, &json!("INVALID_AUTHENTICATION")));
    }
    for path in ["crm/v3/objects/deals", "crm/v3/objects", "contacts/v1", ""] {
        assert_eq!(vendor.call("GET", path).await.status, 404, "{path}");
    }
    let limits = vendor.request("GET", CONTACTS).send().await.unwrap();
    assert_eq!(limits.headers()["x-hubspot-ratelimit-max"], "110");
}

#[tokio::test]
async fn pages_follow_one_another_and_the_seed_is_always_the_same() {
    let (vendor, other) = (Vendor::hubspot().await, Vendor::hubspot().await);
    for (path, _, count) in KINDS {
        let all = everything(&vendor, path, "").await;
        assert_eq!((all.len(), &all), (count, &everything(&other, path, "").await), "{path}");
        assert_eq!(vendor.get(path).await["results"].as_array().unwrap().len(), 10);
        let first = vendor.get(&format!("{path}?limit=1&properties=city")).await;
        let link = first["paging"]["next"]["link"].as_str().unwrap();
        let address = format!("http://{}/hubspot/", vendor.running.address);
        let second = vendor.get(link.strip_prefix(&address).unwrap()).await;
        assert_eq!((&second["results"][0]["id"], second["results"].as_array().unwrap().len()), (&all[1]["id"], 1));
        assert_eq!(vendor.get(&format!("{path}?archived=true")).await["results"], json!([]));
        for query in ["limit=0", "limit=101", "limit=ten", "after=x"] {
            let reply = vendor.call("GET", &format!("{path}?{query}")).await;
            assert_eq!((reply.status, &reply.value()["category"]), (400, &json!("VALIDATION_ERROR")), "{query}");
        }
    }
}

#[tokio::test]
async fn only_default_properties_are_shown_unless_others_are_named() {
    let vendor = Vendor::hubspot().await;
    let names = |object: &Value| -> Vec<String> { object["properties"].as_object().unwrap().keys().cloned().collect() };
    let unasked = vendor.get(&format!("{CONTACTS}?limit=1")).await["results"][0].clone();
    assert_eq!(names(&unasked), ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"]);
    let one = format!("{CONTACTS}/{}", unasked["id"].as_str().unwrap());
    let asked = vendor.get(&format!("{one}?properties=phone,nothing&properties=zip")).await;
    assert_eq!(names(&asked), ["createdate", "hs_object_id", "lastmodifieddate", "phone", "zip"]);
    assert_eq!((asked["properties"]["phone"].is_string(), &asked["properties"]["zip"]), (true, &Value::Null));
    assert_eq!(names(&vendor.get(&format!("{COMPANIES}?limit=1")).await["results"][0]).len(), 5);
}

#[tokio::test]
async fn objects_are_created_read_changed_and_archived() {
    let vendor = Vendor::hubspot().await;
    for (path, name, count) in KINDS {
        let body = json!({"properties": {name: "O'Hara", "city": "Saltby", "phone": 7}});
        let created = vendor.send("POST", path, &body).await;
        assert_eq!(created.status, 201, "{created:?}");
        let created = created.value();
        assert_eq!((&created["properties"][name], &created["properties"]["phone"]), (&json!("O'Hara"), &json!("7")));
        assert_eq!(created["createdAt"], "2026-01-01T00:00:01.000Z");
        let one = format!("{path}/{}", created["id"].as_str().unwrap());
        let change = json!({"properties": {"city": "", "country": null, "zip": "1"}});
        assert_eq!(vendor.send("PATCH", &one, &change).await.status, 200);
        let changed = vendor.get(&format!("{one}?properties=city,zip,{name}")).await;
        let own = &changed["properties"];
        assert_eq!((&own["city"], &own["zip"], &own[name]), (&Value::Null, &json!("1"), &json!("O'Hara")));
        assert!(changed["updatedAt"].as_str() > created["updatedAt"].as_str());
        assert_eq!(everything(&vendor, path, "").await.len(), count + 1);
        assert_eq!(vendor.call("DELETE", &one).await.status, 204);
        assert_eq!(vendor.call("DELETE", &one).await.status, 204, "alike for what is gone");
        let gone = vendor.call("GET", &one).await;
        assert_eq!((gone.status, &gone.value()["message"]), (404, &json!("resource not found")));
        assert_eq!(vendor.send("PATCH", &one, &change).await.status, 404);
        vendor.sandbox.reset();
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_reason() {
    let vendor = Vendor::hubspot().await;
    for (path, properties, code) in [
        (CONTACTS, json!({"firstname": "A", "shoe": "9"}), "PROPERTY_DOESNT_EXIST"),
        (CONTACTS, json!({"firstname": "A", "hs_object_id": "1"}), "READ_ONLY_VALUE"),
        (CONTACTS, json!({"email": "a b@c"}), "INVALID_EMAIL"),
        (CONTACTS, json!({"firstname": "A", "hubspot_owner_id": "7"}), "INVALID_OWNER_ID"),
        (CONTACTS, json!({"firstname": "A", "lifecyclestage": "done"}), "INVALID_OPTION"),
        (COMPANIES, json!({"name": "A", "numberofemployees": "many"}), "INVALID_INTEGER"),
        (CONTACTS, json!({"city": "A"}), ""),
        (COMPANIES, json!({"phone": "1"}), ""),
        (COMPANIES, json!([]), ""),
    ] {
        let reply = vendor.send("POST", path, &json!({ "properties": properties })).await;
        assert_eq!((reply.status, &reply.value()["category"]), (400, &json!("VALIDATION_ERROR")), "{properties}");
        assert_eq!(reply.value()["errors"][0]["code"].as_str().unwrap_or_default(), code, "{properties}");
    }
    let whole = everything(&vendor, CONTACTS, "").await;
    let first = whole.iter().find(|contact| contact["properties"]["email"].is_string()).unwrap();
    let email = first["properties"]["email"].as_str().unwrap().to_uppercase();
    let taken = vendor.send("POST", CONTACTS, &json!({"properties": {"email": email}})).await;
    let message = format!("Contact already exists. Existing ID: {}", first["id"].as_str().unwrap());
    assert_eq!((taken.status, &taken.value()["message"]), (409, &json!(message)));
    let same = json!({"properties": {"email": email}});
    let own = format!("{CONTACTS}/{}", first["id"].as_str().unwrap());
    assert_eq!(vendor.send("PATCH", &own, &same).await.status, 200, "its own address is not taken");
    let found = vendor.get(&format!("{CONTACTS}/{}?idProperty=email", email.to_lowercase())).await;
    assert_eq!(found["id"], first["id"]);
    assert_eq!(vendor.call("GET", &format!("{CONTACTS}/nobody@x.example?idProperty=email")).await.status, 404);
}

#[tokio::test]
async fn contacts_have_companies_of_which_one_is_the_primary() {
    let vendor = Vendor::hubspot().await;
    let companies = everything(&vendor, COMPANIES, "").await;
    let company = |place: usize| companies[place]["id"].as_str().unwrap().to_owned();
    let types = json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]);
    let association = json!([{"to": {"id": company(0)}, "types": types}]);
    let body = json!({"properties": {"firstname": "A"}, "associations": association});
    let id = vendor.send("POST", CONTACTS, &body).await.value()["id"].as_str().unwrap().to_owned();
    let read =
        async || vendor.get(&format!("{CONTACTS}/{id}?properties=associatedcompanyid&associations=companies")).await;
    assert_eq!(read().await["properties"]["associatedcompanyid"], company(0));
    let associations = format!("{CONTACTS}/{id}/associations/companies");
    let put = |company: String, kind: &str| format!("{associations}/{company}/{kind}");
    assert_eq!(vendor.call("PUT", &put(company(1), "contact_to_company_unlabeled")).await.status, 200);
    assert_eq!(read().await["properties"]["associatedcompanyid"], company(0), "the first stays the primary one");
    assert_eq!(vendor.call("PUT", &put(company(1), "1")).await.status, 200);
    let now = read().await;
    assert_eq!(now["properties"]["associatedcompanyid"], company(1));
    let owed = json!([
        {"id": company(1), "type": "contact_to_company"},
        {"id": company(1), "type": "contact_to_company_unlabeled"},
        {"id": company(0), "type": "contact_to_company_unlabeled"},
    ]);
    assert_eq!(now["associations"]["companies"]["results"], owed);
    assert_eq!(vendor.get(&associations).await["results"], owed);
    let away = format!("crm/v4/objects/contacts/{id}/associations/companies/{}", company(1));
    assert_eq!(vendor.call("DELETE", &away).await.status, 204);
    assert_eq!(read().await["properties"]["associatedcompanyid"], company(0));
    assert_eq!(vendor.call("DELETE", &format!("{COMPANIES}/{}", company(0))).await.status, 204);
    assert_eq!(read().await.get("associations"), None, "what is archived is associated with nothing");
    assert_eq!(vendor.call("PUT", &put("7".to_owned(), "1")).await.status, 404);
    assert_eq!(vendor.call("PUT", &put(company(1), "5")).await.status, 400);
    let wrong = json!({"properties": {"firstname": "A"}, "associations": [{"to": {"id": "7"}, "types": types}]});
    assert_eq!(vendor.send("POST", CONTACTS, &wrong).await.status, 400);
}

#[tokio::test]
async fn searches_filter_sort_and_count() {
    let vendor = Vendor::hubspot().await;
    let search = async |body: Value| vendor.send("POST", &format!("{CONTACTS}/search"), &body).await;
    let by = |property: &str, operator: &str, value: &str| json!({"filters": [{"propertyName": property, "operator": operator, "value": value}]});
    let all = everything(&vendor, CONTACTS, "&properties=lastname,lifecyclestage").await;
    let named = all.iter().filter(|contact| contact["properties"]["lastname"] == "O'Hara").count();
    let found = search(json!({"filterGroups": [by("lastname", "EQ", "o'hara")], "limit": 100})).await.value();
    assert_eq!((found["total"].as_u64(), found.get("paging")), (u64::try_from(named).ok(), None));
    let either = json!([by("lastname", "EQ", "O'Hara"), by("lifecyclestage", "EQ", "customer")]);
    assert!(search(json!({ "filterGroups": either })).await.value()["total"].as_u64() > u64::try_from(named).ok());
    let millis = search(json!({"filterGroups": [by("createdate", "GTE", "1706000000000")]})).await.value();
    let text = search(json!({"filterGroups": [by("createdate", "GTE", "2024-01-23T08:53:20Z")]})).await.value();
    assert_eq!(millis["total"], text["total"]);
    let sorted = json!({"sorts": [{"propertyName": "createdate", "direction": "DESCENDING"}], "limit": 60});
    let first = search(sorted.clone()).await.value();
    assert_eq!((&first["total"], &first["paging"]["next"]["after"]), (&json!(120), &json!("60")));
    let mut second = sorted;
    second["after"] = json!("60");
    let second = search(second).await.value();
    assert!(first["results"][0]["createdAt"].as_str() > second["results"][59]["createdAt"].as_str());
    for body in [
        json!({"filterGroups": [by("shoe", "EQ", "9")]}),
        json!({"filterGroups": [by("email", "LIKE", "9")]}),
        json!({"limit": 201}),
        json!({"after": "9999", "limit": 10}),
        json!({"sorts": ["shoe"]}),
        json!({"filterGroups": vec![by("email", "EQ", "a"); 6]}),
        json!([]),
    ] {
        assert_eq!(search(body.clone()).await.status, 400, "{body}");
    }
    let owners = vendor.get("crm/v3/owners").await;
    assert_eq!(owners["results"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_repeated_cursor_never_ends_the_list() {
    let vendor = Vendor::hubspot().await;
    let first = vendor.get(&format!("{CONTACTS}?limit=100")).await;
    let after = first["paging"]["next"]["after"].as_str().unwrap();
    vendor.sandbox.inject(Fault::of("hubspot", FaultKind::RepeatCursor));
    let last = vendor.get(&format!("{CONTACTS}?limit=100&after={after}")).await;
    assert_eq!((last["results"].as_array().unwrap().len(), &last["paging"]["next"]["after"]), (20, &json!(after)));
}

#[tokio::test]
async fn no_input_brings_it_down() {
    let vendor = Vendor::hubspot().await;
    let id = vendor.get(CONTACTS).await["results"][0]["id"].as_str().unwrap().to_owned();
    let one = format!("PATCH {CONTACTS}/{id}");
    let put = format!("PUT {CONTACTS}/{id}/associations/companies/%00/1");
    let calls = [
        "POST crm/v3/objects/contacts",
        "POST crm/v3/objects/companies/search",
        "GET crm/v3/objects/contacts?limit=18446744073709551616&after=-1",
        "POST oauth/v1/token",
        "POST oauth/authorize",
        "BREW crm/v3/objects/contacts/%00/%ff",
        one.as_str(),
        put.as_str(),
    ];
    vendor
        .survives(
            &calls,
            &[
                r#"{"properties":{"firstname":[],"email":"@"},"associations":[{"to":{}},7]}"#,
                r#"{"filterGroups":[{"filters":[7,{}]},[]],"limit":1e99,"after":{},"sorts":[[]]}"#,
                r#"{"limit":18446744073709551615,"after":"18446744073709551615"}"#,
            ],
        )
        .await;
}

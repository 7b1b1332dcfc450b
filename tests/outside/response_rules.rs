//! What every success looks like beside its records: statuses, envelopes, links, headers, and what counts as absent.

use reqwest::Method;
use serde_json::{Value, json};
use vendor_sandbox::{Fault, FaultKind};

use crate::support::{Gateway, Reply, catalog, seeded, send, send_as_written};
use crate::vendor::{RawVendor, answer, json as json_answer};

#[tokio::test]
async fn fields_leaves_out_what_was_not_asked_for_but_never_what_the_schema_requires() {
    let contact = &seeded("contacts").await;
    let gateway = Gateway::start().await;
    let company = format!("{}?fields=id", seeded("companies").await);
    for (path, kept) in [
        (company.as_str(), vec!["id", "name"]),
        ("/crm/companies?fields=id", vec!["id", "name"]),
        ("/crm/companies?fields=created_at", vec!["created_at", "name"]),
        ("/crm/contacts?fields=id,last_name", vec!["id", "last_name"]),
        ("/crm/contacts?fields=id%2Clast_name", vec!["id", "last_name"]),
        ("/crm/contacts?fields=%20id%20,,last_name,", vec!["id", "last_name"]),
    ] {
        let reply = gateway.get(path).await;
        let data = &reply.body["data"];
        let records = data.as_array().cloned().unwrap_or_else(|| vec![data.clone()]);
        assert!(!records.is_empty(), "{path}");
        for record in records {
            let mut names: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names, kept, "{path}");
        }
    }
    for absent in ["fields=", "fields=null", "fields"] {
        let reply = gateway.get(&format!("{contact}?{absent}")).await;
        assert!(reply.body["data"].as_object().unwrap().len() > 10, "{absent}: {}", reply.text);
    }
}

/// Asserts the status, the words and the headers of a success.
#[track_caller]
fn succeeded(reply: &Reply, status: u16, operation: &str) {
    assert_eq!(reply.status, status, "{}", reply.text);
    let said = if status == 201 { "Created" } else { "OK" };
    for (name, owed) in [
        ("status_code", json!(status)),
        ("status", json!(said)),
        ("service", json!("agile-crm")),
        ("resource", json!("contacts")),
        ("operation", json!(operation)),
    ] {
        assert_eq!(reply.body[name], owed, "{name}: {}", reply.text);
    }
    assert_eq!(reply.headers["content-type"], "application/json");
    assert_eq!(reply.headers["request-id"], reply.headers["x-apideck-request-id"]);
    assert!(!reply.headers.contains_key("content-encoding"));
}

#[tokio::test]
async fn each_operation_has_its_status_and_its_envelope() {
    let contact = &seeded("contacts").await;
    let gateway = Gateway::start().await;
    let list = gateway.get("/crm/contacts").await;
    succeeded(&list, 200, "all");
    assert_eq!(list.body["data"].as_array().unwrap().len(), 20, "the default limit");
    assert_eq!((&list.body["meta"]["items_on_page"], &list.body["meta"]["total_count"]), (&json!(20), &json!(250)));
    let one = gateway.get(contact).await;
    succeeded(&one, 200, "one");
    assert_eq!((one.body.get("links"), one.body.get("meta")), (None, None));
    let added = gateway.post("/crm/contacts", &json!({ "first_name": "Ada" })).await;
    succeeded(&added, 201, "add");
    let id = added.body["data"]["id"].as_str().unwrap().to_owned();
    assert_eq!(added.body["data"], json!({ "id": id }));
    let path = format!("/crm/contacts/{id}");
    let updated = gateway.patch(&path, &json!({ "last_name": "Byron" })).await;
    succeeded(&updated, 200, "update");
    assert_eq!(updated.body["data"], json!({ "id": id }));
    let deleted = gateway.delete(&path).await;
    succeeded(&deleted, 200, "delete");
    assert_eq!(deleted.body["data"], json!({ "id": id }));
    let ids = [&list, &one, &added, &updated, &deleted].map(|reply| reply.headers["request-id"].clone());
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 5, "request ids differ");
}

#[tokio::test]
async fn a_list_has_every_key_and_an_empty_one_too() {
    let gateway = Gateway::start().await;
    for path in ["/crm/contacts", "/crm/companies?limit=1", "/crm/contacts?filter[email]=nobody@x.example"] {
        let reply = gateway.get(path).await;
        let keys: Vec<&str> = reply.body.as_object().unwrap().keys().map(String::as_str).collect();
        for key in ["status_code", "status", "service", "resource", "operation", "data", "meta", "links"] {
            assert!(keys.contains(&key), "{path}: {key}");
        }
        assert!(!keys.contains(&"_raw"), "{path}");
        assert_eq!(reply.body["meta"]["items_on_page"], reply.body["data"].as_array().unwrap().len());
        for cursor in ["previous", "current", "next"] {
            assert!(reply.body["meta"]["cursors"].get(cursor).is_some(), "{path}: {cursor}");
            assert!(reply.body["links"].get(cursor).is_some(), "{path}: {cursor}");
        }
        assert!(reply.body["links"]["current"].is_string());
        assert_eq!(reply.body["meta"].get("warnings"), None);
    }
}

#[tokio::test]
async fn raw_exchanges_tell_every_vendor_call() {
    let contact = &seeded("contacts").await;
    let gateway = Gateway::start().await;
    let plain = gateway.get(contact).await;
    assert_eq!(plain.body.get("_raw_exchanges"), None);
    let change = gateway.request(Method::PATCH, &format!("{contact}?raw=true")).body(r#"{"tags":["fresh"]}"#);
    let change = send(change).await;
    let calls = change.body["_raw_exchanges"].as_array().unwrap();
    let steps: Vec<&str> = calls.iter().map(|call| call["step"].as_str().unwrap()).collect();
    assert!(steps.contains(&"add-tags"), "{steps:?}");
    for call in calls {
        let (request, response) = (&call["request"], &call["response"]);
        assert!(request["url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{call}");
        assert_eq!(request["headers"]["authorization"], "[redacted]", "{call}");
        assert_eq!(request["body"].is_null(), request["method"] == "GET", "{call}");
        assert_eq!(response["status_code"], 200, "{call}");
        assert!(response["headers"].is_object() && call["duration_ms"].is_u64() && call["attempt"] == 1, "{call}");
        assert!(call["started_at"].as_str().unwrap().ends_with('Z'), "{call}");
    }
}

#[tokio::test]
async fn raw_exchanges_hold_attempts_that_failed_and_texts_that_are_no_json() {
    let (busy, page) = (answer(503, "text/plain", "busy"), json_answer("[]"));
    let vendor = RawVendor::start(&[&busy, b"HTTP/1.1 2", &page]).await;
    let gateway = Gateway::over_vendor(vendor.address).await;
    let reply = gateway.get("/crm/contacts?raw=true").await;
    let calls = reply.body["_raw_exchanges"].as_array().unwrap();
    let told: Vec<_> = calls.iter().map(|call| (call["attempt"].clone(), call["response"]["body"].clone())).collect();
    assert_eq!(told, [(json!(1), json!("busy")), (json!(2), json!(null)), (json!(3), json!([]))], "{}", reply.text);
    assert!(calls[1]["response"].is_null() && calls[1]["error"].is_string(), "{}", reply.text);
}

#[tokio::test]
async fn raw_is_always_an_object() {
    let contact = &seeded("contacts").await;
    let gateway = Gateway::start().await;
    let list = gateway.get("/crm/companies?limit=2&raw=true").await;
    assert_eq!(list.body["_raw"]["items"].as_array().unwrap().len(), 2);
    let one = gateway.get(&format!("{contact}?raw=true&raw=true")).await;
    assert_eq!(one.body["_raw"]["type"], "PERSON");
    let several = gateway.get("/crm/contacts?limit=200&raw=true").await;
    assert!(several.body["_raw"].is_object());
    let change =
        gateway.request(Method::PATCH, &format!("{contact}?raw=true")).body(r#"{"last_name":"B","tags":["fresh"]}"#);
    let change = send(change).await;
    assert!(change.body["_raw"]["properties"].is_object(), "{}", change.text);
    assert!(change.body["_raw"].get("add-tags").is_some(), "{}", change.text);
    let deleted = gateway.delete(&format!("{contact}?raw=true")).await;
    assert!(deleted.body["_raw"].is_object(), "{}", deleted.text);
    for body in [
        "[]",
        "[{\"id\":1,\"type\":\"PERSON\"}]",
        "{\"id\":1,\"type\":\"PERSON\"}",
        " \n{\"id\":1,\"type\":\"PERSON\"}\n",
    ] {
        let vendor = RawVendor::start(&[&json_answer(body)]).await;
        let gateway = Gateway::over_vendor(vendor.address).await;
        for path in ["/crm/contacts?raw=true", "/crm/contacts/1?raw=true"] {
            let reply = gateway.get(path).await;
            let no_record = body == "[]" && path.contains("/1");
            let no_list = body.contains('{') && !body.contains('[') && !path.contains("/1");
            assert!(no_record || no_list || reply.body["_raw"].is_object(), "{body} {path}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let contact = &seeded("contacts").await;
    let gateway = Gateway::start().await;
    for (path, status) in
        [("/crm/contacts", 200), (contact.as_str(), 200), ("/crm/contacts/1", 404), ("/crm/contacts?limit=0", 400)]
    {
        let reply = send(gateway.request(Method::HEAD, path)).await;
        assert_eq!((reply.status, reply.text.as_str()), (status, ""), "{path}");
        assert_eq!(reply.headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn a_method_named_in_the_query_stands_in_for_others() {
    let contact = &seeded("contacts").await;
    let gateway = Gateway::start().await;
    let patch = gateway.request(Method::POST, &format!("{contact}?_method=PATCH")).body(r#"{"last_name":"Byron"}"#);
    succeeded(&send(patch).await, 200, "update");
    assert_eq!(gateway.get(contact).await.body["data"]["last_name"], "Byron");
    let delete = send(gateway.request(Method::POST, &format!("{contact}?raw=false&_method=delete"))).await;
    succeeded(&delete, 200, "delete");
    succeeded(&send(gateway.request(Method::POST, "/crm/contacts?_method=GET&limit=1")).await, 200, "all");
    succeeded(&gateway.get("/crm/contacts?_method=&limit=1").await, 200, "all");
}

#[tokio::test]
async fn what_is_sent_empty_or_null_counts_as_absent() {
    let gateway = Gateway::start().await;
    let plain = gateway.get("/crm/contacts?limit=5").await.body["data"].clone();
    let with = async |header: &str, path: &str| send(gateway.request(Method::GET, path).header(header, "")).await;
    for header in ["x-apideck-service-id", "cookie", "content-type"] {
        assert_eq!(with(header, "/crm/contacts?limit=5").await.body["data"], plain, "{header}");
    }
    for query in [
        "cursor=null",
        "cursor=",
        "cursor",
        "raw=null",
        "raw=",
        "fields=null",
        "filter[email]=null&filter[name]=null",
        "filter=null",
        "sort[by]=null&sort[direction]=null",
        "sort[by]=",
        "pass_through=null",
        "&&",
        "unknown=1&x-y",
    ] {
        let reply = gateway.get(&format!("/crm/contacts?limit=5&{query}")).await;
        assert_eq!(reply.body["data"], plain, "{query}: {}", reply.text);
    }
    let reply = gateway.get("/crm/contacts?limit=null").await;
    assert_eq!(reply.body["meta"]["items_on_page"], 20);
}

#[tokio::test]
async fn a_space_may_be_sent_as_plus_or_percent_20_and_brackets_encoded_or_not() {
    let gateway = Gateway::start().await;
    let body = json!({ "first_name": "Mary Ann", "last_name": "O+Neil" });
    assert_eq!(gateway.post("/crm/contacts", &body).await.status, 201);
    for query in [
        "filter[first_name]=Mary+Ann",
        "filter[first_name]=Mary%20Ann",
        "filter%5Bfirst_name%5D=Mary+Ann",
        "filter[last_name]=O%2BNeil",
    ] {
        let reply = gateway.get(&format!("/crm/contacts?{query}")).await;
        let names: Vec<&Value> = reply.body["data"].as_array().unwrap().iter().map(|record| &record["name"]).collect();
        assert_eq!(names, ["Mary Ann O+Neil"], "{query}");
    }
}

#[tokio::test]
async fn an_id_may_be_percent_encoded() {
    let gateway = Gateway::start().await;
    let path = seeded("contacts").await;
    let id = path.strip_prefix("/crm/contacts/").unwrap();
    let encoded: String = id.chars().flat_map(|digit| ['%', '3', digit]).collect();
    let head = "\r\nhost: x\r\nconnection: close\r\nauthorization: bearer  sandbox-key\r\nx-apideck-app-id: sandbox\r\nX-APIDECK-CONSUMER-ID:sandbox-consumer\r\n\r\n";
    let request = format!("GET /crm/c%6Fntacts/{encoded}?raw=false HTTP/1.1{head}");
    let reply = send_as_written(gateway.address, request.as_bytes(), b"").await;
    succeeded(&reply, 200, "one");
    assert_eq!(reply.body["data"]["id"], id);
}

#[tokio::test]
async fn links_repeat_the_whole_query_on_the_public_address() {
    let change = |config: &mut server::config::Config| {
        config.server.public_url = Some("https://crm.example.com/unify/".to_owned());
    };
    let gateway = Gateway::over(catalog(&[("agile-crm", |text| text)]), change).await;
    let query = "limit=5&raw=false&sort%5Bby%5D=created_at&fields=id%2Cname";
    let first = gateway.get(&format!("/crm/contacts?{query}")).await;
    let links = &first.body["links"];
    assert_eq!(links["current"], format!("https://crm.example.com/unify/crm/contacts?{query}"));
    assert_eq!(links["previous"], Value::Null);
    let cursor = first.body["meta"]["cursors"]["next"].as_str().unwrap();
    assert_eq!(links["next"], format!("https://crm.example.com/unify/crm/contacts?{query}&cursor={cursor}"));
    let second = gateway.get(&format!("/crm/contacts?cursor={cursor}&{query}")).await;
    assert_eq!(second.body["meta"]["cursors"]["current"], cursor);
    let next = second.body["links"]["next"].as_str().unwrap();
    assert!(next.starts_with(&format!("https://crm.example.com/unify/crm/contacts?{query}&cursor=")), "{next}");
    assert_eq!(next.matches("cursor=").count(), 1, "{next}");
    let reply = gateway.get("/crm/contacts?limit=0").await;
    assert_eq!(reply.body["ref"], "https://crm.example.com/unify/docs/errors#requestvalidationerror");
}

#[tokio::test]
async fn the_next_link_works_however_the_cursor_was_written_before() {
    let gateway = Gateway::start().await;
    let follow = async |reply: &Reply| {
        let next = reply.body["links"]["next"].as_str().expect("a next page").to_owned();
        gateway.get(next.strip_prefix(&format!("http://{}", gateway.address)).unwrap()).await
    };
    for query in
        ["cursor&limit=3", "cursor=&limit=3", "limit=3&cursor=null", "%63ursor=&limit=3", "limit=3&", "limit=3&&"]
    {
        let first = gateway.get(&format!("/crm/contacts?{query}")).await;
        let second = follow(&first).await;
        let third = follow(&second).await;
        for reply in [&second, &third] {
            assert_eq!(reply.status, 200, "{query}: {}", reply.text);
        }
        assert_ne!(second.body["data"], third.body["data"], "{query}");
    }
}

#[tokio::test]
async fn what_the_vendor_says_of_its_limits_is_passed_on() {
    let body = r#"{"id": 1, "type": "PERSON"}"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-ratelimit-limit: 100\r\nx-ratelimit-remaining: 7\r\nx-ratelimit-reset: 30\r\nconnection: close";
    let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let vendor = RawVendor::start(&[answer.as_bytes()]).await;
    let reply = Gateway::over_vendor(vendor.address).await.get("/crm/contacts/1").await;
    for (name, value) in [("limit", "100"), ("remaining", "7")] {
        assert_eq!(reply.headers[format!("x-downstream-ratelimit-{name}").as_str()], value);
    }
    // Seconds from now in this vendor's header, and since 1970 in ours.
    let reset: i64 = reply.headers["x-downstream-ratelimit-reset"].to_str().unwrap().parse().unwrap();
    assert!((0..=30).contains(&(reset - jiff::Timestamp::now().as_second())), "{reset}");
}

#[tokio::test]
async fn a_vendor_that_repeats_its_cursor_ends_the_list_with_a_warning() {
    let gateway = Gateway::start().await;
    let first = gateway.get("/crm/companies?limit=5").await;
    let cursor = first.body["meta"]["cursors"]["next"].as_str().unwrap();
    gateway.sandbox.inject(Fault::of("agile-crm", FaultKind::RepeatCursor));
    let last = gateway.get(&format!("/crm/companies?limit=5&cursor={cursor}")).await;
    assert_eq!(last.status, 200);
    assert_eq!(last.body["meta"]["cursors"]["next"], Value::Null);
    assert_eq!(last.body["meta"]["warnings"][0]["type"], "cursor_repeated");
}

//! Consumers: added, listed by pages, changed and deleted with everything that they have.

use serde_json::{Value, json};

use super::house::{ACME, AGILE, House, ZENITH, with_json};
use crate::support::send;

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|consumer| consumer["consumer_id"].as_str().unwrap()).collect()
}

async fn add(house: &House, id: &str, metadata: &Value) -> Value {
    let body = json!({ "consumer_id": id, "metadata": metadata });
    house.call("", "POST", "/vault/consumers", &body).await.succeeded()
}

/// Every page of a list, by following the cursors; and in how many pages it came.
async fn every_page(house: &House, path: &str) -> (Vec<String>, usize) {
    let (mut found, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let reply = house.get("", &format!("{path}{cursor}")).await;
        reply.succeeded();
        pages += 1;
        found.extend(ids(&reply.body).into_iter().map(str::to_owned));
        assert_eq!(reply.body["meta"]["items_on_page"], ids(&reply.body).len());
        match reply.body["meta"]["cursors"]["next"].as_str() {
            Some(next) => {
                assert!(reply.body["links"]["next"].as_str().unwrap().contains(next));
                cursor = format!("&cursor={next}");
            }
            None => return (found, pages),
        }
        assert!(pages < 100, "the list has no end");
    }
}

#[tokio::test]
async fn a_consumer_is_added_read_changed_and_deleted() {
    for house in House::of_every_engine().await {
        let added = add(&house, "ada", &json!({ "account_name": "SpaceX", "email": "ada@acme.example" })).await;
        assert_eq!((&added["consumer_id"], &added["application_id"]), (&json!("ada"), &json!("acme")));
        let read = house.data("", "/vault/consumers/ada").await;
        assert_eq!(read["metadata"], json!({ "account_name": "SpaceX", "email": "ada@acme.example" }));
        assert_eq!((&read["connections"], &read["services"]), (&json!([]), &json!([])));
        for time in ["created", "modified"] {
            assert!(read[time].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{read}");
        }

        house.connect("ada").await;
        let body = json!({ "metadata": { "user_name": "Ada" } });
        let changed = house.call("", "PATCH", "/vault/consumers/ada", &body).await.succeeded();
        let expected = json!({ "account_name": "SpaceX", "email": "ada@acme.example", "user_name": "Ada" });
        assert_eq!(changed["metadata"], expected, "what is not named stays");
        assert_eq!(changed["services"], json!(["agile-crm"]));
        let connection = &changed["connections"][0];
        assert_eq!((&connection["state"], &connection["health"]), (&json!("callable"), &json!("ok")));
        assert!(connection["created_at"].is_string(), "times are texts here: {connection}");

        let deleted = house.delete("", "/vault/consumers/ada").await.succeeded();
        assert_eq!(deleted, json!({ "consumer_id": "ada" }));
        house.get("", "/vault/consumers/ada").await.refused(404, "EntityNotFoundError");
        house.get("ada", "/crm/companies").await.refused(404, "ConnectionNotFoundError");
        assert_eq!(house.data("ada", AGILE).await["state"], "available");
        let events = ["vault.connection.created", "vault.connection.callable", "vault.connection.deleted"];
        assert_eq!(house.events("ada").await, events);
    }
}

#[tokio::test]
async fn a_consumer_that_is_there_already_keeps_what_is_not_said_anew() {
    let house = House::start().await;
    add(&house, "ada", &json!({ "account_name": "SpaceX", "user_name": "Ada" })).await;
    let created = house.data("", "/vault/consumers/ada").await["created"].clone();
    let again = house.call("", "POST", "/vault/consumers", &json!({ "consumer_id": "ada" })).await.succeeded();
    assert_eq!(again["metadata"], json!({ "account_name": "SpaceX", "user_name": "Ada" }));
    let again = add(&house, "ada", &json!({ "account_name": "Tesla" })).await;
    assert_eq!(again["metadata"], json!({ "account_name": "Tesla", "user_name": "Ada" }));
    assert_eq!(again["created"], created);
}

#[tokio::test]
async fn a_list_comes_in_pages_and_holds_every_consumer_once() {
    for house in House::of_every_engine().await {
        let known: Vec<String> = (0..23).map(|number| format!("c-{number:02}")).collect();
        for id in &known {
            add(&house, id, &json!({})).await;
        }
        // Of the other application, and so of no list of this one.
        let other = json!({ "consumer_id": "c-99" });
        send(with_json(house.request(ZENITH, "", "POST", "/vault/consumers"), &other)).await.succeeded();
        assert_eq!(every_page(&house, "/vault/consumers?limit=5").await, (known.clone(), 5));
        assert_eq!(every_page(&house, "/vault/consumers?limit=23").await, (known.clone(), 1));
        assert_eq!(every_page(&house, "/vault/consumers?raw=false").await, (known.clone(), 2), "20 is the usual page");
        let prefixed = every_page(&house, "/vault/consumers?filter[consumer_id]=c-1&limit=4").await;
        assert_eq!(prefixed, (known[10..20].to_vec(), 3));
        assert_eq!(every_page(&house, "/vault/consumers?filter%5Bconsumer_id%5D=x").await, (vec![], 1));
    }
}

#[tokio::test]
async fn a_search_finds_consumers_by_what_is_kept_of_them() {
    for house in House::of_every_engine().await {
        for (id, metadata) in [
            ("ada", json!({ "account_name": "Rocket \"Söhne\" 100%", "email": "ada@rocket.example" })),
            ("bob", json!({ "user_name": "Bob the ROCKETEER" })),
            ("cyd", json!({ "image": "https://images.example/rocket.jpg" })),
            ("rocket-4", json!({ "account_name": "Plain" })),
        ] {
            add(&house, id, &metadata).await;
        }
        for (search, expected) in [
            ("rocket", ["ada", "bob", "rocket-4"].as_slice()),
            ("RÖCKET", &[]),
            ("SÖHNE", &["ada"]),
            ("100%25", &["ada"]),
            ("_", &[]),
            ("email", &[]),
            ("%22", &["ada"]),
            ("rocket.ex", &["ada"]),
            ("BOB", &["bob"]),
        ] {
            let (found, _) = every_page(&house, &format!("/vault/consumers?filter[search]={search}&limit=2")).await;
            assert_eq!(found, expected, "{search}");
        }
        let both = "/vault/consumers?filter[search]=rocket&filter[consumer_id]=b";
        assert_eq!(every_page(&house, both).await, (vec!["bob".to_owned()], 1));
    }
}

#[tokio::test]
async fn a_cursor_of_consumers_is_good_for_its_own_list_only() {
    let house = House::start().await;
    for number in 0..6 {
        add(&house, &format!("c-{number}"), &json!({})).await;
    }
    let first = house.get("", "/vault/consumers?limit=2&filter[consumer_id]=c-").await;
    let cursor = first.body["meta"]["cursors"]["next"].as_str().unwrap().to_owned();
    let next = house.get("", &format!("/vault/consumers?limit=3&filter[consumer_id]=c-&cursor={cursor}")).await;
    assert_eq!(ids(&next.body), ["c-2", "c-3", "c-4"], "another limit is no other list");
    for (application, query) in [
        (ACME, ""),
        (ACME, "&filter[consumer_id]=c"),
        (ACME, "&filter[consumer_id]=c-&filter[search]=c"),
        (ACME, "&filter[search]=c-"),
        (ZENITH, "&filter[consumer_id]=c-"),
    ] {
        let path = format!("/vault/consumers?cursor={cursor}{query}");
        let refused = send(house.request(application, "", "GET", &path)).await;
        refused.refused(400, "InvalidCursorError");
    }
}

#[tokio::test]
async fn a_consumer_of_another_application_does_not_exist() {
    let house = House::start().await;
    add(&house, "ada", &json!({ "account_name": "SpaceX" })).await;
    house.connect("ada").await;
    for (method, body) in [("GET", None), ("PATCH", Some(json!({ "metadata": { "email": "x" } }))), ("DELETE", None)] {
        let request = house.request(ZENITH, "", method, "/vault/consumers/ada");
        let request = match &body {
            Some(body) => with_json(request, body),
            None => request,
        };
        send(request).await.refused(404, "EntityNotFoundError");
    }
    assert_eq!(house.data("", "/vault/consumers/ada").await["metadata"], json!({ "account_name": "SpaceX" }));
    assert_eq!(house.data("ada", AGILE).await["state"], "callable");
}

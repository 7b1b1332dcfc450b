//! The log of calls: what a consumer's calls came to, the newest first, and nothing of what was in them.

use serde_json::{Value, json};

use super::document;
use super::house::{ACME, Application, House, ZENITH};
use crate::support::send;

const LOGS: &str = "/vault/logs";

/// What is listed with this query, once all that was called before is written down; not that logs were asked for.
async fn listed(house: &House, application: Application, consumer: &str, query: &str) -> Vec<Value> {
    house.vault.call_log().flush().await;
    let reply = send(house.request(application, consumer, "GET", &format!("{LOGS}?{query}"))).await;
    document::hold("GET", LOGS, &reply);
    assert_eq!(reply.status, 200, "{}", reply.text);
    let calls = reply.body["data"].as_array().unwrap().iter();
    calls.filter(|call| call["path"] != LOGS).cloned().collect()
}

fn told(calls: &[Value]) -> Vec<(&str, &str, u64)> {
    let of = |call: &'_ Value| -> u64 { call["status_code"].as_u64().unwrap() };
    calls
        .iter()
        .map(|call| (call["path"].as_str().unwrap(), call["operation"]["id"].as_str().unwrap(), of(call)))
        .collect()
}

#[tokio::test]
async fn calls_are_listed_and_narrowed_and_nobody_sees_anothers() {
    for house in House::of_every_engine().await {
        house.connect("ada").await;
        house.get("ada", "/crm/contacts?limit=1&filter[first_name]=Seldom").await;
        house
            .call(
                "ada",
                "POST",
                "/crm/contacts",
                &json!({ "name": "Ada Unspeakable", "first_name": "Ada", "last_name": "Unspeakable" }),
            )
            .await;
        let refused = house.get("ada", "/crm/contacts/999999").await;
        let calls = listed(&house, ACME, "ada", "filter[path]=/crm/&filter[path_match_mode]=STARTS_WITH").await;
        assert_eq!(
            told(&calls),
            [
                ("/crm/contacts/999999", "contactsOne", 404),
                ("/crm/contacts", "contactsAdd", 201),
                ("/crm/contacts", "contactsAll", 200),
            ]
        );
        for call in &calls {
            // The call named none: it is the consumer's only connection.
            assert_eq!(call["service"], json!({ "id": "agile-crm", "name": "Agile CRM" }));
            let times = ["duration", "latency", "execution"].map(|time| call[time].as_f64().unwrap());
            let [vendor, own, whole] = times;
            assert!(vendor > 0.0 && own > 0.0 && (whole..whole + 1.0).contains(&(vendor + own)), "{times:?}");
        }
        assert_eq!(calls[2]["operation"], json!({ "id": "contactsAll", "name": "List contacts" }));
        assert_eq!(calls[0]["id"], refused.headers["x-apideck-request-id"].to_str().unwrap());
        assert_eq!(
            (&calls[0]["error_message"], &calls[1]["error_message"]),
            (&json!("EntityNotFoundError"), &json!(null))
        );
        for secret in ["Seldom", "Unspeakable", ACME.key] {
            assert!(!json!(calls).to_string().contains(secret), "{secret}");
        }
        for (query, expected) in [
            ("filter[http_method]=POST", 1),
            ("filter[http_method]=post", 1),
            ("filter[end_date]=9999-12-30T22:00:00.9999Z&filter[http_method]=POST", 1),
            ("filter[status_codes]=404&filter[status_codes]=201", 2),
            ("filter[path]=999999&filter[path_match_mode]=ENDS_WITH", 1),
            ("filter[path]=/crm/contacts&filter[path_match_mode]=EXACT", 2),
            ("filter[exclude_unified_apis]=crm,vault", 0),
            ("filter[end_date]=2020-01-01T00:00:00Z", 0),
        ] {
            assert_eq!(listed(&house, ACME, "ada", query).await.len(), expected, "{query}");
        }
        assert_eq!(listed(&house, ACME, "bob", "").await.len(), 0);
        assert_eq!(listed(&house, ZENITH, "ada", "").await.len(), 0);
    }
}

#[tokio::test]
async fn a_browsers_calls_are_logged_as_its_consumers() {
    let house = House::start().await;
    let token = house.session("ada", &json!({})).await;
    let seen = send(house.in_session(&token, "GET", "/vault/connections")).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let calls = listed(&house, ACME, "ada", "").await;
    let expected = [("/vault/connections", "connectionsAll", 200), ("/vault/sessions", "sessionsCreate", 200)];
    assert_eq!(told(&calls), expected);
    assert_eq!(calls[0]["duration"], json!(0.0), "no vendor was asked");
    assert!(!json!(calls).to_string().contains(&token));
}

#[tokio::test]
async fn the_end_of_a_list_of_calls_counts_and_a_cursor_is_of_its_own_list() {
    let house = House::start().await;
    for _ in 0..3 {
        house.get("ada", "/crm/contacts/999999").await;
    }
    let calls = listed(&house, ACME, "ada", "filter[http_method]=GET").await;
    assert_eq!(calls.len(), 3, "{calls:?}");
    let last = calls[0]["timestamp"].as_str().unwrap();
    let until = listed(&house, ACME, "ada", &format!("filter[end_date]={last}&filter[path]=999999")).await;
    assert!(until.iter().any(|call| call["id"] == calls[0]["id"]), "the moment itself is one of them: {until:?}");

    let page = house.get("ada", &format!("{LOGS}?limit=1&filter[http_method]=GET")).await;
    let cursor = page.body["meta"]["cursors"]["next"].as_str().unwrap().to_owned();
    let more = house.get("ada", &format!("{LOGS}?limit=1&filter[http_method]=GET&cursor={cursor}")).await;
    assert_eq!(more.status, 200, "{}", more.text);
    for other in ["filter[http_method]=POST", "filter[http_method]=GET&filter[status_codes]=404", ""] {
        let reply = house.get("ada", &format!("{LOGS}?limit=1&{other}&cursor={cursor}")).await;
        reply.refused(400, "InvalidCursorError");
    }
}

//! The dynamic filter.

use serde_json::{Value, json};

use crate::client::{Agile, ids, properties};

const PATH: &str = "filters/filter/dynamic-filter";

async fn found(agile: &Agile, filter: &Value) -> Vec<Value> {
    let filter = filter.to_string();
    let reply = agile.form(PATH, &[("filterJson", &filter), ("page_size", "300")]).await;
    if reply.status == 204 { Vec::new() } else { reply.list() }
}

/// What a rule finds among persons, by hand and by filter.
async fn agree(agile: &Agile, rule: Value, by_hand: impl Fn(&Value) -> bool) -> usize {
    let everyone = agile.form("contacts/list", &[("global_sort_key", "-created_time")]).await.list();
    let expected: Vec<Value> = everyone.into_iter().filter(by_hand).collect();
    let found = found(agile, &json!({"contact_type": "PERSON", "rules": [rule]})).await;
    assert_eq!(ids(&found), ids(&expected), "{rule}");
    expected.len()
}

fn is(record: &Value, name: &str, check: impl Fn(&str) -> bool) -> bool {
    properties(record, "SYSTEM", name).iter().any(|value| check(value))
}

#[tokio::test]
async fn rules_find_what_a_reader_would() {
    let agile = Agile::start().await;
    let tagged = |record: &Value, tag: &str| record["tags"].as_array().unwrap().contains(&json!(tag));
    let rule = |lhs: &str, condition: &str, rhs: Value| json!({"LHS": lhs, "CONDITION": condition, "RHS": rhs});
    let mut sizes = Vec::new();
    sizes.push(agree(&agile, rule("tags", "EQUALS", json!("Käufer")), |record| tagged(record, "Käufer")).await);
    sizes.push(agree(&agile, rule("tags", "NOTEQUALS", json!("VIP")), |record| !tagged(record, "VIP")).await);
    sizes
        .push(agree(&agile, rule("first_name", "EQUALS", json!("Zoë")), |r| is(r, "first_name", |v| v == "Zoë")).await);
    let starts = rule("last_name", "STARTS_WITH", json!("de"));
    sizes.push(agree(&agile, starts, |r| is(r, "last_name", |v| v.starts_with("de"))).await);
    let contains = rule("email", "CONTAINS", json!("second"));
    sizes.push(agree(&agile, contains, |r| is(r, "email", |v| v.contains("second"))).await);
    sizes.push(agree(&agile, rule("company", "CONTAINS", json!("a")), |r| is(r, "company", |v| v.contains('a'))).await);
    let owner = rule("owner_id", "EQUALS", json!("5200000000000002"));
    sizes.push(agree(&agile, owner, |record| record["owner"]["id"] == 5_200_000_000_000_002_i64).await);
    let score = rule("lead_score", "IS_GREATER_THAN", json!("50"));
    sizes.push(agree(&agile, score, |record| record["lead_score"].as_i64().unwrap() > 50).await);
    sizes.push(agree(&agile, rule("star_value", "EQUALS", json!(3)), |record| record["star_value"] == 3).await);
    let known = rule("Badge No.", "IS_NOT_EMPTY", json!(""));
    sizes.push(agree(&agile, known, |record| !properties(record, "CUSTOM", "Badge No.").is_empty()).await);
    assert!(sizes.iter().all(|size| *size > 0), "{sizes:?}");
}

#[tokio::test]
async fn dates_are_compared_in_milliseconds() {
    let agile = Agile::start().await;
    let instant = agile.get("contacts?page_size=100").await.list()[99]["created_time"].as_i64().unwrap();
    let created = |record: &Value| record["created_time"].as_i64().unwrap();
    let rule = |condition: &str, rhs: i64| json!({"LHS": "created_time", "CONDITION": condition, "RHS": rhs});
    let after = agree(&agile, rule("AFTER", instant * 1000), |record| created(record) > instant).await;
    let from = agree(&agile, rule("AFTER", instant * 1000 - 1), |record| created(record) >= instant).await;
    assert!(after < from);
    agree(&agile, rule("BEFORE", instant * 1000), |record| created(record) < instant).await;
    agree(&agile, rule("ON", instant * 1000), |record| created(record) / 86_400 == instant / 86_400).await;
    let between = json!({"LHS": "created_time", "CONDITION": "BETWEEN", "RHS": 0, "RHS_NEW": instant * 1000});
    agree(&agile, between, |record| created(record) <= instant).await;
    let updated = json!({"LHS": "updated_time", "CONDITION": "AFTER", "RHS": instant * 1000});
    agree(&agile, updated, |record| record["updated_time"].as_i64().unwrap() > instant).await;
    agile.person(&json!({"properties": [{"name": "first_name", "value": "Today"}]})).await;
    let last = json!({"rules": [{"LHS": "created_time", "CONDITION": "LAST", "RHS": "1"}]});
    assert_eq!(found(&agile, &last).await.len(), 1);
}

#[tokio::test]
async fn rules_must_all_hold_and_or_rules_at_least_once() {
    let agile = Agile::start().await;
    let tag = |name: &str| json!({"LHS": "tags", "CONDITION": "EQUALS", "RHS": name});
    let vip = ids(&found(&agile, &json!({"rules": [tag("VIP")]})).await);
    let buyer = ids(&found(&agile, &json!({"rules": [tag("Buyer")]})).await);
    let both = ids(&found(&agile, &json!({"rules": [tag("VIP"), tag("Buyer")]})).await);
    let either = ids(&found(&agile, &json!({"or_rules": [tag("VIP"), tag("Buyer")]})).await);
    assert!(both.iter().all(|id| vip.contains(id) && buyer.contains(id)));
    assert_eq!(either.len(), vip.len() + buyer.len() - both.len());
}

#[tokio::test]
async fn results_come_in_counted_pages() {
    let agile = Agile::start().await;
    let filter = json!({"contact_type": "COMPANY", "rules": []}).to_string();
    let first = agile.form(PATH, &[("filterJson", &filter)]).await.list();
    assert_eq!((first.len(), &first[0]["count"]), (25, &json!(60)));
    let walked = agile.walk(PATH, &[("filterJson", &filter), ("page_size", "11"), ("global_sort_key", "name")]).await;
    assert_eq!(walked.len(), 60);
    assert!(walked.is_sorted_by_key(|company| properties(company, "SYSTEM", "name_lower")));
}

#[tokio::test]
async fn nothing_found_answers_204_and_nonsense_500() {
    let agile = Agile::start().await;
    let status = async |filter: &str| agile.form(PATH, &[("filterJson", filter)]).await.status;
    assert_eq!(status(r#"{"rules":[{"LHS":"tags","CONDITION":"EQUALS","RHS":"nobody"}]}"#).await, 204);
    assert_eq!(status(r#"{"contact_type":"CASE"}"#).await, 204);
    assert_eq!(status(r#"{"rules":[{"LHS":"tags","CONDITION":"SOUNDS_LIKE","RHS":"x"}]}"#).await, 500);
    assert_eq!(status(r#"{"rules":[{"LHS":"created_time","CONDITION":"AFTER","RHS":"2026-01-01"}]}"#).await, 500);
    assert_eq!(status(r#"{"rules":[{"LHS":"created_time","CONDITION":"LAST","RHS":9223372036854775807}]}"#).await, 200);
    assert_eq!(status(r#"{"rules":["#).await, 500);
    assert_eq!(agile.form(PATH, &[]).await.status, 500);
}

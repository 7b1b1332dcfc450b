//! Lists: order, pages, cursors, counts.

use std::collections::BTreeSet;

use serde_json::json;

use crate::client::{Agile, ids, properties};

#[tokio::test]
async fn contacts_come_in_pages_with_count_first_and_cursor_last() {
    let agile = Agile::start().await;
    let page = agile.get("contacts?page_size=3").await.list();
    assert_eq!(page.len(), 3);
    assert_eq!(page[0]["count"], 250);
    assert!(page[1].get("count").is_none() && page[0].get("cursor").is_none() && page[1].get("cursor").is_none());
    assert!(page[2]["cursor"].is_string());
    assert_eq!(agile.get("contacts").await.list().len(), 50);
}

#[tokio::test]
async fn every_person_is_listed_once_in_the_order_of_creation() {
    let agile = Agile::start().await;
    let mut records = Vec::new();
    let mut path = "contacts?page_size=120".to_owned();
    loop {
        let page = agile.get(&path).await.list();
        let cursor = page.last().unwrap()["cursor"].as_str().map(str::to_owned);
        records.extend(page);
        let Some(cursor) = cursor else { break };
        path = format!("contacts?page_size=70&cursor={cursor}");
    }
    assert!(records.iter().all(|record| record["type"] == "PERSON"));
    assert!(records.is_sorted_by_key(|record| record["created_time"].as_i64()));
    assert_eq!(records.iter().filter(|record| record.get("count").is_some()).count(), 1);
    let distinct: BTreeSet<i64> = ids(&records).into_iter().collect();
    assert_eq!((records.len(), distinct.len()), (250, 250));
}

#[tokio::test]
async fn what_comes_and_goes_elsewhere_neither_repeats_nor_skips() {
    let agile = Agile::start().await;
    let before = ids(&agile.get("contacts?page_size=200").await.list());
    let first = agile.get("contacts?page_size=10").await.list();
    let cursor = first[9]["cursor"].as_str().unwrap();
    // One behind the cursor, the one that the cursor stands on, and a new one at the end.
    agile.delete(&format!("contacts/{}", before[2])).await;
    agile.delete(&format!("contacts/{}", before[9])).await;
    agile.person(&json!({"properties": [{"name": "first_name", "value": "Late"}]})).await;
    let second = ids(&agile.get(&format!("contacts?page_size=10&cursor={cursor}")).await.list());
    assert_eq!(second, before[10..20]);
}

#[tokio::test]
async fn page_sizes_above_the_advice_are_answered_and_thousands_are_not() {
    let agile = Agile::start().await;
    assert_eq!(agile.get("contacts?page_size=1000").await.list().len(), 250);
    let thousands = agile.get("contacts?page_size=1001").await;
    assert_eq!(thousands.status, 500);
    assert!(thousands.content_type.starts_with("text/html"), "{thousands:?}");
    assert_eq!(agile.get("contacts?page_size=ten").await.status, 500);
    assert_eq!(agile.get("contacts?page_size=-1").await.status, 500);
}

#[tokio::test]
async fn a_cursor_of_another_list_or_of_none_answers_500() {
    let agile = Agile::start().await;
    let page = agile.form("contacts/list", &[("page_size", "5"), ("global_sort_key", "-created_time")]).await.list();
    let foreign = page[4]["cursor"].as_str().unwrap();
    for cursor in [foreign, "nonsense", "bnVsbA"] {
        let reply = agile.get(&format!("contacts?cursor={cursor}")).await;
        assert_eq!((reply.status, reply.value()["status"].as_str()), (500, Some("500")), "{cursor}");
    }
}

#[tokio::test]
async fn companies_are_listed_at_once_without_a_page_size() {
    let agile = Agile::start().await;
    let all = agile.form("contacts/companies/list", &[]).await.list();
    assert_eq!(all.len(), 60);
    assert!(all.iter().all(|company| company["type"] == "COMPANY" && company.get("count").is_none()));
    let walked = agile.walk("contacts/companies/list", &[("page_size", "7")]).await;
    assert_eq!(ids(&walked), ids(&all));
}

#[tokio::test]
async fn lists_are_sorted_as_asked() {
    let agile = Agile::start().await;
    for key in ["created_time", "updated_time", "lead_score"] {
        let walked = agile.walk("contacts/list", &[("page_size", "60"), ("global_sort_key", key)]).await;
        assert_eq!(walked.len(), 250, "{key}");
        assert!(walked.is_sorted_by_key(|record| record[key].as_i64()), "{key}");
    }
    for key in ["first_name", "last_name", "Badge No."] {
        let up = agile.walk("contacts/list", &[("page_size", "33"), ("global_sort_key", key)]).await;
        let down = agile.walk("contacts/list", &[("page_size", "41"), ("global_sort_key", &format!("-{key}"))]).await;
        let mut reversed = ids(&down);
        reversed.reverse();
        assert_eq!(ids(&up), reversed, "{key}");
        assert_eq!(up.len(), 250);
    }
    let companies = agile.walk("contacts/companies/list", &[("page_size", "9"), ("global_sort_key", "name")]).await;
    assert!(companies.is_sorted_by_key(|company| properties(company, "SYSTEM", "name_lower")));
}

#[tokio::test]
async fn an_account_without_persons_answers_204() {
    let agile = Agile::start().await;
    let persons = agile.form("contacts/list", &[]).await.list();
    for id in ids(&persons) {
        assert_eq!(agile.delete(&format!("contacts/{id}")).await.status, 204);
    }
    assert_eq!(agile.get("contacts").await.status, 204);
    assert_eq!(agile.get("contacts/list/count").await.text, "0");
    assert_eq!(agile.form("contacts/list", &[]).await.text, "[]");
}

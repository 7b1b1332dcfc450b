//! Lists: every record once, whatever the page size.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Gateway;

fn ids(records: &[Value]) -> BTreeSet<&str> {
    records.iter().map(|record| record["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_seeded_record_comes_exactly_once_whatever_the_limit() {
    let gateway = Gateway::start().await;
    for (resource, seeded) in [("contacts", 250), ("companies", 60)] {
        for query in ["limit=1", "limit=7", "limit=20", "limit=200", "limit=7&sort[by]=created_at&sort[direction]=desc"]
        {
            let records = gateway.list(resource, query).await;
            assert_eq!((records.len(), ids(&records).len()), (seeded, seeded), "{resource}?{query}");
        }
    }
}

#[tokio::test]
async fn following_links_next_leads_to_the_end() {
    let gateway = Gateway::start().await;
    let mut seen = BTreeSet::new();
    let mut path = "/crm/contacts".to_owned();
    loop {
        let page = gateway.get(&path).await;
        for record in page.body["data"].as_array().unwrap() {
            assert!(seen.insert(record["id"].as_str().unwrap().to_owned()));
        }
        assert_eq!(page.body["links"]["current"], format!("http://{}{path}", gateway.address));
        let Some(next) = page.body["links"]["next"].as_str() else { break };
        path = next.strip_prefix(&format!("http://{}", gateway.address)).unwrap().to_owned();
    }
    assert_eq!(seen.len(), 250);
}

#[tokio::test]
async fn the_limit_may_change_from_page_to_page() {
    let gateway = Gateway::start().await;
    let (mut seen, mut cursor) = (BTreeSet::new(), String::new());
    for limit in [3, 50, 1, 200].iter().cycle() {
        let page = gateway.get(&format!("/crm/companies?limit={limit}&cursor={cursor}")).await;
        for record in page.body["data"].as_array().unwrap() {
            assert!(seen.insert(record["id"].as_str().unwrap().to_owned()));
        }
        match page.body["meta"]["cursors"]["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen.len(), 60);
}

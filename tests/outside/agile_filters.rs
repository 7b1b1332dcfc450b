//! Every filter and sort of Agile's lists answers exactly what the whole list holds; the rest is refused with what there is.

use std::collections::BTreeSet;

use connector_catalog::{Catalog, ResourceCoverage, coverage};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use unified_model::{CanonicalSchema, Resource};

use crate::support::Gateway;

fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

fn ids(records: &[Value]) -> Vec<&str> {
    records.iter().map(id).collect()
}

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

fn covered(resource: Resource) -> ResourceCoverage {
    let catalog = Catalog::built_in().unwrap();
    let agile = catalog.connector(&"agile-crm".parse().unwrap()).unwrap();
    coverage(agile).into_iter().find(|covered| covered.resource == resource).unwrap()
}

/// What a filter of the contract means for a canonical record.
fn meets(record: &Value, filter: &str, wanted: &str) -> bool {
    let any = |list: &str, member: &str| record[list].as_array().unwrap().iter().any(|item| item[member] == wanted);
    // Instants of one form and one zone compare as texts.
    let since = |member: &str| record[member].as_str().is_some_and(|instant| instant >= wanted);
    match filter {
        "email" => any("emails", "email"),
        "phone_number" => any("phone_numbers", "number"),
        "updated_since" => since("updated_at"),
        "created_since" => since("created_at"),
        member => record[member] == wanted,
    }
}

/// The values to ask for: each that some record has.
fn values(records: &[Value], filter: &str) -> BTreeSet<String> {
    let texts = |record: &Value| -> Vec<String> {
        let inner = |list: &str, member: &str| {
            record[list].as_array().unwrap().iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
        };
        match filter {
            "email" => inner("emails", "email"),
            "phone_number" => inner("phone_numbers", "number"),
            "updated_since" => record["updated_at"].as_str().map(str::to_owned).into_iter().collect(),
            "created_since" => record["created_at"].as_str().map(str::to_owned).into_iter().collect(),
            member => record[member].as_str().map(str::to_owned).into_iter().collect(),
        }
    };
    records.iter().flat_map(texts).collect()
}

async fn check(gateway: &Gateway, resource: &str, everything: &[Value], filters: &[(&str, &str)]) {
    let query: Vec<String> =
        filters.iter().map(|(filter, value)| format!("filter[{filter}]={}", encoded(value))).collect();
    let query = query.join("&");
    let mut found = gateway.list(resource, &format!("limit=60&{query}")).await;
    let mut owed: Vec<Value> = everything
        .iter()
        .filter(|record| filters.iter().all(|(filter, value)| meets(record, filter, value)))
        .cloned()
        .collect();
    found.sort_by_key(|record| id(record).to_owned());
    owed.sort_by_key(|record| id(record).to_owned());
    assert_eq!(found, owed, "{resource}?{query}");
}

#[tokio::test]
async fn every_filter_answers_exactly_the_records_that_meet_it() {
    let gateway = Gateway::start().await;
    for (resource, name) in [(Resource::Contacts, "contacts"), (Resource::Companies, "companies")] {
        let everything = gateway.list(name, "limit=200").await;
        for filter in covered(resource).filters {
            let values = values(&everything, &filter);
            assert!(!values.is_empty(), "{name}: no record has anything to filter by {filter}");
            let step = values.len().div_ceil(30);
            for value in values.iter().step_by(step) {
                check(&gateway, name, &everything, &[(&filter, value)]).await;
            }
        }
        check(&gateway, name, &everything, &[("updated_since", "1970-01-01T00:00:01Z")]).await;
        check(&gateway, name, &everything, &[("created_since", "2099-01-01T00:00:00Z")]).await;
    }
}

#[tokio::test]
async fn filters_narrow_each_other() {
    let gateway = Gateway::start().await;
    let everything = gateway.list("contacts", "limit=200").await;
    for record in everything.iter().step_by(9).filter(|record| record["last_name"].is_string()) {
        let text = |member: &str| record[member].as_str().unwrap();
        let whole = [
            ("first_name", text("first_name")),
            ("last_name", text("last_name")),
            ("owner_id", text("owner_id")),
            ("created_since", text("created_at")),
            ("updated_since", "2021-01-01T00:00:00Z"),
        ];
        for mask in 1_u32..32 {
            let some: Vec<(&str, &str)> =
                whole.iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0).map(|(_, pair)| *pair).collect();
            if mask.count_ones() == 2 || mask.count_ones() == 5 {
                check(&gateway, "contacts", &everything, &some).await;
            }
        }
    }
    let companies = gateway.list("companies", "limit=200").await;
    for record in &companies {
        let (name, created) = (record["name"].as_str().unwrap(), record["created_at"].as_str().unwrap());
        check(&gateway, "companies", &companies, &[("name", name), ("created_since", created)]).await;
        check(&gateway, "companies", &companies, &[("name", name), ("created_since", "2099-01-01T00:00:00Z")]).await;
    }
}

/// What Agile orders by: texts without regard to case, and nothing before something.
fn sort_key(record: &Value, by: &str) -> String {
    record[by].as_str().unwrap_or_default().to_lowercase()
}

#[tokio::test]
async fn every_sort_orders_exactly_the_records_asked_for() {
    let gateway = Gateway::start().await;
    let owner = "5200000000000002";
    for (resource, name) in [(Resource::Contacts, "contacts"), (Resource::Companies, "companies")] {
        let everything = gateway.list(name, "limit=200").await;
        let filters: &[(&str, &str)] = match resource {
            Resource::Contacts => &[("", ""), ("owner_id", owner), ("created_since", "2021-01-01T00:00:00Z")],
            _ => &[("", ""), ("updated_since", "2020-09-20T00:00:00Z")],
        };
        for by in covered(resource).sorts {
            for direction in ["asc", "desc"] {
                for (filter, value) in filters {
                    let narrowed =
                        if filter.is_empty() { String::new() } else { format!("&filter[{filter}]={}", encoded(value)) };
                    let query = format!("limit=13&sort[by]={by}&sort[direction]={direction}{narrowed}");
                    let found = gateway.list(name, &query).await;
                    let owed: BTreeSet<&str> = everything
                        .iter()
                        .filter(|record| filter.is_empty() || meets(record, filter, value))
                        .map(id)
                        .collect();
                    assert_eq!((found.len(), ids(&found).into_iter().collect()), (owed.len(), owed), "{name}?{query}");
                    let keys: Vec<String> = found.iter().map(|record| sort_key(record, &by)).collect();
                    let mut sorted = keys.clone();
                    sorted.sort();
                    if direction == "desc" {
                        sorted.reverse();
                    }
                    assert_eq!(keys, sorted, "{name}?{query}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_agile_cannot_filter_or_sort_by_is_refused_with_what_it_can() {
    let gateway = Gateway::start().await;
    for (resource, name, unsupported) in
        [(Resource::Contacts, "contacts", &[][..]), (Resource::Companies, "companies", &["status", "row_type_id"])]
    {
        let schema = CanonicalSchema::built_in().resource(resource);
        let covered = covered(resource);
        let mut refused = Vec::new();
        for property in &schema.filters.properties {
            let value = if property.name.ends_with("_since") { "2024-01-01T00:00:00Z" } else { "1" };
            let reply = gateway.get(&format!("/crm/{name}?filter[{}]={value}", property.name)).await;
            if covered.filters.contains(&property.name) {
                assert_eq!(reply.status, 200, "{}", reply.text);
                continue;
            }
            let detail = reply.refused(400, "UnsupportedFiltersError");
            let mut supported = covered.filters.clone();
            supported.sort();
            assert_eq!(detail["unsupported_filters"], json!([property.name]));
            assert_eq!(detail["supported_filters"], json!(supported));
            refused.push(property.name.as_str());
        }
        assert_eq!(refused, unsupported, "{name}");
        for by in &schema.sorts {
            let reply = gateway.get(&format!("/crm/{name}?sort[by]={by}")).await;
            if covered.sorts.contains(by) {
                assert_eq!(reply.status, 200, "{}", reply.text);
                continue;
            }
            let detail = reply.refused(400, "UnsupportedSortFieldError");
            let mut supported = covered.sorts.clone();
            supported.sort();
            assert_eq!(detail["supported_sort_by"], json!(supported));
        }
    }
}

#[tokio::test]
async fn filters_that_do_not_go_together_are_refused_with_those_that_do() {
    let gateway = Gateway::start().await;
    // Several may have a number, of whom the vendor answers one.
    let together = ["first_name", "last_name", "owner_id", "updated_since", "created_since"];
    for second in together.iter().chain(&["company_id"]) {
        let value = if second.ends_with("_since") { "2024-01-01T00:00:00Z" } else { "1" };
        let reply = gateway.get(&format!("/crm/contacts?filter[phone_number]=1&filter[{second}]={value}")).await;
        let detail = reply.refused(400, "UnsupportedFiltersError");
        let combinations = detail["supported_combinations"].as_array().unwrap();
        let has = |filters: &Value| combinations.contains(filters);
        assert!(has(&json!(["phone_number"])) && has(&json!(together)), "{}", reply.text);
    }
    let before = gateway.sandbox.requests().len();
    gateway
        .get("/crm/contacts?filter[phone_number]=5550100&filter[first_name]=Orla")
        .await
        .refused(400, "UnsupportedFiltersError");
    assert_eq!(gateway.sandbox.requests().len(), before, "a refused list asks the vendor nothing");
}

/// Lists page by page; after each page another caller adds a record, and deletes one that was listed, one that is yet to
/// come and the one that the cursor stands on.
async fn list_while_others_write(resource: &str, query: &str) {
    let gateway = Gateway::start().await;
    let whole = gateway.list(resource, &format!("limit=200&{query}")).await;
    let order = ids(&whole);
    let (mut gone, mut seen, mut added) = (BTreeSet::new(), Vec::new(), 0);
    let mut path = format!("/crm/{resource}?limit=7&{query}");
    loop {
        let page = gateway.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let records = page.body["data"].as_array().unwrap();
        seen.extend(ids(records).into_iter().map(str::to_owned));
        let Some(cursor) = page.body["meta"]["cursors"]["next"].as_str() else { break };
        path = format!("/crm/{resource}?limit=7&{query}&cursor={cursor}");

        let body = json!({"name": format!("{} Newcomer {added}", if added % 2 == 0 { "Aa" } else { "Zz" })});
        assert_eq!(gateway.post(&format!("/crm/{resource}"), &body).await.status, 201);
        added += 1;
        let last = order.iter().position(|id| *id == seen[seen.len() - 1]);
        for at in [last.map(|at| at.saturating_sub(3)), last, last.map(|at| at + 4)].into_iter().flatten() {
            if let Some(victim) = order.get(at).filter(|id| gone.insert(**id)) {
                assert_eq!(gateway.delete(&format!("/crm/{resource}/{victim}")).await.status, 200);
            }
        }
    }
    let distinct: BTreeSet<&str> = seen.iter().map(String::as_str).collect();
    assert_eq!(distinct.len(), seen.len(), "{resource}?{query} repeats a record");
    let stayed = order.iter().filter(|id| !gone.contains(**id));
    let skipped: Vec<_> = stayed.filter(|id| !distinct.contains(**id)).collect();
    assert!(skipped.is_empty(), "{resource}?{query} skips {skipped:?}");
    let stayed_in_order: Vec<&str> = order.iter().copied().filter(|id| distinct.contains(id)).collect();
    let listed: Vec<&str> = seen.iter().map(String::as_str).filter(|id| order.contains(id)).collect();
    assert_eq!(listed, stayed_in_order, "{resource}?{query} changes the order");
}

#[tokio::test]
async fn a_list_neither_repeats_nor_skips_what_does_not_move_while_others_write() {
    for query in
        ["", "sort[by]=created_at&sort[direction]=desc", "sort[by]=last_name", "filter[owner_id]=5200000000000001"]
    {
        list_while_others_write("contacts", query).await;
    }
    for query in ["", "sort[by]=name", "sort[by]=created_at&sort[direction]=desc"] {
        list_while_others_write("companies", query).await;
    }
}

#[tokio::test]
async fn what_no_request_carries_is_compared_with_the_records() {
    let gateway = Gateway::start().await;
    let deals = ["status", "owner_id", "title", "primary_contact_id"];
    for (name, filters) in [("opportunities", &deals[..]), ("activities", &["type", "owner_id"])] {
        let everything = gateway.list(name, "limit=200").await;
        for filter in filters {
            let values = values(&everything, filter);
            assert!(!values.is_empty(), "{name}: no record has anything to filter by {filter}");
            for value in values.iter().step_by(values.len().div_ceil(8)) {
                check(&gateway, name, &everything, &[(filter, value)]).await;
            }
        }
        let owner = everything[0]["owner_id"].as_str().unwrap();
        let (second, value) = if name == "activities" { ("type", "meeting") } else { ("status", "open") };
        check(&gateway, name, &everything, &[("owner_id", owner), (second, value)]).await;
    }
}

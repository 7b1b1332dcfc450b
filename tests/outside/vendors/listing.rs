//! Every record of a list comes exactly once, whatever the page size, the order and what it is narrowed to.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use unified_model::{CanonicalSchema, Operation, Property};

use super::connected::{Connected, ids};
use super::findings::Findings;
use super::questions::{Question, questions};
use super::vendor_rules::is_shown_in_part;
use crate::support::Reply;

/// How many records the stand-ins are seeded with; a list that nobody counted is not to be believed.
const SEEDED: &[(&str, &str, usize)] = &[
    ("agile-crm", "activities", 100),
    ("agile-crm", "companies", 60),
    ("agile-crm", "contacts", 250),
    ("agile-crm", "leads", 40),
    ("agile-crm with leads_mode: tag", "leads", 33),
    ("agile-crm", "notes", 80),
    ("agile-crm", "opportunities", 60),
    ("agile-crm", "pipelines", 3),
    ("agile-crm", "users", 4),
    ("axiomatic-crm", "activities", 110),
    ("avid-crm", "companies", 40),
    ("avid-crm", "contacts", 120),
    ("avid-crm", "opportunities", 60),
    ("avid-crm", "notes", 80),
    ("avid-crm", "users", 5),
    ("axiomatic-crm", "companies", 40),
    ("axiomatic-crm", "contacts", 120),
    ("axiomatic-crm", "leads", 60),
    ("axiomatic-crm", "opportunities", 60),
    ("axiomatic-crm", "pipelines", 1),
    ("hubspot", "companies", 40),
    ("hubspot", "contacts", 120),
    ("pipedrive", "companies", 40),
    ("pipedrive", "contacts", 120),
    ("teamswork-crm", "companies", 40),
    ("teamswork-crm", "contacts", 120),
    ("teamswork-crm", "leads", 30),
    ("teamswork-crm", "opportunities", 30),
    ("teamswork-crm", "pipelines", 2),
];

on_every_vendor!(
    every_seeded_record_comes_exactly_once_whatever_the_limit,
    the_limit_may_change_from_page_to_page,
    every_filter_and_sort_answers_exactly_what_the_whole_list_holds,
    previous_leads_to_the_records_before,
    what_cannot_be_asked_is_refused_with_what_can,
);

async fn every_seeded_record_comes_exactly_once_whatever_the_limit(vendor: &Connected) {
    let findings = Findings::of(vendor);
    if vendor.is_alike_elsewhere() {
        return;
    }
    for covered in vendor.offering(Operation::All) {
        let resource = covered.resource;
        let whole = vendor.list(resource, "limit=200").await;
        let mut counts = SEEDED.iter().filter(|(_, of, _)| *of == resource.as_str());
        let seeded = counts.rfind(|(service, _, _)| [vendor.service(), &vendor.to_string()].contains(service));
        let seeded = seeded.map(|(_, _, count)| *count);
        let distinct: BTreeSet<&str> = ids(&whole).into_iter().collect();
        findings.owe(Some(distinct.len()) == seeded, resource, || {
            format!("the seed has {seeded:?} records, the list {}", distinct.len())
        });
        for limit in [1, 7, 20, 200] {
            let records = vendor.list(resource, &format!("limit={limit}")).await;
            same_list(&findings, &format!("{resource}?limit={limit}"), &whole, &records);
        }
        let total = vendor.page(resource, "limit=1").await.body["meta"]["total_count"].clone();
        findings.owe(total.is_null() || total == whole.len(), resource, || {
            format!("total_count is {total}, the list has {}", whole.len())
        });
    }
    findings.none();
}

/// The same records in the same order, each once.
pub fn same_list(findings: &Findings, place: &str, owed: &[Value], found: &[Value]) {
    let (owed, found) = (ids(owed), ids(found));
    if owed == found {
        return;
    }
    let distinct: BTreeSet<&str> = found.iter().copied().collect();
    let missing: Vec<&&str> = owed.iter().filter(|id| !distinct.contains(*id)).collect();
    let (repeated, count) = (found.len() - distinct.len(), found.len());
    findings.add(
        place,
        format!("{count} records of {}, {repeated} repeated, missing {missing:?}, or another order", owed.len()),
    );
}

/// Lists with a limit that is another on each page.
async fn list_with_changing_limits(vendor: &Connected, question: &Question) -> Vec<Value> {
    let (mut records, mut cursor) = (Vec::new(), String::new());
    for limit in [3, 50, 1, 200, 20].iter().cycle() {
        let page = vendor.page(question.resource, &format!("limit={limit}&{}{cursor}", question.query())).await;
        assert_eq!(page.status, 200, "{vendor}/{question}: {}", page.text);
        records.extend(page.body["data"].as_array().unwrap().iter().cloned());
        match page.next() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    records
}

async fn the_limit_may_change_from_page_to_page(vendor: &Connected) {
    let findings = Findings::of(vendor);
    if vendor.is_alike_elsewhere() {
        return;
    }
    for covered in vendor.offering(Operation::All) {
        let question = Question::plain(covered.resource);
        let whole = vendor.list(covered.resource, "limit=200").await;
        let records = list_with_changing_limits(vendor, &question).await;
        same_list(&findings, &format!("{question} with changing limits"), &whole, &records);
    }
    findings.none();
}

async fn every_filter_and_sort_answers_exactly_what_the_whole_list_holds(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::All) {
        let whole = vendor.list(covered.resource, "limit=200").await;
        for question in questions(vendor, covered.resource, &whole) {
            let owed = whole.iter().filter(|record| question.is_met_by(record));
            let owed: BTreeSet<&str> = owed.map(|record| record["id"].as_str().unwrap()).collect();
            let found = list_with_changing_limits(vendor, &question).await;
            let distinct: BTreeSet<&str> = ids(&found).into_iter().collect();
            findings.owe(distinct.len() == found.len(), &question, || "repeats a record".to_owned());
            let wider = question
                .filters
                .iter()
                .any(|(field, _, _)| is_shown_in_part(vendor.service(), covered.resource, field));
            findings.owe(distinct == owed || (wider && distinct.is_superset(&owed)), &question, || {
                let missing: Vec<&&str> = owed.difference(&distinct).take(5).collect();
                let added: Vec<&&str> = distinct.difference(&owed).take(5).collect();
                format!("owed {} records, got {}; missing {missing:?}, unasked {added:?}", owed.len(), distinct.len())
            });
            if let Err(out_of_order) = question.is_sorted(&found) {
                findings.add(&question, out_of_order);
            }
        }
    }
    findings.none();
}

async fn previous_leads_to_the_records_before(vendor: &Connected) {
    let findings = Findings::of(vendor);
    if vendor.is_alike_elsewhere() {
        return;
    }
    for covered in vendor.offering(Operation::All) {
        let resource = covered.resource;
        let mut path = format!("/crm/{resource}?limit=7");
        let mut before: Option<Vec<String>> = None;
        loop {
            let page = vendor.get(&path).await;
            let records = page.body["data"].as_array().cloned().unwrap_or_default();
            let back = page.body["links"]["previous"].as_str();
            if let (Some(back), Some(before)) = (back, &before) {
                let again = vendor.get(here(vendor, back)).await;
                let found = again.body["data"].as_array().cloned().unwrap_or_default();
                findings.owe(ids(&found) == *before, resource, || format!("{path}: `previous` leads to other records"));
            }
            findings
                .owe(back.is_none() || before.is_some(), resource, || "the first page has a page before it".to_owned());
            before = Some(ids(&records).into_iter().map(str::to_owned).collect());
            match page.body["links"]["next"].as_str() {
                Some(next) => here(vendor, next).clone_into(&mut path),
                None => break,
            }
        }
    }
    findings.none();
}

/// A link without its origin.
fn here<'l>(vendor: &Connected, link: &'l str) -> &'l str {
    link.strip_prefix(&format!("http://{}", vendor.gateway.address)).unwrap_or_else(|| panic!("{link} leads elsewhere"))
}

async fn what_cannot_be_asked_is_refused_with_what_can(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::All) {
        let resource = covered.resource;
        let schema = CanonicalSchema::built_in().resource(resource);
        let before = vendor.calls();
        let sorted = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        for filter in schema.filters.properties.iter().filter(|filter| !covered.filters.contains(&filter.name)) {
            let reply = vendor.page(resource, &format!("filter[{}]={}", filter.name, any_value(filter))).await;
            let place = format!("{resource}?filter[{}]", filter.name);
            findings.owe(is_refused(&reply, "UnsupportedFiltersError"), &place, || reply.text.clone());
            let detail = &reply.body["detail"];
            let named = detail["unsupported_filters"] == json!([filter.name])
                && names(&detail["supported_filters"]) == sorted(&covered.filters);
            findings.owe(named, &place, || format!("does not tell {:?} apart: {detail}", covered.filters));
        }
        for by in schema.sorts.iter().filter(|by| !covered.sorts.contains(*by)) {
            let reply = vendor.page(resource, &format!("sort[by]={by}")).await;
            let place = format!("{resource}?sort[by]={by}");
            findings.owe(is_refused(&reply, "UnsupportedSortFieldError"), &place, || reply.text.clone());
            let told = &reply.body["detail"]["supported_sort_by"];
            findings.owe(names(told) == sorted(&covered.sorts), &place, || format!("tells of {told}"));
        }
        let plan = vendor.entities(resource)[0].all.as_ref().unwrap();
        for (at, first) in covered.filters.iter().enumerate() {
            for second in &covered.filters[at + 1..] {
                if plan.choose(&[first, second], None).is_ok() {
                    continue;
                }
                let of = |name: &str| schema.filters.property(name).map(any_value).unwrap_or_default();
                let query = format!("filter[{first}]={}&filter[{second}]={}", of(first), of(second));
                let reply = vendor.page(resource, &query).await;
                let place = format!("{resource}?{query}");
                findings.owe(is_refused(&reply, "UnsupportedFiltersError"), &place, || reply.text.clone());
                let combinations = reply.body["detail"]["supported_combinations"].is_array();
                findings.owe(combinations, &place, || format!("does not tell what goes together: {}", reply.text));
            }
        }
        findings.owe(vendor.calls() == before, resource, || "a refused list asks the vendor nothing".to_owned());
    }
    findings.none();
}

fn names(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is_refused(reply: &Reply, type_name: &str) -> bool {
    (reply.status, reply.body["type_name"].as_str()) == (400, Some(type_name))
}

fn any_value(filter: &Property) -> &'static str {
    match filter.name.as_str() {
        name if name.ends_with("_since") => "2024-01-01T00:00:00.000Z",
        _ => "1",
    }
}

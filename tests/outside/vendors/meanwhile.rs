//! Lists that others write to between two pages: what a cursor promises, and what a count of records cannot.

use std::collections::BTreeSet;

use connector_catalog::Paging;
use serde_json::Value;
use unified_model::Operation;

use super::connected::{Connected, ids};
use super::findings::Findings;
use super::questions::Question;
use super::values::Values;

on_every_vendor!(others_may_write_between_two_pages);

async fn others_may_write_between_two_pages(vendor: &Connected) {
    let findings = Findings::of(vendor);
    if vendor.is_alike_elsewhere() {
        return;
    }
    for covered in vendor.offering(Operation::All) {
        let plain = Question::plain(covered.resource);
        let values = Values::of(vendor, covered.resource).await;
        let sorts = covered.sorts.iter().enumerate().map(|(at, by)| (by.clone(), at % 2 == 0));
        let sorted = sorts.map(|sort| Question { sort: Some(sort), ..plain.clone() });
        for question in std::iter::once(plain.clone()).chain(sorted) {
            vendor.gateway.sandbox.reset();
            list_while_others_write(vendor, &values, &question, &findings).await;
        }
    }
    findings.none();
}

/// Lists page by page; after each page another caller adds a record, and deletes one that was listed, the one that a cursor
/// would stand on, and one that is yet to come.
async fn list_while_others_write(vendor: &Connected, values: &Values<'_>, question: &Question, findings: &Findings) {
    let resource = question.resource;
    let (adds, deletes) = (vendor.offers(resource, Operation::Add), vendor.offers(resource, Operation::Delete));
    let whole = vendor.list(resource, &format!("limit=200&{}", question.query())).await;
    let order = ids(&whole);
    let (mut gone, mut added, mut seen) = (BTreeSet::new(), BTreeSet::new(), Vec::<String>::new());
    let mut cursor = String::new();
    for _ in 0..200 {
        let page = vendor.page(resource, &format!("limit=17&{}{cursor}", question.query())).await;
        if page.status != 200 {
            return findings.add(question, page.refusal());
        }
        seen.extend(ids(page.body["data"].as_array().unwrap()).into_iter().map(str::to_owned));
        let Some(next) = page.next() else { break };
        cursor = format!("&cursor={next}");
        if adds {
            let reply = vendor.add(resource, &Value::Object(values.least())).await;
            match reply.id() {
                Some(id) => drop(added.insert(id)),
                None => findings.add(question, reply.refusal()),
            }
        }
        let last = seen.last().and_then(|last| order.iter().position(|id| id == last));
        for at in
            [last.map(|at| at.saturating_sub(3)), last, last.map(|at| at + 4)].into_iter().flatten().filter(|_| deletes)
        {
            if let Some(victim) = order.get(at).filter(|id| gone.insert(**id)) {
                let reply = vendor.delete(resource, victim).await;
                findings.owe(reply.status == 200, question, || reply.refusal());
            }
        }
    }
    let distinct: BTreeSet<&str> = seen.iter().map(String::as_str).collect();
    let repeated = seen.len() - distinct.len();
    let stayed: Vec<&&str> = order.iter().filter(|id| !gone.contains(**id)).collect();
    let skipped = stayed.iter().filter(|id| !distinct.contains(***id)).count();
    let (may_repeat, may_skip) = if keeps_its_place(vendor, question) { (0, 0) } else { (added.len(), gone.len()) };
    findings.owe(repeated <= may_repeat, question, || {
        format!("repeats {repeated} records where {} came in between", added.len())
    });
    findings
        .owe(skipped <= may_skip, question, || format!("skips {skipped} records where {} went in between", gone.len()));
    if may_repeat + may_skip == 0 {
        let listed: Vec<&str> = seen.iter().map(String::as_str).filter(|id| order.contains(id)).collect();
        let owed: Vec<&str> = order.iter().copied().filter(|id| distinct.contains(id)).collect();
        findings.owe(listed == owed, question, || "changes its order".to_owned());
    }
}

/// Whether the list goes on from a record, and not from a count of records.
fn keeps_its_place(vendor: &Connected, question: &Question) -> bool {
    let by = question.sort.as_ref().map(|(by, _)| by.as_str());
    vendor
        .entities(question.resource)
        .iter()
        .filter_map(|entity| entity.all.as_ref())
        .all(|list| list.choose(&[], by).is_ok_and(|way| matches!(way.paging, Paging::Cursor { .. } | Paging::None)))
}

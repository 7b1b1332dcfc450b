//! Every record of a list comes exactly once, whatever a vendor makes of the page size that it is asked for.

use connector_catalog::PagingKind;
use serde_json::Value;
use unified_model::Operation;
use vendor_sandbox::{Fault, FaultKind};

use super::bad_days::lasting;
use super::connected::Connected;
use super::findings::Findings;
use super::listing::same_list;
use super::vendor_rules::records_at;

on_every_vendor!(
    pages_of_another_size_than_asked_for_lose_nothing,
    an_empty_page_on_the_way_loses_nothing,
    the_same_page_again_ends_the_list,
);

async fn pages_of_another_size_than_asked_for_lose_nothing(vendor: &Connected) {
    let findings = Findings::of(vendor);
    if vendor.is_alike_elsewhere() {
        return;
    }
    for covered in vendor.offering(Operation::All) {
        let resource = covered.resource;
        let whole = vendor.list(resource, "limit=200").await;
        for kind in [FaultKind::LargestPage(7), FaultKind::EveryPage(13)] {
            vendor.gateway.sandbox.reset();
            vendor.gateway.sandbox.inject(Fault { times: 9_999, ..lasting(vendor.service(), kind.clone()) });
            for limit in [5, 20, 200] {
                let records = vendor.list(resource, &format!("limit={limit}")).await;
                same_list(&findings, &format!("{resource}?limit={limit} {kind:?}"), &whole, &records);
            }
        }
        vendor.gateway.sandbox.reset();
    }
    findings.none();
}

async fn an_empty_page_on_the_way_loses_nothing(vendor: &Connected) {
    let findings = Findings::of(vendor);
    if vendor.is_alike_elsewhere() {
        return;
    }
    for covered in vendor.offering(Operation::All) {
        let resource = covered.resource;
        let whole = vendor.list(resource, "limit=20").await;
        let fault = Fault::of(vendor.service(), FaultKind::EmptyPage);
        vendor.gateway.sandbox.inject(Fault { path_prefix: records_at(vendor.service()).to_owned(), ..fault });
        let records = vendor.list(resource, "limit=20").await;
        same_list(&findings, resource.as_str(), &whole, &records);
        vendor.gateway.sandbox.reset();
    }
    findings.none();
}

async fn the_same_page_again_ends_the_list(vendor: &Connected) {
    let findings = Findings::of(vendor);
    for covered in vendor.offering(Operation::All) {
        let resource = covered.resource;
        if !matches!(covered.paging, Some(PagingKind::Page | PagingKind::Offset)) {
            continue;
        }
        vendor.gateway.sandbox.inject(Fault { times: 999, ..lasting(vendor.service(), FaultKind::SamePage) });
        let first = vendor.page(resource, "limit=2").await;
        if let Some(cursor) = first.next() {
            let last = vendor.page(resource, &format!("limit=2&cursor={cursor}")).await;
            let meta = &last.body["meta"];
            let told = meta["warnings"][0]["type"] == "page_repeated" && meta["total_count"] == Value::Null;
            findings.owe(last.next().is_none() && told && last.body["data"] == serde_json::json!([]), resource, || {
                last.text.clone()
            });
        }
        vendor.gateway.sandbox.reset();
    }
    findings.none();
}

//! The benchmark's hand-written baseline answers the same as the compiled plan.

mod common;

#[path = "../benches/baseline/agile_contacts.rs"]
mod agile_contacts;
#[path = "../benches/baseline/page.rs"]
mod page;

use serde_json::Value;
use unified_model::vocabulary::Resource;

#[test]
fn the_baseline_answers_the_same() {
    let vendor = page::contacts(200);
    let mut out = Vec::new();
    agile_contacts::read(vendor.as_bytes(), &mut out).expect("readable");
    let baseline: Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(common::read_list(&common::mapping(Resource::Contacts), vendor.as_bytes()), baseline);
}

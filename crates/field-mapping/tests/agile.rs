//! The Agile CRM mappings against the vendor's documented records.

mod common;

use common::{mapping, read_list};
use unified_model::vocabulary::Resource;

#[test]
fn contacts() {
    let mapping = mapping(Resource::Contacts);
    let vendor = include_str!("fixtures/contacts.vendor.json");
    let out = read_list(&mapping, vendor.as_bytes());
    println!("{}", serde_json::to_string_pretty(&out).unwrap());
}

//! The benchmark's hand-written baselines answer the same as the compiled plans.

#[path = "../benches/baseline/agile_contacts.rs"]
mod agile_contacts;
#[path = "../benches/baseline/avid_contacts.rs"]
mod avid_contacts;
#[path = "../benches/baseline/avid_page.rs"]
mod avid_page;
#[path = "../benches/baseline/axiomatic_companies.rs"]
mod axiomatic_companies;
#[path = "../benches/baseline/axiomatic_leads.rs"]
mod axiomatic_leads;
#[path = "../benches/baseline/axiomatic_page.rs"]
mod axiomatic_page;
#[path = "../benches/baseline/common.rs"]
mod common;
#[path = "../benches/baseline/page.rs"]
mod page;
#[path = "common/mod.rs"]
mod reading;
#[path = "../benches/baseline/shapes.rs"]
mod shapes;
#[path = "../benches/baseline/teamswork_contacts.rs"]
mod teamswork_contacts;
#[path = "../benches/baseline/teamswork_page.rs"]
mod teamswork_page;

use serde_json::Value;

#[test]
fn the_baselines_answer_the_same() {
    for shape in &shapes::SHAPES {
        let vendor = (shape.page)(200);
        let mut out = Vec::new();
        (shape.baseline)(vendor.as_bytes(), &mut out).expect("readable");
        let baseline: Value = serde_json::from_slice(&out).expect("JSON");
        let mapping = reading::compiled(shape.resource, shape.name, shape.mapping);
        assert_eq!(reading::read_list_at(&mapping, shape.records, vendor.as_bytes()), baseline, "{}", shape.name);
    }
}

//! Calls that need not wait for each other do not: the vendor answers none before all are there.

use serde_json::{Value, json};
use unified_model::Resource;

use crate::gateway::Gateway;
use crate::vendor::Vendor;

fn items(range: std::ops::Range<usize>) -> Value {
    range.map(|id| json!({ "id": id })).collect()
}

#[tokio::test]
async fn the_pages_that_a_large_limit_takes_are_fetched_at_once_and_keep_their_order() {
    let styles =
        ["{ page: { size: size, max: 50, send: page, first: 0 } }", "{ offset: { size: size, max: 50, send: skip } }"];
    for paging in styles {
        let vendor = Vendor::gated("/companies", 4, |asked| {
            let start = asked.number("skip").unwrap_or_else(|| asked.number("page").unwrap() * 50);
            items(start..start + 50)
        });
        let vendor = vendor.await;
        let resource = format!("  companies: {{ all: {{ request: GET /companies, paging: {paging} }} }}\n");
        let page = Gateway::to(&vendor, &resource).page(Resource::Companies, "limit=200", None).await;
        assert_eq!(page.ids, (0..200).map(|id| id.to_string()).collect::<Vec<_>>(), "{paging}");
    }
}

#[tokio::test]
async fn the_children_of_several_parents_are_fetched_at_once_and_keep_their_order() {
    let vendor = Vendor::gated("/notes", 3, |asked| match asked.path.as_str() {
        "/people" => items(0..3),
        path => {
            let parent: usize = path.split('/').nth(2).unwrap().parse().unwrap();
            items(parent * 10..parent * 10 + 2)
        }
    });
    let vendor = vendor.await;
    let notes = "  notes:
    all:
      parents: [ { request: GET /people, paging: sliced, id: id, children: \"GET /people/{parent}/notes\" } ]
";
    let page = Gateway::to(&vendor, notes).page(Resource::Notes, "", None).await;
    assert_eq!(page.ids, ["0", "1", "10", "11", "20", "21"]);
}

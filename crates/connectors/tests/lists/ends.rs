//! Vendors whose cursors lead nowhere.

use serde_json::json;
use unified_model::Resource;
use unified_model::answer::WarningKind;

use crate::gateway::{Gateway, ids};
use crate::vendor::Vendor;

const COMPANIES: &str = "  companies:
    all:
      request: GET /companies
      records: items
      paging: { cursor: { size: size, max: 10, send: from, next: { document: next } } }
";

#[tokio::test]
async fn a_cursor_that_comes_back_ends_the_list_with_a_warning() {
    // The second page's cursor leads to the second page, the third's would to the first.
    for (second, pages) in [("b", 2), ("c", 3)] {
        let vendor = Vendor::answering(move |asked| match asked.query.get("from").map(String::as_str) {
            None => json!({ "items": [{ "id": 1 }], "next": "b" }),
            Some("b") => json!({ "items": [{ "id": 2 }], "next": second }),
            Some(_) => json!({ "items": [{ "id": 3 }], "next": "b" }),
        });
        let vendor = vendor.await;
        let found = Gateway::to(&vendor, COMPANIES).pages(Resource::Companies, &[10]).await;
        assert_eq!(ids(&found).len(), pages);
        let warnings: Vec<_> = found.iter().flat_map(|page| &page.warnings).map(|warning| warning.kind).collect();
        assert_eq!(warnings, [WarningKind::CursorRepeated]);
    }
}

#[tokio::test]
async fn an_empty_page_with_a_cursor_ends_the_list_with_a_warning() {
    let vendor = Vendor::answering(|asked| match asked.query.get("from") {
        None => json!({ "items": [{ "id": 1 }], "next": "b" }),
        Some(_) => json!({ "items": [], "next": "c" }),
    });
    let vendor = vendor.await;
    let found = Gateway::to(&vendor, COMPANIES).pages(Resource::Companies, &[1]).await;
    assert_eq!(ids(&found), ["1"]);
    assert_eq!(found[1].warnings[0].kind, WarningKind::CursorRepeated);
}

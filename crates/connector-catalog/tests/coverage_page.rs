//! `docs/coverage.md` says what the definitions say. `UPDATE_DOCS=1 cargo test -p connector-catalog --test coverage_page` writes it anew.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;

use connector_catalog::{Catalog, coverage_page};

#[test]
fn the_coverage_page_in_the_repository_is_fresh() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/coverage.md");
    let note =
        "<!-- Made by `UPDATE_DOCS=1 cargo test -p connector-catalog --test coverage_page`; do not edit. -->\n\n";
    let page = format!("{note}{}", coverage_page(&Catalog::built_in().unwrap()).to_markdown());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, page).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == page, "docs/coverage.md is stale; run this test with UPDATE_DOCS=1");
}

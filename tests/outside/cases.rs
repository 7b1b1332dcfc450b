//! Every case file below `tests/cases/`, as `trunkline connector test tests/cases` plays them.

use std::path::Path;

use connector_catalog::Catalog;
use server::case::play_all;

#[tokio::test]
async fn every_case_file_passes() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let report = play_all(&cases, &Catalog::built_in().unwrap()).await.unwrap();
    assert!(report.failures.is_empty(), "{} failed:\n{}", report.failures.len(), report.failures.join("\n"));
    assert!(report.passed > 0);
}

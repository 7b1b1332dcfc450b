//! What the catalogue offers is what the case files show: every operation, filter and sort has one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use connector_catalog::{Catalog, ConnectorDefinition, Protocol, coverage};
use server::case::Case;
use unified_model::Operation;

fn cases(connector: &ConnectorDefinition, resource: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let folder = folder.join(connector.service_id.as_str()).join(resource);
    let Ok(files) = folder.read_dir() else { return Vec::new() };
    let files: BTreeSet<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.iter().map(|file| serde_saphyr::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()).collect()
}

/// The operation that a case succeeds in, if it does.
fn operation(case: &Case, resource: &str) -> Option<Operation> {
    let path = case.request.path.split('?').next().unwrap();
    let rest = path.strip_prefix(&format!("/crm/{resource}"))?;
    if case.reply.status >= 400 {
        return None;
    }
    Some(match (case.request.method.as_str(), rest.is_empty()) {
        ("GET", true) => Operation::All,
        ("GET", false) => Operation::One,
        ("POST", _) => Operation::Add,
        ("PATCH", _) => Operation::Update,
        _ => Operation::Delete,
    })
}

#[test]
fn every_operation_filter_and_sort_on_offer_has_a_case() {
    let mut missing = Vec::new();
    for connector in Catalog::built_in().unwrap().connectors() {
        for offered in coverage(connector) {
            let resource = offered.resource.as_str();
            let cases = cases(connector, resource);
            let succeeding: Vec<(&Case, Operation)> =
                cases.iter().filter_map(|case| Some((case, operation(case, resource)?))).collect();
            let folder = format!("tests/cases/{}/{resource}", connector.service_id);
            for wanted in offered.operations {
                if !succeeding.iter().any(|(_, operation)| *operation == wanted) {
                    missing.push(format!("{folder} shows no `{wanted}`"));
                }
            }
            // OData's filters and orders are written by one rule, which has tests of its own.
            if connector.protocol == Protocol::Odata {
                continue;
            }
            let mut in_paths: Vec<String> = offered.filters.iter().map(|filter| format!("filter[{filter}]=")).collect();
            in_paths.extend(offered.sorts.iter().map(|sort| format!("sort[by]={sort}")));
            for wanted in in_paths {
                if !succeeding.iter().any(|(case, _)| case.request.path.contains(&wanted)) {
                    missing.push(format!("{folder} shows no {wanted}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

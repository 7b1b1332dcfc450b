//! What an operator's directory and a connection's field map change.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use connector_catalog::{Catalog, CatalogError, Diagnostic};
use support::{ACME, ACME_COMPANIES, definition};
use tempfile::TempDir;
use unified_model::{Operation, Resource};

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    directory
}

fn built_in() -> Catalog {
    Catalog::built_in().expect("the built-in definitions are right")
}

fn readable(catalog: &Catalog, service: &str, resource: Resource, field: &str) -> bool {
    let coverage = definition(catalog, service).entity(resource).expect("a resource").mapping.coverage();
    coverage.iter().any(|line| line.field == field && line.readable)
}

#[test]
fn a_directory_adds_a_connector() {
    let files = directory(&[("connectors/acme.yaml", ACME), ("mappings/acme/companies.yaml", ACME_COMPANIES)]);
    let catalog = built_in().with_directory(files.path()).expect("a catalogue");
    let names: Vec<&str> = catalog.connectors().map(|connector| connector.service_id.as_str()).collect();
    assert!(names.contains(&"acme") && names.contains(&"agile-crm"), "{names:?}");
}

#[test]
fn a_directory_lays_a_mapping_over_a_built_in_one() {
    let files = directory(&[("mappings/agile-crm/companies.yaml", "fields:\n  vat_number: vat\n")]);
    let catalog = built_in().with_directory(files.path()).expect("a catalogue");
    assert!(readable(&catalog, "agile-crm", Resource::Companies, "vat_number"));
    assert!(readable(&catalog, "agile-crm", Resource::Companies, "name"));
    assert!(!readable(&built_in(), "agile-crm", Resource::Companies, "vat_number"));
}

#[test]
fn a_directory_replaces_a_connector_of_the_same_name() {
    let head = ACME.split("resources:").next().expect("a head").replace("service_id: acme", "service_id: agile-crm");
    let head = head.replace("  - { status: 200, steps: [owner], text: true, as: refused }\n", "");
    let replacement = head + "resources:\n  contacts: { one: { request: \"GET /people/{id}\" } }\n";
    let files = directory(&[("connectors/agile-crm.yaml", &replacement)]);
    let catalog = built_in().with_directory(files.path()).expect("a catalogue");
    let agile = definition(&catalog, "agile-crm");
    assert_eq!(agile.name, "Acme");
    assert_eq!(agile.resources.keys().copied().collect::<Vec<_>>(), [Resource::Contacts]);
    let settings = Arc::new(agile.setting_values(|_| None));
    assert!(agile.plan(Resource::Contacts, Operation::One, &settings).is_ok());
    assert!(agile.plan(Resource::Companies, Operation::One, &settings).is_err());
}

#[test]
fn mistakes_in_a_directory_are_shown_with_the_whole_path() {
    let files = directory(&[("connectors/acme.yaml", ACME)]);
    let file = files.path().join("connectors/acme.yaml").display().to_string();
    let message = built_in().with_directory(files.path()).expect_err("no mapping").to_string();
    assert_eq!(message, format!("{file}:23:3: `companies` has no mapping; write mappings/acme/companies.yaml"));
}

#[test]
fn a_mapping_looks_up_only_what_its_connector_fetches() {
    let mapping = ACME_COMPANIES.replace("  name: name\n", "  name: { at: name, lookup: { table: names, take: n } }\n");
    let sources = [("connectors/acme.yaml", ACME), ("mappings/acme/companies.yaml", mapping.as_str())];
    let message = Catalog::from_sources(&sources).expect_err("no such table").to_string();
    let expected = "the mapping `companies` looks up `names`, which is no lookup; the lookups are users";
    assert_eq!(message, format!("connectors/acme.yaml:23:3: {expected}"));
}

#[test]
fn a_file_under_another_name_is_not_silently_ignored() {
    let files = directory(&[("connectors/acme.yml", ACME)]);
    let message = built_in().with_directory(files.path()).expect_err("a misplaced file").to_string();
    let allowed = "definitions are connectors/<service_id>.yaml and mappings/<service_id>/<resource>.yaml";
    assert!(message.ends_with(&format!("connectors/acme.yml:1:1: is not read; {allowed}")), "{message}");
}

#[test]
fn a_directory_without_definitions_is_a_mistake() {
    let empty = TempDir::new().expect("a directory");
    let error = built_in().with_directory(empty.path()).expect_err("nothing there");
    assert!(matches!(error, CatalogError::Unreadable { .. }));
    assert!(error.to_string().ends_with("it holds neither connectors/ nor mappings/"), "{error}");
}

#[test]
fn a_field_map_changes_one_connection_only() {
    let files = directory(&[("connectors/acme.yaml", ACME), ("mappings/acme/companies.yaml", ACME_COMPANIES)]);
    let catalog = built_in().with_directory(files.path()).expect("a catalogue");
    let service = "acme".parse().expect("a service id");
    let fields = BTreeMap::from([("vat_number".to_owned(), "tax.number".to_owned())]);
    let mapped =
        catalog.with_field_map(&service, &BTreeMap::from([(Resource::Companies, fields)])).expect("a connector");
    let has_it = |fields: Vec<field_mapping::FieldCoverage>| fields.iter().any(|line| line.field == "vat_number");
    assert!(has_it(mapped.entity(Resource::Companies).expect("companies").mapping.coverage()));
    assert!(!readable(&catalog, "acme", Resource::Companies, "vat_number"));
}

#[test]
fn a_field_map_for_a_resource_that_the_connector_lacks_is_refused() {
    let service = "agile-crm".parse().expect("a service id");
    let fields = BTreeMap::from([("name".to_owned(), "title".to_owned())]);
    let error = built_in().with_field_map(&service, &BTreeMap::from([(Resource::Lists, fields)])).expect_err("refused");
    let CatalogError::Definitions(found) = error else { panic!("another error") };
    let lines: Vec<String> = found.iter().map(Diagnostic::to_string).collect();
    assert_eq!(lines, ["field_map:1:1: agile-crm has no resource `lists`"]);
}

#[test]
fn a_mistake_in_a_field_map_names_its_line() {
    let service = "agile-crm".parse().expect("an id");
    let line = |field: &str, path: &str| (field.to_owned(), path.to_owned());
    let fields = BTreeMap::from([line("industry", "properties["), line("websites", "site"), line("vat_number", "vat")]);
    let refused =
        built_in().with_field_map(&service, &BTreeMap::from([(Resource::Companies, fields)])).expect_err("refused");
    let lines: Vec<String> = refused.to_string().lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "field_map:1:1: `companies.industry=properties[`: path \"properties[\": '[' at character 11 is never closed",
            "field_map:3:1: `companies.websites=site`: `websites` is a list of objects; say where with each, sources or slots",
        ]
    );
}

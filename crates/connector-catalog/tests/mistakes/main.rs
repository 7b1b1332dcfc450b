//! Every kind of mistake in a connector file, and the exact words that point at it.

mod custom_fields;
mod lists;
mod shape_and_vendor;
#[path = "../support/mod.rs"]
mod support;
mod writes;

use connector_catalog::Catalog;
use support::{ACME, ACME_COMPANIES, acme_with, mistakes};

/// What to replace in the fixture, by what, and every mistake that it makes.
type Case = (&'static str, &'static str, &'static [&'static str]);

#[test]
fn every_mistake_is_named_with_its_place_and_what_is_allowed() {
    let mut wrong = Vec::new();
    for (from, to, expected) in [shape_and_vendor::CASES, lists::CASES, writes::CASES, custom_fields::CASES].concat() {
        let found = mistakes(acme_with(from, to));
        if found != expected {
            wrong.push(format!("{from:?} -> {to:?}\n  found {found:#?}\n  not {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_fixture_itself_has_none() {
    assert_eq!(mistakes(acme_with("name: Acme", "name: Acme")), Vec::<String>::new());
}

#[test]
fn mistakes_of_different_places_are_told_together_in_the_order_of_the_file() {
    let connector =
        ACME.replace("timeout: 30s", "timeout: soon").replace("max: 100", "max: 0").replace("id: tags,", "id: part,");
    let files = [
        ("connectors/acme.yaml", connector.as_str()),
        ("mappings/acme/companies.yaml", ACME_COMPANIES),
        ("connectors/void.yaml", "name: Void\n"),
    ];
    let expected = [
        "connectors/acme.yaml:14:10: `timeout`: `soon` is not a duration; write a number and a unit, such as 300ms, 1s, 5m or 1h",
        "connectors/acme.yaml:28:46: `max: 0`: allowed is a number from 1 to 10000",
        "connectors/acme.yaml:42:21: `id`: there is a step `part` already",
        "connectors/void.yaml:1:1: missing field `service_id`",
    ];
    assert_eq!(mistakes(Catalog::from_sources(&files)), expected);
}

/// The head of the fixture with resources of its own.
fn with_resources(resources: &str, mapping: (&str, &str)) -> Vec<String> {
    let head = ACME.split("  companies:\n").next().expect("a head");
    let head = head.replace("  - { status: 200, steps: [owner], text: true, as: refused }\n", "");
    let connector = head + resources;
    mistakes(Catalog::from_sources(&[("connectors/acme.yaml", &connector), mapping]))
}

#[test]
fn what_reads_a_record_first_needs_to_know_how() {
    let mapping = ("mappings/acme/companies.yaml", ACME_COMPANIES);
    let update = "  companies:\n    update: { request: PUT /company, send: { over: current } }\n";
    assert_eq!(
        with_resources(update, mapping),
        ["connectors/acme.yaml:23:13: `update` reads the current record first, which needs `one`; it is missing"]
    );
    let delete = "  companies:\n    delete: { request: \"DELETE /companies/{id}\", first: one }\n";
    assert_eq!(
        with_resources(delete, mapping),
        ["connectors/acme.yaml:23:57: `first: one` needs `one`; it is missing"]
    );
    let fields = "  companies:
    custom_fields: [ { from: { lookup: users }, id: id, finder: \"$[{id}]\" } ]
    all: { request: GET /companies, paging: none }\n";
    assert_eq!(
        with_resources(fields, mapping),
        [
            "connectors/acme.yaml:23:22: `custom_fields` reads a record for the fields' values, which needs `one`; it is missing"
        ]
    );
}

#[test]
fn a_resource_offers_something_and_a_connector_has_a_resource() {
    let mapping = ("mappings/acme/companies.yaml", ACME_COMPANIES);
    assert_eq!(
        with_resources("  companies: { evidence: seen }\n", mapping),
        ["connectors/acme.yaml:22:3: `companies` offers nothing; write `all`, `one`, `add`, `update` or `delete`"]
    );
    assert_eq!(
        with_resources("  {}\n", mapping),
        ["connectors/acme.yaml:1:1: `resources` is empty; a connector needs at least one"]
    );
}

#[test]
fn a_resource_without_filters_takes_none() {
    let pipelines = "  pipelines:\n    all: { request: GET /pipelines, paging: none, filters: { name: eq } }\n";
    let mapping = ("mappings/acme/pipelines.yaml", "fields:\n  id: id\n  name: name\n");
    let found = with_resources(pipelines, mapping);
    assert_eq!(found[0], "connectors/acme.yaml:23:62: `filter`: pipelines have no filters");
}

#[test]
fn a_filter_that_rules_write_needs_a_vendor_field() {
    let connector = ACME
        .replace("protocol: rest", "protocol: agile")
        .replace("query: { name: \"{filter.name}\" }", "rules: agile_filter");
    let unnamed = ACME_COMPANIES.replace("filters: { name: name }\n", "");
    let files = [("connectors/acme.yaml", connector.as_str()), ("mappings/acme/companies.yaml", unnamed.as_str())];
    assert_eq!(
        mistakes(Catalog::from_sources(&files)),
        [
            "connectors/acme.yaml:32:18: `filter`: `name` has no vendor field; name it under `filters` in mappings/acme/companies.yaml"
        ]
    );
}

#[test]
fn a_mapping_belongs_to_a_resource_of_a_connector() {
    let companies = ("mappings/acme/companies.yaml", ACME_COMPANIES);
    let acme = ("connectors/acme.yaml", ACME);
    assert_eq!(
        mistakes(Catalog::from_sources(&[acme, companies, ("mappings/acme/contacts.yaml", "fields: {}\n")])),
        [
            "mappings/acme/contacts.yaml:1:1: connectors/acme.yaml has no resource with the mapping `contacts`, which this file is"
        ]
    );
    assert_eq!(
        mistakes(Catalog::from_sources(&[companies])),
        ["mappings/acme/companies.yaml:1:1: there is no connectors/acme.yaml, which this file belongs to"]
    );
}

#[test]
fn mistakes_of_a_mapping_are_told_with_those_of_its_connector() {
    let mapping = ACME_COMPANIES.replace("  name: name", "  nmae: name");
    let connector = ACME.replace("timeout: 30s", "timeout: 30");
    let files = [("connectors/acme.yaml", connector.as_str()), ("mappings/acme/companies.yaml", mapping.as_str())];
    let found = mistakes(Catalog::from_sources(&files));
    assert!(found[0].starts_with("connectors/acme.yaml:14:10: `timeout`"), "{found:?}");
    assert!(found[1].starts_with("mappings/acme/companies.yaml:3:3: "), "{found:?}");
}

#[test]
fn no_text_makes_the_compiler_panic() {
    let compile = |connector: &str| {
        let files = [("connectors/acme.yaml", connector), ("mappings/acme/companies.yaml", ACME_COMPANIES)];
        let _ = Catalog::from_sources(&files);
    };
    for line in 0..ACME.lines().count() {
        let without: Vec<&str> = ACME.lines().enumerate().filter(|(at, _)| *at != line).map(|(_, text)| text).collect();
        compile(&without.join("\n"));
    }
    for at in (0..ACME.len()).step_by(31) {
        compile(&ACME[..at]);
        for piece in ["{", "]", "\u{0}", "'", ": ", "&a *a", "é"] {
            compile(&format!("{}{piece}{}", &ACME[..at], &ACME[at + 1..]));
        }
    }
    let deep = format!("{}send: {}{}", ACME, "[".repeat(20_000), "]".repeat(20_000));
    compile(&deep);
    compile(&format!("resources: {}", "{a: ".repeat(20_000)));
}

//! Lists that are reachable through other records, and single records that are picked from a list.

mod support;

use connector_catalog::{Catalog, PagingKind, coverage};
use support::{definition, mistakes};
use unified_model::Resource;

const ACME: &str = r#"service_id: acme
name: Acme
protocol: rest
settings: { token: { label: Token, type: password } }
base_url: https://acme.example
auth: { bearer: { token: "{settings.token}" } }
resources:
  notes:
    all:
      parents:
        - request: GET /people
          paging: sliced
          id: id
          children: GET /people/{parent}/notes
          keep: { first: "people[].id" }
      calls: 12
      alternatives:
        - { when: { filter: { contact_id: eq } }, request: "GET /people/{filter.contact_id}/notes", paging: sliced }
    one: { request: GET /notes, records: items, pick: id }
"#;

const NOTES: &str = "fields:\n  id: { at: id, mode: read }\n  title: subject\n";

fn catalog(connector: &str) -> Result<Catalog, connector_catalog::CatalogError> {
    Catalog::from_sources(&[("connectors/acme.yaml", connector), ("mappings/acme/notes.yaml", NOTES)])
}

#[test]
fn a_list_through_parents_leaves_filters_to_its_alternatives() {
    let acme = definition(&catalog(ACME).expect("the fixture is right"), "acme");
    let list = acme.entity(Resource::Notes).and_then(|notes| notes.all.as_ref()).expect("a list");
    let parents = list.parents.as_ref().expect("parents");
    assert_eq!((parents.fan_out, parents.calls), (10, 12));
    assert!(list.choose(&["contact_id"], None).is_ok());
    assert!(list.choose(&["owner_id"], None).is_err());
    assert!(list.choose(&[], Some("created_at")).is_err());
    let covered = &coverage(&acme)[0];
    assert_eq!(covered.paging, Some(PagingKind::Parents));
    assert_eq!(covered.filters, ["contact_id"]);
}

#[test]
fn mistakes_are_named_with_their_places() {
    let cases = [
        ("      parents:", "      request: GET /notes\n      parents:", 12, "`all` has either `request` or `parents`"),
        ("{parent}/notes", "1/notes", 14, "`children`: the path needs `{parent}`, the id of the parent"),
        ("calls: 12", "calls: 1", 16, "`calls: 1`: allowed is a number from 2 to 200"),
        (
            "      calls: 12",
            "      sorts: [name]",
            11,
            "`parents`: a list through other records carries no filter, sort or parameter; use `alternatives`",
        ),
        (
            "/notes\", paging: sliced",
            "/notes\"",
            18,
            "`alternatives`: this one needs `paging`, since the list has none",
        ),
        ("records: items", "record: items", 19, "`record` is one record; with `pick` say where the `records` are"),
        (", pick: id", "", 19, "`records` needs `pick`, which says where a record's id is"),
        ("\"people[].id\"", "\"people[\"", 15, "`first`: path \"people[\": '[' at character 7 is never closed"),
    ];
    for (from, to, line, expected) in cases {
        assert!(ACME.contains(from), "{from}");
        let found = mistakes(catalog(&ACME.replacen(from, to, 1)));
        let place = format!("connectors/acme.yaml:{line}:");
        let is_named = |found: &String| found.starts_with(&place) && found.ends_with(&format!(": {expected}"));
        assert!(found.iter().any(is_named), "{from:?} -> {to:?}: {found:#?}");
    }
}

#[test]
fn a_list_has_a_request_or_parents_and_says_how_it_pages() {
    let resource = |all: &str| {
        let head = ACME.split("    all:\n").next().expect("a head");
        mistakes(catalog(&format!("{head}    all: {{ {all} }}\n")))
    };
    let found = resource("paging: sliced");
    assert_eq!(found, ["connectors/acme.yaml:8:3: `all` needs a `request`, or `parents` to reach the records through"]);
    let found = resource("request: GET /notes");
    assert_eq!(found, ["connectors/acme.yaml:9:21: `all` needs `paging`, which says how the vendor pages"]);
    let found = resource("request: GET /notes, paging: sliced, fan_out: 3");
    assert_eq!(found, ["connectors/acme.yaml:9:58: `fan_out` and `calls` are for a list through `parents`"]);
}

//! Every kind of mistake in a mapping file, with the message that it owes. `UPDATE_FIXTURES=1` rewrites the messages.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use field_mapping::{Context, Mapping, MappingSource};
use unified_model::CanonicalSchema;
use unified_model::vocabulary::Resource;

/// A title may begin with the resource that the snippet maps; else it is contacts.
fn messages(title: &str, text: &str) -> String {
    let named = title.split_once(": ").and_then(|(resource, _)| resource.parse().ok());
    let schema = CanonicalSchema::built_in().resource(named.unwrap_or(Resource::Contacts));
    let mut lines = String::new();
    let source = MappingSource { file: "broken.yaml", text };
    match Mapping::compile(&[source], &BTreeMap::new(), schema) {
        Ok(_) => lines.push_str("no mistake\n"),
        Err(mistakes) => mistakes.iter().for_each(|mistake| writeln!(lines, "{mistake}").expect("a string takes all")),
    }
    lines
}

#[test]
fn every_mistake_is_named_with_its_place() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mistakes.txt");
    let expected = std::fs::read_to_string(&path).expect("the fixture is there");
    let mut actual = String::new();
    for section in expected.split("### ").skip(1) {
        let (title, rest) = section.split_once('\n').expect("a title");
        let (snippet, _) = rest.split_once("---\n").expect("a snippet and its messages");
        write!(actual, "### {title}\n{snippet}---\n{}", messages(title, snippet)).expect("a string takes all");
    }
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&path, &actual).expect("the fixture can be written");
    }
    assert_eq!(actual, expected);
    assert!(!actual.contains("no mistake"), "every snippet is broken");
}

#[test]
fn a_field_map_is_checked_like_a_file() {
    let schema = CanonicalSchema::built_in().resource(Resource::Contacts);
    let source = MappingSource { file: "built-in.yaml", text: "fields:\n  title: Title\n" };
    let field_map = BTreeMap::from([
        ("department".to_owned(), "UserDefined[".to_owned()),
        ("shoe_size".to_owned(), "S".to_owned()),
    ]);
    let mistakes = Mapping::compile(&[source], &field_map, schema).expect_err("two mistakes");
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(lines[0], "field_map:1:1: path \"UserDefined[\": '[' at character 12 is never closed");
    assert!(lines[1].starts_with("field_map:2:1: `contacts` have no field `shoe_size`"), "{}", lines[1]);
}

#[test]
fn a_field_map_brings_fields_of_the_tenants_own() {
    let schema = CanonicalSchema::built_in().resource(Resource::Contacts);
    let source = MappingSource { file: "built-in.yaml", text: "fields:\n  title: Title\n" };
    let own = [("department", "UserDefined3"), ("created_at", "Extra.Since"), ("title", "UserDefined4")];
    let field_map = own.map(|(field, path)| (field.to_owned(), path.to_owned())).into();
    let mapping = Mapping::compile(&[source], &field_map, schema).expect("it compiles");
    let rows: Vec<_> =
        mapping.coverage().into_iter().filter(|row| row.readable).map(|row| (row.field, row.writable)).collect();
    let expected = [("title", true), ("department", true), ("created_at", false)];
    assert_eq!(rows, expected.map(|(field, writable)| (field.to_owned(), writable)));
    let written = mapping.write_new(
        serde_json::json!({ "title": "Buyer" }).as_object().expect("an object"),
        None,
        Context::default(),
    );
    assert_eq!(serde_json::Value::Object(written.record), serde_json::json!({ "UserDefined4": "Buyer" }));
}

#[test]
fn a_later_layer_replaces_adds_and_drops_fields() {
    let schema = CanonicalSchema::built_in().resource(Resource::Contacts);
    let sources = [
        MappingSource {
            file: "built-in.yaml",
            text: "fields:\n  title: Title\n  department: Department\n  fax: Fax\n",
        },
        MappingSource {
            file: "operator.yaml",
            text: "fields:\n  title: JobTitle\n  fax: null\n  language: Language\n",
        },
    ];
    let mapping = Mapping::compile(&sources, &BTreeMap::new(), schema).expect("it compiles");
    let readable: Vec<String> =
        mapping.coverage().into_iter().filter(|row| row.readable).map(|row| row.field).collect();
    assert_eq!(readable, ["title", "department", "language"]);
    let written = mapping.write_new(
        serde_json::json!({ "title": "Buyer" }).as_object().expect("an object"),
        None,
        Context::default(),
    );
    assert_eq!(serde_json::Value::Object(written.record), serde_json::json!({ "JobTitle": "Buyer" }));
}

#[test]
fn the_editor_schema_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/schema/mapping.schema.json");
    let mut generated = serde_json::to_string_pretty(&field_mapping::mapping_json_schema()).expect("a schema");
    generated.push('\n');
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        std::fs::write(&path, &generated).expect("the schema can be written");
    }
    let shipped = std::fs::read_to_string(&path).expect("spec/schema/mapping.schema.json is there");
    assert!(shipped == generated, "run UPDATE_SCHEMAS=1 cargo test -p field-mapping");
}

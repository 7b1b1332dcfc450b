//! Every key and every word that the editor schemas know is documented.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::path::Path;

use connector_catalog::connector_json_schema;
use field_mapping::mapping_json_schema;
use serde_json::Value;
use unified_model::Resource;

fn repository(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every key and every word that a schema knows, but the names of canonical resources and operations.
fn vocabulary(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                words.extend(properties.keys().cloned());
            }
            for word in members.get("enum").and_then(Value::as_array).into_iter().flatten().chain(members.get("const"))
            {
                words.extend(word.as_str().map(str::to_owned));
            }
            members.iter().filter(|(name, _)| *name != "default").for_each(|(_, inner)| vocabulary(inner, words));
        }
        Value::Array(items) => items.iter().for_each(|inner| vocabulary(inner, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The words in a page's code, in blocks and in lines.
fn code(page: &str) -> BTreeSet<String> {
    let pieces = page.split('`').enumerate().filter(|(place, _)| place % 2 == 1).map(|(_, piece)| piece);
    // A fence is three marks, so what stands in a block is an odd piece as well.
    let words = pieces.flat_map(|piece| piece.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')));
    words.map(str::to_owned).collect()
}

fn undocumented(schema: &Value, page: &str) -> Vec<String> {
    let mut words = BTreeSet::new();
    vocabulary(schema, &mut words);
    let told = code(&repository(page));
    let is_canonical = |word: &String| word.parse::<Resource>().is_ok();
    words.into_iter().filter(|word| !is_canonical(word) && !told.contains(word)).collect()
}

#[test]
fn every_key_and_word_of_the_language_is_documented() {
    assert_eq!(undocumented(&connector_json_schema(), "docs/connectors.md"), Vec::<String>::new());
    assert_eq!(undocumented(&mapping_json_schema(), "docs/mappings.md"), Vec::<String>::new());
}

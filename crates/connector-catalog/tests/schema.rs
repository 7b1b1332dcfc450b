//! The JSON Schema of connector files is as fresh as the code. `UPDATE_SCHEMAS=1` rewrites it.

use std::{env, fs};

use connector_catalog::connector_json_schema;

#[test]
fn the_schema_in_the_repository_is_the_one_generated() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/schema/connector.schema.json");
    let generated = format!("{:#}\n", connector_json_schema());
    if env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/schema")).expect("a folder");
        fs::write(path, &generated).expect("the schema is written");
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(kept == generated, "{path} is out of date; run the test again with UPDATE_SCHEMAS=1");
}

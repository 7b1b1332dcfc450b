//! What the seeded account holds, and that it always holds the same.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::client::{Agile, properties};

async fn everything(agile: &Agile) -> Vec<Value> {
    let persons = agile.form("contacts/list", &[]).await.list();
    let companies = agile.form("contacts/companies/list", &[]).await.list();
    [persons, companies].concat()
}

#[tokio::test]
async fn two_sandboxes_begin_alike() {
    let (one, other) = (Agile::start().await, Agile::start().await);
    assert_eq!(everything(&one).await, everything(&other).await);
}

#[tokio::test]
async fn the_seed_holds_what_makes_mappings_stumble() {
    let agile = Agile::start().await;
    let all = everything(&agile).await;
    assert_eq!(all.len(), 310);
    let system = |record: &Value, name: &str| properties(record, "SYSTEM", name);
    let some = |check: &dyn Fn(&Value) -> bool| all.iter().filter(|record| check(record)).count();
    assert!(some(&|record| record["id"] == 9_007_199_254_740_993_i64) == 1, "an id that a double cannot hold");
    assert!(some(&|record| record["contact_company_id"] == "9223372036854775783") > 0, "an id near 2^63");
    assert!(some(&|record| !properties(record, "CUSTOM", "title").is_empty()) == 5, "a custom title");
    assert!(some(&|record| record["type"] == "PERSON" && system(record, "last_name").is_empty()) > 10);
    assert!(some(&|record| system(record, "title") == [""]) > 10, "empty values");
    assert!(some(&|record| record["updated_time"] == 0) > 100);
    assert!(some(&|record| record["tags"].as_array().unwrap().len() > 1) > 50);
    assert!(some(&|record| system(record, "title").concat().contains(['"', '\\', '\n', '<', '🚚'])) > 30);
    let addresses = all.iter().flat_map(|record| system(record, "address"));
    let (json, other): (Vec<_>, Vec<_>) = addresses.partition(|text| serde_json::from_str::<Value>(text).is_ok());
    assert!(json.len() > 150 && other.len() == 1, "{} {}", json.len(), other.len());
    let subtypes: BTreeSet<String> = all
        .iter()
        .flat_map(|record| record["properties"].as_array().unwrap())
        .filter_map(|property| Some(format!("{}/{}", property["name"].as_str()?, property["subtype"].as_str()?)))
        .collect();
    // 2 of email, 7 of phone, 11 of website, 3 of address.
    assert_eq!(subtypes.len(), 23, "{subtypes:?}");
    let names: BTreeSet<_> = all.iter().flat_map(|record| system(record, "name")).collect();
    assert_eq!(names.len(), 60, "each company has a name of its own");
}

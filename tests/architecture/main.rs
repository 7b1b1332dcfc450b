//! The dependency rule: crates know only those further in. An edge outward, or axum where it does not belong, fails here.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod figures;
mod rooms;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Each crate with the workspace crates that it may name, tests included.
const ALLOWED: &[(&str, &[&str])] = &[
    ("unified-model", &[]),
    ("field-mapping", &["unified-model"]),
    ("connector-catalog", &["unified-model", "field-mapping"]),
    ("vendor-client", &["unified-model", "field-mapping", "connector-catalog"]),
    ("storage", &[]),
    ("jobs", &["storage"]),
    ("connectors", &["unified-model", "field-mapping", "connector-catalog", "vendor-client"]),
    ("connection-vault", &["unified-model", "field-mapping", "connector-catalog", "vendor-client", "storage", "jobs"]),
    (
        "gateway",
        &["unified-model", "field-mapping", "connector-catalog", "vendor-client", "connectors", "connection-vault"],
    ),
    ("vendor-sandbox", &["unified-model"]),
    (
        "server",
        &[
            "unified-model",
            "field-mapping",
            "connector-catalog",
            "vendor-client",
            "connectors",
            "connection-vault",
            "gateway",
            "vendor-sandbox",
        ],
    ),
    // What the fuzzer calls: nobody needs it, so it may know everybody but the binary.
    (
        "fuzz-targets",
        &[
            "unified-model",
            "field-mapping",
            "connector-catalog",
            "vendor-client",
            "connectors",
            "connection-vault",
            "gateway",
        ],
    ),
];

/// Crates from outside that only some of ours may use, and why.
const RESERVED: &[(&str, &[&str])] = &[
    // HTTP is served by these alone.
    ("axum", &["server", "vendor-sandbox"]),
    // Vendors and token servers are called through one door.
    ("reqwest", &["vendor-client"]),
    // Engines stay behind one door.
    ("sqlx", &["storage"]),
    // The store, connectors and the vault run on a runtime; the model and the mapping do not.
    (
        "tokio",
        &[
            "vendor-client",
            "storage",
            "jobs",
            "connectors",
            "connection-vault",
            "gateway",
            "vendor-sandbox",
            "server",
            "fuzz-targets",
        ],
    ),
];

struct Manifest {
    /// What the crate itself needs.
    needs: BTreeSet<String>,
    /// What its tests need beside that.
    tests_need: BTreeSet<String>,
}

fn manifests() -> BTreeMap<String, Manifest> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut manifests = BTreeMap::new();
    for entry in crates.read_dir().unwrap() {
        let file = entry.unwrap().path().join("Cargo.toml");
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let manifest: toml::Table = toml::from_str(&text).unwrap();
        let names = |section: &str| -> BTreeSet<String> {
            manifest
                .get(section)
                .and_then(toml::Value::as_table)
                .into_iter()
                .flat_map(|table| table.keys().cloned())
                .collect()
        };
        let name = manifest["package"]["name"].as_str().unwrap().to_owned();
        let mut needs = names("dependencies");
        needs.extend(names("build-dependencies"));
        manifests.insert(name, Manifest { needs, tests_need: names("dev-dependencies") });
    }
    manifests
}

/// What breaks the rule in these manifests, a line each.
fn outward_edges(manifests: &BTreeMap<String, Manifest>) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut broken = Vec::new();
    for (name, manifest) in manifests {
        let Some(inward) = allowed.get(name.as_str()) else {
            broken.push(format!("{name} has no place in the rule"));
            continue;
        };
        for needed in manifest.needs.union(&manifest.tests_need) {
            let ours = allowed.contains_key(needed.as_str());
            // The stand-in vendors may be used by any crate's tests.
            let stand_in = needed == "vendor-sandbox" && !manifest.needs.contains(needed);
            if ours && !stand_in && !inward.contains(&needed.as_str()) {
                broken.push(format!("{name} -> {needed}"));
            }
        }
        for (outside, users) in RESERVED {
            if manifest.needs.contains(*outside) && !users.contains(&name.as_str()) {
                broken.push(format!("{name} -> {outside}"));
            }
        }
    }
    broken
}

#[test]
fn dependencies_point_inward() {
    let manifests = manifests();
    assert_eq!(manifests.len(), ALLOWED.len());
    assert_eq!(outward_edges(&manifests), Vec::<String>::new());
}

#[test]
fn an_outward_edge_is_found() {
    let mut manifests = manifests();
    manifests.get_mut("field-mapping").unwrap().needs.insert("gateway".to_owned());
    manifests.get_mut("unified-model").unwrap().tests_need.insert("connectors".to_owned());
    manifests.get_mut("gateway").unwrap().needs.insert("axum".to_owned());
    assert_eq!(
        outward_edges(&manifests),
        ["field-mapping -> gateway", "gateway -> axum", "unified-model -> connectors"]
    );
}

//! Every point with a name is one that a test kills at.

use std::collections::BTreeSet;
use std::path::Path;

use super::{consent, master_key, renewal};

/// Every name that a source file passes.
fn in_sources(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in directory.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let calls = text.split("abort_point::pass(").skip(1);
            found.extend(calls.map(|call| {
                let name = call.strip_prefix('"').and_then(|call| call.split_once('"'));
                name.unwrap_or_else(|| panic!("a point without a name of its own in {}", path.display())).0.to_owned()
            }));
        }
    }
}

#[test]
fn no_point_is_forgotten() {
    let mut named = BTreeSet::new();
    in_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut named);
    let tested = [&consent::POINTS[..], &renewal::POINTS, &master_key::POINTS].concat();
    assert_eq!(named, tested.into_iter().map(str::to_owned).collect());
}

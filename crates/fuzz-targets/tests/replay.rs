//! Every input of the corpora, and every one that once broke something, through its target: without libFuzzer.

use std::path::{Path, PathBuf};

use fuzz_targets::{EVERY, Target};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Replays a target's corpus and its findings; a panic says which file it was.
fn replay(name: &str, target: Target) {
    for folder in ["corpus", "findings"].map(|kind| fuzz().join(kind).join(name)) {
        if folder.ends_with(format!("findings/{name}")) && !folder.exists() {
            continue;
        }
        for file in names(&folder) {
            let file = folder.join(file);
            let input = std::fs::read(&file).expect("an input");
            let outcome = std::panic::catch_unwind(|| target(&input));
            assert!(outcome.is_ok(), "{} breaks the target {name}", file.display());
        }
    }
}

macro_rules! replays {
    ($($name:ident),+) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name), fuzz_targets::$name);
        })+

        const REPLAYED: &[&str] = &[$(stringify!($name)),+];
    };
}

replays!(cursors, definitions, json_path, mapping, odata_filters, odata_replies, queries, templates, token_replies);

#[test]
fn every_target_has_a_binary_a_corpus_and_a_replay() {
    let targets: Vec<&str> = EVERY.iter().map(|(name, _)| *name).collect();
    assert_eq!(REPLAYED, targets);
    assert_eq!(names(&fuzz().join("corpus")), targets);
    let binaries: Vec<String> = targets.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names(&fuzz().join("fuzz_targets")), binaries);
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).expect("a manifest");
    for target in targets {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target} is in no [[bin]]");
    }
}

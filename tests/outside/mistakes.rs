//! `trunkline connector lint` over a directory with one file for each mistake: every one is named with its line and column.
//!
//! A file states what it owes in comments, `# owes LINE:COLUMN MESSAGE`, one for each; CONTRIBUTING.md says how to add one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Finished, Installation};

const OWES: &str = "# owes ";

/// The directory of that name beside this file.
fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/outside/mistakes").join(name)
}

/// Every YAML file below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found
}

/// The lines that a file owes, as lint prints them.
fn owed_by(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let owed = text.lines().filter_map(|line| line.strip_prefix(OWES)).map(|owed| {
        let (place, message) = owed.split_once(' ').unwrap_or_else(|| panic!("{}: {owed}", file.display()));
        format!("{}:{place}: {message}", file.display())
    });
    owed.collect()
}

/// What a connector's files owe; each connector is there for a mistake.
fn owed(directory: &Path) -> BTreeSet<String> {
    let mut owed = BTreeSet::new();
    for connector in files(&directory.join("connectors")) {
        let service = connector.file_stem().unwrap().to_str().unwrap().to_owned();
        let mappings = directory.join("mappings").join(&service);
        let beside = if mappings.is_dir() { files(&mappings) } else { Vec::new() };
        let own: Vec<String> = beside.iter().chain([&connector]).flat_map(|file| owed_by(file)).collect();
        assert!(!own.is_empty(), "nothing of `{service}` says what it owes; write `{OWES}LINE:COLUMN MESSAGE`");
        owed.extend(own);
    }
    owed
}

fn lint(directory: &Path) -> Finished {
    Installation::new("http://127.0.0.1:9/closed", "").run(&["connector", "lint", directory.to_str().unwrap()])
}

fn compare(found: &BTreeSet<String>, owed: &BTreeSet<String>) {
    let missing: Vec<&String> = owed.difference(found).collect();
    let unexpected: Vec<&String> = found.difference(owed).collect();
    assert!(missing.is_empty() && unexpected.is_empty(), "missing {missing:#?}\nunexpected {unexpected:#?}");
}

#[test]
fn every_mistake_is_named_with_its_file_line_and_column() {
    let directory = directory("wrong");
    let printed = lint(&directory).failed();
    let found = printed.lines().map(|line| line.trim_start_matches("error: ").to_owned()).collect();
    compare(&found, &owed(&directory));
}

#[test]
fn what_is_sound_and_yet_doubtful_is_warned_about() {
    let directory = directory("doubtful");
    let printed = lint(&directory).done();
    let found = printed.lines().filter_map(|line| line.strip_prefix("warning: ")).map(str::to_owned).collect();
    compare(&found, &owed(&directory));
}

#[test]
fn the_definitions_of_this_build_are_warned_about_nowhere() {
    let printed = Installation::new("http://127.0.0.1:9/closed", "").run(&["connector", "lint"]).done();
    let warnings: Vec<&str> = printed.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert!(warnings.is_empty(), "{warnings:#?}");
}

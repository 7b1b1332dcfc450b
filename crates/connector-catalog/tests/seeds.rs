//! `docs/seeds/*.md` say, statement by statement, what serves the documents that the built-in connectors were made from. What they name
//! has to be there, and `docs/seeds.md` counts them. `UPDATE_DOCS=1 cargo test -p connector-catalog --test seeds` counts anew.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use connector_catalog::{Catalog, coverage};
use unified_model::ServiceId;

const STATES: [&str; 4] = ["done", "different", "proxy", "none"];

const INTRODUCTION: &str = "<!-- Made by `UPDATE_DOCS=1 cargo test -p connector-catalog --test seeds`; do not edit. -->

# The documents behind the built-in connectors

The contract and four built-in connectors were made from documents of their vendors. Each page below goes through one document and says what serves each of
its statements: an operation, a filter, a setting or [/proxy](proxy.md), with a case file that shows it; or why nothing does.

| Document | Statements | Done | Different, with a reason | By /proxy, with a reason | None, with a reason |
| --- | --- | --- | --- | --- | --- |
";

struct Statement {
    page: String,
    heading: String,
    served_by: String,
    state: String,
    reason: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The pages by name, with their text.
fn pages() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(root().join("docs/seeds")).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap()))
        .collect()
}

fn statements(page: &str, text: &str) -> Vec<Statement> {
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(2);
    let cells =
        |row: &str| row.trim_matches('|').split(" |").map(|cell| cell.trim_matches(['|', ' ']).to_owned()).collect();
    rows.map(|row| {
        let cells: Vec<String> = cells(row);
        let [heading, _lines, served_by, state, reason] = cells.as_slice() else { panic!("{page}: five cells: {row}") };
        let [heading, served_by, state, reason] = [heading, served_by, state, reason].map(Clone::clone);
        Statement { page: page.to_owned(), heading, served_by, state, reason }
    })
    .collect()
}

/// The texts between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What is wrong with a statement.
fn mistakes(statement: &Statement, catalog: &Catalog) -> Vec<String> {
    let mut found = Vec::new();
    let mut mistake = |text: String| found.push(format!("{}: {}: {text}", statement.page, statement.heading));
    if !STATES.contains(&statement.state.as_str()) {
        mistake(format!("`{}` is no state", statement.state));
    }
    if statement.reason.is_empty() && statement.state != "done" {
        mistake("needs a reason".to_owned());
    }
    if statement.served_by.is_empty() && statement.state != "none" {
        mistake("says not what serves it".to_owned());
    }
    let served = served(catalog, &statement.page);
    for name in quoted(&statement.served_by) {
        let is_there = match name.split_once(' ') {
            _ if name.starts_with("tests/") => root().join(name).is_file(),
            Some(("setting", setting)) => has_setting(catalog, &statement.page, setting),
            Some((_, "all" | "one" | "add" | "update" | "delete")) => served.contains(name),
            _ if name.starts_with("filter[") => served.contains(name),
            _ => true,
        };
        if !is_there {
            mistake(format!("there is no `{name}`"));
        }
    }
    found
}

/// Every operation (`contacts all`) and filter (`filter[email]`) of a service, or of all where the page is no service's.
fn served(catalog: &Catalog, page: &str) -> BTreeSet<String> {
    let is_service = page.parse().is_ok_and(|service: ServiceId| catalog.connector(&service).is_some());
    let connectors = catalog.connectors().filter(|connector| !is_service || connector.service_id.as_str() == page);
    let mut names = BTreeSet::new();
    for resource in connectors.flat_map(|connector| coverage(connector)) {
        let conditional = resource.conditions.iter().map(|(operation, _)| operation);
        let operations = resource.operations.iter().chain(conditional);
        names.extend(operations.map(|operation| format!("{} {operation}", resource.resource)));
        names.extend(resource.filters.iter().map(|filter| format!("filter[{filter}]")));
    }
    names
}

fn has_setting(catalog: &Catalog, page: &str, setting: &str) -> bool {
    let connector = page.parse().ok().and_then(|service: ServiceId| catalog.connector(&service).cloned());
    connector.is_some_and(|connector| connector.settings.iter().any(|declared| declared.name == setting))
}

#[test]
fn what_serves_the_documents_is_there_and_every_absence_has_its_reason() {
    let catalog = Catalog::built_in().unwrap();
    let mut found = Vec::new();
    for (page, text) in pages() {
        let statements = statements(&page, &text);
        assert!(statements.len() > 5, "{page}: {} statements", statements.len());
        found.extend(statements.iter().flat_map(|statement| mistakes(statement, &catalog)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_counts_in_the_repository_are_fresh() {
    let mut page = INTRODUCTION.to_owned();
    for (name, text) in pages() {
        let title = text.lines().find_map(|line| line.strip_prefix("## ")).unwrap();
        let statements = statements(&name, &text);
        let count = |state: &str| statements.iter().filter(|statement| statement.state == state).count();
        let [done, different, proxy, none] = STATES.map(count);
        let all = statements.len();
        writeln!(page, "| [{title}](seeds/{name}.md) | {all} | {done} | {different} | {proxy} | {none} |").unwrap();
    }
    let file = root().join("docs/seeds.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, page).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == page, "docs/seeds.md is stale; run this test with UPDATE_DOCS=1");
}

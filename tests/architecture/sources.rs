//! The source files of every crate, read as Rust.

use std::path::{Path, PathBuf};

/// One file of a crate's `src`, without what only tests need.
pub(super) struct Source {
    pub(super) crate_name: String,
    /// Where it stands in the crate: `["list", "pages"]` is `crate::list::pages`.
    pub(super) module: Vec<String>,
    pub(super) path: PathBuf,
    pub(super) lines: usize,
    pub(super) syntax: syn::File,
}

/// The sources of all crates, less the files of tests.
pub(super) fn sources() -> Vec<Source> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let mut sources = Vec::new();
    for entry in crates.read_dir().unwrap() {
        let folder = entry.unwrap();
        let crate_name = folder.file_name().into_string().unwrap();
        collect(&crate_name, &folder.path().join("src"), &[], &mut sources);
    }
    sources
}

fn collect(crate_name: &str, folder: &Path, module: &[String], sources: &mut Vec<Source>) {
    let Ok(entries) = folder.read_dir() else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name == "tests" {
            continue;
        }
        let is_root = ["lib", "main", "mod"].contains(&name.as_str());
        let module: Vec<String> = module.iter().cloned().chain((!is_root).then_some(name)).collect();
        if path.is_dir() {
            collect(crate_name, &path, &module, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut syntax = syn::parse_file(&text).unwrap();
            syntax.items.retain(|item| !is_for_tests(item));
            let (crate_name, lines) = (crate_name.to_owned(), text.lines().count());
            sources.push(Source { crate_name, module, path, lines, syntax });
        }
    }
}

/// Whether an item is a module of tests within the file.
fn is_for_tests(item: &syn::Item) -> bool {
    let syn::Item::Mod(module) = item else { return false };
    module.ident == "tests"
}

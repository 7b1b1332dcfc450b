//! Every case file below `tests/cases/`, each as a test of its own: `cargo test --test case_files agile-crm/contacts`.
//! `trunkline connector test tests/cases` plays the same files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use connector_catalog::Catalog;
use libtest_mimic::{Arguments, Failed, Trial};
use server::case::{files, play_file};

fn main() -> ExitCode {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let catalog = Arc::new(Catalog::built_in().expect("the built-in definitions are sound"));
    let trials = files(&cases).expect("there are case files").into_iter().map(|file| trial(&cases, file, &catalog));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// A test that is named for its file: `agile-crm/contacts/read-one`.
fn trial(cases: &Path, file: PathBuf, catalog: &Arc<Catalog>) -> Trial {
    let name = file.strip_prefix(cases).unwrap_or(&file).with_extension("");
    let catalog = Arc::clone(catalog);
    Trial::test(name.display().to_string(), move || play(&file, &catalog))
}

fn play(file: &Path, catalog: &Catalog) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(play_file(file, catalog))??)
}

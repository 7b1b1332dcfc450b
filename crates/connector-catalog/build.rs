//! Puts the definitions that this repository carries into the binary, so that it runs alone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // Asked for at run time: a target directory that was copied from another checkout has this script compiled for that one.
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("cargo sets CARGO_MANIFEST_DIR"))?;
    let root = Path::new(&manifest).join("../..");
    let mut files = yaml_files(&root.join("connectors"))?;
    for entry in sorted(&root.join("mappings"))? {
        if entry.is_dir() {
            files.extend(yaml_files(&entry)?);
        }
    }
    let mut table = String::from("&[\n");
    for path in &files {
        let name = path.strip_prefix(&root).map_err(io::Error::other)?.display().to_string().replace('\\', "/");
        let path = fs::canonicalize(path)?;
        writeln!(table, "    ({name:?}, include_str!({:?})),", path.display().to_string()).map_err(io::Error::other)?;
    }
    table.push(']');
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("built_in.rs"), table)
}

fn yaml_files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml");
    Ok(sorted(directory)?.into_iter().filter(is_yaml).collect())
}

/// What a directory holds, by name. Cargo is told to look again when that changes.
fn sorted(directory: &Path) -> io::Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut paths =
        fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

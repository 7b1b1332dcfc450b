//! What commands print: for a person, or with `--json` for a machine.

use clap::Args;
use serde::Serialize;

use super::Failure;

#[derive(Debug, Args)]
pub(in crate::cli) struct Output {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Output {
    /// Prints for a machine or for a person.
    pub(in crate::cli) fn print(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Failure> {
        let shown = if self.json { serde_json::to_string_pretty(value)? } else { text() };
        if !shown.is_empty() {
            println!("{shown}");
        }
        Ok(())
    }
}

pub(in crate::cli) fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

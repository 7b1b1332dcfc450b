//! `[secrets]`: where the master key is.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// The environment variable that holds the master key.
pub const MASTER_KEY_VARIABLE: &str = "TRUNKLINE_MASTER_KEY";

/// Where the master key is, unless the environment has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// A file that only its owner can read.
    pub master_key_file: Option<PathBuf>,
}

/// The master key's text from the environment, if it is there.
#[must_use]
pub fn master_key_from_environment() -> Option<SecretString> {
    std::env::var(MASTER_KEY_VARIABLE).ok().filter(|text| !text.is_empty()).map(SecretString::from)
}

//! `[definitions]`: what is laid over the built-in definitions.

use std::path::PathBuf;

use serde::Deserialize;

/// Definitions laid over the built-in ones.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Definitions {
    /// A directory with `connectors/` and `mappings/`.
    pub directory: Option<PathBuf>,
}

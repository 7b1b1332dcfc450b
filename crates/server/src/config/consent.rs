//! `[consent]`: how consumers' consent is come by.

use serde::Deserialize;

/// How consumers' consent is come by.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Consent {
    /// How long the application may take to confirm what came back from the vendor, in seconds.
    pub confirm_within_seconds: u32,
}

impl Default for Consent {
    fn default() -> Self {
        Self { confirm_within_seconds: 30 * 60 }
    }
}

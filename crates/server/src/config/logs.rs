//! `[logs]`: the log of calls that callers can read.

use serde::Deserialize;

/// The log of calls that callers can read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    /// For how many days a call is kept; 0: none is.
    pub retention_days: u32,
    /// How much of it is kept, in bytes, about: the oldest calls go first.
    pub max_bytes: u64,
}

impl Default for Logs {
    fn default() -> Self {
        Self { retention_days: 30, max_bytes: 1024 * 1024 * 1024 }
    }
}

//! `[egress]`: the way out to vendors.

use std::num::NonZeroU64;

use serde::Deserialize;

const REMEMBERED_CONNECTIONS: NonZeroU64 = NonZeroU64::new(100_000).unwrap();

/// The way out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Egress {
    /// Networks that tenant-supplied hosts may be in although they are private, such as `10.1.0.0/16`.
    pub allow: Vec<ipnet::IpNet>,
    /// The largest vendor answer, in bytes.
    pub max_answer_bytes: usize,
    /// How much one call may receive from its vendor in all, in bytes.
    pub max_call_bytes: usize,
    /// How much memory the large answers of all calls may take together, in bytes; others wait.
    pub max_answers_bytes: usize,
    /// How long a connection to a vendor may take to open, in seconds.
    pub connect_timeout_seconds: u64,
    /// Of how many tenants' connections limits and rendered headers are remembered.
    pub remembered_connections: NonZeroU64,
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            max_answer_bytes: 32 * 1024 * 1024,
            max_call_bytes: 64 * 1024 * 1024,
            max_answers_bytes: 128 * 1024 * 1024,
            connect_timeout_seconds: 5,
            remembered_connections: REMEMBERED_CONNECTIONS,
        }
    }
}

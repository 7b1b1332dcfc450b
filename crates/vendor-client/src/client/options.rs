//! What an operator decides: for the client as a whole, and for one connector.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connector_catalog::Limits;
use ipnet::IpNet;

use crate::clock::Clock;
use crate::egress::resolver::{Resolver, SystemResolver};

/// How the client behaves; `default()` is what a production gateway wants.
#[derive(Clone)]
pub struct VendorClientOptions {
    /// Networks that tenants' own hosts may be in although the egress guard denies them. None by default.
    pub allowed_networks: Vec<IpNet>,
    /// The largest answer that is read, after decompression. 32 MiB by default.
    pub max_answer_bytes: usize,
    /// How much one call may receive from its vendor in all. 64 MiB by default.
    pub max_call_bytes: usize,
    /// How much memory the answers beyond 256 KiB of all calls may take; others wait. 128 MiB by default.
    pub max_answers_bytes: usize,
    /// How the gateway names itself. `trunkline/<version>` by default.
    pub user_agent: String,
    /// How long a connection may take to be opened; the deadline applies as well. 5 s by default.
    pub connect_timeout: Duration,
    /// How many connections are kept open per host while nobody uses them. 64 by default.
    pub max_idle_connections: usize,
    /// How long an unused connection is kept open. 30 s by default.
    pub idle_timeout: Duration,
    /// How many tenants' connections have their limiter and rendered headers remembered. 100,000 by default.
    pub max_remembered: u64,
    /// How names become addresses.
    pub resolver: Arc<dyn Resolver>,
    /// The time.
    pub clock: Clock,
    /// A number from 0 to 1 by chance, for the length of waits between attempts.
    pub chance: fn() -> f64,
}

impl Default for VendorClientOptions {
    fn default() -> Self {
        Self {
            allowed_networks: Vec::new(),
            max_answer_bytes: 32 * 1024 * 1024,
            max_call_bytes: 64 * 1024 * 1024,
            max_answers_bytes: 128 * 1024 * 1024,
            user_agent: concat!("trunkline/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(5),
            max_idle_connections: 64,
            idle_timeout: Duration::from_secs(30),
            max_remembered: 100_000,
            resolver: Arc::new(SystemResolver),
            clock: Clock::system(),
            chance: by_chance,
        }
    }
}

impl fmt::Debug for VendorClientOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VendorClientOptions")
            .field("allowed_networks", &self.allowed_networks)
            .field("max_answer_bytes", &self.max_answer_bytes)
            .field("user_agent", &self.user_agent)
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}

/// What an operator decides about one connector.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConnectorOverrides {
    /// Replaces the definition's base address: plain text, without holes. It is the operator's word, so the egress guard
    /// does not apply to it.
    pub base_url: Option<String>,
    /// Replaces the address of the consent page, in the same way.
    pub authorize_url: Option<String>,
    /// Replaces the address that gives tokens, in the same way.
    pub token_url: Option<String>,
    /// Replaces the address that takes grants back, in the same way; a token in its path is added to it.
    pub revoke_url: Option<String>,
    /// Replaces the definition's limits.
    pub limits: Option<Limits>,
    /// Replaces the definition's timeout.
    pub timeout: Option<Duration>,
}

/// Where the system has no randomness, waits have their middle length.
fn by_chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

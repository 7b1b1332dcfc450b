//! `[store]`: where connections are kept.

use std::num::NonZeroU32;

use connection_vault::StoreLocation;
use serde::Deserialize;

const RECORD_LEASE_SECONDS: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Longer than that nobody should serve whom may have been revoked.
const LONGEST_WITHOUT_STORE: u32 = 300;

/// Where connections are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// A file, relative to the working directory, or the address of a `PostgreSQL` database.
    pub database: StoreLocation,
    /// How many API keys, and of how many consumers the connections, stay in memory; 0: none, everything is read anew.
    pub cache_entries: u64,
    /// How often changes of other processes are looked for, in milliseconds; `PostgreSQL` calls as well.
    pub poll_milliseconds: u64,
    /// How long a vendor's record stays locked after the server that was writing to it has died, in seconds (`PostgreSQL`).
    pub record_lease_seconds: NonZeroU32,
    /// For how long what is in memory serves after the database was lost, in seconds: at most 300.
    pub serve_without_seconds: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            database: StoreLocation::File("trunkline.sqlite".into()),
            cache_entries: 100_000,
            poll_milliseconds: 250,
            record_lease_seconds: RECORD_LEASE_SECONDS,
            serve_without_seconds: 0,
        }
    }
}

impl Store {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.serve_without_seconds > LONGEST_WITHOUT_STORE {
            return Err(format!("serve_without_seconds: at most {LONGEST_WITHOUT_STORE}"));
        }
        Ok(())
    }
}

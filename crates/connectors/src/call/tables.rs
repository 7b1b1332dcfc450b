//! The vendor tables that were fetched, kept by connection for as long as the definition says.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use field_mapping::LookupTable;
use moka::Expiry;
use moka::future::Cache;
use vendor_client::ConnectionKey;

use crate::call::tree;

/// How many bytes of tables are kept, over all connections.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// What an entry of the cache takes beside the rows.
const ENTRY_BYTES: usize = 512;

/// How many keys that a table lacks are remembered; beyond that a table is fetched anew for each further one.
const MOST_UNKNOWN: usize = 10_000;

/// A table's connection and name.
type Place = (ConnectionKey, String);

/// The tables of every connection.
#[derive(Debug)]
pub(crate) struct Tables {
    kept: Cache<Place, Table>,
}

impl Tables {
    pub(crate) fn new() -> Self {
        let kept = Cache::builder()
            .max_capacity(MOST_BYTES)
            .weigher(|_: &Place, table: &Table| table.bytes())
            .expire_after(WhenOver)
            .build();
        Self { kept }
    }

    /// A table whose time is not over.
    pub(crate) async fn get(&self, connection: &ConnectionKey, name: &str) -> Option<Arc<LookupTable>> {
        let table = self.kept.get(&place(connection, name)).await?;
        (table.fetched.elapsed() < table.lifetime).then_some(table.rows)
    }

    /// Keeps a table that was fetched now.
    pub(crate) async fn keep(
        &self,
        connection: &ConnectionKey,
        name: &str,
        rows: &Arc<LookupTable>,
        lifetime: Duration,
    ) {
        let table = Table { rows: Arc::clone(rows), fetched: Instant::now(), lifetime, unknown: Arc::default() };
        self.kept.insert(place(connection, name), table).await;
    }

    /// Whether all the keys are known to be missing in the vendor's table as well; `None`: the table is not kept.
    pub(crate) async fn knows_to_lack(
        &self,
        connection: &ConnectionKey,
        name: &str,
        keys: &BTreeSet<String>,
    ) -> Option<bool> {
        Some(self.kept.get(&place(connection, name)).await?.knows_to_lack(keys))
    }

    /// Remembers those of the keys that the kept table lacks.
    pub(crate) async fn note_unknown(&self, connection: &ConnectionKey, name: &str, keys: BTreeSet<String>) {
        if let Some(table) = self.kept.get(&place(connection, name)).await {
            table.note_unknown(keys.into_iter());
        }
    }
}

fn place(connection: &ConnectionKey, name: &str) -> Place {
    (connection.clone(), name.to_owned())
}

#[derive(Debug, Clone)]
struct Table {
    rows: Arc<LookupTable>,
    fetched: Instant,
    lifetime: Duration,
    /// Keys that records name and that the vendor's table lacks: it is not fetched again for these before its time.
    unknown: Arc<Mutex<BTreeSet<String>>>,
}

impl Table {
    fn knows_to_lack(&self, keys: &BTreeSet<String>) -> bool {
        keys.is_subset(&self.unknown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note_unknown(&self, keys: impl Iterator<Item = String>) {
        let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if unknown.len() < MOST_UNKNOWN {
            unknown.extend(keys.filter(|key| self.rows.row(key).is_none()));
        }
    }
}

/// Tables are dropped when their time is over, whether anybody asks for them or not.
struct WhenOver;

impl Expiry<Place, Table> for WhenOver {
    fn expire_after_create(&self, _: &Place, table: &Table, _: Instant) -> Option<Duration> {
        Some(table.lifetime)
    }

    fn expire_after_update(&self, _: &Place, table: &Table, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(table.lifetime)
    }
}

impl Table {
    fn bytes(&self) -> u32 {
        let rows: usize = self.rows.rows().iter().map(tree::bytes).sum();
        u32::try_from(rows + ENTRY_BYTES).unwrap_or(u32::MAX)
    }
}

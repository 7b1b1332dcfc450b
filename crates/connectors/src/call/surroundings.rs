//! What a mapping reads and writes with in one call: tables, the zone of times, and what stands before ids.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connector_catalog::Plan;
use field_mapping::{Context, LookupTable, LookupTables, Zone};
use serde_json::Value;

/// The tables that a mapping needs for one call, and what else it reads and writes with.
#[derive(Debug, Default, Clone)]
pub(crate) struct Surroundings {
    tables: LookupTables,
    /// Those of the tables that were not fetched for this call, so that the vendor may have more rows by now.
    from_cache: BTreeSet<String>,
    zone: Zone,
    /// Put before the ids of records that come from one part of a sequence.
    id_prefix: String,
}

impl Surroundings {
    /// Those of a plan, without tables.
    pub(crate) fn of(plan: &Plan) -> Self {
        let id_prefix = plan.resource().id_prefix.clone();
        Self { zone: plan.zone(), id_prefix, ..Self::default() }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context { tables: &self.tables, zone: &self.zone, id_prefix: &self.id_prefix }
    }

    /// The row of a table; one that is missing is noted, so that the table can be fetched anew.
    pub(crate) fn row(&self, table: &str, key: &str) -> Option<&Value> {
        self.tables.row(table, key)
    }

    /// Whether a table may lack what the vendor's own has by now.
    pub(crate) fn may_be_outdated(&self) -> bool {
        !self.from_cache.is_empty()
    }

    /// Whether this table may.
    pub(crate) fn is_from_cache(&self, name: &str) -> bool {
        self.from_cache.contains(name)
    }

    /// A table, where the mapping or a side table needs it.
    pub(crate) fn table(&self, name: &str) -> Option<&LookupTable> {
        self.tables.get(name)
    }

    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Takes a table that an earlier call has fetched.
    pub(crate) fn put_kept(&mut self, name: &str, rows: Arc<LookupTable>) {
        self.from_cache.insert(name.to_owned());
        self.tables.insert(name, rows);
    }

    /// Takes a table as the vendor has it now.
    pub(crate) fn put_fresh(&mut self, name: &str, rows: Arc<LookupTable>) {
        self.from_cache.remove(name);
        self.tables.insert(name, rows);
    }

    /// The keys that were looked for since and that their tables lack.
    pub(crate) fn take_missed(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.tables.take_missed()
    }
}

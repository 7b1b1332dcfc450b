//! Small vendor tables (users, tracks) that mappings and writes look things up in, cached by connection for as long as the definition says.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use connector_catalog::{Lookup, Plan, SideTable};
use field_mapping::{Context, LookupTable, LookupTables, Mapping, Zone};
use moka::Expiry;
use moka::future::Cache;
use serde_json::Value;
use unified_model::{Operation, UnifiedRequest};
use vendor_client::{ConnectionKey, VendorBody, VendorRequest, VendorSession};

use crate::call::dialect::Dialect;
use crate::call::exchange;
use crate::call::outcome::{ConnectorError, Failure};
use crate::call::tree;
use crate::protocol::rest;
use crate::request::filters;

/// How many bytes of tables are kept, over all connections.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// A table that takes more is no small one.
const MOST_TABLE_BYTES: usize = 32 * 1024 * 1024;

/// What an entry of the cache takes beside the rows.
const ENTRY_BYTES: usize = 512;

/// A table that comes in more pages than this is no small one.
const MOST_PAGES: usize = 50;

/// How many keys that a table lacks are remembered; beyond that a table is fetched anew for each further one.
const MOST_UNKNOWN: usize = 10_000;

/// The tables of every connection.
#[derive(Debug)]
pub(crate) struct Lookups {
    tables: Cache<(ConnectionKey, String), Table>,
}

#[derive(Debug, Clone)]
struct Table {
    rows: Arc<LookupTable>,
    fetched: Instant,
    kept: Duration,
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

impl Expiry<(ConnectionKey, String), Table> for WhenOver {
    fn expire_after_create(&self, _: &(ConnectionKey, String), table: &Table, _: Instant) -> Option<Duration> {
        Some(table.kept)
    }

    fn expire_after_update(
        &self,
        _: &(ConnectionKey, String),
        table: &Table,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(table.kept)
    }
}

impl Table {
    fn bytes(&self) -> u32 {
        let rows: usize = self.rows.rows().iter().map(tree::bytes).sum();
        u32::try_from(rows + ENTRY_BYTES).unwrap_or(u32::MAX)
    }
}

/// The tables that a mapping needs for one call, and what else it reads and writes with.
#[derive(Debug, Default, Clone)]
pub(crate) struct Surroundings {
    tables: LookupTables,
    /// Those of the tables that were not fetched for this call, so that the vendor may have more rows by now.
    from_cache: BTreeSet<String>,
    zone: Zone,
    /// Put before the ids of records that come from one part of a sequence.
    pub(crate) id_prefix: String,
}

impl Surroundings {
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

    /// A table, where the mapping or a side table needs it.
    pub(crate) fn table(&self, name: &str) -> Option<&LookupTable> {
        self.tables.get(name)
    }

    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }
}

impl Lookups {
    pub(crate) fn new() -> Self {
        let tables = Cache::builder()
            .max_capacity(MOST_BYTES)
            .weigher(|_: &(ConnectionKey, String), table: &Table| table.bytes())
            .expire_after(WhenOver)
            .build();
        Self { tables }
    }

    /// The row whose key is `key`. A table from the cache that lacks it is fetched anew once, since rows are added.
    pub(crate) async fn row(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        table: &str,
        key: &str,
    ) -> Result<Option<Value>, ConnectorError> {
        let lookup = definition(plan, table)?;
        let place = (vendor.connection().clone(), table.to_owned());
        if let Some(cached) = self.cached(&place).await
            && let Some(row) = cached.row(key)
        {
            return Ok(Some(row.clone()));
        }
        let rows = self.renew(plan, request, vendor, place, lookup).await?;
        Ok(rows.row(key).cloned())
    }

    /// Whether the table has a row whose key is `key`. A vendor that does not offer the table cannot say, and counts as having it.
    pub(crate) async fn has(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        table: &str,
        key: &str,
    ) -> Result<bool, ConnectorError> {
        match self.row(plan, request, vendor, table, key).await {
            Ok(Some(_)) => Ok(true),
            Ok(None) if definition(plan, table)?.optional => {
                let place = (vendor.connection().clone(), table.to_owned());
                Ok(self.cached(&place).await.is_none_or(|rows| rows.rows().is_empty()))
            }
            Ok(None) => Ok(false),
            Err(ConnectorError::Call { failure, .. }) if is_not_offered(&failure) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// What the resource's mapping reads and writes with. A mapping that needs no table costs nothing here.
    pub(crate) async fn surroundings(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        mapping: &Mapping,
    ) -> Result<Surroundings, ConnectorError> {
        let id_prefix = plan.resource().id_prefix.clone();
        let mut surroundings = Surroundings { zone: plan.zone(), id_prefix, ..Surroundings::default() };
        let side_tables = plan.resource().side_tables.iter().flat_map(SideTable::lookups);
        let names: BTreeSet<&str> = mapping.tables().iter().map(String::as_str).chain(side_tables).collect();
        for name in names {
            let lookup = definition(plan, name)?;
            let place = (vendor.connection().clone(), name.to_owned());
            let table = match self.cached(&place).await {
                Some(table) => {
                    surroundings.from_cache.insert(name.to_owned());
                    table
                }
                None => self.renew(plan, request, vendor, place, lookup).await?,
            };
            surroundings.tables.insert(name, table);
        }
        // Rows are added: what a kept table does not know may be in a fresh one.
        let outdated: Vec<String> =
            mapping.outdated(&request.body, surroundings.context()).into_iter().map(str::to_owned).collect();
        self.replace(plan, request, vendor, &mut surroundings, outdated).await?;
        Ok(surroundings)
    }

    /// The same for a write: a field or a choice that the caller names and that a kept table lacks is looked for in a fresh one.
    pub(crate) async fn surroundings_of_write(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        dialect: &dyn Dialect,
    ) -> Result<Surroundings, ConnectorError> {
        let resource = plan.resource();
        let mut surroundings = self.surroundings(plan, request, vendor, &resource.mapping).await?;
        // A choice can be told to be unknown only by the definition of its field.
        for _ in 0..2 {
            let outdated = dialect.outdated(resource, &surroundings, &request.body);
            self.replace(plan, request, vendor, &mut surroundings, outdated).await?;
        }
        // What was asked for here says nothing of records.
        drop(surroundings.tables.take_missed());
        Ok(surroundings)
    }

    /// The surroundings with fresh tables, where reading asked a kept one for a row that it lacks; `None` where nothing is to be
    /// gained. Rows that the vendor lacks as well are remembered for as long as the table is. What cannot be fetched anew stays as
    /// it is: the record has been read.
    pub(crate) async fn refreshed(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        surroundings: &Surroundings,
    ) -> Option<Surroundings> {
        let mut fresh: Option<Surroundings> = None;
        for (name, keys) in surroundings.tables.take_missed() {
            let place = (vendor.connection().clone(), name.clone());
            let Some(kept) = self.tables.get(&place).await else { continue };
            if surroundings.from_cache.contains(&name) && !kept.knows_to_lack(&keys) {
                let Some(lookup) = plan.connector().lookups.get(&name) else { continue };
                let Ok(rows) = self.renew(plan, request, vendor, place.clone(), lookup).await else { continue };
                let fresh = fresh.get_or_insert_with(|| surroundings.clone());
                fresh.tables.insert(&name, rows);
                fresh.from_cache.remove(&name);
            }
            if let Some(kept) = self.tables.get(&place).await {
                kept.note_unknown(keys.into_iter());
            }
        }
        fresh
    }

    /// Fetches those of the tables anew that were kept.
    async fn replace(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        surroundings: &mut Surroundings,
        names: impl IntoIterator<Item = String>,
    ) -> Result<(), ConnectorError> {
        for name in names {
            if surroundings.from_cache.remove(&name) {
                let place = (vendor.connection().clone(), name.clone());
                let table = self.renew(plan, request, vendor, place, definition(plan, &name)?).await?;
                surroundings.tables.insert(name, table);
            }
        }
        Ok(())
    }

    /// A table, and whether it was kept, so that the vendor may have more rows by now.
    pub(crate) async fn table(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        table: &str,
    ) -> Result<(Arc<LookupTable>, bool), ConnectorError> {
        let place = (vendor.connection().clone(), table.to_owned());
        match self.cached(&place).await {
            Some(rows) => Ok((rows, true)),
            None => Ok((self.fresh(plan, request, vendor, table).await?, false)),
        }
    }

    /// A table as the vendor has it now.
    pub(crate) async fn fresh(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        table: &str,
    ) -> Result<Arc<LookupTable>, ConnectorError> {
        let place = (vendor.connection().clone(), table.to_owned());
        self.renew(plan, request, vendor, place, definition(plan, table)?).await
    }

    async fn cached(&self, place: &(ConnectionKey, String)) -> Option<Arc<LookupTable>> {
        let cached = self.tables.get(place).await?;
        (cached.fetched.elapsed() < cached.kept).then_some(cached.rows)
    }

    async fn renew(
        &self,
        plan: &Plan,
        request: &UnifiedRequest,
        vendor: &VendorSession,
        place: (ConnectionKey, String),
        lookup: &Lookup,
    ) -> Result<Arc<LookupTable>, ConnectorError> {
        let rows = fetch(plan, request, vendor, &place.1, lookup).await?;
        let rows = Arc::new(LookupTable::new(rows, &lookup.key));
        let unknown = Arc::default();
        let table = Table { rows: Arc::clone(&rows), fetched: Instant::now(), kept: lookup.cache, unknown };
        self.tables.insert(place, table).await;
        Ok(rows)
    }
}

fn definition<'p>(plan: &'p Plan, table: &str) -> Result<&'p Lookup, ConnectorError> {
    let lookups = &plan.connector().lookups;
    lookups.get(table).ok_or_else(|| ConnectorError::Internal(format!("there is no lookup `{table}`")))
}

/// Ids are numbers in one place and texts in another.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether the vendor has no such table for this account, rather than a bad moment or wrong credentials.
fn is_not_offered(failure: &Failure) -> bool {
    let status = match failure {
        Failure::Answered(answer) => answer.status,
        Failure::Unusable { status, .. } => *status,
        Failure::Transport(_) => return false,
    };
    matches!(status, 400 | 403 | 404 | 405 | 410)
}

async fn fetch(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    table: &str,
    lookup: &Lookup,
) -> Result<Vec<Value>, ConnectorError> {
    let step = format!("lookup-{table}");
    let path = filters::path(&lookup.request.path, plan, request)
        .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in a lookup")))?;
    let mut query = filters::parameters(&lookup.request.query, plan, request);
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for _ in 0..MOST_PAGES {
        let asked = query.clone();
        let vendor_request = VendorRequest {
            step: step.clone(),
            method: lookup.request.method.clone(),
            path: path.clone(),
            query,
            body: VendorBody::None,
            if_match: None,
            safe: true,
        };
        let reply = match exchange::call(plan.connector(), Operation::All, vendor, vendor_request).await {
            Ok(reply) => reply,
            Err(failure) if lookup.optional && is_not_offered(&failure) => break,
            Err(failure) => return Err(ConnectorError::reading(&step, failure)),
        };
        if exchange::is_empty(&reply, lookup.empty).map_err(|failure| ConnectorError::reading(&step, failure))? {
            break;
        }
        let unusable = |reason: String| ConnectorError::reading(&step, exchange::unusable(&reply, reason));
        let document: Value = serde_json::from_slice(&reply.body).map_err(|error| unusable(error.to_string()))?;
        let page = exchange::rows(&document, &lookup.records, lookup.empty)
            .ok_or_else(|| unusable("the lookup's rows are not where the definition says".to_owned()))?;
        if page.iter().any(|row| lookup.key.find(row).and_then(rest::id_text).is_none()) {
            return Err(unusable(format!("a row of the lookup has no `{}`", lookup.key)));
        }
        let page: Vec<Value> = page.into_iter().map(|row| lookup.kept(row)).collect();
        bytes += page.iter().map(tree::bytes).sum::<usize>();
        if bytes > MOST_TABLE_BYTES {
            return Err(unusable(format!("the lookup's rows take more than {MOST_TABLE_BYTES} bytes of memory")));
        }
        rows.extend(page);
        let next = lookup.next.as_ref().and_then(|next| next.find(&document)?.as_str()?.split_once('?'));
        let Some((_, further)) = next else { break };
        let further: Vec<(String, String)> = url::form_urlencoded::parse(further.as_bytes()).into_owned().collect();
        if further == asked {
            break;
        }
        query = further;
    }
    Ok(rows)
}

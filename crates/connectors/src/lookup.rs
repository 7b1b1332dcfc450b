//! Small vendor tables (users, tracks) that mappings and writes look things up in, cached by connection for as long as the definition says.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connector_catalog::{Lookup, Plan, SideTable};
use field_mapping::{Context, LookupTable, LookupTables, Mapping, Zone};
use moka::future::Cache;
use serde_json::Value;
use unified_model::{Operation, UnifiedRequest};
use vendor_client::{ConnectionKey, VendorBody, VendorRequest, VendorSession};

use crate::outcome::{ConnectorError, Failure};
use crate::{exchange, filters};

/// How many tables are kept, over all connections.
const MOST_TABLES: u64 = 4096;

/// A table that comes in more pages than this is no small one.
const MOST_PAGES: usize = 50;

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
}

/// The tables that a mapping needs for one call, and what else it reads and writes with.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    tables: LookupTables,
    zone: Zone,
    /// Put before the ids of records that come from one part of a sequence.
    pub(crate) id_prefix: String,
}

impl Surroundings {
    pub(crate) fn context(&self) -> Context<'_> {
        Context { tables: &self.tables, zone: &self.zone, id_prefix: &self.id_prefix }
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
        Self { tables: Cache::new(MOST_TABLES) }
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
        let mut kept: BTreeSet<&str> = BTreeSet::new();
        for name in names {
            let lookup = definition(plan, name)?;
            let place = (vendor.connection().clone(), name.to_owned());
            let table = match self.cached(&place).await {
                Some(table) => {
                    kept.insert(name);
                    table
                }
                None => self.renew(plan, request, vendor, place, lookup).await?,
            };
            surroundings.tables.insert(name, table);
        }
        // Rows are added: what a kept table does not know may be in a fresh one.
        for name in mapping.outdated(&request.body, surroundings.context()) {
            if kept.contains(name) {
                let place = (vendor.connection().clone(), name.to_owned());
                let table = self.renew(plan, request, vendor, place, definition(plan, name)?).await?;
                surroundings.tables.insert(name, table);
            }
        }
        Ok(surroundings)
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
        let table = Table { rows: Arc::clone(&rows), fetched: Instant::now(), kept: lookup.cache };
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
    let mut rows = Vec::new();
    for _ in 0..MOST_PAGES {
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
        if reply.status == 204 || reply.body.is_empty() {
            break;
        }
        let unusable = |reason: String| ConnectorError::reading(&step, exchange::unusable(&reply, reason));
        let document: Value = serde_json::from_slice(&reply.body).map_err(|error| unusable(error.to_string()))?;
        let Some(page) = lookup.records.elements(&document) else {
            return Err(unusable("the lookup's rows are not where the definition says".to_owned()));
        };
        rows.extend(page.iter().copied().cloned());
        let next = lookup.next.as_ref().and_then(|next| next.find(&document)?.as_str()?.split_once('?'));
        let Some((_, further)) = next.filter(|_| !page.is_empty()) else { break };
        query = url::form_urlencoded::parse(further.as_bytes()).into_owned().collect();
    }
    Ok(rows)
}

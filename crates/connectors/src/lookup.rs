//! Small vendor tables (users, tracks) that writes look things up in, cached by connection for as long as the definition says.

use std::sync::Arc;
use std::time::{Duration, Instant};

use connector_catalog::{Lookup, Plan};
use moka::future::Cache;
use serde_json::Value;
use unified_model::{Operation, UnifiedRequest};
use vendor_client::{ConnectionKey, VendorBody, VendorRequest, VendorSession};

use crate::outcome::ConnectorError;
use crate::{exchange, filters};

/// How many tables are kept, over all connections.
const MOST_TABLES: u64 = 4096;

/// The tables of every connection.
#[derive(Debug)]
pub(crate) struct Lookups {
    tables: Cache<(ConnectionKey, String), Table>,
}

#[derive(Debug, Clone)]
struct Table {
    rows: Arc<Vec<Value>>,
    fetched: Instant,
    kept: Duration,
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
        let lookup = plan
            .connector()
            .lookups
            .get(table)
            .ok_or_else(|| ConnectorError::Internal(format!("there is no lookup `{table}`")))?;
        let place = (vendor.connection().clone(), table.to_owned());
        if let Some(cached) = self.tables.get(&place).await
            && cached.fetched.elapsed() < cached.kept
            && let Some(row) = find(&cached.rows, lookup, key)
        {
            return Ok(Some(row));
        }
        let rows = Arc::new(fetch(plan, request, vendor, table, lookup).await?);
        let row = find(&rows, lookup, key);
        self.tables.insert(place, Table { rows, fetched: Instant::now(), kept: lookup.cache }).await;
        Ok(row)
    }
}

fn find(rows: &[Value], lookup: &Lookup, key: &str) -> Option<Value> {
    rows.iter().find(|row| lookup.key.find(row).is_some_and(|value| as_text(value) == key)).cloned()
}

/// Ids are numbers in one place and texts in another.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

async fn fetch(
    plan: &Plan,
    request: &UnifiedRequest,
    vendor: &VendorSession,
    table: &str,
    lookup: &Lookup,
) -> Result<Vec<Value>, ConnectorError> {
    let step = format!("lookup-{table}");
    let path = filters::path(&lookup.request.path, request)
        .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in a lookup")))?;
    let vendor_request = VendorRequest {
        step: step.clone(),
        method: lookup.request.method.clone(),
        path,
        query: filters::parameters(&lookup.request.query, request),
        body: VendorBody::None,
        safe: true,
    };
    let reply = exchange::call(plan.connector(), Operation::All, vendor, vendor_request)
        .await
        .map_err(|failure| ConnectorError::reading(&step, failure))?;
    if reply.status == 204 || reply.body.is_empty() {
        return Ok(Vec::new());
    }
    let unusable = |reason: String| ConnectorError::reading(&step, exchange::unusable(&reply, reason));
    let document: Value = serde_json::from_slice(&reply.body).map_err(|error| unusable(error.to_string()))?;
    match lookup.records.find(&document) {
        Some(Value::Array(rows)) => Ok(rows.clone()),
        _ => Err(unusable("the lookup's rows are not where the definition says".to_owned())),
    }
}

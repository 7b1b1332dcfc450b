//! Small vendor tables (users, tracks) that mappings and writes look things up in, fetched where they are not kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use connector_catalog::{Lookup, Plan, SideTable};
use field_mapping::LookupTable;
use serde_json::Value;
use unified_model::Operation;
use vendor_client::{VendorBody, VendorRequest};

use crate::call::context::CallContext;
use crate::call::ids::id_text;
use crate::call::outcome::{ConnectorError, Failure};
use crate::call::surroundings::Surroundings;
use crate::call::{exchange, tree};
use crate::request::filters;

/// A table that takes more is no small one.
const MOST_TABLE_BYTES: usize = 32 * 1024 * 1024;

/// A table that comes in more pages than this is no small one.
const MOST_PAGES: usize = 50;

/// The row whose key is `key`. A kept table that lacks it is fetched anew once, since rows are added.
pub(crate) async fn row(context: CallContext<'_>, table: &str, key: &str) -> Result<Option<Value>, ConnectorError> {
    let lookup = definition(context.plan, table)?;
    if let Some(kept) = kept(context, table).await
        && let Some(row) = kept.row(key)
    {
        return Ok(Some(row.clone()));
    }
    let rows = renew(context, table, lookup).await?;
    Ok(rows.row(key).cloned())
}

/// Whether the table has a row whose key is `key`. A vendor that does not offer the table cannot say, and counts as having it.
pub(crate) async fn has(context: CallContext<'_>, table: &str, key: &str) -> Result<bool, ConnectorError> {
    match row(context, table, key).await {
        Ok(Some(_)) => Ok(true),
        Ok(None) if definition(context.plan, table)?.optional => {
            Ok(kept(context, table).await.is_none_or(|rows| rows.rows().is_empty()))
        }
        Ok(None) => Ok(false),
        Err(ConnectorError::Call { failure, .. }) if is_not_offered(&failure) => Ok(true),
        Err(error) => Err(error),
    }
}

/// What the resource's mapping reads and writes with. A mapping that needs no table costs nothing here.
pub(crate) async fn surroundings(context: CallContext<'_>) -> Result<Surroundings, ConnectorError> {
    let mapping = &context.resource().mapping;
    let mut surroundings = Surroundings::of(context.plan);
    let side_tables = context.resource().side_tables.iter().flat_map(SideTable::lookups);
    let names: BTreeSet<&str> = mapping.tables().iter().map(String::as_str).chain(side_tables).collect();
    for name in names {
        let lookup = definition(context.plan, name)?;
        match kept(context, name).await {
            Some(rows) => surroundings.put_kept(name, rows),
            None => surroundings.put_fresh(name, renew(context, name, lookup).await?),
        }
    }
    // Rows are added: what a kept table does not know may be in a fresh one.
    let outdated: Vec<String> =
        mapping.outdated(&context.request.body, surroundings.context()).into_iter().map(str::to_owned).collect();
    replace(context, &mut surroundings, outdated).await?;
    Ok(surroundings)
}

/// The same for a write: a field or a choice that the caller names and that a kept table lacks is looked for in a fresh one.
pub(crate) async fn surroundings_of_write(context: CallContext<'_>) -> Result<Surroundings, ConnectorError> {
    let mut surroundings = surroundings(context).await?;
    // A choice can be told to be unknown only by the definition of its field.
    for _ in 0..2 {
        let outdated = context.dialect.outdated(context.resource(), &surroundings, &context.request.body);
        replace(context, &mut surroundings, outdated).await?;
    }
    // What was asked for here says nothing of records.
    drop(surroundings.take_missed());
    Ok(surroundings)
}

/// The surroundings with fresh tables, where reading asked a kept one for a row that it lacks; `None` where nothing is to be
/// gained. Rows that the vendor lacks as well are remembered for as long as the table is. What cannot be fetched anew stays as
/// it is: the record has been read.
pub(crate) async fn refreshed(context: CallContext<'_>, surroundings: &Surroundings) -> Option<Surroundings> {
    let connection = context.vendor.connection();
    let mut fresh: Option<Surroundings> = None;
    for (name, keys) in surroundings.take_missed() {
        let Some(is_known) = context.tables.knows_to_lack(connection, &name, &keys).await else { continue };
        if surroundings.is_from_cache(&name) && !is_known {
            let Some(lookup) = context.connector().lookups.get(&name) else { continue };
            let Ok(rows) = renew(context, &name, lookup).await else { continue };
            fresh.get_or_insert_with(|| surroundings.clone()).put_fresh(&name, rows);
        }
        context.tables.note_unknown(connection, &name, keys).await;
    }
    fresh
}

/// A table, and whether it was kept, so that the vendor may have more rows by now.
pub(crate) async fn table(context: CallContext<'_>, table: &str) -> Result<(Arc<LookupTable>, bool), ConnectorError> {
    match kept(context, table).await {
        Some(rows) => Ok((rows, true)),
        None => Ok((fresh(context, table).await?, false)),
    }
}

/// A table as the vendor has it now.
pub(crate) async fn fresh(context: CallContext<'_>, table: &str) -> Result<Arc<LookupTable>, ConnectorError> {
    renew(context, table, definition(context.plan, table)?).await
}

/// Fetches those of the tables anew that were kept.
async fn replace(
    context: CallContext<'_>,
    surroundings: &mut Surroundings,
    names: impl IntoIterator<Item = String>,
) -> Result<(), ConnectorError> {
    for name in names {
        if surroundings.is_from_cache(&name) {
            let rows = renew(context, &name, definition(context.plan, &name)?).await?;
            surroundings.put_fresh(&name, rows);
        }
    }
    Ok(())
}

async fn kept(context: CallContext<'_>, table: &str) -> Option<Arc<LookupTable>> {
    context.tables.get(context.vendor.connection(), table).await
}

async fn renew(context: CallContext<'_>, table: &str, lookup: &Lookup) -> Result<Arc<LookupTable>, ConnectorError> {
    let rows = fetch(context, table, lookup).await?;
    let rows = Arc::new(LookupTable::new(rows, &lookup.key));
    context.tables.keep(context.vendor.connection(), table, &rows, lookup.cache).await;
    Ok(rows)
}

fn definition<'p>(plan: &'p Plan, table: &str) -> Result<&'p Lookup, ConnectorError> {
    let lookups = &plan.connector().lookups;
    lookups.get(table).ok_or_else(|| ConnectorError::Internal(format!("there is no lookup `{table}`")))
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

async fn fetch(context: CallContext<'_>, table: &str, lookup: &Lookup) -> Result<Vec<Value>, ConnectorError> {
    let step = format!("lookup-{table}");
    let path = filters::path(&lookup.request.path, context.plan, context.request)
        .map_err(|hole| ConnectorError::Internal(format!("{hole} has no value in a lookup")))?;
    let mut query = filters::parameters(&lookup.request.query, context.plan, context.request);
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
        let reply = match exchange::call(context, Operation::All, vendor_request).await {
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
        if page.iter().any(|row| lookup.key.find(row).and_then(id_text).is_none()) {
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

//! What is done before a write's first step: everything that can fail without touching anything fails here.

use connector_catalog::{Encoding, MemberSource, Plan, Send};
use futures_util::future::try_join_all;
use serde_json::Value;

use super::change::Change;
use super::choose::Call;
use super::draw::{self, Drawn, Rows};
use super::place::Places;
use super::run;
use crate::call::context::CallContext;
use crate::call::ids::as_text;
use crate::call::outcome::ConnectorError;
use crate::lookup;
use crate::request::pass_through;

/// Stands for an id that the vendor has not given yet.
const PENDING: &str = "pending";

/// Looks up what the steps send, all at once.
pub(super) async fn rows(
    context: CallContext<'_>,
    calls: &[Call<'_>],
    change: &Change,
) -> Result<Rows, ConnectorError> {
    let mut wanted = Vec::new();
    for call in calls {
        let Send::Members(members) = &call.step.send else { continue };
        for (name, source) in members {
            if let MemberSource::Lookup { table, by, take } = source
                && let Some(key) = by.find(&change.part).filter(|key| !key.is_null())
            {
                wanted.push(async move {
                    let key = as_text(key);
                    let row = lookup::row(context, table, &key).await?;
                    let found = row.as_ref().and_then(|row| take.find(row)).cloned();
                    let value: Value = found.ok_or_else(|| unknown_row(context.plan, table, &key))?;
                    Ok::<_, ConnectorError>(((call.step.id.clone(), name.clone()), value))
                });
            }
        }
    }
    Ok(try_join_all(wanted).await?.into_iter().collect())
}

fn unknown_row(plan: &Plan, table: &str, key: &str) -> ConnectorError {
    ConnectorError::BadRequest {
        at: table.to_owned(),
        message: format!("{} has no entry `{key}` in {table}; nothing was written", plan.connector().name),
    }
}

/// Fills every request once, with stand-ins for ids that are still to come. Says whether any of them writes.
pub(super) fn rehearse(
    context: CallContext<'_>,
    calls: &[Call<'_>],
    change: &Change,
    rows: &Rows,
) -> Result<bool, ConnectorError> {
    let linked = context.dialect.conventions().linked;
    let mut writes = false;
    for call in calls {
        for item in super::items(call) {
            let places = Places { context, change, item, pending: Some(PENDING) };
            let drawn = draw::draw(call.step, places, rows);
            let request = &call.step.request;
            let is_skipped = matches!(drawn, Drawn::Empty(_)) && call.extensions.is_empty();
            writes |= !is_skipped && !call.step.is_read();
            if let Drawn::Empty(mut body) | Drawn::Body(mut body) = drawn {
                for extension in &call.extensions {
                    pass_through::body(extension, &mut body)?;
                }
                if request.encode == Encoding::Link && linked(&body).is_none() {
                    return Err(run::no_link(&call.step.id));
                }
            }
            places.path(request, &call.step.id)?;
            places.query(request, &call.step.id)?;
        }
    }
    Ok(writes)
}

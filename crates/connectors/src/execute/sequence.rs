//! Several vendor entities as one resource: listed one after the other, told apart by what stands before their ids.

use connector_catalog::Plan;
use unified_model::{Operation, Position, RecordId, UnifiedRequest};

use super::{entity, parts};
use crate::call::context::CallContext;
use crate::call::outcome::{ConnectorError, OutcomeData, VendorOutcome};
use crate::read::{list, records};

/// Carries out a plan of a sequence.
pub(super) async fn execute(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    match context.plan.operation() {
        Operation::All => all(context).await,
        Operation::Add => add(context).await,
        Operation::One | Operation::Update | Operation::Delete => of_record(context).await,
    }
}

/// The first part that has a place for such a record makes it.
async fn add(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    // An end that follows from a duration is an end.
    let accepts = |part: &Plan| {
        let resource = part.resource();
        resource.takes.accepts(&resource.mapping.completed(&request.body))
    };
    let part = plan.parts().filter(Plan::is_offered).find(accepts);
    let part = part.ok_or_else(|| ConnectorError::BadRequest {
        at: "body".to_owned(),
        message: format!("{} has no place for such a record; nothing was written", plan.connector().name),
    })?;
    let outcome = entity::execute(context.with_plan(&part, request)).await;
    prefixed(outcome, &part.resource().id_prefix, None)
}

async fn of_record(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    let id = context.id("a record without an id")?;
    let (part, own) = belongs(context.plan, &id)?;
    let request = UnifiedRequest { id: Some(own), ..context.request.clone() };
    let outcome = entity::execute(context.with_plan(&part, &request)).await;
    prefixed(outcome, &part.resource().id_prefix, Some(&id))
}

/// The entity that a record belongs to, and the vendor's own id of it.
pub(crate) fn belongs(plan: &Plan, id: &RecordId) -> Result<(Plan, RecordId), ConnectorError> {
    let own = |part: Plan| {
        let own = id.as_str().strip_prefix(&part.resource().id_prefix)?.parse().ok()?;
        Some((part, own))
    };
    let (part, own) = plan.parts().find_map(own).ok_or_else(|| ConnectorError::NotFound(id.clone()))?;
    if part.is_offered() { Ok((part, own)) } else { Err(ConnectorError::NotOffered(part.refusal())) }
}

/// What an entity answered, its ids as callers know them.
fn prefixed(
    outcome: Result<VendorOutcome, ConnectorError>,
    prefix: &str,
    asked: Option<&RecordId>,
) -> Result<VendorOutcome, ConnectorError> {
    let with_prefix = |id: RecordId| format!("{prefix}{}", id.as_str()).parse().unwrap_or(id);
    match outcome {
        Ok(mut outcome) => {
            if let OutcomeData::Written(id) = outcome.data {
                outcome.data = OutcomeData::Written(with_prefix(id));
            }
            Ok(outcome)
        }
        Err(ConnectorError::NotFound(id)) => {
            Err(ConnectorError::NotFound(asked.cloned().unwrap_or_else(|| with_prefix(id))))
        }
        Err(ConnectorError::Call { failure, mut progress }) => {
            progress.created = progress.created.map(with_prefix);
            Err(ConnectorError::Call { failure, progress })
        }
        Err(ConnectorError::Conflict { contention, mut progress }) => {
            progress.created = progress.created.map(with_prefix);
            Err(ConnectorError::Conflict { contention, progress })
        }
        Err(error) => Err(error),
    }
}

/// A page, which begins in one list and may end in another.
async fn all(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let parts: Vec<Plan> = plan.parts().filter(Plan::is_offered).collect();
    let carrying = parts::carrying(&parts, request)?;
    parts::refuse_what_some_reserve(&parts, &carrying, request)?;
    let (mut place, mut at) = match &request.position {
        None => (0, None),
        Some(Position::Part { part, at }) => (usize::from(*part), at.as_deref().cloned()),
        Some(_) => return Err(ConnectorError::ForeignPosition),
    };
    let mut page: Option<VendorOutcome> = None;
    let next = loop {
        let Some(part) = parts.get(place) else { break None };
        if !carrying.contains(&place) {
            place += 1;
            continue;
        }
        let count = page.as_ref().map_or(0, count);
        if count >= usize::from(request.limit) {
            break Some(position(place, None));
        }
        let wanted = request.limit - u16::try_from(count).unwrap_or(request.limit);
        let pass_through_query = parts::pass_through(&parts, part, request);
        let own = UnifiedRequest { limit: wanted, position: at.take(), pass_through_query, ..request.clone() };
        let mut more = entity::execute(context.with_plan(part, &own)).await?;
        let OutcomeData::Page { next, previous, .. } = &mut more.data else { break None };
        // A page that began in the list before cannot be stepped back to.
        let is_within = |at: &Position| place == 0 || !matches!(at, Position::Short { .. });
        *previous = previous.take().filter(is_within).map(|at| position(place, Some(at)));
        let goes_on = next.take();
        page = Some(match page {
            None => more,
            Some(page) => joined(page, more),
        });
        if let Some(at) = goes_on {
            break Some(position(place, Some(at)));
        }
        place += 1;
    };
    let mut page = page.ok_or(ConnectorError::ForeignPosition)?;
    page.warnings.extend(parts::left_out(&parts, &carrying));
    if let OutcomeData::Page { next: end, total, .. } = &mut page.data {
        // Only a page that holds the ends of all lists knows how many records there are in them.
        *total = total.filter(|_| next.is_none() && request.position.is_none());
        *end = next;
    }
    Ok(page)
}

fn position(part: usize, at: Option<Position>) -> Position {
    Position::Part { part: u16::try_from(part).unwrap_or(u16::MAX), at: at.map(Box::new) }
}

fn count(outcome: &VendorOutcome) -> usize {
    match &outcome.data {
        OutcomeData::Page { count, .. } => *count,
        OutcomeData::Record(_) | OutcomeData::Written(_) => 0,
    }
}

/// Two lists' shares of one page.
fn joined(mut page: VendorOutcome, more: VendorOutcome) -> VendorOutcome {
    if let (
        OutcomeData::Page { records, count, total, .. },
        OutcomeData::Page { records: more_records, count: more_count, total: more_total, .. },
    ) = (&mut page.data, more.data)
    {
        records::append(records, &more_records);
        *count += more_count;
        *total = total.zip(more_total).map(|(total, more)| total + more);
    }
    page.warnings.extend(more.warnings);
    for mut exchange in more.exchanges {
        exchange.step = list::numbered(page.exchanges.len());
        page.exchanges.push(exchange);
    }
    page
}

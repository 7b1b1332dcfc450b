//! Writing: what the caller sent becomes the vendor calls that carry it, in order, each at most once.

mod change;
mod choose;
mod completed;
mod draw;
mod entries;
mod field_ids;
mod new_id;
mod one_of;
mod place;
mod prepare;
mod references;
mod removal;
mod run;
mod turns;

use connector_catalog::{DeletePlan, RequestTemplate, Send, Step, StepCondition, WritePlan};
use field_mapping::{Context, Mapping, Refusal};
use unified_model::{RecordId, UnifiedRequest};

use crate::call::context::CallContext;
use crate::call::outcome::{ConnectorError, VendorOutcome};
use crate::call::surroundings::Surroundings;
use crate::lookup;
use crate::read::current;
use change::Change;
use choose::Call;
use entries::Entry;
use run::Writing;
use turns::Turns;

/// Makes a record.
pub(crate) async fn add(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    let mut turns = Turns::default();
    let request = &field_ids::found(context).await?;
    let outcome = added(context.with_request(request), &mut turns).await;
    turns.end().await;
    outcome
}

async fn added(context: CallContext<'_>, turns: &mut Turns) -> Result<VendorOutcome, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let resource = plan.resource();
    let write = resource.add.as_ref().ok_or_else(|| ConnectorError::Internal("an add without a plan".to_owned()))?;
    refuse(&resource.mapping, request)?;
    let surroundings = lookup::surroundings_of_write(context).await?;
    let mapped = resource.mapping.write_new(&request.body, resource.kind.as_ref(), surroundings.context());
    let mut change = Change::new_record(mapped);
    if let Some(member) = &resource.mint {
        change.mint(member, (context.mint)());
    }
    change.complete(context, &surroundings);
    change.follow(plan);
    one_of::settle(context, &mut change).await?;
    change.check_required(plan)?;
    references::check(context, &change, &surroundings).await?;
    carry_out(context, write, change, turns).await
}

/// Changes a record.
pub(crate) async fn update(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    let mut turns = Turns::default();
    let request = &field_ids::found(context).await?;
    let outcome = updated(context.with_request(request), &mut turns).await;
    turns.end().await;
    outcome
}

async fn updated(context: CallContext<'_>, turns: &mut Turns) -> Result<VendorOutcome, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let resource = plan.resource();
    let write =
        resource.update.as_ref().ok_or_else(|| ConnectorError::Internal("an update without a plan".to_owned()))?;
    refuse(&resource.mapping, request)?;
    if write.reads_current_with(plan.settings()) || needs_current(context) {
        turns.lock_record(context).await?;
    }
    match read_and_update(context, write, turns).await {
        Err(error) if error.is_outdated() => read_and_update(context, write, turns).await,
        outcome => outcome,
    }
}

/// Whether the record has to be read before a part of it can be written.
fn needs_current(context: CallContext<'_>) -> bool {
    let resource = context.resource();
    resource.one.is_some() && resource.mapping.needs_current(&context.request.body)
}

async fn read_and_update(
    context: CallContext<'_>,
    write: &WritePlan,
    turns: &mut Turns,
) -> Result<VendorOutcome, ConnectorError> {
    let id = id_of(context)?;
    let surroundings = lookup::surroundings_of_write(context).await?;
    let mut change = changed(context, write, id, &surroundings).await?;
    one_of::settle(context, &mut change).await?;
    references::check(context, &change, &surroundings).await?;
    carry_out(context, write, change, turns).await
}

/// What the request changes of the record, which is read first where the write needs it.
async fn changed(
    context: CallContext<'_>,
    write: &WritePlan,
    id: RecordId,
    surroundings: &Surroundings,
) -> Result<Change, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let resource = plan.resource();
    if write.reads_current_with(plan.settings()) {
        let current = current::read(context, surroundings).await?;
        let written = resource.mapping.write_over(&current.record, &request.body, surroundings.context());
        let mut change = Change::over(id, current, written);
        change.keep_kind(plan);
        change.complete(context, surroundings);
        change.follow(plan);
        change.tell_apart(plan);
        change.check_required(plan)?;
        return Ok(change);
    }
    if needs_current(context) {
        // The vendor takes a list as a whole: what the caller does not see of it goes back as it is.
        let current = current::read(context, surroundings).await?;
        let written = resource.mapping.write_patch_over(&current.record, &request.body, surroundings.context());
        return Ok(Change::patch(id, written).of_version(current.version));
    }
    if resource.deleted.mark().is_some() {
        // A deleted record does not change, which only reading it can tell.
        current::read(context, surroundings).await?;
    }
    Ok(Change::patch(id, resource.mapping.write_patch(&request.body, surroundings.context())))
}

/// Removes a record.
pub(crate) async fn delete(context: CallContext<'_>) -> Result<VendorOutcome, ConnectorError> {
    let mut turns = Turns::default();
    let outcome = deleted(context, &mut turns).await;
    turns.end().await;
    outcome
}

async fn deleted(context: CallContext<'_>, turns: &mut Turns) -> Result<VendorOutcome, ConnectorError> {
    let resource = context.resource();
    let delete =
        resource.delete.as_ref().ok_or_else(|| ConnectorError::Internal("a delete without a plan".to_owned()))?;
    // An update that has read the record must not write it anew once it is gone.
    let settings = context.plan.settings();
    let update_reads = resource.update.as_ref().is_some_and(|update| update.reads_current_with(settings));
    if delete.reads_current || update_reads {
        turns.lock_record(context).await?;
    }
    match read_and_delete(context, delete, turns).await {
        Err(error) if error.is_outdated() => read_and_delete(context, delete, turns).await,
        outcome => outcome,
    }
}

async fn read_and_delete(
    context: CallContext<'_>,
    delete: &DeletePlan,
    turns: &Turns,
) -> Result<VendorOutcome, ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let named = removal::named(plan, delete, request)?;
    // What names a parent is no parameter of the vendor's.
    let request = &UnifiedRequest { pass_through_query: Vec::new(), parent: named.parent(request), ..request.clone() };
    let context = context.with_request(request);
    let mut change = Change::removal(id_of(context)?);
    if delete.reads_current {
        let current = current::read(context, &Surroundings::default()).await?;
        change.warnings.extend(removal::check(plan, delete, &named, &current.record)?);
        change = change.of_version(current.version);
    }
    let (template, send) = named.request(delete);
    let step = only_step(plan.operation().as_str(), template, send);
    let call = Call { step: &step, entries: None, extensions: Vec::new() };
    Writing::new(context, change, turns).run(&[call]).await
}

/// What `add` and `update` share: the steps are chosen, what they look up is found, and then they run.
async fn carry_out(
    context: CallContext<'_>,
    write: &WritePlan,
    mut change: Change,
    turns: &mut Turns,
) -> Result<VendorOutcome, ConnectorError> {
    completed::complete(context, &mut change).await?;
    let (calls, left_out) = choose::calls(context, write, &change)?;
    change.warnings.extend(left_out);
    turns.lock_reads(context, &calls, &change).await?;
    let rows = prepare::rows(context, &calls, &change).await?;
    let writes = prepare::rehearse(context, &calls, &change, &rows)?;
    if change.is_new && !writes {
        return Err(ConnectorError::NotCarried { fields: Vec::new() });
    }
    Writing::new(context, change, turns).with_rows(rows).run(&calls).await
}

/// What no vendor value stands for is the caller's to change, before the vendor is asked anything.
fn refuse(mapping: &Mapping, request: &UnifiedRequest) -> Result<(), ConnectorError> {
    match mapping.write_patch(&request.body, Context::default()).refused.into_iter().next() {
        Some(Refusal { field, message }) => Err(ConnectorError::BadRequest { at: field, message }),
        None => Ok(()),
    }
}

fn id_of(context: CallContext<'_>) -> Result<RecordId, ConnectorError> {
    context.id("a record is changed without an id")
}

fn only_step(id: &str, request: &RequestTemplate, send: &Send) -> Step {
    Step {
        id: id.to_owned(),
        when: StepCondition::default(),
        for_each: None,
        request: request.clone(),
        send: send.clone(),
        wrap: Vec::new(),
        must_have: Vec::new(),
        optional: false,
        new_id: None,
        undo: None,
        may_be_gone: false,
        warning: None,
    }
}

/// What a step goes through: its entries, or once nothing.
fn items<'c>(call: &'c Call<'_>) -> Vec<Option<&'c Entry>> {
    match &call.entries {
        None => vec![None],
        Some(entries) => entries.iter().map(Some).collect(),
    }
}

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

use connector_catalog::{DeletePlan, Plan, RequestTemplate, Send, Step, StepCondition, WritePlan};
use field_mapping::{Context, Mapping, Refusal};
use unified_model::{RecordId, UnifiedRequest};
use vendor_client::VendorSession;

use crate::call::dialect::Dialect;
use crate::call::outcome::{ConnectorError, VendorOutcome};
use crate::lookup::{Lookups, Surroundings};
use crate::read::current;
use change::Change;
use choose::Call;
use entries::Entry;
use run::Writing;
use turns::Turns;

/// How an id is made where the vendor lets its callers choose. A parameter, so that tests can foresee it.
pub type Mint = fn() -> RecordId;

/// What a write is carried out with.
#[derive(Clone, Copy)]
pub(crate) struct Means<'a> {
    pub(crate) vendor: &'a VendorSession,
    pub(crate) lookups: &'a Lookups,
    pub(crate) dialect: &'a dyn Dialect,
    pub(crate) mint: Mint,
}

pub(crate) async fn add(
    plan: &Plan,
    request: &UnifiedRequest,
    means: Means<'_>,
) -> Result<VendorOutcome, ConnectorError> {
    let mut turns = Turns::default();
    let request = &field_ids::found(plan, request, means).await?;
    let outcome = added(plan, request, means, &mut turns).await;
    turns.end().await;
    outcome
}

async fn added(
    plan: &Plan,
    request: &UnifiedRequest,
    means: Means<'_>,
    turns: &mut Turns,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let write = resource.add.as_ref().ok_or_else(|| ConnectorError::Internal("an add without a plan".to_owned()))?;
    refuse(&resource.mapping, request)?;
    let surroundings = means.lookups.surroundings_of_write(plan, request, means.vendor, means.dialect).await?;
    let context = surroundings.context();
    let mut change = Change::new_record(resource.mapping.write_new(&request.body, resource.kind.as_ref(), context));
    if let Some(member) = &resource.mint {
        change.mint(member, (means.mint)());
    }
    change.complete(plan, &surroundings, means);
    change.follow(plan);
    one_of::settle(plan, request, &mut change, means).await?;
    change.check_required(plan)?;
    references::check(plan, request, &change, context, means).await?;
    carry_out(plan, write, request, change, means, turns).await
}

pub(crate) async fn update(
    plan: &Plan,
    request: &UnifiedRequest,
    means: Means<'_>,
) -> Result<VendorOutcome, ConnectorError> {
    let mut turns = Turns::default();
    let request = &field_ids::found(plan, request, means).await?;
    let outcome = updated(plan, request, means, &mut turns).await;
    turns.end().await;
    outcome
}

async fn updated(
    plan: &Plan,
    request: &UnifiedRequest,
    means: Means<'_>,
    turns: &mut Turns,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let write =
        resource.update.as_ref().ok_or_else(|| ConnectorError::Internal("an update without a plan".to_owned()))?;
    refuse(&resource.mapping, request)?;
    if write.reads_current_with(plan.settings()) || needs_current(plan, request) {
        turns.lock_record(plan, request, means.vendor).await?;
    }
    match read_and_update(plan, write, request, means, turns).await {
        Err(error) if error.is_outdated() => read_and_update(plan, write, request, means, turns).await,
        outcome => outcome,
    }
}

/// Whether the record has to be read before a part of it can be written.
fn needs_current(plan: &Plan, request: &UnifiedRequest) -> bool {
    let resource = plan.resource();
    resource.one.is_some() && resource.mapping.needs_current(&request.body)
}

async fn read_and_update(
    plan: &Plan,
    write: &WritePlan,
    request: &UnifiedRequest,
    means: Means<'_>,
    turns: &mut Turns,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let id = id_of(request)?;
    let surroundings = means.lookups.surroundings_of_write(plan, request, means.vendor, means.dialect).await?;
    let context = surroundings.context();
    let mut change = if write.reads_current_with(plan.settings()) {
        let current = current::read(plan, request, means.vendor, means.dialect, &surroundings).await?;
        let written = resource.mapping.write_over(&current.record, &request.body, context);
        let mut change = Change::over(id, current, written);
        change.keep_kind(plan);
        change.complete(plan, &surroundings, means);
        change.follow(plan);
        change.tell_apart(plan);
        change.check_required(plan)?;
        change
    } else if needs_current(plan, request) {
        // The vendor takes a list as a whole: what the caller does not see of it goes back as it is.
        let current = current::read(plan, request, means.vendor, means.dialect, &surroundings).await?;
        let written = resource.mapping.write_patch_over(&current.record, &request.body, context);
        Change::patch(id, written).of_version(current.version)
    } else {
        if resource.deleted.mark().is_some() {
            // A deleted record does not change, which only reading it can tell.
            current::read(plan, request, means.vendor, means.dialect, &surroundings).await?;
        }
        Change::patch(id, resource.mapping.write_patch(&request.body, context))
    };
    one_of::settle(plan, request, &mut change, means).await?;
    references::check(plan, request, &change, context, means).await?;
    carry_out(plan, write, request, change, means, turns).await
}

pub(crate) async fn delete(
    plan: &Plan,
    request: &UnifiedRequest,
    means: Means<'_>,
) -> Result<VendorOutcome, ConnectorError> {
    let mut turns = Turns::default();
    let outcome = deleted(plan, request, means, &mut turns).await;
    turns.end().await;
    outcome
}

async fn deleted(
    plan: &Plan,
    request: &UnifiedRequest,
    means: Means<'_>,
    turns: &mut Turns,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let delete =
        resource.delete.as_ref().ok_or_else(|| ConnectorError::Internal("a delete without a plan".to_owned()))?;
    // An update that has read the record must not write it anew once it is gone.
    let update_reads = resource.update.as_ref().is_some_and(|update| update.reads_current_with(plan.settings()));
    if delete.reads_current || update_reads {
        turns.lock_record(plan, request, means.vendor).await?;
    }
    match read_and_delete(plan, delete, request, means, turns).await {
        Err(error) if error.is_outdated() => read_and_delete(plan, delete, request, means, turns).await,
        outcome => outcome,
    }
}

async fn read_and_delete(
    plan: &Plan,
    delete: &DeletePlan,
    request: &UnifiedRequest,
    means: Means<'_>,
    turns: &Turns,
) -> Result<VendorOutcome, ConnectorError> {
    let named = removal::named(plan, delete, request)?;
    // What names a parent is no parameter of the vendor's.
    let request = &UnifiedRequest { pass_through_query: Vec::new(), parent: named.parent(request), ..request.clone() };
    let mut change = Change::removal(id_of(request)?);
    if delete.reads_current {
        let current = current::read(plan, request, means.vendor, means.dialect, &Surroundings::default()).await?;
        change.warnings.extend(removal::check(plan, delete, &named, &current.record)?);
        change = change.of_version(current.version);
    }
    let (template, send) = named.request(delete);
    let step = only_step(plan.operation().as_str(), template, send);
    let call = Call { step: &step, entries: None, extensions: Vec::new() };
    Writing::new(plan, request, means.vendor, change, turns).run(&[call]).await
}

/// What `add` and `update` share: the steps are chosen, what they look up is found, and then they run.
async fn carry_out(
    plan: &Plan,
    write: &WritePlan,
    request: &UnifiedRequest,
    mut change: Change,
    means: Means<'_>,
    turns: &mut Turns,
) -> Result<VendorOutcome, ConnectorError> {
    completed::complete(plan, request, means, &mut change).await?;
    let (calls, left_out) = choose::calls(plan, write, request, &change)?;
    change.warnings.extend(left_out);
    turns.lock_reads(plan, request, &calls, &change, means.vendor).await?;
    let rows = prepare::rows(plan, request, means.vendor, means.lookups, &calls, &change).await?;
    let writes = prepare::rehearse(plan, request, &calls, &change, &rows)?;
    if change.is_new && !writes {
        return Err(ConnectorError::NotCarried { fields: Vec::new() });
    }
    Writing::new(plan, request, means.vendor, change, turns).with_rows(rows).run(&calls).await
}

/// What no vendor value stands for is the caller's to change, before the vendor is asked anything.
fn refuse(mapping: &Mapping, request: &UnifiedRequest) -> Result<(), ConnectorError> {
    match mapping.write_patch(&request.body, Context::default()).refused.into_iter().next() {
        Some(Refusal { field, message }) => Err(ConnectorError::BadRequest { at: field, message }),
        None => Ok(()),
    }
}

fn id_of(request: &UnifiedRequest) -> Result<RecordId, ConnectorError> {
    request.id.clone().ok_or_else(|| ConnectorError::Internal("a record is changed without an id".to_owned()))
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

//! Writing: what the caller sent becomes the vendor calls that carry it, in order, each at most once.

mod change;
mod choose;
mod draw;
mod entries;
mod new_id;
mod place;
mod prepare;
mod run;
mod turns;

use std::collections::BTreeSet;

use connector_catalog::{DeletePlan, Plan, RequestTemplate, Send, Step, StepCondition, WritePlan};
use unified_model::{RecordId, UnifiedRequest};
use vendor_client::VendorSession;

use crate::current;
use crate::dialect::Dialect;
use crate::lookup::{Lookups, Surroundings};
use crate::outcome::{ConnectorError, VendorOutcome};
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
    let surroundings = means.lookups.surroundings(plan, request, means.vendor, &resource.mapping).await?;
    let context = surroundings.context();
    let mut change = Change::new_record(resource.mapping.write_new(&request.body, resource.kind.as_ref(), context));
    if let Some(member) = &resource.mint {
        change.mint(member, (means.mint)());
    }
    change.complete(plan, &surroundings, means);
    change.check_required(plan)?;
    carry_out(plan, write, request, change, means, turns).await
}

pub(crate) async fn update(
    plan: &Plan,
    request: &UnifiedRequest,
    means: Means<'_>,
) -> Result<VendorOutcome, ConnectorError> {
    let mut turns = Turns::default();
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
    if write.reads_current || !lists_to_read(plan, write, request).is_empty() {
        turns.lock_record(plan, request, means.vendor).await?;
    }
    match read_and_update(plan, write, request, means, turns).await {
        Err(error) if error.is_outdated() => read_and_update(plan, write, request, means, turns).await,
        outcome => outcome,
    }
}

/// The vendor lists whose other elements have to be read before a change of some of them: the vendor takes a list as a whole.
fn lists_to_read(plan: &Plan, write: &WritePlan, request: &UnifiedRequest) -> BTreeSet<String> {
    let resource = plan.resource();
    if write.reads_current || resource.one.is_none() {
        return BTreeSet::new();
    }
    resource.mapping.lists_in_part(&request.body)
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
    let surroundings = means.lookups.surroundings(plan, request, means.vendor, &resource.mapping).await?;
    let context = surroundings.context();
    let change = if write.reads_current {
        let current = current::read(plan, request, means.vendor, means.dialect, &surroundings).await?;
        let written = resource.mapping.write_over(&current.record, &request.body, context);
        let mut change = Change::over(id, current, written);
        change.keep_kind(plan);
        change.complete(plan, &surroundings, means);
        change.check_required(plan)?;
        change
    } else {
        let mut patch = resource.mapping.write_patch(&request.body, context);
        let lists = lists_to_read(plan, write, request);
        let mut version = None;
        // Nor does a deleted record change, which only reading it can tell.
        if !lists.is_empty() || resource.deleted.mark().is_some() {
            let current = current::read(plan, request, means.vendor, means.dialect, &surroundings).await?;
            let mut over = resource.mapping.write_over(&current.record, &request.body, context).record;
            version = current.version.filter(|_| !lists.is_empty());
            patch.record.extend(lists.into_iter().filter_map(|name| over.remove_entry(&name)));
        }
        Change::patch(id, patch).of_version(version)
    };
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
    if delete.reads_current || resource.update.as_ref().is_some_and(|update| update.reads_current) {
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
    let mut change = Change::removal(id_of(request)?);
    if delete.reads_current {
        let current = current::read(plan, request, means.vendor, means.dialect, &Surroundings::default()).await?;
        change = change.of_version(current.version);
    }
    let step = only_step(plan.operation().as_str(), &delete.request, &delete.send);
    let call = Call { step: &step, entries: None, extensions: Vec::new() };
    Writing::new(plan, request, means.vendor, change, turns).run(&[call]).await
}

/// What `add` and `update` share: the steps are chosen, what they look up is found, and then they run.
async fn carry_out(
    plan: &Plan,
    write: &WritePlan,
    request: &UnifiedRequest,
    change: Change,
    means: Means<'_>,
    turns: &mut Turns,
) -> Result<VendorOutcome, ConnectorError> {
    let calls = choose::calls(plan, write, request, &change)?;
    turns.lock_reads(plan, request, &calls, &change, means.vendor).await?;
    let rows = prepare::rows(plan, request, means.vendor, means.lookups, &calls, &change).await?;
    prepare::rehearse(plan, request, &calls, &change, &rows)?;
    Writing::new(plan, request, means.vendor, change, turns).with_rows(rows).run(&calls).await
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
        optional: false,
        new_id: None,
        undo: None,
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

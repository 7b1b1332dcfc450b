//! Writing: what the caller sent becomes the vendor calls that carry it, in order, each at most once.

mod change;
mod choose;
mod draw;
mod entries;
mod new_id;
mod place;
mod prepare;
mod run;

use connector_catalog::{Plan, RequestTemplate, Send, Step, StepCondition, WritePlan};
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
    carry_out(plan, write, request, change, means).await
}

pub(crate) async fn update(
    plan: &Plan,
    request: &UnifiedRequest,
    means: Means<'_>,
) -> Result<VendorOutcome, ConnectorError> {
    let resource = plan.resource();
    let write =
        resource.update.as_ref().ok_or_else(|| ConnectorError::Internal("an update without a plan".to_owned()))?;
    let id = id_of(request)?;
    let surroundings = means.lookups.surroundings(plan, request, means.vendor, &resource.mapping).await?;
    let context = surroundings.context();
    let change = if write.reads_current {
        let before = current::read(plan, request, means.vendor, means.dialect, &surroundings).await?;
        let written = resource.mapping.write_over(&before, &request.body, context);
        let mut change = Change::over(id, before, written);
        change.keep_kind(plan);
        change.complete(plan, &surroundings, means);
        change.check_required(plan)?;
        change
    } else {
        let mut patch = resource.mapping.write_patch(&request.body, context);
        // The other elements of a vendor list go back as they are: the vendor takes the list as a whole.
        let lists = resource.mapping.lists_in_part(&request.body);
        if !lists.is_empty() && resource.one.is_some() {
            let before = current::read(plan, request, means.vendor, means.dialect, &surroundings).await?;
            let mut over = resource.mapping.write_over(&before, &request.body, context).record;
            patch.record.extend(lists.into_iter().filter_map(|name| over.remove_entry(&name)));
        }
        Change::patch(id, patch)
    };
    carry_out(plan, write, request, change, means).await
}

pub(crate) async fn delete(
    plan: &Plan,
    request: &UnifiedRequest,
    means: Means<'_>,
) -> Result<VendorOutcome, ConnectorError> {
    let delete = plan
        .resource()
        .delete
        .as_ref()
        .ok_or_else(|| ConnectorError::Internal("a delete without a plan".to_owned()))?;
    if delete.reads_current {
        current::read(plan, request, means.vendor, means.dialect, &Surroundings::default()).await?;
    }
    let step = only_step(plan.operation().as_str(), &delete.request, &delete.send);
    let call = Call { step: &step, entries: None, extensions: Vec::new() };
    Writing::new(plan, request, means.vendor, Change::removal(id_of(request)?)).run(&[call]).await
}

/// What `add` and `update` share: the steps are chosen, what they look up is found, and then they run.
async fn carry_out(
    plan: &Plan,
    write: &WritePlan,
    request: &UnifiedRequest,
    change: Change,
    means: Means<'_>,
) -> Result<VendorOutcome, ConnectorError> {
    let calls = choose::calls(plan, write, request, &change)?;
    let rows = prepare::rows(plan, request, means.vendor, means.lookups, &calls, &change).await?;
    prepare::rehearse(plan, request, &calls, &change, &rows)?;
    Writing::new(plan, request, means.vendor, change).with_rows(rows).run(&calls).await
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

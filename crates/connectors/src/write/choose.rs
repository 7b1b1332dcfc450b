//! Which steps a change takes, and which of them a caller's own additions go to.

use connector_catalog::{Plan, Send, Step, StepsAlternative, WritePlan};
use unified_model::answer::WarningKind;
use unified_model::{PassThroughBody, UnifiedRequest, Warning};

use super::change::{Change, holds_something};
use super::entries::{self, Entry};
use crate::call::context::CallContext;
use crate::call::outcome::ConnectorError;

/// A step that belongs to the change, and what is added to its body.
pub(super) struct Call<'p> {
    pub(super) step: &'p Step,
    /// What it goes through; `None`: it is taken once.
    pub(super) entries: Option<Vec<Entry>>,
    pub(super) extensions: Vec<&'p PassThroughBody>,
}

/// The steps that the change takes, in order, and what the caller is told of what they leave out. Whether a step has something
/// to send is told later, from its body.
pub(super) fn calls<'p>(
    context: CallContext<'p>,
    write: &'p WritePlan,
    change: &Change,
) -> Result<(Vec<Call<'p>>, Vec<Warning>), ConnectorError> {
    let CallContext { plan, request, .. } = context;
    let Some(alternative) = pick(plan, write, change) else {
        let members = change.changed_members().chain(&change.removes);
        return Err(not_carried(plan, members.map(String::as_str)));
    };
    let mut calls = Vec::new();
    for step in alternative.steps.iter().filter(|step| change.meets(&step.when, plan)) {
        let entries = step.for_each.as_ref().map(|each| entries::of_step(each, change, &plan.resource().mapping));
        if entries.as_ref().is_none_or(|entries| !entries.is_empty()) {
            calls.push(Call { step, entries, extensions: Vec::new() });
        }
    }
    check_carried(plan, alternative, &calls, change)?;
    place_extensions(plan, request, &mut calls)?;
    Ok((calls, left_out(plan, alternative, change)))
}

/// What changes must be in a call: nothing is lost without a word.
fn check_carried(
    plan: &Plan,
    alternative: &StepsAlternative,
    calls: &[Call<'_>],
    change: &Change,
) -> Result<(), ConnectorError> {
    let mapping = &plan.resource().mapping;
    let carries = |member: &str| calls.iter().any(|call| call.step.carries(member));
    let is_left = |member: &str| alternative.leaves.iter().any(|left| left == member);
    // A list whose entries have steps of their own changes by entries, not by their order.
    let has_entries = |member: &str| {
        let mut steps = alternative.steps.iter().filter_map(|step| step.for_each.as_ref());
        steps.any(|each| each.member == member)
    };
    let by_entries = |member: &str| has_entries(member) && entries::is_same(change, member, mapping);
    // What was removed may have made room for what was added: then the entry has changed, and none is gone.
    let none_is_gone = |member: &str| has_entries(member) && entries::none_is_gone(change, member, mapping);
    let holds = |member: &str| !change.is_new || change.part.get(member).is_some_and(holds_something);
    let lost = change.changed_members().map(String::as_str).filter(|member| {
        let follows = || mapping.wholes_of(member).into_iter().any(carries);
        holds(member) && !carries(member) && !is_left(member) && !by_entries(member) && !follows()
    });
    let kept = change.removes.iter().map(String::as_str).filter(|member| {
        let carries = |call: &Call<'_>| call.step.carries_removal(member);
        !calls.iter().any(carries) && !is_left(member) && !none_is_gone(member)
    });
    let mut uncarried = lost.chain(kept).peekable();
    if uncarried.peek().is_none() { Ok(()) } else { Err(not_carried(plan, uncarried)) }
}

/// What the alternative does not write although it changes, unless a step says so itself.
fn left_out(plan: &Plan, alternative: &StepsAlternative, change: &Change) -> Vec<Warning> {
    if alternative.steps.iter().any(|step| step.warning.is_some()) {
        return Vec::new();
    }
    let left = change.changed_members().filter(|member| alternative.leaves.contains(member));
    let fields = left.flat_map(|member| plan.resource().mapping.fields_written_to(member));
    let message = "it cannot be written together with what else was sent; it was left as it is";
    fields.map(|field| Warning::about_field(WarningKind::ValueChanged, field, message)).collect()
}

/// The canonical fields that stand in these vendor members.
fn not_carried<'m>(plan: &Plan, members: impl Iterator<Item = &'m str>) -> ConnectorError {
    let mut fields: Vec<String> = Vec::new();
    for member in members {
        let written = plan.resource().mapping.fields_written_to(member);
        let names = if written.is_empty() { vec![member] } else { written };
        fields.extend(names.into_iter().map(str::to_owned));
    }
    fields.dedup();
    ConnectorError::NotCarried { fields }
}

/// The first alternative whose condition holds and that covers what changes.
fn pick<'p>(plan: &Plan, write: &'p WritePlan, change: &Change) -> Option<&'p StepsAlternative> {
    let covered = |alternative: &&StepsAlternative| match &alternative.covers {
        None => true,
        Some(members) => change.removes.is_empty() && change.changed_members().all(|member| members.contains(member)),
    };
    write.alternatives.iter().filter(|alternative| change.meets(&alternative.when, plan)).find(covered)
}

/// Each extension goes to the step that it names, or to the first that sends a body.
fn place_extensions<'p>(
    plan: &Plan,
    request: &'p UnifiedRequest,
    calls: &mut [Call<'p>],
) -> Result<(), ConnectorError> {
    let service = plan.connector().service_id.as_str();
    for extension in request.pass_through.iter().filter(|extension| extension.service_id == service) {
        let name = extension.operation_id.as_deref();
        let fits = |call: &Call<'_>| call.step.send != Send::Nothing && name.is_none_or(|name| name == call.step.id);
        let Some(at) = calls.iter().position(fits) else {
            let with_body = calls.iter().filter(|call| call.step.send != Send::Nothing);
            let steps = with_body.map(|call| call.step.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(ConnectorError::BadRequest {
                at: "pass_through.operation_id".to_owned(),
                message: format!(
                    "this change runs no step `{}` with a body; its steps are {steps}",
                    name.unwrap_or_default()
                ),
            });
        };
        calls[at].extensions.push(extension);
    }
    Ok(())
}

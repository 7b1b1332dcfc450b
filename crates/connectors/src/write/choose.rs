//! Which steps a change takes, and which of them a caller's own additions go to.

use connector_catalog::{Plan, Send, Step, StepsAlternative, WritePlan};
use unified_model::{PassThroughBody, UnifiedRequest};

use super::change::Change;
use super::entries::{self, Entry};
use crate::outcome::ConnectorError;

/// A step that belongs to the change, and what is added to its body.
pub(super) struct Call<'p> {
    pub(super) step: &'p Step,
    /// What it goes through; `None`: it is taken once.
    pub(super) entries: Option<Vec<Entry>>,
    pub(super) extensions: Vec<&'p PassThroughBody>,
}

/// The steps that the change takes, in order. Whether a step has something to send is told later, from its body.
pub(super) fn calls<'p>(
    plan: &'p Plan,
    write: &'p WritePlan,
    request: &'p UnifiedRequest,
    change: &Change,
) -> Result<Vec<Call<'p>>, ConnectorError> {
    let alternative = pick(plan, write, change)?;
    let mut calls = Vec::new();
    for step in alternative.steps.iter().filter(|step| change.meets(&step.when, plan)) {
        let entries = step.for_each.as_ref().map(|each| entries::of_step(each, change, &plan.resource().mapping));
        if entries.as_ref().is_none_or(|entries| !entries.is_empty()) {
            calls.push(Call { step, entries, extensions: Vec::new() });
        }
    }
    place_extensions(plan, request, &mut calls)?;
    Ok(calls)
}

/// The first alternative whose condition holds and that covers what changes.
fn pick<'p>(plan: &Plan, write: &'p WritePlan, change: &Change) -> Result<&'p StepsAlternative, ConnectorError> {
    let covered = |alternative: &&StepsAlternative| match &alternative.covers {
        None => true,
        Some(members) => change.removes.is_empty() && change.changed_members().all(|member| members.contains(member)),
    };
    write
        .alternatives
        .iter()
        .filter(|alternative| change.meets(&alternative.when, plan))
        .find(covered)
        .ok_or_else(|| ConnectorError::Internal("no alternative of the write covers the change".to_owned()))
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

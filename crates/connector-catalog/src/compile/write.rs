//! Writing: one request, several steps, or a choice between sequences of steps.

use std::collections::BTreeSet;

use field_mapping::{Mapping, VendorPath};

use super::checker::Checker;
use super::envelope::Envelope;
use super::request::Holes;
use super::step::{self, WrittenStep};
use super::{scalars, send};
use crate::definition::{ChoiceFile, ConnectorFile, StepFile, WriteFile};
use crate::place::{Placed, Tree};
use crate::plan::{
    EntrySet, MemberSource, NewId, RequestTemplate, Send, Step, StepCondition, StepsAlternative, WritePlan,
};
use crate::template::{Hole, Root, Template};
use unified_model::Operation;

/// Names that steps cannot have: the exchanges that a write makes beside its steps go by them.
const RESERVED_STEPS: [&str; 4] = ["all", "current", "delete", "one"];

/// What a write is compiled against.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'c> {
    pub(crate) operation: Operation,
    pub(crate) connector: &'c ConnectorFile,
    pub(crate) mapping: Option<&'c Mapping>,
    pub(crate) holes: Holes<'c>,
    pub(crate) of_kind: bool,
    pub(crate) envelope: Envelope<'c>,
    /// Whether we choose a new record's id, so that it is known before the first step.
    pub(crate) minted: bool,
    /// Members that `load` puts into the record; no request sends them.
    pub(crate) loaded: &'c [String],
}

impl Writing<'_> {
    pub(crate) fn is_add(self) -> bool {
        self.operation == Operation::Add
    }

    /// `{id}` has a value on update; on add, once a step before has made the record, or where we chose it.
    fn holes_of_step(self, position: usize) -> Self {
        let id = !self.is_add() || self.minted || position > 0;
        Self { holes: Holes { id, ..self.holes }, ..self }
    }
}

pub(crate) fn compile(
    written: &Placed<WriteFile>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<WritePlan> {
    let WriteFile { request, encode, query, send, wrap, new_id, steps, choose, .. } = &written.value;
    let operation = writing.operation;
    let always = StepCondition::default();
    let mut alternatives = match (request, steps, choose) {
        (Some(request), None, None) => {
            let parts = WrittenStep {
                encode: encode.as_ref(),
                send: send.as_ref(),
                wrap: wrap.as_ref(),
                new_id: new_id.as_ref(),
                ..WrittenStep::of(request, query)
            };
            let step = step::compile(operation.as_str(), parts, &always, writing.holes_of_step(0), checker)?;
            vec![StepsAlternative { when: always, covers: None, steps: vec![step] }]
        }
        (None, Some(steps), None) => {
            let steps = self::steps(steps, written, &always, writing, checker)?;
            vec![StepsAlternative { when: always, covers: None, steps }]
        }
        (None, None, Some(choices)) => choose_between(choices, written, writing, checker)?,
        _ => {
            let message = format!("`{operation}` needs exactly one of `request`, `steps` and `choose`");
            checker.mistake(written.place, message);
            return None;
        }
    };
    let beside = encode.is_some() || send.is_some() || wrap.is_some() || new_id.is_some() || !query.0.is_empty();
    if request.is_none() && beside {
        let message = format!(
            "`{operation}`: `encode`, `query`, `send`, `wrap` and `new_id` belong beside `request`; write them in the steps"
        );
        checker.mistake(written.place, message);
    }
    if writing.is_add() && !writing.minted {
        alternatives.iter_mut().for_each(|alternative| default_new_id(alternative, writing.envelope));
    }
    let reads_current = !writing.is_add() && (writing.of_kind || alternatives.iter().any(needs_current));
    Some(WritePlan { alternatives, reads_current })
}

fn choose_between(
    choices: &[Placed<ChoiceFile>],
    written: &Placed<WriteFile>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<Vec<StepsAlternative>> {
    let Some((last, others)) = choices.split_last() else {
        checker
            .mistake(written.place, "`choose` is empty; write the alternatives, the last without `when` and `covers`");
        return None;
    };
    if last.value.covers.is_some() || last.value.when.is_some() {
        let message = "`choose`: the last alternative must take every change, so it has neither `when` nor `covers`";
        checker.mistake(last.place, message);
    }
    for choice in others.iter().filter(|choice| choice.value.covers.is_none() && choice.value.when.is_none()) {
        let message = "`choose`: an alternative without `when` and `covers` takes every change, so those after it are \
                       never reached";
        checker.mistake(choice.place, message);
    }
    for choice in choices.iter().filter(|choice| writing.is_add() && choice.value.covers.is_some()) {
        checker
            .mistake(choice.place, "`covers` is for `update`; a new record is written as a whole, so choose by `when`");
    }
    let compiled: Vec<Option<StepsAlternative>> = choices
        .iter()
        .map(|choice| {
            let when = step::condition(choice.value.when.as_ref(), checker);
            let steps = steps(&choice.value.steps, choice, when.as_ref()?, writing, checker)?;
            let covers = choice.value.covers.as_deref();
            check_covers(covers.unwrap_or_default(), &steps, checker);
            let covers = covers.map(|covers| covers.iter().map(|member| member.value.clone()).collect());
            Some(StepsAlternative { when: when?, covers, steps })
        })
        .collect();
    compiled.into_iter().collect()
}

/// A change that an alternative claims to cover must be in what one of its steps sends.
fn check_covers(covers: &[Placed<String>], steps: &[Step], checker: &mut Checker<'_>) {
    for member in covers.iter().filter(|member| !steps.iter().any(|step| carries(step, &member.value))) {
        checker.mistake(
            member.place,
            format!("`covers` names `{}`, which no step of the alternative sends", member.value),
        );
    }
}

/// Whether a change of the member makes the step worth a call, or goes along with it.
fn carries(step: &Step, member: &str) -> bool {
    let places = holes(&step.request).any(|hole| names(hole, member));
    let entries = step.for_each.as_ref().is_some_and(|each| each.member == member);
    let condition = step.when.changed.iter().map(|(name, _)| name).chain(&step.when.has).any(|name| name == member);
    places || entries || condition || sends(&step.send, member)
}

fn sends(send: &Send, member: &str) -> bool {
    let named = |names: &[String]| names.iter().any(|name| name == member);
    match send {
        Send::Nothing | Send::Item { .. } => false,
        Send::Changed { drop, only, .. } => !named(drop) && only.as_ref().is_none_or(|only| named(only)),
        Send::Record { carry, drop, .. } | Send::Over { carry, drop } => {
            !named(drop) || carry.iter().any(|(_, path)| first_name(path) == member)
        }
        Send::Members(members) => members.iter().any(|(_, source)| match source {
            MemberSource::Changed(from) | MemberSource::AddedTo(from) | MemberSource::RemovedFrom(from) => {
                from == member
            }
            MemberSource::Each { member: from, .. } => from == member,
            MemberSource::Lookup { by: path, .. } | MemberSource::At(Root::Changed | Root::Record, path) => {
                first_name(path) == member
            }
            MemberSource::Text(template) => template.holes().any(|hole| names(hole, member)),
            MemberSource::Id
            | MemberSource::Const(_)
            | MemberSource::List(_)
            | MemberSource::At(Root::Before | Root::Item, _) => false,
        }),
    }
}

fn names(hole: &Hole, member: &str) -> bool {
    matches!(hole, Hole::Written(Root::Changed | Root::Record, path) if first_name(path) == member)
}

/// The top-level member that a path starts in.
pub(crate) fn first_name(path: &VendorPath) -> String {
    let text = path.to_string();
    text.split(['.', '[']).next().unwrap_or_default().to_owned()
}

/// Every hole of a request.
pub(crate) fn holes(request: &RequestTemplate) -> impl Iterator<Item = &Hole> {
    let query = request.query.iter().flat_map(|(_, template)| template.holes());
    request.path.holes().chain(query)
}

fn steps<T>(
    written: &[Placed<StepFile>],
    around: &Placed<T>,
    chosen: &StepCondition,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<Vec<Step>> {
    if written.is_empty() {
        checker.mistake(around.place, "`steps` is empty; write at least one");
        return None;
    }
    let mut seen = BTreeSet::new();
    let mut compiled = Vec::new();
    for (position, Placed { value: step, .. }) in written.iter().enumerate() {
        let id = &step.id;
        checker.noting("id", id.place, scalars::name(&id.value, '-'));
        if RESERVED_STEPS.contains(&id.value.as_str()) {
            checker.mistake(id.place, format!("`id`: `{}` is reserved; give the step another name", id.value));
        }
        check_since(step, &seen, checker);
        if !seen.insert(id.value.as_str()) {
            checker.mistake(id.place, format!("`id`: there is a step `{}` already", id.value));
        }
        let parts = WrittenStep::from(step);
        compiled.push(step::compile(&id.value, parts, chosen, writing.holes_of_step(position), checker));
    }
    compiled.into_iter().collect()
}

/// What a new id is told apart from must have been answered before.
fn check_since(step: &StepFile, before: &BTreeSet<&str>, checker: &mut Checker<'_>) {
    let Some(Placed { value: Tree::Mapping(entries), .. }) = &step.new_id else { return };
    let Some(since) = send::member(entries, "since") else { return };
    if let Tree::Scalar(serde_json::Value::String(name)) = &since.value
        && !before.contains(name.as_str())
    {
        checker.mistake(since.place, format!("`since`: there is no step `{name}` before this one"));
    }
}

/// The first step that writes makes the record; unless the definition says otherwise its answer has the id under `id`.
fn default_new_id(alternative: &mut StepsAlternative, envelope: Envelope<'_>) {
    let for_record = |step: &&mut Step| step.for_each.is_none() && !step.is_read();
    if alternative.steps.iter().all(|step| step.new_id.is_none() || step.for_each.is_some())
        && let Some(first) = alternative.steps.iter_mut().find(for_record)
    {
        first.new_id = VendorPath::parse(&envelope.in_record("id")).ok().map(NewId::At);
    }
}

/// What is covered, what is new or gone in a list, and what is written over: each is told from the current record.
fn needs_current(alternative: &StepsAlternative) -> bool {
    alternative.covers.is_some() || alternative.steps.iter().any(step_needs_current)
}

fn step_needs_current(step: &Step) -> bool {
    let compares = |hole: &Hole| matches!(hole, Hole::Written(Root::Before | Root::Record, _));
    let text_compares = |template: &Template| template.holes().any(compares);
    let entries = step.for_each.as_ref().map(|each| each.entries);
    let sends = match &step.send {
        Send::Nothing | Send::Record { .. } | Send::Changed { .. } | Send::Item { .. } => false,
        Send::Over { .. } => true,
        Send::Members(members) => members.iter().any(|(_, source)| match source {
            MemberSource::AddedTo(_)
            | MemberSource::RemovedFrom(_)
            | MemberSource::Each { .. }
            | MemberSource::At(Root::Before | Root::Record, _) => true,
            MemberSource::Text(template) => text_compares(template),
            MemberSource::Id
            | MemberSource::Changed(_)
            | MemberSource::At(Root::Changed | Root::Item, _)
            | MemberSource::Lookup { .. }
            | MemberSource::Const(_)
            | MemberSource::List(_) => false,
        }),
    };
    let undone = step.undo.iter().any(|undo| holes(undo).any(compares));
    let warned = step.warning.as_ref().is_some_and(text_compares);
    let by_entries = matches!(
        entries,
        Some(EntrySet::AddedTo | EntrySet::RemovedFrom | EntrySet::ChangedIn | EntrySet::Before | EntrySet::Record)
    );
    sends || undone || warned || by_entries || holes(&step.request).any(compares)
}

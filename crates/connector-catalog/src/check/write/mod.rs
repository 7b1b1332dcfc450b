//! Writing: one request, several steps, or a choice between sequences of steps.

mod new_id;
pub(crate) mod send;
mod source;
pub(crate) mod step;

use std::collections::BTreeSet;

use field_mapping::Mapping;

use self::step::WrittenStep;
use crate::check::checker::Checker;
use crate::check::envelope::Envelope;
use crate::check::request::Holes;
use crate::check::scalars;
use crate::file::values::Tree;
use crate::file::{ChoiceFile, ConnectorFile, StepFile, WriteFile};
use crate::plan::template::{Hole, Root, Template};
use crate::plan::{Condition, EntrySet, MemberSource, Send, Step, StepCondition, StepsAlternative, WritePlan, holes};
use field_mapping::yaml::{Place, Placed};
use unified_model::Operation;

/// Names that steps cannot have: the exchanges that a write makes beside its steps go by them.
const RESERVED_STEPS: [&str; 4] = ["all", "current", "delete", "one"];

/// What a write is compiled against.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'c> {
    pub(crate) operation: Operation,
    /// What holds whenever a step is reached.
    pub(crate) chosen: &'c StepCondition,
    pub(crate) connector: &'c ConnectorFile,
    pub(crate) mapping: Option<&'c Mapping>,
    pub(crate) holes: Holes<'c>,
    pub(crate) of_kind: bool,
    pub(crate) envelope: Envelope<'c>,
    /// The member that takes a new record's id where we choose it, so that it is known before the first step.
    pub(crate) minted: Option<&'c str>,
    /// Members that `load` puts into the record; no request sends them.
    pub(crate) loaded: &'c [String],
}

impl Writing<'_> {
    pub(crate) fn is_add(self) -> bool {
        self.operation == Operation::Add
    }

    /// `{id}` has a value on update; on add, once a step before has made the record, or where we chose it.
    fn holes_of_step(self, position: usize) -> Self {
        let id = !self.is_add() || self.minted.is_some() || position > 0;
        Self { holes: Holes { id, ..self.holes }, ..self }
    }
}

pub(crate) fn compile(
    written: &Placed<WriteFile>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<WritePlan> {
    let WriteFile { request, encode, query, send, wrap, new_id, steps, choose, .. } = &written.value;
    let mistakes = checker.count();
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
            let step = step::compile(operation.as_str(), parts, writing.holes_of_step(0), checker)?;
            vec![StepsAlternative { when: always, covers: None, leaves: Vec::new(), steps: vec![step] }]
        }
        (None, Some(steps), None) => {
            let steps = self::steps(steps, written, writing, checker)?;
            vec![StepsAlternative { when: always, covers: None, leaves: Vec::new(), steps }]
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
    if writing.is_add() {
        for alternative in &mut alternatives {
            new_id::by_default(alternative, writing);
        }
    }
    // What is written wrong may be why nothing carries a member.
    if checker.count() == mistakes {
        check_carried(&alternatives, written.place, writing, checker);
    }
    let reads_with = if writing.is_add() { Vec::new() } else { reads_with(writing.of_kind, &alternatives) };
    Some(WritePlan { alternatives, reads_current: !reads_with.is_empty(), reads_with })
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
            let reached = Writing { chosen: when.as_ref()?, ..writing };
            let steps = steps(&choice.value.steps, choice, reached, checker)?;
            let covers = choice.value.covers.as_deref();
            check_covers(covers.unwrap_or_default(), &steps, checker);
            let covers = covers.map(|covers| covers.iter().map(|member| member.value.clone()).collect());
            let leaves = choice.value.leaves.iter().map(|member| member.value.clone()).collect();
            Some(StepsAlternative { when: when?, covers, leaves, steps })
        })
        .collect();
    compiled.into_iter().collect()
}

/// A change that an alternative claims to cover must be in what one of its steps sends.
fn check_covers(covers: &[Placed<String>], steps: &[Step], checker: &mut Checker<'_>) {
    for member in covers.iter().filter(|member| !steps.iter().any(|step| step.carries(&member.value))) {
        checker.mistake(
            member.place,
            format!("`covers` names `{}`, which no step of the alternative sends", member.value),
        );
    }
}

fn steps<T>(
    written: &[Placed<StepFile>],
    around: &Placed<T>,
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
        compiled.push(step::compile(&id.value, parts, writing.holes_of_step(position), checker));
    }
    let compiled: Vec<Step> = compiled.into_iter().collect::<Option<_>>()?;
    check_order(written, &compiled, checker);
    Some(compiled)
}

/// Whatever can still fail comes before what is taken away for good: a write that breaks off must not have lost anything.
fn check_order(written: &[Placed<StepFile>], steps: &[Step], checker: &mut Checker<'_>) {
    for (position, step) in steps.iter().enumerate().filter(|(_, step)| step.removes() && step.undo.is_none()) {
        let mut later = steps[position + 1..].iter();
        if let Some(other) = later.find(|other| !other.is_read() && !other.removes()) {
            let message = format!(
                "`steps`: `{}` takes something away, and nothing takes that back when `{}` fails after it; write it behind `{}`, \
                 or give it an `undo`",
                step.id, other.id, other.id
            );
            checker.mistake(written[position].value.id.place, message);
        }
    }
}

/// Whatever a canonical field is written to must be in what some step sends: else a change of it would get lost.
fn check_carried(alternatives: &[StepsAlternative], place: Place, writing: Writing<'_>, checker: &mut Checker<'_>) {
    let Some(mapping) = writing.mapping else { return };
    // One with `covers` is taken only for changes that it carries.
    for alternative in alternatives.iter().filter(|alternative| alternative.covers.is_none()) {
        for (member, field) in mapping.written_members() {
            let is_followed = || mapping.wholes_of(member).into_iter().any(|whole| alternative.writes(whole));
            if !alternative.writes(member) && !is_followed() {
                let operation = writing.operation;
                let message = format!(
                    "`{operation}`: `{field}` is written to `{member}`, which no step sends; send it, or write `mode: read` at \
                     the field, or `leaves: [{member}]` at the alternative"
                );
                checker.mistake(place, message);
            }
        }
    }
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

/// The settings with which the current record is read first. What is covered, what is new or gone in a list, and what is written over:
/// each is told from the current record.
fn reads_with(of_kind: bool, alternatives: &[StepsAlternative]) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = if of_kind { vec![Condition::default()] } else { Vec::new() };
    for alternative in alternatives {
        let own = &alternative.when.settings;
        conditions.extend(alternative.covers.as_ref().map(|_| own.clone()));
        let reading = alternative.steps.iter().filter(|step| step_needs_current(step));
        conditions.extend(reading.map(|step| own.and(&step.when.settings)));
    }
    conditions
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
    let expected = step.must_have.iter().any(|(_, template)| text_compares(template));
    let warned = step.warning.as_ref().is_some_and(text_compares);
    let by_entries = matches!(
        entries,
        Some(EntrySet::AddedTo | EntrySet::RemovedFrom | EntrySet::ChangedIn | EntrySet::Before | EntrySet::Record)
    );
    sends || undone || expected || warned || by_entries || holes(&step.request).any(compares)
}

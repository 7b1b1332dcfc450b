//! Writing: one request, several steps, or a choice between sequences of steps.

use std::collections::BTreeSet;

use field_mapping::VendorPath;

use super::checker::Checker;
use super::request::{Holes, Written, carries_body, request};
use super::{scalars, send};
use crate::definition::{ChoiceFile, ConnectorFile, StepFile, WriteFile};
use crate::place::{Entries, Placed, Tree, Word};
use crate::plan::{Encoding, MemberSource, Send, Step, StepsAlternative, WritePlan};
use unified_model::Operation;

/// Names that steps cannot have: the exchanges that a write makes beside its steps go by them.
const RESERVED_STEPS: [&str; 4] = ["all", "current", "delete", "one"];

/// What a write is compiled against.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'c> {
    pub(crate) operation: Operation,
    pub(crate) connector: &'c ConnectorFile,
    pub(crate) holes: Holes<'c>,
    pub(crate) of_kind: bool,
}

impl<'c> Writing<'c> {
    pub(crate) fn add(connector: &'c ConnectorFile, holes: Holes<'c>) -> Self {
        Self { operation: Operation::Add, connector, holes, of_kind: false }
    }

    pub(crate) fn update(connector: &'c ConnectorFile, holes: Holes<'c>, of_kind: bool) -> Self {
        Self { operation: Operation::Update, connector, holes, of_kind }
    }

    fn is_add(self) -> bool {
        self.operation == Operation::Add
    }
}

/// A step as it is written; the short form of a write is a step named after its operation.
#[derive(Clone, Copy)]
struct WrittenStep<'f> {
    request: &'f Placed<String>,
    encode: Option<&'f Word<Encoding>>,
    query: &'f Entries<Placed<String>>,
    send: Option<&'f Placed<Tree>>,
    optional: bool,
    new_id: Option<&'f Placed<String>>,
}

pub(crate) fn compile(
    written: &Placed<WriteFile>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<WritePlan> {
    let WriteFile { request, encode, query, send, new_id, steps, choose, when: _ } = &written.value;
    let operation = writing.operation;
    let alternatives = match (request, steps, choose) {
        (Some(request), None, None) => {
            let written = WrittenStep {
                request,
                encode: encode.as_ref(),
                query,
                send: send.as_ref(),
                optional: false,
                new_id: new_id.as_ref(),
            };
            let step = step(operation.as_str().to_owned(), written, writing.holes_of_step(0), writing, checker)?;
            vec![StepsAlternative { covers: None, steps: vec![step] }]
        }
        (None, Some(steps), None) => {
            vec![StepsAlternative { covers: None, steps: self::steps(steps, written, writing, checker)? }]
        }
        (None, None, Some(choices)) => choose_between(choices, written, writing, checker)?,
        _ => {
            let message = format!("`{operation}` needs exactly one of `request`, `steps` and `choose`");
            checker.mistake(written.place, message);
            return None;
        }
    };
    if request.is_none() && (encode.is_some() || send.is_some() || new_id.is_some() || !query.0.is_empty()) {
        let message = format!(
            "`{operation}`: `encode`, `query`, `send` and `new_id` belong beside `request`; write them in the steps"
        );
        checker.mistake(written.place, message);
    }
    let mut alternatives = alternatives;
    if writing.is_add() {
        alternatives.iter_mut().for_each(default_new_id);
    }
    let reads_current = !writing.is_add() && (writing.of_kind || alternatives.iter().any(needs_current));
    Some(WritePlan { alternatives, reads_current })
}

impl<'c> Writing<'c> {
    /// `{id}` has a value on update; on add, once a step before has made the record.
    fn holes_of_step(self, position: usize) -> Holes<'c> {
        Holes { id: !self.is_add() || position > 0, ..self.holes }
    }
}

fn choose_between(
    choices: &[Placed<ChoiceFile>],
    written: &Placed<WriteFile>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<Vec<StepsAlternative>> {
    if writing.is_add() {
        checker.mistake(written.place, "`choose` is for `update`; a new record has no changes to choose by");
    }
    let Some((last, others)) = choices.split_last() else {
        checker.mistake(written.place, "`choose` is empty; write the alternatives, the last without `covers`");
        return None;
    };
    if last.value.covers.is_some() {
        checker.mistake(last.place, "`choose`: the last alternative must take every change, so it has no `covers`");
    }
    for choice in others.iter().filter(|choice| choice.value.covers.is_none()) {
        let message =
            "`choose`: an alternative without `covers` takes every change, so those after it are never reached";
        checker.mistake(choice.place, message);
    }
    let compiled: Vec<Option<StepsAlternative>> = choices
        .iter()
        .map(|choice| {
            let steps = steps(&choice.value.steps, choice, writing, checker)?;
            let covers = choice.value.covers.as_deref();
            check_covers(covers.unwrap_or_default(), &steps, checker);
            let covers = covers.map(|covers| covers.iter().map(|member| member.value.clone()).collect());
            Some(StepsAlternative { covers, steps })
        })
        .collect();
    compiled.into_iter().collect()
}

/// A change that an alternative claims to cover must be in what one of its steps sends.
fn check_covers(covers: &[Placed<String>], steps: &[Step], checker: &mut Checker<'_>) {
    for member in covers.iter().filter(|member| !steps.iter().any(|step| sends(&step.send, &member.value))) {
        checker.mistake(
            member.place,
            format!("`covers` names `{}`, which no step of the alternative sends", member.value),
        );
    }
}

fn sends(send: &Send, member: &str) -> bool {
    match send {
        Send::Nothing => false,
        Send::Changed { .. } => true,
        Send::Record { drop } | Send::Over { drop, .. } => !drop.iter().any(|dropped| dropped == member),
        Send::Members(members) => members.iter().any(|(_, source)| match source {
            MemberSource::Changed(from) | MemberSource::AddedTo(from) | MemberSource::RemovedFrom(from) => {
                from == member
            }
            MemberSource::Lookup { by, .. } => first_name(by) == member,
            MemberSource::Id | MemberSource::Const(_) => false,
        }),
    }
}

/// The top-level member that a path starts in.
fn first_name(path: &VendorPath) -> String {
    let text = path.to_string();
    text.split(['.', '[']).next().unwrap_or_default().to_owned()
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
        if !seen.insert(id.value.as_str()) {
            checker.mistake(id.place, format!("`id`: there is a step `{}` already", id.value));
        }
        let parts = WrittenStep {
            request: &step.request,
            encode: step.encode.as_ref(),
            query: &step.query,
            send: step.send.as_ref(),
            optional: step.optional,
            new_id: step.new_id.as_ref(),
        };
        compiled.push(self::step(id.value.clone(), parts, writing.holes_of_step(position), writing, checker));
    }
    compiled.into_iter().collect()
}

fn step(
    id: String,
    written: WrittenStep<'_>,
    holes: Holes<'_>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<Step> {
    let parts = Written { request: written.request, encode: written.encode, query: written.query };
    let request = request(parts, holes, checker);
    let send = match written.send {
        Some(tree) => send::compile(tree, writing, checker),
        None => Some(default_send(request.as_ref(), writing)),
    };
    if let (Some(request), Some(tree)) = (&request, written.send)
        && !carries_body(&request.method)
        && send.as_ref().is_some_and(|send| *send != Send::Nothing)
    {
        checker.mistake(tree.place, format!("`send` needs a request with a body, and {} has none", request.method));
    }
    let new_id = written.new_id.map(|path| checker.path("new_id", path));
    if let Some(path) = written.new_id.filter(|_| !writing.is_add()) {
        checker.mistake(path.place, "`new_id` is for `add`; an update knows its record's id");
    }
    Some(Step { id, request: request?, send: send?, optional: written.optional, new_id: new_id.flatten() })
}

fn default_send(request: Option<&crate::plan::RequestTemplate>, writing: Writing<'_>) -> Send {
    match request {
        Some(request) if !carries_body(&request.method) => Send::Nothing,
        _ if writing.is_add() => Send::Record { drop: Vec::new() },
        _ => Send::Changed { id: None },
    }
}

/// The first step makes the record; unless the definition says otherwise its answer has the id under `id`.
fn default_new_id(alternative: &mut StepsAlternative) {
    if alternative.steps.iter().all(|step| step.new_id.is_none())
        && let Some(first) = alternative.steps.first_mut()
    {
        first.new_id = VendorPath::parse("id").ok();
    }
}

/// What is covered, what is new or gone in a list, and what is written over: each is told from the current record.
fn needs_current(alternative: &StepsAlternative) -> bool {
    alternative.covers.is_some()
        || alternative.steps.iter().any(|step| match &step.send {
            Send::Nothing | Send::Record { .. } | Send::Changed { .. } => false,
            Send::Over { .. } => true,
            Send::Members(members) => members
                .iter()
                .any(|(_, source)| matches!(source, MemberSource::AddedTo(_) | MemberSource::RemovedFrom(_))),
        })
}

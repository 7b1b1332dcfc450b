//! One step of a write: its condition, the entries that it goes through, its request, what it sends and what takes it back.

use field_mapping::VendorPath;
use serde_json::Value;

use crate::check::checker::Checker;
use crate::check::request::{Holes, Written, carries_body, request, template};
use crate::check::write::Writing;
use crate::check::write::{new_id, send};
use crate::file::values::{Entries, Tree, Word};
use crate::file::{ForEachFile, StepFile, StepWhenFile};
use crate::plan::template::{Hole, Root, Template};
use crate::plan::{
    Encoding, EntrySet, ForEach, MemberSource, RequestTemplate, Send, Step, StepCondition, first_name, holes,
};
use field_mapping::yaml::Placed;

/// A step as it is written; the short form of a write is a step named after its operation.
#[derive(Clone, Copy)]
pub(crate) struct WrittenStep<'f> {
    pub(crate) when: Option<&'f Placed<StepWhenFile>>,
    pub(crate) for_each: Option<&'f Placed<ForEachFile>>,
    pub(crate) request: &'f Placed<String>,
    pub(crate) encode: Option<&'f Word<Encoding>>,
    pub(crate) query: &'f Entries<Placed<String>>,
    pub(crate) send: Option<&'f Placed<Tree>>,
    pub(crate) wrap: Option<&'f Placed<String>>,
    pub(crate) must_have: Option<&'f Entries<Placed<String>>>,
    pub(crate) optional: bool,
    pub(crate) new_id: Option<&'f Placed<Tree>>,
    pub(crate) undo: Option<&'f Placed<String>>,
    pub(crate) may_be_gone: Option<&'f Placed<bool>>,
    pub(crate) warning: Option<&'f Placed<String>>,
}

impl<'f> WrittenStep<'f> {
    pub(crate) fn of(request: &'f Placed<String>, query: &'f Entries<Placed<String>>) -> Self {
        Self {
            when: None,
            for_each: None,
            request,
            encode: None,
            query,
            send: None,
            wrap: None,
            must_have: None,
            optional: false,
            new_id: None,
            undo: None,
            may_be_gone: None,
            warning: None,
        }
    }
}

impl<'f> From<&'f StepFile> for WrittenStep<'f> {
    fn from(step: &'f StepFile) -> Self {
        Self {
            when: step.when.as_ref(),
            for_each: step.for_each.as_ref(),
            request: &step.request,
            encode: step.encode.as_ref(),
            query: &step.query,
            send: step.send.as_ref(),
            wrap: step.wrap.as_ref(),
            must_have: Some(&step.must_have),
            optional: step.optional,
            new_id: step.new_id.as_ref(),
            undo: step.undo.as_ref(),
            may_be_gone: step.may_be_gone.as_ref(),
            warning: step.warning.as_ref(),
        }
    }
}

/// Compiles a step.
pub(crate) fn compile(
    id: &str,
    written: WrittenStep<'_>,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<Step> {
    let when = condition(written.when, checker);
    let for_each = written.for_each.map(|each| entries(each, writing, checker));
    let roots = roots(writing, for_each.is_some());
    let own = Writing { holes: Holes { roots: &roots, ..writing.holes }, ..writing };
    let parts = Written { request: written.request, encode: written.encode, query: written.query };
    let request = request(parts, own.holes, checker);
    let send = match written.send {
        Some(tree) => send::compile(tree, own, checker),
        None => Some(default_send(request.as_ref(), for_each.is_some(), own)),
    };
    if let (Some(request), Some(tree), Some(send)) = (&request, written.send, &send) {
        check_body(request, send, tree, checker);
    }
    let wrap = match (&request, &send) {
        (Some(request), Some(send)) => writing.envelope.wrap(written.wrap, send, request, checker),
        _ => Some(Vec::new()),
    };
    let new_id = written.new_id.map(|tree| new_id::compile(tree, written.for_each.is_some(), own, checker));
    let must_have = must_have(written, own.holes, checker);
    let with_id = Writing { holes: Holes { id: true, ..own.holes }, ..own };
    let undo = written.undo.map(|undo| self::undo(undo, with_id, checker));
    let warning = written.warning.map(|text| template("warning", text, with_id.holes, checker));
    if let (Some(request), Some(when)) = (&request, &when) {
        check_certain(request, send.as_ref(), written.request, [when, writing.chosen], checker);
    }
    if let (Some(request), Some(send)) = (&request, &send) {
        check_link(request, send, written.request, checker);
    }
    check_read(request.as_ref(), written, checker);
    let step = Step {
        id: id.to_owned(),
        when: when?,
        for_each: settled(for_each)?,
        request: request?,
        send: without_loaded(send?, writing.loaded),
        wrap: wrap?,
        must_have: must_have?,
        optional: written.optional,
        new_id: settled(new_id)?,
        undo: settled(undo)?,
        may_be_gone: written.may_be_gone.is_some_and(|gone| gone.value),
        warning: settled(warning)?,
    };
    if let Some(gone) = written.may_be_gone.filter(|_| !step.removes()) {
        checker.mistake(gone.place, "`may_be_gone` belongs to a step that removes something");
    }
    Some(step)
}

/// What was written must have compiled; what was not written is fine.
#[expect(clippy::option_option, reason = "a mistake and a key that is not there are two things")]
pub(crate) fn settled<T>(key: Option<Option<T>>) -> Option<Option<T>> {
    match key {
        None => Some(None),
        Some(compiled) => compiled.map(Some),
    }
}

/// What a step can name of the write.
fn roots(writing: Writing<'_>, has_item: bool) -> Vec<Root> {
    let mut roots = vec![Root::Changed, Root::Record];
    roots.extend((!writing.is_add()).then_some(Root::Before));
    roots.extend(has_item.then_some(Root::Item));
    roots
}

/// A step's or an alternative's condition; none always holds.
pub(crate) fn condition(written: Option<&Placed<StepWhenFile>>, checker: &mut Checker<'_>) -> Option<StepCondition> {
    let Some(Placed { value: when, place }) = written else { return Some(StepCondition::default()) };
    if when.has.is_empty() && when.holds.is_empty() && when.changed.0.is_empty() && when.settings.0.is_empty() {
        checker.mistake(*place, "`when` is empty; allowed in it are has, holds, changed and settings");
    }
    let settings = crate::check::condition::settings(&when.settings, checker);
    let changed: Vec<Option<(String, Value)>> = when
        .changed
        .iter()
        .map(|(name, value)| match &value.value {
            Tree::Scalar(scalar) => Some((name.value.clone(), scalar.clone())),
            Tree::List(_) | Tree::Mapping(_) => {
                checker.mistake(value.place, "`changed` compares with a text, a number, true, false or null");
                None
            }
        })
        .collect();
    Some(StepCondition {
        has: when.has.iter().map(|member| member.value.clone()).collect(),
        holds: when.holds.iter().map(|member| member.value.clone()).collect(),
        changed: changed.into_iter().collect::<Option<_>>()?,
        settings,
    })
}

fn entries(written: &Placed<ForEachFile>, writing: Writing<'_>, checker: &mut Checker<'_>) -> Option<ForEach> {
    let (entries, member) = match &written.value {
        ForEachFile::AddedTo(member) => (EntrySet::AddedTo, member),
        ForEachFile::RemovedFrom(member) => (EntrySet::RemovedFrom, member),
        ForEachFile::ChangedIn(member) => (EntrySet::ChangedIn, member),
        ForEachFile::Before(member) => (EntrySet::Before, member),
        ForEachFile::Record(member) => (EntrySet::Record, member),
    };
    let compares = !matches!(entries, EntrySet::AddedTo | EntrySet::Record);
    if writing.is_add() && compares {
        checker.mistake(
            written.place,
            "`for_each`: a new record has no current one; allowed on `add` are added_to and record",
        );
    }
    let keyed = writing.mapping.is_none_or(|mapping| !mapping.list_key(&member.value).is_empty());
    if entries == EntrySet::ChangedIn && !keyed {
        let message = format!(
            "`changed_in`: nothing tells the entries of `{0}` apart; write `lists: {{ {0}: {{ key: [id] }} }}` in the mapping",
            member.value
        );
        checker.mistake(member.place, message);
    }
    Some(ForEach { entries, member: checker.filled("for_each", member)? })
}

fn default_send(request: Option<&RequestTemplate>, has_item: bool, writing: Writing<'_>) -> Send {
    match request {
        Some(request) if !carries_body(&request.method) => Send::Nothing,
        _ if has_item => Send::Item { drop: Vec::new() },
        _ if writing.is_add() => Send::Record { carry: Vec::new(), drop: Vec::new(), set: Vec::new() },
        _ => Send::Changed { id: None, drop: Vec::new(), only: None },
    }
}

/// Only a definition that says so sends a body with a DELETE; a GET never has one.
pub(crate) fn check_body(request: &RequestTemplate, send: &Send, tree: &Placed<Tree>, checker: &mut Checker<'_>) {
    if request.method == http::Method::GET && *send != Send::Nothing {
        checker.mistake(tree.place, "`send` needs a request with a body, and GET has none");
    }
}

fn undo(written: &Placed<String>, writing: Writing<'_>, checker: &mut Checker<'_>) -> Option<RequestTemplate> {
    let query = Entries::default();
    let undo = request(Written { request: written, encode: None, query: &query }, writing.holes, checker)?;
    if undo.method == http::Method::GET {
        checker.mistake(written.place, "`undo` takes something back, and GET changes nothing");
    }
    Some(undo)
}

/// What a request or a link names of the write must be there whenever the step is taken: an address without it is another one.
fn check_certain(
    request: &RequestTemplate,
    send: Option<&Send>,
    written: &Placed<String>,
    conditions: [&StepCondition; 2],
    checker: &mut Checker<'_>,
) {
    let link = || link_holes(request, send);
    for hole in holes(request).chain(link()) {
        let Hole::Written(Root::Changed, path) = hole else { continue };
        let member = first_name(path);
        let certain = conditions.iter().any(|when| {
            when.has.contains(&member) || when.changed.iter().any(|(name, value)| *name == member && !value.is_null())
        });
        if !certain {
            let message =
                format!("`request`: `{hole}` is there only when it changes; write `when: {{ has: [{member}] }}`");
            checker.mistake(written.place, message);
        }
    }
    for hole in request.path.holes().chain(link()) {
        let Hole::Written(Root::Record, path) = hole else { continue };
        let member = first_name(path);
        if !conditions.iter().any(|when| when.has.contains(&member) || when.holds.contains(&member)) {
            let message = format!("`request`: `{hole}` may have no value; write `when: {{ holds: [{member}] }}`");
            checker.mistake(written.place, message);
        }
    }
}

/// The holes of the body that makes a link.
fn link_holes<'s>(request: &RequestTemplate, send: Option<&'s Send>) -> impl Iterator<Item = &'s Hole> {
    let is_link = request.encode == Encoding::Link;
    let members = if let Some(Send::Members(members)) = send.filter(|_| is_link) { members.as_slice() } else { &[] };
    let texts = members
        .iter()
        .filter_map(|(_, source)| if let MemberSource::Text(template) = source { Some(template) } else { None });
    texts.flat_map(Template::holes)
}

/// A link names the record at its other end.
fn check_link(request: &RequestTemplate, send: &Send, written: &Placed<String>, checker: &mut Checker<'_>) {
    let names_it = matches!(send, Send::Members(members) if members.iter().any(|(name, _)| name == "uri"));
    if request.encode == Encoding::Link && !names_it {
        let message =
            "`encode: odata_link` names the record at the other end: `send: { uri: \"Users(guid'{item.Id}')\" }`";
        checker.mistake(written.place, message);
    }
}

/// What the answer of a step that reads is known by.
fn must_have(
    written: WrittenStep<'_>,
    holes: Holes<'_>,
    checker: &mut Checker<'_>,
) -> Option<Vec<(VendorPath, Template)>> {
    let entries = written.must_have.into_iter().flat_map(Entries::iter);
    let compiled: Vec<Option<(VendorPath, Template)>> = entries
        .map(|(path, text)| Some((checker.path("must_have", path)?, template("must_have", text, holes, checker)?)))
        .collect();
    compiled.into_iter().collect()
}

/// A read among the steps only answers.
fn check_read(request: Option<&RequestTemplate>, written: WrittenStep<'_>, checker: &mut Checker<'_>) {
    let Some(request) = request else { return };
    let named = written.must_have.and_then(|entries| entries.0.first()).map(|(path, _)| path.place);
    if request.method != http::Method::GET {
        if let Some(place) = named {
            checker
                .mistake(place, "`must_have` belongs to a step that reads; what a step has written is not looked at");
        }
        return;
    }
    if named.is_none() && holes(request).next().is_some() {
        let message = "`request`: a step that reads one record says with `must_have` which one its answer must be, as in \
                       `{ id: \"{record.id}\" }`";
        checker.mistake(written.request.place, message);
    }
    let misplaced = [
        ("undo", written.undo.map(|undo| undo.place)),
        ("new_id", written.new_id.map(|new_id| new_id.place)),
        ("for_each", written.for_each.map(|each| each.place)),
    ];
    for (key, place) in misplaced {
        if let Some(place) = place {
            checker.mistake(place, format!("`{key}` belongs to a step that writes, and GET changes nothing"));
        }
    }
}

/// Loaded members are not the vendor's, so no whole record takes them along.
fn without_loaded(send: Send, loaded: &[String]) -> Send {
    let with = |drop: Vec<String>| drop.into_iter().chain(loaded.iter().cloned()).collect();
    match send {
        Send::Record { carry, drop, set } => Send::Record { carry, drop: with(drop), set },
        Send::Changed { id, drop, only } => Send::Changed { id, drop: with(drop), only },
        Send::Over { carry, drop } => Send::Over { carry, drop: with(drop) },
        Send::Nothing | Send::Item { .. } | Send::Members(_) => send,
    }
}

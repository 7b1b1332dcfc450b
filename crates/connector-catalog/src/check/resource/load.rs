//! What a resource takes from elsewhere: data that is loaded beside its records, and ids that we choose.

use field_mapping::Mapping;

use crate::check::checker::{Checker, listed};
use crate::check::request::{Holes, Written, request};
use crate::check::resource::Entity;
use crate::file::values::{Entries, Word};
use crate::file::{CompletionFile, LoadFile, LoadOne, Minted};
use crate::plan::{Completion, Follow, Load, LoadAll};
use field_mapping::yaml::Placed;

/// The extra data of a resource's records.
pub(crate) fn loads(written: &Entries<LoadFile>, holes: Holes<'_>, checker: &mut Checker<'_>) -> Option<Vec<Load>> {
    let compiled: Vec<Option<Load>> =
        written.iter().map(|(member, load)| compile(member, load, holes, checker)).collect();
    compiled.into_iter().collect()
}

fn compile(member: &Placed<String>, written: &LoadFile, holes: Holes<'_>, checker: &mut Checker<'_>) -> Option<Load> {
    let name = top_level("load", member, checker);
    let parts = Written { request: &written.request, encode: None, query: &written.query };
    let request = request(parts, holes, checker)?;
    if request.method != http::Method::GET {
        checker.mistake(written.request.place, "`load` reads, so its request is a GET");
    }
    let records = checker.path_or_whole("records", written.records.as_ref());
    let empty = checker.empty(&written.empty);
    let one = checker.word_or("one", written.one.as_ref(), LoadOne::Always);
    let all = checker.word_or("all", written.all.as_ref(), LoadAll::OptIn);
    Some(Load { member: name?, request, records: records?, empty, one: one? == LoadOne::Always, all: all? })
}

/// The member that takes the ids that we choose.
#[expect(clippy::option_option, reason = "a mistake and a resource that mints nothing are two things")]
pub(crate) fn mint(
    written: Option<&Placed<Entries<Word<Minted>>>>,
    checker: &mut Checker<'_>,
) -> Option<Option<String>> {
    let Some(written) = written else { return Some(None) };
    let [(member, kind)] = written.value.0.as_slice() else {
        checker.mistake(written.place, "`mint` names one member and its kind, as in `{ Id: guid }`");
        return None;
    };
    let Minted::Guid = checker.word("mint", kind)?;
    top_level("mint", member, checker).map(Some)
}

/// The lists that follow a member. Their entries are told apart by the member that holds the id.
pub(crate) fn follows(
    written: &Entries<Placed<Entries<Placed<String>>>>,
    mapping: Option<&Mapping>,
    checker: &mut Checker<'_>,
) -> Option<Vec<Follow>> {
    let mut compiled = Vec::new();
    for (list, followed) in written.iter() {
        let [(key, member)] = followed.value.0.as_slice() else {
            let message =
                "`follows` names the entries' id and the member that it follows, as in `{ Id: MainCompanyId }`";
            checker.mistake(followed.place, message);
            continue;
        };
        if mapping.is_some_and(|mapping| mapping.list_key(&list.value) != [key.value.as_str()]) {
            let message = format!(
                "`follows`: nothing tells the entries of `{0}` apart by `{1}`; write `lists: {{ {0}: {{ key: [{1}] }} }}` in the \
                 mapping",
                list.value, key.value
            );
            checker.mistake(list.place, message);
        }
        let (list, member) = (top_level("follows", list, checker), top_level("follows", member, checker));
        compiled.push((|| Some(Follow { list: list?, key: checker.filled("follows", key)?, member: member? }))());
    }
    compiled.into_iter().collect()
}

/// The members that say more of another record than its id.
pub(crate) fn completes(
    written: &Entries<CompletionFile>,
    entity: Entity<'_>,
    checker: &mut Checker<'_>,
) -> Option<Vec<Completion>> {
    let compiled: Vec<Option<Completion>> =
        written.iter().map(|(member, completion)| completion_of(member, completion, entity, checker)).collect();
    compiled.into_iter().collect()
}

fn completion_of(
    member: &Placed<String>,
    written: &CompletionFile,
    Entity { connector, mapping, .. }: Entity<'_>,
    checker: &mut Checker<'_>,
) -> Option<Completion> {
    let name = top_level("completes", member, checker);
    if mapping.is_some_and(|mapping| !mapping.written_members().contains_key(member.value.as_str())) {
        let message = format!("`completes`: no field is written to `{}`", member.value);
        checker.mistake(member.place, message);
    }
    let known = connector.lookups.names();
    if !known.contains(&written.lookup.value.as_str()) {
        let message =
            format!("`completes`: there is no lookup `{}`; the lookups are {}", written.lookup.value, listed(known));
        checker.mistake(written.lookup.place, message);
    }
    if written.take.is_empty() {
        checker.mistake(written.by.place, "`completes`: `take` is empty; name what stands beside the id");
    }
    let take: Vec<Option<String>> = written.take.iter().map(|own| top_level("take", own, checker)).collect();
    let by = top_level("by", &written.by, checker);
    let lookup = written.lookup.value.clone();
    Some(Completion { member: name?, by: by?, lookup, take: take.into_iter().collect::<Option<_>>()? })
}

fn top_level(key: &str, member: &Placed<String>, checker: &mut Checker<'_>) -> Option<String> {
    if member.value.contains(['.', '[']) {
        checker.mistake(member.place, format!("`{key}`: `{}` is no top-level member of the record", member.value));
    }
    checker.filled(key, member)
}

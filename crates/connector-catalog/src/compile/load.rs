//! What a resource takes from elsewhere: data that is loaded beside its records, and ids that we choose.

use super::checker::Checker;
use super::request::{Holes, Written, request};
use crate::definition::{LoadFile, LoadOne, Minted};
use crate::place::{Entries, Placed, Word};
use crate::plan::{Load, LoadAll};

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

fn top_level(key: &str, member: &Placed<String>, checker: &mut Checker<'_>) -> Option<String> {
    if member.value.contains(['.', '[']) {
        checker.mistake(member.place, format!("`{key}`: `{}` is no top-level member of the record", member.value));
    }
    checker.filled(key, member)
}

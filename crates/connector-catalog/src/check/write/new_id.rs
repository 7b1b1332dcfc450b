//! Where the id of a new record, or of a new entry, is in what a step is answered.

use field_mapping::VendorPath;

use crate::check::checker::Checker;
use crate::check::write::Writing;
use crate::check::write::{send, source};
use crate::file::values::{Entries, Tree};
use crate::plan::{NewId, Protocol, StepsAlternative};
use field_mapping::yaml::{Place, Placed};

/// How the address of a record ends whose key is a GUID (`OData` 2 and 3).
const GUID_KEY: &str = "(guid'{id}')";

pub(crate) fn compile(
    tree: &Placed<Tree>,
    has_item: bool,
    writing: Writing<'_>,
    checker: &mut Checker<'_>,
) -> Option<NewId> {
    if !writing.is_add() && !has_item {
        checker.mistake(tree.place, "`new_id` is for `add` and for `for_each`; an update knows its record's id");
    }
    match &tree.value {
        Tree::Mapping(entries) if send::member(entries, "location").is_some() => in_address(entries, checker),
        Tree::Mapping(entries) => added(entries, tree.place, checker),
        Tree::Scalar(_) | Tree::List(_) => source::path("new_id", tree, checker).map(NewId::At),
    }
}

fn in_address(entries: &Entries<Placed<Tree>>, checker: &mut Checker<'_>) -> Option<NewId> {
    send::only_keys("new_id", entries, &["at", "location"], checker);
    let at = match send::member(entries, "at") {
        Some(at) => Some(source::path("at", at, checker)?),
        None => None,
    };
    let location = send::member(entries, "location")?;
    let ending = send::text("location", location, checker)?.parse();
    Some(NewId::InAddress { at, ending: checker.noting("location", location.place, ending)? })
}

fn added(entries: &Entries<Placed<Tree>>, place: Place, checker: &mut Checker<'_>) -> Option<NewId> {
    send::only_keys("new_id", entries, &["added_to", "since", "take"], checker);
    let mut path = |key: &str, missing: Option<&str>| match (send::member(entries, key), missing) {
        (Some(at), _) => source::path(key, at, checker),
        (None, Some(path)) => VendorPath::parse(path).ok(),
        (None, None) => {
            checker.mistake(place, format!("`new_id` needs `added_to` and `since`; `{key}` is missing"));
            None
        }
    };
    let (list, take) = (path("added_to", None), path("take", Some("$")));
    let Some(since) = send::member(entries, "since") else {
        checker.mistake(place, "`new_id` needs `added_to` and `since`; `since` is missing");
        return None;
    };
    Some(NewId::Added { list: list?, since: send::text("since", since, checker)?, take: take? })
}

/// The first step that writes makes the record; unless the definition says otherwise its answer has the id under `id`, or
/// where the record itself has it whose id we proposed. `OData` names a record's address in headers, too.
pub(crate) fn by_default(alternative: &mut StepsAlternative, writing: Writing<'_>) {
    if alternative.steps.iter().any(|step| step.new_id.is_some() && step.for_each.is_none()) {
        return;
    }
    let Some(first) = alternative.steps.iter_mut().find(|step| step.for_each.is_none() && !step.is_read()) else {
        return;
    };
    let Ok(at) = VendorPath::parse(&writing.envelope.in_record(writing.minted.unwrap_or("id"))) else { return };
    let is_odata = writing.connector.protocol.word == Ok(Protocol::Odata);
    first.new_id = Some(match GUID_KEY.parse() {
        Ok(ending) if is_odata && writing.minted.is_some() => NewId::InAddress { at: Some(at), ending },
        _ => NewId::At(at),
    });
}

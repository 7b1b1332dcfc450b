//! Lists through other records: the lists of parents, and the children of each.

use crate::check::checker::Checker;
use crate::check::envelope::Envelope;
use crate::check::list;
use crate::check::request::{Holes, Written, request};
use crate::file::values::{Entries, Number};
use crate::file::{ListFile, ParentFile};
use crate::plan::template::Hole;
use crate::plan::{ParentSource, ParentsPlan};
use field_mapping::yaml::Placed;

const FAN_OUT: Bound = Bound { key: "fan_out", default: 10, least: 1 };
const CALLS: Bound = Bound { key: "calls", default: 25, least: 2 };

pub(crate) fn compile(
    sources: &Placed<Vec<Placed<ParentFile>>>,
    written: &ListFile,
    envelope: Envelope<'_>,
    checker: &mut Checker<'_>,
) -> Option<ParentsPlan> {
    let beside = written.encode.is_some()
        || written.records.is_some()
        || !written.empty.is_empty()
        || written.sort.is_some()
        || written.rules.is_some()
        || !written.query.0.is_empty()
        || !written.filters.0.is_empty()
        || !written.sorts.is_empty();
    if beside {
        let message =
            "`parents`: a list through other records carries no filter, sort or parameter; use `alternatives`";
        checker.mistake(sources.place, message);
    }
    if sources.value.is_empty() {
        checker.mistake(sources.place, "`parents` is empty; write at least one list");
    }
    let fan_out = FAN_OUT.read(written.fan_out.as_ref(), checker);
    let calls = CALLS.read(written.calls.as_ref(), checker);
    let compiled: Vec<Option<ParentSource>> =
        sources.value.iter().map(|source| self::source(source, envelope, checker)).collect();
    Some(ParentsPlan { sources: compiled.into_iter().collect::<Option<_>>()?, fan_out: fan_out?, calls: calls? })
}

/// A number that has bounds, and stands for itself where it is left out.
struct Bound {
    key: &'static str,
    default: u16,
    least: u16,
}

impl Bound {
    fn read(&self, written: Option<&Number<u16>>, checker: &mut Checker<'_>) -> Option<usize> {
        let number = written.map_or(Some(self.default), |number| checker.within(self.key, number, self.least..=200));
        number.map(usize::from)
    }
}

fn source(written: &Placed<ParentFile>, envelope: Envelope<'_>, checker: &mut Checker<'_>) -> Option<ParentSource> {
    let source = &written.value;
    let parts = Written { request: &source.request, encode: source.encode.as_ref(), query: &source.query };
    let parents = request(parts, Holes::default(), checker);
    let records = checker.path_or_whole("records", source.records.as_ref());
    let empty = checker.empty(&source.empty);
    let paging = list::paging(&source.paging.value, checker);
    let id = checker.path("id", &source.id);
    let no_query = Entries::default();
    let parts = Written { request: &source.children, encode: None, query: &no_query };
    let children = request(parts, Holes { parent: true, ..Holes::default() }, checker);
    if children.as_ref().is_some_and(|children| !children.path.holes().any(|hole| *hole == Hole::Parent)) {
        checker.mistake(source.children.place, "`children`: the path needs `{parent}`, the id of the parent");
    }
    let children_at = checker.path_or_whole("children_at", source.children_at.as_ref());
    let keep = source.keep.as_ref();
    let first =
        keep.and_then(|keep| keep.first.as_ref()).and_then(|path| checker.path("first", path)).map(|path| path.first());
    let none = keep.and_then(|keep| keep.none.as_ref()).and_then(|path| checker.path("none", path));
    Some(ParentSource {
        request: parents?,
        records: records?,
        empty,
        paging: paging?,
        id: id?,
        children: children?,
        children_at: envelope.records(children_at?),
        first,
        none,
    })
}

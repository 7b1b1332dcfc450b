//! Deleted records: how the vendor marks them, what becomes of them, and which resources say nothing of it.

use std::collections::BTreeMap;

use field_mapping::{Mapping, Mark, VendorPath};
use unified_model::Resource;

use crate::check::checker::Checker;
use crate::file::{ConnectorFile, DeletedFile, DeletedThen, MarkFile};
use crate::plan::{Deleted, Variant};
use field_mapping::yaml::Placed;

/// The canonical fields that can say that a record was deleted.
const SHOWN_AS: [&str; 2] = ["deleted", "active"];

pub(crate) fn compile(
    written: Option<&Placed<DeletedFile>>,
    mapping: Option<&Mapping>,
    checker: &mut Checker<'_>,
) -> Option<Deleted> {
    let (written, place) = match written {
        None => return Some(Deleted::Unsaid),
        Some(Placed { value: DeletedFile::Never, .. }) => return Some(Deleted::Never),
        Some(Placed { value: DeletedFile::Marked(written), place }) => (written, *place),
    };
    let mark = mark(&written.mark, checker);
    match checker.word_or("then", written.then.as_ref(), DeletedThen::LeftOut)? {
        DeletedThen::LeftOut => Some(Deleted::LeftOut(mark?)),
        DeletedThen::Shown => {
            if mapping.is_some_and(|mapping| !SHOWN_AS.iter().any(|field| reads(mapping, field))) {
                let place = written.then.as_ref().map_or(place, |then| then.place);
                checker.mistake(
                    place,
                    "`then: shown` needs a mapping that reads `deleted` or `active`; this one reads neither",
                );
            }
            Some(Deleted::Shown(mark?))
        }
    }
}

fn mark(written: &Placed<MarkFile>, checker: &mut Checker<'_>) -> Option<Mark> {
    let members = match &written.value {
        MarkFile::Path(path) => {
            let path = Placed { value: path.clone(), place: written.place };
            vec![checker.path("mark", &path).map(|path| (path, None))]
        }
        MarkFile::Values(values) => values
            .iter()
            .map(|(path, value)| checker.path("mark", path).map(|path| (path, Some(value.value.0.clone()))))
            .collect::<Vec<Option<(VendorPath, Option<serde_json::Value>)>>>(),
    };
    Some(Mark { members: members.into_iter().collect::<Option<_>>()? })
}

fn reads(mapping: &Mapping, field: &str) -> bool {
    mapping.coverage().iter().any(|row| row.field == field && row.readable)
}

/// A vendor that marks the deleted records of one resource is likely to mark those of the others.
pub(crate) fn warn_of_missing_marks(
    written: &ConnectorFile,
    resources: &BTreeMap<Resource, Vec<Variant>>,
    checker: &mut Checker<'_>,
) {
    let named = written
        .resources
        .iter()
        .filter_map(|(name, _)| Some((name, resources.get(&name.value.parse::<Resource>().ok()?)?)));
    let named: Vec<(&Placed<String>, Known)> = named.map(|(name, variants)| (name, known(variants))).collect();
    let Some((example, _)) = named.iter().find(|(_, known)| known.is_marked) else { return };
    for (name, known) in named.iter().filter(|(_, known)| known.is_unsaid) {
        let message = if known.is_marked {
            format!(
                "`{}` reads `deleted`, and an update may change a deleted record unseen; write `deleted: {{ mark: … }}`",
                name.value
            )
        } else {
            format!(
                "`{}` says nothing of deleted records, which the vendor marks in `{}`; write `deleted: {{ mark: … }}` or `deleted: never`",
                name.value, example.value
            )
        };
        checker.warn(name.place, message);
    }
}

/// What a resource says of deleted records.
struct Known {
    is_marked: bool,
    is_unsaid: bool,
}

fn known(variants: &[Variant]) -> Known {
    let parts = || variants.iter().flat_map(|variant| &variant.parts);
    let is_unsaid = parts().any(|part| part.deleted == Deleted::Unsaid);
    let reads_mark = || parts().any(|part| part.deleted == Deleted::Unsaid && reads(&part.mapping, "deleted"));
    Known { is_marked: parts().any(|part| part.deleted.mark().is_some()) || reads_mark(), is_unsaid }
}

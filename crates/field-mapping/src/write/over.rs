//! Writing where the current record is known: the whole of it, or the part that a vendor takes.

use serde_json::{Map, Value};

use super::list::difference;
use super::unchanged::Divided;
use super::{Way, part, union, write};
use crate::check::checked::CheckedMapping;
use crate::value::context::Context;
use crate::write::written::{Written, WrittenOver};

/// Reads a vendor's record as callers see it.
pub(crate) type Reader<'r> = &'r dyn Fn(&Map<String, Value>) -> Map<String, Value>;

/// Writes over a record.
pub(crate) fn write_over(
    checked: &CheckedMapping,
    current: &Map<String, Value>,
    sent: &Map<String, Value>,
    context: Context<'_>,
    read: Reader<'_>,
) -> WrittenOver {
    let held = read(current);
    let divided = Divided::of(checked, sent, &held);
    let Written { record, warnings, refused } = over(checked, current, &divided, context, held, read);
    let (part, mut removes) = difference::between(checked, current, &record);
    removes.extend(union::moved(checked, current, &record));
    WrittenOver { record, part, removes, warnings, refused }
}

/// Writes a part of a record whose other values are known.
pub(crate) fn write_patch_over(
    checked: &CheckedMapping,
    current: &Map<String, Value>,
    sent: &Map<String, Value>,
    context: Context<'_>,
    read: Reader<'_>,
) -> Written {
    let held = read(current);
    let divided = Divided::of(checked, sent, &held);
    let Written { record, warnings, refused } = over(checked, current, &divided, context, held, read);
    let patch = write(checked, Map::new(), &divided.changes, None, Way::Patch, context, Map::new());
    let record = part::of(checked, &divided.changes, patch.record, current, &record);
    Written { record, warnings, refused }
}

fn over(
    checked: &CheckedMapping,
    current: &Map<String, Value>,
    divided: &Divided,
    context: Context<'_>,
    held: Map<String, Value>,
    read: Reader<'_>,
) -> Written {
    let mut written = write(checked, current.clone(), &divided.changes, None, Way::Over, context, held);
    if divided.has_unchanged() && written.record != *current {
        written.warnings.extend(divided.moved(checked, &read(&written.record)));
    }
    written
}

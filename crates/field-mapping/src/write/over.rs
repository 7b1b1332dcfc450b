//! Writing where the current record is known: the whole of it, or the part that a vendor takes.

use serde_json::{Map, Value};

use super::list::difference;
use super::unchanged::Divided;
use super::{Way, part, union, write};
use crate::check::checked::Definition;
use crate::mapping::{Written, WrittenOver};
use crate::value::context::Context;

/// Reads a vendor's record as callers see it.
pub(crate) type Reader<'r> = &'r dyn Fn(&Map<String, Value>) -> Map<String, Value>;

/// Writes over a record.
pub(crate) fn write_over(
    definition: &Definition,
    current: &Map<String, Value>,
    sent: &Map<String, Value>,
    context: Context<'_>,
    read: Reader<'_>,
) -> WrittenOver {
    let held = read(current);
    let divided = Divided::of(definition, sent, &held);
    let Written { record, warnings, refused } = over(definition, current, &divided, context, held, read);
    let (part, mut removes) = difference::between(definition, current, &record);
    removes.extend(union::moved(definition, current, &record));
    WrittenOver { record, part, removes, warnings, refused }
}

/// Writes a part of a record whose other values are known.
pub(crate) fn write_patch_over(
    definition: &Definition,
    current: &Map<String, Value>,
    sent: &Map<String, Value>,
    context: Context<'_>,
    read: Reader<'_>,
) -> Written {
    let held = read(current);
    let divided = Divided::of(definition, sent, &held);
    let Written { record, warnings, refused } = over(definition, current, &divided, context, held, read);
    let patch = write(definition, Map::new(), &divided.changes, None, Way::Patch, context, Map::new());
    let record = part::of(definition, &divided.changes, patch.record, current, &record);
    Written { record, warnings, refused }
}

fn over(
    definition: &Definition,
    current: &Map<String, Value>,
    divided: &Divided,
    context: Context<'_>,
    held: Map<String, Value>,
    read: Reader<'_>,
) -> Written {
    let mut written = write(definition, current.clone(), &divided.changes, None, Way::Over, context, held);
    if divided.has_unchanged() && written.record != *current {
        written.warnings.extend(divided.moved(definition, &read(&written.record)));
    }
    written
}

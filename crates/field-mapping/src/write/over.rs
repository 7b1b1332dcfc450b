//! Writing where the current record is known: the whole of it, or the part that a vendor takes.

use serde_json::{Map, Value};

use super::list::difference;
use super::part::Change;
use super::unchanged::Divided;
use super::written::{Written, WrittenOver};
use super::{Draft, Way, part, union, write};
use crate::check::checked::CheckedMapping;
use crate::value::context::Context;

/// Reads a vendor's record as callers see it.
pub(crate) type ReadBack<'r> = &'r dyn Fn(&Map<String, Value>) -> Map<String, Value>;

/// A record that the vendor has.
pub(crate) struct Existing<'e> {
    pub(crate) checked: &'e CheckedMapping,
    /// The record as the vendor holds it.
    pub(crate) current: &'e Map<String, Value>,
    pub(crate) context: Context<'e>,
    pub(crate) read: ReadBack<'e>,
}

impl Existing<'_> {
    /// Writes over the record.
    pub(crate) fn write(&self, sent: &Map<String, Value>) -> WrittenOver {
        let (_, Written { record, warnings, refused }) = self.over(sent);
        let (part, mut removes) = difference::between(self.checked, self.current, &record);
        removes.extend(union::moved(self.checked, self.current, &record));
        WrittenOver { record, part, removes, warnings, refused }
    }

    /// Writes a part of the record; its other values are known.
    pub(crate) fn write_patch(&self, sent: &Map<String, Value>) -> Written {
        let (divided, Written { record, warnings, refused }) = self.over(sent);
        let patch = write(Draft::empty(self.checked, Way::Patch, self.context), &divided.changes);
        let change = Change { before: self.current, after: &record };
        let record = part::of(self.checked, &divided.changes, patch.record, change);
        Written { record, warnings, refused }
    }

    fn over(&self, sent: &Map<String, Value>) -> (Divided, Written) {
        let held = (self.read)(self.current);
        let divided = Divided::of(self.checked, sent, &held);
        let empty = Draft::empty(self.checked, Way::Over, self.context);
        let mut written = write(Draft { record: self.current.clone(), held, ..empty }, &divided.changes);
        if divided.has_unchanged() && written.record != *self.current {
            written.warnings.extend(divided.moved(self.checked, &(self.read)(&written.record)));
        }
        (divided, written)
    }
}

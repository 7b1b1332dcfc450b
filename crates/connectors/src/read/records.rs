//! Vendor documents mapped to canonical records, and what callers are told of it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bytes::Bytes;
use connector_catalog::ResourceDefinition;
use field_mapping::{PageFacts, ReadError, Reading, Scratch};
use unified_model::Warning;
use unified_model::answer::WarningKind;
use vendor_client::off_the_workers;

use crate::call::outcome::Exchange;

thread_local! {
    /// Parsing buffers, kept between calls; a page is mapped without an await in between.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// Maps a vendor document with this thread's buffers.
pub(crate) fn read(
    resource: &ResourceDefinition,
    document: &[u8],
    reading: &Reading<'_>,
    out: &mut Vec<u8>,
) -> Result<PageFacts, ReadError> {
    off_the_workers(document.len(), || {
        SCRATCH.with_borrow_mut(|scratch| resource.mapping.read(document, reading, scratch, out))
    })
}

/// Joins two JSON arrays.
pub(crate) fn append(records: &mut Vec<u8>, more: &[u8]) {
    let inner = more.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")).unwrap_or_default();
    if inner.is_empty() {
        return;
    }
    records.pop();
    if records.last() != Some(&b'[') {
        records.push(b',');
    }
    records.extend_from_slice(inner);
    records.push(b']');
}

/// One warning for each required member that had to be filled in, and for each custom mapping that holds too much.
pub(crate) fn reading_warnings(
    filled_in: &BTreeMap<String, usize>,
    too_large: &BTreeMap<String, usize>,
    unreadable: &BTreeMap<String, usize>,
) -> impl Iterator<Item = Warning> {
    let filled_in = filled_in.iter().map(|(field, records)| {
        Warning::about_field(
            WarningKind::RequiredMemberMissing,
            field.clone(),
            format!("{records} vendor record(s) have no `{field}`, which must be there: it is answered as an empty text, or as the record's id where it may not be empty"),
        )
    });
    let too_large = too_large.iter().map(|(key, records)| {
        Warning::about_field(
            WarningKind::ValueTooLarge,
            format!("custom_mappings.{key}"),
            format!("what is mapped to `{key}` is too large in {records} vendor record(s); it is answered as null"),
        )
    });
    let unreadable = unreadable.iter().map(|(field, records)| {
        Warning::about_field(
            WarningKind::ValueUnreadable,
            field.clone(),
            format!(
                "`{field}` of {records} vendor record(s) cannot be read as its type; it is answered as null or left out"
            ),
        )
    });
    filled_in.chain(too_large).chain(unreadable)
}

/// A whole-document body kept for `_raw`.
pub(crate) fn kept(step: &str, body: &Bytes) -> Exchange {
    Exchange { step: step.to_owned(), body: body.clone() }
}

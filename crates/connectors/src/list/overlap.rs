//! Where pages overlap: the records of a page that the one before it ended with.

use field_mapping::VendorPath;
use serde_json::Value;

use super::fingerprint;
use crate::lookup::as_text;

/// How many records of an answer are passed once the one with that mark is. What is no JSON is told apart where the answer
/// is mapped.
pub(crate) fn of(answer: &[u8], records: &VendorPath, id: &VendorPath, last: u64) -> usize {
    let Ok(document) = serde_json::from_slice::<Value>(answer) else { return 0 };
    match records.find(&document) {
        Some(Value::Array(records)) => among(records, id, last),
        _ => 0,
    }
}

/// The same among records.
pub(crate) fn among(records: &[&Value], id: &VendorPath, last: u64) -> usize {
    let is_last = |record: &Value| id.find(record).is_some_and(|own| fingerprint::of(&as_text(own)) == last);
    records.iter().filter(|record| record.is_object()).position(|record| is_last(record)).map_or(0, |place| place + 1)
}

//! Where pages overlap: the records of a page that the one before it ended with.

use field_mapping::VendorPath;
use serde_json::Value;

use super::fingerprint;
use crate::call::ids::as_text;

/// How many records of an answer are passed once the last one with that mark is. What is no JSON is told apart where the answer
/// is mapped.
pub(crate) fn of(answer: &[u8], records: &VendorPath, id: &VendorPath, last: u64) -> usize {
    let Ok(mut document) = serde_json::from_slice::<Value>(answer) else { return 0 };
    passed(records.elements_mut(&mut document).into_iter().map(|record| record.map(|record| &*record)), id, last)
}

/// The same among records.
pub(crate) fn among(records: &[&Value], id: &VendorPath, last: u64) -> usize {
    passed(records.iter().filter(|record| record.is_object()).map(|record| Some(*record)), id, last)
}

fn passed<'v>(records: impl Iterator<Item = Option<&'v Value>>, id: &VendorPath, last: u64) -> usize {
    let is_last = |record: &Value| id.find(record).is_some_and(|own| fingerprint::of(&as_text(own)) == last);
    // A page that holds a record twice may come again as a whole.
    let passed = records.enumerate().filter(|(_, record)| record.is_some_and(is_last)).last();
    passed.map_or(0, |(place, _)| place + 1)
}

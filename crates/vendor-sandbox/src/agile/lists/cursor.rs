//! Order and place in a list. A cursor holds the last record's place, so what is added or removed elsewhere moves nothing.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::agile::replies::Refusal;
use crate::agile::store::Account;

/// `created_time`, or `-created_time` for the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::agile) struct SortOrder(String);

/// A record that stands in lists.
pub(in crate::agile) trait Listed {
    fn id(&self) -> i64;

    /// What the record is ordered by under that sort key.
    fn sort_value(&self, field: &str) -> SortValue;

    /// The record as the vendor shows it.
    fn show(&self, account: &Account) -> Value;
}

/// What records are ordered by; the id decides between equals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::agile) enum SortValue {
    Number(i64),
    Text(String),
}

/// A record's place in an order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::agile) struct Place(SortValue, i64);

impl SortOrder {
    pub(in crate::agile) fn by(key: &str) -> Self {
        Self(key.to_owned())
    }

    pub(in crate::agile) fn place_of(&self, record: &impl Listed) -> Place {
        Place(record.sort_value(self.0.strip_prefix('-').unwrap_or(&self.0)), record.id())
    }

    pub(in crate::agile) fn compare(&self, left: &Place, right: &Place) -> Ordering {
        if self.0.starts_with('-') { right.cmp(left) } else { left.cmp(right) }
    }

    /// The cursor that continues after `place`.
    pub(in crate::agile) fn seal(&self, place: &Place) -> String {
        let value = match &place.0 {
            SortValue::Number(number) => json!(number),
            SortValue::Text(text) => json!(text),
        };
        URL_SAFE_NO_PAD.encode(json!([self.0, value, place.1]).to_string())
    }

    /// The place in a cursor of this very order; any other text is an exception inside the vendor.
    pub(in crate::agile) fn open(&self, cursor: &str) -> Result<Place, Refusal> {
        self.parse(cursor).ok_or_else(|| Refusal::exception("java.lang.IllegalArgumentException: Invalid cursor"))
    }

    fn parse(&self, cursor: &str) -> Option<Place> {
        let decoded = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (order, value, id): (String, Value, i64) = serde_json::from_slice(&decoded).ok()?;
        let value = match value {
            Value::Number(number) => SortValue::Number(number.as_i64()?),
            Value::String(text) => SortValue::Text(text),
            _ => return None,
        };
        (order == self.0).then_some(Place(value, id))
    }
}

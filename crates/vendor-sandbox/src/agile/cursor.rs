//! Order and place in a list. A cursor holds the last record's place, so what is added or removed elsewhere moves nothing.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::records::{Contact, Origin};
use super::replies::Refusal;

/// `created_time`, or `-created_time` for the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SortOrder(String);

/// What records are ordered by; the id decides between equals.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SortValue {
    Number(i64),
    Text(String),
}

/// A record's place in an order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(SortValue, i64);

impl SortOrder {
    pub(super) fn by(key: &str) -> Self {
        Self(key.to_owned())
    }

    pub(super) fn place_of(&self, contact: &Contact) -> Place {
        let field = self.0.strip_prefix('-').unwrap_or(&self.0);
        let value = match field {
            "created_time" => SortValue::Number(contact.created),
            "updated_time" => SortValue::Number(contact.updated),
            "last_contacted" => SortValue::Number(contact.last_contacted),
            "lead_score" => SortValue::Number(contact.lead_score),
            "star_value" => SortValue::Number(contact.star_value),
            "name" => SortValue::Text(contact.display_name().to_lowercase()),
            "first_name" | "last_name" => SortValue::Text(contact.system(field).to_lowercase()),
            // A searchable custom field.
            label => {
                let mut custom = contact.properties.iter();
                let found = custom.find(|property| property.origin == Origin::Custom && property.name == label);
                SortValue::Text(found.map(|property| property.value.to_lowercase()).unwrap_or_default())
            }
        };
        Place(value, contact.id)
    }

    pub(super) fn compare(&self, left: &Place, right: &Place) -> Ordering {
        if self.0.starts_with('-') { right.cmp(left) } else { left.cmp(right) }
    }

    /// The cursor that continues after `place`.
    pub(super) fn seal(&self, place: &Place) -> String {
        let value = match &place.0 {
            SortValue::Number(number) => json!(number),
            SortValue::Text(text) => json!(text),
        };
        URL_SAFE_NO_PAD.encode(json!([self.0, value, place.1]).to_string())
    }

    /// The place in a cursor of this very order; any other text is an exception inside the vendor.
    pub(super) fn open(&self, cursor: &str) -> Result<Place, Refusal> {
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

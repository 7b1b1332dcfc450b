//! Whether two canonical values say the same: null and what is missing, 40 and 40.0, one instant in two forms.

use serde_json::{Map, Value};
use unified_model::schema::{Access, Format, Kind, ObjectType};

use crate::json::bytes::same;
use crate::value::moment::Instant;

/// Whether what a caller sends is what the record shows already.
pub(crate) fn alike(kind: &Kind, sent: &Value, held: &Value) -> bool {
    match (kind, sent, held) {
        (_, Value::Null, Value::Null) => true,
        (_, Value::Null, nothing) | (_, nothing, Value::Null) => is_nothing(kind, nothing),
        (Kind::Text { format: Some(Format::DateTime), .. }, Value::String(sent), Value::String(held)) => {
            sent == held || Instant::parse(sent).is_some_and(|instant| Instant::parse(held) == Some(instant))
        }
        (Kind::List(inner), Value::Array(sent), Value::Array(held)) => {
            sent.len() == held.len() && sent.iter().zip(held).all(|(sent, held)| alike(inner, sent, held))
        }
        (Kind::Object(object), Value::Object(sent), Value::Object(held)) => members_alike(object, sent, held),
        (
            Kind::Text { .. }
            | Kind::Integer { .. }
            | Kind::Number
            | Kind::Boolean
            | Kind::Object(_)
            | Kind::FreeObject
            | Kind::List(_)
            | Kind::Any,
            _,
            _,
        ) => same(sent, held),
    }
}

/// A member that only the vendor fills need not be sent back.
pub(crate) fn members_alike(object: &ObjectType, sent: &Map<String, Value>, held: &Map<String, Value>) -> bool {
    let known = object.properties.iter().all(|property| {
        let own = sent.get(&property.name);
        if own.is_none() && property.access == Access::ReadOnly {
            return true;
        }
        let of = |members: &Map<String, Value>| members.get(&property.name).cloned().unwrap_or_default();
        alike(&property.kind, own.unwrap_or(&Value::Null), &of(held))
    });
    known && sent.keys().all(|name| object.property(name).is_some())
}

/// What stands for nothing beside a null. A list that is empty is one that the caller may want emptied, so it has to be known
/// to be empty: null is what a record shows where nothing is known of it.
fn is_nothing(kind: &Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Object(_), Value::Object(members)) => members.values().all(Value::is_null),
        (Kind::List(_), Value::Array(items)) => items.is_empty(),
        (_, value) => value.is_null(),
    }
}

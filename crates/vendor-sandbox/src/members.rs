//! What vendors with flat JSON records take from a body: the members they know, each of its own kind. Null is always taken.

use jiff::civil::Date;
use serde_json::Value;

use crate::table::Record;
use crate::values::guid;

/// What a member may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Flag,
    /// `2026-01-31`, or the same with a time behind it.
    Date,
    Guid,
    Object,
    Texts,
    Objects,
}

impl Kind {
    fn holds(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Flag => value.is_boolean(),
            Self::Date => value.as_str().is_some_and(is_date),
            Self::Guid => value.as_str().is_some_and(|text| guid::parse(text).is_some()),
            Self::Object => value.is_object(),
            Self::Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            Self::Objects => value.as_array().is_some_and(|items| items.iter().all(Value::is_object)),
        }
    }
}

/// The members of `body` that are among `known`; the rest is passed over.
///
/// # Errors
/// The name of the first member that is not of its kind.
pub(crate) fn read(body: &Record, known: &[(&'static str, Kind)]) -> Result<Record, &'static str> {
    let mut taken = Record::new();
    for (name, kind) in known {
        match body.get(*name) {
            None => {}
            Some(value) if value.is_null() || kind.holds(value) => {
                taken.insert((*name).to_owned(), value.clone());
            }
            Some(_) => return Err(name),
        }
    }
    Ok(taken)
}

fn is_date(text: &str) -> bool {
    text.get(..10).is_some_and(|day| day.parse::<Date>().is_ok())
}

//! Whether a value that was written reads back: nothing and null are alike, instants and numbers count by what they mean.

use std::collections::BTreeSet;

use serde_json::Value;

/// The value without members that are null.
pub fn dense(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().filter(|(_, own)| !own.is_null()).map(|(name, own)| (name.clone(), dense(own))).collect()
        }
        Value::Array(items) => items.iter().map(dense).collect(),
        other => other.clone(),
    }
}

/// Nothing is there: null, an empty text, an empty list.
pub fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}

/// Whether `sent` reads back as `found`, apart from members that `warned` names below `path`.
pub fn is_kept(path: &str, sent: &Value, found: &Value, warned: &BTreeSet<String>) -> bool {
    if is_nothing(sent) {
        return is_nothing(found);
    }
    match (sent, found) {
        (Value::Object(sent), Value::Object(found)) => sent.iter().all(|(name, own)| {
            let below = format!("{path}.{name}");
            // What is named in a warning may have become anything; an id is the vendor's to give.
            warned.contains(&below)
                || is_joined(path, name, warned)
                || is_kept(&below, own, found.get(name).unwrap_or(&Value::Null), warned)
        }),
        (Value::Array(sent), Value::Array(found)) => {
            // Custom fields are merged by their ids, and vendors have some that are always there; so may be the tag that makes
            // a record what it is.
            let as_many = sent.len() == found.len()
                || path == "custom_fields"
                || (path == "tags" && found.len() == sent.len() + 1 && found.last() == Some(&Value::from("Lead")));
            as_many && sent.iter().all(|item| found.iter().any(|other| is_kept(path, item, other, warned)))
        }
        (Value::String(sent), Value::String(found)) => sent == found || is_same_instant(sent, found),
        (Value::Number(sent), Value::Number(found)) => sent.as_f64() == found.as_f64(),
        _ => sent == found,
    }
}

/// Further lines of an address are part of the first or the second one, where that is warned of.
fn is_joined(path: &str, name: &str, warned: &BTreeSet<String>) -> bool {
    let below = format!("{path}.{name}");
    let lines = ["line1", "line2"].map(|line| format!("{path}.{line}"));
    super::vendor_rules::is_absorbed(&below) && lines.iter().any(|line| warned.contains(line))
}

fn is_same_instant(one: &str, other: &str) -> bool {
    let instant = |text: &str| text.parse::<jiff::Timestamp>().ok();
    instant(one).is_some() && instant(one) == instant(other)
}

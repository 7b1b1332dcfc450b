//! A reply held against the one that is owed.

use std::collections::BTreeSet;

use serde_json::Value;

/// Members of `owed` must be there; others may be.
pub(super) fn compare_open(at: &str, owed: &Value, found: &Value, differences: &mut Vec<String>) {
    let (Value::Object(owed_members), Value::Object(found_members)) = (owed, found) else {
        compare(at, owed, found, differences);
        return;
    };
    for (name, owed) in owed_members {
        let place = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        let Some(found) = found_members.get(name) else {
            differences.push(format!("{place}: owed {owed}, got nothing"));
            continue;
        };
        if matches!(name.as_str(), "meta" | "cursors" | "links" | "detail") {
            compare_open(&place, owed, found, differences);
        } else {
            compare(&place, owed, found, differences);
        }
    }
}

fn compare(at: &str, owed: &Value, found: &Value, differences: &mut Vec<String>) {
    match (owed, found) {
        (Value::String(any), Value::String(_)) if any == "*" => {}
        (Value::Object(owed), Value::Object(found)) => {
            let names: BTreeSet<&String> = owed.keys().chain(found.keys()).collect();
            for name in names {
                match (owed.get(name), found.get(name)) {
                    (Some(owed), Some(found)) => compare(&format!("{at}.{name}"), owed, found, differences),
                    (Some(owed), None) => differences.push(format!("{at}.{name}: owed {owed}, got nothing")),
                    (None, found) => {
                        differences.push(format!("{at}.{name}: owed nothing, got {}", found.unwrap_or(&Value::Null)));
                    }
                }
            }
        }
        (Value::Array(owed), Value::Array(found)) if owed.len() == found.len() => {
            for (index, (owed, found)) in owed.iter().zip(found).enumerate() {
                compare(&format!("{at}[{index}]"), owed, found, differences);
            }
        }
        _ if owed == found => {}
        _ => differences.push(format!("{at}: owed {owed}, got {found}")),
    }
}

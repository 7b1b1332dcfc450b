//! JSON values as the plain XML that Java servers make of records: one element per member, repeated for lists.

use std::fmt::Write as _;

use serde_json::Value;

/// A document with one record under `element`.
pub(crate) fn record(element: &str, value: &Value) -> String {
    let mut document = declaration();
    write_element(&mut document, element, value);
    document
}

/// A document with each of `values` under `element`, inside `<collection>`.
pub(crate) fn collection(element: &str, values: &[Value]) -> String {
    let mut document = declaration();
    document.push_str("<collection>");
    for value in values {
        write_element(&mut document, element, value);
    }
    document.push_str("</collection>");
    document
}

fn declaration() -> String {
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#.to_owned()
}

fn write_element(document: &mut String, name: &str, value: &Value) {
    if let Value::Array(items) = value {
        for item in items {
            write_element(document, name, item);
        }
        return;
    }
    let _ = write!(document, "<{name}>");
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                write_element(document, member, value);
            }
        }
        Value::String(text) => write_text(document, text),
        Value::Null => {}
        other => document.push_str(&other.to_string()),
    }
    let _ = write!(document, "</{name}>");
}

fn write_text(document: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => document.push_str("&lt;"),
            '>' => document.push_str("&gt;"),
            '&' => document.push_str("&amp;"),
            // XML 1.0 has no way at all to write the other control characters.
            control if control.is_control() && !matches!(control, '\t' | '\n' | '\r') => {}
            other => document.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_repeat_their_element_and_text_is_escaped() {
        let value = json!({"id": 9_007_199_254_740_993_i64, "tags": ["a", "b & <c>"], "none": []});
        let document = record("contact", &value);
        assert!(
            document
                .ends_with("<contact><id>9007199254740993</id><tags>a</tags><tags>b &amp; &lt;c&gt;</tags></contact>")
        );
    }
}

//! What JSON takes of memory once it is read into a tree: many times its bytes where it has many small values.

use serde_json::Value;

/// What a value takes by itself.
const VALUE_BYTES: usize = 40;
/// What the first members of an object take, which have room for eleven.
const OBJECT_BYTES: usize = 700;

/// The most that one answer may take once it is read.
pub(crate) const MOST_BYTES: usize = 192 * 1024 * 1024;

/// Whatever is in a document of this size, it takes little.
const SMALL_DOCUMENT_BYTES: usize = 64 * 1024;

/// About how much a document takes once it is read, told without reading it; nothing for a small one.
pub(crate) fn cost(document: &[u8]) -> usize {
    if document.len() > SMALL_DOCUMENT_BYTES { estimated_bytes(document) } else { 0 }
}

fn estimated_bytes(document: &[u8]) -> usize {
    let (mut values, mut objects) = (1, 0);
    for (at, byte) in document.iter().enumerate() {
        match byte {
            b',' | b':' | b'[' => values += 1,
            // An empty one takes no more than any value.
            b'{' if document.get(at + 1) != Some(&b'}') => objects += 1,
            _ => {}
        }
    }
    // The first member of an object comes after no comma.
    document.len() + values * VALUE_BYTES + objects * (OBJECT_BYTES + VALUE_BYTES)
}

/// About how much a value takes with all that is in it.
pub(crate) fn bytes(value: &Value) -> usize {
    VALUE_BYTES
        + match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(bytes).sum(),
            Value::Object(members) => {
                let nodes = members.len().div_ceil(11) * OBJECT_BYTES;
                nodes + members.iter().map(|(name, value)| name.len() + bytes(value)).sum::<usize>()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_no_less_than_what_is_there() {
        for text in [
            "[]",
            "{}",
            "[{},{},{}]",
            "[{\"\":0},{\"\":0},{\"a\":{\"b\":[1,2,3]}}]",
            "{\"value\":[{\"Id\":\"1\",\"Name\":\"a, b {c} [d]\"}],\"next\":null}",
        ] {
            let value: Value = serde_json::from_str(text).expect("JSON");
            assert!(estimated_bytes(text.as_bytes()) >= bytes(&value), "{text}");
        }
        let many = format!("[{}0]", "{\"\":0},".repeat(1000));
        assert!(estimated_bytes(many.as_bytes()) > 700_000);
        let record = format!("{{\"id\":1{}}},", ",\"field\":\"a value\"".repeat(100));
        let records = format!("[{}{{}}]", record.repeat(10_000));
        assert!(cost(records.as_bytes()) <= MOST_BYTES, "ten thousand records of a hundred members");
        let empty = format!("[{}{{}}]", "{},".repeat(10_000_000));
        assert!(cost(empty.as_bytes()) > MOST_BYTES, "ten million records of none");
        let few = format!("[\"{}\"]", "x".repeat(1_000_000));
        assert!(estimated_bytes(few.as_bytes()) < 1_100_000);
    }
}

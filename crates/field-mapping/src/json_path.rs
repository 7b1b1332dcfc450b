//! `JSONPath` (RFC 9535), by which consumers say where a field stands in their vendor's records.

use serde_json::Value;
use serde_json_path::JsonPath as Parsed;

/// Longer ones are none that a person wrote.
const LONGEST: usize = 1000;
/// How many brackets may be open at once: evaluating a path nests as deeply as the path does.
const DEEPEST: usize = 16;

/// A path that can be evaluated.
#[derive(Debug, Clone)]
pub struct JsonPath(Parsed);

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("it has more than {LONGEST} characters"));
        }
        if depth(text) > DEEPEST {
            return Err(format!("it nests brackets more than {DEEPEST} deep"));
        }
        Parsed::parse(text).map(Self).map_err(|error| {
            format!(
                "at character {}: {}; write a path such as $.properties.tier",
                error.position() + 1,
                error.message()
            )
        })
    }

    /// The value at the place: null for none, a list for several.
    #[must_use]
    pub fn value(&self, record: &Value) -> Value {
        let found = self.0.query(record).all();
        match found.as_slice() {
            [] => Value::Null,
            [only] => (*only).clone(),
            several => Value::Array(several.iter().map(|value| (*value).clone()).collect()),
        }
    }
}

fn depth(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'(' => open += 1,
            b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_finds_one_value_several_or_none() {
        let record = json!({ "a": { "b": 1 }, "list": [{ "n": 1 }, { "n": 2 }] });
        for (path, expected) in [
            ("$.a.b", json!(1)),
            ("$.a", json!({ "b": 1 })),
            ("$.missing", json!(null)),
            ("$.list[*].n", json!([1, 2])),
            ("$.list[?@.n == 2].n", json!(2)),
            ("$..n", json!([1, 2])),
        ] {
            assert_eq!(JsonPath::parse(path).unwrap().value(&record), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_says_where() {
        for path in ["", "a.b", "$.a[", "$[?@.a ==]", "$.é é"] {
            let reason = JsonPath::parse(path).unwrap_err();
            assert!(reason.contains("at character"), "{path}: {reason}");
        }
        assert!(JsonPath::parse(&format!("${}", ".a".repeat(501))).unwrap_err().contains("1000"));
        assert!(
            JsonPath::parse(&format!("$[?{}", "(".repeat(100_000).get(..900).unwrap())).unwrap_err().contains("deep")
        );
    }
}

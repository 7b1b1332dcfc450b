//! A few members at the top of a JSON document, found without keeping the rest of it: answers may hold hundreds of records.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Those of the members that the document has; `None` where it has none of them, or is no object.
pub(crate) fn find(body: &[u8], names: &[&str]) -> Option<Map<String, Value>> {
    if body.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    let is_named = |name: &&&str| memchr::memmem::find(body, Value::from(**name).to_string().as_bytes()).is_some();
    let names: Vec<&str> = names.iter().filter(is_named).copied().collect();
    if names.is_empty() {
        return None;
    }
    let mut found = Map::new();
    let mut document = serde_json::Deserializer::from_slice(body);
    // It stops as soon as it has them all, which leaves the document open; what is cut off or no JSON is told apart elsewhere.
    let _ = Wanted { names: &names, found: &mut found }.deserialize(&mut document);
    (!found.is_empty()).then_some(found)
}

struct Wanted<'w> {
    names: &'w [&'w str],
    found: &'w mut Map<String, Value>,
}

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if !self.names.contains(&&*name) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value()?;
            self.found.insert(name.into_owned(), value);
            if self.found.len() == self.names.len() {
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_top_counts_and_the_rest_is_passed_over() {
        let found = |body: &str| find(body.as_bytes(), &["success", "error"]).map(Value::Object);
        assert_eq!(found(r#"{"data":[{"success":true}],"success":false}"#), Some(json!({"success": false})));
        assert_eq!(
            found(r#"{"success":true,"error":{"a":1},"data":["#),
            Some(json!({"success": true, "error": {"a": 1}}))
        );
        for without in ["", "[]", r#"[{"error":1}]"#, r#"{"data":{"error":1}}"#, r#"{"a":"error"}"#, r#"{"a":"#] {
            assert_eq!(found(without), None, "{without}");
        }
    }
}

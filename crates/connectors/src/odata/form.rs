//! The verbose JSON form of answers, rewritten to the light one.

use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// The answer in the light form: a list as `value`, `odata.count` and `odata.nextLink`, a record as it is. What is not in the
/// verbose form stays untouched, an answer that is no JSON too.
pub(crate) fn light(body: Bytes) -> Bytes {
    if !may_be_verbose(&body) {
        return body;
    }
    let Ok(Value::Object(mut answer)) = serde_json::from_slice::<Value>(&body) else { return body };
    match answer.remove("d") {
        Some(content) if answer.is_empty() => Bytes::from(self::answer(content).to_string()),
        _ => body,
    }
}

/// Whether the first member is `d`.
fn may_be_verbose(body: &[u8]) -> bool {
    let inside = body.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    inside.is_some_and(|inside| inside.starts_with(b"\"d\""))
}

fn answer(content: Value) -> Value {
    match content {
        Value::Array(rows) => Value::Object(Map::from_iter([("value".to_owned(), records(rows))])),
        Value::Object(mut list) if is_list(&list) => {
            let mut answer = Map::new();
            for (verbose, light) in [("__count", "odata.count"), ("__next", "odata.nextLink")] {
                answer.extend(list.remove(verbose).map(|value| (light.to_owned(), value)));
            }
            if let Some(Value::Array(rows)) = list.remove("results") {
                answer.insert("value".to_owned(), records(rows));
            }
            Value::Object(answer)
        }
        one => record(one),
    }
}

/// One record, with its version where the light form has it.
fn record(verbose: Value) -> Value {
    let tag = verbose.pointer("/__metadata/etag").cloned();
    let mut light = value(verbose);
    if let (Some(tag), Value::Object(members)) = (tag, &mut light) {
        members.insert("odata.etag".to_owned(), tag);
    }
    light
}

/// A list is `results` and what belongs to it; a record may have a member of that name too.
fn is_list(object: &Map<String, Value>) -> bool {
    object.get("results").is_some_and(Value::is_array)
        && object.keys().all(|name| matches!(name.as_str(), "results" | "__count" | "__next"))
}

fn records(rows: Vec<Value>) -> Value {
    Value::Array(rows.into_iter().map(value).collect())
}

fn value(verbose: Value) -> Value {
    match verbose {
        Value::Array(rows) => records(rows),
        Value::Object(mut object) if is_list(&object) => match object.remove("results") {
            Some(Value::Array(rows)) => records(rows),
            _ => Value::Null,
        },
        Value::Object(record) => {
            let is_kept = |name: &str, value: &Value| name != "__metadata" && value.get("__deferred").is_none();
            let members = record.into_iter().filter(|(name, value)| is_kept(name, value));
            Value::Object(members.map(|(name, member)| (name, value(member))).collect())
        }
        Value::String(text) => Value::String(time(&text).unwrap_or(text)),
        other => other,
    }
}

/// `/Date(1563735600000)/`, a time without a zone, or `/Date(1563735600000+0060)/`, an instant and an offset in minutes.
fn time(text: &str) -> Option<String> {
    let inside = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let offset = inside.char_indices().skip(1).find(|(_, sign)| matches!(sign, '+' | '-')).map(|(place, _)| place);
    let (milliseconds, offset) = inside.split_at(offset.unwrap_or(inside.len()));
    let instant = Timestamp::from_millisecond(milliseconds.parse().ok()?).ok()?;
    if !offset.is_empty() {
        offset.parse::<i64>().ok()?;
        return Some(instant.to_string());
    }
    Some(TimeZone::UTC.to_datetime(instant).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    fn rewritten(body: &Value) -> Value {
        serde_json::from_slice(&light(Bytes::from(body.to_string()))).expect("a value")
    }

    #[test]
    fn a_list_with_its_count_and_its_rest() {
        let verbose = json!({"d": {
            "results": [{
                "__metadata": {"uri": "https://vendor.example/Contacts(guid'1')", "type": "Some.Contact"},
                "Id": "1",
                "CreatedDate": "/Date(1714989600123)/",
                "Gone": null,
                "Notes": {"__deferred": {"uri": "https://vendor.example/Contacts(guid'1')/Notes"}},
                "AssignedUsers": {"results": [{"__metadata": {}, "Id": "2"}]},
                "Company": {"__metadata": {}, "Id": "3"},
            }],
            "__count": "120",
            "__next": "https://vendor.example/Contacts?$skip=1",
        }});
        let light = json!({
            "odata.count": "120",
            "odata.nextLink": "https://vendor.example/Contacts?$skip=1",
            "value": [{
                "Id": "1",
                "CreatedDate": "2024-05-06T10:00:00.123",
                "Gone": null,
                "AssignedUsers": [{"Id": "2"}],
                "Company": {"Id": "3"},
            }],
        });
        assert_eq!(rewritten(&verbose), light);
    }

    #[test]
    fn one_record_and_the_bare_list_of_the_first_version() {
        assert_eq!(rewritten(&json!({"d": {"__metadata": {}, "Id": "1"}})), json!({"Id": "1"}));
        assert_eq!(rewritten(&json!({"d": [{"__metadata": {}, "Id": "1"}]})), json!({"value": [{"Id": "1"}]}));
        let tagged = json!({"d": {"__metadata": {"etag": "W/\"1\""}, "Id": "1"}});
        assert_eq!(rewritten(&tagged), json!({"Id": "1", "odata.etag": "W/\"1\""}));
        let odd = json!({"d": {"__metadata": {}, "Id": "1", "results": ["a"]}});
        assert_eq!(rewritten(&odd), json!({"Id": "1", "results": ["a"]}));
    }

    #[test]
    fn what_is_not_verbose_stays_as_it_is() {
        for body in ["", "{", "<html>", r#"{"d": "#, r#"{"value": [{"d": 1}]}"#, r#"{"d": 1, "e": 2}"#, "[]", "null"] {
            assert_eq!(light(Bytes::from(body)), body, "{body}");
        }
        let deep = format!("{{\"d\":{}", "[".repeat(100_000));
        assert_eq!(light(Bytes::from(deep.clone())), deep);
    }

    #[test]
    fn times_with_and_without_an_offset() {
        assert_eq!(time("/Date(0)/").as_deref(), Some("1970-01-01T00:00:00"));
        assert_eq!(time("/Date(-1000)/").as_deref(), Some("1969-12-31T23:59:59"));
        assert_eq!(time("/Date(1563735600000+0060)/").as_deref(), Some("2019-07-21T19:00:00Z"));
        for text in ["/Date()/", "/Date(a)/", "/Date(1+x)/", "x /Date(0)/", "/Date(99999999999999999)/"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}

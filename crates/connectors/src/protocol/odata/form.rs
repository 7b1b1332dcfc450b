//! The forms of answers that services of versions 1 to 4 give, rewritten to the light one of version 3.

use bytes::Bytes;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde_json::{Map, Value};
use unified_model::Operation;

/// How much of an answer is looked at for the member that tells the verbose form.
const BEGINNING_BYTES: usize = 1024;

/// Other names of members beside the records of a list, and those of the light form.
const BESIDE: [(&str, &str); 6] = [
    ("__count", "odata.count"),
    ("__next", "odata.nextLink"),
    ("@odata.count", "odata.count"),
    ("@odata.nextLink", "odata.nextLink"),
    ("@count", "odata.count"),
    ("@nextLink", "odata.nextLink"),
];

/// The answer in the light form: a list as `value`, `odata.count` and `odata.nextLink`, a record as it is. What has no other
/// form stays untouched, an answer that is no JSON too.
pub(crate) fn light(body: Bytes, operation: Operation) -> Bytes {
    let is_list = operation == Operation::All;
    let verbose = may_be_verbose(&body);
    let is_other = verbose || has_new_names(&body) || (is_list && holds_one_record(&body));
    if !is_other {
        return body;
    }
    let Ok(Value::Object(answer)) = serde_json::from_slice::<Value>(&body) else { return body };
    match rewritten(answer, verbose, is_list) {
        Some(light) => Bytes::from(Value::Object(light).to_string()),
        None => body,
    }
}

/// The record of an answer that holds it as a list does, in `value`: that record, or that list.
pub(crate) fn record(body: Bytes) -> Bytes {
    if memchr::memmem::find(&body, b"\"value\"").is_none() {
        return body;
    }
    let Ok(Value::Object(mut answer)) = serde_json::from_slice::<Value>(&body) else { return body };
    match answer.remove("value") {
        Some(record @ (Value::Object(_) | Value::Array(_))) if answer.keys().all(|name| is_annotation(name)) => {
            Bytes::from(record.to_string())
        }
        _ => body,
    }
}

/// Whether a member `d` is among the first.
fn may_be_verbose(body: &[u8]) -> bool {
    let beginning = &body[..body.len().min(BEGINNING_BYTES)];
    beginning.trim_ascii_start().starts_with(b"{") && memchr::memmem::find(beginning, b"\"d\"").is_some()
}

/// Whether members beside the records are named as version 4 names them.
fn has_new_names(body: &[u8]) -> bool {
    let new = ["\"@odata.nextLink\"", "\"@odata.count\"", "\"@nextLink\"", "\"@count\""];
    new.iter().any(|name| memchr::memmem::find(body, name.as_bytes()).is_some())
}

/// Whether the first `value` is an object, where a list belongs.
fn holds_one_record(body: &[u8]) -> bool {
    let after = memchr::memmem::find(body, b"\"value\"").map(|at| body[at + 7..].trim_ascii_start());
    after.and_then(|after| after.strip_prefix(b":")).is_some_and(|after| after.trim_ascii_start().starts_with(b"{"))
}

/// The light form of an answer; `None` where it has that form.
fn rewritten(mut answer: Map<String, Value>, verbose: bool, is_list: bool) -> Option<Map<String, Value>> {
    if verbose
        && answer.keys().all(|name| name == "d" || is_annotation(name))
        && let Some(content @ (Value::Object(_) | Value::Array(_))) = answer.remove("d")
    {
        return Some(unwrapped(content, is_list));
    }
    let mut changed = false;
    for (other, light) in BESIDE {
        if let Some(value) = answer.remove(other) {
            answer.entry(light).or_insert(value);
            changed = true;
        }
    }
    if is_list && answer.get("value").is_some_and(Value::is_object) && answer.keys().all(|name| is_beside(name)) {
        let one = answer.remove("value");
        answer.insert("value".to_owned(), one.into_iter().collect());
        changed = true;
    }
    changed.then_some(answer)
}

/// What `d` holds: a list, or a record.
fn unwrapped(content: Value, is_list: bool) -> Map<String, Value> {
    match content {
        Value::Array(rows) => Map::from_iter([("value".to_owned(), records(rows))]),
        Value::Object(mut wrapped) if is_wrapped(&wrapped) => {
            let mut answer = Map::new();
            for (other, light) in BESIDE {
                answer.extend(wrapped.remove(other).map(|value| (light.to_owned(), value)));
            }
            let results = wrapped.remove("results").map(|results| match results {
                Value::Array(rows) if !is_list => Value::Array(rows.into_iter().map(with_version).collect()),
                other => with_version(other),
            });
            match (results, is_list) {
                (Some(Value::Object(one)), false) => return one,
                (Some(Value::Array(rows)), _) => answer.insert("value".to_owned(), Value::Array(rows)),
                (one, _) => answer.insert("value".to_owned(), one.into_iter().collect()),
            };
            answer
        }
        one => match with_version(one) {
            Value::Object(record) => record,
            other => Map::from_iter([("value".to_owned(), other)]),
        },
    }
}

/// One record, with its version where the light form has it.
fn with_version(verbose: Value) -> Value {
    let tag = verbose.pointer("/__metadata/etag").cloned();
    let mut light = value(verbose);
    if let (Some(tag), Value::Object(members)) = (tag, &mut light) {
        members.insert("odata.etag".to_owned(), tag);
    }
    light
}

/// `results` and what belongs to it; a record may have a member of that name too.
fn is_wrapped(object: &Map<String, Value>) -> bool {
    object.get("results").is_some_and(|results| results.is_array() || results.is_object())
        && object.keys().all(|name| name == "results" || name.starts_with("__"))
}

fn is_beside(name: &str) -> bool {
    name == "value" || is_annotation(name)
}

/// Whether a member says something of the answer instead of being one of the record's own.
fn is_annotation(name: &str) -> bool {
    name.starts_with("__") || name.starts_with("odata.") || name.starts_with('@')
}

fn records(rows: Vec<Value>) -> Value {
    Value::Array(rows.into_iter().map(value).collect())
}

fn value(verbose: Value) -> Value {
    match verbose {
        Value::Array(rows) => records(rows),
        Value::Object(mut object) if is_wrapped(&object) => object.remove("results").map(value).unwrap_or_default(),
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
    // Clocks count to the last second of the year 9999, and timestamps to a day before it.
    let since_1970 = SignedDuration::from_millis(milliseconds.parse().ok()?);
    let clock = DateTime::constant(1970, 1, 1, 0, 0, 0, 0).checked_add(since_1970).ok()?;
    if !offset.is_empty() {
        offset.parse::<i64>().ok()?;
        return Some(format!("{clock}Z"));
    }
    Some(clock.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    fn of(body: &Value, operation: Operation) -> Value {
        serde_json::from_slice(&light(Bytes::from(body.to_string()), operation)).expect("a value")
    }

    fn rewritten(body: &Value) -> Value {
        of(body, Operation::All)
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
    fn results_may_be_one_record_and_metadata_may_stand_beside_either() {
        let (row, record) = (json!({"__metadata": {}, "Id": "1"}), json!({"Id": "1"}));
        for verbose in [
            json!({"d": {"results": row}}),
            json!({"d": {"__metadata": {"uri": "u"}, "results": row}}),
            json!({"__metadata": {}, "d": {"results": row}}),
            json!({"odata.metadata": "m", "d": {"results": row}}),
        ] {
            assert_eq!(of(&verbose, Operation::One), record, "{verbose}");
            assert_eq!(of(&verbose, Operation::Add), record, "{verbose}");
            assert_eq!(of(&verbose, Operation::All), json!({"value": [record]}), "{verbose}");
        }
        let list = json!({"d": {"__metadata": {"uri": "u"}, "results": [row], "__count": "1"}});
        for operation in [Operation::All, Operation::One] {
            assert_eq!(of(&list, operation), json!({"odata.count": "1", "value": [record]}));
        }
        assert_eq!(rewritten(&json!({"d": {"results": []}})), json!({"value": []}));
    }

    #[test]
    fn expanded_members_have_every_form_too() {
        let verbose = json!({"d": {
            "Id": "1",
            "Users": {"__metadata": {"uri": "u"}, "results": [{"__metadata": {}, "Id": "2"}], "__count": "1", "__next": "n"},
            "Company": {"results": {"__metadata": {}, "Id": "3", "Notes": {"__deferred": {"uri": "n"}}}},
            "Tags": {"__metadata": {"type": "Collection(Edm.String)"}, "results": ["a"]},
            "None": {"results": []},
            "Owner": null,
        }});
        let light = json!({
            "Id": "1", "Users": [{"Id": "2"}], "Company": {"Id": "3"}, "Tags": ["a"], "None": [], "Owner": null,
        });
        assert_eq!(of(&verbose, Operation::One), light);
    }

    #[test]
    fn names_of_the_fourth_version_are_those_of_the_third() {
        let fourth = json!({"@odata.context": "c", "@odata.count": 1, "value": [{"Id": "1"}], "@odata.nextLink": "n"});
        let third = json!({"@odata.context": "c", "odata.count": 1, "value": [{"Id": "1"}], "odata.nextLink": "n"});
        assert_eq!(rewritten(&fourth), third);
    }

    #[test]
    fn one_record_in_value_is_a_list_of_one_or_that_record() {
        let answer = json!({"odata.metadata": "m", "value": {"Id": "1"}});
        assert_eq!(rewritten(&answer), json!({"odata.metadata": "m", "value": [{"Id": "1"}]}));
        let unwrapped = |answer: &Value| -> Value {
            serde_json::from_slice(&record(Bytes::from(answer.to_string()))).expect("a value")
        };
        assert_eq!(unwrapped(&answer), json!({"Id": "1"}));
        assert_eq!(unwrapped(&json!({"value": [{"Id": "1"}]})), json!([{"Id": "1"}]));
        for own in [json!({"Id": "1", "value": {"a": 1}}), json!({"odata.metadata": "m", "value": 7})] {
            assert_eq!(unwrapped(&own), own);
        }
    }

    #[test]
    fn what_is_not_verbose_stays_as_it_is() {
        for body in ["", "{", "<html>", r#"{"d": "#, r#"{"value": [{"d": 1}]}"#, r#"{"d": 1, "e": 2}"#, "[]", "null"] {
            assert_eq!(light(Bytes::from(body), Operation::All), body, "{body}");
        }
        let deep = format!("{{\"d\":{}", "[".repeat(100_000));
        assert_eq!(light(Bytes::from(deep.clone()), Operation::All), deep);
    }

    #[test]
    fn times_with_and_without_an_offset() {
        assert_eq!(time("/Date(0)/").as_deref(), Some("1970-01-01T00:00:00"));
        assert_eq!(time("/Date(253402300799000)/").as_deref(), Some("9999-12-31T23:59:59"));
        assert_eq!(time("/Date(253402214400000+0000)/").as_deref(), Some("9999-12-31T00:00:00Z"));
        assert_eq!(time("/Date(253402300800000)/"), None);
        assert_eq!(time("/Date(-1000)/").as_deref(), Some("1969-12-31T23:59:59"));
        assert_eq!(time("/Date(1563735600000+0060)/").as_deref(), Some("2019-07-21T19:00:00Z"));
        for text in ["/Date()/", "/Date(a)/", "/Date(1+x)/", "x /Date(0)/", "/Date(99999999999999999)/"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}

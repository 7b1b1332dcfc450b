//! `pass_through`: what a caller adds to a vendor request beyond the canonical model, never over what the definition owns.

use serde_json::{Map, Value};
use unified_model::{PassThroughBody, PassThroughValue};

use crate::call::outcome::ConnectorError;

/// The query parameters of `pass_through[...]`, with nested members in brackets and lists repeated.
pub(crate) fn query(
    pass_through: &[(String, PassThroughValue)],
    reserved: &[&str],
) -> Result<Vec<(String, String)>, ConnectorError> {
    let mut pairs = Vec::new();
    for (name, value) in pass_through {
        if reserved.contains(&name.as_str()) {
            return Err(ConnectorError::BadRequest {
                at: format!("pass_through[{name}]"),
                message: format!("`{name}` is set by the gateway for this connector; leave it out"),
            });
        }
        flatten(name, value, &mut pairs);
    }
    Ok(pairs)
}

/// The same without the one parameter that is joined with what the gateway sends in it.
pub(crate) fn query_without(
    joined: Option<&str>,
    pass_through: &[(String, PassThroughValue)],
    reserved: &[&str],
) -> Result<Vec<(String, String)>, ConnectorError> {
    let others: Vec<_> = pass_through.iter().filter(|(name, _)| joined != Some(name.as_str())).cloned().collect();
    query(&others, reserved)
}

fn flatten(name: &str, value: &PassThroughValue, pairs: &mut Vec<(String, String)>) {
    match value {
        PassThroughValue::Text(text) => pairs.push((name.to_owned(), text.clone())),
        PassThroughValue::List(items) => pairs.extend(items.iter().map(|item| (name.to_owned(), item.clone()))),
        PassThroughValue::Nested(members) => {
            for (member, value) in members {
                flatten(&format!("{name}[{member}]"), value, pairs);
            }
        }
    }
}

/// Applies `extend_object`, then `extend_paths`, to a vendor body.
pub(crate) fn body(extension: &PassThroughBody, body: &mut Map<String, Value>) -> Result<(), ConnectorError> {
    if let Some(object) = &extension.extend_object {
        merge(body, object);
    }
    for (path, value) in &extension.extend_paths {
        let mut root = Value::Object(std::mem::take(body));
        let put = put_at(&mut root, path, value.clone());
        if let Value::Object(object) = root {
            *body = object;
        }
        put.map_err(|message| ConnectorError::BadRequest {
            at: format!("pass_through.extend_paths[{path}]"),
            message,
        })?;
    }
    Ok(())
}

fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (Some(Value::Object(inner)), Value::Object(more)) => merge(inner, more),
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}

/// One segment of a JSON path that names exactly one place.
enum Segment {
    Member(String),
    Index(usize),
}

fn put_at(root: &mut Value, path: &str, value: Value) -> Result<(), String> {
    let segments = parse(path)?;
    let mut place = root;
    for segment in segments {
        place = match segment {
            Segment::Member(name) => {
                if place.is_null() {
                    *place = Value::Object(Map::new());
                }
                let object = place
                    .as_object_mut()
                    .ok_or_else(|| format!("`{name}` is looked for in something that is no object"))?;
                object.entry(name).or_insert(Value::Null)
            }
            Segment::Index(index) => {
                if place.is_null() {
                    *place = Value::Array(Vec::new());
                }
                let list = place
                    .as_array_mut()
                    .ok_or_else(|| format!("[{index}] is looked for in something that is no list"))?;
                if index > list.len() {
                    return Err(format!("[{index}] is beyond the end of a list of {}", list.len()));
                }
                if index == list.len() {
                    list.push(Value::Null);
                }
                &mut list[index]
            }
        };
    }
    *place = value;
    Ok(())
}

/// Parses `$.a.b[0]['c d']`; wildcards, filters and descents name no single place and are refused.
fn parse(path: &str) -> Result<Vec<Segment>, String> {
    const HELP: &str = "use a path to one place, such as $.properties[0].value or $['a b']";
    let mut rest = path.strip_prefix('$').ok_or_else(|| format!("a path starts with `$`; {HELP}"))?;
    let mut segments = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = &after[..end];
            if name.is_empty() || name == "*" {
                return Err(HELP.to_owned());
            }
            segments.push(Segment::Member(name.to_owned()));
            rest = &after[end..];
        } else if let Some(after) = rest.strip_prefix('[') {
            let (segment, remaining) = bracket(after).ok_or_else(|| HELP.to_owned())?;
            segments.push(segment);
            rest = remaining;
        } else {
            return Err(HELP.to_owned());
        }
    }
    if segments.is_empty() { Err(HELP.to_owned()) } else { Ok(segments) }
}

fn bracket(after: &str) -> Option<(Segment, &str)> {
    for quote in ['\'', '"'] {
        if let Some(quoted) = after.strip_prefix(quote) {
            let end = quoted.find(quote)?;
            let remaining = quoted[end + 1..].strip_prefix(']')?;
            return Some((Segment::Member(quoted[..end].to_owned()), remaining));
        }
    }
    let end = after.find(']')?;
    Some((Segment::Index(after[..end].parse().ok()?), &after[end + 1..]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_creates_what_is_missing_on_its_way() {
        let mut root = json!({"a": {"b": 1}});
        put_at(&mut root, "$.a['c d'][0].e", json!(true)).unwrap();
        assert_eq!(root, json!({"a": {"b": 1, "c d": [{"e": true}]}}));
    }

    #[test]
    fn paths_that_name_no_single_place_are_refused() {
        for path in ["a", "$", "$..a", "$.*", "$[?(@.x)]", "$[0", "$.a[9]", "$.a.b.c"] {
            let mut root = json!({"a": [1]});
            assert!(put_at(&mut root, path, json!(1)).is_err(), "{path}");
        }
    }
}

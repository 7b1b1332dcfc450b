//! Where the records of an answer are: the elements of a list, or what a path with `[]` in it holds in each of them.

use serde_json::Value;

use crate::node::{Node, View};
use crate::path::{Step, Test, find};
use crate::read;

/// Calls for each record at a path, in order, and with `None` for an element that has nothing there, which is a place in the
/// vendor's list all the same. One object stands for a list of one. Answers whether there is a list, or nothing for one.
pub(crate) fn each<'d, N: Node<'d>>(document: N, steps: &[Step], call: &mut impl FnMut(Option<N>)) -> bool {
    let Some((before, tests, after)) = first_each(steps) else {
        return read::find(document, steps).is_some_and(|found| those_of(found, call));
    };
    let Some(list) = read::find(document, before) else { return false };
    match list.view() {
        View::List => list.elements(|element| {
            of_element(element, tests, after, call);
            true
        }),
        View::Object => of_element(list, tests, after, call),
        View::Null => {}
        View::Bool(_) | View::Unsigned(_) | View::Signed(_) | View::Float(_) | View::Text(_) => return false,
    }
    true
}

fn of_element<'d, N: Node<'d>>(element: N, tests: &[Test], after: &[Step], call: &mut impl FnMut(Option<N>)) {
    if !tests.iter().all(|test| read::holds(test, element)) {
        return call(None);
    }
    if first_each(after).is_some() {
        // A list that an element lacks has no elements.
        each(element, after, call);
        return;
    }
    match read::find(element, after) {
        Some(found) if found.view() != View::Null => {
            those_of(found, call);
        }
        _ => call(None),
    }
}

/// The elements of a list, or the one object that is found.
fn those_of<'d, N: Node<'d>>(found: N, call: &mut impl FnMut(Option<N>)) -> bool {
    match found.view() {
        View::List => found.elements(|element| {
            call(Some(element));
            true
        }),
        View::Object => call(Some(found)),
        View::Null => {}
        View::Bool(_) | View::Unsigned(_) | View::Signed(_) | View::Float(_) | View::Text(_) => return false,
    }
    true
}

/// The steps before the first `[]`, its tests, and the steps after it.
fn first_each(steps: &[Step]) -> Option<(&[Step], &[Test], &[Step])> {
    let at = steps.iter().position(|step| matches!(step, Step::Each(_)))?;
    let (before, rest) = steps.split_at(at);
    match rest {
        [Step::Each(tests), after @ ..] => Some((before, tests, after)),
        _ => None,
    }
}

/// The records of a tree, to be changed, in the places in which [`each`] calls for them.
pub(crate) fn each_mut<'a>(value: &'a mut Value, steps: &[Step], records: &mut Vec<Option<&'a mut Value>>) {
    match steps.split_first() {
        None => match value {
            Value::Array(elements) => records.extend(elements.iter_mut().map(Some)),
            Value::Object(_) => records.push(Some(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        },
        Some((Step::Member(name), rest)) => {
            if let Some(member) = value.get_mut(name) {
                each_mut(member, rest, records);
            }
        }
        Some((Step::Select(tests), rest)) => {
            let is_it =
                |element: &&mut Value| tests.iter().all(|test| test.holds(element)) && find(element, rest).is_some();
            if let Some(element) = value.as_array_mut().and_then(|elements| elements.iter_mut().find(is_it)) {
                each_mut(element, rest, records);
            }
        }
        Some((Step::Each(tests), rest)) => match value {
            Value::Array(elements) => {
                elements.iter_mut().for_each(|element| element_mut(element, tests, rest, records))
            }
            Value::Object(_) => element_mut(value, tests, rest, records),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        },
    }
}

fn element_mut<'a>(element: &'a mut Value, tests: &[Test], rest: &[Step], records: &mut Vec<Option<&'a mut Value>>) {
    let has_none = || first_each(rest).is_none() && find(element, rest).is_none_or(Value::is_null);
    if !tests.iter().all(|test| test.holds(element)) || has_none() {
        return records.push(None);
    }
    each_mut(element, rest, records);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::{Value, json};

    use crate::VendorPath;

    /// What the reader, the elements of a tree and those to be changed have at a path, `null` for an element without.
    fn found(path: &str, document: &Value) -> Option<[Vec<Value>; 2]> {
        let path = VendorPath::parse(path).unwrap();
        let mut read = Vec::new();
        let is_there = super::each(document, &path.steps, &mut |found| read.push(found.cloned().unwrap_or_default()));
        let mut changed = document.clone();
        let changed = path.elements_mut(&mut changed);
        assert!(is_there || changed.is_none(), "{path}");
        let changed = changed?.into_iter().map(|found| found.cloned().unwrap_or_default());
        Some([read, changed.collect()])
    }

    #[test]
    fn a_path_through_lists_finds_every_record_in_its_place() {
        let wrapped =
            json!({ "items": [{ "data": { "id": 1 } }, { "meta": {} }, { "data": null }, { "data": { "id": 2 } }] });
        let expected = vec![json!({ "id": 1 }), Value::Null, Value::Null, json!({ "id": 2 })];
        assert_eq!(found("items[].data", &wrapped), Some([expected.clone(), expected]));
        let grouped = json!({ "groups": [{ "rows": [{ "id": 1 }, { "id": 2 }] }, {}, { "rows": [] }, { "rows": [{ "id": 3 }] }] });
        let all = [1, 2, 3].map(|id| json!({ "id": id })).to_vec();
        assert_eq!(found("groups[].rows[]", &grouped), Some([all.clone(), all.clone()]));
        let typed = json!([{ "type": "a", "id": 1 }, { "type": "b", "id": 2 }, { "type": "a", "id": 3 }]);
        let some = vec![json!({ "type": "a", "id": 1 }), Value::Null, json!({ "type": "a", "id": 3 })];
        assert_eq!(found("$[type=a][]", &typed), Some([some.clone(), some]));
    }

    #[test]
    fn what_is_no_list_is_told_from_an_empty_one() {
        let document =
            json!({ "none": null, "empty": [], "text": "no", "deep": { "list": [{ "a": { "b": [1, 2] } }] } });
        for path in ["none", "empty", "none[].data", "empty[].data"] {
            assert_eq!(found(path, &document), Some([Vec::new(), Vec::new()]), "{path}");
        }
        for path in ["text", "text[].data", "missing", "missing[].data", "deep"] {
            assert_eq!(found(path, &document), None, "{path}");
        }
        assert_eq!(found("deep.list[].a.b", &document), Some([vec![json!(1), json!(2)], vec![json!(1), json!(2)]]));
    }
}

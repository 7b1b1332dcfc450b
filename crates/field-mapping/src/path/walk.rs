//! Records behind a path with `[]` in it: what each element of a list holds, in lists of lists too.

use serde_json::Value;

use crate::json::node::{Node, View};
use crate::path::{Step, Test, find, holds};

/// What a vendor may say in the place of a list without records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Nothing {
    /// Null.
    pub null: bool,
    /// Nothing: the answer lacks the list.
    pub missing: bool,
}

/// What is not where the path says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// There is nothing.
    Everything,
    /// There is null.
    Null,
    /// There is something, and no list or record.
    AList,
}

/// How a document is walked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk {
    /// What may stand in the place of a list without elements.
    pub(crate) nothing: Nothing,
    /// Whether one object stands for a list of one.
    pub(crate) takes_one: bool,
}

impl Walk {
    /// Calls for each record at a path, in order, until told to stop, and with `None` for an element that a test of the path
    /// leaves out. Answers whether nothing told it to stop.
    pub(crate) fn through<'d, N: Node<'d>>(
        self,
        document: N,
        steps: &[Step],
        call: &mut dyn FnMut(Option<N>) -> bool,
    ) -> Result<bool, Missing> {
        let Some((before, tests, after)) = first_each(steps) else { return those_of(document, steps, call) };
        let Some(list) = find(document, before) else {
            let may_miss = self.nothing.missing && document.view() == View::Object;
            return if may_miss { Ok(true) } else { Err(Missing::Everything) };
        };
        match list.view() {
            View::List => {
                let mut walked = Ok(true);
                list.elements(|element| {
                    walked = self.element(element, tests, after, call);
                    walked == Ok(true)
                });
                walked
            }
            View::Object if self.takes_one => self.element(list, tests, after, call),
            View::Null if self.nothing.null => Ok(true),
            View::Null => Err(Missing::Null),
            View::Object | View::Bool(_) | View::Unsigned(_) | View::Signed(_) | View::Float(_) | View::Text(_) => {
                Err(Missing::AList)
            }
        }
    }

    fn element<'d, N: Node<'d>>(
        self,
        element: N,
        tests: &[Test],
        after: &[Step],
        call: &mut dyn FnMut(Option<N>) -> bool,
    ) -> Result<bool, Missing> {
        if !tests.iter().all(|test| holds(test, element)) {
            return Ok(call(None));
        }
        match self.through(element, after, call) {
            Err(Missing::Null) if self.nothing.null => Ok(call(None)),
            Err(Missing::Everything) if self.nothing.missing => Ok(call(None)),
            walked => walked,
        }
    }
}

/// The elements of the list at a path without `[]`, or the one object there.
fn those_of<'d, N: Node<'d>>(
    document: N,
    steps: &[Step],
    call: &mut dyn FnMut(Option<N>) -> bool,
) -> Result<bool, Missing> {
    let Some(found) = find(document, steps) else { return Err(Missing::Everything) };
    match found.view() {
        View::List => {
            let mut goes_on = true;
            found.elements(|element| {
                goes_on = call(Some(element));
                goes_on
            });
            Ok(goes_on)
        }
        View::Object => Ok(call(Some(found))),
        View::Null => Err(Missing::Null),
        View::Bool(_) | View::Unsigned(_) | View::Signed(_) | View::Float(_) | View::Text(_) => Err(Missing::AList),
    }
}

/// The steps before the first `[]`, its tests, and the steps after it.
fn first_each(steps: &[Step]) -> Option<(&[Step], &[Test], &[Step])> {
    let at = steps.iter().position(|step| matches!(step, Step::Each(_)))?;
    let (before, rest) = steps.split_at(at);
    let [Step::Each(tests), after @ ..] = rest else { return None };
    Some((before, tests, after))
}

/// The records of a tree, to be changed, in the places in which [`Walk::through`] calls for them.
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
            let is_it = |element: &&mut Value| {
                tests.iter().all(|test| holds(test, &**element)) && find(&**element, rest).is_some()
            };
            if let Some(element) = value.as_array_mut().and_then(|elements| elements.iter_mut().find(is_it)) {
                each_mut(element, rest, records);
            }
        }
        Some((Step::Each(tests), rest)) => {
            let elements = match value {
                Value::Array(elements) => elements.as_mut_slice(),
                Value::Null => &mut [],
                one => std::slice::from_mut(one),
            };
            for element in elements {
                let lacks_it = first_each(rest).is_none() && find(&*element, rest).is_none_or(Value::is_null);
                if !lacks_it && tests.iter().all(|test| holds(test, &*element)) {
                    each_mut(element, rest, records);
                } else {
                    records.push(None);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::{Value, json};

    use super::{Missing, Nothing, Walk};
    use crate::path::VendorPath;

    const STRICT: Nothing = Nothing { null: false, missing: false };
    const LENIENT: Nothing = Nothing { null: true, missing: true };

    /// What is called for at a path, null for an element that is left out; the tree to be changed must have the same.
    fn found(path: &str, document: &Value, nothing: Nothing) -> Result<Vec<Value>, Missing> {
        let path = VendorPath::parse(path).unwrap();
        let mut read = Vec::new();
        let walk = Walk { nothing, takes_one: false };
        walk.through(document, &path.steps, &mut |found| {
            read.push(found.cloned().unwrap_or_default());
            true
        })?;
        let mut changed = document.clone();
        let changed: Vec<Value> =
            path.elements_mut(&mut changed).into_iter().map(|found| found.cloned().unwrap_or_default()).collect();
        assert_eq!(read, changed);
        Ok(read)
    }

    #[test]
    fn a_path_through_lists_finds_every_record_in_its_place() {
        let wrapped = json!({ "items": [{ "data": { "id": 1 } }, { "data": { "id": 2 }, "meta": {} }] });
        let two = vec![json!({ "id": 1 }), json!({ "id": 2 })];
        assert_eq!(found("items[].data", &wrapped, STRICT), Ok(two));
        let grouped =
            json!({ "groups": [{ "rows": [{ "id": 1 }, { "id": 2 }] }, { "rows": [] }, { "rows": [{ "id": 3 }] }] });
        assert_eq!(found("groups[].rows[]", &grouped, STRICT).unwrap().len(), 3);
        assert_eq!(found("groups[].rows", &grouped, STRICT).unwrap().len(), 3);
        let typed = json!([{ "type": "a", "id": 1 }, { "type": "b" }, { "type": "a", "id": 3 }]);
        let some = vec![json!({ "type": "a", "id": 1 }), Value::Null, json!({ "type": "a", "id": 3 })];
        assert_eq!(found("$[type=a][]", &typed, STRICT), Ok(some));
    }

    #[test]
    fn what_is_missing_is_told_from_what_is_empty() {
        let document = json!({ "null": null, "empty": [], "text": "no", "object": {}, "items": [{ "data": 1 }, {}] });
        assert_eq!(found("empty[].data", &document, STRICT), Ok(Vec::new()));
        for (path, missing) in [
            ("null[].data", Missing::Null),
            ("missing[].data", Missing::Everything),
            ("text[].data", Missing::AList),
            ("object[].data", Missing::AList),
            ("items[].data", Missing::AList),
            ("items[].other", Missing::Everything),
        ] {
            assert_eq!(found(path, &document, STRICT), Err(missing), "{path}");
        }
        for path in ["null[].data", "missing[].data"] {
            assert_eq!(found(path, &document, LENIENT), Ok(Vec::new()), "{path}");
        }
        let owned = json!({ "items": [{ "owner": { "id": 1 } }, { "owner": null }, {}] });
        assert_eq!(found("items[].owner", &owned, STRICT), Err(Missing::Null));
        assert_eq!(found("items[].owner", &owned, LENIENT), Ok(vec![json!({ "id": 1 }), Value::Null, Value::Null]));
        let grouped = json!({ "groups": [{ "rows": [{ "id": 1 }] }, {}] });
        assert_eq!(found("groups[].rows[]", &grouped, STRICT), Err(Missing::Everything));
        assert_eq!(found("groups[].rows[]", &grouped, LENIENT).unwrap().len(), 1);
    }
}

//! Which vendor records a resource has: those of its kind, less those that the vendor marks as deleted.

use serde_json::{Map, Value};

use crate::json::node::{Node, View};
use crate::path::{Step, VendorPath, find};

/// Which vendor records are of the canonical resource's kind: every path must hold the value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KindGuard {
    /// Path and the text, number or flag that it must hold; for a path that ends in `[]`, that one of the list must be.
    pub members: Vec<(VendorPath, Value)>,
    /// Paths at which there must be nothing, or null.
    pub absent: Vec<VendorPath>,
    /// The mark of deleted records, where they are left out.
    pub deleted: Option<Mark>,
}

/// How a vendor marks a record as deleted: every path must hold the value or, without one, something.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Path and value. Nothing, null, false, 0 and an empty text are not something.
    pub members: Vec<(VendorPath, Option<Value>)>,
}

impl KindGuard {
    /// Whether a vendor record is of the kind.
    #[must_use]
    pub fn admits(&self, record: &Value) -> bool {
        self.has(|steps| find(record, steps))
    }

    /// The same of a record of which `at` tells what is at a path.
    pub(crate) fn has<'d, N: Node<'d>>(&self, at: impl Fn(&[Step]) -> Option<N>) -> bool {
        let is_absent = |path: &VendorPath| at(&path.steps).is_none_or(|value| value.view() == View::Null);
        let holds = |(path, value): &(VendorPath, Value)| match path.listed() {
            Some(list) => at(list).is_some_and(|list| any(list, value)),
            None => at(&path.steps).is_some_and(|own| is_value(own, value)),
        };
        self.members.iter().all(holds)
            && self.absent.iter().all(is_absent)
            && !self.deleted.as_ref().is_some_and(|mark| mark.is_on(at))
    }

    /// Every path that is looked at in a record.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &VendorPath> {
        let marks = self.deleted.iter().flat_map(|mark| &mark.members).map(|(path, _)| path);
        self.members.iter().map(|(path, _)| path).chain(&self.absent).chain(marks)
    }

    /// Puts the values that a list must hold (`tags[]`) into the lists of a record that lack them; the members that changed.
    pub fn keep(&self, record: &mut Map<String, Value>) -> Vec<String> {
        let mut changed = Vec::new();
        for (path, value) in &self.members {
            let Some([Step::Member(name)]) = path.listed() else { continue };
            let list = record.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
            if !list.is_array() {
                *list = Value::Array(Vec::new());
            }
            if let Value::Array(all) = list
                && !all.iter().any(|own| is_value(own, value))
            {
                all.push(value.clone());
                changed.push(name.clone());
            }
        }
        changed
    }
}

impl Mark {
    /// Whether a vendor record is marked.
    #[must_use]
    pub fn marks(&self, record: &Value) -> bool {
        self.is_on(|steps| find(record, steps))
    }

    fn is_on<'d, N: Node<'d>>(&self, at: impl Fn(&[Step]) -> Option<N>) -> bool {
        self.members.iter().all(|(path, value)| {
            let found = at(&path.steps);
            found.is_some_and(|own| value.as_ref().map_or_else(|| is_something(own), |value| is_value(own, value)))
        })
    }
}

fn any<'d, N: Node<'d>>(list: N, value: &Value) -> bool {
    let mut any = false;
    list.elements(|own| {
        any |= is_value(own, value);
        !any
    });
    any
}

/// Whether a vendor's value is this one. Vendors write numbers and flags as texts too, and numbers with or without a fraction.
fn is_value<'d, N: Node<'d>>(own: N, value: &Value) -> bool {
    match value {
        Value::String(text) => own.view().is_text(text),
        Value::Bool(flag) => own.view().is_text(if *flag { "true" } else { "false" }),
        Value::Number(number) => {
            own.view().is_text(&number.to_string()) || as_float(own).zip(number.as_f64()).is_some_and(same)
        }
        Value::Null => own.view() == View::Null,
        Value::Array(_) | Value::Object(_) => false,
    }
}

fn same((left, right): (f64, f64)) -> bool {
    left.total_cmp(&right).is_eq()
}

#[expect(clippy::cast_precision_loss, reason = "kinds are small numbers")]
fn as_float<'d, N: Node<'d>>(own: N) -> Option<f64> {
    match own.view() {
        View::Unsigned(number) => Some(number as f64),
        View::Signed(number) => Some(number as f64),
        View::Float(number) => Some(number),
        View::Null | View::Bool(_) | View::Text(_) | View::List | View::Object => None,
    }
}

/// Whether a mark is set: marks are flags, times and numbers, some of them written as texts.
fn is_something<'d, N: Node<'d>>(own: N) -> bool {
    match own.view() {
        View::Null => false,
        View::Bool(flag) => flag,
        View::Unsigned(number) => number != 0,
        View::Signed(number) => number != 0,
        View::Float(number) => number != 0.0,
        View::Text(text) => !matches!(text.trim(), "" | "0" | "false"),
        View::List => {
            let mut any = false;
            own.elements(|_| {
                any = true;
                false
            });
            any
        }
        View::Object => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    fn path(text: &str) -> VendorPath {
        VendorPath::parse(text).unwrap()
    }

    #[test]
    fn a_kind_is_a_text_a_number_or_a_flag_however_the_vendor_writes_it() {
        let kind = |value: Value| KindGuard { members: vec![(path("is"), value)], ..KindGuard::default() };
        for (wanted, own) in [
            (json!(true), json!(true)),
            (json!(true), json!("true")),
            (json!("true"), json!(true)),
            (json!(3), json!(3)),
            (json!(3), json!("3")),
            (json!(3), json!(3.0)),
            (json!(3.0), json!(3)),
            (json!("PERSON"), json!("PERSON")),
        ] {
            assert!(kind(wanted.clone()).admits(&json!({ "is": own })), "{wanted} {own}");
        }
        for (wanted, own) in
            [(json!(true), json!(1)), (json!(true), json!(false)), (json!(3), json!(4)), (json!(false), Value::Null)]
        {
            assert!(!kind(wanted.clone()).admits(&json!({ "is": own })), "{wanted} {own}");
        }
        assert!(!kind(json!(false)).admits(&json!({})));
    }

    #[test]
    fn a_mark_is_set_by_its_value_or_by_anything_that_says_something() {
        let mark = Mark { members: vec![(path("gone.at"), None)] };
        for set in [json!(true), json!(1_700_000_000), json!("2026-01-01"), json!(0.5), json!(["x"]), json!({})] {
            assert!(mark.marks(&json!({ "gone": { "at": set } })), "{set}");
        }
        for unset in [json!(false), json!(0), json!(""), json!("0"), json!("false"), Value::Null, json!([]), json!(0.0)]
        {
            assert!(!mark.marks(&json!({ "gone": { "at": unset } })), "{unset}");
        }
        assert!(!mark.marks(&json!({})));
        let both = Mark { members: vec![(path("state"), Some(json!("gone"))), (path("by"), None)] };
        assert!(both.marks(&json!({ "state": "gone", "by": 7 })));
        assert!(!both.marks(&json!({ "state": "gone" })) && !both.marks(&json!({ "state": "open", "by": 7 })));
        let kind = KindGuard { deleted: Some(both), ..KindGuard::default() };
        assert!(kind.admits(&json!({ "state": "open" })) && !kind.admits(&json!({ "state": "gone", "by": 7 })));
    }
}

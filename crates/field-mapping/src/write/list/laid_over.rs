//! Elements changed: the new one's members, and of the old one those that the mapping does not know.

use serde_json::{Map, Value};

use crate::check::checked::{Source, Spot};
use crate::path::{Step, VendorPath, find};
use crate::write::list::spots;

/// The new element, with what the old one has beside the members that the mapping writes; in a member whose text is JSON, too.
pub(crate) fn laid_over(source: &Source, old: &Value, new: Value) -> Value {
    let (Value::Object(mut members), Value::Object(new)) = (old.clone(), new) else { return Value::Null };
    for (_, spot) in spots(source) {
        if let Some(Step::Member(name)) = spot.written_at().and_then(|path| path.steps.first()) {
            members.remove(name);
        }
    }
    let mut laid = Map::new();
    for (name, value) in new {
        let texts = (old.get(&name).and_then(Value::as_str), value.as_str());
        let inner = match texts {
            (Some(before), Some(after)) if source.decode.contains(&name) => within(source, &name, before, after),
            _ => None,
        };
        laid.insert(name, inner.map_or(value, Value::String));
    }
    members.extend(laid);
    Value::Object(members)
}

/// The same for the JSON text at a member: what the old one has beside what is written goes behind the new one's members.
fn within(source: &Source, member: &str, before: &str, after: &str) -> Option<String> {
    let parsed = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    let (before, mut after) = (parsed(before)?, parsed(after)?);
    let written: Vec<&Spot> =
        spots(source).map(|(_, spot)| spot).filter(|spot| name_in(member, spot.written_at()).is_some()).collect();
    let element = |members: &Map<String, Value>| {
        Value::Object(Map::from_iter([(member.to_owned(), Value::Object(members.clone()))]))
    };
    let (old, new) = (element(&before), element(&after));
    let says_otherwise = |name: &str| {
        written.iter().any(|spot| {
            let value = |element: &Value| spot.written_at().and_then(|path| find(element, &path.steps)).cloned();
            name_in(member, spot.spelled_out.as_ref()) == Some(name) && value(&old) != value(&new)
        })
    };
    let is_written = |name: &str| written.iter().any(|spot| name_in(member, spot.written_at()) == Some(name));
    for (name, value) in before {
        if !is_written(&name) && !says_otherwise(&name) {
            after.entry(name).or_insert(value);
        }
    }
    Some(Value::Object(after).to_string())
}

/// The name of the member of `member` that a path leads to.
fn name_in<'p>(member: &str, path: Option<&'p VendorPath>) -> Option<&'p str> {
    let [Step::Member(own), Step::Member(name), ..] = path?.steps.as_slice() else { return None };
    (own == member).then_some(name)
}

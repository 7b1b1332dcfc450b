//! Several canonical fields that are one list at the vendor: texts and lists of texts, written together without repeats.

use serde_json::{Map, Value};

use super::Writer;
use crate::check::checked::{Body, CheckedMapping, Field, Spot};
use crate::path::Step;

impl Writer<'_> {
    /// Whether another field is written with this one's text.
    pub(super) fn in_union(&self, name: &str) -> bool {
        let takes =
            |field: &Field| matches!(&field.body, Body::Value(spot) if spot.union.iter().any(|own| own == name));
        self.checked.fields.iter().any(takes)
    }

    /// The texts of all fields that are written to one list; `None` where none was sent. What was not sent stays, as far as
    /// the current record is known. A single text that is read as the first of the list is put first when it is sent.
    pub(super) fn union(&mut self, spot: &Spot, field: &Field) -> Option<Value> {
        let names: Vec<&String> = std::iter::once(&field.name).chain(&spot.union).collect();
        if !names.iter().any(|name| self.sent.contains_key(*name)) {
            return None;
        }
        let sent_lists: Vec<&Value> =
            names.iter().filter_map(|name| self.sent.get(*name)).filter(|own| own.is_array()).collect();
        let held_lists: Vec<&Value> =
            names.iter().filter_map(|name| self.held.get(*name)).filter(|own| own.is_array()).collect();
        let (mut first, mut lists, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for name in &names {
            let sent = self.sent.get(*name);
            let Some(value) = sent.or_else(|| self.held.get(*name)) else { continue };
            match (value, sent.is_some()) {
                (Value::Array(texts), _) => lists.extend(texts.iter().cloned()),
                (Value::Null, _) => (),
                (text, true) if self.is_first_of(name, spot) => first.push(text.clone()),
                // A text that was read from a list goes where the list goes.
                (text, false) if !sent_lists.is_empty() && held_lists.iter().any(|list| is_in(Some(list), text)) => (),
                (text, _) => others.push(text.clone()),
            }
        }
        let mut ordered: Vec<Value> = Vec::new();
        for text in first.into_iter().chain(lists) {
            if !text.is_null() && !ordered.contains(&text) {
                ordered.push(text);
            }
        }
        others.retain(|text| !ordered.contains(text));
        let unseen = self.unseen(spot, &names);
        // Where nothing else can come before it, a new text stands behind the others.
        let in_place = if unseen.is_empty() { Vec::new() } else { self.in_place(&names, &ordered, &others) };
        let whole = Value::Array(self.least_moved(spot, &ordered, (others, unseen), &in_place));
        let kept: Vec<String> = names
            .iter()
            .filter(|name| self.sent.get(**name).is_some_and(Value::is_null))
            .filter(|name| self.held.get(**name).is_some_and(|held| is_in(Some(&whole), held)))
            .map(|name| (*name).clone())
            .collect();
        for name in kept {
            self.changed(&name, format!("it is one of `{}` too and was left there", field.name));
        }
        Some(whole)
    }
}

impl Writer<'_> {
    /// Whether a field is read from the elements that the list is read from.
    fn is_first_of(&self, name: &str, list: &Spot) -> bool {
        let elements = |spot: &Spot| {
            let (before, tests, after) = spot.at.last()?.list()?;
            Some((before.to_vec(), tests.to_vec(), after.to_vec()))
        };
        let field = self.checked.fields.iter().find(|field| field.name == name);
        let own = field.and_then(|field| field.body.spot()).and_then(elements);
        own.is_some() && own == elements(list)
    }

    /// What the vendor's list holds and no field shows: a second company. It stays.
    fn unseen(&self, spot: &Spot, names: &[&String]) -> Vec<Value> {
        let held = spot.written_at().and_then(|path| self.tree.get(&path.steps)).and_then(Value::as_array);
        let seen: Vec<String> = names.iter().filter_map(|name| self.held.get(*name)).flat_map(texts).collect();
        let is_seen = |own: &&Value| texts(own).iter().any(|text| seen.contains(text));
        held.into_iter().flatten().filter(|own| !is_seen(own)).cloned().collect()
    }

    /// For a single text that takes the place of another, the other one: it is the first of its kind then, as the other was.
    fn in_place(&self, names: &[&String], ordered: &[Value], others: &[Value]) -> Vec<(Value, Value)> {
        let replaced = |name: &&String| {
            let (sent, held) = (self.sent.get(name.as_str())?, self.held.get(name.as_str())?);
            let is_other = sent.is_string() && held.is_string() && sent != held;
            let goes = !ordered.contains(held) && !others.contains(held);
            (is_other && goes && others.contains(sent)).then(|| (held.clone(), sent.clone()))
        };
        names.iter().filter_map(replaced).collect()
    }

    /// The texts as the vendor has them already with the new ones behind, where that keeps the order of those that have one.
    fn least_moved(
        &self,
        spot: &Spot,
        ordered: &[Value],
        (others, unseen): (Vec<Value>, Vec<Value>),
        in_place: &[(Value, Value)],
    ) -> Vec<Value> {
        let held = spot.written_at().and_then(|path| self.tree.get(&path.steps)).and_then(Value::as_array);
        let mut all: Vec<Value> = ordered.iter().cloned().chain(others).collect();
        all.extend(
            unseen.into_iter().filter(|own| !all.iter().any(|other| texts(other) == texts(own))).collect::<Vec<_>>(),
        );
        let Some(held) = held else { return all };
        // Ids are numbers in one place and texts in another.
        let new = |own: &Value| {
            let replaced = in_place.iter().find(|(old, _)| texts(old) == texts(own)).map(|(_, new)| new);
            all.iter().find(|other| texts(other) == texts(replaced.unwrap_or(own))).cloned()
        };
        let mut kept: Vec<Value> = Vec::new();
        for own in held.iter().filter_map(new).chain(all.iter().cloned()) {
            if !kept.contains(&own) {
                kept.push(own);
            }
        }
        let same = kept.iter().filter(|text| ordered.contains(text)).eq(ordered.iter());
        if same { kept } else { all }
    }
}

/// A scalar, or those of a list, as ids are compared.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(crate::value::context::text).collect(),
        other => crate::value::context::text(other).into_iter().collect(),
    }
}

/// The shared lists of which entries change places, which adding and removing entries cannot do.
pub(super) fn moved(
    checked: &CheckedMapping,
    current: &Map<String, Value>,
    record: &Map<String, Value>,
) -> Vec<String> {
    let shared = checked.fields.iter().filter_map(|field| {
        let spot = field.body.spot().filter(|spot| !spot.union.is_empty())?;
        if let [Step::Member(name)] = spot.written_at()?.steps.as_slice() { Some(name) } else { None }
    });
    let moves = |name: &&String| {
        let list =
            |record: &Map<String, Value>| record.get(*name).and_then(Value::as_array).cloned().unwrap_or_default();
        let (old, new) = (list(current), list(record));
        let kept = old.iter().filter(|text| new.contains(text));
        !kept.chain(new.iter().filter(|text| !old.contains(text))).eq(new.iter())
    };
    shared.filter(moves).cloned().collect()
}

fn is_in(list: Option<&Value>, text: &Value) -> bool {
    list.and_then(Value::as_array).is_some_and(|list| list.contains(text))
}

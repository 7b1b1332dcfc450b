//! The part of a record that goes to a vendor which takes what changed, where the rest of the record is known.

use serde_json::{Map, Value};

use crate::check::checked::{Body, CheckedMapping, Field, Spot};
use crate::file::{Mode, Nulls};
use crate::path::{Step, VendorPath};

/// Whether what is sent can be written well only where the current record is known.
pub(crate) fn needs_current(checked: &CheckedMapping, sent: &Map<String, Value>) -> bool {
    // A text that must be there is shown where the vendor has none: as another field's, or as an empty one.
    let may_be_made_up = |field: &Field| {
        field.default.is_some()
            || !field.fallback.is_empty()
            || field.may_not_be_empty()
            || sent.get(&field.name).is_some_and(|own| own == "")
    };
    sent_fields(checked, sent).any(|field| {
        may_be_made_up(field)
            || match &field.body {
                Body::Value(spot) => has_several_places(spot) || spot.written_at().is_some_and(is_in_list),
                Body::Items(sources) => sources.iter().any(|source| {
                    let spots = source.members.iter().filter_map(|member| member.body.spot());
                    source
                        .each
                        .as_ref()
                        .map_or_else(|| spots.into_iter().any(has_several_places), |_| source.split.is_none())
                }),
                Body::Join { .. }
                | Body::Members(_)
                | Body::Constant { .. }
                | Body::Part(_)
                | Body::Cases(_)
                | Body::Index
                | Body::Computed(_)
                | Body::Undecoded => false,
            }
    })
}

/// A vendor's record before and after it was written over.
#[derive(Clone, Copy)]
pub(super) struct Change<'c> {
    pub(super) before: &'c Map<String, Value>,
    pub(super) after: &'c Map<String, Value>,
}

/// What a patch says, its lists whole, without what the record has already, and with what is cleared beside it.
pub(super) fn of(
    checked: &CheckedMapping,
    sent: &Map<String, Value>,
    patch: Map<String, Value>,
    change: Change<'_>,
) -> Map<String, Value> {
    let Change { before: current, after: record } = change;
    let mut part = patch;
    for list in lists(checked, sent) {
        part.remove(list);
        part.extend(record.get_key_value(list).filter(|(_, own)| current.get(list) != Some(own)).map(owned));
    }
    leave_out(&mut part, current, record);
    clear(&mut part, current, record, checked.nulls);
    part
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

fn sent_fields<'d>(checked: &'d CheckedMapping, sent: &Map<String, Value>) -> impl Iterator<Item = &'d Field> {
    let fields = checked.fields.iter().filter(|field| field.mode != Mode::Read);
    fields.filter(|field| sent.contains_key(&field.name))
}

fn has_several_places(spot: &Spot) -> bool {
    spot.at.len() > 1 || !spot.union.is_empty()
}

/// Whether a path leads into the elements of a list, all of which the vendor is sent.
fn is_in_list(path: &VendorPath) -> bool {
    path.steps.iter().any(|step| !matches!(step, Step::Member(_)))
}

/// The vendor's lists that the fields sent are kept in, by the member of the record.
fn lists<'d>(checked: &'d CheckedMapping, sent: &Map<String, Value>) -> Vec<&'d str> {
    let mut lists = Vec::new();
    for field in sent_fields(checked, sent) {
        let place = field.body.spot().and_then(Spot::written_at).filter(|path| is_in_list(path));
        let of_items = field.body.sources().iter().filter_map(|source| source.each.as_ref());
        lists.extend(place.into_iter().chain(of_items).filter_map(VendorPath::root));
    }
    lists
}

/// Takes out what the record shows already, read from another place than it would be written to.
fn leave_out(part: &mut Map<String, Value>, current: &Map<String, Value>, record: &Map<String, Value>) {
    part.retain(|name, own| {
        let nothing = Value::Null;
        let (before, after) = (current.get(name).unwrap_or(&nothing), record.get(name).unwrap_or(&nothing));
        if let (Value::Object(own), Value::Object(before), Value::Object(after)) = (&mut *own, before, after) {
            let was_empty = own.is_empty();
            leave_out(own, before, after);
            return was_empty || !own.is_empty();
        }
        // A member that goes away is said to be null.
        before != after || own == before || (own.is_null() && !record.contains_key(name))
    });
}

/// Adds what is cleared and not said yet: a value that was read from a second place.
fn clear(part: &mut Map<String, Value>, current: &Map<String, Value>, record: &Map<String, Value>, nulls: Nulls) {
    let empty = match nulls {
        Nulls::Send => Value::Null,
        Nulls::EmptyText => Value::from(""),
        Nulls::Omit => return,
    };
    for (name, before) in current {
        match (before, record.get(name)) {
            (Value::Object(before), Some(Value::Object(after))) => {
                let mut inner = match part.get(name) {
                    Some(Value::Object(inner)) => inner.clone(),
                    Some(_) => continue,
                    None => Map::new(),
                };
                clear(&mut inner, before, after, nulls);
                if !inner.is_empty() {
                    part.insert(name.clone(), Value::Object(inner));
                }
            }
            (Value::String(_) | Value::Number(_) | Value::Bool(_), None | Some(Value::Null)) => {
                part.entry(name.clone()).or_insert_with(|| empty.clone());
            }
            _ => (),
        }
    }
}

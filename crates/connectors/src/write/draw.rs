//! The body of a step, drawn from the change.

use std::collections::BTreeMap;

use connector_catalog::template::{Hole, Root};
use connector_catalog::{Encoding, MemberSource, Send, Step};
use field_mapping::{Mapping, VendorPath};
use serde_json::{Map, Value};

use super::change::Change;
use super::entries;
use super::place::Places;

/// Rows that lookups found, by step and member.
pub(super) type Rows = BTreeMap<(String, String), Value>;

/// What a step's body came to.
#[derive(Debug)]
pub(super) enum Drawn {
    /// The step sends none.
    NoBody,
    /// Nothing of what changed belongs to the step; only what it would send in any case.
    Empty(Map<String, Value>),
    /// Something to send.
    Body(Map<String, Value>),
}

/// Draws the body of a step, in the members that it goes into.
pub(super) fn draw(step: &Step, places: Places<'_>, rows: &Rows) -> Drawn {
    let within =
        |body| step.wrap.iter().rev().fold(body, |body, name| Map::from_iter([(name.clone(), Value::Object(body))]));
    match (Drawing { step, places, rows }).unwrapped() {
        Drawn::NoBody => Drawn::NoBody,
        Drawn::Empty(body) => Drawn::Empty(within(body)),
        Drawn::Body(body) => Drawn::Body(within(body)),
    }
}

/// What the body of one step is drawn from.
#[derive(Clone, Copy)]
struct Drawing<'a> {
    step: &'a Step,
    places: Places<'a>,
    rows: &'a Rows,
}

impl<'a> Drawing<'a> {
    fn unwrapped(self) -> Drawn {
        let Self { step, places, .. } = self;
        let (change, mapping) = (places.change, self.mapping());
        match &step.send {
            Send::Nothing => Drawn::NoBody,
            Send::Record { carry, drop, set } => {
                let mut body = without(&change.record, drop);
                carried(&mut body, carry, change);
                for (name, source) in set.iter().filter(|(name, _)| change.record.get(name).is_none_or(Value::is_null))
                {
                    body.extend(self.value(name, source).map(|value| (name.clone(), value)));
                }
                Drawn::Body(body)
            }
            Send::Item { drop } => Drawn::Body(places.item.map(|item| without(&item.value, drop)).unwrap_or_default()),
            Send::Changed { id, drop, only } => {
                let mut body = without(&change.part, drop);
                body.retain(|name, _| only.as_ref().is_none_or(|only| only.contains(name)));
                let is_empty = body.is_empty();
                if let (Some(member), Some(id)) = (id, &change.id) {
                    body.insert(member.clone(), Value::String(id.as_str().to_owned()));
                }
                if is_empty { Drawn::Empty(body) } else { Drawn::Body(body) }
            }
            Send::Over { carry, drop } => {
                let mut body = without(&change.record, drop);
                // What the vendor shows as null, a vendor that takes no null is not sent.
                body.retain(|_, value| !value.is_null() || mapping.sends_nulls());
                carried(&mut body, carry, change);
                // Only members that the body would carry can make this step worth a call.
                let is_sent = |member: &String| {
                    body.contains_key(member) || carry.iter().any(|(_, at)| at.root() == Some(member))
                };
                let touched =
                    change.changed_members().any(is_sent) || change.removes.iter().any(|member| !drop.contains(member));
                if touched { Drawn::Body(body) } else { Drawn::Empty(body) }
            }
            Send::Members(members) => self.members(members),
        }
    }

    fn members(self, members: &[(String, MemberSource)]) -> Drawn {
        let mut body = Map::new();
        let mut touched = self.step.for_each.is_some();
        let mut fixed = true;
        for (name, source) in members {
            let counts = counts(source, self.places.change.is_new);
            fixed &= !counts;
            if let Some(value) = self.value(name, source) {
                touched |= counts && (!matches!(source, MemberSource::Each { .. }) || self.is_reordered(source));
                body.insert(name.clone(), value);
            }
        }
        // A step that sends the same whatever changed is there to be taken.
        if touched || fixed { Drawn::Body(body) } else { Drawn::Empty(body) }
    }

    fn is_reordered(self, source: &MemberSource) -> bool {
        let is_reordered = |member| entries::is_reordered(self.places.change, member, self.mapping());
        matches!(source, MemberSource::Each { member, .. } if is_reordered(member))
    }

    /// The value of a member; `None`: there is none.
    fn value(self, name: &str, source: &MemberSource) -> Option<Value> {
        let Self { step, places, rows } = self;
        let (change, mapping) = (places.change, self.mapping());
        match source {
            MemberSource::Id => {
                let id = change.id.as_ref().map(unified_model::RecordId::as_str).or(places.pending)?;
                Some(Value::String(id.to_owned()))
            }
            MemberSource::Const(value) => Some(value.clone()),
            MemberSource::List(items) => {
                items.iter().map(|item| self.value(name, item)).collect::<Option<Vec<_>>>().map(Value::Array)
            }
            MemberSource::Text(template) if step.request.encode == Encoding::Link => {
                places.address(template).map(Value::String)
            }
            MemberSource::Text(template) => places.text(template).map(Value::String),
            MemberSource::Changed(member) => change.part.get(member).cloned(),
            MemberSource::At(root, path) => places.find(*root, path).cloned(),
            MemberSource::AddedTo(member) => entries::difference(&change.record, &change.before, member, mapping),
            MemberSource::RemovedFrom(member) => entries::difference(&change.before, &change.record, member, mapping),
            MemberSource::Each { member, take, removed_last } => {
                let list = change.record.get(member)?.as_array()?;
                let removed = entries::difference(&change.before, &change.record, member, mapping);
                let removed = removed.as_ref().filter(|_| *removed_last).and_then(Value::as_array);
                Some(
                    list.iter()
                        .chain(removed.into_iter().flatten())
                        .filter_map(|entry| take.find(entry))
                        .cloned()
                        .collect(),
                )
            }
            MemberSource::Lookup { .. } => rows.get(&(step.id.clone(), name.to_owned())).cloned(),
        }
    }

    fn mapping(self) -> &'a Mapping {
        &self.places.context.resource().mapping
    }
}

/// Whether a member that comes from there says that something changed.
fn counts(source: &MemberSource, is_new: bool) -> bool {
    let root_counts = |root: Root| match root {
        Root::Changed | Root::Item => true,
        Root::Record => is_new,
        Root::Before => false,
    };
    match source {
        MemberSource::Id | MemberSource::Const(_) | MemberSource::List(_) => false,
        MemberSource::At(root, _) => root_counts(*root),
        MemberSource::Text(template) => {
            template.holes().any(|hole| matches!(hole, Hole::Written(root, _) if root_counts(*root)))
        }
        MemberSource::Changed(_)
        | MemberSource::AddedTo(_)
        | MemberSource::RemovedFrom(_)
        | MemberSource::Each { .. }
        | MemberSource::Lookup { .. } => true,
    }
}

/// Sets members from other places of the record. What the change itself sets counts more, unless it is that very place.
fn carried(body: &mut Map<String, Value>, carry: &[(String, VendorPath)], change: &Change) {
    for (member, at) in carry {
        let is_set = change.part.get(member).is_some() && at.root() != Some(member);
        if let Some(value) = at.take(&change.record).filter(|_| !is_set) {
            body.insert(member.clone(), value);
        }
    }
}

fn without(record: &Value, drop: &[String]) -> Map<String, Value> {
    let members = record.as_object().into_iter().flatten();
    members.filter(|(name, _)| !drop.contains(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

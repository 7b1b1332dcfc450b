//! What a write changes: the vendor record as it is, as it will be, and what differs.

use std::collections::BTreeSet;

use connector_catalog::template::Root;
use connector_catalog::{Plan, StepCondition};
use field_mapping::{Written, WrittenOver};
use serde_json::{Map, Value};
use unified_model::answer::WarningKind;
use unified_model::{RecordId, Warning};

use super::entries;
use crate::call::context::CallContext;
use crate::call::dialect::Rewriting;
use crate::call::entity_tag::Version;
use crate::call::ids::as_text;
use crate::call::outcome::ConnectorError;
use crate::call::surroundings::Surroundings;
use crate::read::current::Current;

/// What the steps of a write draw from.
pub(super) struct Change {
    /// The record's id; empty until an `add` has one.
    pub(super) id: Option<RecordId>,
    /// Whether the record is new.
    pub(super) is_new: bool,
    /// The whole vendor record as it will be.
    pub(super) record: Value,
    /// Only what changed.
    pub(super) part: Value,
    /// The vendor record before the change.
    pub(super) before: Value,
    /// Which version of the record that was.
    pub(super) version: Option<Version>,
    /// The vendor members that only a full replace takes away something of.
    pub(super) removes: BTreeSet<String>,
    /// What was not written, or not as sent.
    pub(super) warnings: Vec<Warning>,
}

impl Change {
    /// A record that does not exist yet.
    pub(super) fn new_record(written: Written) -> Self {
        Self {
            id: None,
            is_new: true,
            part: Value::Object(written.record.clone()),
            record: Value::Object(written.record),
            before: Value::Object(Map::new()),
            version: None,
            removes: BTreeSet::new(),
            warnings: written.warnings,
        }
    }

    /// The current record with what was sent over it.
    pub(super) fn over(id: RecordId, current: Current, written: WrittenOver) -> Self {
        Self {
            id: Some(id),
            is_new: false,
            record: Value::Object(written.record),
            part: Value::Object(written.part),
            before: Value::Object(current.record),
            version: current.version,
            removes: written.removes.iter().map(|place| member_of(place).to_owned()).collect(),
            warnings: written.warnings,
        }
    }

    /// Keeps what the record is told by in a list that was sent without it.
    pub(super) fn keep_kind(&mut self, plan: &Plan) {
        let Self { record: Value::Object(record), part: Value::Object(part), before, warnings, .. } = self else {
            return;
        };
        let kept = plan.resource().kind.as_ref().map(|kind| kind.keep(record)).unwrap_or_default();
        for member in kept {
            for field in plan.resource().mapping.fields_of(&member) {
                let message = "what tells this resource's records from others was kept in it";
                warnings.push(Warning::about_field(WarningKind::ValueChanged, field, message));
            }
            match record.get(&member) {
                Some(kept) if before.get(&member) != Some(kept) => part.insert(member, kept.clone()),
                _ => part.remove(&member),
            };
        }
    }

    /// What was sent, where nothing is known of the record.
    pub(super) fn patch(id: RecordId, written: Written) -> Self {
        Self { id: Some(id), is_new: false, ..Self::new_record(written) }
    }

    /// A record that goes away.
    pub(super) fn removal(id: RecordId) -> Self {
        Self::patch(id, Written::default())
    }

    /// What was sent to a record of which this version was read.
    pub(super) fn of_version(self, version: Option<Version>) -> Self {
        Self { version, ..self }
    }

    /// Lets lists of links follow the members that say the same: the entry with the old value goes, one with the new comes.
    pub(super) fn follow(&mut self, plan: &Plan) {
        for follow in &plan.resource().follows {
            let held = |record: &Value| record.get(&follow.member).filter(|id| holds_something(id)).map(as_text);
            let (old, new) = (held(&self.before), held(&self.record));
            if old == new {
                continue;
            }
            let is_of = |entry: &Value, id: &str| {
                entry.get(&follow.key).is_some_and(|own| as_text(own).eq_ignore_ascii_case(id))
            };
            let mut entries = entries::list(&self.record, &follow.list).to_vec();
            entries.retain(|entry| old.as_ref().is_none_or(|old| !is_of(entry, old)));
            if let Some(new) = new
                && !entries.iter().any(|entry| is_of(entry, &new))
            {
                entries.push(Value::Object(Map::from_iter([(follow.key.clone(), Value::String(new))])));
            }
            self.record[&follow.list] = Value::Array(entries);
        }
    }

    /// Puts a value into the record. One that it had before is no change.
    pub(super) fn put(&mut self, member: &str, value: Value) {
        let is_old = self.before.get(member) == Some(&value);
        if let Value::Object(part) = &mut self.part {
            if is_old {
                part.remove(member);
            } else {
                part.insert(member.to_owned(), value.clone());
            }
        }
        self.record[member] = value;
    }

    /// Takes out the entries that the change makes like others of their list, where no two may be alike.
    pub(super) fn tell_apart(&mut self, plan: &Plan) {
        for (list, members) in plan.resource().mapping.unlike_lists() {
            let before = entries::list(&self.before, list);
            let all = entries::list(&self.record, list);
            let alike = |left: &Value, right: &Value| members.iter().all(|name| left.get(name) == right.get(name));
            let is_double = |entry: &Value| {
                !before.contains(entry) && before.iter().any(|own| alike(own, entry) && all.contains(own))
            };
            if all.iter().any(is_double) {
                let kept: Vec<Value> = all.iter().filter(|entry| !is_double(entry)).cloned().collect();
                self.record[list] = Value::Array(kept);
            }
        }
    }

    /// Puts the id that we chose into the record.
    pub(super) fn mint(&mut self, member: &str, id: RecordId) {
        for place in [&mut self.record, &mut self.part] {
            place[member] = Value::String(id.as_str().to_owned());
        }
        self.id = Some(id);
    }

    /// The record has another id than the one that we proposed: what names it so far names it by that one.
    pub(super) fn renamed(&mut self, id: &RecordId) {
        if let Some(proposed) = self.id.replace(id.clone()) {
            for place in [&mut self.record, &mut self.part] {
                rename(place, proposed.as_str(), id.as_str());
            }
        }
    }

    /// Lets the protocol complete what the mapping has written.
    pub(super) fn complete(&mut self, context: CallContext<'_>, surroundings: &Surroundings) {
        let Self {
            id, record: Value::Object(record), part: Value::Object(part), before: Value::Object(before), ..
        } = self
        else {
            return;
        };
        let written = record.clone();
        let mut mint = || (context.mint)().to_string();
        let id = id.as_ref().map(RecordId::as_str).unwrap_or_default();
        let mut rewriting = Rewriting { record: &mut *record, before, id, mint: &mut mint };
        self.warnings.extend(context.dialect.complete(context.resource(), surroundings, &mut rewriting));
        for (member, value) in record.iter().filter(|(member, value)| written.get(*member) != Some(value)) {
            if before.get(member) == Some(value) {
                part.remove(member);
            } else {
                part.insert(member.clone(), value.clone());
            }
        }
        part.retain(|member, _| record.contains_key(member) || !written.contains_key(member));
    }

    /// What a root stands for; `None` for the item, which belongs to a step.
    pub(super) fn root(&self, root: Root) -> Option<&Value> {
        match root {
            Root::Changed => Some(&self.part),
            Root::Record => Some(&self.record),
            Root::Before => Some(&self.before),
            Root::Item => None,
        }
    }

    /// The members of what changed.
    pub(super) fn changed_members(&self) -> impl Iterator<Item = &String> {
        self.part.as_object().into_iter().flat_map(Map::keys)
    }

    /// Whether a condition holds.
    pub(super) fn meets(&self, condition: &StepCondition, plan: &Plan) -> bool {
        condition.settings.holds(plan.settings())
            && condition.has.iter().all(|member| self.part.get(member).is_some_and(|value| !value.is_null()))
            && condition.holds.iter().all(|member| self.record.get(member).is_some_and(holds_something))
            && condition.changed.iter().all(|(member, value)| self.part.get(member) == Some(value))
    }

    /// A record that the vendor is known to refuse is refused here, before it is asked. What a record lacked before, it may lack.
    pub(super) fn check_required(&self, plan: &Plan) -> Result<(), ConnectorError> {
        let known_before = self.before.as_object().is_some_and(|before| !before.is_empty());
        for requirement in &plan.resource().requires {
            let fills =
                |record: &Value| requirement.at.find(record).is_some_and(|value| !value.is_null() && value != "");
            let lacked_before = known_before && !fills(&self.before);
            if !fills(&self.record) && !lacked_before {
                let fields = requirement.fields.join(" or ");
                let message = format!("{} takes no record without it; nothing was written", plan.connector().name);
                return Err(ConnectorError::BadRequest { at: fields, message });
            }
        }
        Ok(())
    }
}

fn rename(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text == from => to.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, from, to)),
        Value::Object(members) => members.values_mut().for_each(|member| rename(member, from, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

/// Whether a value says anything.
pub(super) fn holds_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

/// The vendor member of a place such as `properties[name=title]`.
fn member_of(place: &str) -> &str {
    place.split(['[', '.']).next().unwrap_or(place)
}

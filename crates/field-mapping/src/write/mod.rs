//! Canonical records made the vendor's: new, in part, or over what the vendor holds.

mod cases;
pub(crate) mod follow;
pub(crate) mod list;
pub(crate) mod over;
pub(crate) mod part;
mod shown;
mod unchanged;
mod union;
pub(crate) mod unknown;
pub(crate) mod written;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use unified_model::Warning;
use unified_model::answer::WarningKind;
use unified_model::schema::{Access, Kind};

use crate::check::OWN_MEMBERS;
use crate::check::checked::{Body, CUSTOM_FIELDS, CheckedMapping, Field, Part, Spot};
use crate::file::{Mode, Nulls};
use crate::json::bytes::with_whole_numbers;
use crate::path::{Step, VendorPath};
use crate::read::kind::KindGuard;
use crate::value::context::Context;
use crate::value::convert::{Converted, Converter};
use crate::value::leaf::{Leaf, LeafRules};
use list::tree::Tree;
use written::{Refusal, Written};

/// What is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A record that does not exist yet.
    New,
    /// Only what the caller sent.
    Patch,
    /// The vendor's whole record.
    Over,
}

/// A vendor's record that is about to be written.
pub(crate) struct Draft<'d> {
    pub(crate) checked: &'d CheckedMapping,
    pub(crate) way: Way,
    pub(crate) context: Context<'d>,
    /// What a new record must be.
    pub(crate) kind: Option<&'d KindGuard>,
    /// The record so far.
    pub(crate) record: Map<String, Value>,
    /// The current record in canonical form, where the mapping needs it.
    pub(crate) held: Map<String, Value>,
}

impl<'d> Draft<'d> {
    /// Of a record of which nothing is known.
    pub(crate) fn empty(checked: &'d CheckedMapping, way: Way, context: Context<'d>) -> Self {
        Self { checked, way, context, kind: None, record: Map::new(), held: Map::new() }
    }
}

/// Writes what a caller sends.
pub(crate) fn write(draft: Draft<'_>, sent: &Map<String, Value>) -> Written {
    let Draft { checked, way, context, kind, record, held } = draft;
    let (sent, followed) = follow::completed(checked, &whole_numbers(sent), &held);
    let sent = &sent;
    let mut writer = Writer {
        checked,
        sent,
        way,
        context,
        held,
        tree: Tree { record: Value::Object(record), lists: &checked.lists },
        warnings: followed,
        warned: BTreeSet::new(),
        refused: Vec::new(),
        claims: BTreeMap::new(),
    };
    for (path, value) in kind.iter().flat_map(|kind| &kind.members).filter(|(path, _)| path.listed().is_none()) {
        writer.tree.set(&path.steps, value.clone());
    }
    writer.unmapped();
    let (late, early): (Vec<&Field>, Vec<&Field>) =
        checked.fields.iter().partition(|field| writer.covering_list(field).is_some());
    // What a case sets may hang on what other fields have set.
    let (cases, early): (Vec<&Field>, Vec<&Field>) =
        early.into_iter().partition(|field| matches!(field.body, Body::Cases(_)));
    early.into_iter().chain(late).chain(cases).for_each(|field| writer.field(field));
    if way == Way::New {
        checked.fields.iter().for_each(|field| writer.unsent(field));
    }
    checked.fields.iter().for_each(|field| writer.whole(field));
    let mut record = match writer.tree.record {
        Value::Object(record) => record,
        _ => Map::new(),
    };
    let (mut warnings, refused) = (writer.warnings, writer.refused);
    for member in kind.map(|kind| kind.keep(&mut record)).unwrap_or_default() {
        let in_member =
            |field: &&Field| field.body.spot().and_then(Spot::written_at).and_then(VendorPath::root) == Some(&member);
        for field in checked.fields.iter().filter(in_member).filter(|field| sent.contains_key(&field.name)) {
            let message = "what tells this resource's records from others was put into it";
            warnings.push(Warning::about_field(WarningKind::ValueChanged, &field.name, message));
        }
    }
    Written { record, warnings, refused }
}

fn whole_numbers(sent: &Map<String, Value>) -> Map<String, Value> {
    sent.iter().map(|(name, value)| (name.clone(), with_whole_numbers(value))).collect()
}

const CANNOT_CLEAR: &str = "this vendor cannot clear it; it was left as it is";

struct Writer<'w> {
    checked: &'w CheckedMapping,
    sent: &'w Map<String, Value>,
    way: Way,
    context: Context<'w>,
    /// The current record in canonical form, where the mapping needs it.
    held: Map<String, Value>,
    tree: Tree<'w>,
    warnings: Vec<Warning>,
    warned: BTreeSet<(String, String)>,
    refused: Vec<Refusal>,
    /// Vendor places that a field has taken, by path.
    claims: BTreeMap<String, (String, Value)>,
}

impl Writer<'_> {
    fn warn(&mut self, kind: WarningKind, field: &str, message: impl Into<String>) {
        let message = message.into();
        if self.warned.insert((field.to_owned(), message.clone())) {
            self.warnings.push(Warning::about_field(kind, field, message));
        }
    }

    fn changed(&mut self, field: &str, message: impl Into<String>) {
        self.warn(WarningKind::ValueChanged, field, message);
    }

    fn unsupported(&mut self, field: &str) {
        let message = match self.checked.unsupported.get(field) {
            Some(reason) => reason.clone(),
            None => format!("`{field}` has no place in this vendor's record and was not written"),
        };
        self.warn(WarningKind::UnsupportedField, field, message);
    }

    fn read_only(&mut self, field: &str) {
        let message = format!("`{field}` can only be read from this vendor and was not written");
        self.warn(WarningKind::ReadOnlyField, field, message);
    }

    /// Warns of what was sent and has no place.
    fn unmapped(&mut self) {
        let fields = &self.checked.fields;
        let sent = self.sent;
        for (name, value) in sent {
            if value.is_null() || OWN_MEMBERS.contains(&name.as_str()) || fields.iter().any(|field| field.name == *name)
            {
                continue;
            }
            if !self.in_union(name) {
                self.unsupported(name);
            }
        }
    }

    fn field(&mut self, field: &Field) {
        let sent = self.sent.get(&field.name);
        let united = field.body.spot().filter(|spot| !spot.union.is_empty() && field.mode != Mode::Read);
        let value = match united {
            Some(spot) => self.union(spot, field),
            None => sent.cloned(),
        };
        let Some(value) = value else { return };
        // Written with the list that it is part of.
        if self.in_union(&field.name) {
            return;
        }
        if field.mode == Mode::Read {
            // What is null already may be sent as null.
            let held = self.held.get(&field.name).is_some_and(|held| !held.is_null())
                || matches!(&field.body, Body::Value(spot) if self.read(field, spot).is_some());
            if field.property.access == Access::ReadWrite && (!value.is_null() || held) {
                self.read_only(&field.name);
            }
            return;
        }
        match &field.body {
            Body::Value(spot) => self.value(&field.name, field, spot, &value),
            Body::Items(sources) if field.name == CUSTOM_FIELDS => self.own_fields(field, sources, &value),
            Body::Items(sources) => self.items(field, sources, &value),
            Body::Members(members) => {
                for member in members {
                    let own = value.get(&member.name).cloned().unwrap_or(Value::Null);
                    if let (Body::Value(spot), true) =
                        (&member.body, value.is_null() || value.get(&member.name).is_some())
                    {
                        self.value(&format!("{}.{}", field.name, member.name), member, spot, &own);
                    }
                }
                let known = |name: &String| members.iter().any(|member| member.name == *name);
                for (name, own) in value.as_object().into_iter().flatten() {
                    if !own.is_null() && !known(name) {
                        self.unsupported(&format!("{}.{name}", field.name));
                    }
                }
            }
            Body::Join { parts, split, .. } => self.joined(field, parts, *split, &value),
            Body::Constant { value: constant, .. } => {
                if !value.is_null() && value != *constant {
                    self.changed(&field.name, format!("it is always `{}` at this vendor", shown(constant)));
                }
            }
            Body::Cases(cases) => self.cases(field, cases, &value),
            // What follows from a computed number was completed before.
            Body::Part(_) | Body::Undecoded | Body::Index | Body::Computed(_) => (),
        }
    }

    fn value(&mut self, name: &str, field: &Field, spot: &Spot, value: &Value) {
        let Some(path) = spot.written_at() else { return };
        if let Some(list) = self.covering_list(field) {
            return self.beside_list(name, field, value, &list);
        }
        if value.is_null() {
            return self.clear_all(name, field, spot, path);
        }
        let Some(vendor) = self.convert(name, &spot.chain, value, &mut 0) else { return };
        let vendor = self.with_elements(path, elements_of(path, vendor));
        let place = path.to_string();
        match self.claims.get(&place) {
            Some((first, other)) if *other != vendor => {
                let message = format!("`{first}` is kept in the same place and was written instead");
                return self.changed(name, message);
            }
            Some(_) => return,
            None => self.claims.insert(place, (name.to_owned(), vendor.clone())),
        };
        let steps = stem(path);
        if self.way == Way::Over {
            let same = self.read(field, spot).is_some_and(|current| self.reads_alike(field, spot, current, &vendor));
            if same && spot.write.is_none() {
                return;
            }
        }
        self.tree.set(steps, vendor);
    }

    /// The elements of a new list, each as the record has it already where it has it, and those that hold no text.
    fn with_elements(&self, path: &VendorPath, vendor: Value) -> Value {
        let (Some((_, [], after)), Way::Over) = (path.list().filter(|(_, _, after)| !after.is_empty()), self.way)
        else {
            return vendor;
        };
        let (Value::Array(new), Some(held)) = (&vendor, self.tree.get(stem(path)).and_then(Value::as_array)) else {
            return vendor;
        };
        let text = |element: &Value| crate::path::find(element, after).and_then(crate::value::context::text);
        let as_held = |element: &Value| held.iter().find(|own| text(own) == text(element)).unwrap_or(element).clone();
        let unseen = held.iter().filter(|own| text(own).is_none()).cloned();
        new.iter().map(as_held).chain(unseen).collect()
    }

    /// Whether there is nothing to clear.
    fn reads_as_null(&self, field: &Field, steps: &[Step]) -> bool {
        let (Body::Value(spot), Some(current)) = (&field.body, self.tree.get(steps)) else { return true };
        let rules = LeafRules {
            empty_is_null: self.checked.empty_is_null,
            zero_is_null: spot.zero_is_null,
            ..LeafRules::default()
        };
        let leaf = Leaf::new(&field.property.kind, spot.chain.clone(), rules);
        spot.write.is_none() && !leaf.write(current, &self.context, &mut Vec::new())
    }

    /// What the field reads: of its places the first that holds a value.
    fn read(&self, field: &Field, spot: &Spot) -> Option<&Value> {
        let held = |path: &VendorPath| self.tree.get(stem(path)).filter(|own| self.reads_alike(field, spot, own, own));
        spot.at.iter().find_map(held)
    }

    /// A field that is read from several places is null only when all of them are.
    fn clear_all(&mut self, name: &str, field: &Field, spot: &Spot, written: &VendorPath) {
        if self.way != Way::Over || spot.write.is_some() {
            return self.clear(name, field, written);
        }
        for path in &spot.at {
            self.clear(name, field, path);
        }
    }

    /// Whether two vendor values read as one canonical value.
    fn reads_alike(&self, field: &Field, spot: &Spot, current: &Value, new: &Value) -> bool {
        let rules = LeafRules {
            empty_is_null: self.checked.empty_is_null,
            zero_is_null: spot.zero_is_null,
            ..LeafRules::default()
        };
        let leaf = Leaf::new(&field.property.kind, spot.chain.clone(), rules);
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let (current, new) = (texts_of(spot, current), texts_of(spot, new));
        leaf.write(&*current, &self.context, &mut left) && leaf.write(&*new, &self.context, &mut right) && left == right
    }

    /// The value in the vendor's form; `None`, with a warning, where it has none.
    fn convert(&mut self, name: &str, chain: &[Converter], value: &Value, others: &mut usize) -> Option<Value> {
        let mut value = value.clone();
        for converter in chain.iter().rev() {
            value = match converter.write(&value, others, &self.context) {
                Converted::Exact(value) => value,
                Converted::Changed(value, how) => {
                    self.changed(name, how);
                    value
                }
                Converted::Impossible(why) => {
                    self.changed(name, format!("{why}; it was not written"));
                    return None;
                }
                Converted::Refused(message) => {
                    self.refused.push(Refusal { field: name.to_owned(), message });
                    return None;
                }
            };
        }
        Some(value)
    }

    fn clear(&mut self, name: &str, field: &Field, path: &VendorPath) {
        let steps = stem(path);
        let list = matches!(field.property.kind, Kind::List(_));
        // Where it is read may be another place than where it is written.
        if self.way == Way::Over && field.nulls == Some(Nulls::Omit) {
            if self.held.get(name).is_some_and(|held| !held.is_null()) {
                self.changed(name, CANNOT_CLEAR);
            }
            return;
        }
        if self.way == Way::Over && self.reads_as_null(field, steps) {
            return;
        }
        match (self.way, field.nulls.unwrap_or(self.checked.nulls)) {
            (Way::New, _) => (),
            (Way::Over, Nulls::Send) if path.list().is_none() => self.tree.set(steps, Value::Null),
            (Way::Over, _) if list => self.tree.set(steps, Value::Array(Vec::new())),
            (Way::Over, _) => self.tree.remove(steps),
            (Way::Patch, _) if self.claims.contains_key(&path.to_string()) => {
                self.changed(name, "another field is kept in the same place and was written instead");
            }
            (Way::Patch, Nulls::Send) => self.tree.set(steps, Value::Null),
            (Way::Patch, Nulls::EmptyText) => {
                self.tree.set(steps, if list { Value::Array(Vec::new()) } else { Value::from("") });
            }
            (Way::Patch, Nulls::Omit) => self.changed(name, CANNOT_CLEAR),
        }
    }

    /// A text made of others is written to them, unless they were sent themselves.
    fn joined(&mut self, field: &Field, parts: &[String], split: bool, value: &Value) {
        if parts.iter().any(|part| self.sent.get(part).is_some_and(|own| !own.is_null())) {
            let known = parts.iter().filter_map(|part| self.sent.get(part).or_else(|| self.held.get(part))?.as_str());
            let made = known.collect::<Vec<_>>().join(" ");
            if value.as_str().is_some_and(|text| text.trim() != made.trim()) {
                self.changed(&field.name, format!("it is made of {}, which were written instead", parts.join(", ")));
            }
            return;
        }
        let Some(text) = value.as_str().map(str::trim).filter(|text| !text.is_empty()) else {
            if self.way != Way::New {
                self.changed(&field.name, format!("it is made of {} and is cleared through them", parts.join(", ")));
            }
            return;
        };
        if !split {
            return self.unsupported(&field.name);
        }
        let (first, rest) = text
            .split_once(char::is_whitespace)
            .map_or((text, Value::Null), |(first, rest)| (first, Value::from(rest.trim())));
        for (part, own) in parts.iter().zip([Value::from(first), rest]) {
            let found = self.checked.fields.iter().find(|other| other.name == *part);
            if let Some(other) = found
                && let Body::Value(spot) = &other.body
            {
                self.value(part, other, spot, &own);
            }
        }
    }

    /// A text that the vendor keeps beside its parts follows them. Where not all of them are known, it is left as it is.
    fn whole(&mut self, field: &Field) {
        let Body::Join { parts, write: Some(path), .. } = &field.body else { return };
        let touched = std::iter::once(&field.name).chain(parts).any(|name| self.sent.contains_key(name));
        let unknown = |part: &String| !self.sent.contains_key(part) && !self.sent.contains_key(&field.name);
        if field.mode == Mode::Read || !touched || (self.way == Way::Patch && parts.iter().any(unknown)) {
            return;
        }
        let text_of = |part: &String| {
            let other = self.checked.fields.iter().find(|other| other.name == *part)?;
            let Body::Value(spot) = &other.body else { return None };
            spot.at.iter().find_map(|path| self.tree.get(&path.steps)?.as_str()).filter(|text| !text.is_empty())
        };
        let texts: Vec<&str> = parts.iter().filter_map(text_of).collect();
        let whole = texts.join(" ");
        if !whole.is_empty() {
            self.tree.set(&path.steps, Value::String(whole));
        }
    }

    /// What a new record gets although the caller did not send it.
    fn unsent(&mut self, field: &Field) {
        if let Body::Constant { value, at: Some(path) } = &field.body {
            if field.mode != Mode::Read && self.tree.get(&path.steps).is_none() {
                self.tree.set(&path.steps, value.clone());
            }
            return;
        }
        let Body::Value(spot) = &field.body else { return };
        let Some(path) = spot.written_at() else { return };
        if field.mode == Mode::Read || self.tree.get(stem(path)).is_some() {
            return;
        }
        let derived = field.new_from.as_ref().and_then(|part| self.part(part));
        if let Some(value) = derived.or_else(|| field.default.clone()) {
            self.value(&field.name, field, spot, &value);
        }
    }

    fn part(&self, part: &Part) -> Option<Value> {
        let mut value = self.sent.get(&part.field)?;
        if let Some(member) = &part.member {
            value = value.as_array()?.iter().find_map(|item| item.get(member).filter(|own| !own.is_null()))?;
        }
        part.of(value.as_str()?).map(Value::from)
    }
}

/// The path up to the list that `[]` goes through.
fn stem(path: &VendorPath) -> &[Step] {
    let each = |step: &Step| matches!(step, Step::Each(tests) if tests.is_empty());
    path.steps.iter().position(each).map_or(&path.steps, |at| &path.steps[..at])
}

/// For a path through `[]`, each text wrapped as an element of the list.
fn elements_of(path: &VendorPath, value: Value) -> Value {
    let Some((_, [], after)) = path.list() else { return value };
    let Value::Array(texts) = value else { return value };
    let wrap = |text: Value| {
        let mut element = Value::Null;
        list::tree::put(&mut element, after, text, &BTreeMap::new());
        element
    };
    Value::Array(texts.into_iter().map(wrap).collect())
}

/// The list of a path through `[]` with, in place of each element, the text that the path leads to.
fn texts_of<'v>(spot: &Spot, value: &'v Value) -> Cow<'v, Value> {
    let through =
        spot.at.iter().chain(&spot.write).find_map(|path| path.list().filter(|(_, _, after)| !after.is_empty()));
    let (Some((_, [], after)), Value::Array(elements)) = (through, value) else { return Cow::Borrowed(value) };
    let text = |element: &Value| match element {
        Value::Object(_) => crate::path::find(element, after).cloned().unwrap_or_default(),
        other => other.clone(),
    };
    Cow::Owned(Value::Array(elements.iter().map(text).collect()))
}

/// A scalar as a message shows it.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

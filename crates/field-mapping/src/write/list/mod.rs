//! Lists of objects: each item finds its source, becomes an element or fills columns, and replaces what the vendor held.

pub(crate) mod alike;
mod beside;
mod columns;
pub(crate) mod difference;
mod laid_over;
pub(crate) mod own_fields;
mod split;
pub(crate) mod tree;

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use unified_model::schema::{Access, ObjectType};

use crate::check::checked::{Body, Field, List, Source, Spot};
use crate::file::Mode;
use crate::path::{Step, Test, VendorPath};
use crate::value::leaf::{Leaf, LeafRules};
use crate::write::list::alike::alike;
use crate::write::list::difference::key_of;
use crate::write::list::laid_over::laid_over;
use crate::write::list::split::in_order;
use crate::write::list::tree::{new_element, put, selects};
use crate::write::{Way, Writer, shown};

/// The steps to a source's list and the tests of its elements.
pub(crate) fn parts(each: &VendorPath) -> (&[Step], &[Test]) {
    match each.list() {
        Some((before, tests, _)) => (before, tests),
        None => (&each.steps, &[]),
    }
}

/// One of the vendor's lists that a canonical list is kept in.
#[derive(Clone, Copy)]
pub(crate) struct ListPlace<'p> {
    /// The canonical list.
    pub(crate) field: &'p Field,
    pub(crate) source: &'p Source,
    /// The steps to the vendor's list.
    pub(crate) before: &'p [Step],
    /// What its elements must be.
    pub(crate) tests: &'p [Test],
    pub(crate) rules: Option<&'p List>,
}

impl<'p> ListPlace<'p> {
    /// The same without what new elements are made of, for an element that is only a part of another.
    pub(crate) fn bare(self) -> Self {
        Self { tests: &[], rules: None, ..self }
    }

    /// The members that tell its elements apart.
    fn key(self) -> &'p [String] {
        self.rules.map(|rules| rules.key.as_slice()).unwrap_or_default()
    }
}

impl<'w> Writer<'w> {
    pub(crate) fn list_place<'p>(&self, field: &'p Field, source: &'p Source, each: &'p VendorPath) -> ListPlace<'p>
    where
        'w: 'p,
    {
        let (before, tests) = parts(each);
        ListPlace { field, source, before, tests, rules: self.checked.lists.get(&names(before)) }
    }
}

impl Writer<'_> {
    pub(crate) fn items(&mut self, field: &Field, sources: &[Source], value: &Value) {
        let none = Vec::new();
        let items: Vec<&Map<String, Value>> =
            value.as_array().unwrap_or(&none).iter().filter_map(Value::as_object).collect();
        let mut assigned: Vec<Vec<&Map<String, Value>>> = vec![Vec::new(); sources.len()];
        let mut waiting = Vec::new();
        for item in items {
            let room = |index: usize, source: &Source| {
                let most = source.max.unwrap_or(if source.each.is_some() { usize::MAX } else { 1 });
                assigned[index].len() < most
            };
            match sources.iter().enumerate().find(|(index, source)| source.matches(item) && room(*index, source)) {
                Some((index, _)) => assigned[index].push(item),
                None => waiting.push(item),
            }
        }
        for item in waiting {
            match sources.iter().enumerate().find(|(index, source)| source.open_slot && assigned[*index].is_empty()) {
                Some((index, source)) => {
                    self.misplaced(field, source, item);
                    assigned[index].push(item);
                }
                None => self.changed(
                    &field.name,
                    "there are more items than this vendor has places for; the last were not written",
                ),
            }
        }
        let mut others = 0;
        for (source, items) in sources.iter().zip(&assigned) {
            match &source.each {
                Some(each) => self.elements(self.list_place(field, source, each), items, &mut others),
                None => self.columns(field, source, items.first().copied(), &mut others),
            }
        }
    }

    /// An item in a slot of another kind reads back with that slot's constants.
    fn misplaced(&mut self, field: &Field, source: &Source, item: &Map<String, Value>) {
        for (name, value) in &source.set {
            if item.get(name).is_some_and(|own| !own.is_null() && own != value) {
                self.changed(
                    &format!("{}.{name}", field.name),
                    format!("no place of that kind is free; it is kept as `{}`", shown(value)),
                );
            }
        }
    }

    /// Warns of members that this place of the list does not hold.
    pub(crate) fn without_place(
        &mut self,
        field: &Field,
        source: &Source,
        item: &Map<String, Value>,
        element: Option<&Value>,
    ) {
        for (name, value) in item {
            let known = source.members.iter().any(|member| {
                member.name == *name || matches!(&member.body, Body::Value(spot) if spot.absorb.contains(name))
            });
            let constant = source.set.iter().any(|(own, _)| own == name);
            if !value.is_null() && !known && !constant {
                self.unsupported(&format!("{}.{name}", field.name));
            }
            let read_only = |member: &&Field| {
                member.name == *name && member.mode == Mode::Read && member.property.access == Access::ReadWrite
            };
            if let (Some(member), Some(element), false) =
                (source.members.iter().find(read_only), element, value.is_null())
                && self.reads(source, member, element) != *value
            {
                self.read_only(&format!("{}.{name}", field.name));
            }
        }
    }

    /// An id that only the vendor can give, and that none of its entries has, cannot be had.
    fn unknown_id(&mut self, place: ListPlace<'_>, known: &[&Value], element: &mut Value) {
        let ListPlace { field, source, .. } = place;
        let ([name], true) = (place.key(), self.way == Way::Over) else { return };
        let is_id = |member: &Field, spot: &Spot| {
            member.property.access == Access::ReadOnly
                && spot.written_at().is_some_and(|path| matches!(&*path.steps, [Step::Member(own)] if own == name))
        };
        let Some(member) = spots(source).find(|(member, spot)| is_id(member, spot)).map(|(member, _)| &member.name)
        else {
            return;
        };
        let Some(id) = element.get(name).filter(|id| !id.is_null()).cloned() else { return };
        if known.iter().all(|own| own.get(name) != Some(&id)) {
            let message = format!("there is no `{}` here; what is new gets an id from the vendor", shown(&id));
            self.changed(&format!("{}.{member}", field.name), message);
            if let Value::Object(members) = element {
                members.remove(name);
            }
        }
    }

    fn elements(&mut self, place: ListPlace<'_>, items: &[&Map<String, Value>], others: &mut usize) {
        let ListPlace { field, source, before, tests, .. } = place;
        let items = &in_order(source, items);
        self.counted(field, source, items);
        if let Some(separator) = &source.split {
            return self.separated(place, separator, items, others);
        }
        let replaced = self.replaced(place);
        let elements = self.tree.get(before).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut held: Vec<(&Value, &Map<String, Value>)> =
            elements.iter().zip(&replaced).filter_map(|(element, shown)| Some((element, shown.as_ref()?))).collect();
        let known: Vec<&Value> = held.iter().map(|(element, _)| *element).collect();
        let mut built = Vec::new();
        let mut made = Vec::new();
        for item in items {
            let object = field.property.kind.items();
            if let Some(at) = held.iter().position(|(_, shown)| Self::says(source, item, shown, object)) {
                built.push(held.remove(at).0.clone());
                continue;
            }
            made.push((built.len(), *item));
            built.push(self.element(place, item, others));
        }
        for (at, _) in &made {
            self.unknown_id(place, &known, &mut built[*at]);
        }
        self.items_cases(place, &made, &mut built);
        for (at, item) in made {
            self.without_place(field, source, item, Some(&built[at]));
        }
        self.one_by_key(place, &built);
        if self.way != Way::Over {
            // An empty list is written as one only where it is the vendor's whole list.
            let written = !built.is_empty() || tests.is_empty();
            if written && let Some(list) = self.tree.list(before) {
                list.extend(built);
            }
            return;
        }
        let Some(list) = self.tree.list(before).map(std::mem::take) else { return };
        let merged = self.merge(place, &list, &replaced, built);
        if let Some(list) = self.tree.list(before) {
            *list = merged;
        }
    }

    /// The elements that a new list replaces, by their places: those of the source that the canonical list shows, each with what
    /// it is shown as. Nothing where the current record is not at hand.
    fn replaced(&self, place: ListPlace<'_>) -> Vec<Option<Map<String, Value>>> {
        let ListPlace { field, source, before, tests, rules } = place;
        let list = if self.way == Way::Over { self.tree.get(before).and_then(Value::as_array) } else { None };
        let most = source.max.unwrap_or(usize::MAX);
        let mut shown = 0;
        let mut replaced = |element: &Value| {
            let is_own = shown < most && selects(tests, rules, element);
            let item = is_own.then(|| self.shown(field, source, element, shown == 0)).flatten();
            shown += usize::from(item.is_some());
            item
        };
        list.into_iter().flatten().map(&mut replaced).collect()
    }

    /// Whether an item says just what an element is shown as, whatever the item would be written as.
    fn says(
        source: &Source,
        item: &Map<String, Value>,
        shown: &Map<String, Value>,
        object: Option<&ObjectType>,
    ) -> bool {
        let is_written = |name: &String| {
            source.members.iter().any(|own| own.name == *name && own.mode != Mode::Read)
                && !source.set.iter().any(|(own, _)| own == name)
        };
        let nothing = Value::Null;
        object.is_some_and(|object| {
            object.properties.iter().all(|property| {
                let held = shown.get(&property.name).unwrap_or(&nothing);
                match item.get(&property.name).filter(|own| !own.is_null()) {
                    Some(own) => alike(&property.kind, own, held),
                    None => held.is_null() || !is_written(&property.name),
                }
            })
        })
    }

    pub(crate) fn element(&mut self, place: ListPlace<'_>, item: &Map<String, Value>, others: &mut usize) -> Value {
        let ListPlace { field, source, tests, rules, .. } = place;
        let mut element = Value::Object(new_element(tests, rules));
        let mut claims: BTreeMap<String, (String, Value)> = BTreeMap::new();
        let whole = BTreeMap::new();
        for (member, spot) in spots(source) {
            let name = format!("{}.{}", field.name, member.name);
            let Some(value) = self.with_absorbed(&name, &member.name, spot, item) else { continue };
            let Some(path) = spot.written_at() else { continue };
            let Some(vendor) = self.convert(&name, &spot.chain, &value, others) else { continue };
            match claims.get(&path.to_string()) {
                Some((_, own)) if *own == vendor => continue,
                Some((first, _)) => {
                    self.changed(
                        &name,
                        format!("`{}.{first}` is kept in the same place and was written instead", field.name),
                    );
                    continue;
                }
                None => claims.insert(path.to_string(), (member.name.clone(), vendor.clone())),
            };
            put(&mut element, &path.steps, vendor, &whole);
        }
        for name in &source.decode {
            let text = match element.get(name) {
                Some(decoded @ Value::Object(_)) => Some(decoded.to_string()),
                Some(_) => None,
                None => undecoded(source, item),
            };
            if let (Some(text), Value::Object(members)) = (text, &mut element) {
                members.insert(name.clone(), Value::String(text));
            }
        }
        element
    }

    /// A member's own text and those that are written behind it.
    pub(crate) fn with_absorbed(
        &mut self,
        name: &str,
        member: &str,
        spot: &Spot,
        item: &Map<String, Value>,
    ) -> Option<Value> {
        let own = item.get(member).filter(|own| !own.is_null());
        let more: Vec<&str> =
            spot.absorb.iter().filter_map(|other| item.get(other)?.as_str()).filter(|text| !text.is_empty()).collect();
        if more.is_empty() {
            return own.cloned();
        }
        self.changed(name, format!("{} are written behind it, separated by commas", spot.absorb.join(", ")));
        let texts: Vec<&str> =
            own.and_then(Value::as_str).into_iter().filter(|text| !text.is_empty()).chain(more).collect();
        Some(Value::from(texts.join(", ")))
    }

    /// Warns of two elements that the vendor cannot tell apart.
    fn one_by_key(&mut self, place: ListPlace<'_>, built: &[Value]) {
        let key = place.key();
        if key.is_empty() {
            return;
        }
        let has_key = |element: &&Value| key_of(key, element).iter().any(|own| !own.is_empty());
        let keyed: Vec<&Value> = built.iter().filter(has_key).collect();
        for (index, element) in keyed.iter().enumerate() {
            if keyed[..index].iter().any(|other| key_of(key, other) == key_of(key, element)) {
                let shown = key_of(key, element).join(" ");
                self.changed(
                    &place.field.name,
                    format!("two items are both `{}` to this vendor, which may keep one of them", shown.trim()),
                );
            }
        }
    }

    /// New elements in the places of those that the source held; elements that read alike stay as they are.
    fn merge(
        &self,
        place: ListPlace<'_>,
        list: &[Value],
        replaced: &[Option<Map<String, Value>>],
        built: Vec<Value>,
    ) -> Vec<Value> {
        let (source, key) = (place.source, place.key());
        let held: Vec<&Value> =
            list.iter().zip(replaced).filter(|(_, replaced)| replaced.is_some()).map(|(element, _)| element).collect();
        let read: Vec<Vec<u8>> = held.iter().map(|element| self.reading(source, element)).collect();
        let mut used = vec![false; held.len()];
        let mut new: Vec<Option<Value>> = Vec::new();
        for element in &built {
            let own = self.reading(source, element);
            let exact = (0..held.len()).find(|&at| !used[at] && held[at] == element);
            let same = exact.or_else(|| (0..held.len()).find(|&at| !used[at] && read[at] == own));
            if let Some(at) = same {
                used[at] = true;
            }
            new.push(same.map(|at| held[at].clone()));
        }
        let mut new: Vec<Value> = new
            .into_iter()
            .zip(built)
            .map(|(same, element)| {
                same.unwrap_or_else(|| {
                    let by_key = |own: &Value| key_of(key, own) == key_of(key, &element);
                    match (0..held.len()).find(|&at| !key.is_empty() && !used[at] && by_key(held[at])) {
                        Some(at) => {
                            used[at] = true;
                            laid_over(source, held[at], element)
                        }
                        None => element,
                    }
                })
            })
            .collect();
        new.reverse();
        let mut merged = Vec::new();
        for (element, replaced) in list.iter().zip(replaced) {
            if replaced.is_some() {
                merged.extend(new.pop());
            } else {
                merged.push(element.clone());
            }
        }
        new.reverse();
        merged.extend(new);
        merged
    }

    /// What an element reads as: the canonical JSON of each member.
    pub(crate) fn reading(&self, source: &Source, element: &Value) -> Vec<u8> {
        let decoded = decode(source, element);
        let mut out = Vec::new();
        for (member, spot) in spots(source) {
            out.push(b',');
            self.read_member(member, spot, &decoded, &mut out);
        }
        let undecoded = source.decode.iter().filter_map(|name| decoded.get(name)?.as_str());
        undecoded.for_each(|text| out.extend_from_slice(text.as_bytes()));
        out
    }

    /// What a member of an element reads as.
    fn reads(&self, source: &Source, member: &Field, element: &Value) -> Value {
        match &member.body {
            Body::Value(spot) => {
                let mut out = Vec::new();
                self.read_member(member, spot, &decode(source, element), &mut out);
                serde_json::from_slice(&out).unwrap_or(Value::Null)
            }
            Body::Cases(cases) => cases.read(element, &self.tree.record, &self.context).cloned().unwrap_or(Value::Null),
            Body::Constant { value, .. } => value.clone(),
            Body::Join { .. }
            | Body::Items(_)
            | Body::Members(_)
            | Body::Part(_)
            | Body::Index
            | Body::Computed(_)
            | Body::Undecoded => Value::Null,
        }
    }

    /// The canonical JSON of one member of an element whose JSON texts are values.
    fn read_member(&self, member: &Field, spot: &Spot, decoded: &Value, out: &mut Vec<u8>) {
        let rules = LeafRules {
            empty_is_null: self.checked.empty_is_null,
            zero_is_null: spot.zero_is_null,
            default: member.default.clone(),
            default_first: member.default_first.clone(),
        };
        let leaf = Leaf::new(&member.property.kind, spot.chain.clone(), rules);
        let found = spot.at.iter().find_map(|path| path.find(decoded));
        if !found.is_some_and(|value| leaf.write(value, &self.context, out)) {
            leaf.write_default(false, out);
        }
    }
}

/// The name of a list in `lists`.
pub(crate) fn names(before: &[Step]) -> String {
    let names: Vec<&str> = before
        .iter()
        .filter_map(|step| if let Step::Member(name) = step { Some(name.as_str()) } else { None })
        .collect();
    names.join(".")
}

/// The members that are written, each with its place.
pub(crate) fn spots(source: &Source) -> impl Iterator<Item = (&Field, &Spot)> {
    let written = source.members.iter().filter(|member| member.mode != Mode::Read);
    written.filter_map(|member| Some((member, member.body.spot()?)))
}

/// An element with its JSON texts as values.
pub(crate) fn decode(source: &Source, element: &Value) -> Value {
    let mut decoded = element.clone();
    for name in &source.decode {
        let text = decoded.get(name).and_then(Value::as_str);
        if let Some(value) = text.and_then(|text| serde_json::from_str::<Value>(text).ok()).filter(Value::is_object) {
            decoded[name.as_str()] = value;
        }
    }
    decoded
}

/// The text that was read as it is because it could not be decoded, written back.
fn undecoded(source: &Source, item: &Map<String, Value>) -> Option<String> {
    let member = source.members.iter().find(|member| matches!(member.body, Body::Undecoded))?;
    item.get(&member.name)?.as_str().map(str::to_owned)
}

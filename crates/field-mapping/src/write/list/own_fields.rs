//! Custom fields, written: each entry is a field of its own, found by its id, else by its name. Fields that no entry names stay.

use serde_json::{Map, Value};
use unified_model::answer::WarningKind;

use crate::check::checked::{Field, Source, Spot};
use crate::file::{Mode, Nulls};
use crate::json::bytes::same;
use crate::write::list::laid_over::laid_over;
use crate::write::list::tree::{put, selects};
use crate::write::list::{ListPlace, spots};
use crate::write::{CANNOT_CLEAR, Way, Writer, shown};

const NAMES_NOTHING: &str = "it names no field, so nothing was changed; to clear a field, send it with the value null";
const NO_VALUE: &str = "a field was sent without a value, so it was not written; null clears it";
const TWICE: &str = "a field was sent more than once; the last value counts";

type Entry<'v> = &'v Map<String, Value>;

/// A field that the record has.
struct Held {
    source: usize,
    /// Its element's place in the vendor's list; `None`: a column that every record has.
    element: Option<usize>,
    item: Map<String, Value>,
}

/// The fields of a record, and what becomes of them.
struct Merge<'v> {
    held: Vec<Held>,
    /// The last entry for each.
    wanted: Vec<Option<Entry<'v>>>,
    /// Whether an entry says just what the field is.
    kept: Vec<bool>,
    /// What the record lacks, each with its source.
    added: Vec<(usize, Entry<'v>)>,
}

/// Where an entry goes.
enum Found {
    Held(usize),
    New(usize),
    Nowhere(String),
}

impl Writer<'_> {
    pub(crate) fn own_fields(&mut self, field: &Field, sources: &[Source], value: &Value) {
        let entries: Vec<Entry<'_>> = value.as_array().into_iter().flatten().filter_map(Value::as_object).collect();
        if entries.is_empty() {
            if self.way != Way::New {
                self.changed(&field.name, NAMES_NOTHING);
            }
            return;
        }
        let mut merge = Merge::of(self.held_fields(field, sources));
        let rest = merge.keep(&entries);
        for entry in rest {
            match merge.find(sources, entry) {
                Found::Held(at) => {
                    if merge.kept[at] | merge.wanted[at].replace(entry).is_some() {
                        self.changed(&field.name, TWICE);
                    }
                }
                Found::New(source) => self.add(field, source, entry, &mut merge),
                Found::Nowhere(why) => self.warn(WarningKind::UnsupportedField, &field.name, why),
            }
        }
        self.apply(field, sources, &merge);
    }

    /// The fields that the record has, as a caller sees them.
    fn held_fields(&self, field: &Field, sources: &[Source]) -> Vec<Held> {
        let mut held = Vec::new();
        for (at, source) in sources.iter().enumerate() {
            let Some(each) = &source.each else {
                let mut item = self.shown(field, source, &self.tree.record, false).unwrap_or_default();
                item.extend(source.set.iter().cloned());
                held.push(Held { source: at, element: None, item });
                continue;
            };
            let ListPlace { before, tests, rules, .. } = self.list_place(field, source, each);
            let list = if self.way == Way::Over { self.tree.get(before).and_then(Value::as_array) } else { None };
            for (place, element) in list.into_iter().flatten().enumerate() {
                let own = selects(tests, rules, element).then(|| self.shown(field, source, element, false)).flatten();
                held.extend(own.map(|item| Held { source: at, element: Some(place), item }));
            }
        }
        held
    }

    /// A field that the record lacks. What it lacks need not be cleared.
    fn add<'v>(&mut self, field: &Field, source: usize, entry: Entry<'v>, merge: &mut Merge<'v>) {
        if !entry.contains_key("value") {
            return self.changed(&field.name, NO_VALUE);
        }
        if self.clears(entry) {
            if self.way != Way::New {
                let name = shown_name(entry);
                self.changed(&field.name, format!("the record has no field `{name}`, so nothing was changed"));
            }
            return;
        }
        let is_it = |(_, other): &(usize, Entry<'_>)| {
            (text(other, "id"), text(other, "id").or(text(other, "name")))
                == (text(entry, "id"), text(entry, "id").or(text(entry, "name")))
        };
        if let Some(at) = merge.added.iter().position(is_it) {
            merge.added.remove(at);
            self.changed(&field.name, TWICE);
        }
        merge.added.push((source, entry));
    }

    /// Whether an entry says that its field is to have no value.
    fn clears(&self, entry: Entry<'_>) -> bool {
        entry.get("value").is_some_and(|value| value.is_null() || (self.checked.empty_is_null && value == ""))
    }

    fn apply(&mut self, field: &Field, sources: &[Source], merge: &Merge<'_>) {
        let mut others = 0;
        for (at, source) in sources.iter().enumerate() {
            let of_source = |held: &&Held| held.source == at;
            if source.each.is_some() {
                self.elements_merged(field, (at, source), merge, &mut others);
            } else if let Some(place) = merge.held.iter().position(|held| of_source(&held))
                && let Some(entry) = merge.wanted[place]
            {
                self.column(field, source, entry, &mut others);
            }
        }
    }

    fn column(&mut self, field: &Field, source: &Source, entry: Entry<'_>, others: &mut usize) {
        if !entry.contains_key("value") {
            return self.changed(&field.name, NO_VALUE);
        }
        if !self.clears(entry) {
            return self.columns(field, source, Some(entry), others);
        }
        for (member, spot) in values_of(source) {
            let nulls = member.nulls.unwrap_or(self.checked.nulls);
            if self.way != Way::New && nulls == Nulls::Omit {
                self.changed(&field.name, CANNOT_CLEAR);
            }
            self.empty_columns(field, member, spot);
        }
    }

    fn elements_merged(
        &mut self,
        field: &Field,
        (at, source): (usize, &Source),
        merge: &Merge<'_>,
        others: &mut usize,
    ) {
        let touched = merge.held.iter().zip(&merge.wanted).any(|(held, wanted)| held.source == at && wanted.is_some());
        if !touched && merge.added.iter().all(|(own, _)| *own != at) {
            return;
        }
        let Some(each) = &source.each else { return };
        let place = self.list_place(field, source, each);
        let before = place.before;
        let mut list = self.tree.get(before).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut cleared = Vec::new();
        for (held, entry) in merge.held.iter().zip(&merge.wanted).filter(|(held, _)| held.source == at) {
            let (Some(index), Some(entry)) = (held.element, entry) else { continue };
            match self.rewritten(place, &list[index], (held, entry), others) {
                Some(element) => list[index] = element,
                None => cleared.push(index),
            }
        }
        let mut index = 0;
        list.retain(|_| {
            index += 1;
            !cleared.contains(&(index - 1))
        });
        for (_, entry) in merge.added.iter().filter(|(own, _)| *own == at) {
            let element = self.element(place, entry, others);
            let mut made = [element];
            self.items_cases(place, &[(0, *entry)], &mut made);
            self.without_place(field, source, entry, made.first());
            list.extend(made);
        }
        if let Some(held) = self.tree.list(before) {
            *held = list;
        }
    }

    /// The element of a field with its new value; `None`: it goes away.
    fn rewritten(
        &mut self,
        place: ListPlace<'_>,
        element: &Value,
        (held, entry): (&Held, Entry<'_>),
        others: &mut usize,
    ) -> Option<Value> {
        let ListPlace { field, source, .. } = place;
        self.without_place(field, source, entry, Some(element));
        if !entry.contains_key("value") {
            self.changed(&field.name, NO_VALUE);
            return Some(element.clone());
        }
        let name = (text(entry, "name"), text(&held.item, "name"));
        if name.0.is_some() && name.0 != name.1 {
            self.changed(
                &format!("{}.name", field.name),
                "a field is not renamed through a record; its name was not written",
            );
        }
        // The field is what it was: only its value is another one.
        let mut item = held.item.clone();
        if self.clears(entry) {
            return self.emptied(source, element);
        }
        item.insert("value".to_owned(), entry.get("value").cloned().unwrap_or_default());
        let mut made = [self.element(place.bare(), &item, others)];
        self.items_cases(place, &[(0, &item)], &mut made);
        let [made] = made;
        let reads_alike =
            self.reading(source, element) == self.reading(source, &laid_over(source, element, made.clone()));
        Some(if reads_alike { element.clone() } else { laid_over(source, element, made) })
    }

    /// A vendor that takes nulls is told that the field has no value; elsewhere its element goes away.
    fn emptied(&self, source: &Source, element: &Value) -> Option<Value> {
        let takes_null = |member: &Field| member.nulls.unwrap_or(self.checked.nulls) == Nulls::Send;
        let mut element = element.clone();
        let mut is_emptied = false;
        for (_, spot) in values_of(source).filter(|(member, _)| takes_null(member)) {
            if let Some(path) = spot.written_at().filter(|path| path.list().is_none()) {
                put(&mut element, &path.steps, Value::Null, self.tree.lists);
                is_emptied = true;
            }
        }
        is_emptied.then_some(element)
    }
}

impl<'v> Merge<'v> {
    fn of(held: Vec<Held>) -> Self {
        Self { wanted: vec![None; held.len()], kept: vec![false; held.len()], held, added: Vec::new() }
    }

    /// Lets entries that say just what a field is stand for that one, and returns the others.
    fn keep(&mut self, entries: &[Entry<'v>]) -> Vec<Entry<'v>> {
        let mut rest = Vec::new();
        for entry in entries {
            let is_it = |at: &usize| !self.kept[*at] && says(entry, &self.held[*at].item);
            match (0..self.held.len()).find(is_it) {
                Some(at) => self.kept[at] = true,
                None => rest.push(*entry),
            }
        }
        rest
    }

    fn find(&self, sources: &[Source], entry: Entry<'_>) -> Found {
        let by = if text(entry, "id").is_some() { "id" } else { "name" };
        let Some(wanted) = text(entry, by) else { return Found::Nowhere("a field needs an id or a name".to_owned()) };
        let named: Vec<usize> =
            (0..self.held.len()).filter(|at| text(&self.held[*at].item, by).as_ref() == Some(&wanted)).collect();
        let is_one = |at: &usize| text(&self.held[*at].item, "id") == text(&self.held[named[0]].item, "id");
        if !named.iter().all(is_one) {
            return Found::Nowhere(format!(
                "there are several fields `{wanted}`; send the id of the one that is meant"
            ));
        }
        let free = named.iter().find(|at| !self.kept[**at] && self.wanted[**at].is_none());
        if let Some(at) = free.or(named.last()) {
            return Found::Held(*at);
        }
        let takes = |source: &Source| {
            let can_name = |name: &str| source.members.iter().any(|own| own.name == name && own.mode != Mode::Read);
            source.each.is_some()
                && (source.set.is_empty() || source.matches(entry))
                && ["id", "name"].iter().any(|name| text(entry, name).is_some() && can_name(name))
        };
        match sources.iter().position(takes) {
            Some(source) => Found::New(source),
            None => Found::Nowhere(format!("there is no such field here: `{wanted}`; it was not written")),
        }
    }
}

/// Whether an entry says just what a field is.
fn says(entry: Entry<'_>, item: Entry<'_>) -> bool {
    let names_it = text(entry, "id").is_some() || text(entry, "name").is_some();
    let nothing = Value::Null;
    let has_value = entry.contains_key("value") || !item.contains_key("value");
    names_it
        && has_value
        && entry.iter().all(|(name, own)| {
            let held = item.get(name).unwrap_or(&nothing);
            same(own, held) || (own.is_null() && name != "value")
        })
}

/// A name or an id, unless there is none.
fn text(entry: Entry<'_>, name: &str) -> Option<String> {
    entry.get(name).filter(|own| !own.is_null()).map(shown).filter(|text| !text.is_empty())
}

fn shown_name(entry: Entry<'_>) -> String {
    text(entry, "id").or(text(entry, "name")).unwrap_or_default()
}

/// The members that hold a field's value.
fn values_of(source: &Source) -> impl Iterator<Item = (&Field, &Spot)> {
    spots(source).filter(|(member, _)| member.name == "value")
}

//! Lists that the vendor keeps in order: as one text, or by the place of their elements.

use serde_json::{Map, Value};

use crate::check::checked::{Body, Field, Source};
use crate::file::Mode;
use crate::write::list::ListPlace;
use crate::write::{Way, Writer};

/// The items in the order that their `index` asks for; those without one stay behind the others.
pub(crate) fn in_order<'i>(source: &Source, items: &[&'i Map<String, Value>]) -> Vec<&'i Map<String, Value>> {
    let mut ordered = items.to_vec();
    if let Some(member) = index_of(source) {
        ordered.sort_by_key(|item| item.get(&member.name).and_then(Value::as_i64).unwrap_or(i64::MAX));
    }
    ordered
}

fn index_of(source: &Source) -> Option<&Field> {
    source.members.iter().find(|member| matches!(member.body, Body::Index) && member.mode != Mode::Read)
}

impl Writer<'_> {
    /// Warns of places that are not counted as the vendor counts them.
    pub(crate) fn counted(&mut self, field: &Field, source: &Source, items: &[&Map<String, Value>]) {
        let Some(member) = index_of(source) else { return };
        let own = |item: &&Map<String, Value>| item.get(&member.name).and_then(Value::as_u64);
        if items.iter().enumerate().any(|(place, item)| own(item).is_some_and(|own| own != place as u64)) {
            let name = format!("{}.{}", field.name, member.name);
            self.changed(&name, "only the order is kept; places are counted from 0");
        }
    }

    /// A list that is one text.
    pub(crate) fn separated(
        &mut self,
        place: ListPlace<'_>,
        separator: &str,
        items: &[&Map<String, Value>],
        others: &mut usize,
    ) {
        let ListPlace { field, source, before, .. } = place;
        let mut texts: Vec<String> = Vec::new();
        let mut elements: Vec<Value> = items.iter().map(|item| self.element(place.bare(), item, others)).collect();
        let made: Vec<(usize, &Map<String, Value>)> = items.iter().copied().enumerate().collect();
        self.items_cases(place, &made, &mut elements);
        for (item, element) in items.iter().zip(elements) {
            self.without_place(field, source, item, Some(&element));
            let Some(text) = element.as_str().map(str::trim).filter(|text| !text.is_empty()) else {
                self.changed(&field.name, "an item has no text of its own here; it was not written");
                continue;
            };
            if text.contains(separator) {
                let message = format!("`{text}` holds `{separator}`, which parts the items; it was not written");
                self.changed(&field.name, message);
                continue;
            }
            if texts.iter().any(|own| own == text) {
                self.changed(&field.name, format!("two items are both `{text}` to this vendor; it keeps one of them"));
                continue;
            }
            texts.push(text.to_owned());
        }
        let held = self.tree.get(before).and_then(Value::as_str);
        let same = held.is_some_and(|held| {
            held.split(separator).map(str::trim).filter(|part| !part.is_empty()).eq(texts.iter().map(String::as_str))
        });
        if !(same || (texts.is_empty() && self.way == Way::New)) {
            self.tree.set(before, Value::from(texts.join(separator)));
        }
    }
}

//! Several canonical fields that are one list at the vendor: texts and lists of texts, written together without repeats.

use serde_json::Value;

use super::Writer;
use crate::definition::{Body, Field, Spot};

impl Writer<'_> {
    /// Whether another field is written with this one's text.
    pub(super) fn in_union(&self, name: &str) -> bool {
        let takes =
            |field: &Field| matches!(&field.body, Body::Value(spot) if spot.union.iter().any(|own| own == name));
        self.definition.fields.iter().any(takes)
    }

    /// The texts of all fields that are written to one list; `None` where none was sent. What was not sent stays, as far as
    /// the current record is known: single texts come first, so that one that is read as the first of the list is that again.
    pub(super) fn union(&mut self, spot: &Spot, field: &Field) -> Option<Value> {
        let names: Vec<&String> = std::iter::once(&field.name).chain(&spot.union).collect();
        if !names.iter().any(|name| self.sent.contains_key(*name)) {
            return None;
        }
        let sent_lists: Vec<&str> = names
            .iter()
            .filter(|name| self.sent.get(**name).is_some_and(Value::is_array))
            .map(|name| name.as_str())
            .collect();
        let mut texts: Vec<Value> = Vec::new();
        for single in [true, false] {
            for name in &names {
                let Some(value) = self.sent.get(*name).or_else(|| self.held.get(*name)) else { continue };
                if value.is_array() == single {
                    continue;
                }
                // A text that was read from a list goes where the list goes.
                let replaced = single
                    && !self.sent.contains_key(*name)
                    && sent_lists.iter().any(|list| is_in(self.held.get(*list), value));
                let own =
                    if replaced { &[] } else { value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) };
                for text in own.iter().filter(|text| !text.is_null()) {
                    if !texts.contains(text) {
                        texts.push(text.clone());
                    }
                }
            }
        }
        let whole = Value::Array(texts);
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

fn is_in(list: Option<&Value>, text: &Value) -> bool {
    list.and_then(Value::as_array).is_some_and(|list| list.contains(text))
}

//! Lists of objects and objects: where their items are, and what every item needs.

use unified_model::schema::{Kind, ObjectType, Property};

use crate::check::Compiler;
use crate::check::checked::{Body, Source};
use crate::check::fields::Base;
use crate::check::types::noun;
use crate::file::diagnostic::{Place, suggestion};
use crate::file::{FieldBody, Located, Mode, Named, SourceBody};
use crate::path::{Step, VendorPath};

impl Compiler<'_> {
    /// Lists of objects, and objects.
    pub(super) fn whole(&mut self, path: &str, property: &Property, place: &Place, body: &FieldBody) -> Option<Body> {
        if let (Kind::Object(object), Some(item), None) = (&property.kind, &body.item, &body.each) {
            return Some(Body::Members(self.members(path, object, place, item, Base::Columns)));
        }
        let item = match &property.kind {
            Kind::List(inner) => match &**inner {
                Kind::Object(object) => Some(object),
                _ => None,
            },
            _ => None,
        };
        let Some(object) = item else {
            self.wrong(place, format!("`{path}` is {}; say where with `at`", noun(&property.kind)));
            return None;
        };
        let sources: Vec<Source> = if let Some(sources) = &body.sources {
            sources.iter().filter_map(|source| self.source(path, object, place, source, false)).collect()
        } else if let Some(slots) = &body.slots {
            slots.iter().filter_map(|slot| self.source(path, object, place, slot, true)).collect()
        } else {
            let parts = SourceParts {
                each: body.each.as_ref(),
                split: body.split.as_ref(),
                item: body.item.as_ref(),
                set: &body.set,
                max: body.max.as_ref(),
                decode: &body.decode,
                undecoded: body.undecoded.as_ref(),
                slot: false,
            };
            if body.each.is_none() {
                self.wrong(place, format!("`{path}` is a list of objects; say where its elements are with `each`"));
                return None;
            }
            self.source_of(path, object, place, &parts).into_iter().collect()
        };
        Some(Body::Items(sources))
    }

    fn source(
        &mut self,
        path: &str,
        object: &ObjectType,
        place: &Place,
        body: &Located<SourceBody>,
        slot: bool,
    ) -> Option<Source> {
        let place = Place { line: body.line, column: body.column, ..place.clone() };
        let parts = SourceParts {
            each: body.value.each.as_ref(),
            split: body.value.split.as_ref(),
            item: Some(&body.value.item),
            set: &body.value.set,
            max: body.value.max.as_ref(),
            decode: &body.value.decode,
            undecoded: body.value.undecoded.as_ref(),
            slot,
        };
        self.source_of(path, object, &place, &parts)
    }

    fn source_of(&mut self, path: &str, object: &ObjectType, place: &Place, parts: &SourceParts<'_>) -> Option<Source> {
        let Some(item) = parts.item.filter(|item| !item.0.is_empty()) else {
            self.wrong(place, format!("`{path}` needs `item` with the members of an item"));
            return None;
        };
        if parts.slot && parts.each.is_some() {
            self.wrong(
                place,
                format!("`{path}`: a slot is made of the record's own members; `each` goes with `sources`"),
            );
            return None;
        }
        let each = match parts.each {
            Some(text) => Some(self.each(path, place, text)?),
            None => None,
        };
        let decode: Vec<String> = parts.decode.0.iter().map(|(name, _)| name.value.clone()).collect();
        if each.is_none() && !decode.is_empty() {
            self.wrong(place, format!("`{path}`: `decode` goes with `each`"));
        }
        let split = self.separator(path, place, parts.split, each.as_ref(), !decode.is_empty());
        let base = match (&each, &split) {
            (Some(_), Some(_)) => Base::Text,
            (Some(_), None) => Base::Element,
            _ => Base::Columns,
        };
        let mut members = self.members(path, object, place, item, base);
        for (name, value) in &parts.set.0 {
            let place = Place { line: name.line, column: name.column, ..place.clone() };
            if let Some(property) = object.property(&name.value) {
                self.constant(&format!("{path}.{}", name.value), &property.kind, &place, value);
            } else {
                let hint = suggestion(&name.value, object.properties.iter().map(|own| own.name.as_str()));
                self.wrong(&place, format!("`{path}` have no member `{}`{hint}", name.value));
            }
        }
        if let Some(name) = parts.undecoded {
            members.extend(self.undecoded(path, object, place, name));
        }
        self.item_needs(path, object, place, &members, parts.set);
        Some(Source {
            place: place.clone(),
            each,
            split,
            set: parts.set.0.iter().map(|(name, value)| (name.value.clone(), value.value.clone())).collect(),
            max: parts.max.as_ref().map(|max| usize::try_from(max.value).unwrap_or(usize::MAX)),
            members,
            decode,
            open_slot: parts.slot,
        })
    }

    fn each(&mut self, path: &str, place: &Place, text: &Located<String>) -> Option<VendorPath> {
        let at = Place { line: text.line, column: text.column, ..place.clone() };
        let each = self.path(&at, &text.value)?;
        let starts = matches!(each.steps.first(), Some(Step::Member(_)));
        let lists = each.steps.iter().filter(|step| !matches!(step, Step::Member(_))).count();
        let ends = lists == 0 || !matches!(each.steps.last(), Some(Step::Member(_)));
        if !starts || lists > 1 || !ends {
            self.wrong(&at, format!("`{path}`: `each` must lead to one list of the record, and \"{each}\" does not"));
            return None;
        }
        Some(each)
    }

    fn undecoded(
        &mut self,
        path: &str,
        object: &ObjectType,
        place: &Place,
        name: &Located<String>,
    ) -> Option<crate::check::checked::Field> {
        let place = Place { line: name.line, column: name.column, ..place.clone() };
        let Some(property) = object.property(&name.value).filter(|property| matches!(property.kind, Kind::Text { .. }))
        else {
            self.wrong(&place, format!("`{path}` have no text `{}` to take what cannot be decoded", name.value));
            return None;
        };
        Some(crate::check::checked::Field {
            name: property.name.clone(),
            place,
            property: property.clone(),
            mode: Mode::Both,
            evidence: self.evidence,
            body: Body::Undecoded,
            default: None,
            default_first: None,
            fallback: Vec::new(),
            new_from: None,
            nulls: None,
        })
    }

    /// Every item must have the members without which it would be dropped.
    fn item_needs(
        &mut self,
        path: &str,
        object: &ObjectType,
        place: &Place,
        members: &[crate::check::checked::Field],
        set: &Named<serde_json::Value>,
    ) {
        let has =
            |name: &str| members.iter().any(|own| own.name == name) || set.0.iter().any(|(own, _)| own.value == name);
        for property in object.properties.iter().filter(|property| property.required && !has(&property.name)) {
            self.wrong(
                place,
                format!("every item of `{path}` must have `{}`, but `item` does not map it", property.name),
            );
        }
        let groups = &object.any_of_required;
        if !groups.is_empty() && !groups.iter().any(|group| group.iter().all(|name| has(name))) {
            let names: Vec<String> = groups.iter().map(|group| group.join(" and ")).collect();
            self.wrong(place, format!("every item of `{path}` must have {}, but `item` maps none", names.join(" or ")));
        }
    }
}

/// What a list in one place and each of several sources have in common.
struct SourceParts<'b> {
    each: Option<&'b Located<String>>,
    split: Option<&'b Located<String>>,
    item: Option<&'b Named<crate::file::FieldEntry>>,
    set: &'b Named<serde_json::Value>,
    max: Option<&'b Located<u64>>,
    decode: &'b Named<crate::file::Decoding>,
    undecoded: Option<&'b Located<String>>,
    slot: bool,
}

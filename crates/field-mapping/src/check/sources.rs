//! Lists of objects and objects: where their items are, and what every item needs.

use unified_model::schema::Kind;

use crate::check::Compiler;
use crate::check::checked::{Body, Field, Source};
use crate::check::fields::{Base, Owner, Subject};
use crate::check::types::noun;
use crate::file::place::{FilePlace, suggestion};
use crate::file::{FieldBody, Mode, Named, SourceBody};
use crate::path::{Step, VendorPath};
use crate::yaml::Placed;

impl Compiler<'_> {
    /// Lists of objects, and objects.
    pub(super) fn whole(&mut self, subject: Subject<'_>, body: &FieldBody) -> Option<Body> {
        let Subject { path, property, place, .. } = subject;
        if let (Kind::Object(object), Some(item), None) = (&property.kind, &body.item, &body.each) {
            return Some(Body::Members(self.members(Owner { path, object, place }, item, Base::Columns)));
        }
        let Some(object) = property.kind.items() else {
            self.wrong(place, format!("`{path}` is {}; say where with `at`", noun(&property.kind)));
            return None;
        };
        let owner = Owner { path, object, place };
        let mut of = |source: &Placed<SourceBody>, slot: bool| {
            self.source(Owner { place: &place.at(source), ..owner }, &SourceParts::of(&source.value, slot))
        };
        let sources: Vec<Source> = if let Some(sources) = &body.sources {
            sources.iter().filter_map(|source| of(source, false)).collect()
        } else if let Some(slots) = &body.slots {
            slots.iter().filter_map(|slot| of(slot, true)).collect()
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
            self.source(owner, &parts).into_iter().collect()
        };
        Some(Body::Items(sources))
    }

    fn source(&mut self, owner: Owner<'_>, parts: &SourceParts<'_>) -> Option<Source> {
        let Owner { path, object, place } = owner;
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
        let split = self.separator(owner, parts, each.as_ref());
        let base = match (&each, &split) {
            (Some(_), Some(_)) => Base::Text,
            (Some(_), None) => Base::Element,
            (None, _) => Base::Columns,
        };
        let mut members = self.members(owner, item, base);
        for (name, value) in &parts.set.0 {
            let place = place.at(name);
            if let Some(property) = object.property(&name.value) {
                self.constant(&format!("{path}.{}", name.value), &property.kind, &place, value);
            } else {
                let hint = suggestion(&name.value, object.properties.iter().map(|own| own.name.as_str()));
                self.wrong(&place, format!("`{path}` have no member `{}`{hint}", name.value));
            }
        }
        if let Some(name) = parts.undecoded {
            members.extend(self.undecoded(owner, name));
        }
        self.item_needs(owner, &members, parts.set);
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

    fn each(&mut self, path: &str, place: &FilePlace, text: &Placed<String>) -> Option<VendorPath> {
        let at = place.at(text);
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

    fn undecoded(&mut self, owner: Owner<'_>, name: &Placed<String>) -> Option<Field> {
        let Owner { path, object, place } = owner;
        let place = place.at(name);
        let Some(property) = object.property(&name.value).filter(|property| matches!(property.kind, Kind::Text { .. }))
        else {
            self.wrong(&place, format!("`{path}` have no text `{}` to take what cannot be decoded", name.value));
            return None;
        };
        Some(Field {
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
    fn item_needs(&mut self, owner: Owner<'_>, members: &[Field], set: &Named<serde_json::Value>) {
        let Owner { path, object, place } = owner;
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
pub(super) struct SourceParts<'b> {
    each: Option<&'b Placed<String>>,
    pub(super) split: Option<&'b Placed<String>>,
    item: Option<&'b Named<crate::file::FieldEntry>>,
    set: &'b Named<serde_json::Value>,
    max: Option<&'b Placed<u64>>,
    pub(super) decode: &'b Named<crate::file::Decoding>,
    undecoded: Option<&'b Placed<String>>,
    slot: bool,
}

impl<'b> SourceParts<'b> {
    fn of(body: &'b SourceBody, slot: bool) -> Self {
        Self {
            each: body.each.as_ref(),
            split: body.split.as_ref(),
            item: Some(&body.item),
            set: &body.set,
            max: body.max.as_ref(),
            decode: &body.decode,
            undecoded: body.undecoded.as_ref(),
            slot,
        }
    }
}

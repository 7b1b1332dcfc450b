//! One canonical field after the other: does it exist, may it be set, and where does it come from?

use unified_model::schema::{Access, Kind, ObjectType, Property};

use crate::check::checked::{Body, Field, Part};
use crate::check::layers::Entry;
use crate::check::{Compiler, OWN_MEMBERS};
use crate::file::place::{FilePlace, suggestion};
use crate::file::{Evidence, FieldBody, FieldEntry, Mode, Named, Take};
use crate::yaml::Placed;

/// Where a member's paths start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// At the record.
    Record,
    /// At the record, for an item made of numbered columns.
    Columns,
    /// At an element of a list.
    Element,
    /// At an element of a text.
    Text,
}

impl Base {
    pub(super) fn is_item(self) -> bool {
        self != Self::Record
    }
}

/// A canonical member that is mapped.
#[derive(Clone, Copy)]
pub(super) struct Subject<'f> {
    /// Its dotted path, for messages.
    pub(super) path: &'f str,
    pub(super) property: &'f Property,
    /// Where the file maps it.
    pub(super) place: &'f FilePlace,
    pub(super) base: Base,
}

/// An object whose members are mapped.
#[derive(Clone, Copy)]
pub(super) struct Owner<'f> {
    /// Its dotted path, for messages.
    pub(super) path: &'f str,
    pub(super) object: &'f ObjectType,
    /// Where the file maps it.
    pub(super) place: &'f FilePlace,
}

impl Compiler<'_> {
    pub(super) fn fields(&mut self, entries: &[Entry<(FieldEntry, Evidence)>]) -> Vec<Field> {
        let schema = self.schema;
        let mut fields = Vec::new();
        for entry in entries {
            if OWN_MEMBERS.contains(&entry.name.as_str()) {
                self.wrong(&entry.place, format!("`{}` is the gateway's own; it cannot be mapped", entry.name));
                continue;
            }
            let Some(property) = schema.record.property(&entry.name) else {
                let known = schema.record.properties.iter().map(|property| property.name.as_str());
                let hint = suggestion(&entry.name, known.filter(|name| !OWN_MEMBERS.contains(name)));
                self.wrong(&entry.place, format!("`{}` have no field `{}`{hint}", schema.resource, entry.name));
                continue;
            };
            let (body, evidence) = &entry.value;
            self.evidence = *evidence;
            let subject = Subject { path: &entry.name, property, place: &entry.place, base: Base::Record };
            fields.extend(self.field(subject, body));
        }
        fields
    }

    /// The members of an item or an object.
    pub(super) fn members(&mut self, owner: Owner<'_>, members: &Named<FieldEntry>, base: Base) -> Vec<Field> {
        let mut fields = Vec::new();
        for (name, entry) in &members.0 {
            let place = owner.place.at(name);
            let Some(property) = owner.object.property(&name.value) else {
                let hint =
                    suggestion(&name.value, owner.object.properties.iter().map(|property| property.name.as_str()));
                self.wrong(&place, format!("`{}` have no member `{}`{hint}", owner.path, name.value));
                continue;
            };
            let path = format!("{}.{}", owner.path, name.value);
            fields.extend(self.field(Subject { path: &path, property, place: &place, base }, &entry.value));
        }
        fields
    }

    fn field(&mut self, subject: Subject<'_>, entry: &FieldEntry) -> Option<Field> {
        let Subject { path, property, place, base } = subject;
        let short;
        let body = match entry {
            FieldEntry::Dropped => return None,
            FieldEntry::Body(body) => body,
            FieldEntry::Path(text) => {
                let at = Placed { value: text.clone(), place: place.place };
                let words = crate::file::Words(vec![at]);
                let at = Some(Placed { value: words, place: place.place });
                short = FieldBody { at, ..FieldBody::default() };
                &short
            }
        };
        let mode = body.mode.as_ref().map(|mode| mode.value).unwrap_or_default();
        match (property.access, mode) {
            (Access::ReadOnly, Mode::Both | Mode::Write) if !base.is_item() => {
                self.wrong(place, format!("`{path}` is read-only in the canonical schema; say `mode: read`"));
            }
            (Access::WriteOnly, Mode::Both | Mode::Read) => {
                self.wrong(place, format!("`{path}` is write-only in the canonical schema; say `mode: write`"));
            }
            (Access::ReadWrite | Access::ReadOnly, _) | (Access::WriteOnly, Mode::Write) => (),
        }
        let found = self.body(subject, body, mode)?;
        for value in [&body.default, &body.default_first].into_iter().flatten() {
            self.constant(path, &property.kind, place, value);
        }
        if body.default_first.is_some() && !base.is_item() {
            self.wrong(place, format!("`default_first` has a meaning only inside `item`, not for `{path}`"));
        }
        if body.fallback.is_some()
            && (property.nullable || base.is_item() || !matches!(property.kind, Kind::Text { .. }))
        {
            self.wrong(place, format!("`fallback` is for texts that may not be null, and `{path}` may be"));
        }
        let new_from =
            body.new_from.as_ref().and_then(|from| self.part(place, &from.value.from, Some(from.value.take)));
        Some(Field {
            name: property.name.clone(),
            place: place.clone(),
            property: property.clone(),
            mode,
            evidence: body.evidence.unwrap_or(self.evidence),
            body: found,
            default: body.default.as_ref().map(|value| value.value.clone()),
            default_first: body.default_first.as_ref().map(|value| value.value.clone()),
            fallback: body.fallback.iter().flatten().map(|name| name.value.clone()).collect(),
            new_from,
            nulls: body.nulls,
        })
    }

    pub(super) fn constant(&mut self, path: &str, kind: &Kind, place: &FilePlace, value: &Placed<serde_json::Value>) {
        if let Some(mismatch) = crate::check::types::constant_mismatch(kind, &value.value) {
            self.wrong(&place.at(value), format!("`{path}`: {mismatch}"));
        }
    }

    pub(super) fn part(&mut self, place: &FilePlace, from: &Placed<String>, take: Option<Take>) -> Option<Part> {
        let Some(take) = take else {
            self.wrong(place, "`from` needs `take`; allowed: local_part, domain");
            return None;
        };
        let (field, member) = match from.value.split_once('.') {
            Some((field, member)) => (field, Some(member.to_owned())),
            None => (from.value.as_str(), None),
        };
        Some(Part { field: field.to_owned(), member, take })
    }

    pub(super) fn part_of(&mut self, path: &str, place: &FilePlace, body: &FieldBody, mode: Mode) -> Option<Body> {
        if mode != Mode::Read {
            self.wrong(place, format!("`{path}` is a part of another field and cannot be written; say `mode: read`"));
        }
        body.from.as_ref().and_then(|from| self.part(place, from, body.take)).map(Body::Part)
    }
}

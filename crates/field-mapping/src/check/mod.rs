//! From the files of a mapping to the checked mapping: layers, fields, converters. Collects every mistake.

mod body;
pub(crate) mod case;
mod cases;
pub(crate) mod checked;
mod converters;
mod fields;
mod layers;
pub(crate) mod lint;
pub(crate) mod origins;
mod sources;
mod types;
pub(crate) mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use unified_model::schema::{Access, Format, Kind, ResourceSchema};

use crate::check::checked::{Arithmetic, Body, CheckedMapping, Computed, Field};
use crate::file::filter::FilterField;
use crate::file::place::{FilePlace, suggestion};
use crate::file::{MappingSource, Mode};
use crate::path::VendorPath;
use crate::value::convert::{Converter, Makes, Table};
use crate::yaml::{Diagnostic, Place};

/// Members that the gateway itself fills or takes; no mapping may name them.
pub(crate) const OWN_MEMBERS: [&str; 2] = ["pass_through", "custom_mappings"];

/// What all parts of a compilation share.
struct Compiler<'s> {
    schema: &'s ResourceSchema,
    tables: BTreeMap<String, Arc<Table>>,
    evidence: crate::file::Evidence,
    /// The vendor tables that lines look things up in, and what they take from their rows.
    lookups: BTreeMap<String, Vec<VendorPath>>,
    mistakes: Vec<Diagnostic>,
}

/// Checks the layered sources against the schema.
pub(crate) fn compile(
    sources: &[MappingSource<'_>],
    field_map: &BTreeMap<String, String>,
    schema: &ResourceSchema,
) -> Result<CheckedMapping, Vec<Diagnostic>> {
    let mut layered = layers::read(sources)?;
    let mut compiler = Compiler {
        schema,
        tables: BTreeMap::new(),
        evidence: layered.evidence,
        lookups: BTreeMap::new(),
        mistakes: Vec::new(),
    };
    compiler.tables(&layered.converters);
    for (index, (name, path)) in field_map.iter().enumerate() {
        let line = u64::try_from(index).unwrap_or_default() + 1;
        let read_only = schema.record.property(name).is_some_and(|property| property.access == Access::ReadOnly);
        layered.map_field(
            name,
            path,
            read_only,
            FilePlace { file: "field_map".to_owned(), place: Place { line, column: 1 } },
        );
    }
    let fields = compiler.fields(&layered.fields);
    let lists = compiler.lists(&layered.lists);
    let filter_names: Vec<&str> = schema.filters.properties.iter().map(|property| property.name.as_str()).collect();
    let sort_names: Vec<&str> = schema.sorts.iter().map(String::as_str).collect();
    let filters = compiler.names("filter", &layered.filters, &filter_names);
    compiler.times(&layered.filters);
    compiler.values(&layered.filters, &fields);
    let sorts = compiler.names("sort", &layered.sorts, &sort_names);
    let field_names: Vec<&str> = schema.record.properties.iter().map(|property| property.name.as_str()).collect();
    let unsupported = compiler.names("field", &layered.unsupported, &field_names);
    compiler.cross_references(&fields, &layered.end);
    if !compiler.mistakes.is_empty() {
        compiler.mistakes.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        return Err(compiler.mistakes);
    }
    Ok(CheckedMapping {
        fields,
        lists,
        filters,
        sorts,
        unsupported,
        nulls: layered.nulls,
        empty_is_null: layered.empty_is_null,
        tables: compiler.lookups.keys().cloned().collect(),
        taken: compiler.lookups,
    })
}

impl Compiler<'_> {
    fn wrong(&mut self, place: &FilePlace, message: impl Into<String>) {
        self.mistakes.push(place.diagnostic(message));
    }

    fn path(&mut self, place: &FilePlace, text: &str) -> Option<VendorPath> {
        VendorPath::parse(text).map_err(|message| self.wrong(place, message)).ok()
    }

    /// Names that must be among those that the schema knows.
    fn names<T: Clone>(&mut self, what: &str, entries: &[layers::Entry<T>], known: &[&str]) -> BTreeMap<String, T> {
        let mut names = BTreeMap::new();
        for entry in entries {
            if known.contains(&entry.name.as_str()) {
                names.insert(entry.name.clone(), entry.value.clone());
            } else {
                let hint =
                    if known.is_empty() { String::new() } else { suggestion(&entry.name, known.iter().copied()) };
                let resource = self.schema.resource;
                self.wrong(&entry.place, format!("`{resource}` have no {what} `{}`{hint}", entry.name));
            }
        }
        names
    }

    /// Only a bound of time can be sent as a time.
    fn times(&mut self, filters: &[layers::Entry<FilterField>]) {
        for entry in filters {
            let Some(filter) = self.schema.filters.property(&entry.name) else { continue };
            let is_instant = matches!(filter.kind, Kind::Text { format: Some(Format::DateTime), .. });
            if entry.value.literal.is_a_time() && !is_instant {
                let message = format!("`{}` is no time; allowed under `as` are text, guid and number", entry.name);
                self.wrong(&entry.place, message);
            }
        }
    }

    /// A filter takes the vendor's values from the table of a field.
    fn values(&mut self, filters: &[layers::Entry<FilterField>], fields: &[Field]) {
        for entry in filters {
            let Some(name) = &entry.value.values_of else { continue };
            let has_table = |field: &&Field| {
                let Body::Value(spot) = &field.body else { return false };
                field.name == *name && matches!(spot.chain.as_slice(), [Converter::Table(_)])
            };
            if fields.iter().find(has_table).is_none() {
                self.wrong(&entry.place, format!("`values_of`: no field `{name}` is read through a table"));
            }
        }
    }

    fn lists(
        &mut self,
        entries: &[layers::Entry<crate::file::ListRules>],
    ) -> BTreeMap<String, crate::check::checked::List> {
        let mut lists = BTreeMap::new();
        for entry in entries {
            if self.path(&entry.place, &entry.name).is_some() {
                let list = crate::check::checked::List {
                    skip: entry
                        .value
                        .skip
                        .0
                        .iter()
                        .map(|(name, text)| (name.value.clone(), text.value.clone()))
                        .collect(),
                    new: entry
                        .value
                        .new
                        .0
                        .iter()
                        .map(|(name, value)| (name.value.clone(), value.value.clone()))
                        .collect(),
                    key: entry.value.key.clone(),
                    alike: entry.value.alike.clone(),
                };
                lists.insert(entry.name.clone(), list);
            }
        }
        lists
    }

    /// Checks what one field says of others, and that every member that must have a value has one.
    fn cross_references(&mut self, fields: &[Field], end: &FilePlace) {
        for field in fields {
            match &field.body {
                Body::Join { parts, .. } => {
                    for part in parts {
                        self.refers(field, "join", part, fields);
                    }
                }
                Body::Part(part) => self.refers_to_part(field, "from", part, fields),
                Body::Value(spot) => {
                    for name in &spot.union {
                        self.known_field(&field.place, "union", name);
                    }
                }
                Body::Cases(cases) => {
                    cases.yields_to.iter().for_each(|name| self.known_field(&field.place, "yields_to", name));
                }
                Body::Computed(computed) => {
                    self.follows(field, computed, fields);
                    computed.parts.iter().for_each(|name| self.refers_to_number(field, computed.how, name, fields));
                }
                Body::Items(_) | Body::Members(_) | Body::Constant { .. } | Body::Index | Body::Undecoded => (),
            }
            field.fallback.iter().for_each(|name| self.refers(field, "fallback", name, fields));
            if let Some(part) = &field.new_from {
                self.refers_to_part(field, "new_from", part, fields);
            }
        }
        let record = &self.schema.record;
        for property in record.properties.iter().filter(|property| property.required && !property.nullable) {
            let own = OWN_MEMBERS.contains(&property.name.as_str()) || property.access == Access::WriteOnly;
            if !own && fields.iter().all(|field| field.name != property.name) {
                self.wrong(end, format!("every record must have `{}`, but no field maps it", property.name));
            }
        }
    }

    fn known_field(&mut self, place: &FilePlace, key: &str, name: &str) {
        let schema = self.schema;
        if schema.record.property(name).is_none() {
            let hint = suggestion(name, schema.record.properties.iter().map(|property| property.name.as_str()));
            self.wrong(place, format!("`{key}` names the field `{name}`, which {} do not have{hint}", schema.resource));
        }
    }

    /// A field that is read from others must find a text there.
    fn refers(&mut self, field: &Field, key: &str, name: &str, fields: &[Field]) {
        let Some(other) = fields.iter().find(|other| other.name == name) else {
            if self.schema.record.property(name).is_some() {
                self.wrong(&field.place, format!("`{key}` names the field `{name}`, which this file does not map"));
            } else {
                self.known_field(&field.place, key, name);
            }
            return;
        };
        let text = matches!(other.property.kind, Kind::Text { .. });
        let direct = matches!(other.body, Body::Value(_))
            || (key == "fallback" && matches!(other.body, Body::Join { .. } | Body::Part(_)));
        if !text || !direct || other.name == field.name {
            self.wrong(&field.place, format!("`{key}` needs a text with a place of its own, but `{name}` is none"));
        }
    }

    /// A number that is computed needs numbers, or date-times to be apart.
    fn refers_to_number(&mut self, field: &Field, how: Arithmetic, name: &str, fields: &[Field]) {
        let Some(other) = fields.iter().find(|other| other.name == name) else {
            self.known_field(&field.place, "product and difference", name);
            if self.schema.record.property(name).is_some() {
                self.wrong(&field.place, format!("`{}` is made of `{name}`, which this file does not map", field.name));
            }
            return;
        };
        let is_number = matches!(other.property.kind, Kind::Integer { .. } | Kind::Number);
        let is_text = matches!(other.property.kind, Kind::Text { .. });
        let fits = other.body.spot().is_some()
            && (is_number || (is_text && how == Arithmetic::Difference && is_moment(other)));
        if !fits {
            self.wrong(&field.place, format!("`{}` is made of numbers, and `{name}` has none of its own", field.name));
        }
    }

    /// What follows from a computed number must be a moment with a place of its own, and can only follow from a difference.
    fn follows(&mut self, field: &Field, computed: &Computed, fields: &[Field]) {
        if field.mode == Mode::Read {
            return;
        }
        let names_moment = |name: &String| fields.iter().find(|other| other.name == *name).is_some_and(is_moment);
        if computed.how == Arithmetic::Product || !computed.parts.iter().all(names_moment) {
            let message = format!("`{}` is computed and cannot be written; say `mode: read`", field.name);
            self.wrong(&field.place, message);
        }
    }

    fn refers_to_part(&mut self, field: &Field, key: &str, part: &crate::check::checked::Part, fields: &[Field]) {
        let Some(member) = &part.member else {
            self.refers(field, key, &part.field, fields);
            return;
        };
        let found = fields.iter().find(|other| other.name == part.field);
        let Some(Field { body: Body::Items(sources), .. }) = found else {
            self.wrong(
                &field.place,
                format!("`{key}` names `{}.{member}`, but no list `{}` is mapped", part.field, part.field),
            );
            return;
        };
        if !sources.iter().any(|source| source.members.iter().any(|own| own.name == *member)) {
            self.wrong(&field.place, format!("`{key}` names `{}.{member}`, but no item has `{member}`", part.field));
        }
    }

    fn converter(&mut self, place: &FilePlace, name: &str) -> Option<Converter> {
        if let Some(table) = self.tables.get(name) {
            return Some(Converter::Table(Arc::clone(table)));
        }
        if let Some((_, converter)) = Converter::BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Some(converter.clone());
        }
        let known: Vec<String> = Converter::BUILT_IN
            .iter()
            .map(|(known, _)| (*known).to_owned())
            .chain(self.tables.keys().cloned())
            .collect();
        let hint = suggestion(name, known.iter().map(String::as_str));
        self.wrong(place, format!("unknown converter `{name}`{hint}"));
        None
    }
}

/// Whether a field holds a date-time, by its type or as it is read.
fn is_moment(field: &Field) -> bool {
    let is_date_time = matches!(field.property.kind, Kind::Text { format: Some(Format::DateTime), .. });
    let last = field.body.spot().and_then(|spot| spot.chain.last());
    is_date_time || last.is_some_and(|last| last.makes() == Makes::Instant)
}

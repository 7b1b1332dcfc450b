//! Files read and laid over each other: a later file's entry replaces the earlier's of the same name.

use serde_json::Value;

use crate::file::filter::FilterField;
use crate::file::place::FilePlace;
use crate::file::{
    ConverterBody, EmptyText, Evidence, FieldBody, FieldEntry, ListRules, MappingFile, MappingSource, Mode, Named,
    Nulls,
};
use crate::yaml::{self, Diagnostic, Place, Placed};

/// A named entry and where its name stands.
pub(super) struct Entry<T> {
    pub(super) name: String,
    pub(super) place: FilePlace,
    pub(super) value: T,
}

/// All files as one.
pub(super) struct Layered {
    pub(super) fields: Vec<Entry<(FieldEntry, Evidence)>>,
    pub(super) lists: Vec<Entry<ListRules>>,
    pub(super) converters: Vec<Entry<ConverterBody>>,
    pub(super) filters: Vec<Entry<FilterField>>,
    pub(super) sorts: Vec<Entry<String>>,
    pub(super) unsupported: Vec<Entry<String>>,
    pub(super) empty_is_null: bool,
    pub(super) nulls: Nulls,
    pub(super) evidence: Evidence,
    /// For what is missing as a whole: the first line of the last file.
    pub(super) end: FilePlace,
}

pub(super) fn read(sources: &[MappingSource<'_>]) -> Result<Layered, Vec<Diagnostic>> {
    let mut layered = Layered {
        fields: Vec::new(),
        lists: Vec::new(),
        converters: Vec::new(),
        filters: Vec::new(),
        sorts: Vec::new(),
        unsupported: Vec::new(),
        empty_is_null: false,
        nulls: Nulls::default(),
        evidence: Evidence::default(),
        end: FilePlace { file: sources.last().map_or("mapping", |source| source.file).to_owned(), place: Place::START },
    };
    let mut mistakes = Vec::new();
    for source in sources {
        match serde_saphyr::from_str_with_options::<MappingFile>(source.text, options()) {
            Ok(file) => layered.lay(source.file, file),
            Err(error) => mistakes.push(unreadable(source.file, &error)),
        }
    }
    if mistakes.is_empty() { Ok(layered) } else { Err(mistakes) }
}

/// A vendor's `N`, `no` or `on` is a text: only true and false are booleans.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { strict_booleans: true }
}

fn unreadable(file: &str, error: &serde_saphyr::Error) -> Diagnostic {
    let found = yaml::unreadable(file, error);
    Diagnostic { message: found.message.replace("mapping start", "an object"), ..found }
}

impl Layered {
    fn lay(&mut self, file: &str, layer: MappingFile) {
        if let Some(empty_text) = layer.empty_text {
            self.empty_is_null = empty_text == EmptyText::Null;
        }
        self.nulls = layer.nulls.unwrap_or(self.nulls);
        let evidence = layer.evidence.unwrap_or_default();
        self.evidence = evidence;
        let fields = Named(
            layer.fields.0.into_iter().map(|(name, entry)| (name, entry.map(|entry| (entry, evidence)))).collect(),
        );
        lay_over(&mut self.fields, file, fields);
        self.fields.retain(|entry| !matches!(entry.value.0, FieldEntry::Dropped));
        lay_over(&mut self.lists, file, layer.lists);
        lay_over(&mut self.converters, file, layer.converters);
        lay_over(&mut self.filters, file, layer.filters);
        lay_over(&mut self.sorts, file, layer.sorts);
        lay_over(&mut self.unsupported, file, layer.unsupported);
    }

    /// A connection's own place for a field, which takes the form that the field's type has without `as`.
    pub(super) fn map_field(&mut self, name: &str, path: &str, read_only: bool, place: FilePlace) {
        let mode = read_only.then_some(Placed { value: Mode::Read, place: place.place });
        let at = Placed { value: path.to_owned(), place: place.place };
        let words = crate::file::Words(vec![at.clone()]);
        let body = FieldBody { at: Some(Placed { value: words, place: at.place }), mode, ..FieldBody::default() };
        let value = (FieldEntry::Body(Box::new(body)), Evidence::Documented);
        match self.fields.iter_mut().find(|entry| entry.name == name) {
            Some(entry) => (entry.place, entry.value) = (place, value),
            None => self.fields.push(Entry { name: name.to_owned(), place, value }),
        }
    }
}

fn lay_over<T>(entries: &mut Vec<Entry<T>>, file: &str, layer: Named<T>) {
    for (name, value) in layer.0 {
        let place = FilePlace { file: file.to_owned(), place: name.place };
        let value = value.value;
        match entries.iter_mut().find(|entry| entry.name == name.value) {
            Some(entry) => (entry.place, entry.value) = (place, value),
            None => entries.push(Entry { name: name.value, place, value }),
        }
    }
}

/// A scalar as a message shows it.
pub(super) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

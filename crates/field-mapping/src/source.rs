//! A mapping file as it is written: the serde model, with the place of everything that can be wrong.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::filter::FilterField;

/// How sure a definition is of a vendor's fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The vendor documents it.
    #[default]
    Documented,
    /// It was seen in public code.
    Seen,
    /// It is a guess.
    Assumed,
}

/// A mapping of one vendor's resource to the canonical one.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MappingFile {
    /// How sure the whole file is of the vendor's facts; a field may say otherwise.
    pub(crate) evidence: Option<Evidence>,
    /// Whether the vendor's empty text means that there is no value. Default: keep.
    #[serde(deserialize_with = "null_is_a_word")]
    pub(crate) empty_text: Option<EmptyText>,
    /// What a null in a partial write becomes. Default: omit.
    pub(crate) nulls: Option<Nulls>,
    /// Canonical field: where the vendor has it. Of two fields that are written to one place the first that was sent wins.
    pub(crate) fields: Named<FieldEntry>,
    /// Rules for the vendor's lists, by the path of the list.
    pub(crate) lists: Named<ListRules>,
    /// Tables and other named converters, for `as`.
    pub(crate) converters: Named<ConverterBody>,
    /// Canonical filter: the vendor's field.
    pub(crate) filters: Named<FilterField>,
    /// Canonical sort: the vendor's field.
    pub(crate) sorts: Named<String>,
    /// Canonical fields that the vendor cannot hold, each with the reason. Warnings repeat it.
    pub(crate) unsupported: Named<String>,
}

/// Whether an empty text is a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmptyText {
    /// "" reads as null.
    Null,
    /// "" is a text.
    Keep,
}

/// What a null in a partial write becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Nulls {
    /// Nothing: this vendor cannot clear a field.
    #[default]
    Omit,
    /// A JSON null.
    Send,
    /// "".
    EmptyText,
}

/// The word "null", where a number or a text means that there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NullWord {
    /// It reads as null.
    Null,
}

/// In which directions a field works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Both.
    #[default]
    Both,
    /// Read only.
    Read,
    /// Written only.
    Write,
}

/// How a joined text is taken apart again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Split {
    /// The first word, and the rest.
    FirstSpace,
}

/// How the text of a member is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decoding {
    /// It is JSON.
    Json,
}

/// The part of an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Take {
    /// What stands before the @.
    LocalPart,
    /// What stands behind it.
    Domain,
}

/// A canonical field: a vendor path, null where a lower layer's field is to be dropped, or an object.
#[derive(Debug)]
pub(crate) enum FieldEntry {
    Path(String),
    Dropped,
    Body(Box<FieldBody>),
}

/// A canonical field in full. One of `at`, `each`, `sources`, `slots`, `item`, `join`, `from` and `const` says where it comes from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FieldBody {
    /// The vendor's path, or several: the first that holds a value is read, the first is written.
    pub(crate) at: Option<Located<Words>>,
    /// Where it is written, when that is another place than where it is read.
    pub(crate) write: Option<Located<String>>,
    /// Converters, applied from left to right when read and from right to left when written.
    #[serde(rename = "as")]
    pub(crate) converters: Option<Located<Words>>,
    /// Default: both.
    pub(crate) mode: Option<Located<Mode>>,
    /// Canonical fields whose texts, joined by a space, are this one.
    pub(crate) join: Option<Vec<Located<String>>>,
    /// How a joined text is written when its parts were not sent.
    pub(crate) split: Option<Split>,
    /// The vendor's list: every element that the path selects is an item.
    pub(crate) each: Option<Located<String>>,
    /// The members of an item, paths relative to the element. Without `each`: the members of an object.
    pub(crate) item: Option<Named<FieldEntry>>,
    /// Constant members of every item of this source; an item that is written goes where they match.
    pub(crate) set: Named<Value>,
    /// The most items that this source holds.
    pub(crate) max: Option<Located<u64>>,
    /// Members of the element that hold text to be decoded.
    pub(crate) decode: Named<Decoding>,
    /// The canonical member that takes a text which cannot be decoded.
    #[serde(rename = "else")]
    pub(crate) undecoded: Option<Located<String>>,
    /// Several places of one list, read in this order. An item is written to the first whose `set` matches and that has room.
    pub(crate) sources: Option<Vec<Located<SourceBody>>>,
    /// Numbered columns of the record that make one list. An item goes where `set` matches, else to the first free slot.
    pub(crate) slots: Option<Vec<Located<SourceBody>>>,
    /// A value that the vendor has by nature. With `at` it is written to a new record.
    #[serde(rename = "const")]
    pub(crate) constant: Option<Located<Value>>,
    /// The canonical value where the vendor has none; written to a new record.
    pub(crate) default: Option<Located<Value>>,
    /// In an item: the canonical value where the vendor has none and the item is the first of its list.
    pub(crate) default_first: Option<Located<Value>>,
    /// For a member that must have a value: other canonical fields to take it from.
    pub(crate) fallback: Option<Vec<Located<String>>>,
    /// What the number 0 means.
    #[serde(deserialize_with = "null_is_a_word")]
    pub(crate) zero: Option<NullWord>,
    /// For a list of texts: canonical fields that are written with it, without repeats.
    pub(crate) union: Option<Vec<Located<String>>>,
    /// In an item: texts without a place of their own that are written behind this one, after ", ".
    pub(crate) absorb: Option<Vec<Located<String>>>,
    /// The canonical text that this is a part of: `emails.email` is the first item's.
    pub(crate) from: Option<Located<String>>,
    /// Which part.
    pub(crate) take: Option<Take>,
    /// Where a new record takes the value from when it was not sent.
    pub(crate) new_from: Option<Located<NewFrom>>,
    /// Default: as the file.
    pub(crate) evidence: Option<Evidence>,
}

/// A part of another canonical text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFrom {
    /// `emails.email` is the first item's.
    pub(crate) from: Located<String>,
    /// Which part.
    pub(crate) take: Take,
}

/// One place of a list: elements of a vendor's list (`each`), or members of the record.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SourceBody {
    /// The vendor's list; without it the item's paths are relative to the record.
    pub(crate) each: Option<Located<String>>,
    /// The members of an item.
    pub(crate) item: Named<FieldEntry>,
    /// Constant members of the items.
    pub(crate) set: Named<Value>,
    /// The most items that this source holds.
    pub(crate) max: Option<Located<u64>>,
    /// Members of the element that hold text to be decoded.
    pub(crate) decode: Named<Decoding>,
    /// The canonical member that takes a text which cannot be decoded.
    #[serde(rename = "else")]
    pub(crate) undecoded: Option<Located<String>>,
}

/// Rules for one of the vendor's lists.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ListRules {
    /// Elements that hold all of this are passed over, unless a path asks for one of these members itself.
    pub(crate) skip: Named<String>,
    /// Members of every element that is added.
    pub(crate) new: Named<Value>,
    /// The members that tell one element from another; partial writes overwrite by them.
    pub(crate) key: Vec<String>,
}

/// A named converter.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConverterBody {
    /// The vendor's value, as text: the canonical value. On the way back the first row with the value counts.
    pub(crate) table: Named<Value>,
    /// The canonical value for all others.
    pub(crate) read_other: Option<Located<Value>>,
    /// The canonical value where the vendor has none.
    pub(crate) read_missing: Option<Located<Value>>,
    /// The vendor's value for canonical values without a row. Of several, each further such item of a list takes the next.
    pub(crate) write_other: Option<Located<Words>>,
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<T>::deserialize(deserializer)?;
        let (line, column) = (spanned.referenced.line(), spanned.referenced.column());
        Ok(Self { value: spanned.value, line, column })
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }
}

/// Members in the order of the file, each with the place of its name.
#[derive(Debug)]
pub(crate) struct Named<T>(pub(crate) Vec<(Located<String>, Located<T>)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Named<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<Located<String>>()? {
                    members.push((name, map.next_value::<Located<T>>()?));
                }
                Ok(Named(members))
            }

            fn visit_unit<E>(self) -> Result<Named<T>, E> {
                Ok(Named::default())
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": value })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// A word that may be "null", which YAML takes for a null where it is not quoted; both mean the word.
fn null_is_a_word<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let word = Option::<String>::deserialize(deserializer)?.unwrap_or_else(|| "null".to_owned());
    T::deserialize(serde::de::value::StringDeserializer::new(word)).map(Some)
}

/// One text or several.
#[derive(Debug, Clone)]
pub(crate) struct Words(pub(crate) Vec<Located<String>>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Words;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Words, E> {
                Ok(Words(vec![Located { value: text.to_owned(), line: 0, column: 0 }]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element::<Located<String>>()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

impl JsonSchema for Words {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Words".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "array"], "items": { "type": "string" }, "minItems": 1 })
    }

    fn inline_schema() -> bool {
        true
    }
}

impl<'de> Deserialize<'de> for FieldEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;

        impl<'de> Visitor<'de> for Entry {
            type Value = FieldEntry;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a vendor path, an object or null")
            }

            fn visit_str<E>(self, text: &str) -> Result<FieldEntry, E> {
                Ok(FieldEntry::Path(text.to_owned()))
            }

            fn visit_unit<E>(self) -> Result<FieldEntry, E> {
                Ok(FieldEntry::Dropped)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldEntry, A::Error> {
                let body = FieldBody::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(FieldEntry::Body(Box::new(body)))
            }
        }

        deserializer.deserialize_any(Entry)
    }
}

impl JsonSchema for FieldEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let body = generator.subschema_for::<FieldBody>();
        json_schema!({
            "description": "A canonical field: a vendor path, an object, or null to drop a lower layer's field.",
            "anyOf": [{ "type": ["string", "null"] }, body]
        })
    }
}

/// The JSON Schema of a mapping file, for editors.
#[must_use]
pub fn mapping_json_schema() -> Value {
    schemars::schema_for!(MappingFile).to_value()
}
